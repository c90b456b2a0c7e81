//! The tables, and what is written there before an answer goes out.

use std::time::{Duration, SystemTime};

use edexa_webhooks::chrono::{DateTime, Utc};
use edexa_webhooks::{IdempotencyKey, Rejection, WebhookEvent, serde_json};
use sha2::{Digest, Sha256};
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, AnyPool, Executor};

use crate::settings::Settings;

/// How long a key is kept, in microseconds: seven days. The last redelivery is
/// due 31 hours and 35 minutes after the first attempt (*inferred*).
const KEPT: i64 = 7 * 24 * 3600 * 1_000_000;

/// A statement with its values.
macro_rules! bind {
    ($query:expr $(, $value:expr)* $(,)?) => { $query$(.bind($value))* };
}
pub(crate) use bind;

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    /// SQLite's has one connection, since SQLite has one writer at a time, and
    /// waiting in the pool is fairer than waiting in SQLite.
    pub pool: AnyPool,
    /// How a transaction begins that will write.
    pub(crate) begin: &'static str,
    /// Selects the next event that is due and that no other worker has taken.
    pub(crate) take: String,
}

/// What became of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Accepted {
    /// It is new.
    Stored,
    /// It was there.
    Redelivered,
    /// Other content was there under its key: it is kept beside that.
    Conflicting,
}

impl Store {
    /// Opens the database, and makes its file and its tables if need be.
    ///
    /// # Errors
    ///
    /// The database cannot be reached, or is not an inbox's.
    pub async fn create(settings: &Settings) -> sqlx::Result<Self> {
        let store = Self::connect(settings, "?mode=rwc").await?;
        sqlx::migrate!().run(&store.pool).await?;
        Ok(store)
    }

    /// Opens a database that is there.
    ///
    /// # Errors
    ///
    /// The database cannot be reached.
    pub async fn open(settings: &Settings) -> sqlx::Result<Self> {
        Self::connect(settings, "?mode=rw").await
    }

    async fn connect(settings: &Settings, sqlite_mode: &str) -> sqlx::Result<Self> {
        sqlx::any::install_default_drivers();
        let (mut url, millis) = (settings.database_url.clone(), settings.store_timeout_ms);
        let postgres = url.starts_with("postgres");
        if !postgres && !url.contains('?') {
            url.push_str(sqlite_mode);
        }
        // All that differs between the two databases.
        let (begin, locking, connections, setup) = if postgres {
            let setup = format!(
                "SET statement_timeout = {millis}; \
                 SET idle_in_transaction_session_timeout = '60s'"
            );
            ("BEGIN", "FOR UPDATE SKIP LOCKED", 16, setup)
        } else {
            // IMMEDIATE: who has read may no longer write once another one has.
            // FULL: what is committed survives the loss of power too.
            let setup = format!(
                "PRAGMA busy_timeout = {millis}; PRAGMA journal_mode = WAL; \
                 PRAGMA synchronous = FULL; PRAGMA max_page_count = {}",
                settings.sqlite_max_pages
            );
            ("BEGIN IMMEDIATE", "", 1, setup)
        };
        let pool = AnyPoolOptions::new()
            .acquire_timeout(Duration::from_millis(millis))
            .max_connections(connections)
            .after_connect(move |connection: &mut AnyConnection, _| {
                let setup = setup.clone();
                Box::pin(async move { connection.execute(&*setup).await.map(drop) })
            })
            .connect(&url)
            .await?;
        let take = format!(
            "SELECT key, body, attempts FROM events \
             WHERE state = 'pending' AND next_attempt_at <= $1 \
             ORDER BY next_attempt_at LIMIT 1 {locking}"
        );
        Ok(Self { pool, begin, take })
    }

