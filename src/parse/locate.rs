//! The line and column of what is wrong, found by reading the text again.
//!
//! Visitors see no offsets. But a value taken as its raw text is a slice of the
//! text, and where a slice lies tells its offset.

use std::fmt;

use serde::Deserializer;
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::draft::{Draft, StampDraft};
use super::read::Object;
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
            let object = if **key == *place.key() {
                place.object()
            } else {
                place
            };
            nth_value(text, object, 1, |other| *other == **key)
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
    let mut wants = |key: &str| {
        let is_match = matches(key);
        let is_nth = is_match && before == 0;
        before = before.saturating_sub(is_match.into());
        is_nth
    };
    search(text, object, &mut wants, &|_| Some(0))
}

/// Where the first flaw lies in the unknown content of an object.
fn unknown_flaw(text: &str, object: Place) -> Option<usize> {
    let (place_of, depth): (fn(&str) -> Option<Place>, usize) = match object {
        Place::Body => (Draft::place_of, Draft::DEPTH),
        Place::Data => (StampDraft::place_of, StampDraft::DEPTH),
        _ => return None,
    };
    let mut is_unknown = |key: &str| place_of(key).is_none();
    let flaw_in = |value: &str| check(value, depth).err().map(|flaw| flaw.offset);
    search(text, object, &mut is_unknown, &flaw_in)
}

/// Searches an object for the first wanted key with a value in which there is
/// something to point at, and gives its place in the text.
fn search(
    text: &str,
    object: Place,
    wants: &mut dyn FnMut(&str) -> bool,
    point_in: &dyn Fn(&str) -> Option<usize>,
) -> Option<usize> {
    let mut found = None;
    let search = Search {
        text,
        object,
        current: Place::Body,
        wants,
        point_in,
        found: &mut found,
    };
    // Where the text cannot be read further, the search ends as if at its end.
    let _ = search.deserialize(&mut serde_json::Deserializer::from_str(text));
    found
}

struct Search<'a> {
    text: &'a str,
    /// The object that is searched.
    object: Place,
    /// The object that is being read.
    current: Place,
    wants: &'a mut dyn FnMut(&str) -> bool,
    point_in: &'a dyn Fn(&str) -> Option<usize>,
    found: &'a mut Option<usize>,
}

impl<'de> DeserializeSeed<'de> for Search<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Search<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.current != self.object {
            let object_key = self.object.key();
            while let Some(is_object) = map.next_key_seed(Key(&mut |key| key == object_key))? {
                if is_object {
                    return map.next_value_seed(Search {
                        current: self.object,
                        ..self
                    });
                }
                map.next_value::<IgnoredAny>()?;
            }
            return Ok(());
        }
        while let Some(is_wanted) = map.next_key_seed(Key(&mut *self.wants))? {
            if !is_wanted {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = map.next_value::<&RawValue>()?.get();
            if let Some(within) = (self.point_in)(value) {
                let start = value.as_ptr().addr().checked_sub(self.text.as_ptr().addr());
                *self.found = start.and_then(|start| start.checked_add(within));
                break;
            }
        }
        Ok(())
    }
}

/// Asks something of the next key.
struct Key<'a>(&'a mut dyn FnMut(&str) -> bool);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<bool, E> {
        Ok((self.0)(key))
    }
}
