//! The keys of an object that this crate does not know.

use std::fmt;
use std::ops::Range;

use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use crate::error::ErrorKind;
use crate::json::{Canonical, Entries, Meaning, Reader, lower};

mod index;

use index::Index;

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
    entries: Entries,
    /// What makes many insertions cheap. There from the first one on.
    index: Option<Box<Index>>,
}

impl Extra {
    /// An `Extra` that holds nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: Entries::new(),
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
        check_size(self.entries.bytes().saturating_add(more))?;
        if let Some(nth) = self.find(key) {
            self.take_away(nth);
        }
        self.compact(more);
        self.entries.push(key, json);
        Ok(())
    }

    /// Takes a key away, and gives the JSON text that was under it.
    pub fn remove(&mut self, key: &str) -> Option<String> {
        let nth = self.find(key)?;
        let (_, json) = self.entries.nth(nth)?;
        let json = json.to_owned();
        self.take_away(nth);
        self.compact(0);
        Some(json)
    }

    fn find(&mut self, key: &str) -> Option<usize> {
        let index = self.index.get_or_insert_default();
        index.catch_up(&self.entries);
        index.find(&self.entries, key)
    }

    fn take_away(&mut self, nth: usize) {
        if let Some(index) = &mut self.index {
            index.forget(self.entries.nth_key(nth));
        }
        self.entries.remove(nth);
    }

    fn compact(&mut self, more: usize) {
        if self.entries.compact(more) {
            self.index = None;
        }
    }

    /// The entries, key and JSON text, in the order in which they arrived.
    #[must_use]
    pub fn iter(&self) -> ExtraIter<'_> {
        ExtraIter {
            extra: self,
            rest: 0..self.entries.places(),
            left: self.len(),
        }
    }

    #[cfg(feature = "sha2")]
    pub(crate) const fn entries(&self) -> &Entries {
        &self.entries
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
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
            .saturating_add(self.entries.bytes())
    }

    /// Puts what was read under a key, which may be there already.
    pub(crate) fn push(&mut self, key: &str, json: &str) {
        self.entries.push(key, json);
    }

    /// Refuses two entries of one key once all are there, and names the second.
    pub(crate) fn check(&self) -> Result<(), (ErrorKind, usize)> {
        check_size(self.entries.bytes()).map_err(|kind| (kind, 0))?;
        match self.entries.first_duplicate() {
            None => Ok(()),
            Some(nth) => {
                let key = self.entries.nth_key(nth).into();
                Err((ErrorKind::Duplicate { key }, nth))
            }
        }
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
        if self.len() != other.len() {
            return false;
        }
        let (mut form, mut other_form) = (Canonical::default(), Canonical::default());
        let mut same = |((key, a), (other, b)): ((&str, &str), (&str, &str))| {
            key == other && (a == b || form.of(a) == other_form.of(b))
        };
        // Keys mostly come in the same order.
        if self.iter().zip(other).all(|(a, b)| a.0 == b.0) {
            return self.iter().zip(other).all(same);
        }
        let (a, b) = (&self.entries, &other.entries);
        let mut pairs = a.by_hash().into_iter().zip(b.by_hash());
        pairs.all(|(i, j)| a.nth(lower(i)).zip(b.nth(lower(j))).is_some_and(&mut same))
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
        let entry = self.rest.find_map(|nth| self.extra.entries.nth(nth))?;
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
