//! What is not JSON.

use edexa_webhooks::Category::{Data, Syntax};

use crate::support::{FULL, assert_accepted, assert_refused, with, with_entry};

#[track_caller]
fn assert_not_json(body: &str, pointer: &str, position: (usize, usize), message: &str) {
    assert_refused(body, Syntax, pointer, position, message);
}

/// Refuses a text as the value of known and of unknown keys of both objects, at
/// a column of the value.
#[track_caller]
fn assert_no_value(value: &str, at: usize, message: &str) {
    let value = format!("{value} ");
    let body = with("action", &value);
    assert_not_json(&body, "/action", (4, 13 + at), message);
    let body = with("name", &value);
    assert_not_json(&body, "/data/name", (9, 13 + at), message);
    assert_not_unknown_value(&value, at, message);
}

#[track_caller]
fn assert_not_unknown_value(value: &str, at: usize, message: &str) {
    let body = with("later", value);
    assert_not_json(&body, "", (22, 12 + at), message);
    let body = with("laterInData", value);
    assert_not_json(&body, "/data", (20, 20 + at), message);
}

#[test]
fn a_value_is_no_json() {
    assert_no_value("succeed", 0, "expected a value, found `s`");
    assert_no_value("'a'", 0, "expected a value, found `'`");
    assert_no_value("True", 0, "expected a value, found `T`");
    assert_no_value("NaN", 0, "expected a value, found `N`");
    assert_no_value("-Infinity", 1, "expected a digit, found `I`");
    assert_no_value("+1", 0, "expected a value, found `+`");
    assert_no_value(".5", 0, "expected a value, found `.`");
    assert_no_value(",", 0, "expected a value, found `,`");
    assert_no_value("}", 0, "expected a value, found `}`");
    assert_no_value("]", 0, "expected a value, found `]`");
    assert_no_value(": 1", 0, "expected a value, found `:`");
    assert_no_value("/**/ 1", 0, "expected a value, found `/`");
    assert_no_value("é", 0, "expected a value, found `é`");
    assert_no_value("\u{a0}1", 0, "expected a value, found U+00A0");
    assert_no_value("\u{b}1", 0, "expected a value, found U+000B");
}

#[test]
fn a_word_is_no_literal() {
    let message = |found| format!("expected `true`, `false` or `null`, found `{found}`");
    assert_no_value("nil", 1, &message("i"));
    assert_no_value("tru", 3, &message(" "));
    assert_no_value("fals,", 4, &message(","));
    assert_no_value("nul", 3, &message(" "));
}

#[test]
fn a_number_is_not_as_json_writes_it() {
    let message = |found| format!("expected a digit, found `{found}`");
    let no_zero = "expected a number without leading zeros, found `1`";
    assert_no_value("-", 1, &message(" "));
    assert_no_value("--1", 1, &message("-"));
    assert_no_value("01", 1, no_zero);
    assert_no_value("-01", 2, no_zero);
    assert_no_value("1.", 2, &message(" "));
    assert_no_value("1.e1", 2, &message("e"));
    assert_no_value("1e", 2, &message(" "));
    assert_no_value("1e+", 3, &message(" "));
}

#[test]
fn an_escape_is_none_that_json_knows() {
    assert_no_value(
        r#""ab\qc""#,
        4,
        "expected an escape that JSON knows, found `q`",
    );
    assert_no_value(
        r#""ab\'c""#,
        4,
        "expected an escape that JSON knows, found `'`",
    );
    assert_no_value(
        r#""ab\x41""#,
        4,
        "expected an escape that JSON knows, found `x`",
    );
}

#[test]
fn a_hex_escape_lacks_digits() {
    for (escape, column, found) in [
        (r"\u12", 5, "\""),
        (r"\uGGGG", 3, "G"),
        (r"\u{41}", 3, "{"),
        (r"\u", 3, "\""),
        (r"\u-123", 3, "-"),
    ] {
        let message = format!("expected four hex digits after `\\u`, found `{found}`");
        assert_no_value(&format!("\"{escape}\""), column, &message);
    }
}

#[test]
fn a_control_character_is_not_escaped_in_a_known_value() {
    for (raw, shown) in CONTROLS {
        let value = format!("\"é{raw}b\"");
        let message = control(shown);
        assert_not_json(&with("action", &value), "/action", (4, 15), &message);
        assert_not_json(&with("name", &value), "/data/name", (9, 15), &message);
    }
}

