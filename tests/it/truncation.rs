//! Both documented bodies, cut off after every byte. The snapshots hold what
//! the errors say; `UPDATE_FIXTURES=1` writes them anew. What must be true of
//! every cut is checked without them.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test, or a helper of one, fails by panicking"
)]

use std::fmt::Write as _;

use edexa_webhooks::testing::{FAILED, SUCCEEDED};
use edexa_webhooks::{Category, ParseError, WebhookEvent};

use crate::support::{assert_accepted, assert_is_snapshot, assert_refused_alike};

#[test]
fn the_success_sample_is_cut_off_anywhere() {
    assert_cuts_match(SUCCEEDED, "truncated-succeeded.txt");
}

#[test]
fn the_failure_sample_is_cut_off_anywhere() {
    assert_cuts_match(FAILED, "truncated-failed.txt");
}

#[test]
fn the_line_break_at_the_end_may_be_cut_off() {
    for sample in [SUCCEEDED, FAILED] {
        assert_eq!(assert_accepted(sample.trim_end()), assert_accepted(sample));
    }
}

/// Also between the halves of a pair: what is cut off there may have been the second one.
#[test]
fn a_string_with_escapes_is_cut_off_anywhere() {
    let start = r#"{"data": {"name": ""#;
    let whole = format!(r"{start}a\u00e9\n\ud83d\ude00");
    for length in start.len()..=whole.len() {
        let cut = &whole[..length];
        let error = assert_refused_alike(cut);
        assert_eq!(error.category(), Category::Syntax, "{cut}");
        assert_eq!(error.pointer(), "/data/name", "{cut}");
        assert_eq!((error.line(), error.column()), (1, length + 1), "{cut}");
        assert!(error.message().ends_with(", found the end"), "{error}");
        let error = WebhookEvent::from_slice(&[cut.as_bytes(), b"\xff"].concat()).unwrap_err();
        assert_eq!(error.category(), Category::Encoding, "{cut}");
        assert_eq!(error.pointer(), "/data/name", "{cut}");
    }
    for lone in [r"\ud83d\u0041", r"\ude00"] {
        let message = "expected surrogate escapes in pairs, found a lone one";
        let error = assert_refused_alike(format!("{start}{lone}"));
        assert_eq!(error.message(), message, "{lone}");
    }
}

#[track_caller]
fn assert_cuts_match(sample: &str, snapshot: &str) {
    let whole = sample.trim_end();
    let mut lines = String::new();
    for length in 0..whole.len() {
        let body = &whole[..length];
        let error = assert_refused_alike(body);
        assert_eq!(error.category(), Category::Syntax, "{length}");
        assert_eq!(error.pointer(), open_place(body), "{length}");
        let end = (
            body.split('\n').count(),
            body.rsplit('\n').next().unwrap().len() + 1,
        );
        assert_eq!((error.line(), error.column()), end, "{length}");
        assert_eq!(salvaged(&error), complete_ids(body), "{length}");
        let place = format!("{}:{}", error.line(), error.column());
        let (pointer, ids) = (error.pointer(), salvaged(&error));
        let (category, message) = (error.category(), error.message());
        writeln!(
            lines,
            "{length}\t{category}\t{pointer}\t{place}\t{message}\t{ids}"
        )
        .unwrap();
    }
    assert_is_snapshot(&lines, snapshot);
}

/// The known key whose value is not complete, or else the open object. Each
/// sample has a key and its value on a line of their own.
fn open_place(body: &str) -> String {
    let line = body.rsplit('\n').next().unwrap();
    let in_data = body.contains("\"data\": {") && !body.contains('}');
    let object = if in_data { "/data" } else { "" };
    let mut parts = line.split('"');
    let key = parts.nth(1).filter(|_| parts.next().is_some());
    match key {
        Some("data") if line.ends_with('{') => object.to_owned(),
        Some(key) if !is_complete(line) => match key {
            "data" => "/data".to_owned(),
            _ => format!("{object}/{key}"),
        },
        _ => object.to_owned(),
    }
}

/// Whether the value on a line is over, as far as the line shows: a digit may
/// be followed by more, but is a number already.
fn is_complete(line: &str) -> bool {
    let value = line.split_once(':').map_or("", |(_, value)| value.trim());
    match value.as_bytes() {
        [b'"', .., b'"'] | [.., b','] | [b'0'..=b'9'] => true,
        _ => matches!(value, "true" | "false" | "null"),
    }
}

const IDS: [&str; 6] = ["webhookId", "actionId", "action", "_id", "txId", "hash"];

/// The ids whose closing quotes are there.
fn complete_ids(body: &str) -> String {
    let id = |key| {
        let (_, rest) = body.split_once(&format!("\"{key}\": \""))?;
        Some(rest.split_once('"')?.0)
    };
    named(IDS.map(id))
}

fn salvaged(error: &ParseError) -> String {
    let ids = error.salvaged();
    named([
        ids.webhook_id.as_ref().map(AsRef::as_ref),
        ids.action_id.as_ref().map(AsRef::as_ref),
        ids.action.as_ref().map(AsRef::as_ref),
        ids.stamp_id.as_ref().map(AsRef::as_ref),
        ids.tx_id.as_ref().map(AsRef::as_ref),
        ids.hash.as_ref().map(AsRef::as_ref),
    ])
}

fn named(ids: [Option<&str>; 6]) -> String {
    let pairs = IDS.into_iter().zip(ids);
    let pairs = pairs.filter_map(|(key, id)| Some(format!("{key}={}", id?)));
    pairs.collect::<Vec<_>>().join(" ")
}
