//! What a body is called in the log.

use std::{num::NonZeroU32, time::SystemTime};

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use axum::body::Bytes;
use edexa_webhooks::chrono::{DateTime, Utc};
use edexa_webhooks::{IdempotencyKey, Rejection, WebhookEvent};
use inbox::store::{Entry, Refusal, digest};

use crate::settings::Options;

/// When the body arrived, in UTC.
const RECEIVED_AT: &str = "Edexa-Received-At";
/// Why it is refused, without a piece of the body.
const REFUSED: &str = "Edexa-Refused";

/// Where a body goes and with which headers, and the event that it is, or why it is refused.
///
/// The id of an event's message is key and fingerprint: the log drops a redelivery within
/// its window, and not a conflict. The token is in no header.
pub fn address(
    settings: &Options,
    body: &[u8],
) -> (String, HeaderMap, Result<WebhookEvent, Rejection>) {
    let (now, mut headers) = (DateTime::<Utc>::from(SystemTime::now()), HeaderMap::new());
    headers.insert(RECEIVED_AT, now.to_rfc3339());
    let parsed = WebhookEvent::from_slice(body).map_err(Rejection::from);
    let parsed = parsed.and_then(|event| Ok(event.validate().map(|()| event)?));
    let (name, id) = match &parsed {
        Ok(event) => {
            let (key, fingerprint) = (event.idempotency_key(), event.fingerprint());
            let name = format!("events.{}", shard(&key, settings.shards));
            (name, format!("{key} {fingerprint}"))
        }
        Err(rejection) => {
            headers.insert(REFUSED, rejection.redacted());
            ("refused".into(), digest(body))
        }
    };
    headers.insert(NATS_MESSAGE_ID, id);
    (subject(settings, &name), headers, parsed)
}

/// An event that the database does not take as one: kept with what is refused.
pub(crate) fn set_aside(body: &Bytes, error: &impl ToString) -> Entry {
    let refusal = Refusal {
        codes: vec!["not-stored"],
        problem: error.to_string(),
        salvaged: String::new(),
    };
    Entry::refused(body.clone(), refusal)
}

/// A subject of the stream: `events.0`, say, or `refused`.
#[must_use]
pub fn subject(settings: &Options, name: &str) -> String {
    [&settings.nats_stream, name].join(".")
}

/// The shard of an event's stamp: the part of the key that is its id decides.
fn shard(key: &IdempotencyKey, shards: NonZeroU32) -> u32 {
    let (stamp, _action) = key.as_str().split_once(':').unwrap_or_default();
    let digest = digest(stamp.as_bytes());
    let number = u32::from_str_radix(digest.get(..8).unwrap_or_default(), 16);
    number.unwrap_or_default() % shards
}
