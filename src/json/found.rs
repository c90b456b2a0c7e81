//! One value, as it was found.

use std::borrow::Cow;

use crate::error::ErrorKind;
use crate::escape::quote;

/// A value under a known key, as JSON or another format shows it. Of an array or
/// an object no more than that it is one.
pub(crate) enum Found<'a> {
    Text(Cow<'a, str>),
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Null,
    Array,
    Object,
    Bytes,
    /// What has a way of its own to be read, on its way out.
    Json(Cow<'a, str>),
}

impl<'a> Found<'a> {
    pub(crate) const fn of_text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number that digits write.
    pub(crate) fn number(digits: &str) -> Self {
        // JSON writes -0 for a double.
        if digits != "-0" {
            if let Ok(value) = digits.parse() {
                return Self::Signed(value);
            }
            if let Ok(value) = digits.parse() {
                return Self::Unsigned(value);
            }
        }
        Self::Float(digits.parse().unwrap_or(f64::NAN))
    }

    /// Names the value by its JSON type, and quotes it where it is short.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Text(text) => format!("the string {}", quote(text)),
            Self::Bool(value) => format!("the boolean {value}"),
            Self::Signed(value) => format!("the number {value}"),
            Self::Unsigned(value) => format!("the number {value}"),
            Self::Float(value) => format!("the number {value:?}"),
            Self::Null => "null".to_owned(),
            Self::Array => "an array".to_owned(),
            Self::Object => "an object".to_owned(),
            Self::Bytes => "bytes".to_owned(),
            Self::Json(_) => "JSON".to_owned(),
        }
    }

    /// Why a value is refused where another one belongs.
    pub(crate) fn mismatch(&self, expected: &'static str) -> ErrorKind {
        ErrorKind::Mismatch {
            expected,
            found: self.describe(),
        }
    }
}
