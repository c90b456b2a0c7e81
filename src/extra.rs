//! The keys of an object that this crate does not know.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use crate::error::ErrorKind;
use crate::json::{Canonical, Meaning, Reader, buffer};

mod order;

use order::{first_duplicate, hashed, leave_out_unique, number, sort};

/// The keys of an object that this crate does not know, each with the JSON
/// text of its value as it arrived.
///
/// edeXa's API shows more on the same record than its webhook documentation
/// lists (`originalDocHash`, `metaData`, `filename`, `username`), so a webhook may get more
/// keys. This crate keeps them: [`get`] returns the JSON text, [`parse`] reads it into a type
/// of yours, and [`to_json`](crate::WebhookEvent::to_json) writes it again unchanged.
///
/// The text is valid JSON of at most 64 levels of nesting, with no lone surrogates and no
/// number beyond the range of a double. Keys are unique, and are listed in the order in
/// which they arrived.
///
/// Two `Extra`s are equal if they hold equal JSON values under the same keys, in whatever
/// order and spelling. Integers are compared by their digits, other numbers as doubles. So
/// `1.0` equals `1e0` but not `1`, and `-0` equals `0.0`. Of a duplicate key in an object
/// inside a value, the last one counts.
///
/// `Serialize` writes a JSON object. Integers of 64 bits stay exact; every other number
/// becomes the nearest double.
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
    places: Vec<Place>,
    /// How many entries were removed, and their bytes. They keep their places until they
    /// are the larger part, so that to remove one need not move all others.
    removed: usize,
    removed_bytes: usize,
    /// Where each key is, so that one more insertion need not look at all of them. There
    /// from the first insertion on.
    index: Option<HashMap<Box<str>, usize>>,
}

/// Where an entry is in the text: it ends where the next one begins. Four
/// bytes each, since a hostile body may have an entry for every seven bytes.
#[derive(Clone, Copy)]
struct Place {
    key: u32,
    /// [`REMOVED`] for an entry that was.
    value: u32,
}

/// Where no value starts, since one takes a byte at least.
const REMOVED: u32 = u32::MAX;

