//! The values of the known keys of an object.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Visitor};
use serde::ser::Error as _;
use serde::{Deserializer, Serialize as _, Serializer};

use crate::error::{ErrorKind, WriteError};
use crate::json::{Found, Read, Reader, push_scalar};

/// A value under a known key: a [`Scalar`], or an object of its own.
pub(crate) trait Field: Sized {
    /// The value while the object around it is being read.
    type Partial: Partial;

    const EXPECTED: &'static str;

    /// Takes the value out, or what a missing key means.
    fn finish(partial: &mut Option<Self::Partial>) -> Option<Self>;

    /// What is missing: the key itself, or one inside the value.
    fn first_missing(partial: Option<&Self::Partial>, key: Missing) -> Option<Missing>;

    /// Whether the key is written.
    fn is_written(&self) -> bool;

    fn write(&self, json: &mut String) -> Result<(), WriteError>;

    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error>;
}

/// A value that is being read. It outlives the reading, so that what was read before an
/// error can be salvaged.
pub(crate) trait Partial: Sized {
    /// Reads the next value.
    fn read_next(reader: &mut Reader<'_>, to: &mut Option<Self>) -> Read<()>;
}

/// Where a value goes, whatever its type: one loop then reads all objects.
pub(crate) trait Slot {
    /// Reads the next value, which must be the first that comes here.
    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()>;
}

impl<P: Partial> Slot for Option<P> {
    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        if self.is_some() {
            return reader.duplicate();
        }
        P::read_next(reader, self)
    }
}

/// A required key, should it not be there.
#[derive(Clone, Copy, Default)]
pub(crate) struct Missing {
    pub(crate) pointer: &'static str,
    pub(crate) expected: &'static str,
    /// The byte at which its object starts.
    pub(crate) at: usize,
}

/// A value without known keys: one string, number or boolean, unless it has a way of its
/// own to be read and written.
pub(crate) trait Scalar: Sized {
    /// What follows "expected" in an error message.
    const EXPECTED: &'static str;

    /// What a missing key means; `None` if the key is required.
    const ABSENT: Option<Self> = None;

    /// `None` for a value that the type does not accept.
    fn from_found(_: &Found<'_>) -> Option<Self> {
        None
    }

    /// Why it is not accepted.
    fn refusal(found: &Found<'_>) -> ErrorKind {
        found.mismatch(Self::EXPECTED)
    }

    /// Reads the next value.
    #[inline]
    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let start = reader.at;
        let found = reader.scalar()?;
        match Self::from_found(&found) {
            Some(value) => Ok(value),
            None => reader.refuse_at(start, Self::refusal(&found)),
        }
    }

    /// The value as it is written.
    fn to_found(&self) -> Result<Found<'_>, WriteError>;
}

impl<T: Scalar> Field for T {
    type Partial = T;

    const EXPECTED: &'static str = T::EXPECTED;

    fn finish(partial: &mut Option<T>) -> Option<T> {
        partial.take().or(T::ABSENT)
    }

    fn first_missing(partial: Option<&T>, key: Missing) -> Option<Missing> {
        (partial.is_none() && T::ABSENT.is_none()).then_some(key)
    }

    fn is_written(&self) -> bool {
        T::ABSENT.is_none() || !matches!(self.to_found(), Ok(Found::Null))
    }

    fn write(&self, json: &mut String) -> Result<(), WriteError> {
        push_scalar(json, &self.to_found()?);
        Ok(())
    }

    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.to_found().map_err(S::Error::custom)?.serialize(to)
    }
}

impl<T: Scalar> Partial for T {
    fn read_next(reader: &mut Reader<'_>, to: &mut Option<T>) -> Read<()> {
        T::read(reader).map(|value| *to = Some(value))
    }
}

/// An optional key may hold `null`, which means the same as its absence.
impl<T: Scalar> Scalar for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    const ABSENT: Option<Self> = Some(None);

    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        match reader.peek() {
            Some(b'n') => reader.literal().map(|_| None),
            _ => T::read(reader).map(Some),
        }
    }

    fn to_found(&self) -> Result<Found<'_>, WriteError> {
        self.as_ref().map_or(Ok(Found::Null), T::to_found)
    }
}

macro_rules! scalar {
    ($type:ty: $found:ident, $expected:literal) => {
        impl Scalar for $type {
            const EXPECTED: &'static str = $expected;

            fn from_found(found: &Found<'_>) -> Option<Self> {
                match found {
                    Found::$found(value) => Some(*value),
                    _ => None,
                }
            }

            fn to_found(&self) -> Result<Found<'_>, WriteError> {
                Ok(Found::$found(*self))
            }
        }
    };
}

scalar!(bool: Bool, "a boolean");
scalar!(i64: Signed, "an integer from -2^63 to 2^63 - 1");

/// Reads a type by itself that is written as a string, from any format.
pub(crate) fn deserialize_text<'de, T: Scalar, D: Deserializer<'de>>(
    from: D,
) -> Result<T, D::Error> {
    from.deserialize_str(One(PhantomData))
}

/// Reads a type by itself that is written as an integer, from any format.
pub(crate) fn deserialize_integer<'de, T: Scalar, D: Deserializer<'de>>(
    from: D,
) -> Result<T, D::Error> {
    from.deserialize_i64(One(PhantomData))
}

struct One<T>(PhantomData<T>);

impl<T: Scalar> One<T> {
    fn accept<E: de::Error>(found: &Found<'_>) -> Result<T, E> {
        T::from_found(found).ok_or_else(|| E::custom(T::refusal(found)))
    }
}

impl<T: Scalar> Visitor<'_> for One<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        Self::accept(&Found::of_text(text))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        Self::accept(&Found::Signed(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        Self::accept(&i64::try_from(value).map_or(Found::Unsigned(value), Found::Signed))
    }
}
