//! The events that wait: which are due, and what an attempt came to.

use std::time::Duration;

use serde::Serialize;
use sqlx::{AnyConnection, FromRow};
use tokio::time::Instant;
use tracing::warn;

use crate::clipped;
use crate::dialect::{query, rows};
use crate::lease::{ALONE, Lease};
use crate::process::{Step, Worker};

/// How often events are looked for from the start, and not from where the last
/// ones were.
const SWEEP: Duration = Duration::from_secs(10);
/// How much later than others an event may be committed and not wait for a sweep.
const LATE: i64 = 1_000_000;
pub(crate) const HOUR: i64 = 3_600_000_000;
const GROWTH: i64 = 4;
/// How many bytes of bodies a batch has before it takes no more.
const BYTES: usize = 1 << 20;

/// What a worker has to know of an event.
pub(crate) const CLAIM: &str = "SELECT key, {body}, state, attempts, batch_limit, next_attempt_at, \
     last_error, confirmation, silent_since, {now} AS now FROM inbox.events";

/// An event that is one worker's to try.
#[derive(Clone, FromRow, Serialize, Debug)]
pub(crate) struct Claimed {
    pub(crate) key: String,
    #[serde(skip)]
    pub(crate) body: Vec<u8>,
    pub(crate) state: String,
    /// With the one that begins, once that is counted.
    pub(crate) attempts: i64,
    /// How many events the next attempt may have together; 0 for a whole batch.
    pub(crate) batch_limit: i64,
    next_attempt_at: i64,
    pub(crate) last_error: Option<String>,
    /// What the record says of it.
    pub(crate) confirmation: Option<String>,
    /// Since when the record does not say it.
    pub(crate) silent_since: Option<i64>,
    /// The database's time when it was claimed.
    #[serde(skip)]
    pub(crate) now: i64,
}

/// From when on events and leases are looked for. Earlier ones are done, and an old snapshot
/// elsewhere may keep their dead entries in the index: walking over those each time
/// would take longer and longer.
#[derive(Default, Debug)]
pub(crate) struct Place {
    events: i64,
    pub(crate) leases: i64,
    sweep: Option<Instant>,
}

/// What a worker has taken.
pub(crate) struct Claim {
    pub(crate) events: Vec<Claimed>,
    pub(crate) lease: Option<Lease>,
    /// Whether others are due.
    pub(crate) more: bool,
    /// What became of those whose attempts came to no end.
    pub(crate) step: Step,
}

impl Worker {
    /// How many events are claimed at once: few, if they are asked about.
    fn at_once(&self) -> u16 {
        let settings = &self.settings;
        self.api
            .as_ref()
            .map_or(settings.batch, |_| settings.api_at_once)
            .get()
    }

    /// Takes the events that have been due for longest, and writes that this worker has them
    /// before the attempt begins: one that ends the process is known to have been one.
    pub(crate) async fn claim(&self) -> sqlx::Result<Claim> {
        let store = &self.store;
        let claim = async |transaction: &mut AnyConnection| {
            let mut step = Step::default();
            let mut events = self.due(transaction, &mut step).await?;
            let due = events.len();
            choose(&mut events);
            let more = due > events.len() || due >= self.at_once().into();
            let lease = self.lease(transaction, &events).await?;
            Ok(Claim {
                events,
                lease,
                more,
                step,
            })
        };
        store.transact(store.limit, ALONE, claim).await
    }

