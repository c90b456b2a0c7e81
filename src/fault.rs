//! What can be wrong with a body, without the place where it is wrong.

use std::fmt;

use serde::de::{self, Unexpected};

use crate::escape::quote;

/// The kind of a [`ParseError`](crate::ParseError), as coarse as an HTTP
/// answer needs it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Category {
    /// The body is longer than the limit. Nothing of it was read.
    TooLarge,
    /// The body is not UTF-8, or starts with a byte order mark.
    Encoding,
    /// The body is not JSON, or is JSON that receivers disagree about: a lone
    /// surrogate, a number beyond the range of a double, more than 64 levels of
    /// nesting, or a key that serde_json keeps for itself
    /// (`$serde_json::private::…`).
    Syntax,
    /// The body is JSON as far as it was read, but not a bStamp event: a key is
    /// missing or there twice, or a value has the wrong type. What follows the
    /// fault is not looked at.
    Data,
}

impl Category {
    /// A stable code: `too-large`, `encoding`, `syntax` or `data`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::Encoding => "encoding",
            Self::Syntax => "syntax",
            Self::Data => "data",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// The deepest nesting that is accepted: the body is level 1, `data` level 2.
pub(crate) const MAX_DEPTH: usize = 64;

/// One thing that is wrong. Its text never holds more than a short, escaped
/// piece of the input.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("expected at most {limit} bytes, found more")]
    TooLarge { limit: usize },
    #[error("expected UTF-8, found the byte 0x{0:02x}")]
    NotUtf8(u8),
    #[error("expected UTF-8, found a character cut off by the end")]
    CutCharacter,
    #[error("expected JSON, found a byte order mark")]
    ByteOrderMark,
    #[error("expected {expected}, found {found}")]
    Syntax {
        expected: &'static str,
        found: String,
    },
    #[error("expected at most {MAX_DEPTH} levels of nesting, found more")]
    TooDeep,
    #[error("expected {expected}, found {found}")]
    Mismatch {
        expected: &'static str,
        found: String,
    },
    #[error("expected {expected}, found no such key")]
    Missing { expected: &'static str },
    #[error("expected the key `{}` once, found it again", quote(key))]
    Duplicate { key: Box<str> },
    #[error("expected less than 4 GiB under unknown keys, found more")]
    TooMuchUnknown,
}

impl Fault {
    pub(crate) fn mismatch(expected: &'static str, found: Unexpected<'_>) -> Self {
        Self::Mismatch {
            expected,
            found: describe(found),
        }
    }

    pub(crate) fn duplicate(key: &str) -> Self {
        Self::Duplicate { key: key.into() }
    }

    /// A number that JSON can write and a double cannot hold.
    pub(crate) fn number_out_of_range() -> Self {
        Self::Syntax {
            expected: "a number within the range of a double",
            found: "a larger one".to_owned(),
        }
    }

    /// A key under which serde_json would read something else than is there.
    pub(crate) fn private_key() -> Self {
        Self::Syntax {
            expected: "no key that serde_json keeps for itself",
            found: "one that starts with `$serde_json::private::`".to_owned(),
        }
    }

    pub(crate) const fn category(&self) -> Category {
        match self {
            Self::TooLarge { .. } => Category::TooLarge,
            Self::NotUtf8(_) | Self::CutCharacter | Self::ByteOrderMark => Category::Encoding,
            Self::Syntax { .. } | Self::TooDeep => Category::Syntax,
            Self::Mismatch { .. }
            | Self::Missing { .. }
            | Self::Duplicate { .. }
            | Self::TooMuchUnknown => Category::Data,
        }
    }
}

/// Names a value by its JSON type, and quotes it where it is short.
fn describe(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => format!("the boolean {value}"),
        Unexpected::Unsigned(value) => format!("the number {value}"),
        Unexpected::Signed(value) => format!("the number {value}"),
        Unexpected::Float(value) => format!("the number {value:?}"),
        Unexpected::Char(value) => describe(Unexpected::Str(value.encode_utf8(&mut [0; 4]))),
        Unexpected::Str(value) => format!("the string \"{}\"", quote(value)),
        Unexpected::Unit | Unexpected::Option => "null".to_owned(),
        Unexpected::Seq => "an array".to_owned(),
        Unexpected::Map => "an object".to_owned(),
        other => quote(&other.to_string()).to_string(),
    }
}

