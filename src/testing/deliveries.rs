//! More deliveries of an event: the same again, another under its key, and two
//! in the wrong order.

use chrono::TimeDelta;

use super::body::Body;
use super::builder::EventBuilder;
use crate::event::WebhookEvent;
use crate::json::{Read, Reader};
use crate::stamp::Stamp;

/// Bodies that all deliver one event, each in another spelling: whichever comes
/// first is new, and the others are redeliveries of it.
///
/// In turn: as this crate writes it; with white space; with its keys in another
/// order, and `null` under the optional ones that it lacks; with every letter
/// escaped; and with other ids in the envelope, of which edeXa does not say that
/// they stay the same (*inferred*).
///
/// Only for an event that can be written, as
/// [`EventBuilder::to_json`](super::EventBuilder::to_json) says: of any other the
/// bodies are empty. Escaped letters are six bytes each, so an event of more than a
/// tenth of [`MAX_BODY_BYTES`](crate::delivery::MAX_BODY_BYTES) may have one that is
/// too large.
///
/// ```
/// use edexa_webhooks::{WebhookEvent, testing};
///
/// let event: WebhookEvent = testing::SUCCEEDED.parse()?;
/// for body in testing::redeliveries(&event) {
///     assert!(body.parse::<WebhookEvent>()?.is_redelivery_of(&event));
/// }
/// # Ok::<(), edexa_webhooks::ParseError>(())
/// ```
#[must_use]
pub fn redeliveries(event: &WebhookEvent) -> Vec<String> {
    let spaced = Body {
        space: "\n ",
        ..Body::of(event)
    };
    let other_ids = WebhookEvent {
        webhook_id: event.action_id.as_str().into(),
        action_id: event.webhook_id.as_str().into(),
        ..event.clone()
    };
    vec![
        written(event),
        spaced.write(),
        in_another_order(event),
        escaped(event),
        written(&other_ids),
    ]
}

/// A body with the key of an event and another hash: somebody guessed the
/// stamp's id, or the sender contradicts itself. Empty for an event that cannot be
/// written.
///
/// ```
/// use edexa_webhooks::{WebhookEvent, testing};
///
/// let event: WebhookEvent = testing::SUCCEEDED.parse()?;
/// let other: WebhookEvent = testing::conflict(&event).parse()?;
/// assert_eq!(other.idempotency_key(), event.idempotency_key());
/// assert!(other.conflicts_with(&event));
/// # Ok::<(), edexa_webhooks::ParseError>(())
/// ```
#[must_use]
pub fn conflict(event: &WebhookEvent) -> String {
    let mut other = event.clone();
    let hash: String = event.data.hash.as_str().chars().rev().collect();
    // A string that reads the same backwards stays as it was.
    let end = if hash == event.data.hash.as_str() {
        "0"
    } else {
        ""
    };
    other.data.hash = (hash + end).into();
    written(&other)
}

/// Two bodies about the stamp of an event, in the wrong order: the event, and then one
/// that it [supersedes](WebhookEvent::supersedes), of the other known action and
/// updated five seconds earlier, which breaks `time-reversed` if the stamp took less. Each
/// is empty if it cannot be written.
///
/// That a stamp may fail and succeed later is *inferred*, and so is that
/// deliveries come in any order.
///
/// ```
/// use edexa_webhooks::{WebhookEvent, testing};
///
/// let event: WebhookEvent = testing::SUCCEEDED.parse()?;
/// let [newer, older] = testing::reordered_pair(&event);
/// let (newer, older): (WebhookEvent, WebhookEvent) = (newer.parse()?, older.parse()?);
/// assert_eq!(newer, event);
/// assert!(older.is_failed() && newer.supersedes(&older));
/// # Ok::<(), edexa_webhooks::ParseError>(())
/// ```
#[must_use]
pub fn reordered_pair(event: &WebhookEvent) -> [String; 2] {
    let start = if event.is_failed() {
        EventBuilder::succeeded()
    } else {
        EventBuilder::failed()
    };
    let (start, data) = (start.build(), event.data.clone());
    let updated_at = data.updated_at.checked_sub_signed(TimeDelta::seconds(5));
    let data = Stamp {
        tx_id: start.data.tx_id,
        blockchain_id: start.data.blockchain_id,
        status: start.data.status,
        updated_at: updated_at.unwrap_or(data.updated_at),
        ..data
    };
    let older = WebhookEvent { data, ..start };
    [written(event), written(&older)]
}

fn written(event: &WebhookEvent) -> String {
    event.to_json().unwrap_or_default()
}

fn in_another_order(event: &WebhookEvent) -> String {
    let mut body = Body::of(event);
    body.space = " ";
    for key in Stamp::KEYS {
        if !body.data.iter().any(|(other, _)| other == key) {
            body.data.push(((*key).to_owned(), "null".to_owned()));
        }
    }
    body.outer.reverse();
    body.data.reverse();
    body.write()
}

/// With every character of a string as an escape.
fn escaped(event: &WebhookEvent) -> String {
    let (json, mut escaped) = (written(event), String::new());
    // What is written is JSON.
    let _ = push_escaped(&mut Reader::new(&json, 0), &mut escaped);
    escaped
}

fn push_escaped(reader: &mut Reader<'_>, escaped: &mut String) -> Read<()> {
    while let Some(byte) = reader.peek() {
        if byte == b'"' {
            let text = reader.string()?;
            let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
            escaped.extend(["\"", &units.collect::<String>(), "\""]);
        } else {
            reader.take(byte);
            escaped.push(byte.into());
        }
    }
    Ok(())
}
