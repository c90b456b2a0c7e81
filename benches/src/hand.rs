//! The struct that a user would write in two minutes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Knows the documented keys, and drops every other.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    webhook_id: String,
    action_id: String,
    action: String,
    data: Stamp,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Stamp {
    #[serde(rename = "_id")]
    id: String,
    user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blockchain_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tx_id: Option<String>,
    hash: String,
    #[serde(rename = "type")]
    kind: String,
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_esign: Option<bool>,
    is_private_bc: bool,
    status: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// The same, keeping every other key as a value.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeepingEvent {
    webhook_id: String,
    action_id: String,
    action: String,
    data: KeepingStamp,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct KeepingStamp {
    #[serde(rename = "_id")]
    id: String,
    user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blockchain_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tx_id: Option<String>,
    hash: String,
    #[serde(rename = "type")]
    kind: String,
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_esign: Option<bool>,
    is_private_bc: bool,
    status: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}
