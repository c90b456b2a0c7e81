//! The OpenAPI document is one, and says what the crate does.

use std::collections::BTreeSet;

use edexa_webhooks::testing::{FAILED, SUCCEEDED};
use edexa_webhooks::{EventName, Rejection, Rule, Severity, WebhookEvent, delivery};
use edexa_webhooks_schema::{event_schema, openapi};
use jsonschema::Validator;
use serde_json::{Value, json};

#[test]
fn it_is_an_openapi_document() {
    let official = include_str!("../fixtures/openapi-3.1.schema.json");
    let official: Value = serde_json::from_str(official).unwrap();
    let validator = jsonschema::validator_for(&official).unwrap();
    let mut document = openapi();
    let errors: Vec<_> = validator.iter_errors(&document).collect();
    assert!(errors.is_empty(), "{errors:?}");

    document["webhooks"]["hash.success"]["post"]["responses"] = json!([]);
    assert!(!validator.is_valid(&document), "nothing is looked at");
}

#[test]
fn each_of_its_schemas_is_one() {
    let document = openapi();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for (name, schema) in schemas {
        jsonschema::draft202012::meta::validate(schema).unwrap();
        assert_eq!(schema["title"], name.as_str());
    }
}

/// But for where the definitions stand.
#[test]
fn its_event_is_that_of_the_schema() {
    let moved = event_schema().to_string();
    let moved = moved.replace("#/$defs/", "#/components/schemas/");
    let mut event: Value = serde_json::from_str(&moved).unwrap();
    let event = event.as_object_mut().unwrap();
    event.remove("$schema");
    let definitions = event.remove("$defs").unwrap();
    let mut schemas = openapi()["components"]["schemas"].take();
    let schemas = schemas.as_object_mut().unwrap();
    assert_eq!(schemas.remove("WebhookEvent"), Some(json!(event)));
    assert!(schemas.remove("ProblemDetails").is_some());
    assert_eq!(json!(schemas), definitions);
}

