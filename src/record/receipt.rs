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
    /// Source: edeXa's [JavaScript SDK and API pages](crate::guide#sources).
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
