//! Reads one string, number, boolean or `null` from any format, and says what
//! was expected and what was found.

use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, Unexpected, Visitor};

use crate::fault::{Fault, Report, refuse_others};

/// A type that stands on the wire as one scalar.
///
/// Each method answers `None` for a value that the type does not accept.
pub(crate) trait Scalar: Sized {
    /// What stands after "expected" in an error message.
    const EXPECTED: &'static str;

    fn from_text(_: &str) -> Option<Self> {
        None
    }
    fn from_bool(_: bool) -> Option<Self> {
        None
    }
    fn from_integer(_: i64) -> Option<Self> {
        None
    }
    fn from_null() -> Option<Self> {
        None
    }
}

impl Scalar for bool {
    const EXPECTED: &'static str = "a boolean";

    fn from_bool(value: bool) -> Option<Self> {
        Some(value)
    }
}

impl Scalar for Box<str> {
    const EXPECTED: &'static str = "a string";

    fn from_text(text: &str) -> Option<Self> {
        Some(text.into())
    }
}

/// An optional key may hold `null`, which means the same as its absence.
impl<T: Scalar> Scalar for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_text(text: &str) -> Option<Self> {
        T::from_text(text).map(Some)
    }
    fn from_bool(value: bool) -> Option<Self> {
        T::from_bool(value).map(Some)
    }
    fn from_integer(value: i64) -> Option<Self> {
        T::from_integer(value).map(Some)
    }
    fn from_null() -> Option<Self> {
        Some(None)
    }
}

/// Reads a `T` on its own, as `T`'s `Deserialize` does.
pub(crate) fn deserialize<'de, T: Scalar, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    ScalarSeed::new(&()).deserialize(from)
}

/// Reads a `T`, and tells `report` of a value that is none.
pub(crate) struct ScalarSeed<'r, T, R> {
    report: &'r R,
    target: PhantomData<T>,
}

impl<'r, T: Scalar, R: Report> ScalarSeed<'r, T, R> {
    pub(crate) const fn new(report: &'r R) -> Self {
        Self {
            report,
            target: PhantomData,
        }
    }

    fn refuse<E: de::Error>(&self, found: Unexpected<'_>) -> E {
        self.report.report(Fault::mismatch(T::EXPECTED, found))
    }

    fn accept<E: de::Error>(&self, value: Option<T>, found: Unexpected<'_>) -> Result<T, E> {
        value.ok_or_else(|| self.refuse(found))
    }
}

impl<'de, T: Scalar, R: Report> DeserializeSeed<'de> for ScalarSeed<'_, T, R> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<T, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, T: Scalar, R: Report> Visitor<'de> for ScalarSeed<'_, T, R> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        self.accept(T::from_text(text), Unexpected::Str(text))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<T, E> {
        self.accept(T::from_bool(value), Unexpected::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        self.accept(T::from_integer(value), Unexpected::Signed(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        let integer = i64::try_from(value).ok().and_then(T::from_integer);
        self.accept(integer, Unexpected::Unsigned(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
        Err(self.refuse(Unexpected::Float(value)))
    }

    fn visit_unit<E: de::Error>(self) -> Result<T, E> {
        self.accept(T::from_null(), Unexpected::Unit)
    }

    fn visit_none<E: de::Error>(self) -> Result<T, E> {
        self.visit_unit()
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        match Number::of_only_entry(&mut map) {
            Some(Number::Signed(value)) => self.visit_i64(value),
            Some(other) => Err(self.report.report(other.refused(T::EXPECTED))),
            None => Err(self.refuse(Unexpected::Map)),
        }
    }

    refuse_others! { long_integer bytes array wrapped }
}

/// Whether a key is that of the map of one entry as which serde_json, built with
/// its feature `arbitrary_precision`, shows a number to a visitor. Without the
/// feature the key means nothing.
pub(crate) fn is_number_token(key: &str) -> bool {
    key == NUMBER_TOKEN && has_arbitrary_precision()
}

const NUMBER_TOKEN: &str = "$serde_json::private::Number";

/// Another crate of the program may have turned the feature on.
fn has_arbitrary_precision() -> bool {
    serde_json::from_str::<serde_json::Number>("1e400").is_ok()
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
            Ok(Some(key)) if is_number_token(&key) => {}
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
            match number.as_f64() {
                Some(value) if value.is_finite() => Self::Float(value),
                _ => Self::OutOfRange,
            }
        })
    }
}
