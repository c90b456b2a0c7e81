//! The events that wait: which are due, and what an attempt came to.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::query::{Query, QueryScalar};
use sqlx::{AnyConnection, Connection};
use tokio::time::Instant;
use tracing::{error, warn};

use crate::clock::micros_of;
use crate::database::Database;
use crate::dialect::{bind, in_time};
use crate::process::Step;
use crate::settings::Settings;

/// How often events are looked for from the start, and not from where the last
/// ones were: at most, and at most in this share of the time.
const SWEEP: Duration = Duration::from_secs(10);
const SWEEP_SHARE: u32 = 50;
/// How much later than others an event may be committed and not wait for a sweep.
const LATE: i64 = 1_000_000;
const HOUR: i64 = 3_600_000_000;
const GROWTH: i64 = 4;
/// How many bytes of bodies a batch has before it takes no more.
const BYTES: usize = 1 << 20;
const NO_END: &str = "no attempt came to an end: the process ended, or the database went away";

/// An event that is one worker's to try.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    pub(crate) key: String,
    pub(crate) body: Vec<u8>,
    /// With the one that begins.
    pub(crate) attempts: i64,
    /// Whether the record confirms it.
    pub(crate) is_confirmed: bool,
}

/// The events that wait.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    pub(crate) database: Database,
    pub(crate) limit: Duration,
    first_delay: i64,
    max_attempts: i64,
    batch: usize,
    asks: bool,
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

impl Place {
    fn swept(&mut self, at: Instant, pause: Duration) {
        self.sweep = at.checked_add(pause).unwrap_or(at);
    }
}

impl Queue {
    pub(crate) fn new(database: Database, settings: &Settings) -> Self {
        let (from, sweep) = (0, Instant::now());
        Self {
            database,
            limit: settings.store_timeout(),
            first_delay: micros_of(Duration::from_millis(settings.retry_ms)),
            max_attempts: settings.max_attempts,
            batch: settings.batch,
            asks: settings.asks(),
            place: Arc::new(Mutex::new(Place { from, sweep })),
        }
    }

