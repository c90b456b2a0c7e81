//! What was stamped.

use crate::hex::{decode_32, is_hex_of};
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
    /// assert!(hash.matches_sha256_hex(&[0x00, 0xff].repeat(16).try_into().unwrap()));
    /// ```
    pub struct StampHash;
}

impl StampHash {
    /// Whether the text is this SHA-256, in hex digits of either case. `false` is
    /// no sign of a forgery: the same digest may stand there in base64, and users
    /// may have other texts stamped.
    ///
    /// A hash is no secret, so the time that this takes is not hidden.
    #[must_use]
    pub fn matches_sha256_hex(&self, digest: &[u8; 32]) -> bool {
        decode_32(&self.0).is_some_and(|bytes| bytes == *digest)
    }

    /// Whether the text has the form of a digest of a known length (16, 20, 28,
    /// 32, 48 or 64 bytes: MD5, SHA-1, the SHA-2 and SHA-3 families), in hex or
    /// in base64 of either alphabet, padded or not.
    #[must_use]
    pub fn is_digest(&self) -> bool {
        [16, 20, 28, 32, 48, 64]
            .into_iter()
            .any(|bytes| is_hex_of(&self.0, bytes) || is_base64_of(&self.0, bytes))
    }
}

/// The last digit's spare bits are not looked at.
fn is_base64_of(text: &str, bytes: usize) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len().saturating_sub(digits.len());
    let alphabet = |extra: [u8; 2]| {
        digits
            .bytes()
            .all(|digit| digit.is_ascii_alphanumeric() || extra.contains(&digit))
    };
    digits.len() == bytes.saturating_mul(4).div_ceil(3)
        && (padding == 0 || text.len() == bytes.div_ceil(3).saturating_mul(4))
        && (alphabet(*b"+/") || alphabet(*b"-_"))
}
