//! Why a body was refused.

use std::fmt;

use crate::error::{Category, Error, ErrorKind};
use crate::escape::quote;
use crate::event::action::Action;
use crate::event::{PartialEvent, WebhookEvent};
use crate::id::{ActionId, StampId, WebhookId};
use crate::stamp::hash::StampHash;
use crate::stamp::tx_id::TxId;

/// Why a body was refused: what was expected, what was found, and where.
///
/// Safe to log: `Display` and `Debug` quote at most a short, escaped piece of the body. That
/// piece may be personal data; [`redacted`](Self::redacted) leaves it out. What to do is in
/// the guide: [Receiving](crate::guide::receiving#bodies-are-refused-now).
///
/// ```
/// use edexa_webhooks::{Category, WebhookEvent};
///
/// let error = WebhookEvent::from_slice(b"{\n  \"action\": succeed\n}").unwrap_err();
///
/// assert_eq!(error.category(), Category::Syntax);
/// assert_eq!(error.pointer(), "/action");
/// assert_eq!((error.line(), error.column()), (2, 13));
/// assert_eq!(
///     error.to_string(),
///     "/action: expected a value, found `s` at line 2 column 13",
/// );
/// ```
///
/// # How a body is read
///
/// The size is checked first, then the encoding. Of the rest, the first error in the body is
/// reported, and a missing key only if there is no other.
///
#[doc = include_str!("../guide/way.svg")]
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", self.prefix(), self.located_message())]
pub struct ParseError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    pointer: &'static str,
    /// 0 if it is not known.
    line: usize,
    column: usize,
    salvaged: Salvaged,
}

impl ParseError {
    pub(crate) fn new(error: Error, (line, column): (usize, usize), salvaged: Salvaged) -> Self {
        Self(Box::new(Inner {
            kind: error.kind,
            pointer: error.pointer,
            line,
            column,
            salvaged,
        }))
    }

    /// The error of a JSON text, with its line and column.
    pub(crate) fn in_text(text: &str, mut error: Error, salvaged: Salvaged) -> Self {
        if text.starts_with('\u{feff}') {
            error = ErrorKind::ByteOrderMark.of_body();
        }
        let at = position(text, error.at);
        Self::new(error, at, salvaged)
    }

    /// The kind of the error.
    #[must_use]
    pub fn category(&self) -> Category {
        self.0.kind.category()
    }

    /// The place of the error as a JSON pointer (RFC 6901); empty for the body
    /// as a whole.
    ///
    /// It names the wrong value, or the key that is missing or a duplicate. For an error
    /// under an unknown key, or between two keys, it names the object that contains it. So
    /// it is one of a fixed set of pointers and holds nothing of the body.
    #[must_use]
    pub fn pointer(&self) -> &'static str {
        self.0.pointer
    }

    /// The line of the error, from 1; 0 if it is not known, as for a body over
    /// the limit or one read from a [`serde_json::Value`].
    #[must_use]
    pub fn line(&self) -> usize {
        self.0.line
    }

    /// The column of the error in characters (Unicode scalar values), from 1; 0
    /// if it is not known.
    ///
    /// It is the start of the wrong value; for a duplicate key, of its second value; for a
    /// missing key, of the object that lacks it; for invalid JSON, the first character that
    /// does not belong.
    #[must_use]
    pub fn column(&self) -> usize {
        self.0.column
    }

    /// What was expected and what was found, without the place.
    #[must_use]
    pub fn message(&self) -> String {
        self.0.kind.to_string()
    }

    /// The error without what was found: `/data/status: data error at line 3 column 7`.
    /// It holds nothing of the body.
    #[must_use]
    pub fn redacted(&self) -> String {
        let pointer = self.prefix();
        format!("{pointer}{} error{}", self.category(), self.place())
    }

    /// What could be read before the error, to name a bad body in a log and to
    /// find it again.
    #[must_use]
    pub fn salvaged(&self) -> &Salvaged {
        &self.0.salvaged
    }

    pub(crate) fn into_salvaged(self) -> Salvaged {
        self.0.salvaged
    }

    /// The message, and the line and column where they are known.
    pub(crate) fn located_message(&self) -> String {
        self.message() + &self.place()
    }

    fn prefix(&self) -> String {
        match self.pointer() {
            "" => String::new(),
            pointer => format!("{pointer}: "),
        }
    }

    fn place(&self) -> String {
        let Inner { line, column, .. } = *self.0;
        match line {
            0 => String::new(),
            _ => format!(" at line {line} column {column}"),
        }
    }
}

