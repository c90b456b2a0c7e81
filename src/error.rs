//! What can be wrong with a body, and where.

use std::borrow::Cow;

use crate::escape::quote;
use crate::limits::MAX_DEPTH;
use crate::names::names;

/// The kind of a [`ParseError`](crate::ParseError). [`Rejection`](crate::Rejection) has the
/// HTTP status of each.
///
/// ```
/// use edexa_webhooks::{Category, WebhookEvent};
///
/// let category = |body: &[u8]| WebhookEvent::from_slice(body).unwrap_err().category();
/// assert_eq!(category(b"\xff"), Category::Encoding);
/// assert_eq!(category(b"{"), Category::Syntax);
/// assert_eq!(category(b"{}"), Category::Data);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Category {
    /// The body is longer than the limit. Nothing of it was read.
    TooLarge,
    /// The body is not UTF-8, or starts with a byte order mark.
    Encoding,
    /// The body is not JSON, or is JSON that receivers disagree about: a lone
    /// surrogate, a number beyond the range of a double, or more than 64 levels of
    /// nesting.
    Syntax,
    /// The body is JSON as far as it was read, but not a bStamp event: a key is
    /// missing or a duplicate, or a value has the wrong type. What follows the
    /// error is not looked at.
    Data,
}

names! {
    /// A stable code: `too-large`, `encoding`, `syntax` or `data`.
    Category::code {
        TooLarge = "too-large",
        Encoding = "encoding",
        Syntax = "syntax",
        Data = "data",
    }
}

/// One thing that is wrong. Its text never holds more than a short, escaped
/// piece of the input.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum ErrorKind {
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
    #[error("duplicate key {}", quote(key))]
    Duplicate { key: Box<str> },
    #[error("expected less than 4 GiB under unknown keys, found more")]
    TooMuchUnknown,
}

impl ErrorKind {
    /// The error of the body as a whole.
    pub(crate) const fn of_body(self) -> Error {
        Error {
            kind: self,
            at: 0,
            pointer: "",
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

/// What is wrong with a body, and where.
#[derive(Debug)]
pub(crate) struct Error {
    pub(crate) kind: ErrorKind,
    /// The byte of the text.
    pub(crate) at: usize,
    pub(crate) pointer: &'static str,
}

impl Error {
    /// Whether nothing is wrong but that the text ends.
    pub(crate) fn is_cut(&self, text: &str) -> bool {
        self.at >= text.len() && self.kind.category() == Category::Syntax
    }
}

/// Why an event cannot be written as JSON: it holds a value that no body can have.
///
/// ```
/// use edexa_webhooks::testing::EventBuilder;
/// use serde_json::json;
///
/// let error = EventBuilder::succeeded().extra("action", &json!("a")).to_json().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "expected unknown keys in `extra`, found \"action\", which has a field",
/// );
/// ```
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct WriteError(Cow<'static, str>);

impl WriteError {
    pub(crate) const YEAR: Self = Self(Cow::Borrowed(
        "expected a year from 0000 to 9999, found another one",
    ));

    /// `extra` holds a key that has a field of its own.
    pub(crate) fn known_key(key: &str) -> Self {
        let key = quote(key);
        Self(format!("expected unknown keys in `extra`, found {key}, which has a field").into())
    }
}
