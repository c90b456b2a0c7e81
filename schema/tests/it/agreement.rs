//! Schema and parser accept the same, but for the named differences: on the
//! conformance corpus, on every value under every key, and on generated bodies.

use std::path::Path;
use std::sync::LazyLock;

use edexa_webhooks::{WebhookEvent, strategies};
use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use crate::corpus;
use crate::difference::Difference;
use crate::support::{FULL, with, without};

pub(crate) fn validator() -> &'static Validator {
    static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
        let schema = include_str!("../../webhook-event.schema.json");
        jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
    });
    &VALIDATOR
}

/// The parser accepts a body exactly if the schema accepts it and it has none of
/// the differences. Whether a schema was asked at all.
#[track_caller]
fn assert_agree(body: &[u8]) -> bool {
    let read = WebhookEvent::from_slice(body);
    let text = || String::from_utf8_lossy(body);
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        assert!(read.is_err(), "no JSON, and read: {}", text());
        return false;
    };
    let errors: Vec<_> = validator().iter_errors(&value).collect();
    let differences = Difference::all_in(body, &value);
    assert_eq!(
        read.is_ok(),
        errors.is_empty() && differences.is_empty(),
        "parser: {read:?}\nschema: {errors:?}\ndifferences: {differences:?}\n{}",
        text()
    );
    true
}

#[test]
fn on_the_conformance_corpus() {
    let bodies = corpus::bodies();
    let mut asked = 0;
    for (name, body) in &bodies {
        let _named = NamedOnPanic(name);
        asked += usize::from(assert_agree(body));
    }
    assert!(asked >= 2_000, "{asked} of {} are JSON", bodies.len());
}

#[test]
fn on_the_seeds_of_the_fuzzing() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
    let mut asked = 0;
    for seed in std::fs::read_dir(seeds).unwrap() {
        let path = seed.unwrap().path();
        let _named = NamedOnPanic(path.to_str().unwrap());
        asked += usize::from(assert_agree(&std::fs::read(&path).unwrap()));
    }
    assert!(asked >= 20, "{asked} are JSON");
}

/// Says of which body it was that a test failed.
struct NamedOnPanic<'a>(&'a str);

impl Drop for NamedOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("body: {}", self.0);
        }
    }
}

/// Those of the outer object and those of `data`, without the unknown ones.
fn known_keys() -> [Vec<String>; 2] {
    let full: Value = serde_json::from_str(FULL).unwrap();
    [&full, &full["data"]].map(|object| {
        let keys = object.as_object().unwrap().keys();
        keys.filter(|key| !key.starts_with("later"))
            .cloned()
            .collect()
    })
}

#[test]
fn on_what_the_keys_are() {
    let schema = edexa_webhooks_schema::event_schema();
    let objects = [&schema, &schema["$defs"]["Stamp"]];
    for (object, keys) in objects.into_iter().zip(known_keys()) {
        let properties = object["properties"].as_object().unwrap();
        assert_eq!(properties.keys().cloned().collect::<Vec<_>>(), keys);
    }
}

const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "\"\"",
    "\"0\"",
    "\"7\"",
    "\"true\"",
    "\"null\"",
    "\"succeed\"",
    "\"revoked\"",
    "\"\\u0000\"",
    "\"\u{1f600}\"",
    "\"2023-05-30T09:21:36.966Z\"",
    "\"2023-05-30\"",
    "\"1685438496\"",
    "[]",
    "[null]",
    "[\"a\"]",
    "{}",
    "{\"a\": 1}",
    "0",
    "1",
    "2",
    "3",
    "-1",
    "-0",
    "1.0",
    "1.5",
    "0.1",
    "1e0",
    "1e5",
    "1e-5",
    "5e-324",
    "1e308",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "18446744073709551616",
    "1685438496",
];

#[test]
fn on_every_value_under_every_key_and_on_none() {
    let [outer, data] = known_keys();
    for key in outer.iter().filter(|key| *key != "data").chain(&data) {
        assert!(assert_agree(without(key).as_bytes()));
        for value in VALUES {
            assert!(assert_agree(with(key, value).as_bytes()), "{key}: {value}");
        }
    }
    let full: Value = serde_json::from_str(FULL).unwrap();
    for value in VALUES {
        let mut body = full.clone();
        body["data"] = Value::Null;
        let body = body
            .to_string()
            .replace("\"data\":null", &format!("\"data\":{value}"));
        assert!(assert_agree(body.as_bytes()), "data: {value}");
        assert!(assert_agree(value.as_bytes()), "the body: {value}");
    }
    let mut body = full;
    body.as_object_mut().unwrap().remove("data");
    assert!(assert_agree(body.to_string().as_bytes()), "no data");
}

