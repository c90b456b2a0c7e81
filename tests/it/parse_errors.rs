//! What is refused, and what the error says: category, pointer, line, column,
//! message, and what was salvaged.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test, or a helper of one, fails by panicking"
)]

mod encoding;
mod grammar;
mod keys;
mod limits;
mod messages;
mod numbers;
mod salvage;
mod surrogates;
mod times;
mod types;
