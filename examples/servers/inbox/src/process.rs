//! Each event to its handler, once.

use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use edexa_webhooks::WebhookEvent;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::AnyConnection;
use sqlx::Connection;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tracing::{error, info, warn};

use crate::legible;
use crate::metrics::Metrics;
use crate::settings::Retries;
use crate::store::{Store, micros, now};

/// What is done with an event, in a transaction: see
/// [`handle`](crate::handler::handle).
pub type Handler = for<'a> fn(
    &'a mut AnyConnection,
    &'a WebhookEvent,
) -> BoxFuture<'a, Result<(), Box<dyn Error + Send + Sync>>>;

/// How long a handler may take.
const HANDLER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long events wait at most that this process was not woken for: those of
/// other instances, those released, and those tried again.
const POLL: Duration = Duration::from_secs(1);
const PRUNE: Duration = Duration::from_secs(600);
const MAX_DELAY: Duration = Duration::from_secs(3600);
const GROWTH: u32 = 4;

/// What became of the event that was due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// None was.
    Idle,
    /// The handler's effect is there, and the event is done.
    Done,
    /// The handler failed: its effect is undone, and the event waits.
    Retried,
    /// The handler failed too often: the event waits until it is released.
    SetAside,
}

/// Takes events one after another.
#[derive(Clone, Debug)]
pub struct Worker {
    /// Where the events are.
    pub store: Store,
    /// What is done with them.
    pub handler: Handler,
    /// When to try again.
    pub retries: Retries,
    /// Where to count.
    pub metrics: Metrics,
}

impl Worker {
    /// Works for ever.
    pub(crate) async fn work(self, wake: Arc<Notify>) {
        loop {
            match self.step().await {
                Ok(Step::Idle) => {
                    let _ = timeout(POLL, wake.notified()).await;
                }
                Ok(_) => {}
                Err(error) => {
                    error!(%error, "cannot process");
                    sleep(POLL).await;
                }
            }
        }
    }

    /// Processes the event that is due.
    ///
    /// # Errors
    ///
    /// The database failed, and everything is as it was.
    pub async fn step(&self) -> sqlx::Result<Step> {
        let mut connection = self.store.pool.acquire().await?;
        let step = self.step_on(&mut connection).await;
        match step {
            // SQLite may have ended the transaction by itself, unknown to sqlx.
            Err(_) => connection.close_on_drop(),
            Ok(Step::Done) => self.metrics.processed.inc(),
            Ok(Step::Retried | Step::SetAside) => self.metrics.failed.inc(),
            Ok(Step::Idle) => {}
        }
        step
    }

    async fn step_on(&self, connection: &mut AnyConnection) -> sqlx::Result<Step> {
        let mut transaction = connection.begin_with(self.store.begin()).await?;
        let taken: Option<(String, Vec<u8>, i64)> = sqlx::query_as(self.store.take())
            .bind(now().timestamp_micros())
            .fetch_optional(&mut *transaction)
            .await?;
        let Some((key, body, failures)) = taken else {
            transaction.rollback().await?;
            return Ok(Step::Idle);
        };
        let mut savepoint = transaction.begin().await?;
        let attempts = failures.saturating_add(1);
        let step = if let Err(error) = self.attempt(&mut savepoint, &body).await {
            savepoint.rollback().await?;
            let (state, step) = if attempts < self.retries.max_attempts {
                ("pending", Step::Retried)
            } else {
                ("set-aside", Step::SetAside)
            };
            warn!(%key, attempts, %error, state, "cannot handle");
            sqlx::query(
                "UPDATE events SET state = $2, attempts = $3, next_attempt_at = $4, \
                 last_error = $5 WHERE key = $1",
            )
            .bind(&key)
            .bind(state)
            .bind(attempts)
            .bind(self.retries.next(attempts))
            .bind(error)
            .execute(&mut *transaction)
            .await?;
            step
        } else {
            savepoint.commit().await?;
            sqlx::query("UPDATE events SET state = 'done', attempts = $2 WHERE key = $1")
                .bind(&key)
                .bind(attempts)
                .execute(&mut *transaction)
                .await?;
            Step::Done
        };
        transaction.commit().await?;
        Ok(step)
    }

    /// Why the handler failed, if it did, in a text that can be stored.
    async fn attempt(&self, transaction: &mut AnyConnection, body: &[u8]) -> Result<(), String> {
        let event = WebhookEvent::from_slice(body).map_err(|error| error.to_string())?;
        let handled = AssertUnwindSafe(timeout(
            HANDLER_TIMEOUT,
            (self.handler)(transaction, &event),
        ))
        .catch_unwind()
        .await;
        match handled {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(error))) => {
                let text: String = error.to_string().chars().take(500).collect();
                Err(legible(&text))
            }
            Ok(Err(_elapsed)) => Err("the handler took too long".into()),
            Err(_panic) => Err("the handler panicked".into()),
        }
    }
}

impl Retries {
    /// When to try again after this many failures.
    fn next(self, failures: i64) -> i64 {
        let growths = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        let delay = self.first.saturating_mul(GROWTH.saturating_pow(growths));
        let delay = micros(delay.min(MAX_DELAY));
        now().timestamp_micros().saturating_add(delay)
    }
}

/// Forgets old keys for ever.
pub(crate) async fn prune(store: Store) {
    loop {
        match store.prune(now()).await {
            Ok(0) => {}
            Ok(events) => info!(events, "pruned"),
            Err(error) => error!(%error, "cannot prune"),
        }
        sleep(PRUNE).await;
    }
}
