//! What the made-up events of the features `arbitrary` and `proptest` may carry
//! under keys that the crate does not know.

use crate::event::WebhookEvent;
use crate::stamp::Stamp;

/// Keys that edeXa's API shows on the same record elsewhere.
pub(crate) const KEYS_SEEN_ELSEWHERE: &[&str] =
    &["metaData", "originalDocHash", "filename", "username"];

/// A key that no object of the payload has a field for: the one given, unless it
/// is a known one.
pub(crate) fn made_unknown(mut key: String) -> String {
    let mut known = WebhookEvent::KEYS.iter().chain(Stamp::KEYS);
    if known.any(|known| *known == key) {
        key.push('2');
    }
    key
}

/// Values in spellings that serializing does not make.
pub(crate) const SPELLINGS: &[&str] = &[
    "null",
    "true",
    "false",
    "-0",
    "1.50",
    "1E+2",
    "1e-400",
    "18446744073709551615",
    "123456789012345678901234567890",
    r#""\u00e9\/\ud83d\ude00\u0000""#,
    "[ ]",
    "{\n}",
];
