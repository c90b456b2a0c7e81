//! The bytes of a string that need no escape.

/// How many bytes of a string need no escape before the first that does.
pub(super) fn plain_bytes(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((word, mut after)) = rest.split_first_chunk::<8>() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            let plain = special.trailing_zeros() as usize / 8;
            return bytes.len().wrapping_sub(rest.len()).wrapping_add(plain);
        }
        // Without a branch for each byte, so that they are compared all at once.
        while let Some((block, next)) = after.split_first_chunk::<16>() {
            let bytes = block.iter();
            if bytes.fold(false, |any, byte| any | is_special(*byte)) {
                break;
            }
            after = next;
        }
        rest = after;
    }
    let plain = rest.iter().take_while(|byte| !is_special(**byte)).count();
    bytes.len().wrapping_sub(rest.len()).wrapping_add(plain)
}

/// Whether a byte is a control, a quotation mark or a backslash. Without its second
/// bit, the quotation mark comes right behind the controls.
#[expect(clippy::needless_bitwise_bool, reason = "no branch, see above")]
const fn is_special(byte: u8) -> bool {
    (byte ^ 2 <= b' ') | (byte == b'\\')
}

/// The highest bit of each byte of a word that [`is_special`]. Above the lowest such
/// byte, others may be taken for one.
const fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let controls = (word ^ ONES.wrapping_mul(2)).wrapping_sub(ONES.wrapping_mul(b'!' as u64));
    let backslashes = (word ^ ONES.wrapping_mul(b'\\' as u64)).wrapping_sub(ONES);
    (controls | backslashes) & !word & ONES.wrapping_mul(0x80)
}
