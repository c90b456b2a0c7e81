//! What is done with events: the part to replace by your own.

use std::collections::BTreeMap;

use edexa_webhooks::WebhookEvent;
use futures_util::future::BoxFuture;
use sqlx::AnyConnection;
use tracing::debug;

use crate::Result;
use crate::dialect::{query, rows};
use crate::store::indexed;

/// Keeps the latest outcome of each stamp.
///
/// It is given the events of a batch, in the order in which they were due, and the
/// transaction in which they are marked done. What it writes there is committed
/// together with that mark, or not at all. If it fails, what it wrote is undone, and
/// it is called again for each half of the batch, down to the event that fails alone.
/// To handle one event at a time, loop over them.
///
/// What it sets for the session, it sets with `SET LOCAL`: later batches have the same one. It does
/// not block its thread, on which others receive, and ends no transaction that it has not begun.
///
/// What it does elsewhere (a mail, a call) may so happen again: give that the
/// idempotency key.
///
/// An action that the crate does not know changes nothing: the event stays in the
/// inbox, for the day when it means something. One that somebody has accepted by hand may
/// break a rule: `outcome` fails for it.
///
/// # Errors
///
/// Whatever should make the events be tried again later.
pub fn handle<'a>(
    transaction: &'a mut AnyConnection,
    events: &'a [WebhookEvent],
) -> BoxFuture<'a, Result<()>> {
    Box::pin(async move {
        // To the microsecond, as it is stored. Success wins a tie.
        let rank = |event: &WebhookEvent| {
            let updated_at = event.data.updated_at.timestamp_micros();
            (updated_at, event.is_succeeded())
        };
        let mut stamps: BTreeMap<String, (&WebhookEvent, i64)> = BTreeMap::new();
        for event in events {
            if event.action.is_unknown() {
                continue;
            }
            let (latest, times) = stamps.entry(stamp(event)).or_insert((event, 0));
            *times = times.saturating_add(1);
            if rank(event) > rank(latest) {
                *latest = event;
            }
        }
        if stamps.is_empty() {
            return Ok(());
        }
        // In one statement for all: each one of its own would take its time.
        let newer = "(s.updated_at < excluded.updated_at \
             OR s.updated_at = excluded.updated_at AND s.outcome < excluded.outcome)";
        let replace = ["outcome", "tx_id", "hash", "updated_at"].map(|column| {
            format!("{column} = CASE WHEN {newer} THEN excluded.{column} ELSE s.{column} END")
        });
        let statement = format!(
            "INSERT INTO inbox.stamps AS s (stamp, outcome, tx_id, hash, updated_at, events) \
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, \
             CAST(value ->> 4 AS BIGINT), CAST(value ->> 5 AS BIGINT) FROM {{each}} WHERE TRUE \
             ON CONFLICT (stamp) DO UPDATE SET events = s.events + excluded.events, {}",
            replace.join(", "),
        );
        let stamps = stamps.into_iter().map(|(stamp, (event, times))| {
            let outcome = if event.is_succeeded() {
                "succeeded"
            } else {
                "failed"
            };
            let tx_id = event.data.transaction().map(ToString::to_string);
            let tx_id = tx_id.unwrap_or_default();
            let hash = event.data.hash.to_string();
            debug!(%stamp, outcome, "handled");
            let updated_at = event.data.updated_at.timestamp_micros();
            (stamp, outcome, tx_id, hash, updated_at, times)
        });
        let stamps: Vec<_> = stamps.collect();
        query!(execute, transaction, &statement, rows(&stamps))?;
        Ok(())
    })
}

/// The stamp that an event is about, as it is stored.
fn stamp(event: &WebhookEvent) -> String {
    let key = event.idempotency_key();
    let (stamp, _action) = key.as_str().split_once(':').unwrap_or_default();
    indexed(stamp)
}
