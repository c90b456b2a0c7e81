//! Each event to its handler, once.

use std::future;
use std::sync::Arc;
use std::time::Duration;

use metrics::counter;
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::sleep;
use tracing::error;

use crate::api::Api;
use crate::batch::{Failure, Handler};
use crate::lease::Lease;
use crate::queue::{Claimed, Place};
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

/// What an attempt leaves.
#[derive(Default)]
struct Attempt {
    /// Whether the API was asked, and told nothing.
    in_vain: bool,
    /// Whether the lease went with the last of the events.
    is_over: bool,
}

/// Takes one batch of events after another.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it holds secrets")]
pub struct Worker {
    pub(crate) store: Store,
    pub(crate) handler: Handler,
    pub(crate) api: Option<Api>,
    pub(crate) settings: Settings,
    pub(crate) place: Arc<Mutex<Place>>,
    pub(crate) owed: Arc<Mutex<Vec<Lease>>>,
}

impl Worker {
    /// A worker of this store, which asks the API about each event before it is processed.
    /// Its clones know what it has taken.
    #[must_use]
    pub fn new(store: &Store, handler: Handler, api: Option<Api>, settings: &Settings) -> Self {
        Self {
            store: store.clone(),
            handler,
            api,
            settings: settings.clone(),
            place: Arc::default(),
            owed: Arc::default(),
        }
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
        self.give_back().await?;
        let claim = self.claim().await?;
        let set_aside = claim.set_aside;
        let mut step = Step {
            set_aside,
            ..Step::default()
        };
        let Some(lease) = claim.lease else {
            return Ok((step, POLL));
        };
        let tried = self.attempt(&lease, claim.events, told, &mut step).await;
        if !matches!(tried, Ok(Attempt { is_over: true, .. })) {
            self.owed.lock().await.push(lease);
        }
        let given_back = self.give_back().await;
        let Attempt { in_vain, .. } = tried?;
        given_back?;
        let wait = match claim.more {
            // Nobody asks an API in trouble as fast as it can say so.
            _ if in_vain || step == Step::default() => POLL,
            true => Duration::ZERO,
            false => LINGER,
        };
        Ok((step, wait))
    }

    /// Asks about events, if there is somebody to ask, and processes them.
    async fn attempt(
        &self,
        lease: &Lease,
        mut events: Vec<Claimed>,
        told: impl Future<Output = ()>,
        step: &mut Step,
    ) -> sqlx::Result<Attempt> {
        let mut attempt = Attempt::default();
        if let Some(api) = &self.api {
            attempt.in_vain = tokio::select! {
                in_vain = self.ask(api, &mut events) => in_vain,
                () = told => return Ok(attempt),
            };
            self.save_apart(lease, false, &mut events).await?;
            step.count(&mut events, |event| event.confirmation.is_none());
        }
        attempt.is_over = !events.is_empty();
        let mut parts = vec![events];
        while let Some(mut part) = parts.pop() {
            let is_last = parts.is_empty();
            let Err(failure) = self.batch(lease, is_last, &mut part).await else {
                step.count(&mut part, |_| true);
                continue;
            };
            for event in &mut part {
                event.state = "pending".into();
            }
            match (failure, &mut *part) {
                (Failure::Outage(error), _) => return Err(error),
                (Failure::Events(error), [event]) => {
                    self.charge(event, &error);
                    self.save_apart(lease, is_last, &mut part).await?;
                    step.count(&mut part, |_| true);
                }
                (Failure::Events(_), _) => {
                    let half = part.split_off(part.len() / 2);
                    parts.extend([half, part]);
                }
            }
        }
        Ok(attempt)
    }
}

impl Step {
    /// Counts what became of some events, and takes them out.
    fn count(&mut self, events: &mut Vec<Claimed>, is_over: impl Fn(&Claimed) -> bool) {
        events.retain(|event| {
            let is_over = is_over(event);
            let count = match &*event.state {
                "done" => &mut self.done,
                "pending" => &mut self.retried,
                _ => &mut self.set_aside,
            };
            *count = count.saturating_add(is_over.into());
            !is_over
        });
    }
}
