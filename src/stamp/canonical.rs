//! What a stamp says, in one spelling.

use std::mem;

use crate::extra::Extra;
use crate::field::Field;
use crate::json::Canonical;
use crate::stamp::Stamp;

impl Stamp {
    /// The canonical form of `data`: `_id` as in the idempotency key, `txId` as
    /// [`transaction`](Self::transaction) gives it, times in UTC, without the keys that
    /// hold `null`, and the rest as [`Canonical`] has it.
    pub(crate) fn canonical(&self) -> Vec<u8> {
        let mut stamp = Self {
            id: self.id.folded().as_ref().into(),
            tx_id: self.transaction().cloned(),
            ..self.clone()
        };
        let mut extra = Extra::new();
        for (key, json) in &mem::take(&mut stamp.extra) {
            if json != "null" && !Self::KEYS.contains(&key) {
                extra.push(key, json);
            }
        }
        stamp.extra = extra;
        let (mut json, mut times) = (String::new(), String::new());
        if stamp.write(&mut json).is_err() {
            // A year that no body has.
            times = format!("{:?} {:?}", stamp.created_at, stamp.updated_at);
            (stamp.created_at, stamp.updated_at) = Default::default();
            json.clear();
            let _ = stamp.write(&mut json);
        }
        drop(stamp);
        let mut canonical = Canonical::default().of(&json).to_vec();
        canonical.extend_from_slice(times.as_bytes());
        canonical
    }
}
