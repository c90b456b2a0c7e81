//! The answers that every receiver gives, by the events that a function gets.
//!
//! `http_api.json` and `function_url.json` are written after AWS's documentation
//! of the payload format 2.0, for an HTTP API of API Gateway and for a function
//! URL without authentication. Path, method, headers and body are put into them.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::{Answer, Case, TOKEN, cases};
use edexa_webhooks::serde_json::{self, Value};
use edexa_webhooks::{Rejection, WebhookEvent};

use function::{Function, PROGRAM};

mod function;

const EVENTS: [(&str, &str); 2] = [
    ("HTTP API", include_str!("http_api.json")),
    ("function URL", include_str!("function_url.json")),
];

#[test]
fn conforms() {
    let mut function = Function::start();
    let mut failures = Vec::new();
    for case in cases() {
        for (origin, text) in EVENTS {
            for (form, body) in forms(&case.body) {
                let event = event(text, &case, body);
                let row = format!("{} ({origin}, {form})", case.name);
                match case.expected.check(&answer(&function.call(&event))) {
                    Ok(()) => println!("ok      {row}"),
                    Err(reason) => failures.push(format!("{row}: {reason}")),
                }
            }
        }
    }
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

/// How a body can stand in an event: as it is if it is text, and in base64. AWS
/// decides by the media type. An empty one is not there at all.
fn forms(body: &[u8]) -> Vec<(&'static str, Option<Body>)> {
    if body.is_empty() {
        return vec![("no body", None)];
    }
    let mut forms = vec![("base64", Some((true, STANDARD.encode(body))))];
    if let Ok(text) = std::str::from_utf8(body) {
        forms.push(("plain", Some((false, text.into()))));
    }
    forms
}

/// Whether it is in base64, and its text.
type Body = (bool, String);

fn event(text: &str, case: &Case, body: Option<Body>) -> Value {
    let mut event: Value = serde_json::from_str(text).unwrap();
    let (path, query) = case.path.split_once('?').unwrap_or((&case.path, ""));
    event["rawPath"] = path.into();
    event["rawQueryString"] = query.into();
    event["requestContext"]["http"]["path"] = path.into();
    event["requestContext"]["http"]["method"] = case.method.into();
    for (name, value) in &case.headers {
        // AWS joins headers of one name.
        let joined = event["headers"][name]
            .as_str()
            .map(|first| format!("{first},{value}"));
        event["headers"][name] = joined.map_or((*value).into(), Value::from);
    }
    event["headers"]["content-length"] = case.body.len().to_string().into();
    if let Some((is_base64, text)) = body {
        event["body"] = text.into();
        event["isBase64Encoded"] = is_base64.into();
    }
    event
}

/// What AWS makes of a function's response.
fn answer(response: &Value) -> Answer {
    let headers = response["headers"].as_object().unwrap();
    let headers = headers
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().into()));
    let body = response["body"].as_str().unwrap_or_default();
    let body = if response["isBase64Encoded"] == true {
        STANDARD.decode(body).unwrap()
    } else {
        body.into()
    };
    Answer {
        status: response["statusCode"].as_u64().unwrap().try_into().unwrap(),
        headers: headers.collect(),
        body,
    }
}

#[test]
fn logs_one_line_each_and_never_the_token() {
    let mut function = Function::start();
    let mut case = cases().swap_remove(0);
    let key = WebhookEvent::from_slice(&case.body).unwrap();
    let key = key.idempotency_key().to_string();
    let refused = Rejection::from(WebhookEvent::from_slice(b"{").unwrap_err()).to_string();
    for (_, text) in EVENTS {
        for body in [case.body.clone(), b"{".into()] {
            let (_, body) = forms(&body).swap_remove(0);
            function.call(&event(text, &case, body));
        }
    }
    case.path.push('=');
    function.call(&event(EVENTS[0].1, &case, None));

    let log = function.log();
    let lines_with = |text: &str| log.lines().filter(|line| line.contains(text)).count();
    assert_eq!(lines_with(&key), 2, "{log}");
    assert_eq!(lines_with(&refused), 2, "{log}");
    assert_eq!(lines_with(TOKEN), 0, "{log}");
    assert!(!log.contains('\u{1b}'), "{log:?}");
}

#[test]
fn does_not_start_without_a_token() {
    for token in [None, Some("")] {
        let mut command = Command::new(PROGRAM);
        command.env_remove("WEBHOOK_TOKEN");
        command.envs(token.map(|token| ("WEBHOOK_TOKEN", token)));
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(
            std::str::from_utf8(&output.stderr).unwrap(),
            "Error: \"set WEBHOOK_TOKEN\"\n"
        );
    }
}
