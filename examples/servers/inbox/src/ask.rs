//! Each event held against the API's record, before it joins a batch.

use std::sync::Arc;
use std::time::Duration;

use edexa_webhooks::record::Verdict;
use edexa_webhooks::{Outcome, WebhookEvent};
use metrics::counter;
use sqlx::{AnyConnection, Connection};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::{error, warn};

use crate::api::{Api, Said};
use crate::clipped;
use crate::clock::micros_of;
use crate::dialect::{bind, in_time};
use crate::process::POLL;
use crate::queue::Queue;
use crate::settings::Settings;
use crate::store::Store;

/// How many answers in a row may tell nothing before the delay is the longest.
const TROUBLES: i64 = 4;

/// What became of the events that were asked about.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Asked {
    /// The event may have its effect: the record confirms it, or it is a failure
    /// which the record does not contradict.
    pub believed: u64,
    /// The record contradicts it, or has said nothing of it for too long.
    pub set_aside: u64,
    /// The record does not say it yet.
    pub silent: u64,
    /// The API told nothing.
    pub troubled: u64,
}

/// What to do with an event.
#[derive(Debug)]
enum Decision {
    Believe(String),
    SetAside(String),
    /// The record does not say it.
    Silent(String),
    /// The API told nothing.
    Trouble(String),
}

/// An event to ask about.
struct Due {
    key: String,
    body: Vec<u8>,
    /// Before the one that begins.
    attempts: i64,
    silent_for: i64,
}

/// Asks the API about one event after another.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it holds a secret")]
pub struct Asker {
    queue: Queue,
    api: Api,
    at_once: usize,
    lease: i64,
    patience: i64,
}

impl Asker {
    /// Asks for the events of this store.
    #[must_use]
    pub fn new(store: &Store, api: Api, settings: &Settings) -> Self {
        let micros = |millis| micros_of(Duration::from_millis(millis));
        Self {
            queue: Queue::new(store.database.clone(), settings),
            api,
            at_once: settings.api_at_once,
            // Another instance asks no sooner than this one has its answer.
            lease: micros(
                settings
                    .api_timeout_ms
                    .saturating_add(settings.store_timeout_ms),
            ),
            patience: micros(settings.api_silent_ms),
        }
    }

    /// Asks until `stopped` says so. `wake` is told of what may be processed.
    pub(crate) async fn work(
        self,
        woken: Arc<Notify>,
        wake: Arc<Notify>,
        mut stopped: watch::Receiver<bool>,
    ) {
        let mut troubles = 0;
        while !*stopped.borrow() {
            // One is enough to see whether the API is back.
            let at_once = if troubles == 0 { self.at_once } else { 1 };
            let step = tokio::select! {
                step = self.step(at_once) => step,
                _ = stopped.changed() => break,
            };
            let step = step.unwrap_or_else(|error| {
                error!(%error, "cannot ask");
                Asked::default()
            });
            if step.believed > 0 {
                wake.notify_one();
            }
            if step.believed.max(step.set_aside).max(step.silent) > 0 {
                troubles = 0;
                continue;
            }
            let wait = if step.troubled > 0 {
                let wait = self.queue.delay(troubles);
                troubles = TROUBLES.min(troubles.saturating_add(1));
                Duration::from_micros(wait.unsigned_abs())
            } else {
                POLL
            };
            tokio::select! {
                () = sleep(wait) => {}
                () = woken.notified(), if wait == POLL && troubles == 0 => {}
                _ = stopped.changed() => {}
            }
        }
    }

    /// Asks about the events that are due, so many of them at most, all at once. No
    /// transaction is open meanwhile.
    ///
    /// # Errors
    ///
    /// The database failed: what was not written is asked again.
    pub async fn step(&self, at_once: usize) -> sqlx::Result<Asked> {
        let due = self.claim(at_once).await?;
        let mut asking = JoinSet::new();
        for due in due {
            let api = self.api.clone();
            asking.spawn_blocking(move || {
                let decision = decide(&due.body, |event| api.ask(&event.data.hash));
                (due, decision)
            });
        }
        let mut decided = Vec::new();
        while let Some(answer) = asking.join_next().await {
            decided.extend(answer.inspect_err(|error| error!(%error, "an answer is lost")));
        }
        self.write(decided).await
    }

