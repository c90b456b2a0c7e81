//! From bytes, text or a JSON value to an event.
//!
//! One pass of serde_json drives the visitors of [`read`], which fill a
//! [`Draft`] and leave the current place in a [`Trace`]. Only a refusal pays for
//! more: [`explain`] then reads the text again for the line and column of what is
//! wrong.

use std::cell::{Cell, RefCell};
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer};
use serde_json::Value;

use crate::delivery::MAX_BODY_BYTES;
use crate::escape::quote;
use crate::event::WebhookEvent;
use crate::fault::{Category, Fault, Report};
use crate::json::{Broken, scan};
use crate::place::Place;
use crate::stamp::Stamp;

mod draft;
mod error;
mod locate;
mod read;

use draft::{Draft, StampDraft};
use error::Position;
pub use error::{ParseError, Salvaged};
use read::Object as _;

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
    /// The body is too long; is not UTF-8 or starts with a byte order mark; is
    /// not JSON (`{"action":}`, `{} {}`, nothing at all), or JSON that no
    /// receiver can hold (`"\ud800"`, `1e400`, 65 levels of nesting); or is not
    /// an event (`[]`, a key missing or there twice, `"status": "1"`). The error
    /// says which and where.
    pub fn from_slice(body: &[u8]) -> Result<Self, ParseError> {
        Self::from_slice_with_limit(body, MAX_BODY_BYTES)
    }

    /// Reads a raw request body of at most `max_bytes` bytes.
    ///
    /// # Errors
    ///
    /// As [`from_slice`](Self::from_slice).
    pub fn from_slice_with_limit(body: &[u8], max_bytes: usize) -> Result<Self, ParseError> {
        check_size(body, max_bytes)?;
        match std::str::from_utf8(body) {
            Ok(text) => parse_text(text),
            Err(error) => Err(refuse_encoding(body, error)),
        }
    }
}

/// Reads a text of at most [`MAX_BODY_BYTES`] bytes, as
/// [`WebhookEvent::from_slice`] does.
impl FromStr for WebhookEvent {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        check_size(text.as_bytes(), MAX_BODY_BYTES)?;
        parse_text(text)
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

/// Reads a JSON value of any size: whoever built it has paid for it already.
///
/// A value has lost its duplicate keys and its line numbers, so an error's line
/// and column are 0. It holds numbers as serde_json reads them, which without
/// `float_roundtrip` may be one step off the double that the text means, and with
/// `arbitrary_precision` makes `-0` the integer 0.
impl TryFrom<Value> for WebhookEvent {
    type Error = ParseError;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        let (trace, mut draft) = (Trace::new(), Draft::default());
        let fault = match draft.read(value, &trace) {
            Ok(()) => match draft.finish() {
                Ok(event) => return Ok(event),
                Err(place) => trace.missing(place),
            },
            Err(error) => trace.take_fault().unwrap_or_else(|| not_json(&error)),
        };
        Err(ParseError::new(fault, trace.place(), None, draft))
    }
}

/// Reads an event of any size as a part of something else, from any format that
/// describes itself (JSON, CBOR, YAML).
///
/// The place of an error stands in its message. In formats other than JSON, and
/// where serde has to buffer (untagged, internally tagged and flattened types),
/// unknown keys keep their values, but not their spelling.
///
/// Two traps are serde's own. A flattened event takes every key that the fields
/// before it have left, so declare it last; a flattened `Option` of one turns
/// what is wrong into `None`. An untagged enum replaces the message by its own.
impl<'de> Deserialize<'de> for WebhookEvent {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (trace, mut draft) = (Trace::new(), Draft::default());
        draft.read(from, &trace)?;
        draft
            .finish()
            .map_err(|place| trace.report(trace.missing(place)))
    }
}

/// Reads a stamp by itself, from any format that describes itself. The pointers in
/// error messages are those of a whole event: `/data/hash`.
impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (trace, mut draft) = (Trace::new(), StampDraft::default());
        draft.read(from, &trace)?;
        draft
            .finish()
            .map_err(|place| trace.report(trace.missing(place)))
    }
}

