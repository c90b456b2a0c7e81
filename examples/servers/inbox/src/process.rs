//! Each event to its handler, once.

use std::future;
use std::sync::Arc;
use std::time::Duration;

use metrics::counter;
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::sleep;
use tracing::error;

use crate::api::Api;
use crate::ask::Asker;
use crate::batch::{Failure, Handler};
use crate::queue::{Claimed, Queue};
use crate::settings::Settings;
use crate::store::Store;

/// How long events wait at most that this process was not woken for: those of
/// other instances, those released, and those tried again.
const POLL: Duration = Duration::from_secs(1);
/// How long a worker waits for more events after a batch that was not full.
const LINGER: Duration = Duration::from_millis(50);

/// What became of the events that were due.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Step {
    /// The handler's effect is there, and the event is done.
    pub done: u64,
    /// The attempt failed, or the API does not confirm the event yet: it waits.
    pub retried: u64,
    /// An attempt failed too often, or the API contradicts the event: it waits until it
    /// is released.
    pub set_aside: u64,
}

/// Takes one batch of events after another.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it may hold a secret")]
pub struct Worker {
    pub(crate) queue: Queue,
    pub(crate) handler: Handler,
    /// How long the handler may take.
    pub(crate) limit: Duration,
    asker: Option<Asker>,
    owed: Arc<Mutex<Vec<Claimed>>>,
}

impl Worker {
    /// A worker of this store. Its clones know what it has taken.
    #[must_use]
    pub fn new(store: &Store, handler: Handler, settings: &Settings) -> Self {
        Self {
            queue: Queue::new(store, settings),
            handler,
            limit: Duration::from_millis(settings.handler_timeout_ms),
            asker: None,
            owed: Arc::default(),
        }
    }

    /// The same, asking the API about each event before it is processed.
    #[must_use]
    pub fn asking(mut self, api: Api, settings: &Settings) -> Self {
        let asker = Asker::new(api, settings);
        self.queue.ask(settings.api_at_once, asker.lease);
        self.asker = Some(asker);
        self
    }

    /// Works until `stopped` says so. `wake` tells of what there is to process.
    pub async fn work(self, wake: Arc<Notify>, mut stopped: watch::Receiver<bool>) {
        while !*stopped.borrow() {
            let mut told = stopped.clone();
            let taken = self.take(async { drop(told.changed().await) }).await;
            let (step, wait) = taken.unwrap_or_else(|error| {
                error!(%error, "cannot process");
                (Step::default(), POLL)
            });
            let failed = step.retried.saturating_add(step.set_aside);
            counter!("inbox_processed_total").increment(step.done);
            counter!("inbox_failed_total").increment(failed);
            tokio::select! {
                () = sleep(wait) => {}
                () = wake.notified(), if wait == POLL => {}
                _ = stopped.changed() => {}
            }
        }
    }

    /// Processes the events that are due, a batch of them at most.
    ///
    /// # Errors
    ///
    /// The database failed: what was not committed is undone, and is tried again.
    pub async fn step(&self) -> sqlx::Result<Step> {
        self.take(future::pending()).await.map(|(step, _wait)| step)
    }

    /// Processes a batch, and says how long to wait for the next one. Whoever stops it
    /// waits for the batch, and not for the API.
    async fn take(&self, told: impl Future<Output = ()>) -> sqlx::Result<(Step, Duration)> {
        let owed = std::mem::take(&mut *self.owed.lock().await);
        self.give_back(owed).await?;
        let (mut step, mut in_vain) = (Step::default(), false);
        let (mut events, more) = self.queue.claim().await?;
        step.count(&mut events, |event| event.state != "pending");
        if let Some(asker) = &self.asker {
            in_vain = tokio::select! {
                in_vain = asker.ask(&self.queue, &mut events) => in_vain,
                () = told => return Ok((step, POLL)),
            };
            self.queue.save_apart(&mut events).await?;
            step.count(&mut events, |event| event.confirmation.is_none());
        }
        self.process(events, &mut step).await?;
        let wait = match more {
            // Nobody asks an API in trouble as fast as it can say so.
            _ if in_vain || step == Step::default() => POLL,
            true => Duration::ZERO,
            false => LINGER,
        };
        Ok((step, wait))
    }

    /// Writes that there was no attempt: later, if the store is full or away.
    async fn give_back(&self, mut events: Vec<Claimed>) -> sqlx::Result<()> {
        let saved = self.queue.save_apart(&mut events).await;
        if saved.is_err() {
            self.owed.lock().await.append(&mut events);
        }
        saved
    }

    async fn process(&self, events: Vec<Claimed>, step: &mut Step) -> sqlx::Result<()> {
        let mut parts = vec![events];
        while let Some(mut part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            let Err(failure) = self.batch(&mut part).await else {
                step.count(&mut part, |_| true);
                continue;
            };
            for event in &mut part {
                event.state = "pending";
            }
            match (failure, &mut *part) {
                (Failure::Outage(error), _) => {
                    parts.push(part);
                    let mut all = parts.concat();
                    for event in &mut all {
                        self.queue.give_back(event);
                    }
                    self.give_back(all).await?;
                    return Err(error);
                }
                (Failure::Events(error) | Failure::Late(error), [event]) => {
                    self.queue.charge(event, &error);
                    self.queue.save_apart(&mut part).await?;
                    step.count(&mut part, |_| true);
                }
                (Failure::Events(_), _) => {
                    let half = part.split_off(part.len() / 2);
                    parts.extend([half, part]);
                }
                // A half may take as long again, and so may its halves: they are claimed
                // as such later, as after the end of a process.
                (Failure::Late(_), _) => {}
            }
        }
        Ok(())
    }
}

impl Step {
    /// Counts what became of some events, and takes them out.
    fn count(&mut self, events: &mut Vec<Claimed>, is_over: impl Fn(&Claimed) -> bool) {
        events.retain(|event| {
            let is_over = is_over(event);
            let count = match event.state {
                "done" => &mut self.done,
                "pending" => &mut self.retried,
                _ => &mut self.set_aside,
            };
            *count = count.saturating_add(is_over.into());
            !is_over
        });
    }
}
