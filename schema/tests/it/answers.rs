//! The API's answers and the body that registers a URL: schema and parser accept the
//! same, but for the differences that events have too.

use edexa_webhooks::record::{Answer, Registration, StampReceipt, StampRecord};
use edexa_webhooks::strategies::{any_receipt, any_record, any_registration};
use edexa_webhooks::testing::answer_of;
use jsonschema::Validator;
use proptest::prelude::*;
use schemars::{JsonSchema, schema_for};
use serde_json::{Value, json};

fn validator<T: JsonSchema>() -> Validator {
    jsonschema::validator_for(schema_for!(T).as_value()).unwrap()
}

#[track_caller]
fn assert_agrees(answer: &Value) {
    let body = answer.to_string();
    let read = Answer::<StampRecord>::from_slice(body.as_bytes());
    let is_valid = validator::<Answer<StampRecord>>().is_valid(answer);
    assert_eq!(read.is_ok(), is_valid, "{body}: {read:?}");
}

#[test]
fn data_are_described_with_status_200_alone() {
    for status in [json!(200), json!(404), json!("200"), json!(null), json!(-1)] {
        for data in [
            json!({ "hash": "h" }),
            json!({ "hash": "h", "later": [1], "txid": null }),
            json!({ "hash": 1 }),
            json!({ "hash": "h", "userVerify": "1" }),
            json!({}),
            json!("h"),
            json!(null),
        ] {
            assert_agrees(&json!({ "status": status, "message": [], "data": data }));
        }
        assert_agrees(&json!({ "status": status }));
    }
    assert_agrees(&json!({ "data": { "hash": "h" } }));
    assert_agrees(&json!([]));
}

#[test]
fn the_title_names_the_data() {
    let title = |schema: schemars::Schema| schema.get("title").cloned();
    let (record, receipt) = (
        schema_for!(Answer<StampRecord>),
        schema_for!(Answer<StampReceipt>),
    );
    assert_eq!(title(record), Some(json!("Answer_for_StampRecord")));
    assert_eq!(title(receipt), Some(json!("Answer_for_StampReceipt")));
}

#[test]
fn whatever_is_made_up_is_valid() {
    let (records, receipts) = (
        validator::<Answer<StampRecord>>(),
        validator::<Answer<StampReceipt>>(),
    );
    let registrations = validator::<Registration>();
    let made_up = (any_record(), any_receipt(), any_registration());
    proptest!(|((record, receipt, registration) in made_up)| {
        let parsed = |json: &str| serde_json::from_str::<Value>(json).unwrap();
        prop_assert!(records.is_valid(&parsed(&answer_of(&record))));
        prop_assert!(receipts.is_valid(&parsed(&answer_of(&receipt))));
        prop_assert!(registrations.is_valid(&parsed(&registration.to_json())));
    });
}
