//! What formats may say that neither JSON nor CBOR says.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use edexa_webhooks::{Action, Stamp, StampStatus, WebhookEvent, testing};
use serde::de::value::{MapDeserializer, StrDeserializer};
use serde::de::{Deserialize, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

use crate::support::has_arbitrary_precision;

/// A value as a format says it to a visitor.
#[derive(Clone)]
enum Said {
    Text(String),
    Bool(bool),
    Integer(i64),
    Signed128(i128),
    Unsigned128(u128),
    Some(Box<Said>),
    Newtype(Box<Said>),
    Variant(&'static str),
    Map(Vec<(Said, Said)>),
}

use Said::{Bool, Integer, Map, Newtype, Signed128, Text, Unsigned128, Variant};

impl<'de> Deserializer<'de> for Said {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Text(text) => visitor.visit_string(text),
            Bool(value) => visitor.visit_bool(value),
            Integer(value) => visitor.visit_i64(value),
            Signed128(value) => visitor.visit_i128(value),
            Unsigned128(value) => visitor.visit_u128(value),
            Said::Some(inner) => visitor.visit_some(*inner),
            Newtype(inner) => visitor.visit_newtype_struct(*inner),
            Variant(name) => {
                let name: StrDeserializer<'_, Error> = name.into_deserializer();
                visitor.visit_enum(name)
            }
            Map(entries) => visitor.visit_map(MapDeserializer::new(entries.into_iter())),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes
        byte_buf option unit unit_struct newtype_struct seq tuple tuple_struct map
        struct enum identifier ignored_any
    }
}

impl IntoDeserializer<'_, Error> for Said {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

fn text(text: &str) -> Said {
    Text(text.to_owned())
}

fn said(json: Value) -> Said {
    match json {
        Value::Bool(value) => Bool(value),
        Value::Number(number) => Integer(number.as_i64().unwrap()),
        Value::String(value) => Text(value),
        Value::Object(entries) => {
            let entries = entries.into_iter();
            Map(entries
                .map(|(key, value)| (Text(key), said(value)))
                .collect())
        }
        _ => unreachable!("not in the sample"),
    }
}

/// The documented success with one more entry.
fn read_with(key: Said, value: Said) -> Result<WebhookEvent, String> {
    let sample = said(serde_json::from_str(testing::SUCCEEDED).unwrap());
    let Map(mut entries) = sample else {
        unreachable!("an object")
    };
    entries.push((key, value));
    WebhookEvent::deserialize(Map(entries)).map_err(|error| error.to_string())
}

#[track_caller]
fn assert_reads(value: Said, expected: &str) {
    let event = read_with(text("later"), value).unwrap();
    assert_eq!(event.extra.get("later"), Some(expected));
}

#[track_caller]
fn assert_refuses(key: Said, value: Said, expected: &str) {
    assert_eq!(read_with(key, value).unwrap_err(), expected);
}

#[test]
fn integers_of_more_than_64_bits_are_read_as_doubles() {
    assert_reads(Signed128(-5), "-5");
    assert_reads(Signed128(i64::MIN.into()), "-9223372036854775808");
    assert_reads(Signed128(i128::from(i64::MIN) - 1), "-9223372036854776e3");
    assert_reads(Unsigned128(u64::MAX.into()), "18446744073709551615");
    assert_reads(Unsigned128(u128::from(u64::MAX) + 1), "18446744073709552e3");
}

#[test]
fn wrappers_are_what_they_hold() {
    assert_reads(Said::Some(Box::new(Integer(7))), "7");
    assert_reads(Newtype(Box::new(Said::Some(Box::new(text("a"))))), "\"a\"");
}

#[test]
fn variants_are_no_values() {
    #[track_caller]
    fn assert_refuses_it<'de, T: Deserialize<'de> + std::fmt::Debug>(message: &str) {
        let error = T::deserialize(Variant("Succeed")).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let found = "expected a value that JSON can write, found a tag or a variant";
    assert_refuses_it::<Action>("invalid type: enum, expected a string");
    assert_refuses_it::<StampStatus>(
        "invalid type: enum, expected an integer from -2^63 to 2^63 - 1",
    );
    assert_refuses_it::<Stamp>(&format!("/data: {found}"));
    assert_refuses_it::<WebhookEvent>(found);
    assert_refuses(text("later"), Variant("Succeed"), found);
}

#[test]
fn keys_are_strings() {
    let message = "expected a key in double quotes, found `1`";
    assert_refuses(Integer(1), Integer(2), message);
    let inner = Map(vec![(Integer(1), Integer(2))]);
    assert_refuses(text("later"), inner, message);
}

/// A map that is shown where serde_json, with its feature `arbitrary_precision`, shows a
/// number that no integer of 64 bits could have carried.
fn shown_number(digits: &str) -> Said {
    Map(vec![(text("$serde_json::private::Number"), text(digits))])
}

#[test]
fn a_map_of_serde_json_is_a_number_only_where_it_shows_numbers_so() {
    for (digits, number) in [
        ("1.50", "1.5"),
        ("-0", "-0"),
        ("1e2", "1e2"),
        ("18446744073709551616", "18446744073709552e3"),
    ] {
        if has_arbitrary_precision() {
            assert_reads(shown_number(digits), number);
        } else {
            let object = format!("{{\"$serde_json::private::Number\":\"{digits}\"}}");
            assert_reads(shown_number(digits), &object);
        }
    }
    if has_arbitrary_precision() {
        let message = "/data: expected a number within the range of a double, found a larger one";
        let message = message.trim_start_matches("/data: ");
        assert_refuses(text("later"), shown_number("1e400"), message);
    }
}

#[test]
fn a_map_of_serde_json_that_holds_no_such_number_is_an_object() {
    for digits in [
        "1",
        "-1",
        "18446744073709551615",
        "1x",
        " 1.5",
        "1.5 ",
        "",
        "NaN",
    ] {
        let object = format!("{{\"$serde_json::private::Number\":\"{digits}\"}}");
        assert_reads(shown_number(digits), &object);
    }
    let key = "$serde_json::private::Number";
    let two = Map(vec![(text(key), text("1.5")), (text("a"), Integer(1))]);
    assert_reads(two, "{\"$serde_json::private::Number\":\"1.5\",\"a\":1}");
    let raw = Map(vec![(text("$serde_json::private::RawValue"), text("1"))]);
    assert_reads(raw, "{\"$serde_json::private::RawValue\":\"1\"}");
}

#[test]
fn no_known_key_takes_such_a_map() {
    for key in ["status", "hash", "isEsign", "createdAt"] {
        for digits in ["1", "1.5", "0", "true"] {
            let body = testing::SUCCEEDED.replacen(&format!("\"{key}\""), "\"other\"", 1);
            let sample = said(serde_json::from_str(&body).unwrap());
            let Map(mut entries) = sample else {
                unreachable!("an object")
            };
            let (_, Map(data)) = entries
                .iter_mut()
                .find(|(k, _)| matches!(k, Text(k) if k == "data"))
                .unwrap()
            else {
                unreachable!("an object")
            };
            data.push((text(key), shown_number(digits)));
            let error = WebhookEvent::deserialize(Map(entries))
                .unwrap_err()
                .to_string();
            assert!(
                error.starts_with(&format!("/data/{key}: expected ")),
                "{error}"
            );
        }
    }
}
