//! Deliver, wait, deliver again.

use std::iter;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use edexa_webhooks::delivery::{MAX_BODY_BYTES, RETRY_DELAYS};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Response};
use tokio::task::JoinSet;

use crate::bodies::Bodies;
use crate::error::Error;
use crate::plan::Plan;
use crate::progress::Progress;
use crate::report::{Answer, Report};
use crate::target::Target;

/// The first attempt and edeXa's retries.
pub const ATTEMPTS: usize = RETRY_DELAYS.len() + 1;

/// How long to wait before each attempt: not at all before the first, then
/// edeXa's delays, one after another, times `scale`.
pub fn schedule(attempts: usize, scale: f64) -> impl Iterator<Item = Duration> {
    iter::once(Duration::ZERO)
        .chain(RETRY_DELAYS)
        .take(attempts)
        .map(move |delay| delay.mul_f64(scale.clamp(0.0, 1.0)))
}

/// Carries a plan out, until it is done or `stop` completes.
///
/// # Errors
///
/// The run cannot start. Whatever goes wrong with a delivery is in the report.
pub async fn run(plan: Plan, stop: impl Future<Output = ()>) -> Result<Report, Error> {
    let target = Target::resolve(&plan.to, plan.allow_remote)?;
    let bodies = if plan.forge {
        Bodies::forged()
    } else {
        Bodies::read(&plan.event)?
    };
    let one_of_each = || u32::try_from(bodies.len()).unwrap_or(u32::MAX);
    let count = plan.count.unwrap_or_else(one_of_each);
    let sender = Arc::new(Sender {
        client: target.client(plan.timeout)?,
        report: Mutex::new(Report::new(count)),
        next: AtomicU32::new(0),
        progress: Progress::new(count, plan.quiet),
        target,
        bodies,
        count,
        plan,
    });
    let mut workers = JoinSet::new();
    for _ in 0..sender.plan.concurrency {
        workers.spawn(Arc::clone(&sender).work());
    }
    let all_done = async { while workers.join_next().await.is_some() {} };
    tokio::select! {
        () = all_done => {}
        () = stop => {}
    }
    workers.shutdown().await;
    sender.progress.clear();
    let report = sender.report().clone();
    Ok(report)
}

struct Sender {
    plan: Plan,
    target: Target,
    bodies: Bodies,
    count: u32,
    client: Client,
    progress: Progress,
    report: Mutex<Report>,
    next: AtomicU32,
}

impl Sender {
    async fn work(self: Arc<Self>) {
        while let Some((index, body)) = self.take() {
            // A generator for each delivery: what is duplicated does not depend on
            // which worker is faster.
            let seed = self.plan.seed.wrapping_add(index.into());
            let chance = fastrand::Rng::with_seed(seed).f64();
            if self.deliver(&body).await && chance < self.plan.duplicate_rate {
                self.report().add_duplicate();
                self.deliver(&body).await;
            }
            self.progress.one_ended();
        }
    }

    fn take(&self) -> Option<(u32, Vec<u8>)> {
        let advance = |index: u32| (index < self.count).then(|| index.saturating_add(1));
        let index = self
            .next
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, advance)
            .ok()?;
        Some((index, self.bodies.get(index)?))
    }

    async fn deliver(&self, body: &[u8]) -> bool {
        let waits = schedule(self.plan.attempts, self.plan.time_scale);
        let mut attempts = (1..).zip(waits).peekable();
        while let Some((attempt, wait)) = attempts.next() {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            let answer = self.attempt(body.to_vec()).await;
            if answer.is_acknowledged() {
                self.report().add_acknowledged(attempt);
                return true;
            }
            self.progress.first_failure(|| match attempts.peek() {
                Some((_, next)) => format!("first retry: {answer}, again in {next:?}"),
                None => format!("first failure: {answer}"),
            });
        }
        self.report().add_given_up();
        false
    }

    async fn attempt(&self, body: Vec<u8>) -> Answer {
        let request = self
            .client
            .post(self.target.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        let start = Instant::now();
        let result = request.send().await;
        let latency = start.elapsed();
        let answer = match &result {
            Ok(response) => Answer::Status(response.status().as_u16()),
            Err(error) if error.is_connect() => Answer::NotConnected,
            Err(error) if error.is_timeout() => Answer::TimedOut,
            Err(_) => Answer::Broken,
        };
        self.report().add_attempt(answer, latency);
        if let Ok(response) = result {
            drain(response).await;
        }
        answer
    }

    fn report(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads an answer's body, so that its connection can be used again; not for
/// ever, and an error changes nothing: the status has come.
async fn drain(mut response: Response) {
    let mut read: usize = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        read = read.saturating_add(chunk.len());
        if read > MAX_BODY_BYTES {
            return;
        }
    }
}
