//! The `data` object: one stamp.

use chrono::{DateTime, TimeDelta, Utc};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_with::ser::SerializeAsWrap;

use crate::digest::{StampHash, TxId};
use crate::extra::{Extra, serialize_extra};
use crate::id::{BlockchainId, ClientId, StampId, UserId};
use crate::macros::{open_text_enum, text_newtype};
use crate::place::Place;
use crate::status::StampStatus;
use crate::time::WireTime;

open_text_enum! {
    /// The channel through which a stamp came, wire key `data.type`: a string
    /// that holds a number.
    ///
    /// The meaning of the numbers is *inferred*: edeXa's documentation describes
    /// the key with `_id`'s words, and its desktop application reads it so.
    ///
    /// ```
    /// use edexa_webhooks::StampType;
    ///
    /// assert_eq!(StampType::from("0"), StampType::Api);
    /// assert_eq!(StampType::from("00").as_str(), "00");
    /// ```
    pub enum StampType {
        /// `"0"`: the API.
        Api = "0",
        /// `"1"`: the web application.
        Web = "1",
        /// `"2"`: the mobile application.
        Mobile = "2",
        /// `"3"`: the desktop application.
        Desktop = "3",
        /// `"4"`: the browser extension.
        Extension = "4",
    }

    /// A type that this version of the crate does not know. [`StampType::from`]
    /// makes it, so it is never `"0"` to `"4"`.
    ///
    /// ```compile_fail,E0423
    /// let lie = edexa_webhooks::UnknownStampType("0".into());
    /// ```
    pub struct UnknownStampType;
}

text_newtype! {
    /// The name of the stamped file, wire key `data.name`. Any Unicode.
    ///
    /// Never trust it: it may be a path, hold control characters, or be made to
    /// look like another name. To store a file, pick a name of your own. That it
    /// is a file's name is *inferred* from edeXa's failure sample: the
    /// documentation describes it with `userId`'s words.
    pub struct FileName;
}

text_newtype! {
    /// A short code for the stamp, wire key `data.code`. Any string; 6
    /// characters in both of edeXa's samples.
    pub struct StampCode;
}

/// One stamp: the `data` object of an event.
///
/// Both `null` and absence are read as `None`, and `None` is not written. Which
/// keys are required is *inferred*: those that stand in both of edeXa's samples.
///
/// Outside this crate a `Stamp` is made by reading one, or in tests by the builder
/// of the feature `testing`. Sources: [edeXa's webhook
/// documentation](crate::guide#sources), where a field
/// does not name another.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Stamp {
    /// The stamp's id (`_id`).
    pub id: StampId,
    /// The user who stamps (`userId`).
    pub user_id: UserId,
    /// The client application (`clientId`).
    pub client_id: Option<ClientId>,
    /// The file's name (`name`). Never trust it.
    pub name: Option<FileName>,
    /// The id that the blockchain side gives (`blockchainId`).
    pub blockchain_id: Option<BlockchainId>,
    /// The transaction's id (`txId`). An empty one counts as absent wherever
    /// this crate decides anything: see [`has_transaction`](Self::has_transaction).
    pub tx_id: Option<TxId>,
    /// What was stamped (`hash`).
    pub hash: StampHash,
    /// The channel through which the stamp came (`type`).
    pub stamp_type: StampType,
    /// A short code for the stamp (`code`).
    pub code: StampCode,
    /// Whether the file carries an electronic signature (`isEsign`).
    pub is_esign: Option<bool>,
    /// Whether the chain is a private one; otherwise it is public
    /// (`isPrivateBc`).
    pub is_private_bc: bool,
    /// How far the stamp has come (`status`).
    pub status: StampStatus,
    /// When the hash was stamped (`createdAt`).
    pub created_at: DateTime<Utc>,
    /// When the stamp last changed (`updatedAt`).
    pub updated_at: DateTime<Utc>,
    /// Every other key of `data`.
    pub extra: Extra,
}

impl Stamp {
    /// The transaction's id, unless it is absent or empty.
    #[must_use]
    pub fn transaction(&self) -> Option<&TxId> {
        self.tx_id.as_ref().filter(|id| !id.is_empty())
    }

    /// Whether there is a transaction id that is not empty.
    #[must_use]
    pub fn has_transaction(&self) -> bool {
        self.transaction().is_some()
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

/// Writes the keys in the order of edeXa's documentation, then the unknown ones.
///
/// # Errors
///
/// As [`WebhookEvent`](crate::WebhookEvent)'s.
impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let optional = [
            self.client_id.is_some(),
            self.name.is_some(),
            self.blockchain_id.is_some(),
            self.tx_id.is_some(),
            self.is_esign.is_some(),
        ];
        let present = optional.into_iter().filter(|present| *present).count();
        let len = 9_usize
            .saturating_add(present)
            .saturating_add(self.extra.len());
        let mut map = to.serialize_map(Some(len))?;
        map.serialize_entry(Place::Id.key(), &self.id)?;
        map.serialize_entry(Place::UserId.key(), &self.user_id)?;
        entry_if_some(&mut map, Place::ClientId, self.client_id.as_ref())?;
        entry_if_some(&mut map, Place::Name, self.name.as_ref())?;
        entry_if_some(&mut map, Place::BlockchainId, self.blockchain_id.as_ref())?;
        entry_if_some(&mut map, Place::TxId, self.tx_id.as_ref())?;
        map.serialize_entry(Place::Hash.key(), &self.hash)?;
        map.serialize_entry(Place::Type.key(), &self.stamp_type)?;
        map.serialize_entry(Place::Code.key(), &self.code)?;
        entry_if_some(&mut map, Place::IsEsign, self.is_esign.as_ref())?;
        map.serialize_entry(Place::IsPrivateBc.key(), &self.is_private_bc)?;
        map.serialize_entry(Place::Status.key(), &self.status)?;
        map.serialize_entry(Place::CreatedAt.key(), &wire_time(&self.created_at))?;
        map.serialize_entry(Place::UpdatedAt.key(), &wire_time(&self.updated_at))?;
        serialize_extra(&self.extra, Place::in_stamp, &mut map)?;
        map.end()
    }
}

fn entry_if_some<M: SerializeMap>(
    map: &mut M,
    place: Place,
    value: Option<&impl Serialize>,
) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(place.key(), value))
}

fn wire_time(time: &DateTime<Utc>) -> SerializeAsWrap<'_, DateTime<Utc>, WireTime> {
    SerializeAsWrap::new(time)
}
