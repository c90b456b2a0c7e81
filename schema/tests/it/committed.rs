//! The committed files are what is generated. `UPDATE_FIXTURES=1` writes them
//! anew.

use std::path::Path;

use edexa_webhooks_schema::{event_schema, openapi, to_text};
use serde_json::Value;

#[test]
fn the_schema_is_up_to_date() {
    assert_is_file(&event_schema(), "webhook-event.schema.json");
}

#[test]
fn the_openapi_document_is_up_to_date() {
    assert_is_file(&openapi(), "openapi.json");
}

#[track_caller]
fn assert_is_file(document: &Value, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let text = to_text(document);
    if std::env::var("UPDATE_FIXTURES").is_ok_and(|value| value == "1") {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    for (line, committed) in text.lines().zip(committed.lines()) {
        assert_eq!(line, committed, "{name}");
    }
    assert_eq!(text.lines().count(), committed.lines().count(), "{name}");
    assert_eq!(text, committed, "{name}");
}

#[test]
fn the_schema_is_one_of_the_draft_that_it_names() {
    let schema = event_schema();
    let draft = "https://json-schema.org/draft/2020-12/schema";
    assert_eq!(schema["$schema"], draft);
    jsonschema::draft202012::meta::validate(&schema).unwrap();
}

/// Every schema says what it is, and every object is open.
#[test]
fn everything_has_a_title_or_a_description() {
    let schema = event_schema();
    let definitions = schema["$defs"].as_object().unwrap();
    let names: Vec<_> = definitions.keys().collect();
    assert_eq!(
        names,
        ["Action", "Stamp", "StampType", "StampStatus", "WireTime"]
    );
    let objects = [&schema, &definitions["Stamp"]];
    for object in objects {
        assert_eq!(object["additionalProperties"], true, "{}", object["title"]);
        for (key, property) in object["properties"].as_object().unwrap() {
            let is_reference = property.get("$ref").is_some();
            assert!(is_reference || property["description"].is_string(), "{key}");
        }
    }
    for (name, definition) in definitions {
        assert_eq!(definition["title"], name.as_str());
        assert!(definition["description"].is_string(), "{name}");
    }
}

/// What edeXa does not state is marked where it shows.
#[test]
fn what_is_inferred_is_marked() {
    let schema = event_schema();
    for pointer in [
        "",
        "/$defs/Stamp",
        "/$defs/StampType",
        "/$defs/WireTime",
        "/$defs/Stamp/properties/clientId",
        "/$defs/Stamp/properties/name",
    ] {
        let described = schema.pointer(pointer).unwrap()["description"].as_str();
        assert!(described.unwrap().contains("*inferred*"), "{pointer}");
    }
}
