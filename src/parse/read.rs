//! The visitors: one object at a time, into a draft.

use std::fmt;

use serde::Deserializer;
use serde::de::{self, DeserializeSeed, MapAccess, Unexpected, Visitor};

use super::Trace;
use crate::extra::Extra;
use crate::fault::{Fault, Report, refuse_others};
use crate::json::TextSeed;
use crate::place::Place;
use crate::scalar::{Number, Slot, SlotSeed};
use crate::token;

/// An object of the payload that is being read.
pub(super) trait Object {
    /// Where the object stands.
    const PLACE: Place;
    /// How many levels of nesting its values stand in.
    const DEPTH: usize;

    /// The place of a key, if this crate knows it.
    fn place_of(key: &str) -> Option<Place>;

    /// Reads the value at a place that [`place_of`](Self::place_of) gave.
    fn read_field<'de, A: MapAccess<'de>>(
        &mut self,
        place: Place,
        map: &mut A,
        trace: &Trace,
    ) -> Result<(), A::Error>;

    /// The keys that this crate does not know.
    fn extra(&mut self) -> &mut Extra;

    /// Reads the object, from any self-describing format.
    fn read<'de, D: Deserializer<'de>>(&mut self, from: D, trace: &Trace) -> Result<(), D::Error>
    where
        Self: Sized,
    {
        ObjectSeed { draft: self, trace }.deserialize(from)
    }
}

/// Reads a scalar into its slot of a draft, once.
pub(super) fn scalar<'de, A: MapAccess<'de>>(
    slot: &mut dyn Slot,
    place: Place,
    map: &mut A,
    trace: &Trace,
) -> Result<(), A::Error> {
    if slot.is_filled() {
        return Err(trace.report(Fault::duplicate(place.key())));
    }
    let report = trace;
    map.next_value_seed(SlotSeed { slot, report })
}

/// Reads an object into a draft of it.
pub(super) struct ObjectSeed<'a, O> {
    pub(super) draft: &'a mut O,
    pub(super) trace: &'a Trace,
}

impl<O: Object> ObjectSeed<'_, O> {
    fn refuse<E: de::Error>(&self, found: Unexpected<'_>) -> E {
        self.trace.report(Fault::mismatch(EXPECTED, found))
    }
}

impl<'de, O: Object> DeserializeSeed<'de> for ObjectSeed<'_, O> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, O: Object> Visitor<'de> for ObjectSeed<'_, O> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { draft, trace } = self;
        trace.enter(O::PLACE);
        let mut has_known = false;
        let may_be_number = token::may_be_number::<A>();
        while let Some(known) = map.next_key_seed(KeySeed::<O> {
            draft,
            may_be_number,
            trace,
        })? {
            if let Some(place) = known {
                has_known = true;
                trace.enter(place);
                draft.read_field(place, &mut map, trace)?;
                trace.enter(O::PLACE);
            } else {
                let text = draft.extra().value_text();
                map.next_value_seed(TextSeed::new(text, O::DEPTH, trace))?;
            }
        }
        let extra = draft.extra();
        if !has_known {
            if let Some(number) = number_shown_as(extra) {
                return Err(trace.report(number.refused(EXPECTED)));
            }
        }
        if may_be_number && extra.iter().any(|(key, _)| token::is_number(key)) {
            return Err(trace.report(Fault::private_key()));
        }
        extra.check_keys().map_err(|fault| trace.report(fault))
    }

    refuse_others! { bool number long_integer string null bytes array wrapped }
}

const EXPECTED: &str = "an object";

/// The number that serde_json, built with its feature `arbitrary_precision`,
/// shows as an object that has no other key.
fn number_shown_as(extra: &Extra) -> Option<Number> {
    let mut entries = extra.iter();
    let (Some((key, digits)), None) = (entries.next(), entries.next()) else {
        return None;
    };
    if !token::is_number(key) {
        return None;
    }
    let digits: String = serde_json::from_str(digits).ok()?;
    Number::parse(&digits)
}

/// Reads a key: the place of a known one, or `None` once an unknown one is kept.
struct KeySeed<'a, O> {
    draft: &'a mut O,
    may_be_number: bool,
    trace: &'a Trace,
}

impl<'de, O: Object> DeserializeSeed<'de> for KeySeed<'_, O> {
    type Value = Option<Place>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_string(self)
    }
}

impl<O: Object> Visitor<'_> for KeySeed<'_, O> {
    type Value = Option<Place>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key that is a string")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Self::Value, E> {
        if let Some(place) = O::place_of(key) {
            return Ok(Some(place));
        }
        if token::is_private(key) {
            self.check_private(key)?;
        }
        self.draft.extra().push_key(key);
        Ok(None)
    }
}

impl<O: Object> KeySeed<'_, O> {
    /// Refuses a key of serde_json's own that makes no number of the object.
    #[cold]
    fn check_private<E: de::Error>(&self, key: &str) -> Result<(), E> {
        if self.may_be_number && token::is_number(key) {
            Ok(())
        } else {
            Err(self.trace.report(Fault::private_key()))
        }
    }
}
