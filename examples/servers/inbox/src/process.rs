//! Each event to its handler, once.

use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use edexa_webhooks::WebhookEvent;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use metrics::counter;
use sqlx::error::DatabaseError;
use sqlx::{AnyConnection, Connection};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tracing::{error, info, warn};

use crate::legible;
use crate::settings::Settings;
use crate::store::{Store, bind, now};

/// What is done with an event, in a transaction: see
/// [`handle`](crate::handler::handle).
pub type Handler = for<'a> fn(
    &'a mut AnyConnection,
    &'a WebhookEvent,
) -> BoxFuture<'a, Result<(), Box<dyn Error + Send + Sync>>>;

/// How long a handler may take.
const HANDLER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long everything about one event may take, a database included that no
/// longer answers.
const STEP_TIMEOUT: Duration = Duration::from_secs(60);
/// How long events wait at most that this process was not woken for: those of
/// other instances, those released, and those tried again.
const POLL: Duration = Duration::from_secs(1);
const PRUNE: Duration = Duration::from_secs(600);
const MAX_DELAY_MICROS: i64 = 3_600_000_000;
const GROWTH: i64 = 4;

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
    store: Store,
    handler: Handler,
    first_delay: i64,
    max_attempts: i64,
}

impl Worker {
    /// A worker of this store.
    #[must_use]
    pub fn new(store: Store, handler: Handler, settings: &Settings) -> Self {
        let millis = i64::try_from(settings.retry_ms).unwrap_or(i64::MAX);
        Self {
            store,
            handler,
            first_delay: millis.saturating_mul(1000),
            max_attempts: settings.max_attempts,
        }
    }

    /// Works for ever.
    pub(crate) async fn work(self, wake: Arc<Notify>) {
        loop {
            let step = self.step().await;
            match step {
                Ok(Step::Idle) => drop(timeout(POLL, wake.notified()).await),
                Ok(Step::Done) => counter!("inbox_processed_total").increment(1),
                Ok(Step::Retried | Step::SetAside) => counter!("inbox_failed_total").increment(1),
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
        let step = timeout(STEP_TIMEOUT, self.step_on(&mut connection)).await;
        let step = step.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        if step.is_err() {
            // SQLite may have ended the transaction by itself, unknown to sqlx.
            connection.close_on_drop();
        }
        step
    }

    async fn step_on(&self, connection: &mut AnyConnection) -> sqlx::Result<Step> {
        let mut transaction = connection.begin_with(self.store.begin).await?;
        let due = sqlx::query_as(&self.store.take).bind(now().timestamp_micros());
        let due: Option<(String, Vec<u8>, i64)> = due.fetch_optional(&mut *transaction).await?;
        let Some((key, body, failures)) = due else {
            transaction.rollback().await?;
            return Ok(Step::Idle);
        };
        let attempts = failures.saturating_add(1);
        let mut savepoint = transaction.begin().await?;
        let (step, state, error) = match self.attempt(&mut savepoint, &body).await? {
            None => {
                savepoint.commit().await?;
                (Step::Done, "done", String::new())
            }
            Some(error) => {
                savepoint.rollback().await?;
                warn!(%key, attempts, %error, "cannot handle");
                if attempts < self.max_attempts {
                    (Step::Retried, "pending", error)
                } else {
                    (Step::SetAside, "set-aside", error)
                }
            }
        };
        let mark = "UPDATE events SET state = $2, attempts = $3, next_attempt_at = $4, \
             last_error = CASE $5 WHEN '' THEN last_error ELSE $5 END WHERE key = $1";
        let next = self.next_attempt(failures);
        bind!(sqlx::query(mark), key, state, attempts, next, error)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(step)
    }

    /// Why the handler failed, if it did, in a text that can be stored.
    async fn attempt(
        &self,
        transaction: &mut AnyConnection,
        body: &[u8],
    ) -> sqlx::Result<Option<String>> {
        let event = match WebhookEvent::from_slice(body) {
            Ok(event) => event,
            Err(error) => return Ok(Some(error.to_string())),
        };
        let handled = timeout(HANDLER_TIMEOUT, (self.handler)(transaction, &event));
        let error = match AssertUnwindSafe(handled).catch_unwind().await {
            Ok(Ok(Ok(()))) => return Ok(None),
            Ok(Ok(Err(error))) => error,
            Ok(Err(_elapsed)) => "the handler took too long".into(),
            Err(_panic) => "the handler panicked".into(),
        };
        let text: String = error.to_string().chars().take(500).collect();
        match error.downcast::<sqlx::Error>() {
            Ok(error) if is_full(&error) => Err(*error),
            _ => Ok(Some(legible(&text))),
        }
    }

    /// When to try again after one more failure.
    fn next_attempt(&self, failures: i64) -> i64 {
        let growth = GROWTH.saturating_pow(u32::try_from(failures).unwrap_or(u32::MAX));
        let delay = self.first_delay.saturating_mul(growth);
        let delay = delay.min(MAX_DELAY_MICROS);
        now().timestamp_micros().saturating_add(delay)
    }
}

/// Whether there is no room, which is no fault of the handler, and no reason to
/// set anything aside.
fn is_full(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(code.as_deref(), Some("13" | "53100"))
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
