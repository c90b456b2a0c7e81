//! The API's answers.

use std::fmt;

use super::envelope::Envelope;
use super::receipt::StampReceipt;
use super::stamp_record::StampRecord;
use crate::error::ErrorKind;
use crate::escape::quote;
use crate::field::{Field, Partial as _};
use crate::json::{Read, Reader};
use crate::limits::MAX_BODY_BYTES;
use crate::object::read::{find, finish};
use crate::parse::{ParseError, Salvaged, read_body};

/// An answer of the bStamp API: `{"status": 200, "message": "…", "data": {…}}`.
///
/// The status is in the body. Whether it is the HTTP status too is *inferred*, so
/// read the body whatever the HTTP status is. Only with 200 is `data` read: what is
/// there otherwise may be anything, or missing.
///
/// ```
/// use edexa_webhooks::record::{Answer, ApiFailure, StampRecord};
///
/// let answer = Answer::<StampRecord>::from_slice(br#"{"status":404,"message":"not found"}"#)?;
/// let failure = answer.into_result().unwrap_err();
/// assert!(matches!(failure, ApiFailure::NotFound { .. }));
/// assert_eq!(failure.to_string(), "the API found no such stamp: \"not found\"");
///
/// let error = Answer::<StampRecord>::from_slice(br#"{"status":200,"data":{"hash":1}}"#).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "/data/hash: expected a string, found the number 1 at line 1 column 30",
/// );
/// # Ok::<(), edexa_webhooks::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer<T>(pub(crate) Result<T, ApiFailure>);

/// What an [`Answer`] may hold: a [`StampRecord`] or a [`StampReceipt`].
///
/// ```
/// use edexa_webhooks::record::{Answer, AnswerData, StampReceipt, StampRecord};
///
/// /// The data of an answer, or `None`.
/// fn data<T: AnswerData>(body: &[u8]) -> Option<T> {
///     Answer::from_slice(body).ok()?.into_result().ok()
/// }
///
/// let body = br#"{"status":200,"message":"ok","data":{"id":"1","hash":"2"}}"#;
/// assert_eq!(data::<StampReceipt>(body).unwrap().id, "1");
/// assert_eq!(data::<StampRecord>(body).unwrap().hash, "2");
/// ```
pub trait AnswerData: Sized + sealed::Sealed {}

mod sealed {
    #[allow(private_bounds, reason = "nobody else names it")]
    pub trait Sealed: crate::field::Field {}
}

impl sealed::Sealed for StampRecord {}
impl AnswerData for StampRecord {}

impl sealed::Sealed for StampReceipt {}
impl AnswerData for StampReceipt {}

/// What the API calls success.
pub(crate) const OK: i64 = 200;

impl<T: AnswerData> Answer<T> {
    /// Reads an answer of at most [`MAX_BODY_BYTES`]
    /// bytes.
    ///
    /// # Errors
    ///
    /// The answer is over 64 KiB; is not UTF-8; is not JSON (`<html>`); has no integer as
    /// `status` (`{}`, `{"status":"200"}`); or has status 200 without such data
    /// (`{"status":200,"data":{}}`).
    pub fn from_slice(answer: &[u8]) -> Result<Self, ParseError> {
        Self::from_slice_with_limit(answer, MAX_BODY_BYTES)
    }

    /// Reads an answer of at most `max_bytes` bytes: `metaData` may be of any length.
    ///
    /// # Errors
    ///
    /// As [`from_slice`](Self::from_slice).
    pub fn from_slice_with_limit(answer: &[u8], max_bytes: usize) -> Result<Self, ParseError> {
        // The text of the data is let go of before they are read.
        let Envelope {
            status, message, ..
        } = read_body(answer, max_bytes, |_| Salvaged::default())?;
        if status == OK {
            let text = std::str::from_utf8(answer).unwrap_or_default();
            let data = read_data(text);
            let refused = |error: Box<_>| ParseError::in_text(text, *error, Salvaged::default());
            return data.map(|data| Self(Ok(data))).map_err(refused);
        }
        // Documented as a string. Whatever else stands there is shown as its JSON.
        let message = message.map_or_else(String::new, |message| {
            message
                .parse()
                .unwrap_or_else(|_| message.as_str().to_owned())
        });
        Ok(Self(Err(ApiFailure::of(status, message))))
    }

