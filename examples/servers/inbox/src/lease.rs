//! Which worker has which events, and until when: one row for each batch, so that taking
//! events does not write them.

use std::time::Duration;

use edexa_webhooks::serde_json;
use sqlx::AnyConnection;
use tracing::warn;

use crate::dialect::{query, rows};
use crate::process::{Step, Worker};
use crate::queue::{CLAIM, Claimed, HOUR, Place, micros_of};

const NO_END: &str =
    "no attempt came to an end: the process ended, the database went away, or it took too long";

/// Where nothing waits for the disk, whoever receives waits for less: an event whose effect is
/// lost with the power is pending again.
const NO_FLUSH: &str = "SET LOCAL synchronous_commit = off";
/// By one worker at a time. It waits for the disk: what follows may be what ends the server, and
/// then this must be known.
pub(crate) const ALONE: &str = "SELECT pg_advisory_xact_lock(hashtext('inbox.leases'))";

/// That a worker has the events of a batch.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    /// In the database's time. A worker that is at it may take longer.
    until: i64,
    /// The key of the first event: no other lease has it.
    first: String,
}

impl Lease {
    /// Whether the worker still has the events, which are nobody else's until the
    /// transaction ends. Gives them back with its commit if nothing is left to do.
    pub(crate) async fn hold(
        &self,
        transaction: &mut AnyConnection,
        is_over: bool,
    ) -> sqlx::Result<bool> {
        let statement = if is_over {
            "DELETE FROM inbox.leases WHERE until = $1 AND first = $2"
        } else {
            "UPDATE inbox.leases SET until = until WHERE until = $1 AND first = $2"
        };
        let rows = query!(execute, transaction, statement, self.until, &self.first)?;
        Ok(rows > 0)
    }
}

impl Worker {
    /// Takes events, so that other workers leave them alone.
    pub(crate) async fn lease(
        &self,
        transaction: &mut AnyConnection,
        events: &[Claimed],
    ) -> sqlx::Result<Option<Lease>> {
        let Some(first) = events.first() else {
            return Ok(None);
        };
        let settings = &self.settings;
        // For as long as committing this and asking may take: the attempt begins then.
        let asking = self.api.as_ref().map_or(0, |_| settings.api_timeout_ms);
        let micros = micros_of(asking.saturating_add(settings.store_timeout_ms));
        let lease = Lease {
            until: first.now.saturating_add(micros.min(HOUR)),
            first: first.key.clone(),
        };
        let keys: Vec<_> = events.iter().map(|event| &event.key).collect();
        let take = "INSERT INTO inbox.leases (until, first, keys) VALUES ($1, $2, $3)";
        let (until, keys) = (lease.until, rows(&keys));
        query!(execute, transaction, take, until, &lease.first, keys)?;
        Ok(Some(lease))
    }

    /// Which events other workers have. Those of leases that have ended, and whose worker is
    /// not at them, are charged. A clock that was ahead has made some too long.
    pub(crate) async fn leased(
        &self,
        transaction: &mut AnyConnection,
        place: &mut Place,
        step: &mut Step,
    ) -> sqlx::Result<Vec<String>> {
        // Not within the statement that finds what is due: how many keys a lease has is
        // nothing that PostgreSQL can guess.
        let leases = "SELECT until, first, keys, until - {now} FROM inbox.leases WHERE until >= $1";
        let from = place.leases;
        let leases: Vec<(i64, String, String, i64)> = query!(fetch_all, transaction, leases, from)?;
        // One that is made from now on ends later than now.
        let ends = leases
            .iter()
            .map(|(until, _, _, left)| *until.min(&until.saturating_sub(*left)));
        place.leases = ends.min().unwrap_or(from);
        let mut taken = Vec::new();
        // Unless a worker is at the events.
        let end = "DELETE FROM inbox.leases WHERE until = $1 AND first IN \
             (SELECT first FROM inbox.leases WHERE until = $1 AND first = $2 {lock})";
        for (until, first, keys, left) in leases {
            if (0..=HOUR).contains(&left) || query!(execute, transaction, end, until, first)? == 0 {
                let keys: Vec<String> = serde_json::from_str(&keys).unwrap_or_default();
                taken.extend(keys);
                continue;
            }
            // But those that somebody else has locked: all others would wait for these.
            let events = format!(
                "{CLAIM} WHERE state = 'pending' AND key IN (SELECT value FROM {{keys}}) {{lock}}"
            );
            let mut events: Vec<Claimed> = query!(fetch_all, transaction, &events, keys)?;
            warn!(events = events.len(), "{NO_END}");
            let half = i64::try_from(events.len() / 2).unwrap_or(i64::MAX);
            for event in &mut events {
                event.count_attempt();
                event.batch_limit = half;
                if half == 0 {
                    self.charge(event, NO_END);
                }
            }
            self.save(transaction, &events).await?;
            events.retain(|event| event.state != "pending");
            step.count(&events);
        }
        Ok(taken)
    }

    /// Does something about events in a transaction, and takes them out if the worker no longer
    /// has them. The lease goes with the last of them.
    pub(crate) async fn change<E: From<sqlx::Error>>(
        &self,
        lease: &mut Option<Lease>,
        is_last: bool,
        limit: Duration,
        events: &mut Vec<Claimed>,
        work: impl AsyncFnOnce(&mut AnyConnection, &mut [Claimed]) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(held) = lease else {
            events.clear();
            return Ok(());
        };
        let change = async |transaction: &mut AnyConnection| {
            if held.hold(transaction, is_last).await? {
                return work(transaction, events).await;
            }
            events.clear();
            Ok(())
        };
        self.store.transact(limit, NO_FLUSH, change).await?;
        lease.take_if(|_| is_last);
        Ok(())
    }

    /// Writes what became of events outside of their batch.
    pub(crate) async fn save_apart(
        &self,
        lease: &mut Option<Lease>,
        is_last: bool,
        events: &mut Vec<Claimed>,
    ) -> sqlx::Result<()> {
        let save = async |transaction: &mut AnyConnection, events: &mut [Claimed]| {
            self.save(transaction, events).await
        };
        self.change(lease, is_last, self.store.limit, events, save)
            .await
    }

    /// Gives back what is left of the leases that this worker is done with: later, if the
    /// store is full or away.
    pub(crate) async fn give_back(&self) -> sqlx::Result<()> {
        let mut owed = self.owed.lock().await;
        while let Some(lease) = owed.last() {
            let give = async |connection: &mut AnyConnection| lease.hold(connection, true).await;
            self.store.run(self.store.limit, give).await?;
            owed.pop();
        }
        Ok(())
    }
}
