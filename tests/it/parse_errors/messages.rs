//! Messages that are safe to log, whatever the body holds.

use edexa_webhooks::Category::{Data, Syntax};

use crate::support::{assert_refused, assert_refused_alike, with, with_entry};

#[track_caller]
fn assert_quoted(value: &str, quoted: &str) {
    assert_shown(value, &format!("\"{quoted}\""));
}

/// Shown with the quotation marks, behind which stands what was clipped.
#[track_caller]
fn assert_shown(value: &str, quoted: &str) {
    let message = format!("expected an integer from -2^63 to 2^63 - 1, found the string {quoted}");
    let body = with("status", &format!("\"{value}\""));
    let error = assert_refused(body, Data, "/data/status", (17, 15), &message);
    let shown = format!("/data/status: {message} at line 17 column 15");
    assert_eq!(error.to_string(), shown);
    let debug = format!(
        "ParseError {{ category: Data, pointer: \"/data/status\", line: 17, column: 15, \
         message: {message:?}, .. }}"
    );
    assert_eq!(format!("{error:?}"), debug);
}

#[test]
fn at_most_forty_characters_are_quoted() {
    let digits = "1234567890".repeat(4);
    assert_quoted(&digits, &digits);
    assert_shown(&format!("{digits}1"), &format!("\"{digits}\"…"));
    assert_shown(&"x".repeat(50_000), &format!("\"{}\"…", "x".repeat(40)));
    assert_shown(&"日".repeat(41), &format!("\"{}\"…", "日".repeat(40)));
    assert_shown(
        &r"\ud83d\ude00".repeat(41),
        &format!("\"{}\"…", "😀".repeat(40)),
    );
}

#[test]
fn control_characters_are_quoted_as_escapes() {
    assert_quoted(r"\u001b[2J\u001b[31mred", r"\u{1b}[2J\u{1b}[31mred");
    assert_quoted(r"a\nb\r\nc\td\u0000", r"a\nb\r\nc\td\0");
    assert_quoted("\u{7f}\u{85}\u{9b}31m", r"\u{7f}\u{85}\u{9b}31m");
    assert_quoted(r"\b\f", r"\u{8}\u{c}");
}

#[test]
fn marks_of_direction_and_invisible_characters_are_quoted_as_escapes() {
    assert_quoted("\u{202e}gnp.exe", r"\u{202e}gnp.exe");
    assert_quoted("\u{2066}a\u{2069}\u{200f}", r"\u{2066}a\u{2069}\u{200f}");
    assert_quoted(r"a\u200bb\u2028c\u2029", r"a\u{200b}b\u{2028}c\u{2029}");
    assert_quoted("\u{feff}\u{ad}\u{61c}", r"\u{feff}\u{ad}\u{61c}");
    assert_quoted("\u{e0041}", r"\u{e0041}");
}

#[test]
fn an_unknown_key_is_quoted_as_a_value_is() {
    let refused = |key: &str, quoted: &str| {
        let body = with_entry("later", &format!("\"{key}\": 1, \"{key}\": 2"));
        let error = assert_refused_alike(body);
        let message = format!("duplicate key {quoted}");
        assert_eq!(error.message(), message);
        assert_eq!(error.pointer(), "");
    };
    refused(r"\u001b[2J", r#""\u{1b}[2J""#);
    refused("\u{202e}", r#""\u{202e}""#);
    refused(
        "a` once, found it; /data/hash: ok `",
        r#""a` once, found it; /data/hash: ok `""#,
    );
    refused(r#"a\" at"#, r#""a\" at""#);
    refused(&"k".repeat(20_000), &format!("\"{}\"…", "k".repeat(40)));
}

#[test]
fn a_stray_character_is_quoted_as_a_value_is() {
    for (stray, quoted) in [
        ("\u{1b}[31m", "U+001B"),
        ("\u{202e}", "U+202E"),
        ("\u{9b}", "U+009B"),
        ("\u{200b}", "U+200B"),
        ("\u{3000}", "U+3000"),
        ("`", "```"),
        ("\\", "`\\`"),
    ] {
        let message = format!("expected a value, found {quoted}");
        assert_refused(with("later", stray), Syntax, "", (22, 12), &message);
        assert_refused(with("name", stray), Syntax, "/data/name", (9, 13), &message);
    }
}

/// However long what stands in its way, a message fits in a line.
#[test]
fn messages_are_short() {
    let long = "\u{e0041}".repeat(5_000);
    for body in [
        with("name", &format!("[\"{long}\"]")),
        with("status", &format!("\"{long}\"")),
        with("createdAt", &format!("\"{long}\"")),
        with("status", &format!("0.{}", "7".repeat(20_000))),
        with("status", &"7".repeat(20_000)),
        with("later", &format!("\"{long}\" \"{long}\"")),
        with_entry("later", &format!("\"{long}\": 1, \"{long}\": 2")),
        with_entry("later", &format!("\"{long}\" 1")),
        long.clone(),
        format!("\"{long}\""),
    ] {
        let error = assert_refused_alike(body);
        let quoted = 40 * r"\u{e0041}".len();
        assert!(error.to_string().len() < quoted + 200, "{error}");
        let quoted_again = 40 * r"\\u{e0041}".len();
        assert!(format!("{error:?}").len() < quoted_again + 250, "{error:?}");
    }
}

#[test]
fn debug_of_what_was_salvaged_is_escaped() {
    let body =
        with("webhookId", r#""\u001b[2J\n\u202e""#).replace("\"status\": 1", "\"status\": {}");
    let salvaged = assert_refused_alike(body).salvaged().clone();
    assert_eq!(salvaged.webhook_id.as_ref().unwrap(), "\u{1b}[2J\n\u{202e}");
    let shown = format!("{salvaged:?}");
    assert!(shown.contains(r"\u{1b}[2J\n\u{202e}"), "{shown}");
    assert!(!shown.contains(['\u{1b}', '\n', '\u{202e}']), "{shown}");
}

#[test]
fn a_redacted_error_holds_nothing_of_the_body() {
    for (body, redacted) in [
        (
            with("status", "\"Jane Doe\""),
            "/data/status: data error at line 17 column 15",
        ),
        (
            with_entry("later", r#""Jane": 1, "Jane": 2"#),
            "data error at line 22 column 22",
        ),
        ("Jane Doe".to_owned(), "syntax error at line 1 column 1"),
        ("[]".to_owned(), "data error at line 1 column 1"),
        (
            "J".repeat(edexa_webhooks::delivery::MAX_BODY_BYTES + 1),
            "too-large error",
        ),
    ] {
        let error = assert_refused_alike(body);
        assert_eq!(error.redacted(), redacted);
    }
    let value = serde_json::json!({ "webhookId": ["Jane Doe"] });
    let error = edexa_webhooks::WebhookEvent::try_from(value).unwrap_err();
    assert_eq!(error.redacted(), "/webhookId: data error");
}
