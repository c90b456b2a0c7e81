//! What can still be read of a body that is refused.

use edexa_webhooks::serde_json::Value;
use edexa_webhooks::{ParseError, WebhookEvent};

use crate::support::{FULL, assert_refused_alike, with, with_entry, without};

const ALL: &str = "6475b0af7195267fd13bb3d1 6475a47ed251164c916a830e succeed \
                   6475c02029b5bab6d2f2c6dc 0x3b7d 6d6db6";

/// Webhook, action id, action, stamp, transaction, hash; `-` for what is not
/// there.
fn ids(error: &ParseError) -> String {
    let ids = error.salvaged();
    [
        ids.webhook_id.as_ref().map(AsRef::as_ref),
        ids.action_id.as_ref().map(AsRef::as_ref),
        ids.action.as_ref().map(AsRef::as_ref),
        ids.stamp_id.as_ref().map(AsRef::as_ref),
        ids.tx_id.as_ref().map(AsRef::as_ref),
        ids.hash.as_ref().map(AsRef::as_ref),
    ]
    .map(|id| id.unwrap_or("-"))
    .join(" ")
}

#[track_caller]
fn assert_salvaged(body: &str, expected: &str) {
    assert_eq!(ids(&assert_refused_alike(body)), expected);
}

#[test]
fn nothing_is_salvaged_from_nothing() {
    for body in ["", "{", "[]", "null", "{}", "{\"later\": 1e400}"] {
        assert_salvaged(body, "- - - - - -");
    }
}

#[test]
fn what_stands_before_the_fault_is_salvaged() {
    const WEBHOOK: &str = "6475b0af7195267fd13bb3d1";
    const ACTION: &str = "6475a47ed251164c916a830e";
    const STAMP: &str = "6475c02029b5bab6d2f2c6dc";
    for (key, expected) in [
        ("webhookId", "- - - - - -".to_owned()),
        ("actionId", format!("{WEBHOOK} - - - - -")),
        ("action", format!("{WEBHOOK} {ACTION} - - - -")),
        ("_id", format!("{WEBHOOK} {ACTION} succeed - - -")),
        ("userId", format!("{WEBHOOK} {ACTION} succeed {STAMP} - -")),
        ("txId", format!("{WEBHOOK} {ACTION} succeed {STAMP} - -")),
        (
            "hash",
            format!("{WEBHOOK} {ACTION} succeed {STAMP} 0x3b7d -"),
        ),
        ("type", ALL.to_owned()),
        ("status", ALL.to_owned()),
        ("updatedAt", ALL.to_owned()),
        ("laterInData", ALL.to_owned()),
        ("later", ALL.to_owned()),
    ] {
        assert_salvaged(&with(key, "1e400"), &expected);
        assert_salvaged(&with(key, "\"\\ud800\""), &expected);
        assert_salvaged(&with(key, "nope"), &expected);
        if !key.starts_with("later") {
            assert_salvaged(&with(key, "[]"), &expected);
        }
    }
}

#[test]
fn all_is_salvaged_if_the_fault_comes_last() {
    assert_salvaged(&format!("{FULL}x"), ALL);
    assert_salvaged(&without("status"), ALL);
    assert_salvaged(&with_entry("later", "\"a\": 1, \"a\": 2"), ALL);
    assert_salvaged(&with_entry("laterInData", "\"a\": 1, \"a\": 2"), ALL);
    let unclosed = FULL.trim_end().trim_end_matches('}');
    assert_salvaged(unclosed, ALL);
}

/// A key that is missing stops nothing else from being read.
#[test]
fn what_is_missing_is_not_salvaged_and_the_rest_is() {
    assert_salvaged(
        &without("webhookId"),
        &ALL.replacen("6475b0af7195267fd13bb3d1", "-", 1),
    );
    assert_salvaged(&without("hash"), &ALL.replacen("6d6db6", "-", 1));
    let body = without("code").replacen("\"0x3b7d\"", "null", 1);
    assert_salvaged(&body, &ALL.replacen("0x3b7d", "-", 1));
}

#[test]
fn what_stands_after_the_fault_is_not_salvaged() {
    let body = r#"{"data": {"hash": "h", "_id": "i", "code": 1, "txId": "t"}, "webhookId": "w"}"#;
    assert_salvaged(body, "- - - i - h");
    let body = r#"{"data": [], "webhookId": "w"}"#;
    assert_salvaged(body, "- - - - - -");
}

#[test]
fn of_a_key_that_is_there_twice_the_first_is_salvaged() {
    let body = with_entry("later", "\"webhookId\": \"other\"");
    assert_salvaged(&body, ALL);
    let body = with_entry("later", r#""d\u0061ta": {"_id": "other", "hash": "other"}"#);
    assert_salvaged(&body, ALL);
    let body = with_entry("laterInData", "\"txId\": \"other\"");
    assert_salvaged(&body, ALL);
    let body = with("txId", "null, \"txId\": \"other\"");
    let before = ALL.replacen("0x3b7d", "-", 1).replacen("6d6db6", "-", 1);
    assert_salvaged(&body, &before);
}

#[test]
fn a_name_that_is_known_elsewhere_is_not_salvaged() {
    let body =
        r#"{"_id": "a", "hash": "b", "data": {"action": "c", "webhookId": "d"}, "action": 1}"#;
    assert_salvaged(body, "- - - - - -");
    let body = r#"{"later": {"webhookId": "a", "data": {"_id": "b"}}, "action": 1}"#;
    assert_salvaged(body, "- - - - - -");
}

#[test]
fn keys_and_values_with_escapes_are_salvaged() {
    let body =
        r#"{"\u0061ction": "fail\u0065d", "d\u0061ta": {"\u005fid": "\u0031"}, "webhookId": 1}"#;
    assert_salvaged(body, "- - failed 1 - -");
}

#[test]
fn a_value_is_salvaged_in_full() {
    let long = "x".repeat(50_000);
    let body = with("hash", &format!("\"{long}\"")).replacen("\"bd5c9e\"", "7", 1);
    let salvaged = assert_refused_alike(body).salvaged().clone();
    assert_eq!(salvaged.hash.unwrap().as_str(), long);
}

#[test]
fn a_json_value_is_salvaged_from_too() {
    let value: Value = without("webhookId").parse().unwrap();
    let error = WebhookEvent::try_from(value).unwrap_err();
    let expected = ALL.replacen("6475b0af7195267fd13bb3d1", "-", 1);
    assert_eq!(ids(&error), expected);
}

#[test]
fn is_shown_in_one_line_for_a_log() {
    let shown = |body: String| assert_refused_alike(body).salvaged().to_string();
    assert_eq!(
        shown(with("updatedAt", "null")),
        "webhook \"6475b0af7195267fd13bb3d1\", action id \"6475a47ed251164c916a830e\", \
         action \"succeed\", stamp \"6475c02029b5bab6d2f2c6dc\", transaction \"0x3b7d\", \
         hash \"6d6db6\""
    );
    assert_eq!(shown("[]".to_owned()), "");
    let hostile = format!("{{\"action\": \"\\u001b[2J{}\"", "a".repeat(100));
    assert_eq!(
        shown(hostile),
        format!("action \"\\u{{1b}}[2J{}\"…", "a".repeat(36))
    );
}
