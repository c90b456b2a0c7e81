//! Each event held against the API's record, before it joins a batch.

use edexa_webhooks::record::Verdict;
use edexa_webhooks::{Outcome, WebhookEvent};
use metrics::counter;
use tokio::task::JoinSet;
use tracing::error;

use crate::api::{Api, Said};
use crate::clipped;
use crate::queue::{Claimed, Queue, micros_of};
use crate::settings::Settings;

/// Asks the API about events.
#[derive(Clone)]
pub(crate) struct Asker {
    api: Api,
    /// How long asking may take.
    pub(crate) lease: i64,
    patience: i64,
}

/// What to do with an event.
enum Decision {
    Believe(String),
    SetAside(String),
    /// The record does not say it.
    Silent(String),
    /// The API told nothing.
    Trouble(String),
}

impl Asker {
    pub(crate) fn new(api: Api, settings: &Settings) -> Self {
        let lease = settings
            .api_timeout_ms
            .saturating_add(settings.store_timeout_ms);
        Self {
            api,
            lease: micros_of(lease),
            patience: micros_of(settings.api_silent_ms),
        }
    }

    /// Asks about those events that nobody was asked about yet, all at once: what is to
    /// become of each, and whether the API told nothing. No transaction is open meanwhile.
    pub(crate) async fn ask(&self, queue: &Queue, events: &mut Vec<Claimed>) -> bool {
        let mut asking = JoinSet::new();
        for event in std::mem::take(events) {
            if event.confirmation.is_some() {
                events.push(event);
                continue;
            }
            let api = self.api.clone();
            asking.spawn_blocking(move || {
                let decision = decide(&event.body, |event| api.ask(&event.data.hash));
                (event, decision)
            });
        }
        let mut in_vain = !asking.is_empty();
        while let Some(answer) = asking.join_next().await {
            match answer {
                Ok((mut event, decision)) => {
                    in_vain &= matches!(decision, Decision::Trouble(_));
                    self.follow(queue, &mut event, decision);
                    events.push(event);
                }
                Err(error) => error!(%error, "an answer is lost"),
            }
        }
        in_vain
    }

    fn follow(&self, queue: &Queue, event: &mut Claimed, decision: Decision) {
        let result = match decision {
            Decision::Believe(text) => {
                (event.confirmation, event.last_error) = (Some(clipped(&text)), None);
                // Those until now were the API's.
                event.attempts = 1;
                "believed"
            }
            Decision::SetAside(text) => {
                event.set_aside(&text);
                "set-aside"
            }
            Decision::Silent(text) => {
                let since = *event.silent_since.get_or_insert(event.now);
                if event.now.saturating_sub(since) >= self.patience {
                    event.set_aside(&text);
                    "set-aside"
                } else {
                    queue.wait(event, &text, event.attempts.saturating_sub(1));
                    "silent"
                }
            }
            Decision::Trouble(text) => {
                queue.wait(event, &text, event.attempts.saturating_sub(1));
                "trouble"
            }
        };
        counter!("inbox_asked_total", "result" => result).increment(1);
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
