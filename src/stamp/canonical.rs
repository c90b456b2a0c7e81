//! What a stamp says, in one spelling.

use std::borrow::Cow;

use crate::extra::Extra;
use crate::stamp::Stamp;

impl Stamp {
    /// Whether both say the same: `_id` as in the idempotency key, `txId` as
    /// [`transaction`](Self::transaction) gives it, `null` as nothing, and the rest as
    /// events are compared.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let is_same_under = |key: &&str| match *key {
            "_id" => self.id.folded() == other.id.folded(),
            "txId" => self.transaction() == other.transaction(),
            key => self.is_same_under(key, other),
        };
        Self::KEYS.iter().all(is_same_under) && self.unknown_values() == other.unknown_values()
    }

    /// The unknown keys without those that hold nothing.
    fn unknown_values(&self) -> Cow<'_, Extra> {
        if self.extra.iter().all(says_something) {
            return Cow::Borrowed(&self.extra);
        }
        let mut extra = Extra::new();
        for (key, json) in self.extra.iter().filter(|entry| says_something(*entry)) {
            extra.push(key, json);
        }
        Cow::Owned(extra)
    }
}

/// Whether an entry of the unknown keys is one, and not `null`.
pub(crate) fn says_something((key, json): (&str, &str)) -> bool {
    json != "null" && !Stamp::KEYS.contains(&key)
}
