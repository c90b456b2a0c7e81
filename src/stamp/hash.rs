//! What was stamped.

use crate::hex::{decode, encode, is_hex_of};
use crate::limits::fits_index;
use crate::macros::text_newtype;

text_newtype! {
    /// What the user asked to be stamped, wire key `data.hash`. Any string:
    /// mostly a SHA-256 in hex, sometimes base64 (edeXa's client applications);
    /// those in edeXa's two samples are made up.
    ///
    /// ```
    /// use edexa_webhooks::StampHash;
    ///
    /// let hash = StampHash::from("00FF".repeat(16));
    /// assert!(hash.matches_sha256(&[0x00, 0xff].repeat(16).try_into().unwrap()));
    /// ```
    pub struct StampHash;
}

/// The sizes of known digests: MD5, SHA-1, the SHA-2 and SHA-3 families.
const DIGEST_BYTES: [usize; 6] = [16, 20, 28, 32, 48, 64];

/// The longest form of a digest in base64: that of 64 bytes in hexadecimal.
const MAX_BASE64_CHARS: usize = 172;

impl StampHash {
    /// Whether the string is this SHA-256: in hexadecimal of either case, in base64 or
    /// base64url with or without padding, or, as edeXa's JavaScript SDK sends it, in
    /// the base64 of its hexadecimal text.
    ///
    /// `false` is no sign of a forgery: users may stamp other strings. A hash is no
    /// secret, so the time that this takes is not hidden.
    #[must_use]
    pub fn matches_sha256(&self, digest: &[u8; 32]) -> bool {
        let is_same = |bytes: &[u8]| bytes == digest;
        self.digest().as_deref().is_some_and(is_same)
            || decode_base64(&self.0).is_some_and(|(bytes, is_exact)| is_exact && is_same(&bytes))
    }

    /// Whether the string has the form of a digest of a known size (16, 20, 28,
    /// 32, 48 or 64 bytes: MD5, SHA-1, the SHA-2 and SHA-3 families), in hexadecimal, in
    /// base64 of either alphabet, padded or not, or in the base64 of its hexadecimal
    /// text.
    ///
    /// 64 characters are a SHA-256 in hexadecimal or nothing: one mistyped digit would
    /// make them the base64 of 48 bytes. Hex digits alone are no base64: 43 of them are rather
    /// a SHA-256 that was cut. Base64 of visible ASCII alone is that of
    /// hexadecimal text or nothing, for the same reason.
    #[must_use]
    pub fn is_digest(&self) -> bool {
        let is_known = |bytes: &[u8]| DIGEST_BYTES.contains(&bytes.len());
        is_hex_digest(&self.0)
            || self.0.len() != 64
                && self.0.contains(|digit: char| !digit.is_ascii_hexdigit())
                && decode_base64(&self.0).is_some_and(|(decoded, _)| {
                    let is_text = decoded.iter().all(u8::is_ascii_graphic);
                    !is_text && is_known(&decoded) || text_digest(&decoded).is_some()
                })
    }

    /// The one spelling of all that [`confirm`](crate::WebhookEvent::confirm) takes for the
    /// same hash: a digest in lower-case hexadecimal, anything else as it is. For a unique
    /// index, and so `None` for what no index takes: more than 255 bytes, or U+0000.
    ///
    /// In base64, only a digest of 32, 48 or 64 bytes counts: a shorter one may be any word.
    /// 64 characters that are no hexadecimal may be the base64 of 48 bytes here, though
    /// [`is_digest`](Self::is_digest) does not take them for a digest.
    ///
    /// ```
    /// use edexa_webhooks::StampHash;
    ///
    /// let hash = StampHash::from("n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=");
    /// let hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    /// assert_eq!(hash.normalized().as_deref(), Some(hex));
    /// assert_eq!(StampHash::from("Order 7").normalized().as_deref(), Some("Order 7"));
    /// assert_eq!(StampHash::from("7".repeat(256)).normalized(), None);
    /// ```
    #[must_use]
    pub fn normalized(&self) -> Option<String> {
        Some(self.folded()).filter(|text| fits_index(text))
    }

    pub(crate) fn folded(&self) -> String {
        self.digest()
            .map_or_else(|| self.as_str().to_owned(), |bytes| encode(&bytes))
    }

    /// The digest that the string writes and no other string means. In base64 it has at
    /// least 32 bytes: a shorter one may be any word.
    fn digest(&self) -> Option<Vec<u8>> {
        hex_digest(&self.0).or_else(|| {
            let (decoded, is_exact) = decode_base64(&self.0)?;
            let is_long = decoded.len() >= 32 && DIGEST_BYTES.contains(&decoded.len());
            text_digest(&decoded)
                .or_else(|| is_long.then_some(decoded))
                .filter(|_| is_exact)
        })
    }
}

fn is_hex_digest(text: &str) -> bool {
    DIGEST_BYTES.iter().any(|bytes| is_hex_of(text, *bytes))
}

fn hex_digest(text: &str) -> Option<Vec<u8>> {
    is_hex_digest(text).then(|| decode(text)).flatten()
}

/// The digest whose hexadecimal text these bytes are.
fn text_digest(bytes: &[u8]) -> Option<Vec<u8>> {
    std::str::from_utf8(bytes).ok().and_then(hex_digest)
}

/// The bytes that base64 of either alphabet writes, padded or not, and whether the last
/// digit's spare bits are 0.
fn decode_base64(text: &str) -> Option<(Vec<u8>, bool)> {
    if text.len() > MAX_BASE64_CHARS {
        return None;
    }
    let digits = text.trim_end_matches('=');
    let padding = text.len().saturating_sub(digits.len());
    let mixes = digits.contains(['+', '/']) && digits.contains(['-', '_']);
    if mixes || digits.len() % 4 == 1 || padding > 0 && (text.len() % 4 != 0 || padding > 2) {
        return None;
    }
    let (mut bytes, mut is_exact) = (Vec::with_capacity(digits.len()), true);
    for group in digits.as_bytes().chunks(4) {
        let mut word = 0;
        for nth in 0..4 {
            word = word << 6
                | group
                    .get(nth)
                    .map_or(Some(0), |digit| base64_value(*digit))?;
        }
        let [_, written @ ..] = word.to_be_bytes();
        let (whole, spare) = written.split_at_checked(group.len().saturating_sub(1))?;
        bytes.extend_from_slice(whole);
        is_exact &= spare.iter().all(|byte| *byte == 0);
    }
    Some((bytes, is_exact))
}

fn base64_value(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit.checked_sub(b'A'),
        b'a'..=b'z' => digit.checked_sub(b'a' - 26),
        b'0'..=b'9' => digit.checked_add(52 - b'0'),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    value.map(u32::from)
}
