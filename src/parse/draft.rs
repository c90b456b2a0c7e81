//! An event of which some keys are not there yet.
//!
//! It outlives the visitors that fill it, so that what was read before an error
//! can be salvaged.

use chrono::{DateTime, Utc};
use serde::de::MapAccess;

use super::Trace;
use super::read::{Object, ObjectSeed, scalar};
use crate::action::Action;
use crate::digest::{StampHash, TxId};
use crate::event::WebhookEvent;
use crate::extra::Extra;
use crate::fault::{Fault, Report};
use crate::id::{ActionId, BlockchainId, ClientId, StampId, UserId, WebhookId};
use crate::place::Place;
use crate::scalar::Scalar;
use crate::stamp::{FileName, Stamp, StampCode, StampType};
use crate::status::StampStatus;

#[derive(Default)]
pub(super) struct Draft {
    pub(super) webhook_id: Option<WebhookId>,
    pub(super) action_id: Option<ActionId>,
    pub(super) action: Option<Action>,
    pub(super) data: StampDraft,
    has_data: bool,
    extra: Extra,
}

#[derive(Default)]
#[expect(
    clippy::option_option,
    reason = "`Some(None)` is a key that was there and held `null`, so that a second one is refused"
)]
pub(super) struct StampDraft {
    pub(super) id: Option<StampId>,
    user_id: Option<UserId>,
    client_id: Option<Option<ClientId>>,
    name: Option<Option<FileName>>,
    blockchain_id: Option<Option<BlockchainId>>,
    pub(super) tx_id: Option<Option<TxId>>,
    pub(super) hash: Option<StampHash>,
    stamp_type: Option<StampType>,
    code: Option<StampCode>,
    is_esign: Option<Option<bool>>,
    is_private_bc: Option<bool>,
    status: Option<StampStatus>,
    created_at: Option<DateTime<Utc>>,
    updated_at: Option<DateTime<Utc>>,
    extra: Extra,
}

impl Draft {
    /// The event, or the place of the first key that is missing. What was read
    /// stays in the draft in that case.
    pub(super) fn finish(&mut self) -> Result<WebhookEvent, Place> {
        self.check_complete()?;
        Ok(WebhookEvent {
            webhook_id: taken(&mut self.webhook_id, Place::WebhookId)?,
            action_id: taken(&mut self.action_id, Place::ActionId)?,
            action: taken(&mut self.action, Place::Action)?,
            data: self.data.finish()?,
            extra: std::mem::take(&mut self.extra),
        })
    }

    fn check_complete(&self) -> Result<(), Place> {
        let data = &self.data;
        require(self.webhook_id.is_some(), Place::WebhookId)?;
        require(self.action_id.is_some(), Place::ActionId)?;
        require(self.action.is_some(), Place::Action)?;
        require(self.has_data, Place::Data)?;
        require(data.id.is_some(), Place::Id)?;
        require(data.user_id.is_some(), Place::UserId)?;
        require(data.hash.is_some(), Place::Hash)?;
        require(data.stamp_type.is_some(), Place::Type)?;
        require(data.code.is_some(), Place::Code)?;
        require(data.is_private_bc.is_some(), Place::IsPrivateBc)?;
        require(data.status.is_some(), Place::Status)?;
        require(data.created_at.is_some(), Place::CreatedAt)?;
        require(data.updated_at.is_some(), Place::UpdatedAt)
    }
}

fn require(is_there: bool, place: Place) -> Result<(), Place> {
    if is_there { Ok(()) } else { Err(place) }
}

impl StampDraft {
    pub(super) fn finish(&mut self) -> Result<Stamp, Place> {
        Ok(Stamp {
            id: taken(&mut self.id, Place::Id)?,
            user_id: taken(&mut self.user_id, Place::UserId)?,
            client_id: self.client_id.take().flatten(),
            name: self.name.take().flatten(),
            blockchain_id: self.blockchain_id.take().flatten(),
            tx_id: self.tx_id.take().flatten(),
            hash: taken(&mut self.hash, Place::Hash)?,
            stamp_type: taken(&mut self.stamp_type, Place::Type)?,
            code: taken(&mut self.code, Place::Code)?,
            is_esign: self.is_esign.take().flatten(),
            is_private_bc: taken(&mut self.is_private_bc, Place::IsPrivateBc)?,
            status: taken(&mut self.status, Place::Status)?,
            created_at: taken(&mut self.created_at, Place::CreatedAt)?,
            updated_at: taken(&mut self.updated_at, Place::UpdatedAt)?,
            extra: std::mem::take(&mut self.extra),
        })
    }
}

fn taken<T>(slot: &mut Option<T>, place: Place) -> Result<T, Place> {
    slot.take().ok_or(place)
}

/// What belongs at the place of a required key.
pub(super) const fn expected_at(place: Place) -> &'static str {
    match place {
        Place::Body | Place::Data => "an object",
        Place::IsPrivateBc => bool::EXPECTED,
        Place::Status => StampStatus::EXPECTED,
        Place::CreatedAt | Place::UpdatedAt => DateTime::<Utc>::EXPECTED,
        _ => StampHash::EXPECTED,
    }
}

impl Object for Draft {
    const PLACE: Place = Place::Body;
    const DEPTH: usize = 1;

    fn place_of(key: &str) -> Option<Place> {
        Place::in_envelope(key)
    }

    fn read_field<'de, A: MapAccess<'de>>(
        &mut self,
        place: Place,
        map: &mut A,
        trace: &Trace,
    ) -> Result<(), A::Error> {
        match place {
            Place::WebhookId => scalar(&mut self.webhook_id, place, map, trace),
            Place::ActionId => scalar(&mut self.action_id, place, map, trace),
            Place::Action => scalar(&mut self.action, place, map, trace),
            _ if self.has_data => Err(trace.report(Fault::duplicate(place.key()))),
            _ => {
                self.has_data = true;
                let draft = &mut self.data;
                map.next_value_seed(ObjectSeed { draft, trace })
            }
        }
    }

    fn extra(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl Object for StampDraft {
    const PLACE: Place = Place::Data;
    const DEPTH: usize = 2;

    fn place_of(key: &str) -> Option<Place> {
        Place::in_stamp(key)
    }

    fn read_field<'de, A: MapAccess<'de>>(
        &mut self,
        place: Place,
        map: &mut A,
        trace: &Trace,
    ) -> Result<(), A::Error> {
        match place {
            Place::Id => scalar(&mut self.id, place, map, trace),
            Place::UserId => scalar(&mut self.user_id, place, map, trace),
            Place::ClientId => scalar(&mut self.client_id, place, map, trace),
            Place::Name => scalar(&mut self.name, place, map, trace),
            Place::BlockchainId => scalar(&mut self.blockchain_id, place, map, trace),
            Place::TxId => scalar(&mut self.tx_id, place, map, trace),
            Place::Hash => scalar(&mut self.hash, place, map, trace),
            Place::Type => scalar(&mut self.stamp_type, place, map, trace),
            Place::Code => scalar(&mut self.code, place, map, trace),
            Place::IsEsign => scalar(&mut self.is_esign, place, map, trace),
            Place::IsPrivateBc => scalar(&mut self.is_private_bc, place, map, trace),
            Place::Status => scalar(&mut self.status, place, map, trace),
            Place::CreatedAt => scalar(&mut self.created_at, place, map, trace),
            // `UpdatedAt`: `place_of` gives no place outside of `data`.
            _ => scalar(&mut self.updated_at, place, map, trace),
        }
    }

    fn extra(&mut self) -> &mut Extra {
        &mut self.extra
    }
}
