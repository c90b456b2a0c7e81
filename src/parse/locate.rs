//! The place in the text of what is wrong, found by reading the text again:
//! visitors see no offsets.

use std::borrow::Cow;

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

/// Whether a JSON string means a text. A byte of it is written as one to six, so that
/// most strings need not be decoded to tell, which takes memory.
fn means(string: &str, text: &str) -> bool {
    let written = string.len().saturating_sub(2);
    let fits = (text.len()..=text.len().saturating_mul(6)).contains(&written);
    fits && decoded(string).is_some_and(|meant| meant == text)
}

/// The text that a JSON string means.
fn decoded(string: &str) -> Option<Cow<'_, str>> {
    if string.contains('\\') {
        serde_json::from_str(string).ok().map(Cow::Owned)
    } else {
        string
            .get(1..string.len().checked_sub(1)?)
            .map(Cow::Borrowed)
    }
}
