//! What a body is called in the log.

use std::time::SystemTime;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use axum::body::Bytes;
use edexa_webhooks::chrono::{DateTime, SecondsFormat, Utc};
use edexa_webhooks::{Rejection, WebhookEvent};
use inbox::receive::parse;
use inbox::store::{Entry, digest};

/// When the body arrived, in UTC.
const RECEIVED_AT: &str = "Edexa-Received-At";
/// Why it is refused: its category, or the rules that it breaks.
const REFUSED: &str = "Edexa-Refused";

/// A body on its way to the log.
#[derive(Clone, Debug)]
pub struct Message {
    /// Where it goes.
    pub subject: String,
    /// Its id and metadata. The token is not among them.
    pub headers: HeaderMap,
    /// As it came.
    pub body: Bytes,
}

impl Message {
    /// The message that a body becomes, and the event that it is, or why it is refused.
    ///
    /// The id is key and fingerprint: the log drops a redelivery within its window, and not
    /// a conflict.
    pub fn new(
        stream: &str,
        shards: u32,
        body: Bytes,
        now: DateTime<Utc>,
    ) -> (Self, Result<WebhookEvent, Rejection>) {
        let mut headers = HeaderMap::new();
        headers.insert(
            RECEIVED_AT,
            now.to_rfc3339_opts(SecondsFormat::Micros, true),
        );
        let (subject, id, parsed) = match parse(&body) {
            Ok(event) => {
                let (key, fingerprint) = (event.idempotency_key(), event.fingerprint());
                let subject = event_subject(stream, shard(key.as_str(), shards));
                (subject, format!("{key} {fingerprint}"), Ok(event))
            }
            Err((codes, rejection)) => {
                headers.insert(REFUSED, codes.join(" "));
                (refused_subject(stream), digest(&body), Err(rejection))
            }
        };
        headers.insert(NATS_MESSAGE_ID, id);
        let message = Self {
            subject,
            headers,
            body,
        };
        (message, parsed)
    }
}

/// What a message of the log is to the inbox. The body decides, and not the subject, which
/// anybody in the log may have chosen.
#[must_use]
pub fn entry(headers: Option<&HeaderMap>, body: Bytes) -> Entry {
    let arrived = headers.and_then(|headers| headers.get(RECEIVED_AT)?.as_str().parse().ok());
    match parse(&body) {
        Ok(event) => Entry::event(
            &event,
            body,
            arrived.unwrap_or_else(|| SystemTime::now().into()),
        ),
        Err((codes, rejection)) => Entry::refused(body, &codes, &rejection),
    }
}

/// The subject of a shard's events.
#[must_use]
pub fn event_subject(stream: &str, shard: u32) -> String {
    format!("{stream}.events.{shard}")
}

/// The subject of what is refused.
#[must_use]
pub fn refused_subject(stream: &str) -> String {
    format!("{stream}.refused")
}

/// The shard of a stamp, by the part of the key that is its id.
fn shard(key: &str, shards: u32) -> u32 {
    let (stamp, _action) = key.split_once(':').unwrap_or_default();
    let digest = digest(stamp.as_bytes());
    let number = digest
        .get(..8)
        .and_then(|digits| u32::from_str_radix(digits, 16).ok());
    number
        .unwrap_or_default()
        .checked_rem(shards)
        .unwrap_or_default()
}
