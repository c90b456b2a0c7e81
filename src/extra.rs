//! The keys of an object that this crate does not know.

use std::iter::Enumerate;
use std::{fmt, slice};

use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, ser};
use serde_json::Value;

use crate::fault::Fault;
use crate::grow;
use crate::json::{JsonText, scan};
use crate::place::Place;
use crate::token;

/// The keys of an object that this crate does not know, each with the JSON
/// text of its value as it arrived.
///
/// edeXa's API shows more on the same record than its webhook documentation
/// lists (`originalDocHash`, `metaData`, `filename`, `username`), so a webhook
/// may carry more one day. What this crate cannot name it keeps: [`get`] gives
/// the text, [`parse`] reads it into a type of yours, and serializing the event
/// writes it out again unchanged.
///
/// The text is valid JSON of at most 64 levels of nesting, with no lone
/// surrogates, no number beyond a double, and no key that serde_json keeps for
/// itself (`$serde_json::private::…`). Keys are unique, and are listed in the order
/// in which they arrived.
///
/// Two `Extra`s are equal if they hold equal JSON values under the same keys, in
/// whatever order and spelling, as serde_json reads them: `1` is not `1.0`, and of
/// a key that is twice in an object inside a value, the last counts. With its
/// feature `arbitrary_precision`, `1.0` is not `1.00` either.
///
/// A key leaves `extra` for a typed field only in a breaking release of this
/// crate.
///
/// ```
/// use edexa_webhooks::WebhookEvent;
/// # let body = edexa_webhooks::testing::SUCCEEDED
/// #     .replacen(r#""_id""#, r#""metaData": {"pages":[1, 2.50]}, "_id""#, 1);
///
/// let event: WebhookEvent = body.parse()?;
/// let extra = &event.data.extra;
/// assert_eq!(extra.get("metaData"), Some(r#"{"pages":[1, 2.50]}"#));
///
/// #[derive(serde::Deserialize)]
/// struct MetaData { pages: Vec<f64> }
/// let meta: Option<MetaData> = extra.parse("metaData")?;
/// assert_eq!(meta.unwrap().pages, [1.0, 2.5]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`get`]: Self::get
/// [`parse`]: Self::parse
#[derive(Clone, Default)]
pub struct Extra {
    /// Each key, decoded, followed by the text of its value.
    text: String,
    entries: Vec<Entry>,
}

/// Where an entry stands in the text: it ends where the next one begins. Four
/// bytes each, since a hostile body may have an entry for every seven bytes.
#[derive(Clone, Copy, Debug)]
struct Entry {
    key: u32,
    value: u32,
}

