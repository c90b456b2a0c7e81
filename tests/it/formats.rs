//! Events inside types of a user's, in other formats than JSON text, and under
//! the features of serde_json that change what its numbers and maps are.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on ends by panicking"
)]

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use ciborium::Value as Cbor;
use edexa_webhooks::testing::{self, EventBuilder};
use edexa_webhooks::{Rejection, Stamp, StampId, WebhookEvent};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::reference::{meaning, meaning_of};
use crate::support::has_arbitrary_precision;

mod unusual;

/// JSON of every kind, in the spelling that serde_json writes.
const UNKNOWN: &str = r#"{"array":[],"false":false,"float":1.5,"i64":-9223372036854775808,"list":[1,[2,[3]],{"a":[null]}],"negative":-1,"null":null,"object":{},"one":1,"point":1.0,"text":"é \"\\ \n 日😀","true":true,"u64":18446744073709551615}"#;

/// A documented body that holds every kind of unknown value at both levels.
fn body() -> String {
    let entries = UNKNOWN.trim_start_matches('{');
    let entries = entries.strip_suffix('}').unwrap();
    testing::SUCCEEDED
        .replacen('{', &format!("{{{entries},"), 1)
        .replacen("\"_id\"", &format!("{entries},\"_id\""), 1)
}

#[track_caller]
fn event() -> WebhookEvent {
    let event: WebhookEvent = body().parse().unwrap();
    assert_eq!((event.extra.len(), event.data.extra.len()), (13, 13));
    event
}

fn to_cbor(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

#[track_caller]
fn has_no_private_marker(bytes: &[u8]) {
    let marker = b"$serde_json::private::";
    assert!(
        !bytes.windows(marker.len()).any(|window| window == marker),
        "{}",
        String::from_utf8_lossy(bytes)
    );
}

/// Writes a value in every format, reads it back, and compares.
#[track_caller]
fn survives<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    // Under `arbitrary_precision`, serde_json takes its private map for the
    // number in it, so that only the text tells whether one was left there.
    let same = |read: T| {
        assert_eq!(read, *value);
        has_no_private_marker(serde_json::to_string(&read).unwrap().as_bytes());
    };

    let text = serde_json::to_string(value).unwrap();
    has_no_private_marker(text.as_bytes());
    same(serde_json::from_str(&text).unwrap());
    same(serde_json::from_slice(text.as_bytes()).unwrap());
    same(serde_json::from_reader(text.as_bytes()).unwrap());
    same(serde_json::from_str(&serde_json::to_string_pretty(value).unwrap()).unwrap());

    let tree = serde_json::to_value(value).unwrap();
    assert_eq!(tree, text.parse::<Value>().unwrap());
    same(serde_json::from_value(tree).unwrap());

    let bytes = to_cbor(value);
    has_no_private_marker(&bytes);
    same(ciborium::from_reader(&bytes[..]).unwrap());

    let tree = Cbor::serialized(value).unwrap();
    has_no_private_marker(format!("{tree:?}").as_bytes());
    assert_eq!(ciborium::from_reader::<Cbor, _>(&bytes[..]).unwrap(), tree);
    same(tree.deserialized().unwrap());
}

#[allow(
    clippy::large_enum_variant,
    reason = "users write such types, and a box would change nothing that is tested"
)]
mod inside_other_types {
    use super::*;

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    #[serde(untagged)]
    enum Untagged {
        Number(i64),
        Event(WebhookEvent),
        Other(Value),
    }

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Flattened {
        received_from: String,
        #[serde(flatten)]
        event: WebhookEvent,
        attempt: u64,
    }

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    #[serde(tag = "kind")]
    enum Internal {
        Hook(WebhookEvent),
        Ping { at: u64 },
    }

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    #[serde(tag = "kind", content = "content")]
    enum Adjacent {
        Hook(WebhookEvent),
        Pair(WebhookEvent, Option<WebhookEvent>),
        Named { event: WebhookEvent },
    }

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    enum External {
        Hook(WebhookEvent),
        Named { event: WebhookEvent },
    }

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    #[serde(tag = "outer")]
    enum Nested {
        Inner(External),
        Adjacent(Adjacent),
        Flat(Flattened),
    }

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Newtype(WebhookEvent);

