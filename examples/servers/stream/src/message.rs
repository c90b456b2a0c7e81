//! What a body is called in the log.

use std::{num::NonZeroU32, time::SystemTime};

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use axum::body::Bytes;
use edexa_webhooks::chrono::{DateTime, Utc};
use edexa_webhooks::{IdempotencyKey, Rejection, WebhookEvent};
use inbox::receive::parse;
use inbox::store::{Entry, digest};

use crate::settings::Options;

/// When the body arrived, in UTC.
const RECEIVED_AT: &str = "Edexa-Received-At";
/// Why it is refused: its category, or the rules that it breaks.
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
    let (name, id, parsed) = match parse(body) {
        Ok(event) => {
            let (key, fingerprint) = (event.idempotency_key(), event.fingerprint());
            let name = format!("events.{}", shard(&key, settings.shards));
            (name, format!("{key} {fingerprint}"), Ok(event))
        }
        Err((codes, rejection)) => {
            headers.insert(REFUSED, codes.join(" "));
            ("refused".into(), digest(body), Err(rejection))
        }
    };
    headers.insert(NATS_MESSAGE_ID, id);
    (subject(settings, &name), headers, parsed)
}

/// What a message of the log is to the inbox. Its body decides: anybody with access to the
/// log may have chosen the subject.
#[must_use]
pub fn entry(headers: Option<&HeaderMap>, body: Bytes) -> Entry {
    let arrived = headers.and_then(|headers| headers.get(RECEIVED_AT)?.as_str().parse().ok());
    let arrived = arrived.unwrap_or_else(|| SystemTime::now().into());
    match parse(&body) {
        Ok(event) => Entry::event(&event, body, arrived),
        Err((codes, rejection)) => Entry::refused(body, &codes, &rejection),
    }
}

/// An event that the database does not take as one: kept with what is refused.
pub(crate) fn set_aside(body: &Bytes, error: &impl ToString) -> Entry {
    Entry::Refused {
        digest: digest(body),
        body: body.clone(),
        codes: "not-stored".into(),
        problem: error.to_string(),
        salvaged: String::new(),
    }
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
