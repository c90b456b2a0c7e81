//! The builder of events: each method changes one thing.

use edexa_webhooks::chrono::{DateTime, Utc};
use edexa_webhooks::testing::EventBuilder;
use edexa_webhooks::{Action, StampStatus, StampType, WebhookEvent};
use serde_json::{Value, json};

fn starts() -> [EventBuilder; 2] {
    [EventBuilder::succeeded(), EventBuilder::failed()]
}

fn as_json(event: &EventBuilder) -> Value {
    serde_json::from_str(&event.to_json().unwrap()).unwrap()
}

/// The change from the first event to the second is this value at this pointer,
/// and nothing else. `None`: the key goes away.
#[track_caller]
fn assert_change(before: &EventBuilder, after: &EventBuilder, pointer: &str, value: Option<Value>) {
    let mut expected = as_json(before);
    let (object, key) = pointer.rsplit_once('/').unwrap();
    let object = expected
        .pointer_mut(object)
        .unwrap()
        .as_object_mut()
        .unwrap();
    match value {
        Some(value) => object.insert(key.to_owned(), value),
        None => object.remove(key),
    };
    assert_eq!(as_json(after), expected);
    assert_ne!(before, after);
}

#[test]
fn each_setter_sets_its_key() {
    let time = "2001-02-03T04:05:06.789Z".parse::<DateTime<Utc>>().unwrap();
    macro_rules! sets {
        ($($method:ident($($value:expr),+) => $pointer:literal: $json:tt;)*) => {$(
            for start in starts() {
                let changed = start.clone().$method($($value),+);
                assert_change(&start, &changed, $pointer, Some(json!($json)));
            }
        )*};
    }
    sets! {
        webhook_id("x") => "/webhookId": "x";
        action_id("x") => "/actionId": "x";
        action("x") => "/action": "x";
        stamp_id("x") => "/data/_id": "x";
        user_id("x") => "/data/userId": "x";
        client_id("x") => "/data/clientId": "x";
        name("x") => "/data/name": "x";
        blockchain_id("x") => "/data/blockchainId": "x";
        tx_id("x") => "/data/txId": "x";
        hash("x") => "/data/hash": "x";
        stamp_type(StampType::Desktop) => "/data/type": "3";
        code("x") => "/data/code": "x";
        is_esign(true) => "/data/isEsign": true;
        is_private_bc(true) => "/data/isPrivateBc": true;
        status(StampStatus::Pending) => "/data/status": 0;
        created_at(time) => "/data/createdAt": "2001-02-03T04:05:06.789Z";
        updated_at(time) => "/data/updatedAt": "2001-02-03T04:05:06.789Z";
        extra("x", &json!([1, {"y": null}])) => "/x": [1, {"y": null}];
        stamp_extra("x", &json!("y")) => "/data/x": "y";
    }
}

#[test]
fn each_optional_key_can_be_taken_away() {
    macro_rules! takes {
        ($($set:ident($value:expr), $without:ident => $pointer:literal;)*) => {$(
            for start in starts() {
                let there = start.clone().$set($value);
                assert_change(&there, &there.clone().$without(), $pointer, None);
            }
        )*};
    }
    takes! {
        client_id("x"), without_client_id => "/data/clientId";
        name("x"), without_name => "/data/name";
        blockchain_id("x"), without_blockchain_id => "/data/blockchainId";
        tx_id("x"), without_tx_id => "/data/txId";
        is_esign(false), without_is_esign => "/data/isEsign";
    }
}

#[test]
fn an_unknown_key_set_twice_holds_the_last_value() {
    let event = EventBuilder::succeeded()
        .extra("x", &json!(1))
        .extra("x", &json!(2));
    assert_eq!(as_json(&event)["x"], 2);
    let event = EventBuilder::succeeded()
        .stamp_extra("x", &json!(1))
        .stamp_extra("x", &json!(2));
    assert_eq!(as_json(&event)["data"]["x"], 2);
}

#[test]
fn the_json_is_read_as_the_event_that_is_built() {
    let full = EventBuilder::failed()
        .client_id("2")
        .name("a\n\"b\\.png")
        .tx_id("")
        .is_esign(false)
        .action("revoked")
        .stamp_type("9")
        .status(StampStatus::from(-7))
        .extra("x", &json!({"y": [1.5, "z"]}))
        .stamp_extra("metaData", &json!(null));
    for event in starts().into_iter().chain([full]) {
        let read: WebhookEvent = event.to_json().unwrap().parse().unwrap();
        assert_eq!(read, event.build());
    }
}

#[test]
fn what_cannot_be_a_body_is_refused() {
    let error = |event: EventBuilder| event.to_json().unwrap_err().to_string();
    assert_eq!(
        error(EventBuilder::succeeded().extra("action", &json!("failed"))),
        "expected unknown keys in `extra`, found \"action\", which has a field"
    );
    assert_eq!(
        error(EventBuilder::succeeded().stamp_extra("txId", &json!("0x"))),
        "expected unknown keys in `extra`, found \"txId\", which has a field"
    );
    let year_10000 = DateTime::from_timestamp(253_402_300_800, 0).unwrap();
    assert_eq!(
        error(EventBuilder::succeeded().updated_at(year_10000)),
        "expected a year from 0000 to 9999, found another one"
    );
}

#[test]
fn the_starts_are_what_they_are_called() {
    let [succeeded, failed] = starts().map(EventBuilder::build);
    assert_eq!(succeeded.action, Action::Succeeded);
    assert_eq!(succeeded.data.status, StampStatus::Succeeded);
    assert!(succeeded.has_transaction() && succeeded.is_public_chain());
    assert_eq!(failed.action, Action::Failed);
    assert_eq!(failed.data.status, StampStatus::Failed);
    assert!(!failed.has_transaction() && failed.is_public_chain());
}

#[test]
fn the_starts_break_no_rule() {
    for event in starts().map(EventBuilder::build) {
        assert_eq!(event.check().to_string(), "");
        assert!(event.outcome().is_ok());
        for now in [event.data.created_at, event.data.updated_at] {
            assert_eq!(event.check_at(now).to_string(), "");
        }
    }
}
