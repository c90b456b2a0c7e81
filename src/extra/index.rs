//! Where the keys are, so that one more insertion need not look at all of them.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use crate::json::Entries;

/// The number of an entry for the hash of its key. Nobody can foresee the hashes, so
/// that none can be made to collide.
#[derive(Clone, Default)]
pub(super) struct Index {
    hashes: RandomState,
    numbers: HashMap<u64, usize>,
    /// How many entries were taken up.
    known: usize,
}

impl Index {
    /// Takes up the entries that have come to the end.
    pub(super) fn catch_up(&mut self, entries: &Entries) {
        for nth in self.known..entries.len() {
            let hash = self.hashes.hash_one(entries.nth_key(nth));
            self.numbers.insert(hash, nth);
        }
        self.known = entries.len();
    }

    /// The number of the entry that has a key.
    pub(super) fn find(&self, entries: &Entries, key: &str) -> Option<usize> {
        let nth = *self.numbers.get(&self.hashes.hash_one(key))?;
        if entries.nth_key(nth) == key {
            return Some(nth);
        }
        // Two keys of one hash.
        (0..entries.len()).find(|nth| entries.nth_key(*nth) == key)
    }

    /// Leaves an entry out, which those behind it move up for.
    pub(super) fn remove(&mut self, nth: usize) {
        self.known = self.known.saturating_sub(1);
        self.numbers.retain(|_, other| *other != nth);
        for other in self.numbers.values_mut().filter(|other| **other > nth) {
            *other = other.saturating_sub(1);
        }
    }
}
