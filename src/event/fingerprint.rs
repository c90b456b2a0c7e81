//! What a store compares in place of two whole events.

use sha2::{Digest as _, Sha256};

use crate::event::WebhookEvent;
use crate::hex::{encode, is_hex_of};
use crate::json::{Canonical, push_string};
use crate::macros::{borrow_text, parsed_text, text_traits};
use crate::stamp::Stamp;
use crate::stamp::canonical::says_something;

/// The digest of what an event says of its stamp: of two events with equal
/// [`idempotency_key`](WebhookEvent::idempotency_key)s, the fingerprints are equal
/// exactly if one [is a redelivery of](WebhookEvent::is_redelivery_of) the other.
///
/// So a table with `UNIQUE (key, fingerprint)` tells a redelivery from a conflict, even
/// after personal data in it were redacted: see [Storing](crate::guide::storing).
///
/// Read each delivery with [`from_slice`](WebhookEvent::from_slice): serde_json may read
/// the last digit of an unknown double otherwise.
///
/// # Grammar
///
/// `v1:` and 64 hexadecimal digits in lower case; upper-case ones are read too.
///
/// # What `v1` is
///
/// The SHA-256 of the canonical form of `data`, in UTF-8. It is the same in every
/// later version of this crate; another form would be a `v2`.
///
/// 1. `_id` in lower case, if it is 24 hexadecimal digits.
/// 2. No `txId`, if nothing is left of it without white space at both ends (what Unicode
///    gives the property `White_Space`), or `0x`, `null` or `undefined` in any case.
/// 3. No key that holds `null`, known or not; in objects further down they stay.
/// 4. `createdAt` and `updatedAt` in UTC, as `2023-05-30T09:21:36.61Z`: digits of a
///    fraction past nanoseconds are dropped, and then zeros at its end; none are left for
///    a whole second. A second of 60 stays one.
/// 5. No white space. The keys of each object sorted by their UTF-8, the last of
///    duplicates alone.
/// 6. Strings with these escapes: `\"`, `\\`, `\b`, `\t`, `\n`, `\f`, `\r`, and `\u00` with
///    two lower-case hexadecimal digits for the other controls up to U+001F. Every other
///    character is not escaped.
/// 7. Integers as they came. Numbers with a point or an exponent, and `-0`, as the
///    nearest double: the fewest digits that read as that double (of several such, the
///    nearest to it, and of two as near, the even one), one of them before the point, then
///    `e` and the exponent (`1.5e0`, `1e21`, `-2.5e-7`), and `0e0` for both zeros.
///
/// [`tests/fixtures/fingerprint.py`][python] does the same in Python, and
/// [`fingerprints.json`][vectors] beside it has three events with their fingerprints.
///
/// ```
/// use edexa_webhooks::{Fingerprint, WebhookEvent};
/// # let body = edexa_webhooks::testing::SUCCEEDED;
///
/// let event: WebhookEvent = body.parse()?;
/// let fingerprint = event.fingerprint();
/// assert_eq!(
///     fingerprint,
///     "v1:9abed86ddfd31791599708310c5af45dd85301787a6af75409cdc882d5f9734b",
/// );
/// assert_eq!(fingerprint.as_str().parse::<Fingerprint>()?, fingerprint);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [python]: https://docs.rs/crate/edexa-webhooks/latest/source/tests/fixtures/fingerprint.py
/// [vectors]: https://docs.rs/crate/edexa-webhooks/latest/source/tests/fixtures/fingerprints.json
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(docsrs, doc(cfg(feature = "sha2")))]
pub struct Fingerprint(Box<str>);

const VERSION: &str = "v1:";

impl Fingerprint {
    /// The fingerprint as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn from_text(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(VERSION)?;
        is_hex_of(digits, 32).then(|| Self(text.to_ascii_lowercase().into()))
    }
}

impl WebhookEvent {
    /// The digest of `data`, for a store that tells redeliveries from conflicts.
    ///
    /// Take it before personal data are redacted: what is left has another one.
    #[must_use]
    #[cfg_attr(docsrs, doc(cfg(feature = "sha2")))]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        write_canonical(&self.data, |bytes| hash.update(bytes));
        let text = [VERSION, &encode(&hash.finalize())].concat();
        Fingerprint(text.into())
    }
}

/// Writes the canonical form of `data`, piece by piece: a hostile body may be long, and
/// a sorted copy of it would be held.
fn write_canonical(stamp: &Stamp, mut write: impl FnMut(&[u8])) {
    let unknown = stamp.extra.places();
    let known = |nth: usize| Stamp::KEYS.get(nth.checked_sub(unknown)?).copied();
    let entry = |nth| stamp.extra.nth(nth).filter(|entry| says_something(*entry));
    let key = |nth| known(nth).or(entry(nth).map(|(key, _)| key));
    let (all, said) = (unknown.saturating_add(Stamp::KEYS.len()), stamp.said());
    // A year that no body has is written in a way of its own.
    let of_any_year = |_| Some(format!("{:?} {:?}", said.created_at, said.updated_at));
    let mut order = Vec::with_capacity(all);
    order.extend((0..all).filter(|nth| key(*nth).is_some()));
    order.sort_unstable_by_key(|nth| key(*nth));

    let (mut json, mut form) = (String::new(), Canonical::default());
    let mut separator = "{";
    for nth in order {
        let known = known(nth).and_then(|key| said.written(key).unwrap_or_else(of_any_year));
        let unknown = entry(nth).map(|(_, json)| form.of(json));
        let Some(value) = known.as_deref().or(unknown) else {
            continue;
        };
        json.clear();
        json.push_str(separator);
        push_string(&mut json, key(nth).unwrap_or_default());
        write(json.as_bytes());
        write(b":");
        write(value.as_bytes());
        separator = ",";
    }
    write(b"}");
}

text_traits!(Fingerprint);
borrow_text!(Fingerprint);

parsed_text! {
    Fingerprint as "a fingerprint: `v1:` and 64 hex digits",
    /// A string is not a fingerprint: 64 hexadecimal digits without `v1:`, or `v2:` and any.
    ///
    /// ```
    /// use edexa_webhooks::Fingerprint;
    ///
    /// let error = "v2:00".parse::<Fingerprint>().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "expected a fingerprint: `v1:` and 64 hex digits, found \"v2:00\"",
    /// );
    /// ```
    #[cfg_attr(docsrs, doc(cfg(feature = "sha2")))]
    or else InvalidFingerprint
}
