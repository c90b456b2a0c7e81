//! A second reader of the wire, to compare the crate with: written from the
//! payload's table alone, over a tree of values, and deliberately naive.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "naive on purpose, and only tests run it"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use edexa_webhooks::WebhookEvent;
use edexa_webhooks::serde_json::{self, Map, Value};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Seconds since 1970, and nanoseconds: more than a second of them in a leap
/// second.
pub(crate) type Instant = (i64, u32);

pub(crate) struct Event {
    pub(crate) webhook_id: String,
    pub(crate) action_id: String,
    pub(crate) action: String,
    pub(crate) id: String,
    pub(crate) user_id: String,
    pub(crate) client_id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) blockchain_id: Option<String>,
    pub(crate) tx_id: Option<String>,
    pub(crate) hash: String,
    pub(crate) stamp_type: String,
    pub(crate) code: String,
    pub(crate) is_esign: Option<bool>,
    pub(crate) is_private_bc: bool,
    pub(crate) status: i64,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
    pub(crate) extra: BTreeMap<String, Value>,
    pub(crate) stamp_extra: BTreeMap<String, Value>,
}

/// The JSON of a body, if it is JSON that a receiver can hold.
pub(crate) fn json(body: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(body).ok()?;
    let value: Value = serde_json::from_str(text).ok()?;
    (depth(text) <= 64 && numbers_fit(&value)).then_some(value)
}

/// The event that a body is, if it is one.
pub(crate) fn read(body: &[u8]) -> Option<Event> {
    let Value::Object(mut outer) = json(body)? else {
        return None;
    };
    if has_duplicates(body) {
        return None;
    }
    let Value::Object(mut data) = outer.remove("data")? else {
        return None;
    };
    Some(Event {
        webhook_id: text(&mut outer, "webhookId")?,
        action_id: text(&mut outer, "actionId")?,
        action: text(&mut outer, "action")?,
        id: text(&mut data, "_id")?,
        user_id: text(&mut data, "userId")?,
        client_id: optional(&mut data, "clientId", text)?,
        name: optional(&mut data, "name", text)?,
        blockchain_id: optional(&mut data, "blockchainId", text)?,
        tx_id: optional(&mut data, "txId", text)?,
        hash: text(&mut data, "hash")?,
        stamp_type: text(&mut data, "type")?,
        code: text(&mut data, "code")?,
        is_esign: optional(&mut data, "isEsign", boolean)?,
        is_private_bc: boolean(&mut data, "isPrivateBc")?,
        status: integer(&mut data, "status")?,
        created_at: time(&text(&mut data, "createdAt")?)?,
        updated_at: time(&text(&mut data, "updatedAt")?)?,
        extra: outer.into_iter().collect(),
        stamp_extra: data.into_iter().collect(),
    })
}

fn text(object: &mut Map<String, Value>, key: &str) -> Option<String> {
    object.remove(key)?.as_str().map(str::to_owned)
}

fn boolean(object: &mut Map<String, Value>, key: &str) -> Option<bool> {
    object.remove(key)?.as_bool()
}

/// JSON's `-0` is no integer to serde_json, unless it keeps numbers as text.
pub(crate) fn is_minus_zero(value: &Value) -> bool {
    let spelling = value.to_string();
    spelling == "-0"
}

fn integer(object: &mut Map<String, Value>, key: &str) -> Option<i64> {
    let number = object.remove(key)?;
    number.as_i64().filter(|_| !is_minus_zero(&number))
}

/// `null` is the same as absence. The outer `None` refuses the body.
#[allow(clippy::option_option, reason = "refused, absent, there")]
fn optional<T>(
    object: &mut Map<String, Value>,
    key: &str,
    read: fn(&mut Map<String, Value>, &str) -> Option<T>,
) -> Option<Option<T>> {
    match object.get(key) {
        None => Some(None),
        Some(Value::Null) => {
            object.remove(key);
            Some(None)
        }
        Some(_) => read(object, key).map(Some),
    }
}

/// How deep a text of JSON nests, or any text opens brackets. A `Value` has lost
/// what a duplicate key hides.
pub(crate) fn depth(text: &str) -> i64 {
    let (mut depth, mut deepest) = (0, 0);
    let (mut in_string, mut is_escaped) = (false, false);
    for c in text.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => in_string = !in_string,
            '[' | '{' if !in_string => depth += 1,
            ']' | '}' if !in_string => depth -= 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Whether serde_json was built with its feature `arbitrary_precision`.
pub(crate) fn keeps_digits() -> bool {
    serde_json::from_str::<Value>("1e400").is_ok()
}

/// Whether a `Value` may have taken an object of a text for a number, as it does
/// where it keeps the digits of numbers.
pub(crate) fn may_show_objects_as_numbers(text: &str) -> bool {
    keeps_digits() && (text.contains("private::Number") || text.contains("\\u"))
}

fn numbers_fit(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_f64().is_some_and(f64::is_finite),
        Value::Array(items) => items.iter().all(numbers_fit),
        Value::Object(entries) => entries.values().all(numbers_fit),
        _ => true,
    }
}

