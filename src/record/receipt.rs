//! What the API answered when a hash was stamped.

use crate::id::StampId;
use crate::object::object;
use crate::stamp::StampCode;
use crate::stamp::file_name::FileName;
use crate::stamp::hash::StampHash;
use crate::stamp::tx_id::TxId;

object! {
    /// What the API answered when you stamped a hash: `data` in the answer to
    /// `POST hash`. Keep it: an event whose `_id` no receipt names is none of yours.
    ///
    /// Every key but `id` and `hash` may be missing or `null` (*inferred*). Unknown keys
    /// are kept.
    ///
    /// Source: edeXa's [JavaScript SDK](crate::guide#sources) and API pages.
    ///
    /// ```
    /// use edexa_webhooks::record::{Answer, StampReceipt};
    ///
    /// let body = br#"{"status":200,"data":{"id":"6475c02029b5bab6d2f2c6dc","hash":"1"}}"#;
    /// let receipt = Answer::<StampReceipt>::from_slice(body)?.into_result()?;
    /// assert_eq!(receipt.id, "6475c02029b5bab6d2f2c6dc");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub struct StampReceipt at "/data", read as PartialReceipt, pointers ReceiptPointers {
        /// The stamp's id (`id`), which the events call `_id`.
        pub id: StampId = "id",
        /// What you asked to be stamped (`hash`).
        pub hash: StampHash = "hash",
        /// The transaction's id (`txid`), often still empty.
        pub tx_id: Option<TxId> = "txid",
        /// A short code for the stamp (`code`).
        pub code: Option<StampCode> = "code",
        /// The file's name (`filename`).
        pub file_name: Option<FileName> = "filename",
    }
}
