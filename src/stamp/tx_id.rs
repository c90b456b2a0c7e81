//! The id of the transaction that holds a stamp.

use crate::hex::{decode, is_hex, is_hex_of};
use crate::limits::fits_index;
use crate::macros::text_newtype;

text_newtype! {
    /// The id of the transaction that holds the stamp, wire key `data.txId`. Any
    /// string. On the public chain (EVM), `0x` and 64 hex digits; on the private
    /// chain, 64 hex digits without `0x` (as edeXa's own client applications read
    /// it). The sample in edeXa's documentation is a shortened
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
    /// Whether the string has the form of an EVM transaction hash: `0x` and 64 hex
    /// digits of either case.
    #[must_use]
    pub fn is_evm(&self) -> bool {
        self.0
            .strip_prefix("0x")
            .is_some_and(|digits| is_hex_of(digits, 32))
    }

    /// Whether the string has the form that the chain's ids have: an EVM
    /// transaction hash on the public chain, 64 hex digits on the private one, and
    /// not all of them zero.
    pub(crate) fn fits_chain(&self, is_private: bool) -> bool {
        let has_form = if is_private {
            is_hex_of(&self.0, 32)
        } else {
            self.is_evm()
        };
        has_form && self.0.contains(|digit| digit != '0' && digit != 'x')
    }

    /// The one spelling of all that [`confirm`](crate::WebhookEvent::confirm) takes for the
    /// same transaction: without white space around it, and hex digits without `0x` and in
    /// lower case. For a unique index, and so `None` for what no index takes: more than 255
    /// bytes, or U+0000.
    ///
    /// ```
    /// use edexa_webhooks::TxId;
    ///
    /// assert_eq!(TxId::from(" 0x00FF").normalized().as_deref(), Some("00ff"));
    /// assert_eq!(TxId::from("Tx-1").normalized().as_deref(), Some("Tx-1"));
    /// assert_eq!(TxId::from("\0").normalized(), None);
    /// ```
    #[must_use]
    pub fn normalized(&self) -> Option<String> {
        Some(self.folded()).filter(|text| fits_index(text))
    }

    pub(crate) fn folded(&self) -> String {
        match self.digits() {
            digits if is_hex(digits) => digits.to_ascii_lowercase(),
            _ => self.0.trim().to_owned(),
        }
    }

    /// What is left without white space around it and without `0x`.
    fn digits(&self) -> &str {
        let text = self.0.trim();
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        digits.unwrap_or(text)
    }

    /// Whether there are hex digits and not all of them are zero: what a transaction's
    /// id is made of on either chain.
    pub(crate) fn is_hex(&self) -> bool {
        let digits = self.digits();
        is_hex(digits) && digits.contains(|digit| digit != '0')
    }

    /// Whether the string is a placeholder for no id.
    pub(crate) fn is_placeholder(&self) -> bool {
        is_placeholder(&self.0)
    }

    /// The 32 bytes of the id, if it is 64 hex digits, with or without `0x`.
    #[must_use]
    pub fn to_bytes(&self) -> Option<[u8; 32]> {
        decode(self.0.strip_prefix("0x").unwrap_or(&self.0))?
            .try_into()
            .ok()
    }
}

/// Whether a string stands for no id.
pub(crate) fn is_placeholder(id: &str) -> bool {
    let placeholders = ["", "0x", "null", "undefined"];
    let text = id.trim();
    text.len() < 10 && placeholders.iter().any(|p| text.eq_ignore_ascii_case(p))
}
