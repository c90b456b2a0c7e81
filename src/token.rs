//! The keys that serde_json keeps for itself: as maps under them it shows the text
//! of a value, and a number that its feature `arbitrary_precision` keeps as text.
//!
//! A `Value` that is read from a text takes such a key of the text for its own. It
//! then reads a string as JSON, with a new limit on nesting each time, so that 64
//! KiB hold thousands of levels. No body may hold one.

use std::any::type_name;

use serde::Serializer;
use serde::de::{Deserializer, MapAccess};

/// What each of these keys starts with.
const PREFIX: &str = "$serde_json::private::";

/// The name by which serde_json knows a request for the text of a value, and
/// the only key of the map in which it answers.
///
/// Should serde_json ever change it, values are rebuilt from what they mean, as
/// they are for every other format: only their spelling would be lost.
pub(crate) const RAW_VALUE: &str = "$serde_json::private::RawValue";

const NUMBER: &str = "$serde_json::private::Number";

/// Whether serde_json keeps a key for itself.
pub(crate) fn is_private(key: &str) -> bool {
    key.starts_with(PREFIX)
}

/// The same of a key that is still in quotation marks, with its escapes. These
/// must be whole.
pub(crate) fn is_private_string(string: &str) -> bool {
    let mut rest = string.strip_prefix('"').unwrap_or(string);
    // Which most keys do not, so that they need no more than this.
    if !rest.starts_with(['$', '\\']) {
        return false;
    }
    PREFIX.bytes().all(|wanted| {
        let escaped = rest.strip_prefix("\\u").and_then(|rest| rest.get(..4));
        let (found, length) = match escaped {
            Some(digits) => (u32::from_str_radix(digits, 16).ok(), 6),
            None => (rest.bytes().next().map(u32::from), 1),
        };
        rest = rest.get(length..).unwrap_or_default();
        found == Some(u32::from(wanted))
    })
}

/// Whether a key is that of the map of one entry as which serde_json, built with
/// its feature `arbitrary_precision`, shows a number to a visitor. Without the
/// feature the key means nothing.
pub(crate) fn is_number(key: &str) -> bool {
    key == NUMBER && has_arbitrary_precision()
}

/// Another crate of the program may have turned the feature on.
fn has_arbitrary_precision() -> bool {
    serde_json::from_str::<serde_json::Number>("1e400").is_ok()
}

/// Whether a map may be one that serde_json made of a number. What it reads from a
/// text as an object is none.
pub(crate) fn may_be_number<'de, A: MapAccess<'de>>() -> bool {
    !type_name::<A>().starts_with("serde_json::de::MapAccess<")
}

/// Whether a serializer ends in serde_json, which alone understands these keys.
///
/// The error type is what serde's own wrappers (flatten, tags) pass through.
pub(crate) fn writes_with_serde_json<S: Serializer>() -> bool {
    is_error_of_serde_json::<S::Error>()
}

/// Whether a deserializer starts from serde_json. Others may refuse a type by its
/// name, as RON does.
pub(crate) fn reads_with_serde_json<'de, D: Deserializer<'de>>() -> bool {
    is_error_of_serde_json::<D::Error>()
}

fn is_error_of_serde_json<E>() -> bool {
    type_name::<E>() == type_name::<serde_json::Error>()
}
