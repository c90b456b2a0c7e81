//! The events that the bodies are made of, with values of realistic lengths. Read
//! from text, since the crate is measured as users ship it: without `testing`.

use edexa_webhooks::WebhookEvent;

pub(crate) fn succeeded() -> WebhookEvent {
    parse(include_str!("events/succeeded.json"))
}

pub(crate) fn failed() -> WebhookEvent {
    parse(include_str!("events/failed.json"))
}

fn parse(body: &str) -> WebhookEvent {
    body.parse().expect("it is an event")
}