    fn flattened() -> Flattened {
        Flattened {
            received_from: "203.0.113.7".to_owned(),
            event: event(),
            attempt: u64::MAX,
        }
    }

    #[test]
    fn alone() {
        survives(&event());
        survives(&Newtype(event()));
        survives(&EventBuilder::failed().build());
    }

    #[test]
    fn untagged() {
        survives(&Untagged::Event(event()));
        survives(&Untagged::Number(-1));
        let other: Untagged = serde_json::from_str(r#"{"action":"succeed"}"#).unwrap();
        assert_eq!(other, Untagged::Other(json!({"action": "succeed"})));
    }

    /// A flattened event cannot tell its unknown keys from its neighbours, so
    /// it holds these too if they were not taken first.
    #[test]
    fn flattened_among_other_keys() {
        survives(&flattened());
        let text = serde_json::to_string(&flattened()).unwrap();
        let read: Flattened = serde_json::from_str(&text).unwrap();
        assert_eq!(read.event.extra.get("attempt"), None);
        assert_eq!(read.event.extra.len(), 13);
    }

    #[test]
    fn tagged_in_each_way() {
        survives(&Internal::Hook(event()));
        survives(&Internal::Ping { at: 1 });
        survives(&External::Hook(event()));
        survives(&External::Named { event: event() });
        survives(&Adjacent::Hook(event()));
        survives(&Adjacent::Pair(event(), None));
        survives(&Adjacent::Named { event: event() });
        survives(&Nested::Inner(External::Hook(event())));
        survives(&Nested::Inner(External::Named { event: event() }));
        survives(&Nested::Adjacent(Adjacent::Pair(event(), Some(event()))));
        survives(&Nested::Flat(flattened()));
    }

    #[test]
    fn a_tag_is_not_an_unknown_key() {
        let text = body().replacen('{', r#"{"kind":"Hook","#, 1);
        let read: Internal = serde_json::from_str(&text).unwrap();
        assert_eq!(read, Internal::Hook(event()));
        let plain: WebhookEvent = text.parse().unwrap();
        assert_eq!(plain.extra.get("kind"), Some("\"Hook\""));
    }

    #[test]
    fn content_that_stands_before_its_tag() {
        let text = format!(r#"{{"content":{},"kind":"Hook"}}"#, body());
        let read: Adjacent = serde_json::from_str(&text).unwrap();
        assert_eq!(read, Adjacent::Hook(event()));
    }

    #[test]
    fn in_collections() {
        survives(&Some(event()));
        survives(&None::<WebhookEvent>);
        survives(&vec![event(), EventBuilder::failed().build(), event()]);
        survives(&(1_u8, event(), "x".to_owned()));
        survives(&Box::new(event()));
        survives(&HashMap::from([("a".to_owned(), event())]));
        survives(&BTreeMap::from([(event().data.id, event())]));
        survives(&BTreeMap::from([(1_i64, Some(vec![event()]))]));
        survives(&Ok::<_, String>(event()) as &Result<WebhookEvent, String>);
    }

    #[test]
    fn by_reference() {
        #[derive(Serialize, Deserialize)]
        struct Noted<'a, T> {
            note: &'a str,
            event: T,
        }
        let event = event();
        let text = serde_json::to_string(&Noted {
            note: "n",
            event: &event,
        })
        .unwrap();
        let read: Noted<'_, WebhookEvent> = serde_json::from_str(&text).unwrap();
        assert_eq!((read.note, read.event), ("n", event));
    }

    /// serde has no way to carry text, so that what comes through it is what a value
    /// means.
    #[test]
    fn keep_the_meaning_of_unknown_values() {
        let spelled = r#"[ 1.50, 1e5, -0, "\u0041", 18446744073709551616 ]"#;
        let meant = r#"[1.5,1e5,-0,"A",18446744073709552e3]"#;
        let mut event = EventBuilder::succeeded().build();
        event.extra.insert("k", spelled).unwrap();
        event.data.extra.insert("k", spelled).unwrap();
        let text = event.to_json().unwrap();
        assert_eq!(text.matches(spelled).count(), 2);
        let assert_meant = |event: &WebhookEvent| {
            assert_eq!(event.extra.get("k"), Some(meant));
            assert_eq!(event.data.extra.get("k"), Some(meant));
        };

        assert_meant(&serde_json::from_str(&text).unwrap());
        assert_meant(&serde_json::from_reader(text.as_bytes()).unwrap());
        assert_meant(&serde_json::from_str::<Vec<_>>(&format!("[{text}]")).unwrap()[0]);
        let tagged = format!(r#"{{"kind":"Hook","content":{text}}}"#);
        match serde_json::from_str(&tagged).unwrap() {
            Adjacent::Hook(event) => assert_meant(&event),
            other => panic!("{other:?}"),
        }

        // serde_json spells doubles in its own way.
        let written = ["e19", "e+19"]
            .map(|exponent| format!(r#"[1.5,100000.0,-0.0,"A",1.8446744073709552{exponent}]"#));
        for text in [
            serde_json::to_string(&event),
            serde_json::to_string(&Untagged::Event(event.clone())),
            serde_json::to_string(&Internal::Hook(event.clone())),
            serde_json::to_string(&Adjacent::Hook(event.clone())),
            serde_json::to_string(&Nested::Inner(External::Named {
                event: event.clone(),
            })),
            serde_json::to_string(&Flattened {
                event,
                ..flattened()
            }),
        ] {
            let text = text.unwrap();
            let found = written
                .each_ref()
                .map(|written| text.matches(written).count());
            assert_eq!(found.iter().sum::<usize>(), 2, "{text}");
        }
    }

    /// What is read alone can stand in an event.
    #[test]
    fn a_stamp_nests_as_deep_as_in_an_event() {
        let read = |levels: usize| {
            let nested = (0..levels).fold(json!(1), |inner, _| json!([inner]));
            let mut stamp = serde_json::to_value(&event().data).unwrap();
            stamp["deep"] = nested;
            serde_json::from_value::<Stamp>(stamp).map_err(|error| error.to_string())
        };
        assert!(read(62).is_ok());
        let message = "/data: expected at most 64 levels of nesting, found more";
        assert_eq!(read(63).unwrap_err(), message);
    }

    #[test]
    fn a_stamp_is_written_wherever_it_stands() {
        #[derive(Serialize)]
        struct Row<'a> {
            seen: u8,
            #[serde(flatten)]
            stamp: &'a Stamp,
        }
        let event = event();
        let row = Row {
            seen: 1,
            stamp: &event.data,
        };
        let mut expected = serde_json::to_value(&event).unwrap()["data"].clone();
        expected["seen"] = 1.into();
        assert_eq!(serde_json::to_value(&row).unwrap(), expected);
        let text = serde_json::to_string(&row).unwrap();
        assert_eq!(text.parse::<Value>().unwrap(), expected);
        has_no_private_marker(&to_cbor(&row));
        let read: Value = ciborium::from_reader(&to_cbor(&row)[..]).unwrap();
        assert_eq!(read["_id"], expected["_id"]);
    }

    #[test]
    fn are_refused_as_they_are_alone() {
        let missing = body().replace("\"code\": \"bd5c9e\",", "");
        let twice = body().replacen('{', r#"{"one":2,"#, 1);
        let deep = body().replacen(
            '{',
            &format!("{{\"deep\":{}0{},", "[".repeat(64), "]".repeat(64)),
            1,
        );
        for (body, message) in [
            (missing, "/data/code: expected a string, found no such key"),
            (twice, "duplicate key \"one\""),
            (deep, "expected at most 64 levels of nesting, found more"),
        ] {
            let tagged = body.replacen('{', r#"{"kind":"Hook","#, 1);
            let flat = body.replacen('{', r#"{"received_from":"","attempt":1,"#, 1);
            let listed = format!("[{body}]");
            for error in [
                serde_json::from_str::<Internal>(&tagged).unwrap_err(),
                serde_json::from_str::<Flattened>(&flat).unwrap_err(),
                serde_json::from_str::<Vec<WebhookEvent>>(&listed).unwrap_err(),
                serde_json::from_str::<WebhookEvent>(&body).unwrap_err(),
                serde_json::from_reader::<_, WebhookEvent>(body.as_bytes()).unwrap_err(),
            ] {
                let error = error.to_string();
                assert_eq!(error.split(" at line ").next().unwrap(), message);
            }
        }
    }
}

mod as_cbor {
    use super::*;

    fn entry(key: &str, value: impl Into<Cbor>) -> (Cbor, Cbor) {
        (key.into(), value.into())
    }

    /// The documented body in CBOR, and the list of its outer entries.
    fn outer() -> Vec<(Cbor, Cbor)> {
        let event: WebhookEvent = testing::SUCCEEDED.parse().unwrap();
        Cbor::serialized(&event).unwrap().into_map().unwrap()
    }

    /// The event that is read once this entry is put at each level.
    fn read_with(entry: &(Cbor, Cbor)) -> [Result<WebhookEvent, String>; 4] {
        let mut at_top = outer();
        at_top.push(entry.clone());
        let mut below = outer();
        for (key, value) in &mut below {
            if key.as_text() == Some("data") {
                value.as_map_mut().unwrap().push(entry.clone());
            }
        }
        let bytes = |map: &[(Cbor, Cbor)]| {
            ciborium::from_reader(&to_cbor(&Cbor::Map(map.to_vec()))[..]).map_err(
                |error: ciborium::de::Error<_>| match error {
                    ciborium::de::Error::Semantic(_, message) => message,
                    other => other.to_string(),
                },
            )
        };
        let tree = |map: &[(Cbor, Cbor)]| {
            Cbor::Map(map.to_vec())
                .deserialized()
                .map_err(|error| match error {
                    ciborium::value::Error::Custom(message) => message,
                })
        };
        [bytes(&at_top), tree(&at_top), bytes(&below), tree(&below)]
    }

    #[track_caller]
    fn reads(value: impl Into<Cbor>, text: &str) {
        let value = value.into();
        let [a, b, c, d] = read_with(&entry("k", value));
        assert_eq!(a.unwrap().extra.get("k"), Some(text));
        assert_eq!(b.unwrap().extra.get("k"), Some(text));
        assert_eq!(c.unwrap().data.extra.get("k"), Some(text));
        assert_eq!(d.unwrap().data.extra.get("k"), Some(text));
    }

    #[test]
    fn unknown_values_are_read_as_the_json_that_means_them() {
        reads(Cbor::Null, "null");
        reads(true, "true");
        reads(0, "0");
        reads(-1, "-1");
        reads(u64::MAX, "18446744073709551615");
        reads(i64::MIN, "-9223372036854775808");
        reads(1.0, "1.0");
        reads(0.0, "0.0");
        reads(-0.0, "-0");
        reads(100.0, "1e2");
        reads(1234.5, "1234.5");
        reads(0.000_125, "125e-6");
        reads(-1.5e300, "-15e299");
        reads(0.1, "0.1");
        reads("", r#""""#);
        reads("\"\n\u{1}é", r#""\"\n\u0001é""#);
        reads("x".repeat(10_000), &format!("\"{}\"", "x".repeat(10_000)));
        reads(Vec::<Cbor>::new(), "[]");
        reads(Vec::<(Cbor, Cbor)>::new(), "{}");
        reads(
            vec![Cbor::from(1), Cbor::Null, Cbor::Array(vec![])],
            "[1,null,[]]",
        );
        let map: Cbor = vec![entry("b", 1), entry("a", vec![entry("\"", 2.5)])].into();
        reads(map, r#"{"b":1,"a":{"\"":2.5}}"#);
    }

    /// Not as the private map that `arbitrary_precision` makes of them.
    #[test]
    fn numbers_are_written_as_numbers() {
        let mut event = EventBuilder::succeeded().build();
        let numbers = "[0,-1,1.5,18446744073709551615,-9223372036854775808,1e300]";
        event.extra.insert("k", numbers).unwrap();
        let tree = Cbor::serialized(&event).unwrap();
        let (_, written) = tree
            .as_map()
            .unwrap()
            .iter()
            .find(|(key, _)| key.as_text() == Some("k"))
            .unwrap();
        let expected: Vec<Cbor> = vec![
            0.into(),
            (-1).into(),
            1.5.into(),
            u64::MAX.into(),
            i64::MIN.into(),
            1e300.into(),
        ];
        assert_eq!(*written, Cbor::Array(expected));
    }

    /// CBOR's own integers end where JSON's go on, so these become doubles, with
    /// or without `arbitrary_precision`.
    #[test]
    fn integers_past_64_bits_are_written_as_doubles() {
        let mut event = EventBuilder::succeeded().build();
        for (key, number) in [
            ("a", "18446744073709551616"),
            ("b", "-9223372036854775809"),
            ("c", "100000000000000000000000000000000000000000"),
        ] {
            event.extra.insert(key, number).unwrap();
        }
        let bytes = to_cbor(&event);
        has_no_private_marker(&bytes);
        let read: WebhookEvent = ciborium::from_reader(&bytes[..]).unwrap();
        let double = |key| read.extra.parse::<f64>(key).unwrap();
        assert_eq!(double("a"), Some(18_446_744_073_709_551_616.0));
        assert_eq!(double("b"), Some(-9_223_372_036_854_775_808.0));
        assert_eq!(double("c"), Some(1e41));
    }

    #[track_caller]
    fn refuses(entry: &(Cbor, Cbor), message: &str) {
        let [top, top_tree, below, below_tree] = read_with(entry);
        for result in [top, top_tree] {
            assert_eq!(result.unwrap_err(), message);
        }
        for result in [below, below_tree] {
            assert_eq!(result.unwrap_err(), format!("/data: {message}"));
        }
    }

    #[test]
    fn what_json_cannot_write_is_refused() {
        for (value, found) in [
            (Cbor::Bytes(vec![1, 2]), "bytes"),
            (f64::NAN.into(), "the number NaN"),
            (f64::INFINITY.into(), "the number inf"),
            (f64::NEG_INFINITY.into(), "the number -inf"),
        ] {
            let message = format!("expected a value that JSON can write, found {found}");
            refuses(&entry("k", value.clone()), &message);
            refuses(&entry("k", vec![Cbor::Null, value.clone()]), &message);
            refuses(&entry("k", vec![entry("a", value)]), &message);
        }
    }

    #[test]
    fn a_key_that_is_no_string_is_refused() {
        for key in [
            Cbor::from(1),
            Cbor::Null,
            true.into(),
            1.5.into(),
            Cbor::Array(vec![]),
        ] {
            let inner = entry("k", vec![(key.clone(), Cbor::Null)]);
            for result in read_with(&(key, Cbor::Null))
                .into_iter()
                .chain(read_with(&inner))
            {
                let message = result.unwrap_err();
                assert!(
                    message.contains("expected a key in double quotes, found `"),
                    "{message}"
                );
            }
        }
    }

    #[test]
    fn a_known_key_of_another_type_is_refused_with_its_pointer() {
        for (key, value, message) in [
            (
                "action",
                Cbor::Bytes(vec![1]),
                "/action: expected a value that JSON can write, found bytes",
            ),
            (
                "action",
                Cbor::from(1),
                "/action: expected a string, found the number 1",
            ),
            (
                "action",
                f64::NAN.into(),
                "/action: expected a value that JSON can write, found the number NaN",
            ),
            (
                "action",
                Cbor::Null,
                "/action: expected a string, found null",
            ),
            (
                "data",
                Cbor::Array(vec![]),
                "/data: expected an object, found an array",
            ),
            (
                "data",
                "x".into(),
                "/data: expected an object, found the string \"x\"",
            ),
            ("data", Cbor::Null, "/data: expected an object, found null"),
        ] {
            let mut map = outer();
            map.retain(|(other, _)| other.as_text() != Some(key));
            map.push((key.into(), value));
            let bytes = to_cbor(&Cbor::Map(map));
            match ciborium::from_reader::<WebhookEvent, _>(&bytes[..]) {
                Err(ciborium::de::Error::Semantic(_, found)) => assert_eq!(found, message),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_key_that_stands_twice_is_refused() {
        let [a, b, c, d] = read_with(&entry("action", "failed"));
        for result in [a, b] {
            assert_eq!(result.unwrap_err(), "/action: duplicate key \"action\"");
        }
        // In `data` it is unknown, and stands there once.
        assert!(c.is_ok() && d.is_ok());
        let mut map = outer();
        map.extend([entry("k", 1), entry("k", 2)]);
        let error = Cbor::Map(map).deserialized::<WebhookEvent>().unwrap_err();
        // ciborium shows messages as they are debugged.
        let message = r#"duplicate key \"k\""#;
        assert!(error.to_string().contains(message), "{error}");
    }

    #[test]
    fn more_than_64_levels_are_refused() {
        let nested =
            |levels: usize| (1..levels).fold(Cbor::Array(vec![]), |inner, _| vec![inner].into());
        let message = "expected at most 64 levels of nesting, found more";
        let [a, b, c, d] = read_with(&entry("k", nested(63)));
        assert!(a.is_ok() && b.is_ok());
        assert_eq!(c.unwrap_err(), format!("/data: {message}"));
        assert_eq!(d.unwrap_err(), format!("/data: {message}"));
        let [_, _, c, d] = read_with(&entry("k", nested(62)));
        assert!(c.is_ok() && d.is_ok());
        refuses(&entry("k", nested(64)), message);
    }

    /// What follows a private key in a map must not pass for an entry of the map
    /// around it.
    #[test]
    fn entries_do_not_spill_out_of_a_map() {
        for token in ["RawValue", "Number"] {
            let map = vec![
                entry(&format!("$serde_json::private::{token}"), "1"),
                entry("injected", 5),
            ];
            for read in read_with(&entry("k", Cbor::Map(map))) {
                match read {
                    Ok(event) => assert_eq!(event.extra.get("injected"), None, "{token}"),
                    Err(message) => assert!(
                        message.ends_with("found an object")
                            || message
                                .ends_with("found one that starts with `$serde_json::private::`"),
                        "{message}"
                    ),
                }
            }
        }
    }

    #[test]
    fn an_optional_key_may_be_null() {
        let mut map = outer();
        for (key, value) in &mut map {
            if key.as_text() == Some("data") {
                let data = value.as_map_mut().unwrap();
                data.retain(|(key, _)| key.as_text() != Some("blockchainId"));
                data.extend([entry("blockchainId", Cbor::Null), entry("name", Cbor::Null)]);
            }
        }
        let event: WebhookEvent = ciborium::from_reader(&to_cbor(&Cbor::Map(map))[..]).unwrap();
        assert_eq!((event.data.blockchain_id, event.data.name), (None, None));
    }

    #[test]
    fn keys_keep_their_order() {
        let mut map = outer();
        map.extend([
            entry("z", 1),
            entry("a", vec![entry("y", 2), entry("b", 3)]),
        ]);
        let event: WebhookEvent = Cbor::Map(map).deserialized().unwrap();
        let entries: Vec<_> = event.extra.iter().collect();
        assert_eq!(entries, [("z", "1"), ("a", r#"{"y":2,"b":3}"#)]);
    }

    #[test]
    fn scalars_stand_alone() {
        let id = StampId::from("6475c02029b5bab6d2f2c6dc");
        survives(&id);
        survives(&edexa_webhooks::Action::from("revoked"));
        survives(&edexa_webhooks::StampType::Web);
        survives(&edexa_webhooks::StampStatus::from(-7));
        survives(&Some(edexa_webhooks::StampStatus::from(i64::MIN)));
    }
}

/// The answers that hang on serde_json's features where it shows a number, or
/// a map, to a visitor. They are the same with each.
mod under_every_feature_of_serde_json {
    use super::*;

    #[derive(Deserialize, Debug)]
    #[serde(untagged)]
    enum Buffered {
        #[expect(dead_code, reason = "never built: the body is refused")]
        Event(WebhookEvent),
    }

    /// Every way to read this text refuses it, and says so.
    #[track_caller]
    fn refuses_text(body: &str, message: &str) {
        let messages = [
            body.parse::<WebhookEvent>().unwrap_err().to_string(),
            serde_json::from_str::<WebhookEvent>(body)
                .unwrap_err()
                .to_string(),
            serde_json::from_reader::<_, WebhookEvent>(body.as_bytes())
                .unwrap_err()
                .to_string(),
        ];
        for found in messages {
            assert_eq!(found.split(" at line ").next().unwrap(), message);
        }
        // Where numbers keep their digits, what serde has buffered shows them so.
        if !(has_arbitrary_precision() && body.contains("private::Number")) {
            serde_json::from_str::<Buffered>(body).unwrap_err();
        }
    }

    /// And so does every way to read the value that it makes.
    #[track_caller]
    fn refuses_value(body: &str, message: &str) {
        let value: Value = body.parse().unwrap();
        let messages = [
            WebhookEvent::try_from(value.clone())
                .unwrap_err()
                .to_string(),
            serde_json::from_value::<WebhookEvent>(value)
                .unwrap_err()
                .to_string(),
        ];
        assert_eq!(messages, [message, message]);
    }

    fn with_status(status: &str) -> String {
        testing::SUCCEEDED.replace("\"status\": 1", &format!("\"status\": {status}"))
    }

    fn no_status(found: &str) -> String {
        format!("/data/status: expected an integer from -2^63 to 2^63 - 1, found {found}")
    }

    #[test]
    fn a_status_is_an_integer_of_64_bits() {
        for (status, found) in [
            ("1.0", "the number 1.0"),
            ("1e0", "the number 1.0"),
            ("0.0", "the number 0.0"),
            ("1.5", "the number 1.5"),
            ("9223372036854775808", "the number 9223372036854775808"),
            ("18446744073709551615", "the number 18446744073709551615"),
            ("\"1\"", "the string \"1\""),
            ("{}", "an object"),
            ("{\"a\":1}", "an object"),
        ] {
            refuses_text(&with_status(status), &no_status(found));
            refuses_value(&with_status(status), &no_status(found));
        }
        for status in [
            "0",
            "2",
            "-1",
            "9223372036854775807",
            "-9223372036854775808",
        ] {
            let event: WebhookEvent = with_status(status).parse().unwrap();
            assert_eq!(event.data.status.code().to_string(), status);
        }
    }

    /// Of a value only the text is asked: one made with `arbitrary_precision`
    /// passes for the integer 0, one without for a double.
    #[test]
    fn a_status_of_minus_zero_is_no_integer() {
        refuses_text(&with_status("-0"), &no_status("the number -0.0"));
    }

    #[test]
    fn a_status_past_64_bits_is_refused() {
        for (status, found) in [
            ("18446744073709551616", "the number 1.8446744073709552e19"),
            ("-9223372036854775809", "the number -9.223372036854776e18"),
        ] {
            refuses_text(&with_status(status), &no_status(found));
            refuses_value(&with_status(status), &no_status(found));
        }
    }

    #[test]
    fn a_number_is_no_text() {
        for (number, found) in [
            ("0", "0"),
            ("-1", "-1"),
            ("0.5", "0.5"),
            ("1e5", "100000.0"),
        ] {
            let body =
                testing::SUCCEEDED.replace("\"type\": \"0\"", &format!("\"type\": {number}"));
            let message = format!("/data/type: expected a string, found the number {found}");
            refuses_text(&body, &message);
            refuses_value(&body, &message);
        }
    }

    #[test]
    fn a_number_is_no_object() {
        for (number, found) in [
            ("1", "1"),
            ("-1", "-1"),
            ("1.5", "1.5"),
            ("1e5", "100000.0"),
        ] {
            let message = format!("expected an object, found the number {found}");
            refuses_text(number, &message);
            refuses_value(number, &message);
            let body = format!("{{\"data\":{number}}}");
            refuses_text(&body, &format!("/data: {message}"));
            refuses_value(&body, &format!("/data: {message}"));
        }
    }

    #[test]
    fn a_number_beyond_a_double_is_refused() {
        let message = "expected a number within the range of a double, found a larger one";
        for body in [
            with_status("1e400"),
            with_status("1, \"k\": 1e400"),
            with_status("1, \"k\": [{\"a\": -1e400}]"),
        ] {
            let error = body.parse::<WebhookEvent>().unwrap_err();
            assert_eq!(error.message(), message);
            // Only `arbitrary_precision` can hold such a number in a value.
            if let Ok(value) = body.parse::<Value>() {
                let error = WebhookEvent::try_from(value).unwrap_err();
                assert_eq!(error.message(), message);
            }
        }
    }

    /// Through a value, an integer of 64 bits stays one, and every other number is the
    /// nearest double.
    #[test]
    fn numbers_pass_through_a_value() {
        for number in [
            "0",
            "-1",
            "1.0",
            "1.5",
            "1e5",
            "1E-7",
            "1e300",
            "-0",
            "-0.0",
            "18446744073709551615",
            "18446744073709551616",
            "-9223372036854775809",
            "123456789012345678901234567890",
            "0.1000000000000000055511151231257827",
        ] {
            let body = with_status(&format!("1, \"k\": [{number}, {{\"a\": {number}}}]"));
            let value: Value = body.parse().unwrap();
            let event = WebhookEvent::try_from(value.clone()).unwrap();
            let again = serde_json::to_value(&event).unwrap();
            assert_eq!(meaning(&event), meaning_of(&body), "{number}");
            assert_eq!(WebhookEvent::try_from(again), Ok(event.clone()), "{number}");
            let read: Vec<Value> = event.data.extra.parse("k").unwrap().unwrap();
            assert_eq!(read[0].as_f64(), number.parse().ok(), "{number}");
        }
    }

    /// Where `arbitrary_precision` shows it as a map, that is no level.
    #[test]
    fn a_number_stands_in_the_innermost_level() {
        let deepest = format!("{}1.5{}", "[".repeat(62), "]".repeat(62));
        let body = with_status(&format!("1, \"k\": {deepest}"));
        let event: WebhookEvent = serde_json::from_str(&body).unwrap();
        assert_eq!(event.data.extra.get("k"), Some(deepest.as_str()));
    }

    #[test]
    fn keys_that_stand_in_any_order_give_the_same_event() {
        let event = event();
        let reversed = |value: &Value| -> Value {
            let entries = value.as_object().unwrap().clone();
            entries.into_iter().rev().collect()
        };
        let mut value = serde_json::to_value(&event).unwrap();
        value["data"] = reversed(&value["data"]);
        let value = reversed(&value);
        assert_eq!(WebhookEvent::try_from(value.clone()).unwrap(), event);
        assert_eq!(
            serde_json::from_value::<WebhookEvent>(value).unwrap(),
            event
        );
    }

    #[test]
    fn a_key_that_serde_json_keeps_for_itself_is_one_like_any_other() {
        for token in ["Number", "RawValue", "Later"] {
            let key = format!("$serde_json::private::{token}");
            for value in ["\"1\"".to_owned(), format!("[{{\"{key}\": \"1\"}}]")] {
                let body = with_status(&format!("1, \"{key}\": {value}"));
                let event: WebhookEvent = body.parse().unwrap();
                assert_eq!(event.data.extra.get(&key), Some(value.as_str()));
                assert_eq!(event.to_json().unwrap().parse(), Ok(event.clone()));
                let read: WebhookEvent = serde_json::from_str(&body).unwrap();
                assert_eq!(read, event);
                let mut extra = event.extra;
                extra.insert(&key, &value).unwrap();
                assert_eq!(extra.get(&key), Some(value.as_str()));
            }
        }
    }

    #[test]
    fn an_object_with_the_private_key_of_numbers_is_no_status() {
        for digits in [
            "\"1\"",
            "\" 1\"",
            "\"1e400\"",
            "1",
            "{\"$serde_json::private::Number\": \"1\"}",
        ] {
            if has_arbitrary_precision() && digits == "\"1e400\"" {
                // Where serde is in between, this is how such a number is shown.
                continue;
            }
            let body = with_status(&format!("{{\"$serde_json::private::Number\": {digits}}}"));
            let message = no_status("an object");
            refuses_text(&body, &message);
            let error = body.parse::<WebhookEvent>().unwrap_err();
            assert_eq!((error.line(), error.column()), (14, 15), "{body}");
            // What a `Value` makes of the key differs by feature.
            if !has_arbitrary_precision() {
                refuses_value(&body, &message);
            }
        }
    }
}

/// A format that writes lengths before what they count tells a wrong one.
#[test]
fn reports_say_how_many_fields_they_have() {
    let event = EventBuilder::succeeded().status(2).code("").build();
    let mut record = testing::record_of(&event);
    record.tx_id = Some("0x1".into());
    let rejection: Rejection = event.outcome().unwrap_err().into();
    assert_counted(&event.check());
    assert_counted(&event.confirm(&record));
    assert_counted(&rejection);
}

#[track_caller]
fn assert_counted(report: &impl Serialize) {
    let read: Value = ciborium::from_reader(to_cbor(report).as_slice()).unwrap();
    assert_eq!(read, serde_json::to_value(report).unwrap());
}
