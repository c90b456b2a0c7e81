//! The committed files are what the crate says, and they say what the parser does.
#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    reason = "a test, or a helper of one, fails by panicking"
)]

mod agreement;
mod answers;
mod committed;
mod difference;
mod openapi;
mod scalars;

/// The crate's own tests: its bodies are looked at here too.
#[path = "../../../tests/it"]
#[allow(dead_code, reason = "only some of it is needed here")]
mod crates_own {
    pub(crate) mod corpus;
    pub(crate) mod reference;
    pub(crate) mod support;
}

use crates_own::{corpus, reference, support};