    /// Stores an event. Each statement is a transaction of its own, and one
    /// statement stores all of a new event.
    ///
    /// # Errors
    ///
    /// The database does not take it.
    pub async fn accept(&self, event: &WebhookEvent, body: &[u8]) -> sqlx::Result<Accepted> {
        let (key, now) = (stored_key(&event.idempotency_key()), now());
        let findings = serde_json::to_string(&event.check_at(now)).unwrap_or_default();
        let now = now.timestamp_micros();
        let insert = "INSERT INTO events (key, body, received_at, next_attempt_at, findings) \
             VALUES ($1, $2, $3, $3, $4) ON CONFLICT (key) DO NOTHING";
        let insert = bind!(sqlx::query(insert), &key, body, now, findings);
        if insert.execute(&self.pool).await?.rows_affected() == 1 {
            return Ok(Accepted::Stored);
        }
        let earlier = sqlx::query_scalar("SELECT body FROM events WHERE key = $1");
        let earlier: Vec<u8> = earlier.bind(&key).fetch_one(&self.pool).await?;
        if WebhookEvent::from_slice(&earlier).is_ok_and(|earlier| event.is_redelivery_of(&earlier))
        {
            let count = "UPDATE events SET redeliveries = redeliveries + 1 WHERE key = $1";
            sqlx::query(count).bind(&key).execute(&self.pool).await?;
            return Ok(Accepted::Redelivered);
        }
        let keep = "INSERT INTO conflicts (key, digest, body, received_at) \
             VALUES ($1, $2, $3, $4) \
             ON CONFLICT (key, digest) DO UPDATE SET times = conflicts.times + 1";
        let keep = bind!(sqlx::query(keep), &key, digest(body), body, now);
        keep.execute(&self.pool).await?;
        Ok(Accepted::Conflicting)
    }

    /// Stores a body that is refused, and why.
    ///
    /// # Errors
    ///
    /// The database does not take it.
    pub async fn refuse(&self, body: &[u8], codes: &[&str], why: &Rejection) -> sqlx::Result<()> {
        let salvaged = why.salvaged().map(ToString::to_string).unwrap_or_default();
        let (codes, problem) = (codes.join(" "), why.to_problem_json());
        let keep = "INSERT INTO refused (digest, body, received_at, codes, problem, salvaged) \
             VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (digest) DO UPDATE SET times = refused.times + 1";
        let (keep, now) = (sqlx::query(keep), now().timestamp_micros());
        let keep = bind!(keep, digest(body), body, now, codes, problem, salvaged);
        keep.execute(&self.pool).await.map(drop)
    }

    /// Deletes what was received seven days ago and is done, but for an event with
    /// a conflict, which somebody has yet to compare: how many there were.
    ///
    /// # Errors
    ///
    /// The database does not do it.
    pub async fn prune(&self, now: DateTime<Utc>) -> sqlx::Result<u64> {
        let (mut pruned, before): (u64, _) = (0, now.timestamp_micros().saturating_sub(KEPT));
        // A part at a time, so that nobody waits for long.
        let part = "DELETE FROM events WHERE key IN (SELECT key FROM events \
             WHERE state = 'done' AND received_at < $1 AND NOT EXISTS \
             (SELECT 1 FROM conflicts WHERE conflicts.key = events.key) LIMIT 500)";
        loop {
            let part = sqlx::query(part).bind(before).execute(&self.pool).await?;
            if part.rows_affected() == 0 {
                return Ok(pruned);
            }
            pruned = pruned.saturating_add(part.rows_affected());
        }
    }
}

/// The time. The database keeps it to the microsecond.
#[must_use]
pub fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

/// A key as it is stored: one that is too long for an index ends in its digest.
/// No other key looks like that: none holds a `#`.
#[must_use]
pub fn stored_key(key: &IdempotencyKey) -> String {
    indexed(key.as_str())
}

/// An encoded text of any length as one of at most 300 bytes.
pub(crate) fn indexed(encoded: &str) -> String {
    match encoded.get(..200) {
        Some(start) if encoded.len() > 300 => format!("{start}#{}", digest(encoded.as_bytes())),
        _ => encoded.to_owned(),
    }
}

/// The SHA-256 in hexadecimal.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}
