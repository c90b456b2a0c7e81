//! What formats may say that neither JSON nor CBOR says.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use edexa_webhooks::{Action, Stamp, StampStatus, WebhookEvent, testing};
use serde::de::value::{self, MapDeserializer, StrDeserializer};
use serde::de::{self, Deserialize, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Value};

use crate::support::{PRIVATE_KEY, has_arbitrary_precision};

/// A value as a format says it to a visitor. The errors are serde_json's, so that it
/// is asked for text as serde_json is.
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

/// A value in a format that knows types by their names, as RON does.
#[derive(Clone)]
struct Named(Said);

impl<'de> Deserializer<'de> for Named {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Text(text) => visitor.visit_string(text),
            Bool(value) => visitor.visit_bool(value),
            Integer(value) => visitor.visit_i64(value),
            Map(entries) => {
                let named = entries
                    .into_iter()
                    .map(|(key, value)| (Named(key), Named(value)));
                visitor.visit_map(MapDeserializer::new(named))
            }
            _ => unreachable!("not in the sample"),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: V,
    ) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom(format_args!("no `{name}` is here")))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes
        byte_buf option unit unit_struct seq tuple tuple_struct map struct enum
        identifier ignored_any
    }
}

impl IntoDeserializer<'_, value::Error> for Named {
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
fn integers_of_128_bits_are_read_as_their_digits() {
    assert_reads(Signed128(-5), "-5");
    assert_reads(Signed128(i128::MIN), &i128::MIN.to_string());
    assert_reads(Unsigned128(u128::MAX), &u128::MAX.to_string());
}

#[test]
fn wrappers_are_what_they_hold() {
    assert_reads(Said::Some(Box::new(Integer(7))), "7");
    assert_reads(Newtype(Box::new(Said::Some(Box::new(text("a"))))), "\"a\"");
    let status = Newtype(Box::new(Said::Some(Box::new(Integer(7)))));
    assert_eq!(StampStatus::deserialize(status).unwrap(), 7.into());
}

#[test]
fn variants_are_no_values() {
    #[track_caller]
    fn assert_expects<'de, T: Deserialize<'de> + std::fmt::Debug>(expected: &str) {
        let error = T::deserialize(Variant("Succeed")).unwrap_err();
        let message = format!("invalid type: enum, expected {expected}");
        assert_eq!(error.to_string(), message);
    }
    assert_expects::<Action>("a string");
    assert_expects::<StampStatus>("an integer from -2^63 to 2^63 - 1");
    assert_expects::<Stamp>("an object");
    assert_expects::<WebhookEvent>("an object");
    assert_refuses(
        text("later"),
        Variant("Succeed"),
        "invalid type: enum, expected a value that JSON can write",
    );
}

#[test]
fn keys_are_strings() {
    let message = "invalid type: integer `1`, expected a key that is a string";
    assert_refuses(Integer(1), Integer(2), message);
    let inner = Map(vec![(Integer(1), Integer(2))]);
    assert_refuses(text("later"), inner, message);
}

#[test]
fn no_format_but_json_is_asked_for_text() {
    let Map(mut entries) = said(serde_json::from_str(testing::SUCCEEDED).unwrap()) else {
        unreachable!("an object")
    };
    entries.push((text("later"), Map(vec![(text("a"), Integer(1))])));
    let event = WebhookEvent::deserialize(Named(Map(entries))).unwrap();
    assert_eq!(event.extra.get("later"), Some(r#"{"a":1}"#));
}

#[test]
fn what_serde_json_marks_as_text_is_a_string() {
    let forged = Map(vec![(text("$serde_json::private::RawValue"), Integer(1))]);
    let message = "invalid type: integer `1`, expected a string";
    assert_refuses(text("later"), forged, message);
}

#[test]
fn what_serde_json_marks_stands_alone() {
    let forged = Map(vec![
        (text("$serde_json::private::RawValue"), text("1")),
        (text("injected"), Integer(5)),
    ]);
    let message = "expected a value that JSON can write, found an object";
    assert_refuses(text("later"), forged, message);
}

/// Only its feature `arbitrary_precision` makes a number of such a map.
#[test]
fn what_serde_json_marks_as_a_number_fits_a_double() {
    let number = |digits| Map(vec![(text("$serde_json::private::Number"), text(digits))]);
    if has_arbitrary_precision() {
        assert_reads(number("1.50"), "1.50");
        let message = "expected a number within the range of a double, found a larger one";
        assert_refuses(text("later"), number("1e400"), message);
        let message = "expected a value that JSON can write, found an object";
        assert_refuses(text("later"), number("1x"), message);
    } else {
        assert_refuses(text("later"), number("1.50"), PRIVATE_KEY);
    }
}

/// Nor is an event a number for having the key, whatever the feature.
#[test]
fn what_serde_json_marks_as_a_number_is_no_key_of_an_event() {
    assert_refuses(text("$serde_json::private::Number"), text("1"), PRIVATE_KEY);
}