/// Turns a fault into the error of whatever format is being read, and may
/// remember it on the way.
pub(crate) trait Report {
    fn report<E: de::Error>(&self, fault: Fault) -> E;
}

/// Nobody to tell: the fault's text becomes the error.
impl Report for () {
    fn report<E: de::Error>(&self, fault: Fault) -> E {
        E::custom(fault)
    }
}

/// Writes the methods of a [`serde::de::Visitor`] for values that are not
/// wanted, each passing what it found to the visitor's own `refuse`.
macro_rules! refuse_others {
    ($($kind:ident)*) => { $(refuse_others!(@ $kind);)* };
    (@ bool) => {
        fn visit_bool<E: serde::de::Error>(self, found: bool) -> Result<Self::Value, E> {
            Err(self.refuse(serde::de::Unexpected::Bool(found)))
        }
    };
    (@ number) => {
        fn visit_i64<E: serde::de::Error>(self, found: i64) -> Result<Self::Value, E> {
            Err(self.refuse(serde::de::Unexpected::Signed(found)))
        }
        fn visit_u64<E: serde::de::Error>(self, found: u64) -> Result<Self::Value, E> {
            Err(self.refuse(serde::de::Unexpected::Unsigned(found)))
        }
        fn visit_f64<E: serde::de::Error>(self, found: f64) -> Result<Self::Value, E> {
            Err(self.refuse(serde::de::Unexpected::Float(found)))
        }
    };
    // Integers of more than 64 bits, which JSON readers otherwise show as doubles.
    (@ long_integer) => {
        #[expect(clippy::cast_precision_loss, reason = "as JSON readers do")]
        fn visit_i128<E: serde::de::Error>(self, found: i128) -> Result<Self::Value, E> {
            Err(self.refuse(serde::de::Unexpected::Float(found as f64)))
        }
        #[expect(clippy::cast_precision_loss, reason = "as JSON readers do")]
        fn visit_u128<E: serde::de::Error>(self, found: u128) -> Result<Self::Value, E> {
            Err(self.refuse(serde::de::Unexpected::Float(found as f64)))
        }
    };
    (@ string) => {
        fn visit_str<E: serde::de::Error>(self, found: &str) -> Result<Self::Value, E> {
            Err(self.refuse(serde::de::Unexpected::Str(found)))
        }
    };
    (@ null) => {
        fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
            Err(self.refuse(serde::de::Unexpected::Unit))
        }
        fn visit_none<E: serde::de::Error>(self) -> Result<Self::Value, E> {
            self.visit_unit()
        }
    };
    (@ bytes) => {
        fn visit_bytes<E: serde::de::Error>(self, found: &[u8]) -> Result<Self::Value, E> {
            Err(self.refuse(serde::de::Unexpected::Bytes(found)))
        }
    };
    (@ array) => {
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
            Err(self.refuse(serde::de::Unexpected::Seq))
        }
    };
    // Wrappers that only some formats have: what counts is what they hold.
    (@ wrapped) => {
        fn visit_some<D: serde::Deserializer<'de>>(self, inner: D) -> Result<Self::Value, D::Error> {
            inner.deserialize_any(self)
        }
        fn visit_newtype_struct<D: serde::Deserializer<'de>>(
            self,
            inner: D,
        ) -> Result<Self::Value, D::Error> {
            inner.deserialize_any(self)
        }
    };
}
pub(crate) use refuse_others;
