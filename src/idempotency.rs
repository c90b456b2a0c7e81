//! What tells events apart.

use std::borrow::Borrow;
use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::escape::quote;
use crate::event::WebhookEvent;
use crate::fault::WriteError;
use crate::field::{Scalar, deserialize_text};
use crate::hex::byte_of;
use crate::json::{Found, push_string};

/// What tells events apart: equal for every redelivery of an event, different for
/// different stamps and for success and failure of one stamp.
///
/// Made of the stamp's id and the action: edeXa's samples disagree on which id
/// names what, so neither `webhookId` nor `actionId` will do (*inferred*).
///
/// Anyone may post, so an equal key with different content is a conflict to look
/// at, not a duplicate to drop: see [`WebhookEvent::conflicts_with`].
///
/// # Grammar
///
/// `STAMP:ACTION`, such as `6475c02029b5bab6d2f2c6dc:succeed`. Both are
/// percent-encoded: ASCII letters, digits, `-`, `.`, `_` and `~` stand for
/// themselves, every other byte of the UTF-8 is `%` and two upper-case hex
/// digits. So the text is ASCII without spaces, quotation marks or slashes, and
/// differs for different events. It is up to three times as long as what it is made of,
/// which is as long as the body's limit allows.
///
/// ```
/// use edexa_webhooks::{IdempotencyKey, WebhookEvent};
/// # let body = edexa_webhooks::testing::SUCCEEDED;
///
/// let event: WebhookEvent = body.parse()?;
/// let key = event.idempotency_key();
/// assert_eq!(key.as_str(), "6475c02029b5bab6d2f2c6dc:succeed");
/// assert_eq!("6475c02029b5bab6d2f2c6dc:succeed".parse::<IdempotencyKey>()?, key);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct IdempotencyKey(Box<str>);

impl IdempotencyKey {
    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn from_key_text(text: &str) -> Option<Self> {
        let (stamp, action) = text.split_once(':')?;
        (is_encoded(stamp) && is_encoded(action)).then(|| Self(text.into()))
    }
}

impl WebhookEvent {
    /// What tells this event from others, and is the same each time it is
    /// delivered.
    #[must_use]
    pub fn idempotency_key(&self) -> IdempotencyKey {
        let (stamp, action) = (self.data.id.as_str(), self.action.as_str());
        let unescaped = stamp.len().saturating_add(action.len());
        let mut key = String::with_capacity(unescaped.saturating_add(1));
        encode(&mut key, stamp);
        key.push(':');
        encode(&mut key, action);
        IdempotencyKey(key.into())
    }
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

fn encode(key: &mut String, text: &str) {
    for byte in text.bytes() {
        if is_unreserved(byte) {
            key.push(byte.into());
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(key, "%{byte:02X}");
        }
    }
}

fn decode(encoded: &str) -> Option<String> {
    let mut text = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.bytes();
    while let Some(byte) = bytes.next() {
        text.push(match byte {
            b'%' => byte_of(bytes.next()?, bytes.next()?)?,
            _ => byte,
        });
    }
    String::from_utf8(text).ok()
}

/// Whether a text is what [`encode`] makes of some text.
fn is_encoded(text: &str) -> bool {
    decode(text).is_some_and(|decoded| {
        let mut again = String::with_capacity(text.len());
        encode(&mut again, &decoded);
        again == text
    })
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for IdempotencyKey {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for IdempotencyKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<IdempotencyKey> for String {
    fn from(key: IdempotencyKey) -> Self {
        key.0.into()
    }
}

impl PartialEq<str> for IdempotencyKey {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for IdempotencyKey {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<IdempotencyKey> for str {
    fn eq(&self, other: &IdempotencyKey) -> bool {
        self == other.as_str()
    }
}

impl PartialEq<IdempotencyKey> for &str {
    fn eq(&self, other: &IdempotencyKey) -> bool {
        *self == other.as_str()
    }
}

/// A text is not an idempotency key: `6475c02029b5bab6d2f2c6dc` has no action,
/// `a b:succeed` holds a space, `%61:succeed` encodes a letter.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("expected {EXPECTED_KEY}, found \"{found}\"")]
#[non_exhaustive]
pub struct InvalidIdempotencyKey {
    found: String,
}

const EXPECTED_KEY: &str = "an idempotency key such as `6475c02029b5bab6d2f2c6dc:succeed`";

impl FromStr for IdempotencyKey {
    type Err = InvalidIdempotencyKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_key_text(text).ok_or_else(|| InvalidIdempotencyKey {
            found: quote(text).to_string(),
        })
    }
}

impl Scalar for IdempotencyKey {
    const EXPECTED: &'static str = EXPECTED_KEY;

    fn from_found(found: &Found<'_>) -> Option<Self> {
        found.text().and_then(Self::from_key_text)
    }

    fn write(&self, json: &mut String) -> Result<(), WriteError> {
        push_string(json, self.as_str());
        Ok(())
    }

    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl Serialize for IdempotencyKey {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for IdempotencyKey {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        deserialize_text(from)
    }
}
