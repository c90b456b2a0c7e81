//! Forgetting old keys, by one clock for each database: PostgreSQL's own, and the
//! machine's for SQLite.

use std::time::Duration;

use sqlx::AnyConnection;
use tokio::sync::watch;
use tokio::time::sleep;
use tracing::{error, info, warn};

use crate::dialect::query;
use crate::queue::HOUR;
use crate::store::Store;

/// How long pruning rests after the clock was found ahead: until what came before is due no more.
const REST: i64 = 48 * HOUR;
/// How long a key is kept: seven days. The last redelivery is due 31 hours and 35
/// minutes after the first attempt (*inferred*).
const KEPT: i64 = 7 * 24 * HOUR;
const INTERVAL: Duration = Duration::from_secs(600);

/// Prunes until `stopped` says so.
pub(crate) async fn prune_on(store: Store, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        match prune(&store).await {
            Ok(0) => {}
            Ok(events) => info!(events, "pruned"),
            Err(error) => error!(%error, "cannot prune"),
        }
        tokio::select! {
            () = sleep(INTERVAL) => {}
            _ = stopped.changed() => {}
        }
    }
}

/// Deletes what was received seven days ago and is done, but for an event with a
/// conflict, which somebody has yet to compare: how many there were.
///
/// Nothing for two days after the clock has gone on by more than an hour since somebody
/// looked, be it wrong or back from a long pause. Whoever prunes by a clock that is ahead
/// forgets keys that are still needed.
///
/// # Errors
///
/// The database does not do it.
pub async fn prune(store: &Store) -> sqlx::Result<u64> {
    // A clock that was ahead may have been set back.
    let look = "INSERT INTO inbox.clock AS c (id, seen_at, rests_until) VALUES (1, {now}, 0) \
         ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, rests_until = CASE \
         WHEN excluded.seen_at - c.seen_at > $1 THEN excluded.seen_at + $2 \
         WHEN c.rests_until - excluded.seen_at > $2 THEN 0 \
         ELSE c.rests_until END \
         RETURNING seen_at, rests_until";
    // A part at a time, so that nobody waits for long.
    let part = "DELETE FROM inbox.events WHERE key IN (SELECT key FROM inbox.events AS e \
         WHERE state = 'done' AND received_at < $1 AND NOT EXISTS \
         (SELECT 1 FROM inbox.conflicts AS c WHERE c.key = e.key) LIMIT 500)";
    let mut pruned: u64 = 0;
    loop {
        // The clock each time: all parts together may take more than an hour.
        let prune = async |connection: &mut AnyConnection| -> sqlx::Result<u64> {
            let (now, rests_until): (i64, i64) = query!(fetch_one, connection, look, HOUR, REST)?;
            if now < rests_until {
                let seconds = rests_until.saturating_sub(now) / 1_000_000;
                warn!(seconds, "the clock has jumped ahead: nothing is pruned");
                return Ok(0);
            }
            query!(execute, connection, part, now.saturating_sub(KEPT))
        };
        match store.run(store.limit, prune).await? {
            0 => return Ok(pruned),
            part => pruned = pruned.saturating_add(part),
        }
    }
}