impl Extra {
    /// An `Extra` that holds nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            text: String::new(),
            places: Vec::new(),
            removed: 0,
            removed_bytes: 0,
            index: None,
        }
    }

    /// An `Extra` of keys and the JSON texts of their values.
    ///
    /// ```
    /// use edexa_webhooks::Extra;
    ///
    /// let extra = Extra::try_from_iter([("pages", "12"), ("tags", r#"["a"]"#)])?;
    /// assert_eq!(extra.parse("pages")?, Some(12));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A value is not JSON (`yes`), or has more than 62 levels of nesting: see
    /// [`insert`](Self::insert).
    pub fn try_from_iter<K: AsRef<str>, V: AsRef<str>>(
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> serde_json::Result<Self> {
        let mut extra = Self::new();
        extra.try_extend(entries)?;
        Ok(extra)
    }

    /// [Inserts](Self::insert) each of the entries, in their order.
    ///
    /// # Errors
    ///
    /// A value is not JSON (`yes`), or has more than 62 levels of nesting: see
    /// [`insert`](Self::insert). The entries before the wrong one stay.
    pub fn try_extend<K: AsRef<str>, V: AsRef<str>>(
        &mut self,
        entries: impl IntoIterator<Item = (K, V)>,
    ) -> serde_json::Result<()> {
        let mut entries = entries.into_iter();
        entries.try_for_each(|(key, json)| self.insert(key.as_ref(), json.as_ref()))
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

    /// Adds an entry at the end. What was under this key before is removed.
    ///
    /// White space around the text is dropped. A key that the crate has a typed
    /// field for is accepted here and makes writing the event fail, since the body
    /// would hold it twice.
    ///
    /// # Errors
    ///
    /// The text is not one JSON value (`yes`, `1 2`, nothing), or one that receivers
    /// disagree about: a lone surrogate (`"\ud800"`), a number beyond a double
    /// (`1e400`), or more than 62 levels of nesting, which with the two objects
    /// around a key of `data` makes 64. Or all keys and values together are 4 GiB or
    /// more.
    pub fn insert(&mut self, key: &str, json: &str) -> serde_json::Result<()> {
        let json = json.trim_matches([' ', '\t', '\n', '\r']);
        let mut reader = Reader::new(json, DATA_DEPTH);
        let read = reader.skip_value().and_then(|()| reader.end());
        read.map_err(|error| error.kind)
            .and_then(|()| self.put(key, json))
            .map_err(serde_json::Error::custom)
    }

    /// Puts a JSON text under a key without looking at it.
    pub(crate) fn put(&mut self, key: &str, json: &str) -> Result<(), ErrorKind> {
        let more = key.len().saturating_add(json.len());
        check_size(self.live_bytes().saturating_add(more))?;
        self.remove(key);
        self.compact(more);
        if let Some(index) = &mut self.index {
            index.insert(key.into(), self.places.len());
        }
        self.push(key, json);
        Ok(())
    }

    /// Takes a key away, and gives the JSON text that was under it.
    pub fn remove(&mut self, key: &str) -> Option<String> {
        let mut index = self.index.take().unwrap_or_else(|| {
            let all = 0..self.places.len();
            all.filter_map(|nth| Some((self.nth(nth)?.0.into(), nth)))
                .collect()
        });
        let nth = index.remove(key);
        self.index = Some(index);
        let json = self.nth(nth?)?.1.to_owned();
        self.places.get_mut(nth?)?.value = REMOVED;
        let bytes = key.len().saturating_add(json.len());
        self.removed = self.removed.saturating_add(1);
        self.removed_bytes = self.removed_bytes.saturating_add(bytes);
        self.compact(0);
        Some(json)
    }

    /// Gives up what removed entries hold where that is the larger part, or where so many
    /// bytes more need it.
    fn compact(&mut self, more: usize) {
        let held = |bytes: usize, places: usize| {
            bytes.saturating_add(places.saturating_mul(size_of::<Place>()))
        };
        let is_small =
            held(self.removed_bytes, self.removed) <= held(self.live_bytes(), self.len());
        if is_small && check_size(self.text.len().saturating_add(more)).is_ok() {
            return;
        }
        let mut kept = Self::new();
        for (key, json) in &*self {
            kept.push(key, json);
        }
        *self = kept;
    }

    /// Adds what was read under a key, which may be there already.
    pub(crate) fn push(&mut self, key: &str, json: &str) {
        buffer::reserve(&mut self.text, key.len().saturating_add(json.len()));
        let start = self.end();
        self.text.push_str(key);
        let value = self.end();
        self.text.push_str(json);
        buffer::push(&mut self.places, Place { key: start, value });
    }

    /// The end of the text, as far as four bytes can say it.
    fn end(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    /// How many numbers [`nth`](Self::nth) knows, those of removed entries among them.
    #[cfg(feature = "sha2")]
    pub(crate) fn places(&self) -> usize {
        self.places.len()
    }

    /// The nth entry, key and JSON text, unless it was removed.
    pub(crate) fn nth(&self, nth: usize) -> Option<(&str, &str)> {
        let place = self.places.get(nth).filter(|at| at.value != REMOVED)?;
        let next = self.places.get(nth.saturating_add(1));
        let end = next.map_or_else(|| self.end(), |next| next.key);
        let key = self.slice(place.key, place.value);
        Some((key, self.slice(place.value, end)))
    }

    fn slice(&self, start: u32, end: u32) -> &str {
        self.text
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    /// The entries, key and JSON text, in the order in which they arrived.
    #[must_use]
    pub fn iter(&self) -> ExtraIter<'_> {
        ExtraIter {
            extra: self,
            rest: 0..self.places.len(),
            left: self.len(),
        }
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len().saturating_sub(self.removed)
    }

    /// Whether there are no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes the keys and values take, with what JSON puts around them.
    pub(crate) fn bytes(&self) -> usize {
        self.len()
            .saturating_mul(4)
            .saturating_add(self.live_bytes())
    }

    /// How many bytes the keys and values take.
    fn live_bytes(&self) -> usize {
        self.text.len().saturating_sub(self.removed_bytes)
    }

    /// Refuses two entries of one key once all are there.
    pub(crate) fn check(&self) -> Result<(), (ErrorKind, usize)> {
        check_size(self.text.len()).map_err(|kind| (kind, 0))?;
        if self.places.len() < 2 {
            return Ok(());
        }
        let mut order = self.hashed();
        leave_out_unique(&mut order);
        sort(&mut order, &|hashed| self.key(hashed));
        let second = first_duplicate(&order, &|hashed| self.key(hashed));
        match second.and_then(|nth| Some((nth, self.nth(nth)?.0))) {
            None => Ok(()),
            Some((nth, key)) => Err((ErrorKind::Duplicate { key: key.into() }, nth)),
        }
    }

    /// Whether both hold the same, of those entries that count.
    pub(crate) fn is_same(&self, other: &Self, counts: fn((&str, &str)) -> bool) -> bool {
        let mut form = Canonical::default();
        let mut same = |((key, a), (other, b)): ((&str, &str), (&str, &str))| {
            key == other && form.are_equal(a, b)
        };
        let entries = |extra| ExtraIter::filter(extra, move |entry| counts(*entry));
        let keys = |extra| entries(extra).map(|(key, _)| key);
        // Keys mostly come in the same order.
        if keys(self.iter()).eq(keys(other.iter())) {
            return entries(self.iter()).zip(entries(other.iter())).all(same);
        }
        let order = |extra: &Self| {
            let mut order = extra.hashed();
            order.retain(|hashed| extra.nth(number(*hashed)).is_some_and(counts));
            sort(&mut order, &|hashed| extra.key(hashed));
            order
        };
        let (order, other_order) = (order(self), order(other));
        let mut pairs = order.iter().zip(&other_order);
        order.len() == other_order.len()
            && pairs.all(|(a, b)| {
                let pair = self.nth(number(*a)).zip(other.nth(number(*b)));
                pair.is_some_and(&mut same)
            })
    }

    /// The numbers of all places, each below the hash of its key.
    fn hashed(&self) -> Vec<u64> {
        let text = self.text.as_bytes();
        let key = |at: &Place| text.get(at.key as usize..at.value as usize);
        let keys = self.places.iter().map(key).enumerate();
        keys.map(|(nth, key)| hashed(key.unwrap_or_default(), nth))
            .collect()
    }

    fn key(&self, hashed: u64) -> &str {
        self.nth(number(hashed)).map_or("", |(key, _)| key)
    }
}

/// An entry's place is kept in four bytes.
fn check_size(bytes: usize) -> Result<(), ErrorKind> {
    match u32::try_from(bytes) {
        Ok(_) => Ok(()),
        Err(_) => Err(ErrorKind::TooMuchUnknown),
    }
}

/// How deep the objects nest that hold the values of `data`.
const DATA_DEPTH: usize = 2;

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.is_same(other, |_| true)
    }
}

impl Eq for Extra {}

impl Serialize for Extra {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.len()))?;
        for (key, json) in self {
            map.serialize_entry(key, &Meaning(json))?;
        }
        map.end()
    }
}

impl<'a> IntoIterator for &'a Extra {
    type Item = (&'a str, &'a str);
    type IntoIter = ExtraIter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The entries of an [`Extra`], key and JSON text.
///
/// ```
/// use edexa_webhooks::testing::EventBuilder;
/// use serde_json::json;
///
/// let event = EventBuilder::succeeded().extra("region", &json!("eu")).build();
/// let entries: Vec<_> = event.extra.iter().collect();
/// assert_eq!(entries, [("region", "\"eu\"")]);
/// ```
#[derive(Clone, Debug)]
pub struct ExtraIter<'a> {
    extra: &'a Extra,
    rest: Range<usize>,
    left: usize,
}

impl<'a> Iterator for ExtraIter<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.rest.find_map(|nth| self.extra.nth(nth))?;
        self.left = self.left.saturating_sub(1);
        Some(entry)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for ExtraIter<'_> {}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
