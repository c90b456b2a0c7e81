//! Hexadecimal digits of either case.

use std::fmt::Write as _;

/// Whether a string is hex digits and nothing else. Looks at every byte, which for
/// the short strings that it is asked about takes less than stopping early.
pub(crate) fn is_hex(text: &str) -> bool {
    text.bytes()
        .fold(true, |all, byte| all & byte.is_ascii_hexdigit())
}

/// Whether a string is the hex digits of that many bytes.
pub(crate) fn is_hex_of(text: &str, bytes: usize) -> bool {
    text.len() == bytes.saturating_mul(2) && is_hex(text)
}

/// The bytes that hex digits write.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 2);
    for pair in text.as_bytes().chunks(2) {
        let [high, low] = pair else { return None };
        bytes.push(byte_of(*high, *low)?);
    }
    Some(bytes)
}

/// Bytes as hex digits in lower case.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The byte that two hex digits write.
pub(crate) fn byte_of(high: u8, low: u8) -> Option<u8> {
    let digit = |byte| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}
