//! Each event to its handler, once.

use std::future;
use std::sync::Arc;
use std::time::Duration;

use metrics::counter;
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::sleep;
use tracing::error;

use crate::api::Api;
use crate::batch::Handler;
use crate::dialect::{is_full, is_outage};
use crate::lease::Lease;
use crate::queue::{Claim, Claimed, Place};
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
            store: store.by(&store.of_workers),
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
                (Step::default(), Some(POLL))
            });
            let failed = step.retried.saturating_add(step.set_aside);
            counter!("inbox_processed_total").increment(step.done);
            counter!("inbox_failed_total").increment(failed);
            tokio::select! {
                () = sleep(wait.unwrap_or(POLL)) => {}
                () = wake.notified(), if wait.is_none() => {}
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

    /// Processes a batch, and says how long to wait for the next one: until there is one, if
    /// nothing is due. Whoever stops it waits for the batch, and not for the API.
    async fn take(&self, told: impl Future<Output = ()>) -> sqlx::Result<(Step, Option<Duration>)> {
        self.give_back().await?;
        let Claim {
            events,
            mut lease,
            more,
            mut step,
        } = self.claim().await?;
        if events.is_empty() {
            return Ok((step, None));
        }
        let tried = self.attempt(&mut lease, events, told, &mut step).await;
        // Otherwise the handler may be why the attempt had no end. The lease ends by itself, as
        // if the process had, and the events are tried in halves.
        if tried.as_ref().err().is_none_or(is_full) {
            self.owed.lock().await.extend(lease);
        }
        let given_back = self.give_back().await;
        let in_vain = tried?;
        given_back?;
        let wait = match more {
            // Nobody asks an API in trouble as fast as it can say so.
            _ if in_vain || step == Step::default() => POLL,
            true => Duration::ZERO,
            false => LINGER,
        };
        Ok((step, Some(wait)))
    }

    /// Asks about events, if there is somebody to ask, and processes them: whether the API was
    /// asked, and told nothing.
    async fn attempt(
        &self,
        lease: &mut Option<Lease>,
        mut events: Vec<Claimed>,
        told: impl Future<Output = ()>,
        step: &mut Step,
    ) -> sqlx::Result<bool> {
        let mut in_vain = false;
        if let Some(api) = &self.api {
            in_vain = tokio::select! {
                in_vain = self.ask(api, &mut events) => in_vain,
                () = told => return Ok(false),
            };
            self.save_apart(lease, false, &mut events).await?;
            let unbelieved;
            (events, unbelieved) = events
                .into_iter()
                .partition(|event| event.confirmation.is_some());
            step.count(&unbelieved);
        }
        for event in &mut events {
            event.count_attempt();
        }
        let mut parts = vec![events];
        while let Some(mut part) = parts.pop() {
            let is_last = parts.is_empty();
            let Err(error) = self.batch(lease, is_last, &mut part).await else {
                step.count(&part);
                continue;
            };
            let error = match error.downcast::<sqlx::Error>() {
                Ok(error) if is_outage(&error) => return Err(*error),
                Ok(error) => error.to_string(),
                Err(error) => error.to_string(),
            };
            for event in &mut part {
                // Its effect was not another one's after all.
                event.last_error.take_if(|_| event.state == "set-aside");
                event.state = "pending".into();
            }
            if let [event] = &mut *part {
                self.charge(event, &error);
                self.save_apart(lease, is_last, &mut part).await?;
                step.count(&part);
            } else {
                let half = part.split_off(part.len() / 2);
                parts.extend([half, part]);
            }
        }
        Ok(in_vain)
    }
}

impl Step {
    /// Counts what became of some events.
    pub(crate) fn count(&mut self, events: &[Claimed]) {
        for event in events {
            let count = match &*event.state {
                "done" => &mut self.done,
                "pending" => &mut self.retried,
                _ => &mut self.set_aside,
            };
            *count = count.saturating_add(1);
        }
    }
}
