//! Makes the two files beside this package: the JSON Schema of an event, and the
//! OpenAPI document of a receiver.

mod openapi;

use edexa_webhooks::WebhookEvent;
use schemars::generate::SchemaSettings;
use serde_json::Value;

pub use openapi::openapi;

/// What is in `webhook-event.schema.json`.
#[must_use]
pub fn event_schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    written(&generator.into_root_schema_for::<WebhookEvent>())
}

/// With the keywords in the order in which schemars writes them.
fn written(schema: &schemars::Schema) -> Value {
    serde_json::to_value(schema).expect("a schema is JSON")
}

/// How the files are laid out.
#[must_use]
pub fn to_text(document: &Value) -> String {
    format!("{document:#}\n")
}
