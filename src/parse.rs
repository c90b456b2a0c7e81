//! From bytes, a string, a JSON value or any other format to an event.
//!
//! Another format is written as JSON first, and that is read.

use std::str::{FromStr, Utf8Error};

use serde_json::Value;

use crate::error::{Error, ErrorKind};
use crate::escape::quote;
use crate::event::WebhookEvent;
use crate::field::Field;
use crate::limits::MAX_BODY_BYTES;
use crate::object::deserialize::{Refused, read_serde};
use crate::object::read::read_text;

mod error;

pub use error::{ParseError, Salvaged};

impl WebhookEvent {
    /// Reads a raw request body of at most
    /// [`MAX_BODY_BYTES`] bytes.
    ///
    /// ```
    /// use edexa_webhooks::{Category, WebhookEvent};
    ///
    /// let body = br#"{ "webhookId": "1", "actionId": 2 }"#;
    /// let error = WebhookEvent::from_slice(body).unwrap_err();
    ///
    /// assert_eq!(error.category(), Category::Data);
    /// assert_eq!((error.line(), error.column()), (1, 33));
    /// assert_eq!(error.pointer(), "/actionId");
    /// assert_eq!(
    ///     error.to_string(),
    ///     "/actionId: expected a string, found the number 2 at line 1 column 33",
    /// );
    /// assert_eq!(error.salvaged().webhook_id.as_ref().unwrap(), "1");
    /// ```
    ///
    /// # Errors
    ///
    /// | error | bodies |
    /// | --- | --- |
    /// | [`TooLarge`](crate::Category::TooLarge) | over 64 KiB |
    /// | [`Encoding`](crate::Category::Encoding) | not UTF-8, or with a byte order mark |
    /// | [`Syntax`](crate::Category::Syntax) | not JSON (`{"action":}`, `{} {}`, empty), or JSON that parsers read differently (`"\ud800"`, `1e400`, 65 levels of nesting) |
    /// | [`Data`](crate::Category::Data) | not an event (`[]`, a missing or duplicate key, `"status": "1"`) |
    pub fn from_slice(body: &[u8]) -> Result<Self, ParseError> {
        Self::from_slice_with_limit(body, MAX_BODY_BYTES)
    }

    /// Reads a raw request body of at most `max_bytes` bytes.
    ///
    /// # Errors
    ///
    /// The body is over `max_bytes` bytes, or one that [`from_slice`](Self::from_slice)
    /// refuses.
    pub fn from_slice_with_limit(body: &[u8], max_bytes: usize) -> Result<Self, ParseError> {
        read_body(body, max_bytes, Salvaged::from)
    }
}

/// Reads a JSON text of at most [`MAX_BODY_BYTES`] bytes, as
/// [`WebhookEvent::from_slice`] does.
impl FromStr for WebhookEvent {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_slice(text.as_bytes())
    }
}

/// Reads a raw request body of at most [`MAX_BODY_BYTES`] bytes, as
/// [`WebhookEvent::from_slice`] does.
impl TryFrom<&[u8]> for WebhookEvent {
    type Error = ParseError;

    fn try_from(body: &[u8]) -> Result<Self, Self::Error> {
        Self::from_slice(body)
    }
}

/// Reads a JSON value of any size, since it is in memory already.
///
/// A value has lost its duplicate keys and its line numbers, so an error's line and
/// column are 0. It has lost the digits of numbers, too: one that is no integer of 64
/// bits is read as the double that it holds. That is one step off the nearest now and
/// then, unless serde_json's feature `float_roundtrip` is on. With its feature
/// `arbitrary_precision`, `-0` is read as the integer 0. So read every delivery with
/// [`from_slice`](Self::from_slice), or its fingerprint may be another one.
impl TryFrom<Value> for WebhookEvent {
    type Error = ParseError;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let mut partial = None;
        read_serde(&value, 0, &mut partial).map_err(|refused| {
            let error = match refused {
                Refused::Json(error) => *error,
                Refused::Format(error) => {
                    let (expected, found) = ("JSON", quote(&error.to_string()).to_string());
                    ErrorKind::Syntax { expected, found }.of_body()
                }
            };
            ParseError::new(
                error,
                (0, 0),
                partial.map(Salvaged::from).unwrap_or_default(),
            )
        })
    }
}

/// Reads a body of at most so many bytes. One that stops being UTF-8 somewhere is read up
/// to there, for the place and for what can be salvaged.
pub(crate) fn read_body<T: Field>(
    body: &[u8],
    max_bytes: usize,
    salvage: fn(T::Partial) -> Salvaged,
) -> Result<T, ParseError> {
    if body.len() > max_bytes {
        let error = ErrorKind::TooLarge { limit: max_bytes }.of_body();
        return Err(ParseError::new(error, (0, 0), Salvaged::default()));
    }
    let (text, wrong) = match std::str::from_utf8(body) {
        Ok(text) => (text, None),
        Err(error) => valid_part(body, error),
    };
    let mut partial = None;
    let error = match (read_text(text, 0, &mut partial), wrong) {
        (Ok(object), None) => return Ok(object),
        (Err(error), None) => *error,
        (read, Some(kind)) => {
            // What is wrong earlier says nothing of the place of the byte.
            let cut = read.err().filter(|error| error.is_cut(text));
            let pointer = cut.map_or("", |error| error.pointer);
            let at = text.len();
            Error { kind, at, pointer }
        }
    };
    let salvaged = partial.map(salvage).unwrap_or_default();
    Err(ParseError::in_text(text, error, salvaged))
}

/// The text before the first byte that is not UTF-8, and what is wrong with that.
fn valid_part(body: &[u8], error: Utf8Error) -> (&str, Option<ErrorKind>) {
    let (valid, rest) = body
        .split_at_checked(error.valid_up_to())
        .unwrap_or_default();
    let text = std::str::from_utf8(valid).unwrap_or_default();
    let kind = match (error.error_len(), rest.first()) {
        (Some(_), Some(byte)) => ErrorKind::NotUtf8(*byte),
        _ => ErrorKind::CutCharacter,
    };
    (text, Some(kind))
}
