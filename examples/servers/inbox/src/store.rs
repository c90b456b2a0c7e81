//! What is written before an answer goes out.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::error::Error;

use axum::body::Bytes;
use edexa_webhooks::chrono::{DateTime, Utc};
use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::{IdempotencyKey, Rejection, WebhookEvent, serde_json};
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, Connection};

use crate::clock::Clock;
use crate::database::Database;
use crate::dialect::{Dialect, bind, in_time, is_cut, rows};
use crate::settings::Settings;

/// The tables of an inbox.
#[derive(Clone, Debug)]
pub struct Store {
    /// Where they are.
    pub database: Database,
    pub(crate) clock: Clock,
    limit: std::time::Duration,
}

/// What is to be stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Entry {
    /// An event.
    Event {
        /// The idempotency key, as it is stored.
        key: String,
        /// The raw body.
        body: Bytes,
        /// The crate's findings, in JSON.
        findings: String,
    },
    /// A body that is refused.
    Refused {
        /// The body's SHA-256.
        digest: String,
        /// The raw body.
        body: Bytes,
        /// The category, or the broken rules.
        codes: String,
        /// The problem details.
        problem: String,
        /// What could still be read.
        salvaged: String,
    },
    /// Nothing but a sign that writing is possible.
    Probe,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Accepted {
    /// It is stored: an event that is new, or anything else.
    Stored,
    /// The event was there.
    Redelivered,
    /// Other content was there under the event's key: it is kept beside that.
    Conflicting,
}

impl Entry {
    /// An event.
    #[must_use]
    pub fn event(event: &WebhookEvent, body: Bytes, now: DateTime<Utc>) -> Self {
        Self::Event {
            key: stored_key(&event.idempotency_key()),
            body,
            findings: serde_json::to_string(&event.check_at(now)).unwrap_or_default(),
        }
    }

    /// A body, and why it is refused.
    #[must_use]
    pub fn refused(body: Bytes, codes: &[&str], why: &Rejection) -> Self {
        Self::Refused {
            digest: digest(&body),
            body,
            codes: codes.join(" "),
            problem: why.to_problem_json(),
            salvaged: why.salvaged().map(ToString::to_string).unwrap_or_default(),
        }
    }
}

/// An event of a batch: its place there, key, body and findings.
type Event<'a> = (usize, &'a str, &'a Bytes, &'a str);

impl Store {
    /// Opens the database, and makes its file and its tables if need be.
    ///
    /// # Errors
    ///
    /// The database cannot be reached, is not an inbox's, or would not keep what it
    /// has committed.
    pub async fn create(settings: &Settings) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Self::new(Database::open(settings, true).await?, settings).await
    }

    /// Opens a database that is there.
    ///
    /// # Errors
    ///
    /// The database cannot be reached, or is not an inbox's.
    pub async fn open(settings: &Settings) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Self::new(Database::open(settings, false).await?, settings).await
    }

    async fn new(
        database: Database,
        settings: &Settings,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let now = database.dialect.sql("SELECT {now}");
        let now = sqlx::query_scalar(&now).fetch_one(&database.pool).await?;
        Ok(Self {
            database,
            clock: Clock::new(now),
            limit: settings.store_timeout(),
        })
    }

    /// Stores a batch: what became of each. When it returns, all of it is on the disk.
    ///
    /// # Errors
    ///
    /// The database does not take it.
    pub async fn write(&self, batch: &[Entry]) -> sqlx::Result<Vec<Accepted>> {
        let _turn = self.database.turn().await;
        match self.try_write(batch).await {
            // It may have ended long ago, while nobody used it.
            Err(error) if is_cut(&error) => self.try_write(batch).await,
            written => written,
        }
    }

    async fn try_write(&self, batch: &[Entry]) -> sqlx::Result<Vec<Accepted>> {
        let receiving = &self.database.receiving;
        let mut connection = self.database.acquire(receiving).await?;
        let written = in_time(self.limit, self.write_on(&mut connection, batch)).await;
        let written = written.and_then(|written| self.database.check_file().map(|()| written));
        if written.is_err() {
            // Whatever is wrong with this session, the next one may be better.
            connection.close_on_drop();
        }
        written
    }

    async fn write_on(
        &self,
        connection: &mut AnyConnection,
        batch: &[Entry],
    ) -> sqlx::Result<Vec<Accepted>> {
        let mut events: Vec<Event> = Vec::new();
        for (index, entry) in batch.iter().enumerate() {
            if let Entry::Event {
                key,
                body,
                findings,
            } = entry
            {
                events.push((index, key, body, findings));
            }
        }
        // In one order everywhere, so that no two batches wait for each other.
        events.sort_by_key(|event| event.1);
        let mut results = vec![Accepted::Stored; batch.len()];
        // A statement is a transaction by itself, and most batches are no more.
        let dialect = self.database.dialect;
        let known = insert(dialect, connection, &events).await?;
        if !known.is_empty() || events.len() < batch.len() {
            let mut transaction = connection.begin_with(dialect.begin()).await?;
            let rest = self.write_rest(&mut transaction, batch, &known, &mut results);
            rest.await?;
            transaction.commit().await?;
        }
        Ok(results)
    }

    /// Everything but new events.
    async fn write_rest(
        &self,
        transaction: &mut AnyConnection,
        batch: &[Entry],
        known: &[Event<'_>],
        results: &mut [Accepted],
    ) -> sqlx::Result<()> {
        let dialect = self.database.dialect;
        let earlier = bodies(dialect, transaction, known).await?;
        let (mut redelivered, mut conflicts) = (BTreeMap::new(), BTreeMap::new());
        for &(index, key, body, _) in known {
            let earlier = earlier.get(key).ok_or(sqlx::Error::RowNotFound)?;
            let (times, accepted) = if is_redelivery(body, earlier) {
                (
                    redelivered.entry(key).or_insert(0_i64),
                    Accepted::Redelivered,
                )
            } else {
                let (_, times) = conflicts.entry((key, digest(body))).or_insert((body, 0));
                (times, Accepted::Conflicting)
            };
            *times = times.saturating_add(1);
            if let Some(result) = results.get_mut(index) {
                *result = accepted;
            }
        }
        let count = "INSERT INTO inbox.redeliveries AS r (key, times) VALUES ($1, $2) \
             ON CONFLICT (key) DO UPDATE SET times = r.times + excluded.times";
        let count = dialect.sql(count);
        for (key, times) in redelivered {
            let count = bind!(sqlx::query(&count), key, times);
            count.execute(&mut *transaction).await?;
        }
        let keep = "INSERT INTO inbox.conflicts AS c (key, digest, body, received_at, times) \
             VALUES ($1, $2, $3, {now}, $4) \
             ON CONFLICT (key, digest) DO UPDATE SET times = c.times + excluded.times";
        let keep = dialect.sql(keep);
        for ((key, digest), (body, times)) in conflicts {
            let keep = bind!(sqlx::query(&keep), key, digest, &**body, times);
            keep.execute(&mut *transaction).await?;
        }
        refuse(dialect, transaction, batch).await?;
        if batch.contains(&Entry::Probe) {
            // As much room as a body may take: a row that is only updated needs none.
            let probe = "INSERT INTO inbox.probe (written_at, room) VALUES ({now}, $1) \
                 RETURNING written_at";
            let probe = dialect.sql(probe);
            let probe = sqlx::query_scalar(&probe).bind(vec![0; MAX_BODY_BYTES]);
            let now = probe.fetch_one(&mut *transaction).await?;
            let free = dialect.sql("DELETE FROM inbox.probe");
            sqlx::query(&free).execute(&mut *transaction).await?;
            self.clock.set(now);
        }
        Ok(())
    }
}

