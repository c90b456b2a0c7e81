//! What tells events apart.

use crate::event::WebhookEvent;
use crate::hex::byte_of;
use crate::id::StampId;
use crate::macros::{borrow_text, parsed_text, text_traits};

/// What tells events apart: equal for every redelivery of an event, different for
/// different stamps and for success and failure of one stamp.
///
/// Made of the stamp's id and the action: edeXa's samples disagree on which id
/// names what, so neither `webhookId` nor `actionId` will do (*inferred*).
///
/// Anyone may post, so an equal key with different content is a conflict to look
/// at, not a duplicate to drop: see [`WebhookEvent::relation_to`].
///
/// # Grammar
///
/// `STAMP:ACTION`, such as `6475c02029b5bab6d2f2c6dc:succeed`. Both are
/// percent-encoded: ASCII letters, digits, `-`, `.`, `_` and `~` stand for
/// themselves, every other byte of the UTF-8 is `%` and two upper-case hex
/// digits. An id that is an `ObjectId` is in lower case. So the key is ASCII without
/// spaces, quotation marks or slashes.
///
/// The key of every event that [`outcome`](WebhookEvent::outcome) accepts has at most
/// 255 bytes. Keys of any length are read, those that version 0.1 wrote among them.
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

    /// The key of a stamp and an action.
    fn new(stamp: &StampId, action: &str) -> Self {
        let stamp = stamp.folded();
        let parts = encoded_len(&stamp).saturating_add(encoded_len(action));
        let mut key = String::with_capacity(parts.saturating_add(1));
        push_encoded(&mut key, &stamp);
        key.push(':');
        push_encoded(&mut key, action);
        Self(key.into())
    }

    fn from_text(text: &str) -> Option<Self> {
        let (stamp, action) = text.split_once(':')?;
        Some(Self::new(&decode(stamp)?.into(), &decode(action)?))
    }
}

impl WebhookEvent {
    /// What tells this event from others, and is the same each time it is
    /// delivered.
    #[must_use]
    pub fn idempotency_key(&self) -> IdempotencyKey {
        IdempotencyKey::new(&self.data.id, self.action.as_str())
    }
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// How many bytes of a key a string takes.
pub(crate) fn encoded_len(text: &str) -> usize {
    let encoded = text.bytes().filter(|byte| !is_unreserved(*byte)).count();
    text.len().saturating_add(encoded.saturating_mul(2))
}

fn push_encoded(key: &mut String, text: &str) {
    for byte in text.bytes() {
        if is_unreserved(byte) {
            key.push(byte.into());
        } else {
            let digits = [byte >> 4, byte & 0xf].map(|digit| char::from_digit(digit.into(), 16));
            key.push('%');
            key.extend(digits.iter().flatten().map(char::to_ascii_uppercase));
        }
    }
}

/// The string that [`push_encoded`] writes so, and not otherwise.
fn decode(encoded: &str) -> Option<String> {
    let mut text = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.bytes();
    while let Some(byte) = bytes.next() {
        text.push(match byte {
            b'%' => {
                let digits = [bytes.next()?, bytes.next()?];
                let is_upper = !digits.iter().any(u8::is_ascii_lowercase);
                let [high, low] = digits;
                byte_of(high, low).filter(|byte| is_upper && !is_unreserved(*byte))?
            }
            _ => Some(byte).filter(|byte| is_unreserved(*byte))?,
        });
    }
    String::from_utf8(text).ok()
}

text_traits!(IdempotencyKey);
borrow_text!(IdempotencyKey);

parsed_text! {
    IdempotencyKey as "an idempotency key such as `6475c02029b5bab6d2f2c6dc:succeed`",
    /// A string is not an idempotency key: `6475c02029b5bab6d2f2c6dc` has no action,
    /// `a b:succeed` holds a space, `%61:succeed` encodes a letter.
    ///
    /// ```
    /// use edexa_webhooks::IdempotencyKey;
    ///
    /// let error = "6475c02029b5bab6d2f2c6dc".parse::<IdempotencyKey>().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "expected an idempotency key such as `6475c02029b5bab6d2f2c6dc:succeed`, \
    ///      found \"6475c02029b5bab6d2f2c6dc\"",
    /// );
    /// ```
    or else InvalidIdempotencyKey
}
