//! A batch of events in one transaction.

use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use edexa_webhooks::WebhookEvent;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::{AnyConnection, Connection};
use tokio::time::{Instant, timeout_at};

use crate::dialect::{in_time, is_full, is_outage};
use crate::effects;
use crate::process::Step;
use crate::queue::{Claimed, Queue};
use crate::settings::Settings;

/// What is done with events, in a transaction: see
/// [`handle`](crate::handler::handle).
pub type Handler = for<'a> fn(
    &'a mut AnyConnection,
    &'a [WebhookEvent],
) -> BoxFuture<'a, Result<(), Box<dyn Error + Send + Sync>>>;

/// Why a batch was undone.
pub(crate) enum Failure {
    /// Something about its events, which came out at the end.
    Events(String),
    /// The handler took too long.
    Late,
    /// Nothing about its events.
    Outage(sqlx::Error),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        if is_outage(&error) {
            Self::Outage(error)
        } else {
            Self::Events(clipped(&error))
        }
    }
}

/// Hands batches to a handler.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    queue: Queue,
    handler: Handler,
    handler_limit: Duration,
}

impl Batch {
    pub(crate) fn new(queue: Queue, handler: Handler, settings: &Settings) -> Self {
        let handler_limit = Duration::from_millis(settings.handler_timeout_ms);
        Self {
            queue,
            handler,
            handler_limit,
        }
    }

    /// Handles events and marks them done, and charges those that fail.
    pub(crate) async fn process(&self, events: &[Claimed], step: &mut Step) -> Result<(), Failure> {
        if events.is_empty() {
            return Ok(());
        }
        let database = &self.queue.database;
        let mut connection = database.acquire(&database.working).await?;
        let processed = self.process_on(&mut connection, events).await;
        if processed.is_err() {
            // The transaction may have ended by itself, unknown to sqlx.
            connection.close_on_drop();
        }
        processed.map(|more| step.add(more))
    }

    async fn process_on(
        &self,
        connection: &mut AnyConnection,
        claimed: &[Claimed],
    ) -> Result<Step, Failure> {
        let (queue, mut step) = (&self.queue, Step::default());
        let begin = queue.database.dialect.begin();
        let mut transaction = self.in_time(connection.begin_with(begin)).await?;
        let ours = self.in_time(queue.hold(&mut transaction, claimed)).await?;
        let (mut events, mut readable, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        for claimed in claimed.iter().filter(|claimed| ours.contains(&claimed.key)) {
            match WebhookEvent::from_slice(&claimed.body) {
                Ok(event) => {
                    events.push(event);
                    readable.push(claimed.clone());
                }
                Err(error) => failed.push((claimed, clipped(&error))),
            }
        }
        let dialect = queue.database.dialect;
        let taken = effects::take(dialect, &mut transaction, &mut readable, &mut events);
        step.set_aside = self.in_time(taken).await?;
        let deadline = Instant::now().checked_add(self.handler_limit);
        let deadline = deadline.unwrap_or_else(Instant::now);
        let mut done: Vec<Claimed> = Vec::new();
        let mut parts = vec![(&*readable, &*events)];
        while let Some((claimed, events)) = parts.pop() {
            let Err(error) = self.try_part(&mut transaction, events, deadline).await? else {
                done.extend_from_slice(claimed);
                continue;
            };
            if let [event] = claimed {
                failed.push((event, error));
            } else {
                let half = events.len() / 2;
                let (claimed, events) = (claimed.split_at(half), events.split_at(half));
                parts.extend([(claimed.1, events.1), (claimed.0, events.0)]);
            }
        }
        for (event, error) in failed {
            self.in_time(effects::give_back(dialect, &mut transaction, event))
                .await?;
            let charged = queue.charge_on(&mut transaction, event, &error, &mut step);
            self.in_time(charged).await?;
        }
        let mark = "UPDATE inbox.events SET state = 'done', alone = 0, next_attempt_at = $1";
        self.in_time(queue.update(&mut transaction, mark, 0, &done))
            .await?;
        self.in_time(transaction.commit()).await?;
        step.done = done.len() as u64;
        Ok(step)
    }

    /// Hands events over in a savepoint: why that failed, if it did.
    async fn try_part(
        &self,
        transaction: &mut AnyConnection,
        events: &[WebhookEvent],
        deadline: Instant,
    ) -> Result<Result<(), String>, Failure> {
        if events.is_empty() {
            return Ok(Ok(()));
        }
        let mut savepoint = self.in_time(transaction.begin()).await?;
        let handled = timeout_at(deadline, (self.handler)(&mut savepoint, events));
        let error = match AssertUnwindSafe(handled).catch_unwind().await {
            Ok(Ok(Ok(()))) => {
                return match self.in_time(savepoint.commit()).await {
                    // The handler has not told of a statement that failed.
                    Err(error) if !is_outage(&error) => Ok(Err(clipped(&error))),
                    released => Ok(Ok(released?)),
                };
            }
            Ok(Ok(Err(error))) => error,
            Ok(Err(_elapsed)) => return Err(Failure::Late),
            Err(_panic) => "the handler panicked".into(),
        };
        let text = clipped(&*error);
        match error.downcast::<sqlx::Error>() {
            Ok(error) if is_full(&error) => return Err(Failure::Outage(*error)),
            _ => self.in_time(savepoint.rollback()).await?,
        }
        Ok(Err(text))
    }

    async fn in_time<T>(&self, asked: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
        in_time(self.queue.limit, asked).await
    }
}

/// An error as a text that can be stored and shown.
fn clipped(error: &dyn Error) -> String {
    crate::clipped(&error.to_string())
}
