//! The line and column of what is wrong, found by reading the text again.
//!
//! Visitors see no offsets. But a value taken as its raw text is a slice of the
//! text, and where a slice lies tells its offset.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::draft::{Draft, StampDraft};
use super::read::Object;
use crate::escape::quote;
use crate::fault::Fault;
use crate::json::check;
use crate::place::Place;

/// The byte at which the fault at this place starts, if it can be told.
pub(super) fn offset(text: &str, place: Place, fault: &Fault) -> Option<usize> {
    match fault {
        Fault::Missing { .. } => object_start(text, place.object()),
        Fault::Mismatch { .. } if place == Place::Body => object_start(text, Place::Body),
        Fault::Mismatch { .. } => nth_value(text, place.object(), 0, |key| key == place.key()),
        Fault::Duplicate { key } => {
            if key == place.key() {
                nth_value(text, place.object(), 1, |other| other == place.key())
            } else {
                nth_value(text, place, 1, |other| quote(other).to_string() == *key)
            }
        }
        Fault::Syntax { .. } | Fault::TooDeep => unknown_flaw(text, place),
        _ => None,
    }
}

fn object_start(text: &str, object: Place) -> Option<usize> {
    if object == Place::Body {
        let trimmed = text.trim_start_matches([' ', '\t', '\n', '\r']);
        return text.len().checked_sub(trimmed.len());
    }
    nth_value(text, Place::Body, 0, |key| key == object.key())
}

/// Where the value starts that is the nth, from 0, under a matching key.
fn nth_value(
    text: &str,
    object: Place,
    nth: usize,
    matches: impl Fn(&str) -> bool,
) -> Option<usize> {
    let mut before = nth;
    search(text, object, &mut |key, _| {
        if !matches(key) {
            return None;
        }
        let is_nth = before == 0;
        before = before.saturating_sub(1);
        is_nth.then_some(0)
    })
}

/// Where the first flaw lies in the unknown content of an object.
fn unknown_flaw(text: &str, object: Place) -> Option<usize> {
    let (place_of, depth): (fn(&str) -> Option<Place>, usize) = match object {
        Place::Body => (Draft::place_of, Draft::DEPTH),
        Place::Data => (StampDraft::place_of, StampDraft::DEPTH),
        _ => return None,
    };
    search(text, object, &mut |key, value| match place_of(key) {
        Some(_) => None,
        None => check(value, depth).err().map(|flaw| flaw.offset),
    })
}

/// Decides on an entry of an object, given its key and the text of its value:
/// the offset within that text which is sought, or `None` to go on.
type Decide<'a> = dyn FnMut(&str, &str) -> Option<usize> + 'a;

fn search(text: &str, object: Place, decide: &mut Decide<'_>) -> Option<usize> {
    let mut found = None;
    let search = Search {
        text,
        object,
        current: Place::Body,
        decide,
        found: &mut found,
    };
    // Where the text cannot be read further, the search ends as if at its end.
    let _ = search.deserialize(&mut serde_json::Deserializer::from_str(text));
    found
}

struct Search<'a, 'd> {
    text: &'a str,
    /// The object whose entries are decided on.
    object: Place,
    /// The object that is being read.
    current: Place,
    decide: &'a mut Decide<'d>,
    found: &'a mut Option<usize>,
}

impl<'de> DeserializeSeed<'de> for Search<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Search<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if self.object != self.current && key == self.object.key() {
                map.next_value_seed(Search {
                    text: self.text,
                    object: self.object,
                    current: self.object,
                    decide: self.decide,
                    found: self.found,
                })?;
                continue;
            }
            let value = map.next_value::<&RawValue>()?.get();
            if self.object != self.current {
                continue;
            }
            if let Some(within) = (self.decide)(&key, value) {
                let start = value.as_ptr().addr().checked_sub(self.text.as_ptr().addr());
                *self.found = start.and_then(|start| start.checked_add(within));
                return Err(A::Error::custom("found"));
            }
        }
        Ok(())
    }
}
