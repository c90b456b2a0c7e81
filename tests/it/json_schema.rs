//! The feature `schemars`: the types describe themselves as the committed files
//! say. Whether these are right is for the tests in `schema/`.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;

use edexa_webhooks::record::{Registration, StampRecord};
use edexa_webhooks::{EventName, IdempotencyKey, Rejection, WebhookEvent};
use schemars::schema_for;
use serde_json::{Value, json};

/// A package holds no such files. It holds this one, which a clone does not.
fn committed(name: &str) -> Option<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if root.join("Cargo.toml.orig").exists() {
        return None;
    }
    let text = std::fs::read_to_string(root.join("schema").join(name)).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn an_event_is_described_as_the_schema_says() {
    if let Some(schema) = committed("webhook-event.schema.json") {
        assert_eq!(schema_for!(WebhookEvent).to_value(), schema);
    }
}

#[test]
fn a_rejection_is_described_as_the_openapi_document_says() {
    if let Some(document) = committed("openapi.json") {
        let mut described = schema_for!(Rejection).to_value();
        described.as_object_mut().unwrap().remove("$schema");
        let schema = &document["components"]["schemas"]["ProblemDetails"];
        assert_eq!(described, *schema);
    }
}

#[test]
fn what_the_api_takes_and_gives_is_described_with_its_source() {
    let record = schema_for!(StampRecord).to_value();
    assert_eq!(record["required"], json!(["hash"]));
    let registration = schema_for!(Registration).to_value();
    assert_eq!(registration["title"], "Registration");
    assert_eq!(
        registration["required"],
        json!(["redirectUrl", "description", "action"]),
    );
    for schema in [record, registration] {
        let description = schema["description"].as_str().unwrap();
        assert!(
            description.contains("Source: edeXa's JavaScript SDK"),
            "{description}"
        );
    }
}

/// Types that an event has under one key, and a record under another.
#[test]
fn what_a_record_has_under_a_key_of_its_own_is_described_by_that() {
    let properties = schema_for!(StampRecord).to_value()["properties"].clone();
    for (key, description) in [
        ("originalDocHash", "The hash of the original document."),
        ("filename", "The file's name. Never trust it."),
        ("txid", "The transaction's id. It may be here without `0x`."),
    ] {
        assert_eq!(properties[key]["description"], description);
    }
    let code = properties["code"]["description"].as_str().unwrap();
    assert!(code.starts_with("A short code for the stamp, wire key `data.code`."));
}

#[test]
fn names_and_keys_are_strings_of_a_form() {
    let names = schema_for!(EventName).to_value();
    let spellings = [
        "hash.success",
        "hash.failure",
        "hash.succeed",
        "hash.failed",
    ];
    assert_eq!(names["enum"], json!(spellings));
    let key = schema_for!(IdempotencyKey).to_value();
    assert_eq!(key["type"], "string");
    assert_eq!(key["examples"], json!(["6475c02029b5bab6d2f2c6dc:succeed"]));
}
