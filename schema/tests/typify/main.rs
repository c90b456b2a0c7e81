//! Types that typify makes of the schema read what edeXa documents. A test of its own: were it
//! one with the others, a schema that typify does not take could not be written anew.
#![allow(
    clippy::unwrap_used,
    reason = "a test, or a helper of one, fails by panicking"
)]

use edexa_webhooks::testing::{FAILED, SUCCEEDED};
use serde_json::Value;

#[allow(
    clippy::all,
    clippy::pedantic,
    dead_code,
    reason = "written by a generator"
)]
mod types {
    typify::import_types!(schema = "webhook-event.schema.json");
}

use types::WebhookEvent;

#[test]
fn typify_reads_both_samples() {
    for sample in [SUCCEEDED, FAILED] {
        let event: WebhookEvent = serde_json::from_str(sample).unwrap();
        let expected: Value = serde_json::from_str(sample).unwrap();
        assert_eq!(event.action.0, expected["action"]);
        assert_eq!(event.data.type_.0, expected["data"]["type"]);
        assert_eq!(event.data.status.0, expected["data"]["status"]);
        assert_eq!(event.data.hash, expected["data"]["hash"]);
    }
}

#[test]
fn typify_reads_values_that_are_not_documented() {
    let body = FAILED
        .replacen("\"failed\"", "\"revoked\"", 1)
        .replacen("\"status\": 2", "\"status\": -9", 1)
        .replacen("\"type\": \"0\"", "\"type\": \"sms\"", 1);
    let event: WebhookEvent = serde_json::from_str(&body).unwrap();
    assert_eq!(event.action.0, "revoked");
    assert_eq!(event.data.status.0, -9);
    assert_eq!(event.data.type_.0, "sms");
}
