//! What several subjects share: a body to change one thing in, and what must be
//! true of every body that is accepted or refused.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test, or a helper of one, fails by panicking"
)]

use std::path::Path;
use std::time::Duration;

use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::serde_json::{self, Value};
use edexa_webhooks::{Category, ParseError, WebhookEvent};

use crate::reference::{self, meaning};

/// The known keys of an event, and of its `data`.
pub(crate) const ENVELOPE: [&str; 4] = ["webhookId", "actionId", "action", "data"];

pub(crate) const STAMP: [&str; 14] = [
    "_id",
    "userId",
    "clientId",
    "name",
    "blockchainId",
    "txId",
    "hash",
    "type",
    "code",
    "isEsign",
    "isPrivateBc",
    "status",
    "createdAt",
    "updatedAt",
];

/// Every known key, and an unknown one that ends each object. One key a line,
/// so that the tests can take lines for keys.
pub(crate) const FULL: &str = r#"{
  "webhookId": "6475b0af7195267fd13bb3d1",
  "actionId": "6475a47ed251164c916a830e",
  "action": "succeed",
  "data": {
    "_id": "6475c02029b5bab6d2f2c6dc",
    "userId": "646f1d74d3397a4b57dbe194",
    "clientId": "2",
    "name": "abc.png",
    "blockchainId": "2d4cf0b1-a3ee-4580-97f4-86bf937190fe",
    "txId": "0x3b7d",
    "hash": "6d6db6",
    "type": "0",
    "code": "bd5c9e",
    "isEsign": false,
    "isPrivateBc": false,
    "status": 1,
    "createdAt": "2023-05-30T09:21:36.966Z",
    "updatedAt": "2023-05-30T09:21:46.610Z",
    "laterInData": null
  },
  "later": null
}
"#;

/// [`FULL`] with another value under a key.
#[track_caller]
pub(crate) fn with(key: &str, value: &str) -> String {
    with_entry(key, &format!("\"{key}\": {value}"))
}

/// [`FULL`] with other text, or more entries, in place of a key and its value.
#[track_caller]
pub(crate) fn with_entry(key: &str, entry: &str) -> String {
    let line = line_of(FULL, key);
    let indent = line.len().checked_sub(line.trim_start().len()).unwrap();
    let comma = if line.ends_with(',') { "," } else { "" };
    FULL.replacen(line, &format!("{}{entry}{comma}", " ".repeat(indent)), 1)
}

/// [`FULL`] without a key that is neither `data` nor the last one.
#[track_caller]
pub(crate) fn without(key: &str) -> String {
    FULL.replacen(&format!("{}\n", line_of(FULL, key)), "", 1)
}

#[track_caller]
fn line_of<'a>(body: &'a str, key: &str) -> &'a str {
    let start = format!("\"{key}\": ");
    let mut lines = body.lines().filter(|l| l.trim_start().starts_with(&start));
    lines.next().unwrap()
}

/// Line and column of the last occurrence of a text.
#[track_caller]
pub(crate) fn position_of(body: &str, text: &str) -> (usize, usize) {
    let before = body.get(..body.rfind(text).unwrap()).unwrap();
    let last_line = before.split('\n').next_back().unwrap();
    (
        before.split('\n').count(),
        last_line.chars().chain(['x']).count(),
    )
}

/// The event, which every entry point reads alike.
#[track_caller]
pub(crate) fn assert_accepted(body: impl AsRef<[u8]>) -> WebhookEvent {
    let body = body.as_ref();
    let event = WebhookEvent::from_slice(body).unwrap();
    let text = std::str::from_utf8(body).unwrap();
    let exact = WebhookEvent::from_slice_with_limit(body, body.len());
    assert_eq!(exact.as_ref(), Ok(&event), "from_slice_with_limit");
    assert_eq!(text.parse().as_ref(), Ok(&event), "FromStr");
    assert_eq!(WebhookEvent::try_from(body).as_ref(), Ok(&event), "slice");
    for (read, from) in through_serde(body) {
        assert_eq!(
            meaning(&read.unwrap()),
            meaning(&event),
            "serde_json::{from}"
        );
    }
    if !reference::may_show_objects_as_numbers(text) {
        let value: Value = serde_json::from_slice(body).unwrap();
        let read = WebhookEvent::try_from(value).unwrap();
        assert_eq!(meaning(&read), meaning(&event), "Value");
    }
    event
}

/// Every entry point refuses the body for this reason, at this place. Gives the
/// error, for what it salvaged.
#[track_caller]
pub(crate) fn assert_refused(
    body: impl AsRef<[u8]>,
    category: Category,
    pointer: &str,
    (line, column): (usize, usize),
    message: &str,
) -> ParseError {
    let error = assert_refused_alike(body);
    assert_eq!(error.message(), message);
    assert_eq!(error.pointer(), pointer, "{error}");
    assert_eq!((error.line(), error.column()), (line, column), "{error}");
    assert_eq!(error.category(), category, "{error}");
    error
}

