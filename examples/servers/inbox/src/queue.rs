//! The events that wait: which are due, and what an attempt came to.

use std::collections::HashSet;
use std::num::NonZeroU16;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Connection, FromRow, Row};
use tokio::time::Instant;
use tracing::warn;

use crate::clipped;
use crate::database::Store;
use crate::dialect::{query, rows};
use crate::settings::Settings;

/// How often events are looked for from the start, and not from where the last
/// ones were.
const SWEEP: Duration = Duration::from_secs(10);
/// How much later than others an event may be committed and not wait for a sweep.
const LATE: i64 = 1_000_000;
const HOUR: i64 = 3_600_000_000;
const GROWTH: i64 = 4;
/// How many bytes of bodies a batch has before it takes no more.
const BYTES: usize = 1 << 20;
const NO_END: &str = "no attempt came to an end: the process ended, or the database went away";

/// An event that is one worker's to try.
#[derive(Clone, Serialize, Debug)]
pub(crate) struct Claimed {
    pub(crate) key: String,
    #[serde(skip)]
    pub(crate) body: Vec<u8>,
    pub(crate) state: &'static str,
    /// With the one that begins.
    pub(crate) attempts: i64,
    /// How many events the next attempt may have together; 0 for a whole batch.
    batch_limit: i64,
    /// Both as they are in the table: whoever claims the event changes them.
    stored: (i64, i64),
    /// Both as they were before the attempt.
    #[serde(skip)]
    before: (i64, i64),
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

impl FromRow<'_, AnyRow> for Claimed {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let stored: (i64, i64) = (row.try_get("attempts")?, row.try_get("batch_limit")?);
        Ok(Self {
            key: row.try_get("key")?,
            body: row.try_get("body")?,
            state: "pending",
            attempts: stored.0,
            batch_limit: stored.1,
            stored,
            before: stored,
            next_attempt_at: row.try_get("next_attempt_at")?,
            last_error: row.try_get("last_error")?,
            confirmation: row.try_get("confirmation")?,
            silent_since: row.try_get("silent_since")?,
            now: row.try_get("now")?,
        })
    }
}

/// The events that wait.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    pub(crate) store: Store,
    first_delay: i64,
    max_attempts: i64,
    batch: NonZeroU16,
    lease: i64,
    place: Arc<Mutex<Place>>,
}

/// From when on events are looked for. Earlier ones are done, and an old snapshot
/// elsewhere may keep their dead entries in the index: walking over those each time
/// would take longer and longer.
#[derive(Debug)]
struct Place {
    from: i64,
    sweep: Instant,
}

