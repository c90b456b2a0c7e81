//! What is written before an answer goes out.

use std::collections::HashSet;

use axum::body::Bytes;
use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::{IdempotencyKey, Rejection, WebhookEvent};
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, Connection};

pub use crate::database::Store;
use crate::dialect::{query, rows};

/// What is to be stored: a body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The idempotency key of an event, as it is stored, or the SHA-256 of a body that
    /// is refused.
    pub key: String,
    /// The raw body.
    pub body: Bytes,
    /// Why it is refused, unless it is an event.
    pub refused: Option<Refusal>,
}

/// What is kept of why a body is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The code of the category, or those of the broken rules.
    pub codes: Vec<&'static str>,
    /// The problem details.
    pub problem: String,
    /// What could still be read.
    pub salvaged: String,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Accepted {
    /// It is stored: an event that is new, or a refused body.
    Stored,
    /// The event was there.
    Redelivered,
    /// Other content was there under the event's key: it is kept beside that.
    Conflicting,
}

impl Entry {
    /// A body as it came: an event, or one that is refused with this answer.
    #[must_use]
    pub fn read(body: Bytes) -> (Self, Option<Rejection>) {
        let (codes, rejection) = match WebhookEvent::from_slice(&body) {
            Ok(event) => match event.validate() {
                Ok(()) => return (Self::event(&event, body), None),
                Err(invalid) => {
                    let codes = invalid.iter().map(|finding| finding.rule.code());
                    (codes.collect(), Rejection::from(invalid))
                }
            },
            Err(error) => (vec![error.category().code()], error.into()),
        };
        let salvaged = rejection.salvaged().map(ToString::to_string);
        let refusal = Refusal {
            codes,
            problem: rejection.to_problem_json(),
            salvaged: salvaged.unwrap_or_default(),
        };
        (Self::refused(body, refusal), Some(rejection))
    }

    /// A body that is kept for somebody to look at.
    #[must_use]
    pub fn refused(body: Bytes, refusal: Refusal) -> Self {
        Self {
            key: digest(&body),
            body,
            refused: Some(refusal),
        }
    }

    /// An event, whatever the rules say of it.
    #[must_use]
    pub fn event(event: &WebhookEvent, body: Bytes) -> Self {
        Self {
            key: stored_key(&event.idempotency_key()),
            body,
            refused: None,
        }
    }
}

impl Store {
    /// Stores a batch: what became of each. When it returns, all of it is on the disk.
    ///
    /// # Errors
    ///
    /// The database does not take it.
    pub async fn write(&self, batch: &[Entry]) -> sqlx::Result<Vec<Accepted>> {
        // A statement is a transaction by itself, and most batches are no more.
        let store = async |connection: &mut AnyConnection| insert(connection, batch).await;
        let mut new = self.run(self.limit, store).await?;
        let mut results = vec![Accepted::Stored; batch.len()];
        let rest = batch.iter().zip(&mut results);
        let mut rest: Vec<_> = rest.filter(|(entry, _)| !new.remove(&entry.key)).collect();
        if !rest.is_empty() {
            // In one order everywhere, so that no two batches wait for each other.
            rest.sort_by_key(|&(entry, _)| (entry.refused.is_some(), &entry.key));
            let keep_rest = async |transaction: &mut AnyConnection| -> sqlx::Result<()> {
                for (entry, result) in rest {
                    *result = keep(transaction, entry).await?;
                }
                Ok(())
            };
            self.transact(self.limit, "", keep_rest).await?;
        }
        Ok(results)
    }

    /// Writes as much as a body may take, and takes it back, among the events and, to commit it,
    /// elsewhere: a row that is only updated needs no room.
    ///
    /// # Errors
    ///
    /// Nothing can be stored.
    pub(crate) async fn probe(&self) -> sqlx::Result<()> {
        let room = vec![0; MAX_BODY_BYTES];
        let probe = async |connection: &mut AnyConnection| {
            // What is free in one table of PostgreSQL's is not free for another.
            let event = Entry {
                key: "#".into(),
                body: room.clone().into(),
                refused: None,
            };
            let mut undone = connection.begin_with(self.dialect.begin("")).await?;
            insert(&mut undone, &[event]).await?;
            undone.rollback().await?;
            let write = "INSERT INTO inbox.probe (written_at, room) VALUES ({now}, $1) \
                 ON CONFLICT DO NOTHING";
            query!(execute, connection, write, room)?;
            query!(execute, connection, "DELETE FROM inbox.probe").map(drop)
        };
        self.run(self.limit, probe).await
    }
}

/// Inserts those events of a batch that are new: their keys.
pub(crate) async fn insert(
    connection: &mut AnyConnection,
    batch: &[Entry],
) -> sqlx::Result<HashSet<String>> {
    let events = batch.iter().filter(|entry| entry.refused.is_none());
    let mut events: Vec<_> = events.collect();
    if events.is_empty() {
        return Ok(HashSet::new());
    }
    events.sort_by_key(|entry| &entry.key);
    // One value as well, and cut where each body ends: as JSON they would take longer.
    let (mut parts, mut bodies) = (Vec::new(), Vec::new());
    for Entry { key, body, .. } in events {
        parts.push((key, bodies.len().saturating_add(1), body.len()));
        bodies.extend_from_slice(body);
    }
    let insert = "INSERT INTO inbox.events (key, body, received_at, next_attempt_at) \
         SELECT value ->> 0, SUBSTR($2, CAST(value ->> 1 AS INTEGER), \
         CAST(value ->> 2 AS INTEGER)), {now}, {now} FROM {each} \
         WHERE TRUE ON CONFLICT (key) DO NOTHING RETURNING key";
    let new: Vec<(String,)> = query!(fetch_all, connection, insert, rows(&parts), bodies)?;
    Ok(new.into_iter().map(|(key,)| key).collect())
}

/// Keeps a body that is no new event.
async fn keep(connection: &mut AnyConnection, entry: &Entry) -> sqlx::Result<Accepted> {
    let Entry { key, body, refused } = entry;
    if let Some(refusal) = refused {
        let keep = "INSERT INTO inbox.refused AS r \
             (digest, body, received_at, codes, problem, salvaged, times) \
             VALUES ($1, $2, {now}, $3, $4, $5, 1) \
             ON CONFLICT (digest) DO UPDATE SET times = r.times + 1";
        let (body, codes) = (&**body, refusal.codes.join(" "));
        let (problem, salvaged) = (&*refusal.problem, &*refusal.salvaged);
        query!(
            execute, connection, keep, key, body, codes, problem, salvaged
        )?;
        return Ok(Accepted::Stored);
    }
    let stored = "SELECT {body} FROM inbox.events WHERE key = $1";
    let (stored,): (Vec<u8>,) = query!(fetch_one, connection, stored, key)?;
    let (event, stored) = (
        WebhookEvent::from_slice(body),
        WebhookEvent::from_slice(&stored),
    );
    if matches!((event, stored), (Ok(event), Ok(stored)) if event.is_redelivery_of(&stored)) {
        let count = "INSERT INTO inbox.redeliveries AS r (key, times) VALUES ($1, 1) \
             ON CONFLICT (key) DO UPDATE SET times = r.times + 1";
        query!(execute, connection, count, key)?;
        return Ok(Accepted::Redelivered);
    }
    let keep = "INSERT INTO inbox.conflicts AS c (key, digest, body, received_at, times) \
         VALUES ($1, $2, $3, {now}, 1) \
         ON CONFLICT (key, digest) DO UPDATE SET times = c.times + 1";
    query!(execute, connection, keep, key, digest(body), &**body)?;
    Ok(Accepted::Conflicting)
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