/// A validator of one component.
fn component(name: &str) -> Validator {
    let document = openapi();
    let reference = format!("#/components/schemas/{name}");
    let schema = json!({ "$ref": reference, "components": document["components"] });
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn both_webhooks_show_the_documented_bodies() {
    let document = openapi();
    let event = component("WebhookEvent");
    let webhooks = document["webhooks"].as_object().unwrap();
    let samples = [SUCCEEDED, FAILED];
    let names = [EventName::HashSuccess, EventName::HashFailure];
    assert!(webhooks.keys().eq(names.map(EventName::as_str)));
    for ((webhook, sample), name) in webhooks.values().zip(samples).zip(names) {
        let content = &webhook["post"]["requestBody"]["content"]["application/json"];
        assert_eq!(
            content["schema"]["$ref"],
            "#/components/schemas/WebhookEvent"
        );
        let shown = &content["examples"]["documented"]["value"];
        assert_eq!(shown, &serde_json::from_str::<Value>(sample).unwrap());
        assert!(event.is_valid(shown));
        let read = WebhookEvent::try_from(shown.clone()).unwrap();
        assert_eq!(read.action.event_name(), Some(name));
    }
}

/// 405 is for other methods, which are not these operations.
#[test]
fn the_answers_are_those_of_the_crate() {
    let table = include_str!("../../../src/rejection.rs");
    let rows = table.lines().filter_map(|line| line.strip_prefix("/// | "));
    let statuses = rows.filter_map(|row| row.split(" | ").nth(1)?.strip_suffix(" |"));
    let statuses = statuses.filter(|status| status.parse::<u16>().is_ok_and(|s| s != 405));
    let statuses: BTreeSet<&str> = statuses.chain(["200", "503"]).collect();
    assert_eq!(statuses.len(), 9);
    let document = openapi();
    for webhook in document["webhooks"].as_object().unwrap().values() {
        let responses = webhook["post"]["responses"].as_object().unwrap();
        let answers: BTreeSet<_> = responses.keys().map(String::as_str).collect();
        assert_eq!(answers, statuses);
        for reference in responses.values() {
            let pointer = reference["$ref"].as_str().unwrap().trim_start_matches('#');
            assert!(document.pointer(pointer).is_some(), "{pointer}");
        }
    }
    assert_eq!(delivery::ACK_STATUS, 200);
}

/// What the rules that spectral and redocly apply by default ask for.
#[test]
fn the_default_rules_of_linters_are_kept() {
    let document = openapi();
    let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
    for pointer in [
        "/info/description",
        "/info/contact/name",
        "/info/contact/url",
        "/info/license/identifier",
        "/tags/0/description",
    ] {
        assert!(
            text(pointer).is_some_and(|text| !text.is_empty()),
            "{pointer}"
        );
    }
    let url = text("/servers/0/url").unwrap();
    assert!(!url.ends_with('/') && !url.contains("example.com") && !url.contains("localhost"));
    let variables = document["servers"][0]["variables"].as_object().unwrap();
    for (name, variable) in variables {
        assert!(url.contains(&format!("{{{name}}}")), "{name}");
        assert!(variable["default"].is_string(), "{name}");
    }
    assert_eq!(url.matches('{').count(), variables.len());
    let mut ids = BTreeSet::new();
    for webhook in document["webhooks"].as_object().unwrap().values() {
        let operation = &webhook["post"];
        assert!(webhook.get("servers").is_none());
        assert_eq!(operation["tags"], json!([document["tags"][0]["name"]]));
        assert!(operation["summary"].is_string() && operation["description"].is_string());
        let id = operation["operationId"].as_str().unwrap();
        assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
        assert!(ids.insert(id.to_owned()), "{id}");
    }
    let text = document.to_string();
    for (kind, components) in document["components"].as_object().unwrap() {
        for name in components.as_object().unwrap().keys() {
            let reference = format!("\"#/components/{kind}/{name}\"");
            assert!(text.contains(&reference), "unused: {reference}");
        }
    }
}

#[test]
fn each_problem_is_under_its_status() {
    let document = openapi();
    let problem = component("ProblemDetails");
    let responses = &document["webhooks"]["hash.success"]["post"]["responses"];
    let mut with_problems = Vec::new();
    for (status, reference) in responses.as_object().unwrap() {
        let pointer = reference["$ref"].as_str().unwrap().trim_start_matches('#');
        let content = &document.pointer(pointer).unwrap()["content"];
        let Some(examples) = content[Rejection::CONTENT_TYPE]["examples"].as_object() else {
            assert!(content.is_null(), "{status}");
            continue;
        };
        with_problems.push(status.as_str());
        for example in examples.values() {
            let shown = &example["value"];
            assert!(problem.is_valid(shown), "{shown}");
            assert_eq!(shown["status"].to_string(), *status);
        }
    }
    let expected = ["400", "404", "408", "411", "413", "415", "422"];
    assert_eq!(with_problems, expected);
}

/// Every code that a rejection may hold is named.
#[test]
fn the_codes_are_listed() {
    let document = openapi();
    let pointer = "/components/schemas/ProblemDetails/properties/errors/items/properties/code";
    let described = document.pointer(pointer).unwrap()["description"].as_str();
    let rules = Rule::ALL.iter();
    let errors = rules.filter(|rule| rule.severity() == Severity::Error);
    let codes = errors.map(|rule| rule.code());
    for code in codes.chain(["too-large", "encoding", "syntax", "data"]) {
        assert!(described.unwrap().contains(&format!("`{code}`")), "{code}");
    }
}

#[test]
fn problem_details_are_all_or_nothing() {
    let problem = component("ProblemDetails");
    let shown = json!(Rejection::too_large(1));
    assert!(problem.is_valid(&shown));
    for key in ["type", "title", "status", "detail", "errors"] {
        let mut partial = shown.clone();
        partial.as_object_mut().unwrap().remove(key);
        assert!(!problem.is_valid(&partial), "without {key}");
    }
    for key in ["code", "pointer", "detail"] {
        let mut partial = shown.clone();
        let error = partial["errors"][0].as_object_mut().unwrap();
        error.remove(key);
        assert!(!problem.is_valid(&partial), "an error without {key}");
    }
    let mut other = shown;
    other["status"] = json!(500);
    assert!(!problem.is_valid(&other));
}