/// Inserts events in one statement: those whose keys were there already.
async fn insert<'a>(
    dialect: Dialect,
    connection: &mut AnyConnection,
    events: &[Event<'a>],
) -> sqlx::Result<Vec<Event<'a>>> {
    let Some(first) = events.first() else {
        return Ok(Vec::new());
    };
    let size = events.len().next_power_of_two();
    let insert = format!(
        "INSERT INTO inbox.events (key, body, findings, received_at, next_attempt_at) \
         SELECT column1, column2, column3, {{now}}, {{now}} FROM (VALUES {}) AS events \
         WHERE TRUE ON CONFLICT (key) DO NOTHING RETURNING key",
        rows(size, 3)
    );
    let insert = dialect.sql(&insert);
    let mut query = sqlx::query_scalar(&insert);
    for (_, key, body, findings) in events {
        query = bind!(query, *key, &***body, *findings);
    }
    // Few sizes, and so few statements to prepare: the first key again, with nothing.
    for _ in events.len()..size {
        query = bind!(query, first.1, [].as_slice(), "");
    }
    let new: Vec<String> = query.fetch_all(connection).await?;
    let mut new: HashSet<String> = new.into_iter().collect();
    let known = events.iter().filter(|event| !new.remove(event.1));
    Ok(known.copied().collect())
}

/// The bodies that are stored under the keys of these events.
async fn bodies(
    dialect: Dialect,
    connection: &mut AnyConnection,
    events: &[Event<'_>],
) -> sqlx::Result<HashMap<String, Vec<u8>>> {
    let mut bodies = HashMap::new();
    let select = dialect.sql("SELECT body FROM inbox.events WHERE key = $1");
    for (_, key, ..) in events {
        if !bodies.contains_key(*key) {
            let body = sqlx::query_scalar(&select).bind(*key);
            bodies.insert((*key).to_owned(), body.fetch_one(&mut *connection).await?);
        }
    }
    Ok(bodies)
}

async fn refuse(
    dialect: Dialect,
    connection: &mut AnyConnection,
    batch: &[Entry],
) -> sqlx::Result<()> {
    let mut refused = BTreeMap::new();
    for entry in batch {
        if let Entry::Refused { digest, .. } = entry {
            let (_, times) = refused.entry(digest).or_insert((entry, 0_i64));
            *times = times.saturating_add(1);
        }
    }
    let keep = "INSERT INTO inbox.refused AS r \
         (digest, body, received_at, codes, problem, salvaged, times) \
         VALUES ($1, $2, {now}, $3, $4, $5, $6) \
         ON CONFLICT (digest) DO UPDATE SET times = r.times + excluded.times";
    let keep = dialect.sql(keep);
    for (entry, times) in refused.into_values() {
        if let Entry::Refused {
            digest,
            body,
            codes,
            problem,
            salvaged,
        } = entry
        {
            let keep = bind!(
                sqlx::query(&keep),
                digest,
                &**body,
                codes,
                problem,
                salvaged,
                times
            );
            keep.execute(&mut *connection).await?;
        }
    }
    Ok(())
}

/// Whether a body is the event that an earlier one under its key is.
fn is_redelivery(body: &[u8], earlier: &[u8]) -> bool {
    let events = (
        WebhookEvent::from_slice(body),
        WebhookEvent::from_slice(earlier),
    );
    matches!(events, (Ok(event), Ok(earlier)) if event.is_redelivery_of(&earlier))
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