/// Every entry point refuses the body alike, as far as it can tell.
#[track_caller]
pub(crate) fn assert_refused_alike(body: impl AsRef<[u8]>) -> ParseError {
    let body = body.as_ref();
    let error = WebhookEvent::from_slice(body).unwrap_err();
    let limited = WebhookEvent::from_slice_with_limit(body, MAX_BODY_BYTES);
    assert_eq!(limited.as_ref(), Err(&error), "from_slice_with_limit");
    assert_eq!(WebhookEvent::try_from(body).as_ref(), Err(&error), "slice");
    if let Ok(text) = std::str::from_utf8(body) {
        assert_eq!(text.parse::<WebhookEvent>().as_ref(), Err(&error), "text");
    }
    assert_shown_in_full(&error);
    if error.category() != Category::TooLarge {
        assert_refused_by_serde(body, &error);
        assert_refused_as_value(body, &error);
    }
    error
}

#[track_caller]
fn assert_refused_by_serde(body: &[u8], error: &ParseError) {
    let place = pointer_prefix(error);
    for (read, from) in through_serde(body) {
        let shown = read.unwrap_err().to_string();
        if error.category() == Category::Data {
            let expected = format!("{place}{}", error.message());
            let found = shown.split(" at line ").next().unwrap();
            assert_eq!(rounded(found), rounded(&expected), "serde_json::{from}");
        }
    }
}

/// Whether serde_json was built with its feature of this name: it keeps the digits of
/// numbers then, and what it shows as a number differs.
pub(crate) fn has_arbitrary_precision() -> bool {
    serde_json::from_str::<Value>("1e400").is_ok()
}

/// A message without the last digits of a double, which serde_json reads one step off
/// now and then.
fn rounded(message: &str) -> String {
    let (before, number) = message
        .split_once("found the number ")
        .unwrap_or((message, ""));
    let digits: String = number.chars().take(16).collect();
    let exponent = number.split_once('e').unwrap_or_default().1;
    format!("{before} {digits} {exponent}")
}

/// A `Value` holds neither faults of grammar nor duplicate keys, and what it makes of
/// its own keys is its own affair.
#[track_caller]
fn assert_refused_as_value(body: &[u8], error: &ParseError) {
    let is_lost = error.message().starts_with("duplicate key ")
        || std::str::from_utf8(body).is_ok_and(reference::may_show_objects_as_numbers);
    if let (false, Ok(value)) = (is_lost, serde_json::from_slice::<Value>(body)) {
        let other = WebhookEvent::try_from(value).unwrap_err();
        assert_eq!(
            rounded(&other.message()),
            rounded(&error.message()),
            "Value"
        );
        assert_eq!(other.pointer(), error.pointer(), "Value");
        assert_eq!(other.category(), error.category(), "Value");
        assert_eq!((other.line(), other.column()), (0, 0), "Value");
        assert_shown_in_full(&other);
    }
}

fn through_serde(body: &[u8]) -> Vec<(serde_json::Result<WebhookEvent>, &'static str)> {
    let mut read = vec![
        (serde_json::from_slice(body), "from_slice"),
        (serde_json::from_reader(body), "from_reader"),
    ];
    if let Ok(text) = std::str::from_utf8(body) {
        read.push((serde_json::from_str(text), "from_str"));
    }
    read
}

fn pointer_prefix(error: &ParseError) -> String {
    match error.pointer() {
        "" => String::new(),
        pointer => format!("{pointer}: "),
    }
}

/// `Display` is made of the parts, and neither it nor `Debug` holds a character
/// that a terminal or a log obeys.
#[track_caller]
fn assert_shown_in_full(error: &ParseError) {
    let place = pointer_prefix(error);
    let position = match (error.line(), error.column()) {
        (0, 0) => String::new(),
        (line, column) => format!(" at line {line} column {column}"),
    };
    let shown = error.to_string();
    assert_eq!(shown, format!("{place}{}{position}", error.message()));
    for shown in [shown, format!("{error:?}")] {
        let obeyed = |c: char| c.is_control() || "\u{202e}\u{2066}\u{200b}\u{2028}".contains(c);
        assert!(!shown.contains(obeyed), "{shown:?}");
    }
}

/// The lines are those of a file in `tests/fixtures/`. `UPDATE_FIXTURES=1` writes it
/// anew.
#[track_caller]
pub(crate) fn assert_is_snapshot(lines: &str, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name);
    if std::env::var("UPDATE_FIXTURES").is_ok_and(|value| value == "1") {
        std::fs::write(&path, lines).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    for (line, expected) in lines.lines().zip(expected.lines()) {
        assert_eq!(line, expected, "{name}");
    }
    assert_eq!(lines.lines().count(), expected.lines().count(), "{name}");
}

/// A number of seconds as the docs write it: `113,700 s`.
pub(crate) fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs();
    assert_eq!(duration, Duration::from_secs(seconds), "whole seconds");
    match (seconds / 1000, seconds % 1000) {
        (0, rest) => format!("{rest} s"),
        (thousands, rest) => format!("{thousands},{rest:03} s"),
    }
}
