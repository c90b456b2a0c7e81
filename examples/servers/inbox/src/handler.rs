//! What is done with an event: the part to replace by your own.

use std::error::Error;

use edexa_webhooks::{Outcome, WebhookEvent};
use futures_util::future::BoxFuture;
use sqlx::AnyConnection;
use tracing::debug;

use crate::store::{bind, indexed};

/// Keeps the latest outcome of each stamp.
///
/// Whatever it writes through `transaction` is committed together with the mark
/// that the event is done, or not at all. What it does elsewhere (a mail, a call)
/// may happen again after a crash, so give that the idempotency key.
///
/// An action that the crate does not know changes nothing: the event stays in the
/// inbox, for the day when it means something.
///
/// # Errors
///
/// Whatever should make the event be tried again later.
pub fn handle<'a>(
    transaction: &'a mut AnyConnection,
    event: &'a WebhookEvent,
) -> BoxFuture<'a, Result<(), Box<dyn Error + Send + Sync>>> {
    Box::pin(async move {
        let (outcome, tx_id) = match event.outcome()? {
            Outcome::Succeeded(stamp) => ("succeeded", stamp.tx_id.to_string()),
            Outcome::Failed(_) => ("failed", String::new()),
            Outcome::Unknown(_) => return Ok(()),
        };
        let key = event.idempotency_key();
        let (stamp, _action) = key.as_str().split_once(':').unwrap_or_default();
        let (stamp, hash) = (indexed(stamp), event.data.hash.to_string());
        let updated_at = event.data.updated_at.timestamp_micros();
        let count = "INSERT INTO stamps (stamp, outcome, tx_id, hash, updated_at, events) \
             VALUES ($1, $2, $3, $4, $5, 1) \
             ON CONFLICT (stamp) DO UPDATE SET events = stamps.events + 1";
        // Success wins a tie, whichever came first.
        let replace = "UPDATE stamps SET outcome = $2, tx_id = $3, hash = $4, updated_at = $5 \
             WHERE stamp = $1 AND (updated_at < $5 OR updated_at = $5 AND outcome < $2)";
        for statement in [count, replace] {
            let query = sqlx::query(statement);
            let query = bind!(query, &stamp, outcome, &tx_id, &hash, updated_at);
            query.execute(&mut *transaction).await?;
        }
        debug!(%stamp, outcome, "handled");
        Ok(())
    })
}
