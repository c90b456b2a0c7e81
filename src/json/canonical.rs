//! One spelling for all texts that mean the same.

use std::fmt::Write as _;

use super::entries::Entries;
use super::reader::{Read, Reader};
use super::write::push_string;

/// Whether two texts of JSON values mean the same, as [`push_canonical`] has it.
pub(crate) fn same_json(a: &str, b: &str) -> bool {
    a == b || canonical(a) == canonical(b)
}

fn canonical(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    // What is kept is JSON, so that all of it is read.
    let _ = push_canonical(&mut Reader::new(json, 0), &mut text);
    text
}

/// Appends the canonical form of the next value: no white space; strings in the
/// fewest bytes; integers by their digits; every other number, `-0` among them, as
/// the nearest double, its shortest digits with one before the point and an
/// exponent (`1.5e0`), zero without a sign; the entries of an object sorted by the
/// UTF-8 of their keys, the last of each key.
fn push_canonical(reader: &mut Reader<'_>, text: &mut String) -> Read<()> {
    match reader.peek() {
        Some(b'"') => push_string(text, &reader.string()?),
        Some(b'-' | b'0'..=b'9') => push_number(text, reader.number()?),
        Some(b'[') => {
            text.push('[');
            let mut is_more = reader.open()?;
            while is_more {
                push_canonical(reader, text)?;
                is_more = reader.comma_follows(b']')?;
                text.push_str(if is_more { "," } else { "" });
            }
            text.push(']');
        }
        Some(b'{') => push_object(reader, text)?,
        _ => text.push_str(reader.literal()?),
    }
    Ok(())
}

fn push_number(text: &mut String, digits: &str) {
    if digits != "-0" && !digits.contains(['.', 'e', 'E']) {
        text.push_str(digits);
        return;
    }
    let double: f64 = digits.parse().unwrap_or_default();
    // Adding it makes the negative zero a positive one. Writing to a `String`
    // cannot fail.
    let _ = write!(text, "{:e}", double + 0.0);
}

fn push_object(reader: &mut Reader<'_>, text: &mut String) -> Read<()> {
    let mut entries = Entries::new();
    let mut is_more = reader.open()?;
    while is_more {
        entries.push_key(&reader.key()?);
        reader.colon()?;
        push_canonical(reader, entries.value_text())?;
        is_more = reader.comma_follows(b'}')?;
    }
    let order = entries.by_key();
    let mut separator = '{';
    for (turn, nth) in order.iter().enumerate() {
        let (key, value) = entries.nth(*nth as usize).unwrap_or_default();
        // Entries of one key are next to each other, the last one at the end.
        let next = order.get(turn.saturating_add(1));
        if next.is_some_and(|next| entries.nth_key(*next as usize) == key) {
            continue;
        }
        text.push(separator);
        push_string(text, key);
        text.push(':');
        text.push_str(value);
        separator = ',';
    }
    text.push_str(if separator == '{' { "{}" } else { "}" });
    Ok(())
}