    fn sql(&self, statement: &str) -> String {
        self.database.dialect.sql(statement)
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the events that have been due for longest, and counts the attempt
    /// before it begins: one that ends the process has been one. And says whether
    /// others are due.
    pub(crate) async fn claim(&self, step: &mut Step) -> sqlx::Result<(Vec<Claimed>, bool)> {
        let mut connection = self.database.acquire(&self.database.working).await?;
        let claimed = in_time(self.limit, self.claim_on(&mut connection, step)).await;
        if claimed.is_err() {
            connection.close_on_drop();
        }
        claimed
    }

    async fn claim_on(
        &self,
        connection: &mut AnyConnection,
        step: &mut Step,
    ) -> sqlx::Result<(Vec<Claimed>, bool)> {
        let start = Instant::now();
        let sweeps = start >= self.place().sweep;
        let from = if sweeps { 0 } else { self.place().from };
        let mut transaction = connection.begin_with(self.database.dialect.begin()).await?;
        if sweeps {
            self.place().swept(start, SWEEP);
            // A clock that was ahead has said that these are due so late.
            let late = "UPDATE inbox.events SET next_attempt_at = {now} WHERE state = 'pending' \
                 AND next_attempt_at > {now} AND (attempts = 0 OR next_attempt_at > {now} + $1)";
            let late = self.sql(late);
            sqlx::query(&late)
                .bind(HOUR)
                .execute(&mut *transaction)
                .await?;
        }
        let asked = if self.asks {
            "AND confirmation IS NOT NULL"
        } else {
            ""
        };
        let due = format!(
            "SELECT key, body, attempts, alone, next_attempt_at, \
             CASE WHEN confirmation LIKE 'confirmed%' THEN 1 ELSE 0 END FROM inbox.events \
             WHERE state = 'pending' {asked} AND next_attempt_at BETWEEN $1 AND {{now}} \
             ORDER BY next_attempt_at, received_at LIMIT $2 {{lock}}"
        );
        let (due, size) = (
            self.sql(&due),
            i64::try_from(self.batch).unwrap_or(i64::MAX),
        );
        let due = bind!(sqlx::query_as(&due), from, size);
        let due: Vec<(String, Vec<u8>, i64, i64, i64, i64)> =
            due.fetch_all(&mut *transaction).await?;
        let Some(&(_, _, attempts, alone, first, _)) = due.first() else {
            transaction.commit().await?;
            return Ok((Vec::new(), false));
        };
        let full = due.len() == self.batch;
        let (mut claimed, mut bytes, mut left) = (Vec::new(), 0_usize, false);
        for (key, body, so_far, with_none, _, confirmed) in due {
            // After the same failures the same delay; and after an attempt without
            // an end, no other event that the next one could take along.
            let fits = so_far == attempts && with_none == 0 && alone == 0 && bytes < BYTES;
            left |= !fits;
            if fits || claimed.is_empty() {
                bytes = bytes.saturating_add(body.len());
                let attempts = so_far.saturating_add(1);
                claimed.push(Claimed {
                    key,
                    body,
                    attempts,
                    is_confirmed: confirmed == 1,
                });
            }
        }
        if let ([event], true) = (&*claimed, alone == 1 && attempts >= self.max_attempts) {
            let event = Claimed {
                attempts,
                ..event.clone()
            };
            self.charge_on(&mut transaction, &event, NO_END, step)
                .await?;
            claimed.clear();
        }
        let begin = "UPDATE inbox.events \
             SET attempts = attempts + 1, alone = 1, next_attempt_at = {now} + $1";
        self.update(&mut transaction, begin, self.delay(attempts), &claimed)
            .await?;
        transaction.commit().await?;
        let mut place = self.place();
        place.from = first.saturating_sub(LATE);
        if sweeps {
            let took = start.elapsed().saturating_mul(SWEEP_SHARE);
            place.swept(start, took.max(SWEEP));
        }
        Ok((claimed, full || left))
    }

    /// Which of these events are still this worker's: no other one takes them until
    /// the transaction ends. It waits for a connection that was closed in the middle of
    /// one, which the database may notice later.
    pub(crate) async fn hold(
        &self,
        transaction: &mut AnyConnection,
        events: &[Claimed],
    ) -> sqlx::Result<HashSet<String>> {
        let keys = keys(events);
        let hold = self.sql(&format!(
            "SELECT key FROM inbox.events \
             WHERE state = 'pending' AND attempts = $1 AND key IN ({}) {{hold}}",
            places(&keys)
        ));
        let attempts = events.first().map(|event| event.attempts);
        let hold = sqlx::query_scalar(&hold).bind(attempts);
        let hold = keys.into_iter().fold(hold, QueryScalar::bind);
        Ok(hold.fetch_all(transaction).await?.into_iter().collect())
    }

    /// Changes pending events with one value.
    pub(crate) async fn update(
        &self,
        connection: &mut AnyConnection,
        statement: &str,
        value: i64,
        events: &[Claimed],
    ) -> sqlx::Result<()> {
        let keys = keys(events);
        if keys.is_empty() {
            return Ok(());
        }
        let statement = self.sql(&format!(
            "{statement} WHERE state = 'pending' AND key IN ({})",
            places(&keys)
        ));
        let query = sqlx::query(&statement).bind(value);
        let query = keys.into_iter().fold(query, Query::bind);
        query.execute(connection).await.map(drop)
    }

    /// The attempt was one more failure of this event.
    pub(crate) async fn charge(
        &self,
        event: &Claimed,
        error: &str,
        step: &mut Step,
    ) -> sqlx::Result<()> {
        let mut connection = self.database.acquire(&self.database.working).await?;
        self.charge_on(&mut connection, event, error, step).await
    }

    pub(crate) async fn charge_on(
        &self,
        connection: &mut AnyConnection,
        event: &Claimed,
        error: &str,
        step: &mut Step,
    ) -> sqlx::Result<()> {
        let Claimed { key, attempts, .. } = event;
        warn!(%key, attempts, %error, "cannot handle");
        let state = if *attempts < self.max_attempts {
            step.retried = step.retried.saturating_add(1);
            "pending"
        } else {
            step.set_aside = step.set_aside.saturating_add(1);
            "set-aside"
        };
        let mark = "UPDATE inbox.events SET state = $2, alone = 0, last_error = $3, \
             next_attempt_at = {now} + $4 WHERE key = $1 AND state = 'pending'";
        let mark = self.sql(mark);
        let delay = self.delay(attempts.saturating_sub(1));
        let mark = bind!(sqlx::query(&mark), key, state, error, delay);
        mark.execute(connection).await.map(drop)
    }

    /// The attempt was none: nobody knows whose fault it was. Each is tried alone.
    pub(crate) async fn give_back(&self, events: &[Claimed]) {
        let back = "UPDATE inbox.events \
             SET attempts = attempts - 1, next_attempt_at = {now} + $1";
        let given = async {
            let mut connection = self.database.acquire(&self.database.working).await?;
            self.update(&mut connection, back, self.first_delay, events)
                .await
        };
        if let Err(error) = in_time(self.limit, given).await {
            error!(%error, "attempts are counted that were not made");
        }
    }

    /// How long to wait after one more failure.
    pub(crate) fn delay(&self, failures: i64) -> i64 {
        let growth = GROWTH.saturating_pow(u32::try_from(failures).unwrap_or(u32::MAX));
        self.first_delay.saturating_mul(growth).min(HOUR)
    }
}

/// The keys of events, the first one more than once: few sizes, and so few
/// statements to prepare.
fn keys(events: &[Claimed]) -> Vec<&str> {
    let size = if events.is_empty() {
        0
    } else {
        events.len().next_power_of_two()
    };
    let first = events.iter().cycle().skip(events.len());
    events
        .iter()
        .chain(first)
        .take(size)
        .map(|event| &*event.key)
        .collect()
}

/// Placeholders for keys, after that of one value before them.
fn places(keys: &[&str]) -> String {
    let places = (2..).zip(keys).map(|(place, _)| format!("${place}"));
    places.collect::<Vec<_>>().join(", ")
}
