//! The envelope: one webhook event.
//!
//! Its other methods: reading in `parse`, `check` and `validate` in `validate`,
//! [`outcome`], [`idempotency`], [`relation`] and `fingerprint` here.

use std::fmt;

use crate::error::WriteError;
use crate::escape::quote_up_to;
use crate::id::{ActionId, WebhookId};
use crate::object::object;
use crate::object::write::to_json;
use crate::stamp::Stamp;
use chrono::TimeDelta;

pub(crate) mod action;
#[cfg(feature = "sha2")]
pub(crate) mod fingerprint;
pub(crate) mod idempotency;
pub(crate) mod name;
pub(crate) mod outcome;
pub(crate) mod relation;

use action::Action;

object! {
    /// One event: what edeXa posts when a stamp has succeeded or failed.
    ///
    /// ```
    /// use edexa_webhooks::{Action, WebhookEvent, testing};
    ///
    /// let event = WebhookEvent::from_slice(testing::SUCCEEDED.as_bytes())?;
    /// assert_eq!(event.action, Action::Succeeded);
    /// assert_eq!(event.data.code, "bd5c9e");
    /// assert!(event.outcome().is_ok());
    /// # Ok::<(), edexa_webhooks::ParseError>(())
    /// ```
    ///
    /// # Reading
    ///
    /// | from | size limit | where an error is |
    /// | --- | --- | --- |
    /// | [`from_slice`](Self::from_slice), `TryFrom<&[u8]>` | [`MAX_BODY_BYTES`] | pointer, line, column |
    /// | [`from_slice_with_limit`](Self::from_slice_with_limit) | yours | pointer, line, column |
    /// | [`FromStr`](std::str::FromStr) | [`MAX_BODY_BYTES`] | pointer, line, column |
    /// | `TryFrom<serde_json::Value>` | none | pointer |
    /// | `Deserialize`, as a part of types of yours | none | pointer, in the message |
    ///
    /// All accept and refuse the same bodies, with two exceptions: a
    /// [`Value`](serde_json::Value) has already lost its duplicate keys, and serde_json refuses
    /// some spellings of the largest double. It changes long numbers, too: to keep unknown
    /// values as they came, read with [`from_slice`](Self::from_slice).
    ///
    /// With `#[serde(flatten)]`, declare the event after every other flattened field, or
    /// their keys are in `extra` too. A flattened `Option` turns an error into `None`, and an
    /// untagged enum replaces the error's message. Both are serde's behaviour.
    ///
    /// # Grammar
    ///
    /// One JSON object in UTF-8, without a byte order mark, nested at most 64
    /// levels deep: `webhookId`, `actionId`, `action` (strings) and `data`
    /// ([`Stamp`]). Keys come in any order, each at most once. A key that this crate
    /// does not know is kept in `extra`, and so is a value of an open enum
    /// ([`Action`], [`StampStatus`](crate::StampStatus),
    /// [`StampType`](crate::StampType)). Source: [edeXa's webhook
    /// documentation](crate::guide#sources); that these keys are required is
    /// *inferred*, because both of its samples have them.
    ///
    /// # Trust
    ///
    /// Events are not signed: whoever knows your URL can post one.
    /// [`validate`](Self::validate) checks that an event does not contradict itself. It
    /// cannot check who sent it: see [Trust](crate::guide::trust).
    ///
    /// # Logging
    ///
    /// | what you log | may contain |
    /// | --- | --- |
    /// | `Display` of an event, or of [`Salvaged`](crate::Salvaged) | ids, the transaction, and the hash, which is what the user sent: no name, no `userId` |
    /// | `Display` of an error, a finding or a [`Confirmation`](crate::record::Confirmation) | a short piece of the wrong value, which may be a name |
    /// | `redacted` of an [error](crate::ParseError::redacted), a [finding](crate::Finding::redacted) or a [rejection](crate::Rejection::redacted) | nothing of the body |
    /// | `Debug` of an event | all of it |
    ///
    /// To store without personal data, see
    /// [Storing](crate::guide::storing#without-personal-data).
    ///
    /// [`MAX_BODY_BYTES`]: crate::delivery::MAX_BODY_BYTES
    pub struct WebhookEvent at "", read as PartialEvent, pointers EventPointers {
        /// The webhook's id (`webhookId`).
        pub webhook_id: WebhookId = "webhookId",
        /// The action's id (`actionId`).
        pub action_id: ActionId = "actionId",
        /// What happened (`action`).
        pub action: Action = "action",
        /// The stamp that it happened to (`data`).
        pub data: Stamp = "data",
    }
}

