//! The types of the payload's values, and what an event says of itself.

use std::fmt::Debug;

use serde::de::DeserializeOwned;

mod auto_traits;
mod builder;
mod clock;
mod digests;
mod enums;
mod event_name;
mod hidden;
mod predicates;
mod show;
mod text;

/// A value of this type is not read, and the error says this. Where serde_json
/// then sees the place is its own business.
#[track_caller]
fn assert_refuses<T: DeserializeOwned + Debug>(json: &str, expected: &str) {
    let message = serde_json::from_str::<T>(json).unwrap_err().to_string();
    let (message, _) = message.rsplit_once(" at line ").unwrap();
    assert_eq!(message, expected, "{json}");
}
