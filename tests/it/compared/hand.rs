//! What one would write in two minutes. The page shows it as it stands here.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    pub webhook_id: String,
    pub action_id: String,
    pub action: Action,
    pub data: Stamp,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Succeed,
    Failed,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stamp {
    #[serde(rename = "_id")]
    pub id: String,
    pub user_id: String,
    pub client_id: Option<String>,
    pub name: Option<String>,
    pub blockchain_id: Option<String>,
    pub tx_id: Option<String>,
    pub hash: String,
    pub r#type: String,
    pub code: String,
    pub is_esign: Option<bool>,
    pub is_private_bc: bool,
    pub status: u8,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}
