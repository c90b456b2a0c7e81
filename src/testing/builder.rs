//! A builder of events.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::error::WriteError;
use crate::event::WebhookEvent;
use crate::event::action::Action;
use crate::extra::Extra;
use crate::id::{ActionId, BlockchainId, ClientId, StampId, UserId, WebhookId};
use crate::stamp::file_name::FileName;
use crate::stamp::hash::StampHash;
use crate::stamp::stamp_type::StampType;
use crate::stamp::status::StampStatus;
use crate::stamp::tx_id::TxId;
use crate::stamp::{Stamp, StampCode};

/// Builds events for tests, starting from a coherent one.
///
/// Nothing is checked: each method changes one thing, so that an incoherent
/// event is one call away. The start breaks no rule at all, unlike edeXa's
/// samples; its values are made up in the documented forms.
///
/// ```
/// use edexa_webhooks::Rule;
/// use edexa_webhooks::testing::{EventBuilder, assert_findings};
///
/// let event = EventBuilder::succeeded().code("").without_tx_id().build();
/// assert_findings(&event.check(), &[Rule::MissingTxId, Rule::EmptyField]);
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use]
pub struct EventBuilder(WebhookEvent);

/// For a required key: `field(value)`.
macro_rules! required {
    ($($($at:ident).+: $type:ty, $set:ident, $key:literal;)*) => {$(
        #[doc = concat!("Sets `", $key, "`, and nothing that belongs to it.")]
        pub fn $set(mut self, value: impl Into<$type>) -> Self {
            self.0.$($at).+ = value.into();
            self
        }
    )*};
}

/// For an optional key of `data`: `field(value)` and `without_field()`.
macro_rules! optional {
    ($($field:ident: $type:ty, $without:ident, $key:literal;)*) => {$(
        #[doc = concat!("Sets `", $key, "`.")]
        pub fn $field(mut self, value: impl Into<$type>) -> Self {
            self.0.data.$field = Some(value.into());
            self
        }

        #[doc = concat!("Takes `", $key, "` away.")]
        pub fn $without(mut self) -> Self {
            self.0.data.$field = None;
            self
        }
    )*};
}

impl EventBuilder {
    /// A stamp on the public chain that succeeded.
    pub fn succeeded() -> Self {
        Self::failed()
            .action(Action::Succeeded)
            .status(StampStatus::Succeeded)
            .blockchain_id("2d4cf0b1-a3ee-4580-97f4-86bf937190fe")
            .tx_id("0x3b7d586651f386c0d415fa1349b9ec0be07b78c86f52b1e0a4d9c37e6815af02")
    }

    /// A stamp on the public chain that failed.
    pub fn failed() -> Self {
        let data = Stamp {
            id: "6475c02029b5bab6d2f2c6dc".into(),
            user_id: "646f1d74d3397a4b57dbe194".into(),
            client_id: None,
            name: None,
            blockchain_id: None,
            tx_id: None,
            hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
            stamp_type: StampType::Api,
            code: "bd5c9e".into(),
            is_esign: None,
            is_private_bc: false,
            status: StampStatus::Failed,
            created_at: DateTime::from_timestamp_nanos(1_685_438_496_966_000_000),
            updated_at: DateTime::from_timestamp_nanos(1_685_438_506_610_000_000),
            extra: Extra::new(),
        };
        Self(WebhookEvent {
            webhook_id: "6475b0af7195267fd13bb3d1".into(),
            action_id: "6475a47ed251164c916a830e".into(),
            action: Action::Failed,
            data,
            extra: Extra::new(),
        })
    }

    required! {
        webhook_id: WebhookId, webhook_id, "webhookId";
        action_id: ActionId, action_id, "actionId";
        action: Action, action, "action";
        data.id: StampId, stamp_id, "data._id";
        data.user_id: UserId, user_id, "data.userId";
        data.hash: StampHash, hash, "data.hash";
        data.stamp_type: StampType, stamp_type, "data.type";
        data.code: StampCode, code, "data.code";
        data.is_private_bc: bool, is_private_bc, "data.isPrivateBc";
        data.status: StampStatus, status, "data.status";
        data.created_at: DateTime<Utc>, created_at, "data.createdAt";
        data.updated_at: DateTime<Utc>, updated_at, "data.updatedAt";
    }

    optional! {
        client_id: ClientId, without_client_id, "data.clientId";
        name: FileName, without_name, "data.name";
        blockchain_id: BlockchainId, without_blockchain_id, "data.blockchainId";
        tx_id: TxId, without_tx_id, "data.txId";
        is_esign: bool, without_is_esign, "data.isEsign";
    }

    /// Puts a value under an unknown key of the outer object, in place of what was
    /// there. Nothing is refused here: an event with a known key, or with more than 64
    /// levels of nesting, is built and not read back.
    pub fn extra(mut self, key: &str, value: &Value) -> Self {
        put(&mut self.0.extra, key, value);
        self
    }

    /// Puts a value under an unknown key of `data`, as [`extra`](Self::extra) does.
    pub fn stamp_extra(mut self, key: &str, value: &Value) -> Self {
        put(&mut self.0.data.extra, key, value);
        self
    }

    /// The event.
    #[must_use]
    pub fn build(self) -> WebhookEvent {
        self.0
    }

    /// The event as the JSON text of a body.
    ///
    /// # Errors
    ///
    /// A time's year is not from 0000 to 9999 (`DateTime::<Utc>::MAX_UTC`), or an unknown key
    /// has the name of a known one (`extra("action", …)`).
    pub fn to_json(&self) -> Result<String, WriteError> {
        self.0.to_json()
    }
}

fn put(extra: &mut Extra, key: &str, value: &Value) {
    // Fails for more than 4 GiB only, which no test holds.
    let _ = extra.put(key, &value.to_string());
}