impl Queue {
    pub(crate) fn new(store: &Store, settings: &Settings) -> Self {
        let (from, sweep) = (0, Instant::now());
        Self {
            store: store.clone(),
            first_delay: micros_of(settings.retry_ms),
            max_attempts: settings.max_attempts,
            batch: settings.batch,
            lease: 0,
            place: Arc::new(Mutex::new(Place { from, sweep })),
        }
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So few events at once, each of them for so long: they are asked about.
    pub(crate) fn ask(&mut self, batch: NonZeroU16, lease: i64) {
        (self.batch, self.lease) = (batch, lease);
    }

    /// Takes the events that have been due for longest, and counts the attempt
    /// before it begins: one that ends the process has been one. And says whether
    /// others are due.
    pub(crate) async fn claim(&self) -> sqlx::Result<(Vec<Claimed>, bool)> {
        let store = &self.store;
        let claim = async |connection: &mut AnyConnection| {
            let begin = store.dialect.begin();
            let mut transaction = connection.begin_with(begin).await?;
            let due = self.due(&mut transaction).await?;
            let full = due.len() >= self.batch.get().into();
            let (mut claimed, left) = self.choose(due);
            self.save(&mut transaction, &mut claimed).await?;
            transaction.commit().await?;
            Ok((claimed, full || left))
        };
        store.run(&store.working, store.limit, claim).await
    }

    async fn due(&self, connection: &mut AnyConnection) -> sqlx::Result<Vec<Claimed>> {
        let start = Instant::now();
        let Place { from, sweep } = *self.place();
        if start >= sweep {
            // A clock that was ahead has said that these are due so late.
            let late = "UPDATE inbox.events SET next_attempt_at = {now} \
                 WHERE state = 'pending' AND next_attempt_at > {now} \
                 AND (attempts = 0 OR next_attempt_at > {now} + $1)";
            query!(execute, connection, late, HOUR)?;
        }
        let due = "SELECT key, body, attempts, batch_limit, next_attempt_at, last_error, \
             confirmation, silent_since, {now} AS now FROM inbox.events \
             WHERE state = 'pending' AND next_attempt_at BETWEEN $1 AND {now} \
             ORDER BY next_attempt_at, received_at LIMIT $2 {lock}";
        let from = if start < sweep { from } else { 0 };
        let batch = i64::from(self.batch.get());
        let due: Vec<Claimed> = query!(fetch_all, connection, due, from, batch)?;
        if let Some(first) = due.first() {
            self.place().from = first.next_attempt_at.saturating_sub(LATE);
        }
        if start >= sweep {
            self.place().sweep = start.checked_add(SWEEP).unwrap_or(start);
        }
        Ok(due)
    }

    /// Those that may share an attempt, and whether others are left.
    fn choose(&self, mut due: Vec<Claimed>) -> (Vec<Claimed>, bool) {
        let all = due.len();
        let limit = due.first().map_or(0, |event| event.batch_limit);
        let mut places = match usize::try_from(limit) {
            Ok(limit @ 1..) => limit,
            _ => self.batch.get().into(),
        };
        let mut bytes = BYTES;
        due.retain(|event| {
            let fits = event.batch_limit == limit && places > 0 && bytes > 0;
            if fits {
                places = places.saturating_sub(1);
                bytes = bytes.saturating_sub(event.body.len());
            }
            fits
        });
        let left = due.len() < all;
        let half = i64::try_from(due.len() / 2).unwrap_or(i64::MAX).max(1);
        for event in &mut due {
            if limit == 1 && event.attempts >= self.max_attempts {
                event.set_aside(NO_END);
                continue;
            }
            event.batch_limit = half;
            // With others it is the attempt that had no end, made again in halves.
            if limit <= 1 {
                event.attempts = event.attempts.saturating_add(1);
            }
            let delay = self.delay(event.attempts.saturating_sub(1)).max(self.lease);
            event.next_attempt_at = event.now.saturating_add(delay);
        }
        (due, left)
    }

    /// Writes what became of pending events: which of them were still this worker's. Until
    /// the transaction ends, they are nobody else's.
    pub(crate) async fn save(
        &self,
        connection: &mut AnyConnection,
        events: &mut [Claimed],
    ) -> sqlx::Result<HashSet<String>> {
        if events.is_empty() {
            return Ok(HashSet::new());
        }
        let save = "UPDATE inbox.events AS e SET state = value ->> 'state', \
             attempts = CAST(value ->> 'attempts' AS BIGINT), \
             batch_limit = CAST(value ->> 'batch_limit' AS BIGINT), \
             next_attempt_at = CAST(value ->> 'next_attempt_at' AS BIGINT), \
             last_error = value ->> 'last_error', confirmation = value ->> 'confirmation', \
             silent_since = CAST(value ->> 'silent_since' AS BIGINT) \
             FROM {each} WHERE e.key = value ->> 'key' AND state = 'pending' \
             AND attempts = CAST(value -> 'stored' ->> 0 AS BIGINT) \
             AND batch_limit = CAST(value -> 'stored' ->> 1 AS BIGINT) RETURNING key";
        let saved: Vec<(String,)> = query!(fetch_all, connection, save, rows(events))?;
        for event in events {
            event.stored = (event.attempts, event.batch_limit);
        }
        Ok(saved.into_iter().map(|(key,)| key).collect())
    }

    /// Writes what became of events whose transaction was undone.
    pub(crate) async fn save_apart(&self, events: &mut [Claimed]) -> sqlx::Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        let store = &self.store;
        let save = async |connection: &mut AnyConnection| self.save(connection, events).await;
        let saved = store.run(&store.working, store.limit, save).await;
        saved.map(drop)
    }

    /// The attempt was one more failure of this event, which harms no other one again.
    pub(crate) fn charge(&self, event: &mut Claimed, error: &str) {
        if event.attempts < self.max_attempts {
            self.wait(event, error, event.attempts.saturating_sub(1));
            event.batch_limit = 1;
        } else {
            event.set_aside(error);
        }
    }

    /// The event is tried again, as after so many failures.
    pub(crate) fn wait(&self, event: &mut Claimed, error: &str, failures: i64) {
        warn!(key = event.key, error, "is tried again");
        event.last_error = Some(clipped(error));
        event.batch_limit = 0;
        event.next_attempt_at = event.now.saturating_add(self.delay(failures));
    }

    /// The attempt was none: the database was away.
    pub(crate) fn give_back(&self, event: &mut Claimed) {
        (event.attempts, event.batch_limit) = event.before;
        event.next_attempt_at = event.now.saturating_add(self.first_delay);
    }

    /// How long to wait after one more failure.
    pub(crate) fn delay(&self, failures: i64) -> i64 {
        let growth = GROWTH.saturating_pow(u32::try_from(failures).unwrap_or(u32::MAX));
        self.first_delay.saturating_mul(growth).min(HOUR)
    }
}

impl Claimed {
    pub(crate) fn set_aside(&mut self, error: &str) {
        warn!(key = self.key, error, "set aside");
        (self.state, self.last_error) = ("set-aside", Some(clipped(error)));
    }
}

pub(crate) fn micros_of(millis: u64) -> i64 {
    i64::try_from(millis.saturating_mul(1000)).unwrap_or(i64::MAX)
}