    async fn due(
        &self,
        connection: &mut AnyConnection,
        step: &mut Step,
    ) -> sqlx::Result<Vec<Claimed>> {
        let mut place = self.place.lock().await;
        let start = Instant::now();
        let sweeps = place.sweep.is_none_or(|sweep| start >= sweep);
        if sweeps {
            (place.events, place.leases) = (0, 0);
            // A clock that was ahead has said that these are due so late.
            let late = "UPDATE inbox.events SET next_attempt_at = {now} \
                 WHERE state = 'pending' AND next_attempt_at > {now} \
                 AND (attempts = 0 OR next_attempt_at > {now} + $1)";
            query!(execute, connection, late, HOUR)?;
        }
        let taken = self.leased(connection, &mut place, step).await?;
        let due = format!(
            "{CLAIM} WHERE state = 'pending' AND next_attempt_at BETWEEN $2 AND {{now}} \
             AND key NOT IN (SELECT value FROM {{keys}}) \
             ORDER BY next_attempt_at, received_at LIMIT $3"
        );
        let (taken, at_once) = (rows(&taken), i64::from(self.at_once()));
        let due: Vec<Claimed> = query!(fetch_all, connection, &due, taken, place.events, at_once)?;
        if let Some(first) = due.first() {
            place.events = first.next_attempt_at.saturating_sub(LATE);
        }
        if sweeps {
            place.sweep = start.checked_add(SWEEP);
        }
        Ok(due)
    }

    /// Writes what became of the events of a lease, which nobody else changes.
    pub(crate) async fn save(
        &self,
        connection: &mut AnyConnection,
        events: &[Claimed],
    ) -> sqlx::Result<()> {
        let save = "UPDATE inbox.events AS e SET state = value ->> 'state', \
             attempts = CAST(value ->> 'attempts' AS BIGINT), \
             batch_limit = CAST(value ->> 'batch_limit' AS BIGINT), \
             next_attempt_at = CAST(value ->> 'next_attempt_at' AS BIGINT), \
             last_error = value ->> 'last_error', confirmation = value ->> 'confirmation', \
             silent_since = CAST(value ->> 'silent_since' AS BIGINT) \
             FROM {each} WHERE e.key = value ->> 'key' AND state = 'pending'";
        let saved = query!(execute, connection, save, rows(events))?;
        if usize::try_from(saved) == Ok(events.len()) {
            return Ok(());
        }
        let error = "an event was changed by hand while a worker had it";
        Err(sqlx::Error::Protocol(error.into()))
    }

    /// The attempt was one more failure of this event, which harms no other one again.
    pub(crate) fn charge(&self, event: &mut Claimed, error: &str) {
        // Until the API has confirmed it, its attempts were questions.
        let is_asked = self.api.is_some() && event.confirmation.is_none();
        if is_asked || event.attempts < self.settings.max_attempts {
            self.wait(event, error);
        } else {
            event.set_aside(error);
        }
        event.batch_limit = 1;
    }

    /// The event is tried again.
    pub(crate) fn wait(&self, event: &mut Claimed, error: &str) {
        warn!(key = event.key, error, "is tried again");
        event.last_error = Some(clipped(error));
        event.batch_limit = 0;
        event.next_attempt_at = event.now.saturating_add(self.delay(event));
    }

    /// How long to wait after so many attempts.
    fn delay(&self, event: &Claimed) -> i64 {
        let growths = u32::try_from(event.attempts.saturating_sub(1)).unwrap_or(0);
        let growth = GROWTH.saturating_pow(growths);
        micros_of(self.settings.retry_ms)
            .saturating_mul(growth)
            .min(HOUR)
    }
}

impl Claimed {
    /// With others it is the attempt that had no end, made again in halves.
    pub(crate) fn count_attempt(&mut self) {
        if self.batch_limit <= 1 {
            self.attempts = self.attempts.saturating_add(1);
        }
    }

    pub(crate) fn set_aside(&mut self, error: &str) {
        warn!(key = self.key, error, "set aside");
        (self.state, self.last_error) = ("set-aside".into(), Some(clipped(error)));
    }
}

/// Leaves those that may share an attempt.
fn choose(events: &mut Vec<Claimed>) {
    let limit = events.first().map_or(0, |event| event.batch_limit);
    let mut bytes = 0_usize;
    events.retain(|event| {
        let fits = event.batch_limit == limit && bytes < BYTES;
        bytes = bytes.saturating_add(event.body.len());
        fits
    });
    if let Ok(limit @ 1..) = usize::try_from(limit) {
        events.truncate(limit);
    }
}

pub(crate) fn micros_of(millis: u64) -> i64 {
    i64::try_from(millis.saturating_mul(1000)).unwrap_or(i64::MAX)
}
