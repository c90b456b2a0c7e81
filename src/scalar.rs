//! Reads one string, number, boolean or `null` from any format, and says what
//! was expected and what was found.

use serde::Deserializer;
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, Unexpected, Visitor};

use crate::fault::{Fault, Report, refuse_others};
use crate::token;

/// A scalar as a format hands it over.
#[derive(Clone, Copy)]
pub(crate) enum Found<'a> {
    Text(&'a str),
    Bool(bool),
    Integer(i64),
    Null,
}

impl<'a> Found<'a> {
    pub(crate) const fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) const fn integer(self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(value),
            _ => None,
        }
    }
}

/// A type that stands on the wire as one scalar.
pub(crate) trait Scalar: Sized {
    /// What stands after "expected" in an error message.
    const EXPECTED: &'static str;

    /// `None` for a value that the type does not accept.
    fn from_found(found: Found<'_>) -> Option<Self>;
}

impl Scalar for bool {
    const EXPECTED: &'static str = "a boolean";

    fn from_found(found: Found<'_>) -> Option<Self> {
        match found {
            Found::Bool(value) => Some(value),
            _ => None,
        }
    }
}

/// An optional key may hold `null`, which means the same as its absence.
impl<T: Scalar> Scalar for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_found(found: Found<'_>) -> Option<Self> {
        match found {
            Found::Null => Some(None),
            _ => T::from_found(found).map(Some),
        }
    }
}

/// Where a scalar goes, whatever its type: one visitor then reads them all.
pub(crate) trait Slot {
    fn expected(&self) -> &'static str;

    fn is_filled(&self) -> bool;

    /// Whether the value was accepted.
    fn fill(&mut self, found: Found<'_>) -> bool;
}

impl<T: Scalar> Slot for Option<T> {
    fn expected(&self) -> &'static str {
        T::EXPECTED
    }

    fn is_filled(&self) -> bool {
        self.is_some()
    }

    fn fill(&mut self, found: Found<'_>) -> bool {
        *self = T::from_found(found);
        self.is_some()
    }
}

/// Reads a `T` on its own, as `T`'s `Deserialize` does.
pub(crate) fn deserialize<'de, T: Scalar, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    let mut slot = None;
    let report = &();
    SlotSeed {
        slot: &mut slot,
        report,
    }
    .deserialize(from)?;
    slot.ok_or_else(|| de::Error::custom(format_args!("expected {}", T::EXPECTED)))
}

/// Reads a scalar into its slot, and tells `report` of a value that does not fit.
pub(crate) struct SlotSeed<'a, R> {
    pub(crate) slot: &'a mut dyn Slot,
    pub(crate) report: &'a R,
}

impl<R: Report> SlotSeed<'_, R> {
    fn refuse<E: de::Error>(&self, found: Unexpected<'_>) -> E {
        self.report
            .report(Fault::mismatch(self.slot.expected(), found))
    }

    fn fill<E: de::Error>(self, found: Found<'_>, unexpected: Unexpected<'_>) -> Result<(), E> {
        if self.slot.fill(found) {
            Ok(())
        } else {
            Err(self.refuse(unexpected))
        }
    }
}

impl<'de, R: Report> DeserializeSeed<'de> for SlotSeed<'_, R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, R: Report> Visitor<'de> for SlotSeed<'_, R> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.slot.expected())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        self.fill(Found::Text(text), Unexpected::Str(text))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        self.fill(Found::Bool(value), Unexpected::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
        self.fill(Found::Integer(value), Unexpected::Signed(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
        match i64::try_from(value) {
            Ok(integer) => self.fill(Found::Integer(integer), Unexpected::Unsigned(value)),
            Err(_) => Err(self.refuse(Unexpected::Unsigned(value))),
        }
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        Err(self.refuse(Unexpected::Float(value)))
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.fill(Found::Null, Unexpected::Unit)
    }

    fn visit_none<E: de::Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        match Number::of_only_entry(&mut map) {
            Some(Number::Signed(value)) => self.visit_i64(value),
            Some(other) => Err(self.report.report(other.refused(self.slot.expected()))),
            None => Err(self.refuse(Unexpected::Map)),
        }
    }

    refuse_others! { long_integer bytes array wrapped }
}

/// A number as its digits say it.
pub(crate) enum Number {
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    OutOfRange,
}

impl Number {
    /// The number that arrived as serde_json's private map, if it is one.
    fn of_only_entry<'de, A: MapAccess<'de>>(map: &mut A) -> Option<Self> {
        match map.next_key::<String>() {
            Ok(Some(key)) if token::is_number(&key) && token::may_be_number::<A>() => {}
            _ => return None,
        }
        let digits: String = map.next_value().ok()?;
        match map.next_key::<IgnoredAny>() {
            Ok(None) => Self::parse(&digits),
            _ => None,
        }
    }

    /// The fault of a number where something else belongs.
    pub(crate) fn refused(&self, expected: &'static str) -> Fault {
        let found = match self {
            Self::Signed(value) => Unexpected::Signed(*value),
            Self::Unsigned(value) => Unexpected::Unsigned(*value),
            Self::Float(value) => Unexpected::Float(*value),
            Self::OutOfRange => return Fault::number_out_of_range(),
        };
        Fault::mismatch(expected, found)
    }

    pub(crate) fn parse(digits: &str) -> Option<Self> {
        let number: serde_json::Number = serde_json::from_str(digits).ok()?;
        // Without the feature, serde_json reads `-0` as the double -0.0.
        let signed = number.as_i64().filter(|_| digits != "-0");
        Some(if let Some(value) = signed {
            Self::Signed(value)
        } else if let Some(value) = number.as_u64() {
            Self::Unsigned(value)
        } else {
            // `None` for a number that no double holds.
            number.as_f64().map_or(Self::OutOfRange, Self::Float)
        })
    }
}
