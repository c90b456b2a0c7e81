//! Each event held against the API's record, before it joins a batch.

use edexa_webhooks::WebhookEvent;
use edexa_webhooks::record::Verdict;
use futures_util::future::join_all;
use metrics::counter;
use tokio::task::spawn_blocking;

use crate::api::{Api, Said};
use crate::clipped;
use crate::process::Worker;
use crate::queue::{Claimed, micros_of};

/// What to do with an event.
enum Decision {
    Believe(String),
    SetAside(String),
    /// The record does not say it.
    Silent(String),
    /// The API told nothing.
    Trouble(String),
}

impl Worker {
    /// Asks about those events that nobody was asked about yet, all at once: what is to
    /// become of each, and whether the API told nothing. No transaction is open meanwhile.
    pub(crate) async fn ask(&self, api: &Api, events: &mut [Claimed]) -> bool {
        let events = events.iter_mut();
        let unasked = events.filter(|event| event.confirmation.is_none());
        let asked = join_all(unasked.map(async |event| {
            event.count_attempt();
            let (api, body) = (api.clone(), event.body.clone());
            let decide = move || decide(&body, |event| api.ask(&event.data.hash));
            let decision = spawn_blocking(decide).await;
            let decision = decision.unwrap_or_else(|error| Decision::Trouble(error.to_string()));
            let in_vain = matches!(decision, Decision::Trouble(_));
            self.follow(event, decision);
            in_vain
        }));
        let asked = asked.await;
        !asked.is_empty() && asked.into_iter().all(|in_vain| in_vain)
    }

    fn follow(&self, event: &mut Claimed, decision: Decision) {
        let result = match decision {
            Decision::Believe(text) => {
                (event.confirmation, event.last_error) = (Some(clipped(&text)), None);
                // Those until now were the API's.
                event.attempts = 0;
                "believed"
            }
            Decision::SetAside(text) => {
                event.set_aside(&text);
                "set-aside"
            }
            Decision::Silent(text) => {
                let since = *event.silent_since.get_or_insert(event.now);
                let silent = event.now.saturating_sub(since);
                if silent >= micros_of(self.settings.api_silent_ms) {
                    event.set_aside(&text);
                    "set-aside"
                } else {
                    self.wait(event, &text);
                    "silent"
                }
            }
            Decision::Trouble(text) => {
                self.wait(event, &text);
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
    if event.action.is_unknown() {
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
