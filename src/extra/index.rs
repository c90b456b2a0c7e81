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
    /// How many places of entries were taken up.
    known: usize,
}

impl Index {
    /// Takes up the entries that have come to the end.
    pub(super) fn catch_up(&mut self, entries: &Entries) {
        for nth in self.known..entries.places() {
            let hash = self.hashes.hash_one(entries.nth_key(nth));
            self.numbers.insert(hash, nth);
        }
        self.known = entries.places();
    }

    /// The number of the entry that has a key.
    pub(super) fn find(&self, entries: &Entries, key: &str) -> Option<usize> {
        let has_key = |nth: &usize| entries.nth(*nth).is_some_and(|(other, _)| other == key);
        let nth = self.numbers.get(&self.hashes.hash_one(key))?;
        // Two keys may have one hash.
        Some(*nth)
            .filter(has_key)
            .or_else(|| (0..entries.places()).find(has_key))
    }

    pub(super) fn forget(&mut self, key: &str) {
        self.numbers.remove(&self.hashes.hash_one(key));
    }
}