impl fmt::Debug for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParseError")
            .field("category", &self.category())
            .field("pointer", &self.pointer())
            .field("line", &self.line())
            .field("column", &self.column())
            .field("message", &self.message())
            .finish_non_exhaustive()
    }
}

/// The values that were read before the error: the first occurrence of each key, unchecked.
///
/// `Display` writes what is there in one line for a log, escaped and clipped: log
/// that. `Debug`, and `Display` of each value, shorten nothing.
///
/// ```
/// use edexa_webhooks::WebhookEvent;
///
/// let error = r#"{"action": "succeed", "data": {"_id": "7", "hash": 1}}"#
///     .parse::<WebhookEvent>()
///     .unwrap_err();
/// assert_eq!(error.salvaged().to_string(), "action \"succeed\", stamp \"7\"");
/// ```
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct Salvaged {
    /// The webhook's id (`webhookId`).
    pub webhook_id: Option<WebhookId>,
    /// The action's id (`actionId`).
    pub action_id: Option<ActionId>,
    /// What happened (`action`).
    pub action: Option<Action>,
    /// The stamp's id (`data._id`).
    pub stamp_id: Option<StampId>,
    /// The transaction's id (`data.txId`).
    pub tx_id: Option<TxId>,
    /// What was stamped (`data.hash`).
    pub hash: Option<StampHash>,
}

/// `action "succeed", stamp "6475c02029b5bab6d2f2c6dc"`; nothing if nothing was
/// read.
impl fmt::Display for Salvaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = [
            ("webhook", self.webhook_id.as_deref()),
            ("action id", self.action_id.as_deref()),
            ("action", self.action.as_ref().map(Action::as_str)),
            ("stamp", self.stamp_id.as_deref()),
            ("transaction", self.tx_id.as_deref()),
            ("hash", self.hash.as_deref()),
        ];
        let shown = entries
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name} {}", quote(value?))));
        f.write_str(&shown.collect::<Vec<_>>().join(", "))
    }
}

impl Salvaged {
    /// The ids of an event.
    pub(crate) fn of(event: &WebhookEvent) -> Self {
        Self {
            webhook_id: Some(event.webhook_id.clone()),
            action_id: Some(event.action_id.clone()),
            action: Some(event.action.clone()),
            stamp_id: Some(event.data.id.clone()),
            tx_id: event.data.tx_id.clone(),
            hash: Some(event.data.hash.clone()),
        }
    }
}

impl From<PartialEvent> for Salvaged {
    fn from(partial: PartialEvent) -> Self {
        let data = partial.data.unwrap_or_default();
        Self {
            webhook_id: partial.webhook_id,
            action_id: partial.action_id,
            action: partial.action,
            stamp_id: data.id,
            tx_id: data.tx_id.flatten(),
            hash: data.hash,
        }
    }
}

/// Line and column of the character at a byte of a JSON text, or of its end, as an editor
/// counts.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
    let line = before.get(line_start..).unwrap_or_default();
    // So few bytes at a time that the count fits a byte: they are compared all at once.
    let breaks = before.as_bytes().chunks(128).map(|bytes| {
        let is_break = bytes.iter().map(|byte| u8::from(*byte == b'\n'));
        usize::from(is_break.fold(0, u8::wrapping_add))
    });
    let line_number = breaks.fold(1, usize::saturating_add);
    (line_number, line.chars().count().saturating_add(1))
}
