//! Forgetting old keys.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;
use tracing::{error, info};

use crate::clock;
use crate::store::Store;

/// How long a key is kept, in microseconds: seven days. The last redelivery is
/// due 31 hours and 35 minutes after the first attempt (*inferred*).
const KEPT: i64 = 7 * 24 * 3600 * 1_000_000;
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
/// # Errors
///
/// The database does not do it.
pub async fn prune(store: &Store) -> sqlx::Result<u64> {
    let database = &store.database;
    let now = {
        let _turn = database.turn().await;
        let mut connection = database.acquire(&database.pool).await?;
        clock::look(database.dialect, &mut connection).await?
    };
    let Some(now) = now else { return Ok(0) };
    // A part at a time, so that nobody waits for long.
    let part = "DELETE FROM inbox.events WHERE key IN (SELECT key FROM inbox.events AS e \
         WHERE state = 'done' AND received_at < $1 AND NOT EXISTS \
         (SELECT 1 FROM inbox.conflicts AS c WHERE c.key = e.key) LIMIT 500)";
    let part = database.dialect.sql(part);
    let mut pruned: u64 = 0;
    loop {
        let _turn = database.turn().await;
        let part = sqlx::query(&part).bind(now.saturating_sub(KEPT));
        let part = part.execute(&database.pool).await?.rows_affected();
        if part == 0 {
            return Ok(pruned);
        }
        pruned = pruned.saturating_add(part);
    }
}
