//! Strings on their way out.

use std::fmt::Write as _;

use super::double::shortest;
use super::found::Found;
use super::plain::plain_bytes;

/// Appends a string as a JSON string, in the fewest bytes that mean it.
pub(crate) fn push_string(json: &mut String, text: &str) {
    json.reserve(text.len().saturating_add(2));
    json.push('"');
    let mut rest = text;
    while let Some((plain, special)) = rest.split_at_checked(plain_bytes(rest.as_bytes())) {
        json.push_str(plain);
        let mut chars = special.chars();
        match chars.next() {
            Some(c) => push_escape(json, c),
            None => break,
        }
        rest = chars.as_str();
    }
    json.push('"');
}

/// Appends a value that is no array and no object.
pub(crate) fn push_scalar(json: &mut String, value: &Found<'_>) {
    // Writing to a `String` cannot fail.
    let _ = match value {
        Found::Text(text) => return push_string(json, text),
        Found::Bool(value) => write!(json, "{value}"),
        Found::Signed(value) => write!(json, "{value}"),
        Found::Unsigned(value) => write!(json, "{value}"),
        Found::Float(value) => json.write_str(&shortest(*value)),
        Found::Json(text) => json.write_str(text),
        Found::Null | Found::Array | Found::Object | Found::Bytes => write!(json, "null"),
    };
}

fn push_escape(json: &mut String, c: char) {
    let letter = match c {
        '"' | '\\' => c,
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        _ => {
            // Writing to a `String` cannot fail.
            let _ = write!(json, "\\u{:04x}", u32::from(c));
            return;
        }
    };
    json.extend(['\\', letter]);
}
