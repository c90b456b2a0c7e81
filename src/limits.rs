//! How much is read.

/// The longest body that is read unless you say otherwise: 65,536 bytes.
///
/// This crate's choice, about a hundred times the documented samples. edeXa
/// documents no limit.
pub const MAX_BODY_BYTES: usize = 65_536;

/// The deepest nesting that is accepted: the body is level 1, `data` level 2.
pub(crate) const MAX_DEPTH: usize = 64;

/// What fits into an index of any database, in bytes: no valid event has a longer
/// idempotency key.
pub(crate) const MAX_KEY_BYTES: usize = 255;

/// Whether a string is a value for an index of any database.
pub(crate) fn fits_index(text: &str) -> bool {
    text.len() <= MAX_KEY_BYTES && !text.contains('\0')
}