/// RFC 3339: `YYYY-MM-DDTHH:MM:SS`, a fraction or none, `Z` or an offset.
pub(crate) fn time(text: &str) -> Option<Instant> {
    if !text.is_ascii() || text.len() < 20 {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to)?;
        let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
        is_number.then(|| digits.parse().ok())?
    };
    for (at, mark) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")] {
        if text.get(at..=at)? != mark {
            return None;
        }
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);

    let mut at = 19;
    let mut nanos = 0;
    if text.get(at..=at)? == "." {
        let digits: String = text[20..]
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        at = 20 + digits.len();
        let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
        nanos = if digits.is_empty() {
            None
        } else {
            nine.parse().ok()
        }?;
    }

    let offset = match text.get(at..=at)? {
        "Z" | "z" if text.len() == at + 1 => 0,
        sign @ ("+" | "-") if text.len() == at + 6 && text.get(at + 3..at + 4)? == ":" => {
            let (hours, minutes) = (number(at + 1, at + 3)?, number(at + 4, at + 6)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = (hours * 60 + minutes) * 60;
            if sign == "+" { seconds } else { -seconds }
        }
        _ => return None,
    };

    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut days = 0;
    for year in 1970..year {
        days += days_of(year);
    }
    for year in year..1970 {
        days -= days_of(year);
    }
    for month in 1..month {
        days += days_in(year, month);
    }
    days += day - 1;
    // A leap second counts as more of the second before it.
    let (second, nanos) = match second {
        60 => (59, nanos + 1_000_000_000),
        _ => (second, nanos),
    };
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - offset;
    let is_writable = (-62_167_219_200..=253_402_300_799).contains(&seconds);
    is_writable.then_some((seconds, nanos))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Whether a key stands twice in the body or in its `data`.
pub(crate) fn has_duplicates(body: &[u8]) -> bool {
    let outer = serde_json::from_slice::<Keys>(body).unwrap_or_default();
    outer.are_double || outer.are_double_in_data
}

/// What the keys of an object say.
#[derive(Default)]
struct Keys {
    are_double: bool,
    are_double_in_data: bool,
}

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(KeysVisitor)
    }
}

struct KeysVisitor;

impl<'de> Visitor<'de> for KeysVisitor {
    type Value = Keys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
        let (mut keys, mut seen) = (Keys::default(), BTreeSet::new());
        while let Some(key) = map.next_key::<String>()? {
            if key == "data" && !seen.contains("data") {
                keys.are_double_in_data = map.next_value::<Keys>()?.are_double;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
            keys.are_double |= !seen.insert(key);
        }
        Ok(keys)
    }

    // What is no object has no keys.

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Keys, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Keys::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Keys, E> {
        Ok(Keys::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Keys, E> {
        Ok(Keys::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Keys, E> {
        Ok(Keys::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Keys, E> {
        Ok(Keys::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Keys, E> {
        Ok(Keys::default())
    }

    fn visit_unit<E>(self) -> Result<Keys, E> {
        Ok(Keys::default())
    }
}

/// What an event says: values that are equal, but for doubles that are a few steps apart.
/// serde_json reads some one step off, unless its feature `float_roundtrip` is on.
#[derive(Debug)]
pub(crate) struct Meaning(Value);

impl PartialEq for Meaning {
    fn eq(&self, other: &Self) -> bool {
        is_near(&self.0, &other.0)
    }
}

fn is_near(a: &Value, b: &Value) -> bool {
    let is_integer = |value: &Value| value.is_i64() || value.is_u64();
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_near(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let is_same = |(key, a): (&String, _)| b.get(key).is_some_and(|b| is_near(a, b));
            a.len() == b.len() && a.iter().all(is_same)
        }
        (Value::Number(x), Value::Number(y)) if !is_integer(a) && !is_integer(b) => {
            let (x, y) = (x.as_f64().unwrap(), y.as_f64().unwrap());
            (x - y).abs() <= 4.0 * f64::EPSILON * x.abs()
        }
        _ => a == b,
    }
}

/// What an event says, as far as serde carries it.
pub(crate) fn meaning(event: &WebhookEvent) -> Meaning {
    folded(serde_json::to_value(event).unwrap())
}

/// What the body of an event says.
pub(crate) fn meaning_of(body: impl AsRef<[u8]>) -> Meaning {
    folded(serde_json::from_slice(body.as_ref()).unwrap())
}

/// With `arbitrary_precision`, serde_json makes `-0` the integer 0.
fn without_minus_zero(value: &mut Value) {
    match value {
        Value::Number(number) if number.as_f64() == Some(0.0) => *value = 0.into(),
        Value::Array(items) => items.iter_mut().for_each(without_minus_zero),
        Value::Object(entries) => entries.values_mut().for_each(without_minus_zero),
        _ => {}
    }
}

/// Drops optional keys that hold `null`, and writes times and zeros in one way.
pub(crate) fn folded(mut event: Value) -> Meaning {
    without_minus_zero(&mut event);
    let data = event["data"].as_object_mut().unwrap();
    for key in ["clientId", "name", "blockchainId", "txId", "isEsign"] {
        if data.get(key) == Some(&Value::Null) {
            data.remove(key);
        }
    }
    for key in ["createdAt", "updatedAt"] {
        let time = time(data[key].as_str().unwrap()).unwrap();
        data.insert(key.to_owned(), format!("{time:?}").into());
    }
    Meaning(event)
}
