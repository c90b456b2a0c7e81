//! Escapes of half a character. The grammar allows them, no receiver can hold
//! them.

use std::ops::Range;

use edexa_webhooks::Category::Syntax;

use crate::support::{assert_accepted, assert_refused_alike, with, with_entry};

const LONE: [&str; 8] = [
    r"\ud800",
    r"\udbff",
    r"\udc00",
    r"\uDFFF",
    r"\ud800x",
    r"\ud800\n",
    r"\ud800\u0041",
    r"\ud800\ud800",
];

/// Where in the escape the column lies is the JSON reader's choice.
#[track_caller]
fn assert_lone(body: &str, pointer: &str, line: usize, columns: Range<usize>) {
    let error = assert_refused_alike(body);
    let message = "expected surrogate escapes in pairs, found a lone one";
    assert_eq!(error.message(), message, "{body}");
    assert_eq!(error.category(), Syntax, "{body}");
    assert_eq!(error.pointer(), pointer, "{body}");
    assert_eq!(error.line(), line, "{error}");
    assert!(columns.contains(&error.column()), "{error}");
}

#[test]
fn a_surrogate_is_alone_in_a_value() {
    for escape in LONE {
        let text = format!("\"ab{escape}cd\"");
        let from = |start: usize| start..start + "\"abc".len() + escape.len();
        assert_lone(&with("name", &text), "/data/name", 9, from(13));
        assert_lone(&with("action", &text), "/action", 4, from(13));
        assert_lone(&with("later", &text), "", 22, from(12));
        assert_lone(&with("laterInData", &text), "/data", 20, from(20));
        let nested = format!("[1, {{\"a\": {text}}}]");
        assert_lone(&with("later", &nested), "", 22, from(22));
        assert_lone(&with("laterInData", &nested), "/data", 20, from(30));
    }
}

#[test]
fn a_surrogate_is_alone_in_a_key() {
    for escape in LONE {
        let key = format!("\"ab{escape}cd\": 1");
        let from = |start: usize| start..start + "\"abc".len() + escape.len();
        assert_lone(&with_entry("later", &key), "", 22, from(3));
        assert_lone(&with_entry("laterInData", &key), "/data", 20, from(5));
        assert_lone(&with_entry("name", &key), "/data", 9, from(5));
        let nested = format!("[{{{key}}}]");
        assert_lone(&with("later", &nested), "", 22, from(14));
        assert_lone(&with("laterInData", &nested), "/data", 20, from(22));
    }
}

#[test]
fn a_surrogate_follows_a_known_key_cut_short() {
    assert_lone(
        &with_entry("hash", r#""has\ud800h": 1"#),
        "/data",
        12,
        5..16,
    );
}

#[test]
fn a_pair_is_a_character() {
    let event = assert_accepted(with("name", r#""\ud83d\uDE00 \ud7ff \ue000""#));
    let name = event.data.name.unwrap();
    assert_eq!(name.as_str(), "\u{1f600} \u{d7ff} \u{e000}");
    let event = assert_accepted(with_entry("later", r#""\ud83d\uDE00": "\ud83d\uDE00""#));
    assert_eq!(event.extra.get("\u{1f600}"), Some(r#""\ud83d\uDE00""#));
}
