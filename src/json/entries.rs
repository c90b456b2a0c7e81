//! The entries of an object, in one buffer.

use super::buffer;

/// Keys and the JSON texts of their values, in the order in which they came.
#[derive(Clone, Default)]
pub(crate) struct Entries {
    /// Each key, decoded, followed by the text of its value.
    text: String,
    bounds: Vec<Bounds>,
    /// How many entries were removed, and their bytes. They keep their places until they
    /// are the larger part, so that to remove one need not move all others.
    removed: usize,
    removed_bytes: usize,
}

/// Where an entry is in the text: it ends where the next one begins. Four
/// bytes each, since a hostile body may have an entry for every seven bytes.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    key: u32,
    /// [`REMOVED`] for an entry that was.
    value: u32,
}

/// Where no value starts, since one takes a byte at least.
const REMOVED: u32 = u32::MAX;

impl Entries {
    pub(crate) const fn new() -> Self {
        Self {
            text: String::new(),
            bounds: Vec::new(),
            removed: 0,
            removed_bytes: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.bounds.len().saturating_sub(self.removed)
    }

    /// How many numbers [`nth`](Self::nth) knows, those of removed entries among them.
    pub(crate) fn places(&self) -> usize {
        self.bounds.len()
    }

    /// How many bytes the keys and values are.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len().saturating_sub(self.removed_bytes)
    }

    pub(crate) fn push(&mut self, key: &str, json: &str) {
        buffer::reserve(&mut self.text, key.len().saturating_add(json.len()));
        let start = self.end();
        self.text.push_str(key);
        let value = self.end();
        self.text.push_str(json);
        buffer::push(&mut self.bounds, Bounds { key: start, value });
    }

    /// Takes the nth entry away.
    pub(crate) fn remove(&mut self, nth: usize) {
        let Some((key, value)) = self.nth(nth) else {
            return;
        };
        let bytes = key.len().saturating_add(value.len());
        self.removed = self.removed.saturating_add(1);
        self.removed_bytes = self.removed_bytes.saturating_add(bytes);
        if let Some(bounds) = self.bounds.get_mut(nth) {
            bounds.value = REMOVED;
        }
    }

    /// Gives up the places of removed entries where these are the larger part, or where so
    /// many bytes more need them. Says whether the others have new numbers.
    pub(crate) fn compact(&mut self, more: usize) -> bool {
        let has_room = u32::try_from(self.text.len().saturating_add(more)).is_ok();
        // A place is given up for every 64 bytes that are moved, so that long values are
        // not moved each time that short ones are replaced.
        let places = self.len().saturating_add(self.bytes() / 64);
        if has_room && self.removed <= places && self.removed_bytes <= self.bytes() {
            return false;
        }
        let mut kept = Self::new();
        for (key, json) in (0..self.places()).filter_map(|nth| self.nth(nth)) {
            kept.push(key, json);
        }
        *self = kept;
        true
    }

    /// The nth entry, key and JSON text, unless it was removed.
    pub(crate) fn nth(&self, nth: usize) -> Option<(&str, &str)> {
        let bounds = self.bounds.get(nth).filter(|at| at.value != REMOVED)?;
        let next = self.bounds.get(nth.saturating_add(1));
        let end = next.map_or_else(|| self.end(), |next| next.key);
        let key = self.slice(bounds.key, bounds.value);
        Some((key, self.slice(bounds.value, end)))
    }

    pub(crate) fn nth_key(&self, nth: usize) -> &str {
        self.nth(nth).map_or("", |(key, _)| key)
    }

    /// The numbers of the entries, in the lower half of each, in an order that is the
    /// same for the same keys. It takes less to make than one by the keys, since few
    /// keys are compared as text.
    pub(crate) fn by_hash(&self) -> Vec<u64> {
        let keys = self.bounds.iter().map(|at| self.slice(at.key, at.value));
        let hashes = keys.map(|key| u64::from(hash(key)) << 32);
        let mut order: Vec<u64> = hashes.zip(0..).map(|(hash, nth)| hash | nth).collect();
        if self.removed > 0 {
            order.retain(|nth| self.nth(lower(*nth)).is_some());
        }
        order.sort_unstable();
        for alike in order.chunk_by_mut(|a, b| a >> 32 == b >> 32) {
            if alike.len() > 1 {
                alike.sort_unstable_by(|a, b| {
                    let by_key = self.nth_key(lower(*a)).cmp(self.nth_key(lower(*b)));
                    by_key.then(a.cmp(b))
                });
            }
        }
        order
    }

    /// The first entry whose key an entry before it has.
    pub(crate) fn first_duplicate(&self) -> Option<usize> {
        if self.len() < 2 {
            return None;
        }
        let order = self.by_hash();
        let pairs = order.iter().zip(order.iter().skip(1));
        pairs
            .filter(|(a, b)| **a >> 32 == **b >> 32)
            .map(|(a, b)| (lower(*a), lower(*b)))
            .filter(|(first, second)| self.nth_key(*first) == self.nth_key(*second))
            .map(|(_, second)| second)
            .min()
    }

    /// The end of the text, as far as four bytes can say it.
    fn end(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    fn slice(&self, start: u32, end: u32) -> &str {
        self.text
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }
}

/// The entry's number in what [`Entries::by_hash`] gives.
pub(crate) fn lower(hashed: u64) -> usize {
    u32::try_from(hashed & u64::from(u32::MAX)).unwrap_or(0) as usize
}

/// FNV-1a. Keys made to collide cost what comparing them as text does.
fn hash(key: &str) -> u32 {
    key.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