impl WebhookEvent {
    /// Whether the action is `succeed`.
    ///
    /// Like every predicate here, this is what the event claims;
    /// [`outcome`](Self::outcome) also checks that its parts agree.
    #[must_use]
    pub fn is_succeeded(&self) -> bool {
        self.action == Action::Succeeded
    }

    /// Whether the action is `failed`.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.action == Action::Failed
    }

    /// Whether the stamp's status is final: succeeded or failed.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.data.status.is_final()
    }

    /// Whether the stamp goes to the public chain.
    #[must_use]
    pub const fn is_public_chain(&self) -> bool {
        self.data.is_public_chain()
    }

    /// Whether the stamp goes to a private chain.
    #[must_use]
    pub const fn is_private_chain(&self) -> bool {
        self.data.is_private_chain()
    }

    /// Whether the event says that the file carries an electronic signature. `false` if the
    /// key is missing.
    #[must_use]
    pub fn is_esigned(&self) -> bool {
        self.data.is_esigned()
    }

    /// Whether there is a transaction id: see [`Stamp::transaction`].
    #[must_use]
    pub fn has_transaction(&self) -> bool {
        self.data.has_transaction()
    }

    /// How long the stamp took: `updatedAt` minus `createdAt`. Negative where the sender's
    /// clocks disagree.
    #[must_use]
    pub fn stamping_duration(&self) -> TimeDelta {
        self.data.stamping_duration()
    }

    /// Whether both events are about the same stamp: equal `_id`s, in upper or lower case
    /// if they are `ObjectId`s.
    #[must_use]
    pub fn same_stamp(&self, other: &Self) -> bool {
        self.data.id.folded() == other.data.id.folded()
    }

    /// The event as JSON, known keys in the order of edeXa's documentation, then the
    /// unknown ones, their values character for character as they came.
    ///
    /// It is never longer than what was read, so that what was accepted once is
    /// accepted again. Do not log it: unknown values keep their line breaks and controls.
    ///
    /// ```
    /// use edexa_webhooks::WebhookEvent;
    /// # let body = edexa_webhooks::testing::SUCCEEDED;
    ///
    /// let body = body.replace("\"status\": 1", "\"status\": 1, \"fee\": 0.10");
    /// let event: WebhookEvent = body.parse()?;
    /// let json = event.to_json()?;
    /// assert!(json.ends_with(r#""fee":0.10}}"#));
    /// assert_eq!(json.parse::<WebhookEvent>()?, event);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The event holds what cannot have been read: under `extra`, here or in `data`,
    /// a key that has a field of its own (`"hash"` in `data.extra`), or a time whose
    /// year is not in 0000 to 9999.
    pub fn to_json(&self) -> Result<String, WriteError> {
        to_json(
            self,
            self.extra.bytes().saturating_add(self.data.extra.bytes()),
        )
    }
}

/// How many characters of each string [`WebhookEvent`]'s `Display` shows: a whole
/// transaction id of the public chain.
const SHOWN_CHARS: usize = 66;

/// One line for a log: action, stamp, and transaction or hash. It shows no `name` and no
/// `userId`. The hash is what the user sent. What comes from the body is quoted, but for a
/// known action, so that nothing in it looks like the words around it.
///
/// `succeed stamp "6475c02029b5bab6d2f2c6dc" in transaction "0x3b7d…"`
impl fmt::Display for WebhookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quote = |text| quote_up_to(SHOWN_CHARS, text);
        match &self.action {
            Action::Unknown(action) => write!(f, "{}", quote(action.as_str()))?,
            known => f.write_str(known.as_str())?,
        }
        write!(f, " stamp {}", quote(self.data.id.as_str()))?;
        match self.data.transaction() {
            Some(tx_id) => write!(f, " in transaction {}", quote(tx_id.as_str())),
            None => write!(f, " of hash {}", quote(self.data.hash.as_str())),
        }
    }
}
