//! The corpus of bodies that the crate's own tests have.

#[path = "../../it"]
#[allow(dead_code, unused_imports, reason = "the tests in it are left out")]
#[allow(clippy::all, reason = "linted where it lives")]
mod it {
    pub(crate) mod corpus;
    pub(crate) mod reference;
    pub(crate) mod support;
}

use it::{reference, support};

/// Every body, and what it is called.
pub fn bodies() -> Vec<(String, Vec<u8>)> {
    it::corpus::bodies()
}

/// The body that the crate's own tests change one thing in, with another value under
/// a key.
pub fn with(key: &str, value: &str) -> String {
    support::with(key, value)
}
