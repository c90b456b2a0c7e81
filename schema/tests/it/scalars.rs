//! The types that stand on the wire by themselves: what each reads is what its
//! schema accepts.

use edexa_webhooks::{
    Action, ActionId, BlockchainId, ClientId, EventName, FileName, IdempotencyKey, StampCode,
    StampHash, StampId, StampStatus, StampType, TxId, UserId, WebhookId, WireTime, strategies,
};
use jsonschema::Validator;
use proptest::prelude::*;
use schemars::{JsonSchema, schema_for};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn validator<T: JsonSchema>() -> Validator {
    jsonschema::validator_for(schema_for!(T).as_value()).unwrap()
}

#[track_caller]
fn assert_agrees<T: JsonSchema + DeserializeOwned>(name: &str) {
    let schema = schema_for!(T);
    assert_eq!(schema.get("title"), Some(&json!(name)));
    assert!(schema.get("description").is_some_and(Value::is_string));
    let validator = validator::<T>();
    for value in [
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(3),
        json!(i64::MIN),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1.5),
        json!(1e300),
        json!(""),
        json!("0"),
        json!("a"),
        json!("succeed"),
        json!("hash.success"),
        json!("hash.succeed"),
        json!("hash.failure"),
        json!("hash.failed"),
        json!("hash.pending"),
        json!("a:succeed"),
        json!([]),
        json!({}),
    ] {
        let read = serde_json::from_value::<T>(value.clone());
        assert_eq!(read.is_ok(), validator.is_valid(&value), "{name}: {value}");
    }
}

#[test]
fn each_reads_what_its_schema_accepts() {
    assert_agrees::<WebhookId>("WebhookId");
    assert_agrees::<ActionId>("ActionId");
    assert_agrees::<StampId>("StampId");
    assert_agrees::<UserId>("UserId");
    assert_agrees::<ClientId>("ClientId");
    assert_agrees::<BlockchainId>("BlockchainId");
    assert_agrees::<StampHash>("StampHash");
    assert_agrees::<TxId>("TxId");
    assert_agrees::<FileName>("FileName");
    assert_agrees::<StampCode>("StampCode");
    assert_agrees::<Action>("Action");
    assert_agrees::<StampType>("StampType");
    assert_agrees::<StampStatus>("StampStatus");
    assert_agrees::<EventName>("EventName");
    assert_agrees::<IdempotencyKey>("IdempotencyKey");
}

/// Each known value is an example, and the description says what it means.
#[test]
fn open_values_name_what_is_known() {
    let known = |schema: schemars::Schema| -> Vec<Value> {
        let examples = schema.get("examples").unwrap().as_array().unwrap().clone();
        let description = schema.get("description").unwrap().as_str().unwrap();
        for example in &examples {
            let line = format!("\n- `{example}`: ");
            assert!(description.contains(&line), "{line}");
        }
        examples
    };
    let statuses = [
        StampStatus::Pending,
        StampStatus::Succeeded,
        StampStatus::Failed,
    ];
    assert_eq!(
        known(schema_for!(StampStatus)),
        statuses.map(|status| json!(status))
    );
    assert_eq!(known(schema_for!(Action)), ["succeed", "failed"]);
    assert_eq!(known(schema_for!(StampType)), ["0", "1", "2", "3", "4"]);
}

/// `WireTime` describes a time in a type of yours.
#[test]
fn a_users_type_describes_its_times() {
    let generator = &mut schemars::SchemaGenerator::default();
    let reference = generator.subschema_for::<WireTime>();
    assert_eq!(reference.get("$ref"), Some(&json!("#/$defs/WireTime")));
    assert!(validator::<WireTime>().is_valid(&json!("2023-05-30T11:21:36+02:00")));
    assert!(!validator::<WireTime>().is_valid(&json!("2023-05-30 11:21:36Z")));
}

/// What is encoded need not be UTF-8 for the pattern.
#[test]
fn keys_of_no_text() {
    for key in ["%FF:succeed", "a:%C3", "%ED%A0%80:a"] {
        assert!(validator::<IdempotencyKey>().is_valid(&json!(key)));
        assert!(key.parse::<IdempotencyKey>().is_err());
    }
}

#[test]
fn every_key_fits_its_pattern() {
    let validator = validator::<IdempotencyKey>();
    proptest!(|(event in strategies::any_event())| {
        let key = json!(event.idempotency_key());
        prop_assert!(validator.is_valid(&key), "{key}");
    });
}

/// Every byte but those of texts beyond ASCII, as itself and encoded.
#[test]
fn keys_of_one_byte() {
    let validator = validator::<IdempotencyKey>();
    for byte in 0..=0x7f_u8 {
        let own = char::from(byte).to_string();
        for part in [own, format!("%{byte:02X}"), format!("%{byte:02x}")] {
            for key in [format!("{part}:a"), format!("a:{part}")] {
                let read = key.parse::<IdempotencyKey>();
                assert_eq!(read.is_ok(), validator.is_valid(&json!(key)), "{key:?}");
            }
        }
    }
}