    /// The data, or why there are none.
    ///
    /// # Errors
    ///
    /// The status in the answer is not 200: `{"status":404}` for a hash that nobody stamped,
    /// 401 for an expired token, 409 for a hash that was stamped before.
    pub fn into_result(self) -> Result<T, ApiFailure> {
        self.0
    }
}

/// Reads the value under `data` in an envelope that was read.
fn read_data<T: Field>(text: &str) -> Read<T> {
    let mut reader = Reader::new(text, 0);
    reader.skip_space();
    let start = reader.at;
    let is_there = find(&mut reader, "data")?;
    reader.pointer = Envelope::AT.data;
    if !is_there {
        let expected = T::EXPECTED;
        return reader.refuse_at(start, ErrorKind::Missing { expected });
    }
    let mut partial = None;
    T::Partial::read_next(&mut reader, &mut partial)?;
    finish(&mut reader, &mut partial)
}

/// Why the API gave no data. `Display` quotes a short piece of its message.
///
/// ```
/// use edexa_webhooks::record::{Answer, ApiFailure, StampRecord};
///
/// let answer = Answer::<StampRecord>::from_slice(br#"{"status":401,"message":"expired"}"#)?;
/// match answer.into_result() {
///     Ok(record) => println!("stamped: {:?}", record.hash),
///     Err(ApiFailure::Unauthorized { message }) => assert_eq!(message, "expired"),
///     Err(failure) => println!("not answered: {failure}"),
/// }
/// # Ok::<(), edexa_webhooks::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiFailure {
    /// 404: there is no such stamp. An event about it may be a forgery, or early.
    #[error("the API found no such stamp: {}", quote(message))]
    NotFound {
        /// What the API says, or nothing.
        message: String,
    },
    /// 401: the API token is missing, wrong or has expired. Get a new one: asking again
    /// with this one does not help. It says nothing of the stamp.
    #[error("the API did not accept the API token: {}", quote(message))]
    Unauthorized {
        /// What the API says, or nothing.
        message: String,
    },
    /// 409: the hash was stamped before.
    #[error("the API has stamped that hash before: {}", quote(message))]
    Conflict {
        /// What the API says, or nothing.
        message: String,
    },
    /// Any other status. It says nothing of the stamp: ask again later.
    #[error("the API answered with status {status}: {}", quote(message))]
    Other {
        /// The status in the answer, never 200, 401, 404 or 409.
        status: i64,
        /// What the API says, or nothing.
        message: String,
    },
}

/// With a short piece of the message, as in `Display`.
impl fmt::Debug for ApiFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiFailure")
            .field("status", &self.status())
            .field("message", &format_args!("{}", quote(self.message())))
            .finish()
    }
}

impl ApiFailure {
    /// The failure that a status other than 200 means.
    pub(crate) fn of(status: i64, message: String) -> Self {
        match status {
            401 => Self::Unauthorized { message },
            404 => Self::NotFound { message },
            409 => Self::Conflict { message },
            status => Self::Other { status, message },
        }
    }

    /// What the API says, or nothing.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::NotFound { message }
            | Self::Unauthorized { message }
            | Self::Conflict { message }
            | Self::Other { message, .. } => message,
        }
    }

    /// The status in the answer.
    #[must_use]
    pub const fn status(&self) -> i64 {
        match self {
            Self::NotFound { .. } => 404,
            Self::Unauthorized { .. } => 401,
            Self::Conflict { .. } => 409,
            Self::Other { status, .. } => *status,
        }
    }
}
