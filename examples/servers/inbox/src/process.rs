//! Each event to its handler, once.

use std::sync::Arc;
use std::time::Duration;

use metrics::counter;
use tokio::sync::{Notify, watch};
use tokio::time::sleep;
use tracing::error;

use crate::batch::{Batch, Failure, Handler};
use crate::queue::Queue;
use crate::settings::Settings;
use crate::store::Store;

/// How long events wait at most that this process was not woken for: those of
/// other instances, those released, and those tried again.
pub(crate) const POLL: Duration = Duration::from_secs(1);
/// How long a worker waits for more events after a batch that was not full.
const LINGER: Duration = Duration::from_millis(20);

/// What became of the events that were due.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Step {
    /// The handler's effect is there, and the event is done.
    pub done: u64,
    /// The attempt failed: its effect is undone, and the event waits.
    pub retried: u64,
    /// An attempt failed too often: the event waits until it is released.
    pub set_aside: u64,
}

impl Step {
    pub(crate) fn add(&mut self, more: Self) {
        self.done = self.done.saturating_add(more.done);
        self.retried = self.retried.saturating_add(more.retried);
        self.set_aside = self.set_aside.saturating_add(more.set_aside);
    }
}

/// Takes one batch of events after another.
#[derive(Clone, Debug)]
pub struct Worker {
    queue: Queue,
    batch: Batch,
}

impl Worker {
    /// A worker of this store. Its clones know what it has taken.
    #[must_use]
    pub fn new(store: &Store, handler: Handler, settings: &Settings) -> Self {
        let queue = Queue::new(store.database.clone(), settings);
        let batch = Batch::new(queue.clone(), handler, settings);
        Self { queue, batch }
    }

    /// Works until `stopped` says so.
    pub(crate) async fn work(self, wake: Arc<Notify>, mut stopped: watch::Receiver<bool>) {
        while !*stopped.borrow() {
            let wait = match self.take().await {
                Ok((step, more)) => {
                    let failed = step.retried.saturating_add(step.set_aside);
                    counter!("inbox_processed_total").increment(step.done);
                    counter!("inbox_failed_total").increment(failed);
                    match more {
                        true => continue,
                        false if step == Step::default() => POLL,
                        false => LINGER,
                    }
                }
                Err(error) => {
                    error!(%error, "cannot process");
                    POLL
                }
            };
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
        self.take().await.map(|(step, _more)| step)
    }

    /// Processes a batch, and says whether more events are due.
    async fn take(&self) -> sqlx::Result<(Step, bool)> {
        let _turn = self.queue.database.turn().await;
        let mut step = Step::default();
        let (batch, more) = self.queue.claim(&mut step).await?;
        let mut parts = vec![batch];
        while let Some(part) = parts.pop() {
            let (half, others) = part.split_at(part.len() / 2);
            match (self.batch.process(&part, &mut step).await, &*part) {
                (Ok(()), _) => {}
                (Err(Failure::Outage(error)), _) => {
                    for part in parts.iter().chain([&part]) {
                        self.queue.give_back(part).await;
                    }
                    return Err(error);
                }
                (Err(Failure::Events(error)), [event]) => {
                    self.queue.charge(event, &error, &mut step).await?;
                }
                (Err(Failure::Late), [event]) => {
                    let error = "the handler took too long";
                    self.queue.charge(event, error, &mut step).await?;
                }
                (Err(Failure::Events(_)), _) => parts.extend([others.to_vec(), half.to_vec()]),
                // Halving would take as long again, and again.
                (Err(Failure::Late), _) => self.queue.give_back(&part).await,
            }
        }
        Ok((step, more))
    }
}
