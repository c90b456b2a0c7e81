//! The API's record of a stamp.

use super::meta_data::MetaData;
use crate::macros::text_newtype;
use crate::object::object;
use crate::stamp::StampCode;
use crate::stamp::file_name::FileName;
use crate::stamp::hash::StampHash;
use crate::stamp::stamp_type::StampType;
use crate::stamp::tx_id::TxId;

text_newtype! {
    /// The time of a record, API key `data.timestamp`. Any string: neither its form nor
    /// which of a stamp's two times it is are documented.
    ///
    /// ```
    /// use edexa_webhooks::record::Timestamp;
    ///
    /// assert_eq!(Timestamp::from("a").as_str(), "a");
    /// ```
    pub struct Timestamp;
}

text_newtype! {
    /// The user's name in a record, API key `data.username`. Any string. It is personal
    /// data.
    ///
    /// ```
    /// use edexa_webhooks::record::UserName;
    ///
    /// assert_eq!(UserName::from("a").as_str(), "a");
    /// ```
    pub struct UserName;
}

object! {
    /// The API's record of a stamp: `data` in the answer to `GET hash`.
    ///
    /// Every key but `hash` may be missing or `null` (*inferred*). Unknown keys are kept.
    /// It has neither `_id` nor `status`, so it cannot confirm these.
    ///
    /// Source: edeXa's [JavaScript SDK](crate::guide#sources) and API pages.
    ///
    /// ```
    /// use edexa_webhooks::record::{Answer, StampRecord};
    ///
    /// let body = br#"{"status":200,"data":{"hash":"1","txid":"","code":"bd5c9e"}}"#;
    /// let record = Answer::<StampRecord>::from_slice(body)?.into_result()?;
    /// assert_eq!(record.code.as_deref(), Some("bd5c9e"));
    /// assert_eq!(record.transaction(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub struct StampRecord at "/data", read as PartialRecord, pointers RecordPointers {
        /// What was stamped (`hash`).
        pub hash: StampHash = "hash",
        /// The hash of the original document (`originalDocHash`).
        pub original_doc_hash: Option<StampHash> = "originalDocHash",
        /// What was given along with the stamp (`metaData`): any JSON.
        pub meta_data: Option<MetaData> = "metaData",
        /// The file's name (`filename`). Never trust it.
        pub file_name: Option<FileName> = "filename",
        /// The channel through which the stamp came (`type`).
        pub stamp_type: Option<StampType> = "type",
        /// The transaction's id (`txid`). It may be here without `0x`.
        pub tx_id: Option<TxId> = "txid",
        /// A time of the stamp (`timestamp`), in a form that is not documented.
        pub timestamp: Option<Timestamp> = "timestamp",
        /// A short code for the stamp (`code`).
        pub code: Option<StampCode> = "code",
        /// The name of the user who stamped (`username`).
        pub user_name: Option<UserName> = "username",
        /// A number (`userVerify`) of which no meaning is documented.
        pub user_verify: Option<i64> = "userVerify",
        /// Whether the file carries an electronic signature (`isEsign`).
        pub is_esign: Option<bool> = "isEsign",
        /// Whether the chain is a private one (`isPrivateBc`).
        pub is_private_bc: Option<bool> = "isPrivateBc",
    }
}

impl StampRecord {
    /// The transaction's id, unless it is absent or a placeholder, as
    /// [`Stamp::transaction`](crate::Stamp::transaction) has it.
    #[must_use]
    pub fn transaction(&self) -> Option<&TxId> {
        self.tx_id.as_ref().filter(|id| !id.is_placeholder())
    }
}
