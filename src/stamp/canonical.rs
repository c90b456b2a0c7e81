//! What a stamp says, in one spelling.

use crate::stamp::Stamp;

impl Stamp {
    /// Whether both say the same.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.said() == other.said() && self.extra.is_same(&other.extra, says_something)
    }

    /// The known keys, with `_id` as in the idempotency key, and `txId` as
    /// [`transaction`](Self::transaction) gives it.
    pub(crate) fn said(&self) -> Self {
        let mut said = self.without_extra();
        said.id = (&*self.id.folded()).into();
        said.tx_id = self.transaction().cloned();
        said
    }
}

/// Whether an entry of the unknown keys is one, and not `null`.
pub(crate) fn says_something((key, json): (&str, &str)) -> bool {
    json != "null" && !Stamp::KEYS.contains(&key)
}
