//! What is around the data of every answer.

use super::meta_data::MetaData;
use crate::object::object;

object! {
    /// The object that every answer of the API is.
    ///
    /// Source: edeXa's [JavaScript SDK](crate::guide#sources) and API pages.
    pub struct Envelope at "", read as PartialEnvelope, pointers EnvelopePointers {
        /// What became of the request, in HTTP's numbers (`status`).
        pub status: i64 = "status",
        /// A string for people (`message`).
        pub message: Option<MetaData> = "message",
        /// What was asked for (`data`), or anything else where the request failed.
        pub data: Option<MetaData> = "data",
    }
}
