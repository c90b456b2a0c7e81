//! Variants of an enum, which formats like JSON do not have.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Debug;

use edexa_webhooks::{Action, Stamp, StampStatus, WebhookEvent};
use serde::de::value::{EnumAccessDeserializer, Error, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};

#[track_caller]
fn assert_refuses<T: DeserializeOwned + Debug>(expected: &str) {
    let name: StrDeserializer<'_, Error> = "Succeed".into_deserializer();
    let error = T::deserialize(EnumAccessDeserializer::new(name)).unwrap_err();
    let expected = format!("invalid type: enum, expected {expected}");
    assert_eq!(error.to_string(), expected);
}

#[test]
fn is_nothing() {
    assert_refuses::<Action>("a string");
    assert_refuses::<StampStatus>("an integer from -2^63 to 2^63 - 1");
    assert_refuses::<Stamp>("an object");
    assert_refuses::<WebhookEvent>("an object");
}
