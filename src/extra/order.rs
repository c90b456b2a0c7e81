//! Entries in an order that is the same for the same keys.
//!
//! It goes by the hashes of the keys, and takes less to make than one by the keys
//! themselves, since few keys are compared as text.

/// The number of an entry, below the hash of its key.
pub(super) fn hashed(key: &[u8], nth: usize) -> u64 {
    // FNV-1a. Keys made to collide cost what comparing them as text does.
    let hash = key.iter().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    });
    u64::from(hash) << 32 | u64::from(u32::try_from(nth).unwrap_or(u32::MAX))
}

/// The number of the entry.
pub(super) fn number(hashed: u64) -> usize {
    u32::try_from(hashed & u64::from(u32::MAX)).unwrap_or(0) as usize
}

/// Leaves out entries whose keys no other has, but for a few.
pub(super) fn leave_out_unique(order: &mut Vec<u64>) {
    // At least four bits for each entry.
    let bytes = order.len().next_power_of_two() / 2;
    let (mut once, mut twice) = (vec![0_u8; bytes], vec![0_u8; bytes]);
    let bit_of = |hashed: &u64| {
        let hash = number(hashed >> 32);
        ((hash / 8) & bytes.wrapping_sub(1), 1_u8 << (hash % 8))
    };
    for (at, bit) in order.iter().map(bit_of) {
        if let (Some(once), Some(twice)) = (once.get_mut(at), twice.get_mut(at)) {
            *twice |= *once & bit;
            *once |= bit;
        }
    }
    order.retain(|hashed| {
        let (at, bit) = bit_of(hashed);
        twice.get(at).is_some_and(|twice| twice & bit != 0)
    });
}

pub(super) fn sort<'a>(order: &mut [u64], key: &dyn Fn(u64) -> &'a str) {
    order.sort_unstable_by(|a, b| {
        let by_hash = (a >> 32).cmp(&(b >> 32));
        by_hash.then_with(|| (key(*a), a).cmp(&(key(*b), b)))
    });
}

/// The first entry whose key an entry before it has, if they are sorted.
pub(super) fn first_duplicate<'a>(order: &[u64], key: &dyn Fn(u64) -> &'a str) -> Option<usize> {
    let pairs = order.iter().zip(order.iter().skip(1));
    pairs
        .filter(|(a, b)| **a >> 32 == **b >> 32 && key(**a) == key(**b))
        .map(|(_, second)| number(*second))
        .min()
}
