//! What the docs call an object is one in MessagePack too, which tells structs from maps.

use edexa_webhooks::testing::{EventBuilder, record_of};
use edexa_webhooks::{Rejection, WebhookEvent};
use serde::Serialize;
use serde_json::Value;

#[track_caller]
fn assert_as_in_json(shown: &impl Serialize) {
    let bytes = rmp_serde::to_vec(shown).unwrap();
    let read: Value = rmp_serde::from_slice(&bytes).unwrap();
    assert_eq!(read, serde_json::to_value(shown).unwrap());
}

#[test]
fn objects_are_maps() {
    let event = EventBuilder::succeeded().code("").build();
    let mut record = record_of(&event);
    record.hash = "another".into();
    assert_as_in_json(&event);
    assert_as_in_json(&record);
    assert_as_in_json(&event.check());
    assert_as_in_json(&event.confirm(&record));
    assert_as_in_json(&Rejection::from(
        WebhookEvent::from_slice(b"[]").unwrap_err(),
    ));
}