#[test]
fn a_control_character_is_not_escaped_in_an_unknown_value() {
    for (raw, shown) in CONTROLS {
        assert_not_unknown_value(&format!("\"é{raw}b\""), 2, &control(shown));
        assert_not_unknown_value(&format!("[\"{raw}b\"]"), 2, &control(shown));
    }
}

#[test]
fn a_control_character_is_not_escaped_in_a_key() {
    for (raw, shown) in CONTROLS {
        let entry = format!("\"é{raw}b\": 1");
        let message = control(shown);
        assert_not_json(&with_entry("later", &entry), "", (22, 5), &message);
        assert_not_json(&with_entry("name", &entry), "/data", (9, 7), &message);
    }
}

const CONTROLS: [(char, &str); 5] = [
    ('\0', "U+0000"),
    ('\t', "U+0009"),
    ('\n', "U+000A"),
    ('\r', "U+000D"),
    ('\u{1f}', "U+001F"),
];

fn control(shown: &str) -> String {
    format!("expected control characters in a string to be escaped, found {shown}")
}

/// Refuses an entry in both objects, at a column of the entry.
#[track_caller]
fn assert_no_entry(entry: &str, at: usize, message: &str) {
    let body = with_entry("later", &format!("{entry} "));
    assert_not_json(&body, "", (22, 3 + at), message);
    let body = with_entry("laterInData", &format!("{entry} "));
    assert_not_json(&body, "/data", (20, 5 + at), message);
    let body = with_entry("name", &format!("{entry} "));
    assert_not_json(&body, "/data", (9, 5 + at), message);
}

#[test]
fn a_key_is_no_string() {
    let message = |found| format!("expected a key in double quotes, found `{found}`");
    assert_no_entry("later: 1", 0, &message("l"));
    assert_no_entry("'later': 1", 0, &message("'"));
    assert_no_entry("1: 1", 0, &message("1"));
    assert_no_entry("null: 1", 0, &message("n"));
    assert_no_entry("[]: 1", 0, &message("["));
    assert_no_entry("// no", 0, &message("/"));
    assert_no_entry("\"a\": 1,, \"b\": 1", 7, &message(","));
    assert_no_entry(", \"b\": 1", 0, &message(","));
}

#[test]
fn an_entry_lacks_its_colon_or_comma() {
    assert_no_entry("\"a\" 1", 4, "expected `:`, found `1`");
    assert_no_entry("\"a\" = 1", 4, "expected `:`, found `=`");
    assert_no_entry("\"a\", \"b\": 1", 3, "expected `:`, found `,`");
    assert_no_entry("\"a\":: 1", 4, "expected a value, found `:`");
    assert_no_entry("\"a\": 1 \"b\": 2", 7, "expected `,` or `}`, found `\"`");
    assert_no_entry("\"a\": 1; \"b\": 2", 6, "expected `,` or `}`, found `;`");
    assert_no_entry("\"a\": 1x", 6, "expected `,` or `}`, found `x`");
    assert_no_entry("\"a\": \"é\" é", 9, "expected `,` or `}`, found `é`");
    assert_no_entry("\"a\": 1]", 6, "expected `,` or `}`, found `]`");
}

#[test]
fn an_object_ends_in_a_comma() {
    let message = "expected another entry after `,`, found `}`";
    assert_not_json(&with("later", "null,"), "", (23, 1), message);
    assert_not_json(&with("laterInData", "null,"), "/data", (21, 3), message);
}

#[test]
fn unknown_content_is_no_json() {
    assert_not_unknown_value("[1 2]", 3, "expected `,` or `]`, found `2`");
    assert_not_unknown_value("[1}", 2, "expected `,` or `]`, found `}`");
    assert_not_unknown_value("[1,]", 3, "expected another entry after `,`, found `]`");
    assert_not_unknown_value("[,1]", 1, "expected a value, found `,`");
    assert_not_unknown_value("{a: 1}", 1, "expected a key in double quotes, found `a`");
    assert_not_unknown_value("{\"a\" 1}", 5, "expected `:`, found `1`");
    assert_not_unknown_value("{\"a\": 1 2}", 8, "expected `,` or `}`, found `2`");
    assert_not_unknown_value(
        "[[{\"é\": [tru]}]]",
        12,
        "expected `true`, `false` or `null`, found `]`",
    );
}

