//! The ids in an event, and the clock inside those that are `ObjectId`s.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::hex::is_hex;
use crate::macros::text_newtype;

/// An id that is usually a MongoDB `ObjectId`.
macro_rules! object_id {
    ($(#[doc = $doc:literal])* pub struct $name:ident;) => {
        text_newtype! {
            $(#[doc = $doc])*
            pub struct $name;
        }

        impl $name {
            /// Whether the id has the form of a MongoDB `ObjectId`: 24 hex
            /// digits.
            #[must_use]
            pub fn is_object_id(&self) -> bool {
                is_object_id(&self.0)
            }

            /// The instant at which the id was made, to the second, if it has
            /// the form of a MongoDB `ObjectId`: the first 8 of its 24 hex
            /// digits are seconds since 1970 in UTC.
            ///
            /// That edeXa's ids are `ObjectId`s is *inferred* from its samples.
            /// The instant is a sign of plausibility, never a proof: whoever
            /// posts a body picks its ids.
            #[must_use]
            pub fn timestamp(&self) -> Option<DateTime<Utc>> {
                timestamp(&self.0)
            }
        }
    };
}

pub(crate) fn is_object_id(text: &str) -> bool {
    text.len() == 24 && is_hex(text)
}

fn timestamp(text: &str) -> Option<DateTime<Utc>> {
    if !is_object_id(text) {
        return None;
    }
    let seconds = u32::from_str_radix(text.get(..8)?, 16).ok()?;
    DateTime::from_timestamp(seconds.into(), 0)
}

object_id! {
    /// The id of the webhook, wire key `webhookId`. Any string; usually 24 hex
    /// digits.
    ///
    /// edeXa's two samples disagree on which id names what: the same value is
    /// `webhookId` in one and `actionId` in the other. So this is no key for
    /// recognising a redelivery; [`WebhookEvent::idempotency_key`] is.
    ///
    /// ```
    /// use edexa_webhooks::WebhookId;
    ///
    /// let id = WebhookId::from("6475d6183b1b98c0686866d5");
    /// assert_eq!(id.timestamp().unwrap().to_rfc3339(), "2023-05-30T10:55:20+00:00");
    /// assert_eq!(WebhookId::from("none of mine").timestamp(), None);
    /// ```
    ///
    /// [`WebhookEvent::idempotency_key`]: crate::WebhookEvent::idempotency_key
    pub struct WebhookId;
}

object_id! {
    /// The id of the action, wire key `actionId`. Any string; usually 24 hex
    /// digits.
    ///
    /// See [`WebhookId`] on why it is no key for anything.
    ///
    /// ```
    /// use edexa_webhooks::ActionId;
    ///
    /// let id = ActionId::from("6475a47ed251164c916a830e");
    /// assert_eq!(id.timestamp().unwrap().to_rfc3339(), "2023-05-30T07:23:42+00:00");
    /// ```
    pub struct ActionId;
}

object_id! {
    /// The id of the stamp, wire key `data._id`. Any string; usually 24 hex
    /// digits.
    ///
    /// ```
    /// use edexa_webhooks::StampId;
    ///
    /// let id = StampId::from("6475c02029b5bab6d2f2c6dc");
    /// assert_eq!(id.timestamp().unwrap().to_rfc3339(), "2023-05-30T09:21:36+00:00");
    /// ```
    pub struct StampId;
}

impl StampId {
    /// The id as it is told from others: an `ObjectId` in lower case.
    pub(crate) fn folded(&self) -> Cow<'_, str> {
        if self.is_object_id() {
            Cow::Owned(self.0.to_ascii_lowercase())
        } else {
            Cow::Borrowed(&self.0)
        }
    }
}

object_id! {
    /// The user who stamps, wire key `data.userId`. Any string: usually 24 hex
    /// digits, but integrators may choose it, so a UUID or `1` occurs too, and
    /// edeXa's own sample is masked with asterisks.
    ///
    /// ```
    /// use edexa_webhooks::UserId;
    ///
    /// assert_eq!(UserId::from("646f1d74d3397a4********").timestamp(), None);
    /// ```
    pub struct UserId;
}

text_newtype! {
    /// The client application, wire key `data.clientId`. Any string: `2` in
    /// edeXa's failure sample, and like a UUID in its API's list of stamps. The
    /// documentation describes it with `userId`'s words, so its meaning is
    /// *inferred* from its name.
    ///
    /// ```
    /// use edexa_webhooks::ClientId;
    ///
    /// assert_eq!(ClientId::from("2").as_str(), "2");
    /// ```
    pub struct ClientId;
}

text_newtype! {
    /// The id that the blockchain side gives, wire key `data.blockchainId`. Any
    /// string; a UUID in edeXa's sample.
    ///
    /// ```
    /// use edexa_webhooks::BlockchainId;
    ///
    /// assert!(BlockchainId::from("2d4cf0b1-a3ee-4580-97f4-86bf937190fe").is_uuid());
    /// assert!(!BlockchainId::from("7").is_uuid());
    /// ```
    pub struct BlockchainId;
}

impl BlockchainId {
    /// Whether the id has the form of a UUID: 32 hex digits, in groups of 8, 4,
    /// 4, 4 and 12 with hyphens between them.
    #[must_use]
    pub fn is_uuid(&self) -> bool {
        // Each group starts where the one before it ends.
        let groups = [(0, 8), (9, 13), (14, 18), (19, 23), (24, 36)];
        self.0.len() == 36
            && groups
                .into_iter()
                .all(|(start, end)| self.0.get(start..end).is_some_and(is_hex))
            && [8, 13, 18, 23]
                .into_iter()
                .all(|at| self.0.as_bytes().get(at) == Some(&b'-'))
    }
}
