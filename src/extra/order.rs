//! Entries in an order that is the same for the same keys.
//!
//! It goes by the hashes of the keys, and takes less to make than one by the keys
//! themselves, since few keys are compared as text.

/// The number of an entry, below the hash of its key.
pub(super) fn hashed(key: &str, nth: usize) -> u64 {
    // FNV-1a. Keys made to collide cost what comparing them as text does.
    let hash = key.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    u64::from(hash) << 32 | u64::from(u32::try_from(nth).unwrap_or(u32::MAX))
}

/// The number of the entry.
pub(super) fn number(hashed: u64) -> usize {
    u32::try_from(hashed & u64::from(u32::MAX)).unwrap_or(0) as usize
}

pub(super) fn sort<'a>(order: &mut [u64], key: impl Fn(u64) -> &'a str) {
    order.sort_unstable();
    for alike in order.chunk_by_mut(|a, b| a >> 32 == b >> 32) {
        if alike.len() > 1 {
            alike.sort_unstable_by_key(|nth| (key(*nth), *nth));
        }
    }
}

/// The first entry whose key an entry before it has, if they are sorted.
pub(super) fn first_duplicate<'a>(order: &[u64], key: impl Fn(u64) -> &'a str) -> Option<usize> {
    let pairs = order.iter().zip(order.iter().skip(1));
    pairs
        .filter(|(a, b)| **a >> 32 == **b >> 32 && key(**a) == key(**b))
        .map(|(_, second)| number(*second))
        .min()
}
