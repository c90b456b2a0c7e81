//! What is posted.

use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use edexa_webhooks::testing::{self, EventBuilder};
use edexa_webhooks::{StampId, WebhookEvent, serde_json};

use crate::error::Error;

/// Bodies to post in turn.
#[derive(Clone, Debug)]
pub struct Bodies(Vec<(Vec<u8>, Option<WebhookEvent>)>);

impl Bodies {
    /// Any bytes, webhook bodies or not.
    #[must_use]
    pub fn new(bodies: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let with_event = |body: Vec<u8>| {
            let event = WebhookEvent::from_slice_with_limit(&body, usize::MAX).ok();
            (body, event)
        };
        Self(bodies.into_iter().map(with_event).collect())
    }

    /// edeXa's documented bodies by their names, or files.
    ///
    /// # Errors
    ///
    /// A file cannot be read.
    pub fn read(events: &[PathBuf]) -> Result<Self, Error> {
        let bodies: Result<Vec<_>, _> = events
            .iter()
            .map(|event| match event.to_str() {
                Some("succeeded") => Ok(testing::SUCCEEDED.into()),
                Some("failed") => Ok(testing::FAILED.into()),
                _ => fs::read(event).map_err(|error| Error::Unreadable(event.clone(), error)),
            })
            .collect();
        bodies.map(Self::new)
    }

    /// A success that breaks no rule, was never stamped, and is about somebody else's
    /// hash: what whoever knows the URL can post. Its ids and times are those of now.
    #[must_use]
    pub fn forged() -> Self {
        let now = SystemTime::now();
        let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let id = |rest: u64| format!("{seconds:08x}{rest:016x}");
        let event = EventBuilder::succeeded()
            .webhook_id(id(0x195_267f_d13b_b3d1))
            .action_id(id(0xd25_1164_c916_a830))
            .stamp_id(id(0x9b5_bab6_d2f2_c6dc))
            .hash("60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752")
            .tx_id("0x5a1ce47e2f0d3b9c6e8841d7a0b95f3372c4e6d81f90ab35e7d2486cc10f9e4d")
            .created_at(now)
            .updated_at(now);
        Self::new(event.to_json().map(String::into_bytes))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The body of a delivery, counted from 0: each as it was given at first, and
    /// then for another stamp each time, which gives it an idempotency key of its
    /// own.
    ///
    /// A body that is no event has no key to vary and stays as it was given.
    /// `None`: there are no bodies.
    #[must_use]
    pub fn get(&self, index: u32) -> Option<Vec<u8>> {
        let turn = usize::try_from(index).ok()?;
        let (body, event) = self.0.get(turn.checked_rem(self.len())?)?;
        let variant = event
            .clone()
            .filter(|_| turn >= self.len())
            .and_then(|mut event| {
                event.data.id = vary(&event.data.id, index);
                // Cannot fail: what was parsed can be written.
                serde_json::to_vec(&event).ok()
            });
        Some(variant.unwrap_or_else(|| body.clone()))
    }
}

/// Varies the random part of an `ObjectId` and leaves its clock and its counter,
/// so that `id-clock-drift` stays silent and two stamps of one second, which
/// differ in the counter, never meet.
fn vary(id: &StampId, number: u32) -> StampId {
    let id = id.as_str();
    let halves = id
        .split_at_checked(8)
        .filter(|(_, rest)| rest.len() == 16)
        .and_then(|(clock, rest)| Some((clock, u64::from_str_radix(rest, 16).ok()?)));
    match halves {
        Some((clock, rest)) => format!("{clock}{:016x}", rest ^ (u64::from(number) << 24)).into(),
        None => format!("{id}-{number}").into(),
    }
}