#[test]
fn on_nothing_but_the_required_keys() {
    let schema = edexa_webhooks_schema::event_schema();
    let mut body: Value = serde_json::from_str(FULL).unwrap();
    let data = body["data"].as_object_mut().unwrap();
    let required = schema["$defs"]["Stamp"]["required"].as_array().unwrap();
    data.retain(|key, _| required.iter().any(|required| required == key));
    assert_eq!(data.len(), 9);
    assert!(assert_agree(body.to_string().as_bytes()));
    assert!(validator().is_valid(&body));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn on_what_may_arrive(body in strategies::wire_body()) {
        assert_agree(&body);
    }

    /// What is written is accepted.
    #[test]
    fn on_any_event(event in strategies::any_event()) {
        let value = serde_json::to_value(&event).unwrap();
        prop_assert!(validator().is_valid(&value), "{value}");
        assert_agree(value.to_string().as_bytes());
    }

    #[test]
    fn on_any_value_under_any_key(
        event in strategies::any_event(),
        key in select(known_keys().concat()),
        value in json(),
    ) {
        let mut body = serde_json::to_value(&event).unwrap();
        let object = if body.get(&key).is_some() { &mut body } else { &mut body["data"] };
        object[&key] = value;
        assert_agree(body.to_string().as_bytes());
    }

    #[test]
    fn on_times(time in time()) {
        assert_agree(with("createdAt", &Value::from(time).to_string()).as_bytes());
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-3_i64..4).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let object = proptest::collection::btree_map("[a-z]{0,4}", inner.clone(), 0..4);
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Times, and texts that are nearly times: every field a little out of its range
/// at times, and at the ends of the years.
fn time() -> impl Strategy<Value = String> {
    let year = prop_oneof![
        0..10_000_u32,
        select([0, 1, 4, 1600, 1900, 2000, 2023, 2024, 2100, 9999, 10_000].as_slice()),
    ];
    let date = (year, 0..14_u32, 0..33_u32);
    let clock = (0..26_u32, 0..62_u32, 0..63_u32);
    let fraction = prop_oneof![Just(String::new()), "[.][0-9]{0,12}"];
    let offset = prop_oneof![
        4 => select(["Z", "z", "+00:00", "-00:00", "", "+24:00", "+00:60"].as_slice())
            .prop_map(str::to_owned),
        4 => (select(["+", "-"].as_slice()), 0..25_u32, 0..62_u32)
            .prop_map(|(sign, hour, minute)| format!("{sign}{hour:02}:{minute:02}")),
    ];
    let separator = prop_oneof![8 => Just("T"), 1 => Just("t"), 1 => Just(" ")];
    let time = (date, separator, clock, fraction, offset);
    time.prop_map(|(date, separator, clock, fraction, offset)| {
        let (year, month, day) = date;
        let (hour, minute, second) = clock;
        let date = format!("{year:04}-{month:02}-{day:02}");
        let clock = format!("{hour:02}:{minute:02}:{second:02}");
        format!("{date}{separator}{clock}{fraction}{offset}")
    })
}

/// Every day of two leap cycles around a century, and the days that are none.
#[test]
fn on_every_day() {
    for year in [
        0, 4, 1600, 1700, 1800, 1896, 1900, 1904, 2000, 2023, 2024, 2096, 2100, 9999,
    ] {
        for month in 0..14 {
            for day in 0..33 {
                let time = format!("\"{year:04}-{month:02}-{day:02}T00:00:00Z\"");
                assert!(assert_agree(with("updatedAt", &time).as_bytes()));
            }
        }
    }
}

/// One character taken out, put in, or in place of another.
#[test]
fn on_every_text_one_character_from_a_time() {
    for time in ["2023-05-30T09:21:36.966Z", "2024-02-29T23:59:60+05:30"] {
        for at in 0..=time.len() {
            let (before, after) = time.split_at(at);
            let rest = after.get(1..).unwrap_or_default();
            let mut texts = vec![format!("{before}{rest}")];
            for c in "059TtZz:. +-_,\u{661}\u{2212}\n\0".chars() {
                texts.push(format!("{before}{c}{after}"));
                texts.push(format!("{before}{c}{rest}"));
            }
            for text in texts {
                let body = with("createdAt", &Value::from(text).to_string());
                assert!(assert_agree(body.as_bytes()));
            }
        }
    }
}
