//! What was stamped, and the transaction that stamped it.

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

text_newtype! {
    /// The id of the transaction that holds the stamp, wire key `data.txId`. Any
    /// string. On the public chain, an EVM one, `0x` and 64 hex digits; on the
    /// private chain, 64 hex digits without `0x` (as edeXa's own client
    /// applications read it). The sample in edeXa's documentation is a shortened
    /// one.
    ///
    /// ```
    /// use edexa_webhooks::TxId;
    ///
    /// let public = TxId::from(format!("0x{}", "00FF".repeat(16)));
    /// assert!(public.is_evm());
    /// assert_eq!(public.to_bytes().unwrap()[..2], [0x00, 0xff]);
    ///
    /// let shortened = TxId::from("0x3b7d586651f386c0d415fa1349b9ec0be07b78c86");
    /// assert!(!shortened.is_evm());
    /// assert_eq!(shortened.to_bytes(), None);
    /// ```
    pub struct TxId;
}

impl TxId {
    /// Whether the text has the form of an EVM transaction hash: `0x` and 64 hex
    /// digits of either case.
    #[must_use]
    pub fn is_evm(&self) -> bool {
        self.0
            .strip_prefix("0x")
            .is_some_and(|digits| is_hex_of(digits, 32))
    }

    /// Whether the text has the form that the chain's ids have: an EVM
    /// transaction hash on the public chain, 64 hex digits on the private one.
    pub(crate) fn fits_chain(&self, is_private: bool) -> bool {
        if is_private {
            is_hex_of(&self.0, 32)
        } else {
            self.is_evm()
        }
    }

    /// The 32 bytes of the id, if it is 64 hex digits, with or without `0x`.
    #[must_use]
    pub fn to_bytes(&self) -> Option<[u8; 32]> {
        decode_32(self.0.strip_prefix("0x").unwrap_or(&self.0))
    }
}