fn check_size(body: &[u8], limit: usize) -> Result<(), ParseError> {
    if body.len() <= limit {
        return Ok(());
    }
    let fault = Fault::TooLarge { limit };
    Err(ParseError::new(fault, Place::Body, None, Draft::default()))
}

fn parse_text(text: &str) -> Result<WebhookEvent, ParseError> {
    let (trace, mut draft) = (Trace::new(), Draft::default());
    let fault = match read_text(text, &mut draft, &trace) {
        Ok(()) => match draft.finish() {
            Ok(event) => return Ok(event),
            Err(place) => trace.missing(place),
        },
        Err(error) => trace.take_fault().unwrap_or_else(|| not_json(&error)),
    };
    let Broken { fault, at } = explain(text, trace.place(), fault);
    let position = Position::of(text, at);
    Err(ParseError::new(fault, trace.place(), Some(position), draft))
}

/// Finds the place of a fault in the text. Of a text that is not JSON, or that
/// no receiver can hold, a scan knows more than whoever refused it.
fn explain(text: &str, place: Place, fault: Fault) -> Broken {
    if text.starts_with(BYTE_ORDER_MARK) {
        return Fault::ByteOrderMark.at(0);
    }
    if fault.category() == Category::Syntax {
        return scan(text, 0).err().unwrap_or_else(|| fault.at(text.len()));
    }
    let at = locate::offset(text, place, &fault);
    fault.at(at.unwrap_or(text.len()))
}

/// What to say where a scan finds nothing to add.
fn not_json(error: &serde_json::Error) -> Fault {
    Fault::Syntax {
        expected: "JSON",
        found: quote(&error.to_string()).to_string(),
    }
}

fn read_text(text: &str, draft: &mut Draft, trace: &Trace) -> serde_json::Result<()> {
    let mut reader = serde_json::Deserializer::from_str(text);
    draft.read(&mut reader, trace)?;
    reader.end()
}

/// A body that stops being UTF-8 somewhere is read up to there, for the place
/// and for what can be salvaged.
fn refuse_encoding(body: &[u8], error: std::str::Utf8Error) -> ParseError {
    let (valid, rest) = body
        .split_at_checked(error.valid_up_to())
        .unwrap_or_default();
    let text = std::str::from_utf8(valid).unwrap_or_default();
    let Broken { fault, at } = if text.starts_with(BYTE_ORDER_MARK) {
        Fault::ByteOrderMark.at(0)
    } else {
        let fault = match (error.error_len(), rest.first()) {
            (Some(_), Some(byte)) => Fault::NotUtf8(*byte),
            _ => Fault::CutCharacter,
        };
        fault.at(text.len())
    };
    let (trace, mut draft) = (Trace::new(), Draft::default());
    let place = match read_text(text, &mut draft, &trace) {
        Err(error) if error.is_eof() => trace.place(),
        _ => Place::Body,
    };
    let position = Position::of(text, at);
    ParseError::new(fault, place, Some(position), draft)
}

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Where the visitors are, and what one of them refused: cells that all of them
/// share, since serde's errors can carry neither.
struct Trace {
    place: Cell<Place>,
    fault: RefCell<Option<Fault>>,
}

impl Trace {
    const fn new() -> Self {
        Self {
            place: Cell::new(Place::Body),
            fault: RefCell::new(None),
        }
    }

    fn enter(&self, place: Place) {
        self.place.set(place);
    }

    fn place(&self) -> Place {
        self.place.get()
    }

    /// Takes the fault that a visitor reported, if one did.
    fn take_fault(&self) -> Option<Fault> {
        self.fault.take()
    }

    /// The fault of a body that was read to its end without meeting this key.
    fn missing(&self, place: Place) -> Fault {
        self.enter(place);
        Fault::Missing {
            expected: draft::expected_at(place),
        }
    }
}

impl Report for Trace {
    fn report<E: de::Error>(&self, fault: Fault) -> E {
        let error = match self.place().pointer() {
            "" => E::custom(&fault),
            pointer => E::custom(format_args!("{pointer}: {fault}")),
        };
        self.fault.replace(Some(fault));
        error
    }
}
