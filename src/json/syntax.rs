//! serde_json's syntax errors in this crate's words.

use crate::escape::quote;
use crate::fault::Fault;

/// What a syntax error of serde_json's says, and the byte where it says it.
pub(crate) fn syntax_fault(error: &serde_json::Error, text: &str) -> (Fault, usize) {
    let offset = offset_of(error, text);
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let (expected, found) = match message {
        "EOF while parsing an object" => ("the rest of an object", None),
        "EOF while parsing a string" => ("the rest of a string", None),
        "EOF while parsing a value" | "expected value" => ("a value", None),
        "expected `:`" => ("`:`", None),
        "EOF while parsing a list" | "expected `,` or `]`" => ("`,` or `]`", None),
        "expected `,` or `}`" => ("`,` or `}`", None),
        "expected ident" => ("`true`, `false` or `null`", None),
        "invalid escape" => ("an escape that JSON knows", None),
        "invalid number" => ("a number as JSON writes it", None),
        "key must be a string" => ("a key in double quotes", None),
        "trailing comma" => ("another entry after `,`", None),
        "trailing characters" => ("the end of the body", None),
        "number out of range" => return (Fault::number_out_of_range(), offset),
        "lone leading surrogate in hex escape" | "unexpected end of hex escape" => {
            ("surrogate escapes in pairs", Some("a lone one"))
        }
        _ if message.starts_with("control character") => {
            ("control characters in a string to be escaped", None)
        }
        _ => ("valid JSON", None),
    };
    let found = found.map_or_else(|| found_at(text, offset), str::to_owned);
    (Fault::Syntax { expected, found }, offset)
}

/// Names the character at a byte of the text.
fn found_at(text: &str, offset: usize) -> String {
    match text.get(offset..).and_then(|rest| rest.chars().next()) {
        Some(c) => format!("`{}`", quote(c.encode_utf8(&mut [0; 4]))),
        None => "the end of the body".to_owned(),
    }
}

/// The byte that serde_json means by an error's line and column.
///
/// It counts bytes from 1, and gives a line break column 0 of the next line.
pub(crate) fn offset_of(error: &serde_json::Error, text: &str) -> usize {
    if error.is_eof() {
        return text.len();
    }
    let line_start: usize = match error.line().checked_sub(2) {
        Some(breaks_before) => text
            .match_indices('\n')
            .nth(breaks_before)
            .map_or(text.len(), |(at, _)| at.saturating_add(1)),
        None => 0,
    };
    let mut offset = line_start
        .saturating_add(error.column())
        .saturating_sub(1)
        .min(text.len());
    while !text.is_char_boundary(offset) {
        offset = offset.saturating_sub(1);
    }
    offset
}
