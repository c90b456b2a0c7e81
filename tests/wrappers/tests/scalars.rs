//! Types that are one string or one number, in formats that do not say what they hold.

use std::collections::BTreeMap;

use edexa_webhooks::{
    Action, EventName, IdempotencyKey, StampId, StampStatus, StampType, UserId, WireTime,
};
use serde::{Deserialize, Serialize};
use serde_with::{DeserializeAs, SerializeAs};

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Row {
    key: IdempotencyKey,
    id: StampId,
    user_id: UserId,
    action: Action,
    name: EventName,
    stamp_type: StampType,
    status: StampStatus,
    #[serde(
        serialize_with = "WireTime::serialize_as",
        deserialize_with = "WireTime::deserialize_as"
    )]
    at: edexa_webhooks::chrono::DateTime<edexa_webhooks::chrono::Utc>,
}

fn rows() -> [Row; 2] {
    let row = |id: &str, status| Row {
        key: format!("{id}:succeed").parse().unwrap(),
        id: id.into(),
        user_id: "1".into(),
        action: "0".into(),
        name: EventName::HashFailure,
        stamp_type: StampType::Web,
        status: StampStatus::from(status),
        at: edexa_webhooks::chrono::DateTime::from_timestamp_nanos(1_685_438_496_610_000_000),
    };
    [
        row("6475", 1),
        row("64750000000000000000000000000000", i64::MIN),
    ]
}

#[test]
fn postcard_reads_back_what_it_wrote() {
    for row in rows() {
        let bytes = postcard::to_allocvec(&row).unwrap();
        assert_eq!(postcard::from_bytes::<Row>(&bytes).unwrap(), row);
    }
}

#[test]
fn csv_reads_back_digits_as_what_they_were() {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows() {
        writer.serialize(row).unwrap();
    }
    let table = writer.into_inner().unwrap();
    let read: Vec<Row> = csv::Reader::from_reader(&table[..])
        .deserialize()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(read, rows());
}

#[test]
fn json_reads_back_the_keys_of_a_map() {
    let counts = BTreeMap::from([(StampStatus::Succeeded, 1), (StampStatus::from(-7), 2)]);
    let json = serde_json::to_string(&counts).unwrap();
    assert_eq!(json, r#"{"-7":2,"1":1}"#);
    assert_eq!(
        serde_json::from_str::<BTreeMap<StampStatus, u8>>(&json).unwrap(),
        counts
    );
    let keys = BTreeMap::from([("6475:succeed".parse::<IdempotencyKey>().unwrap(), 1)]);
    let json = serde_json::to_string(&keys).unwrap();
    assert_eq!(
        serde_json::from_str::<BTreeMap<IdempotencyKey, u8>>(&json).unwrap(),
        keys
    );
}
