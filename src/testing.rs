//! Test data for the tests of your own handler. With the feature `testing`, for
//! `dev-dependencies`.
//!
//! | to make | call |
//! | --- | --- |
//! | the bodies that edeXa documents | [`SUCCEEDED`], [`FAILED`] |
//! | an event with values of your own, coherent or not | [`EventBuilder`] |
//! | the same event, delivered again | [`redeliveries`] |
//! | another event under its key | [`conflict`] |
//! | two events of one stamp, the later one first | [`reordered_pair`] |
//! | bodies that are refused, one for each reason | [`Damage`] |
//! | what the bStamp API would say of an event | [`record_of`], [`receipt_of`] |
//! | the body of its answer | [`answer_of`] |
//!
//! | to assert | call |
//! | --- | --- |
//! | which rules an event breaks | [`assert_findings`] |
//! | that what was stored is what was sent | [`assert_same_event`] |
//!
//! [Testing](crate::guide::testing) in the guide has three tests that every handler should
//! have. For generated bodies, see the feature `proptest`.

mod assert;
pub(crate) mod body;
mod builder;
mod damage;
mod deliveries;
mod records;

pub use assert::{assert_findings, assert_same_event};
pub use builder::EventBuilder;
pub use damage::Damage;
pub use deliveries::{conflict, redeliveries, reordered_pair};
pub use records::{answer_of, receipt_of, record_of};

/// The body that edeXa's webhook documentation shows for `hash.success`, unchanged.
///
/// edeXa masked its `userId` with asterisks, shortened its `txId` and made up
/// its `hash`, so it is valid with two warnings: `malformed-tx-id` and
/// `malformed-hash`.
pub const SUCCEEDED: &str = include_str!("testing/succeeded.json");

/// The body that edeXa's webhook documentation shows for `hash.failure`, unchanged.
///
/// It breaks no rule. edeXa made up its `hash` too, which by chance has the form
/// of a SHA-1 in base64.
pub const FAILED: &str = include_str!("testing/failed.json");