impl Extra {
    /// An `Extra` that holds nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            text: String::new(),
            entries: Vec::new(),
        }
    }

    /// The JSON text of the value under a key, found by going through all keys.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter()
            .find_map(|(other, json)| (other == key).then_some(json))
    }

    /// Reads the value under a key into a type of yours; `None` if there is no
    /// such key.
    ///
    /// # Errors
    ///
    /// The value is not what `T` reads: `"12"` into a `u32`, say. This is
    /// serde_json's own error, which may quote the value at any length.
    pub fn parse<'a, T: Deserialize<'a>>(&'a self, key: &str) -> serde_json::Result<Option<T>> {
        self.get(key).map(serde_json::from_str).transpose()
    }

    /// Puts a JSON text under a key, after all others and in place of what was
    /// there.
    ///
    /// White space around the text is dropped. A key that the crate has a typed
    /// field for is accepted here and makes serializing the event fail, since
    /// the body would hold it twice.
    ///
    /// # Errors
    ///
    /// The text is not one JSON value (`yes`, `1 2`, nothing), or one that no
    /// receiver can hold: a lone surrogate (`"\ud800"`), a number beyond a
    /// double (`1e400`), or more than 62 levels of nesting, which with the two
    /// objects around a key of `data` makes 64. Or a key, this one or one in the
    /// value, is one that serde_json keeps for itself (`$serde_json::private::…`).
    pub fn insert(&mut self, key: &str, json: &str) -> serde_json::Result<()> {
        let json = json.trim_matches([' ', '\t', '\n', '\r']);
        scan(json, DATA_DEPTH)
            .map_err(|broken| broken.fault)
            .and_then(|()| self.put(key, json))
            .map_err(serde_json::Error::custom)
    }

    /// Takes a key away, and gives the JSON text that was under it.
    pub fn remove(&mut self, key: &str) -> Option<String> {
        let removed = self.get(key)?.to_owned();
        let others = self.iter().filter(|(other, _)| *other != key);
        *self = Self::of(others);
        Some(removed)
    }

    /// Puts a JSON text under a key without looking at it.
    pub(crate) fn put(&mut self, key: &str, json: &str) -> Result<(), Fault> {
        if token::is_private(key) {
            return Err(Fault::private_key());
        }
        let others = self.iter().filter(|(other, _)| *other != key);
        let next = Self::of(others.chain([(key, json)]));
        next.check_keys()?;
        *self = next;
        Ok(())
    }

    fn of<'a>(entries: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut extra = Self::new();
        for (key, json) in entries {
            extra.push_key(key);
            extra.value_text().push_str(json);
        }
        extra
    }

    /// The entries, key and JSON text, in the order in which they arrived.
    #[must_use]
    pub fn iter(&self) -> ExtraIter<'_> {
        ExtraIter {
            extra: self,
            entries: self.entries.iter().enumerate(),
        }
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Starts an entry. Its value is what comes to the end of [`value_text`]
    /// before the next entry.
    ///
    /// [`value_text`]: Self::value_text
    pub(crate) fn push_key(&mut self, key: &str) {
        let start = self.end();
        grow::push_str(&mut self.text, key);
        let value = self.end();
        grow::push(&mut self.entries, Entry { key: start, value });
    }

    pub(crate) fn value_text(&mut self) -> &mut String {
        &mut self.text
    }

    /// Refuses two entries of one key, once all are there.
    pub(crate) fn check_keys(&self) -> Result<(), Fault> {
        if u32::try_from(self.text.len()).is_err() {
            return Err(Fault::TooMuchUnknown);
        }
        if self.entries.len() < 2 {
            return Ok(());
        }
        // Sorted by hash first, so that few keys are compared as text.
        let hashes = self.iter().map(|(key, _)| hash(key));
        let mut sorted: Vec<(u32, u32)> = hashes.zip(0..).collect();
        sorted.sort_unstable_by(|(a_hash, a), (b_hash, b)| {
            let by_hash = a_hash.cmp(b_hash);
            by_hash.then_with(|| self.nth_key(*a).cmp(self.nth_key(*b)))
        });
        let mut last = None;
        for (hash, nth) in sorted {
            if last.is_some_and(|(last_hash, last)| {
                last_hash == hash && self.nth_key(last) == self.nth_key(nth)
            }) {
                return Err(Fault::duplicate(self.nth_key(nth)));
            }
            last = Some((hash, nth));
        }
        Ok(())
    }

    fn nth_key(&self, nth: u32) -> &str {
        let entry = self.entries.get(nth as usize);
        entry.map_or("", |entry| self.key(*entry))
    }

    fn key(&self, entry: Entry) -> &str {
        self.slice(entry.key, entry.value)
    }

    fn value(&self, index: usize, entry: Entry) -> &str {
        let next = self.entries.get(index.saturating_add(1));
        self.slice(
            entry.value,
            next.map_or_else(|| self.end(), |next| next.key),
        )
    }

    /// The end of the text. What lies past 4 GiB is refused in
    /// [`Self::check_keys`].
    fn end(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    fn slice(&self, start: u32, end: u32) -> &str {
        self.text
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }
}

/// How deep the objects nest in which the values of `data` stand.
const DATA_DEPTH: usize = 2;

/// FNV-1a. Keys made to collide cost what comparing them as text does.
fn hash(key: &str) -> u32 {
    key.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        fn sorted(extra: &Extra) -> Vec<(&str, &str)> {
            let mut entries: Vec<_> = extra.iter().collect();
            entries.sort_unstable();
            entries
        }
        self.len() == other.len()
            && sorted(self)
                .into_iter()
                .zip(sorted(other))
                .all(|(a, b)| a.0 == b.0 && same_json(a.1, b.1))
    }
}

impl Eq for Extra {}

fn same_json(a: &str, b: &str) -> bool {
    let value = |text| serde_json::from_str::<Value>(text).ok();
    a == b || value(a).is_some_and(|a| Some(a) == value(b))
}

impl<'a> IntoIterator for &'a Extra {
    type Item = (&'a str, &'a str);
    type IntoIter = ExtraIter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The entries of an [`Extra`], key and JSON text.
#[derive(Clone, Debug)]
pub struct ExtraIter<'a> {
    extra: &'a Extra,
    entries: Enumerate<slice::Iter<'a, Entry>>,
}

impl<'a> Iterator for ExtraIter<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let (index, entry) = self.entries.next()?;
        let extra = self.extra;
        Some((extra.key(*entry), extra.value(index, *entry)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl ExactSizeIterator for ExtraIter<'_> {}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Writes the entries after the known ones, none of which they may repeat.
pub(crate) fn serialize_extra<M: SerializeMap>(
    extra: &Extra,
    known: fn(&str) -> Option<Place>,
    map: &mut M,
) -> Result<(), M::Error> {
    for (key, json) in extra {
        if known(key).is_some() {
            return Err(ser::Error::custom(format_args!(
                "`extra` holds the key `{key}`, which has a field of its own"
            )));
        }
        map.serialize_entry(key, &JsonText(json))?;
    }
    Ok(())
}
