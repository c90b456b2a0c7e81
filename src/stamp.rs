//! The `data` object: one stamp.

use crate::escape::is_blank;
use crate::id::{BlockchainId, ClientId, StampId, UserId};
use crate::macros::text_newtype;
use crate::object::object;
use chrono::{DateTime, TimeDelta, Utc};

pub(crate) mod canonical;
pub(crate) mod file_name;
pub(crate) mod hash;
pub(crate) mod stamp_type;
pub(crate) mod status;
pub(crate) mod tx_id;

use file_name::FileName;
use hash::StampHash;
use stamp_type::StampType;
use status::StampStatus;
use tx_id::{TxId, is_placeholder};

text_newtype! {
    /// A short code for the stamp, wire key `data.code`. Any string; 6
    /// characters in both of edeXa's samples.
    ///
    /// ```
    /// use edexa_webhooks::StampCode;
    ///
    /// assert_eq!(StampCode::from("bd5c9e").as_str(), "bd5c9e");
    /// ```
    pub struct StampCode;
}

object! {
    /// One stamp: the `data` object of an event.
    ///
    /// Both `null` and absence are read as `None`, and `None` is not written. Which
    /// keys are required is *inferred*: those that are in both of edeXa's samples.
    ///
    /// Outside this crate a `Stamp` is made by reading one, or in tests by the builder
    /// of the feature `testing`. Sources: [edeXa's webhook
    /// documentation](crate::guide#sources), where a field
    /// does not name another.
    ///
    /// ```
    /// use edexa_webhooks::{StampStatus, WebhookEvent, testing};
    ///
    /// let event: WebhookEvent = testing::FAILED.parse()?;
    /// let stamp = event.data;
    /// assert_eq!(stamp.status, StampStatus::Failed);
    /// assert_eq!(stamp.name.as_deref(), Some("abc.png"));
    /// assert_eq!(stamp.transaction(), None);
    /// # Ok::<(), edexa_webhooks::ParseError>(())
    /// ```
    pub struct Stamp at "/data", read as PartialStamp, pointers StampPointers {
        /// The stamp's id (`_id`).
        pub id: StampId = "_id",
        /// The user who stamps (`userId`).
        pub user_id: UserId = "userId",
        /// The client application (`clientId`).
        pub client_id: Option<ClientId> = "clientId",
        /// The file's name (`name`). Never trust it.
        pub name: Option<FileName> = "name",
        /// The id that the blockchain side gives (`blockchainId`).
        pub blockchain_id: Option<BlockchainId> = "blockchainId",
        /// The transaction's id (`txId`). A placeholder counts as absent wherever
        /// this crate decides anything: see [`transaction`](Self::transaction).
        pub tx_id: Option<TxId> = "txId",
        /// What was stamped (`hash`).
        pub hash: StampHash = "hash",
        /// The channel through which the stamp came (`type`).
        pub stamp_type: StampType = "type",
        /// A short code for the stamp (`code`).
        pub code: StampCode = "code",
        /// Whether the file carries an electronic signature (`isEsign`).
        pub is_esign: Option<bool> = "isEsign",
        /// Whether the chain is a private one; otherwise it is public
        /// (`isPrivateBc`).
        pub is_private_bc: bool = "isPrivateBc",
        /// How far the stamp has come (`status`).
        pub status: StampStatus = "status",
        /// When the hash was stamped (`createdAt`).
        pub created_at: DateTime<Utc> = "createdAt",
        /// When the stamp last changed (`updatedAt`).
        pub updated_at: DateTime<Utc> = "updatedAt",
    }
}

impl Stamp {
    /// The transaction's id, unless it is absent or a placeholder: nothing but white
    /// space, or within white space `0x`, `null` or `undefined` in any case.
    #[must_use]
    pub fn transaction(&self) -> Option<&TxId> {
        self.tx_id.as_ref().filter(|id| !id.is_placeholder())
    }

    /// Whether there is a [transaction](Self::transaction).
    #[must_use]
    pub fn has_transaction(&self) -> bool {
        self.transaction().is_some()
    }

    /// Whether the `_id` is one: neither blank nor a placeholder.
    pub(crate) fn is_named(&self) -> bool {
        !is_blank(&self.id) && !is_placeholder(&self.id)
    }

    /// Whether the stamp goes to the public chain (`isPrivateBc` is `false`).
    #[must_use]
    pub const fn is_public_chain(&self) -> bool {
        !self.is_private_bc
    }

    /// Whether the stamp goes to a private chain (`isPrivateBc` is `true`).
    #[must_use]
    pub const fn is_private_chain(&self) -> bool {
        self.is_private_bc
    }

    /// Whether the event says that the file carries an electronic signature. An
    /// event that does not say counts as no.
    #[must_use]
    pub fn is_esigned(&self) -> bool {
        self.is_esign == Some(true)
    }

    /// How long the stamp took: `updatedAt` less `createdAt`. Negative where the
    /// sender's clocks disagree.
    #[must_use]
    pub fn stamping_duration(&self) -> TimeDelta {
        self.updated_at.signed_duration_since(self.created_at)
    }
}
