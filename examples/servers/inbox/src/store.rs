//! The tables: what is written before an answer goes out.

use std::time::{Duration, SystemTime};

use edexa_webhooks::chrono::{DateTime, Utc};
use edexa_webhooks::{IdempotencyKey, Rejection, WebhookEvent, serde_json};
use sha2::{Digest, Sha256};
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, AnyPool, Executor};

use crate::settings::Database;

/// How long a key is kept, in microseconds: seven days. The last redelivery is
/// due 31 hours and 35 minutes after the first attempt (*inferred*).
const KEPT: i64 = 7 * 24 * 3600 * 1_000_000;

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    /// SQLite's has one connection, since SQLite has one writer at a time, and
    /// waiting in the pool is fairer than waiting in SQLite.
    pub pool: AnyPool,
    dialect: Dialect,
}

#[derive(Clone, Copy, Debug)]
enum Dialect {
    Sqlite,
    Postgres,
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
    pub async fn create(database: &Database) -> sqlx::Result<Self> {
        let store = Self::connect(database, "?mode=rwc").await?;
        sqlx::migrate!().run(&store.pool).await?;
        Ok(store)
    }

    /// Opens a database that is there.
    ///
    /// # Errors
    ///
    /// The database cannot be reached.
    pub async fn open(database: &Database) -> sqlx::Result<Self> {
        Self::connect(database, "?mode=rw").await
    }

    async fn connect(database: &Database, mode: &str) -> sqlx::Result<Self> {
        sqlx::any::install_default_drivers();
        let millis = database.timeout.as_millis();
        let options = AnyPoolOptions::new().acquire_timeout(database.timeout);
        if database.url.starts_with("postgres") {
            let setup = format!(
                "SET statement_timeout = {millis}; \
                 SET idle_in_transaction_session_timeout = '60s'"
            );
            let pool = connect(options.max_connections(16), setup, &database.url).await?;
            return Ok(Self {
                pool,
                dialect: Dialect::Postgres,
            });
        }
        let max_pages = database.max_pages.unwrap_or(u32::MAX - 1);
        // FULL: what is committed survives the loss of power too.
        let setup = format!(
            "PRAGMA busy_timeout = {millis}; PRAGMA journal_mode = WAL; \
             PRAGMA synchronous = FULL; PRAGMA max_page_count = {max_pages}"
        );
        let mut url = database.url.clone();
        if !url.contains('?') {
            url.push_str(mode);
        }
        Ok(Self {
            pool: connect(options.max_connections(1), setup, &url).await?,
            dialect: Dialect::Sqlite,
        })
    }

    /// How a transaction that will write begins.
    pub(crate) fn begin(&self) -> &'static str {
        match self.dialect {
            // Not by a read: a transaction that has read may no longer write once
            // another one has written.
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN",
        }
    }

    /// Selects the next event that is due, which no other worker has taken.
    pub(crate) fn take(&self) -> &'static str {
        macro_rules! take {
            ($locking:literal) => {
                concat!(
                    "SELECT key, body, attempts FROM events \
                     WHERE state = 'pending' AND next_attempt_at <= $1 \
                     ORDER BY next_attempt_at LIMIT 1",
                    $locking
                )
            };
        }
        match self.dialect {
            // Its transaction has locked everything.
            Dialect::Sqlite => take!(""),
            Dialect::Postgres => take!(" FOR UPDATE SKIP LOCKED"),
        }
    }

    /// Stores an event. Each statement is a transaction of its own, and one
    /// statement stores all of a new event.
    ///
    /// # Errors
    ///
    /// The database does not take it.
    pub async fn accept(&self, event: &WebhookEvent, body: &[u8]) -> sqlx::Result<Accepted> {
        let (key, now) = (stored_key(&event.idempotency_key()), now());
        let findings = event.check_at(now);
        let inserted = sqlx::query(
            "INSERT INTO events (key, body, received_at, next_attempt_at, findings) \
             VALUES ($1, $2, $3, $3, $4) ON CONFLICT (key) DO NOTHING",
        )
        .bind(&key)
        .bind(body)
        .bind(now.timestamp_micros())
        .bind(serde_json::to_string(&findings).unwrap_or_default())
        .execute(&self.pool)
        .await?;
        if inserted.rows_affected() == 1 {
            return Ok(Accepted::Stored);
        }
        let (earlier,): (Vec<u8>,) = sqlx::query_as("SELECT body FROM events WHERE key = $1")
            .bind(&key)
            .fetch_one(&self.pool)
            .await?;
        if WebhookEvent::from_slice(&earlier).is_ok_and(|earlier| event.is_redelivery_of(&earlier))
        {
            sqlx::query("UPDATE events SET redeliveries = redeliveries + 1 WHERE key = $1")
                .bind(&key)
                .execute(&self.pool)
                .await?;
            return Ok(Accepted::Redelivered);
        }
        sqlx::query(
            "INSERT INTO conflicts (key, digest, body, received_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (key, digest) DO UPDATE SET times = conflicts.times + 1",
        )
        .bind(&key)
        .bind(digest(body))
        .bind(body)
        .bind(now.timestamp_micros())
        .execute(&self.pool)
        .await?;
        Ok(Accepted::Conflicting)
    }

    /// Stores a body that is refused, and why.
    ///
    /// # Errors
    ///
    /// The database does not take it.
    pub async fn refuse(
        &self,
        body: &[u8],
        codes: &[&str],
        rejection: &Rejection,
    ) -> sqlx::Result<()> {
        let salvaged = rejection.salvaged().map(ToString::to_string);
        sqlx::query(
            "INSERT INTO refused (digest, body, received_at, codes, problem, salvaged) \
             VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (digest) DO UPDATE SET times = refused.times + 1",
        )
        .bind(digest(body))
        .bind(body)
        .bind(now().timestamp_micros())
        .bind(codes.join(" "))
        .bind(rejection.to_problem_json())
        .bind(salvaged.unwrap_or_default())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Deletes what was received seven days ago and is done, but for an event with
    /// a conflict, which somebody has yet to compare: how many there were.
    ///
    /// # Errors
    ///
    /// The database does not do it.
    pub async fn prune(&self, now: DateTime<Utc>) -> sqlx::Result<u64> {
        let before = now.timestamp_micros().saturating_sub(KEPT);
        let mut pruned: u64 = 0;
        loop {
            // A part at a time, so that nobody waits for long.
            let part = sqlx::query(
                "DELETE FROM events WHERE key IN (SELECT key FROM events \
                 WHERE state = 'done' AND received_at < $1 AND NOT EXISTS \
                 (SELECT 1 FROM conflicts WHERE conflicts.key = events.key) LIMIT 500)",
            )
            .bind(before)
            .execute(&self.pool)
            .await?
            .rows_affected();
            pruned = pruned.saturating_add(part);
            if part == 0 {
                return Ok(pruned);
            }
        }
    }
}

async fn connect(options: AnyPoolOptions, setup: String, url: &str) -> sqlx::Result<AnyPool> {
    options
        .after_connect(move |connection: &mut AnyConnection, _| {
            let setup = setup.clone();
            Box::pin(async move { connection.execute(&*setup).await.map(drop) })
        })
        .connect(url)
        .await
}

/// The time, to the microsecond as the database keeps it.
#[must_use]
pub fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

/// Microseconds, as many as fit.
pub(crate) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
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
