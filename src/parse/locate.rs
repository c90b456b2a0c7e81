//! The place in the text of what is wrong, found by reading the text again:
//! visitors see no offsets.

use crate::fault::Fault;
use crate::json::Scanner;
use crate::place::Place;

/// The byte at which the value at fault starts, or the object that lacks it.
pub(super) fn offset(text: &str, place: Place, fault: &Fault) -> Option<usize> {
    match fault {
        Fault::Missing { .. } => object_start(text, place.object()),
        Fault::Mismatch { .. } if place == Place::Body => object_start(text, Place::Body),
        Fault::Mismatch { .. } => nth_value(text, place.object(), 0, place.key()),
        // An unknown key is twice in the object at whose place the fault is.
        Fault::Duplicate { key } => {
            let object = if place.is_object() {
                place
            } else {
                place.object()
            };
            nth_value(text, object, 1, key).or_else(|| nth_value(text, place.object(), 1, key))
        }
        _ => None,
    }
}

fn object_start(text: &str, object: Place) -> Option<usize> {
    if object == Place::Data {
        return nth_value(text, Place::Body, 0, object.key());
    }
    let mut scanner = Scanner::new(text);
    scanner.skip_space();
    Some(scanner.at())
}

/// Where the value starts that is the nth, from 0, under a key of an object.
fn nth_value(text: &str, object: Place, nth: usize, key: &str) -> Option<usize> {
    let mut scanner = Scanner::new(text);
    if object == Place::Data {
        skip_to_value(&mut scanner, 0, Place::Data.key())?;
    }
    skip_to_value(&mut scanner, nth, key)?;
    Some(scanner.at())
}

/// Reads an object up to the nth value under a key.
fn skip_to_value(scanner: &mut Scanner<'_>, nth: usize, wanted: &str) -> Option<()> {
    scanner.skip_space();
    if !scanner.take(b'{') {
        return None;
    }
    let mut before = nth;
    loop {
        let key = scanner.key().ok()?;
        scanner.skip_space();
        if means(key, wanted) {
            if before == 0 {
                return Some(());
            }
            before = before.saturating_sub(1);
        }
        scanner.value(0).ok()?;
        if !scanner.comma_follows(b'{').ok()? {
            return None;
        }
    }
}

/// Whether a JSON string means a text. It is decoded only where it may: that takes
/// memory, and a byte is written as six at most.
fn means(string: &str, text: &str) -> bool {
    let quoted = string
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let written = quoted.unwrap_or_default();
    if written.contains('\\') && written.len() / 6 <= text.len() {
        serde_json::from_str::<String>(string).is_ok_and(|meant| meant == text)
    } else {
        written == text
    }
}