    /// Takes the events that have been due for longest.
    async fn claim(&self, at_once: usize) -> sqlx::Result<Vec<Due>> {
        let database = &self.queue.database;
        let due = "SELECT key, body, attempts, \
             {now} - COALESCE(silent_since, {now}) AS silent_for FROM inbox.events \
             WHERE state = 'pending' AND confirmation IS NULL AND next_attempt_at <= {now} \
             ORDER BY next_attempt_at, received_at LIMIT $1 {lock}";
        let due = database.dialect.sql(due);
        let lease = "UPDATE inbox.events SET attempts = attempts + 1, \
             next_attempt_at = {now} + $1 WHERE key = $2";
        let lease = database.dialect.sql(lease);
        let claim = async |connection: &mut AnyConnection| {
            let mut transaction = connection.begin_with(database.dialect.begin()).await?;
            let limit = i64::try_from(at_once).unwrap_or(i64::MAX);
            let due = sqlx::query_as(&due).bind(limit);
            let due: Vec<(String, Vec<u8>, i64, i64)> = due.fetch_all(&mut *transaction).await?;
            for (key, ..) in &due {
                let lease = bind!(sqlx::query(&lease), self.lease, key);
                lease.execute(&mut *transaction).await?;
            }
            transaction.commit().await?;
            let due = due
                .into_iter()
                .map(|(key, body, attempts, silent_for)| Due {
                    key,
                    body,
                    attempts,
                    silent_for,
                });
            Ok(due.collect())
        };
        let _turn = database.turn().await;
        let mut connection = database.acquire(&database.pool).await?;
        let claimed = in_time(self.queue.limit, claim(&mut connection)).await;
        if claimed.is_err() {
            connection.close_on_drop();
        }
        claimed
    }

    async fn write(&self, decided: Vec<(Due, Decision)>) -> sqlx::Result<Asked> {
        let mut asked = Asked::default();
        if decided.is_empty() {
            return Ok(asked);
        }
        let database = &self.queue.database;
        let _turn = database.turn().await;
        let mut connection = database.acquire(&database.pool).await?;
        let write = async {
            let mut transaction = connection.begin_with(database.dialect.begin()).await?;
            for (due, decision) in decided {
                let write = self.write_one(&mut transaction, &due, decision, &mut asked);
                write.await?;
            }
            transaction.commit().await
        };
        let written = in_time(self.queue.limit, write).await;
        if let Err(error) = written {
            connection.close_on_drop();
            return Err(error);
        }
        for (result, times) in [
            ("believed", asked.believed),
            ("set-aside", asked.set_aside),
            ("silent", asked.silent),
            ("trouble", asked.troubled),
        ] {
            counter!("inbox_asked_total", "result" => result).increment(times);
        }
        Ok(asked)
    }

    async fn write_one(
        &self,
        transaction: &mut AnyConnection,
        due: &Due,
        decision: Decision,
        asked: &mut Asked,
    ) -> sqlx::Result<()> {
        let (count, state, text, is_silent) = match decision {
            Decision::Believe(text) => {
                asked.believed = asked.believed.saturating_add(1);
                let believe = "UPDATE inbox.events SET confirmation = $2, last_error = NULL, \
                     attempts = 0, next_attempt_at = {now} \
                     WHERE key = $1 AND state = 'pending' AND confirmation IS NULL";
                let believe = self.queue.database.dialect.sql(believe);
                let believe = bind!(sqlx::query(&believe), &due.key, clipped(&text));
                return believe.execute(transaction).await.map(drop);
            }
            Decision::SetAside(text) => (&mut asked.set_aside, "set-aside", text, 0_i64),
            Decision::Silent(text) if due.silent_for >= self.patience => {
                (&mut asked.set_aside, "set-aside", text, 1)
            }
            Decision::Silent(text) => (&mut asked.silent, "pending", text, 1),
            Decision::Trouble(text) => (&mut asked.troubled, "pending", text, 0),
        };
        *count = count.saturating_add(1);
        let (key, text) = (&due.key, clipped(&text));
        warn!(%key, state, %text, "not confirmed");
        let wait = "UPDATE inbox.events SET state = $2, last_error = $3, \
             next_attempt_at = {now} + $4, silent_since = \
             CASE WHEN $5 = 1 THEN COALESCE(silent_since, {now}) ELSE silent_since END \
             WHERE key = $1 AND state = 'pending' AND confirmation IS NULL";
        let wait = self.queue.database.dialect.sql(wait);
        let delay = self.queue.delay(due.attempts);
        let wait = bind!(sqlx::query(&wait), key, state, text, delay, is_silent);
        wait.execute(transaction).await.map(drop)
    }
}

fn decide(body: &[u8], ask: impl FnOnce(&WebhookEvent) -> Said) -> Decision {
    let event = match WebhookEvent::from_slice(body) {
        Ok(event) => event,
        Err(error) => return Decision::SetAside(error.to_string()),
    };
    if matches!(event.outcome(), Ok(Outcome::Unknown(_))) {
        return Decision::Believe("not asked: the action is unknown, and has no effect".into());
    }
    let silence = match ask(&event) {
        Said::Trouble(text) => return Decision::Trouble(text),
        Said::NotFound(text) => text,
        Said::Record(record) => {
            let confirmation = event.confirm(&record);
            let text = confirmation.to_string();
            match confirmation.verdict() {
                Verdict::Confirmed => return Decision::Believe(text),
                Verdict::Contradicted => return Decision::SetAside(text),
                Verdict::Silent => text,
            }
        }
    };
    if event.is_failed() {
        // No record says of a stamp that it failed.
        Decision::Believe(format!("unconfirmed: {silence}"))
    } else {
        Decision::Silent(silence)
    }
}
