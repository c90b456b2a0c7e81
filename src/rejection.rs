//! What an HTTP handler answers when it refuses a request.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::{Category, ErrorKind};
use crate::escape::quote;
use crate::parse::{ParseError, Salvaged};
use crate::validate::Invalid;

/// Why an HTTP handler refuses a request: a status, headers and problem details (RFC 9457).
/// `?` makes one of a [`ParseError`] and of [`Invalid`].
///
/// | cause | status |
/// | --- | --- |
/// | [`Category::Encoding`], [`Category::Syntax`] | 400 |
/// | [`not_found`](Self::not_found) | 404 |
/// | [`method_not_allowed`](Self::method_not_allowed) | 405 |
/// | [`request_timeout`](Self::request_timeout) | 408 |
/// | [`length_required`](Self::length_required) | 411 |
/// | [`Category::TooLarge`], [`too_large`](Self::too_large) | 413 |
/// | [`unsupported_encoding`](Self::unsupported_encoding) | 415 |
/// | [`Category::Data`], a broken error rule ([`Invalid`]) | 422 |
///
/// With the feature `http`, the function `screen` returns 404, 405, 413 and 415 before the
/// body is read.
///
/// What edeXa does after these answers is not documented. A refused body may be a real event
/// in a new form: see [reject or park](crate::guide::receiving#reject-or-park).
///
/// ```
/// use edexa_webhooks::{Outcome, Rejection, WebhookEvent};
///
/// fn receive(body: &[u8]) -> Result<(), Rejection> {
///     let event = WebhookEvent::from_slice(body)?;
///     match event.outcome()? {
///         Outcome::Succeeded(stamp) => println!("on chain as {:?}", stamp.tx_id),
///         Outcome::Failed(stamp) => println!("not stamped: {:?}", stamp.hash),
///         Outcome::Unknown(event) => println!("newer than this crate: {event}"),
///     }
///     Ok(())
/// }
///
/// let rejection = receive(b"[]").unwrap_err();
/// assert_eq!(rejection.http_status(), 422);
/// assert_eq!(
///     rejection.to_problem_json(),
///     r#"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"not a bStamp event","errors":[{"code":"data","pointer":"","detail":"expected an object, found an array at line 1 column 1"}]}"#,
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Rejection {
    reason: Reason,
    errors: Vec<Problem>,
    salvaged: Option<Box<Salvaged>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Reason {
    status: u16,
    /// What HTTP calls the status (RFC 9110), as `about:blank` asks for.
    title: &'static str,
    detail: &'static str,
}

const fn reason(status: u16, title: &'static str, detail: &'static str) -> Reason {
    Reason {
        status,
        title,
        detail,
    }
}

const fn reason_of(category: Category) -> Reason {
    match category {
        Category::TooLarge => reason(413, "Content Too Large", "body too large"),
        Category::Encoding | Category::Syntax => {
            reason(400, "Bad Request", "not a JSON text that can be read")
        }
        Category::Data => reason(422, "Unprocessable Content", "not a bStamp event"),
    }
}

/// The status for a [`ParseError`] of a category.
#[cfg(feature = "testing")]
pub(crate) const fn status_of(category: Category) -> u16 {
    reason_of(category).status
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Problem {
    code: &'static str,
    pointer: &'static str,
    detail: String,
}

impl Rejection {
    /// The media type of [`to_problem_json`](Self::to_problem_json).
    pub const CONTENT_TYPE: &'static str = "application/problem+json";

    /// 404, for a path that does not hold the secret. It says nothing else, so that
    /// a wrong secret and a wrong path get the same answer.
    #[must_use]
    pub const fn not_found() -> Self {
        Self::new(404, "Not Found", "no such endpoint")
    }

    /// 405, for a method other than POST.
    #[must_use]
    pub const fn method_not_allowed() -> Self {
        Self::new(405, "Method Not Allowed", "a method other than POST")
    }

    /// 408, for a body that did not arrive whole in the time that it has. Also for
    /// a body that its client broke off: if it can still read, it learns that it may
    /// send the request again.
    #[must_use]
    pub const fn request_timeout() -> Self {
        Self::new(408, "Request Timeout", "no complete body in time")
    }

    /// 411, for a server that reads no body of unknown length.
    #[must_use]
    pub const fn length_required() -> Self {
        Self::new(411, "Length Required", "no Content-Length")
    }

    /// 415, for a `Content-Encoding` other than `identity`.
    #[must_use]
    pub const fn unsupported_encoding() -> Self {
        let detail = "a Content-Encoding other than identity";
        Self::new(415, "Unsupported Media Type", detail)
    }

    const fn new(status: u16, title: &'static str, detail: &'static str) -> Self {
        Self {
            reason: reason(status, title, detail),
            errors: Vec::new(),
            salvaged: None,
        }
    }

    /// 413, for a server whose own limit, in bytes, fires before this crate sees the
    /// body.
    #[must_use]
    pub fn too_large(limit: usize) -> Self {
        let error = ErrorKind::TooLarge { limit }.of_body();
        ParseError::new(error, (0, 0), Salvaged::default()).into()
    }

    /// The HTTP status.
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        self.reason.status
    }

    /// The headers of the answer, names in lower case: `content-type`; `allow` with a
    /// 405; `accept-encoding` with a 415.
    #[must_use]
    pub const fn http_headers(&self) -> &'static [(&'static str, &'static str)] {
        const PROBLEM: (&str, &str) = ("content-type", Rejection::CONTENT_TYPE);
        match self.http_status() {
            405 => &[PROBLEM, ("allow", "POST")],
            415 => &[PROBLEM, ("accept-encoding", "identity")],
            _ => &[PROBLEM],
        }
    }

    /// The reasons without what was found: `an invalid bStamp event: status-mismatch
    /// at /data/status`. It holds nothing of the body.
    #[must_use]
    pub fn redacted(&self) -> String {
        self.line(|_| String::new())
    }

    fn line(&self, detail: impl Fn(&Problem) -> String) -> String {
        let mut line = self.reason.detail.to_owned();
        for (index, problem) in self.errors.iter().enumerate() {
            line.push_str(if index == 0 { ": " } else { "; " });
            line.push_str(problem.code);
            if !problem.pointer.is_empty() {
                line.extend([" at ", problem.pointer]);
            }
            line.push_str(&detail(problem));
        }
        line
    }

    /// The ids of an event that breaks an error rule, or those that could be read of a body
    /// that is not an event: see [`ParseError::salvaged`]. `None` if the body was not read.
    #[must_use]
    pub fn salvaged(&self) -> Option<&Salvaged> {
        self.salvaged.as_deref()
    }

    /// The problem details (RFC 9457) as one line of JSON: `type`, `title`,
    /// `status`, `detail` and `errors`, the last being every broken error rule, or the one
    /// parse error, each with `code`, `pointer` and `detail`. It is empty with 404, 405, 408,
    /// 411 and 415.
    ///
    /// It quotes at most short, escaped pieces of what the client sent.
    #[must_use]
    pub fn to_problem_json(&self) -> String {
        // Texts and a number: writing these as JSON into memory cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl From<ParseError> for Rejection {
    fn from(error: ParseError) -> Self {
        let category = error.category();
        let reason = reason_of(category);
        Self {
            reason,
            errors: vec![Problem {
                code: category.code(),
                pointer: error.pointer(),
                detail: error.located_message(),
            }],
            // Nothing of a body that is too large was read.
            salvaged: (category != Category::TooLarge).then(|| Box::new(error.into_salvaged())),
        }
    }
}

impl From<Invalid> for Rejection {
    fn from(invalid: Invalid) -> Self {
        let errors = invalid.iter().map(|finding| Problem {
            code: finding.rule.code(),
            pointer: finding.pointer,
            detail: finding.message.clone(),
        });
        Self {
            errors: errors.collect(),
            salvaged: Some(invalid.ids),
            ..Self::new(422, "Unprocessable Content", "an invalid bStamp event")
        }
    }
}

/// One line for a log. It ends with the stamp's id, if that could be read.
impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line(|problem| format!(": {}", problem.detail)))?;
        let stamp_id = self.salvaged().and_then(|read| read.stamp_id.as_ref());
        stamp_id.map_or(Ok(()), |id| write!(f, ", of stamp {}", quote(id)))
    }
}

/// Without what could be read, which may be long.
impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection")
            .field("status", &self.reason.status)
            .field("errors", &self.errors)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Rejection {}

/// Writes what [`to_problem_json`](Rejection::to_problem_json) gives.
impl Serialize for Rejection {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = to.serialize_map(Some(5))?;
        object.serialize_entry("type", "about:blank")?;
        object.serialize_entry("title", self.reason.title)?;
        object.serialize_entry("status", &self.reason.status)?;
        object.serialize_entry("detail", self.reason.detail)?;
        object.serialize_entry("errors", &self.errors)?;
        object.end()
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map([
            ("code", self.code),
            ("pointer", self.pointer),
            ("detail", &self.detail),
        ])
    }
}

/// The whole answer: status, headers and problem details.
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
impl From<Rejection> for http::Response<String> {
    fn from(rejection: Rejection) -> Self {
        let mut response = Self::new(rejection.to_problem_json());
        let status = http::StatusCode::from_u16(rejection.http_status());
        *response.status_mut() = status.unwrap_or(http::StatusCode::BAD_REQUEST);
        for (name, value) in rejection.http_headers() {
            let value = http::HeaderValue::from_static(value);
            response.headers_mut().insert(*name, value);
        }
        response
    }
}