#[test]
fn the_body_is_no_json() {
    let nothing = "expected a value, found the end";
    assert_not_json("", "", (1, 1), nothing);
    assert_not_json(" \r\n\t ", "", (2, 3), nothing);
    let literal = "expected `true`, `false` or `null`, found the end";
    assert_not_json("nul", "", (1, 4), literal);
    assert_not_json("}", "", (1, 1), "expected a value, found `}`");
    assert_not_json(
        "webhookId=1&actionId=2",
        "",
        (1, 1),
        "expected a value, found `w`",
    );
    assert_not_json("<html>", "", (1, 1), "expected a value, found `<`");
    assert_not_json("\0", "", (1, 1), "expected a value, found U+0000");
    assert_not_json(
        "\"abc",
        "",
        (1, 5),
        "expected the rest of a string, found the end",
    );
}

#[test]
fn bytes_follow_the_body() {
    let message = |found| format!("expected the end, found {found}");
    for (rest, found) in [
        ("x", "`x`"),
        (",", "`,`"),
        ("}", "`}`"),
        ("{}", "`{`"),
        ("\0", "U+0000"),
        ("é", "`é`"),
        ("// said by nobody", "`/`"),
        ("\u{1b}[2J", "U+001B"),
    ] {
        assert_not_json(&format!("{FULL}{rest}"), "", (24, 1), &message(found));
        let body = format!("{} \r\n\t {rest}", FULL.trim_end());
        assert_not_json(&body, "", (24, 3), &message(found));
    }
    assert_not_json(&format!("{FULL}{FULL}"), "", (24, 1), &message("`{`"));
    assert_not_json("{} {}", "", (1, 4), &message("`{`"));
}

#[test]
fn white_space_follows_the_body() {
    assert_accepted(format!("\r\n\t {FULL}\r\n\t "));
}

/// The value is of the wrong type from its first character on.
#[test]
fn a_value_of_the_wrong_type_is_no_json_further_on() {
    let array = "expected a string, found an array";
    let object = "expected a string, found an object";
    for (value, message) in [
        ("[1,]", array),
        ("[", array),
        ("[\"a", array),
        ("{\"a\" 1}", object),
        ("{\"a\": 1,}", object),
        ("{", object),
    ] {
        assert_refused(with("name", value), Data, "/data/name", (9, 13), message);
        if value == "{" {
            continue;
        }
        let body = with("name", value);
        let cut = body.find(value).unwrap() + value.len();
        assert_refused(&body[..cut], Data, "/data/name", (9, 13), message);
    }
}

#[test]
fn lines_end_in_line_feeds_with_or_without_carriage_returns() {
    let message = "expected a value, found `x`";
    let crlf = with("name", "x").replace('\n', "\r\n");
    assert_not_json(&crlf, "/data/name", (9, 13), message);
    let crlf = with("later", "x").replace('\n', "\r\n");
    assert_not_json(&crlf, "", (22, 12), message);
    let one_line = with("action", "x").replace('\n', " ");
    let column = one_line.find(": x").unwrap() + 3;
    assert_not_json(&one_line, "/action", (1, column), message);
    let carriage_returns = with("action", "x").replace('\n', "\r");
    assert_not_json(&carriage_returns, "/action", (1, column), message);
    let blank = format!("\n\n\r\n{}", with("name", "x"));
    assert_not_json(&blank, "/data/name", (12, 13), message);
}

#[test]
fn the_column_counts_characters() {
    let before = r#""é日\u00e9": "日本語\n\ud83d\ude00😀", "name""#;
    let columns = before.chars().count() + ": ".len();
    let body = with_entry("name", &format!("{before}: x"));
    let message = "expected a value, found `x`";
    assert_not_json(&body, "/data/name", (9, 5 + columns), message);
    let body = with_entry("name", &format!("{before}: 7"));
    let message = "expected a string, found the number 7";
    assert_refused(body, Data, "/data/name", (9, 5 + columns), message);
    let body = with_entry("later", r#""日本": ["😀é", "\q"]"#);
    let message = "expected an escape that JSON knows, found `q`";
    assert_not_json(&body, "", (22, 18), message);
}
