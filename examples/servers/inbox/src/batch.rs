//! A batch of events in one transaction.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use edexa_webhooks::WebhookEvent;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::{AnyConnection, Connection};
use tokio::time::timeout;

use crate::Result;
use crate::dialect::{is_full, query, rows};
use crate::lease::Lease;
use crate::legible;
use crate::process::Worker;
use crate::queue::Claimed;
use crate::store::digest;

/// What is done with events, in a transaction: see
/// [`handle`](crate::handler::handle).
pub type Handler =
    for<'a> fn(&'a mut AnyConnection, &'a [WebhookEvent]) -> BoxFuture<'a, Result<()>>;

impl Worker {
    /// Handles events and marks them done, all of them or none. Those that are no longer
    /// this worker's are taken out.
    pub(crate) async fn batch(
        &self,
        lease: &mut Option<Lease>,
        is_last: bool,
        events: &mut Vec<Claimed>,
    ) -> Result<()> {
        if events.is_empty() {
            return Ok(());
        }
        let limit = Duration::from_millis(self.settings.handler_timeout_ms);
        let process = async |transaction: &mut AnyConnection, events: &mut [Claimed]| {
            take_effects(transaction, events).await?;
            self.save(transaction, events).await?;
            let done = events.iter().filter(|event| event.state == "done");
            let done = done.map(|event| WebhookEvent::from_slice(&event.body));
            let done = done.collect::<Result<Vec<_>, _>>()?;
            if !done.is_empty() {
                self.handle(transaction, &done, limit).await?;
            }
            // The handler may not have told of a statement that failed: then PostgreSQL
            // commits nothing, and says that it has.
            sqlx::query("SELECT 1").execute(transaction).await?;
            Ok(())
        };
        let limit = limit.saturating_add(self.store.limit);
        self.change(lease, is_last, limit, events, process).await
    }

    async fn handle(
        &self,
        transaction: &mut AnyConnection,
        events: &[WebhookEvent],
        limit: Duration,
    ) -> Result<()> {
        // Called within, since it may panic before there is anything to wait for.
        let handled = timeout(limit, async { (self.handler)(transaction, events).await });
        let error = match AssertUnwindSafe(handled).catch_unwind().await {
            Ok(Ok(Ok(()))) => return Ok(()),
            Ok(Ok(Err(error))) => error,
            // Its statement may still go on.
            Ok(Err(_elapsed)) => return Err("the handler took too long".into()),
            Err(_panic) => "the handler panicked".into(),
        };
        if error.downcast_ref().is_some_and(is_full) {
            return Err(error);
        }
        // What it says of a connection may be said of one of its own: is this one there?
        transaction.ping().await?;
        Err(error.to_string().into())
    }
}

/// Takes the effects of successes that the API or a person has confirmed for their keys: one
/// for each hash and its transaction, whatever `_id` an event gives them. Marks all events done
/// but those whose effect was another one's, which are set aside unless a person has decided.
async fn take_effects(transaction: &mut AnyConnection, events: &mut [Claimed]) -> sqlx::Result<()> {
    let effects = events.iter().filter_map(|claimed| {
        claimed.confirmation.as_ref()?;
        let event = WebhookEvent::from_slice(&claimed.body).ok()?;
        event.is_succeeded().then_some(())?;
        let (hash, tx_id) = (&event.data.hash, event.data.transaction()?);
        // What no index takes is kept as its digest.
        let hash = hash.normalized().unwrap_or_else(|| digest(hash.as_bytes()));
        let tx_id = tx_id
            .normalized()
            .unwrap_or_else(|| digest(tx_id.as_bytes()));
        Some([hash, tx_id, claimed.key.clone()])
    });
    let effects: Vec<_> = effects.collect();
    let mut owners = HashMap::new();
    if !effects.is_empty() {
        let effects = rows(&effects);
        let take = "INSERT INTO inbox.effects (hash, tx_id, key) \
             SELECT value ->> 0, value ->> 1, value ->> 2 FROM {each} \
             WHERE TRUE ON CONFLICT (hash, tx_id) DO NOTHING";
        query!(execute, transaction, take, &effects)?;
        let owner = "SELECT value ->> 2, e.key FROM {each} JOIN inbox.effects AS e \
             ON e.hash = value ->> 0 AND e.tx_id = value ->> 1";
        let taken: Vec<(String, String)> = query!(fetch_all, transaction, owner, &effects)?;
        owners.extend(taken);
    }
    for event in events {
        let confirmation = event.confirmation.as_deref().unwrap_or_default();
        let owner = owners.get(&event.key).filter(|owner| **owner != event.key);
        match owner.filter(|_| confirmation.starts_with("confirmed")) {
            Some(owner) => event.set_aside(&format!(
                "its hash and transaction had their effect with {}",
                legible(owner)
            )),
            None => event.state = "done".into(),
        }
    }
    Ok(())
}
