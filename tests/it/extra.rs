//! `Extra`: the keys that the crate does not know, as JSON text.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on ends by panicking"
)]

use edexa_webhooks::testing::{self, EventBuilder};
use edexa_webhooks::{Extra, WebhookEvent};
use serde_json::{Value, json};

use crate::support::{ENVELOPE, STAMP, has_arbitrary_precision};

fn extra_of(entries: &[(&str, &str)]) -> Extra {
    let mut extra = Extra::new();
    for (key, json) in entries {
        extra.insert(key, json).unwrap();
    }
    extra
}

fn entries(extra: &Extra) -> Vec<(&str, &str)> {
    extra.iter().collect()
}

mod holding {
    use super::*;

    #[test]
    fn nothing() {
        for extra in [Extra::new(), Extra::default()] {
            assert!(extra.is_empty());
            assert_eq!(extra.len(), 0);
            assert_eq!(extra.iter().next(), None);
            assert_eq!(extra.get(""), None);
            assert_eq!(extra.parse::<Value>("x").unwrap(), None);
            assert_eq!(extra, Extra::new());
            assert_eq!(format!("{extra:?}"), "{}");
        }
    }

    #[test]
    fn what_a_body_said_at_each_level() {
        let body = testing::SUCCEEDED
            .replacen('{', r#"{"outer": [ 1 ],"#, 1)
            .replacen("\"_id\"", r#""inner": { "a" : 1.50 } , "_id""#, 1);
        let event: WebhookEvent = body.parse().unwrap();
        assert_eq!(entries(&event.extra), [("outer", "[ 1 ]")]);
        assert_eq!(entries(&event.data.extra), [("inner", r#"{ "a" : 1.50 }"#)]);
        assert_eq!(event.extra.get("inner"), None);
        assert_eq!(event.extra.get("webhookId"), None);
    }

    #[test]
    fn keys_in_the_order_in_which_they_came() {
        let came = [("b", "1"), ("é", "2"), ("", "3"), ("a", "4"), ("B", "5")];
        let extra = extra_of(&came);
        assert_eq!(entries(&extra), came);

        let mut iter = extra.iter();
        assert_eq!(iter.len(), 5);
        iter.next();
        assert_eq!(iter.len(), 4);
        assert_eq!(iter.clone().count(), 4);
        assert_eq!(iter.next(), Some(("é", "2")));
        assert_eq!(extra.len(), 5);
        assert!(!extra.is_empty());

        let body = testing::FAILED.replacen('{', r#"{"z":1,"a":2,"m":3,"#, 1);
        let event: WebhookEvent = body.parse().unwrap();
        assert_eq!(entries(&event.extra), [("z", "1"), ("a", "2"), ("m", "3")]);
    }

    #[test]
    fn keys_that_are_only_alike() {
        let extra = extra_of(&[
            ("a", "1"),
            ("A", "2"),
            ("a ", "3"),
            ("é", "4"),
            ("e\u{301}", "5"),
        ]);
        assert_eq!(extra.len(), 5);
        for (key, json) in [
            ("a", "1"),
            ("A", "2"),
            ("a ", "3"),
            ("é", "4"),
            ("e\u{301}", "5"),
        ] {
            assert_eq!(extra.get(key), Some(json));
        }
        for key in ["", "aa", "b", " a", "e"] {
            assert_eq!(extra.get(key), None, "{key:?}");
        }
    }
}

mod parsing {
    use super::*;

    #[derive(serde::Deserialize, PartialEq, Debug)]
    struct Named<'a> {
        name: &'a str,
        pages: Option<u8>,
    }

    #[test]
    fn reads_a_value_into_any_type() {
        let extra = extra_of(&[
            ("number", "12"),
            ("text", r#""a\u00e9""#),
            ("null", "null"),
            ("list", "[1, 2]"),
            ("named", r#"{"name":"n","pages":null}"#),
        ]);
        assert_eq!(extra.parse("number").unwrap(), Some(12_u8));
        assert_eq!(extra.parse("number").unwrap(), Some(12.0));
        assert_eq!(extra.parse("text").unwrap(), Some("aé".to_owned()));
        assert_eq!(extra.parse("null").unwrap(), Some(None::<u8>));
        assert_eq!(extra.parse("list").unwrap(), Some(vec![1, 2]));
        assert_eq!(extra.parse("list").unwrap(), Some(json!([1, 2])));
        let named = Named {
            name: "n",
            pages: None,
        };
        assert_eq!(extra.parse("named").unwrap(), Some(named));
    }

    #[test]
    fn tells_a_missing_key_from_a_wrong_type() {
        let extra = extra_of(&[("text", r#""12""#)]);
        assert_eq!(extra.parse::<u32>("number").unwrap(), None);
        let error = extra.parse::<u32>("text").unwrap_err();
        assert_eq!(
            error.to_string(),
            "invalid type: string \"12\", expected u32 at line 1 column 4"
        );
    }
}

mod inserting {
    use super::*;

    #[test]
    fn puts_a_new_key_after_all_others() {
        let mut extra = extra_of(&[("a", "1"), ("c", "3")]);
        extra.insert("b", "[2]").unwrap();
        assert_eq!(entries(&extra), [("a", "1"), ("c", "3"), ("b", "[2]")]);
    }

    #[test]
    fn replaces_what_was_under_the_key() {
        let mut extra = extra_of(&[("a", "1"), ("b", "2"), ("c", "3")]);
        extra.insert("b", r#"{"longer":"than before"}"#).unwrap();
        extra.insert("a", "4").unwrap();
        extra.insert("a", "5").unwrap();
        assert_eq!(
            entries(&extra),
            [("c", "3"), ("b", r#"{"longer":"than before"}"#), ("a", "5")]
        );
    }

    #[test]
    fn keeps_the_text_but_for_white_space_around_it() {
        for text in [
            "{ \"a\" :\n1.0 }",
            "1e5",
            "-0",
            r#""\u0041\/""#,
            r#"{"a":1,"a":2}"#,
            "1e-400",
        ] {
            let extra = extra_of(&[("k", &format!(" \t\r\n{text}\n\r\t "))]);
            assert_eq!(extra.get("k"), Some(text));
        }
    }

    /// The error of inserting a text, which leaves all as it was.
    #[track_caller]
    fn refuses(json: &str, message: &str) {
        let mut extra = extra_of(&[("a", "1"), ("k", "[2]")]);
        for key in ["k", "new"] {
            let error = extra.insert(key, json).unwrap_err();
            assert_eq!(error.to_string(), message, "{json:?}");
        }
        assert_eq!(entries(&extra), [("a", "1"), ("k", "[2]")]);
    }

    #[test]
    fn refuses_what_is_not_one_json_value() {
        refuses("", "expected a value, found the end");
        refuses(" \n", "expected a value, found the end");
        refuses("yes", "expected a value, found `y`");
        refuses("'a'", "expected a value, found `'`");
        refuses("\u{a0}1", "expected a value, found U+00A0");
        refuses("\u{feff}1", "expected a value, found U+FEFF");
        refuses("\u{1b}", "expected a value, found U+001B");
        refuses("NaN", "expected a value, found `N`");
        refuses("+1", "expected a value, found `+`");
        refuses("1 2", "expected the end, found `2`");
        refuses("{}{}", "expected the end, found `{`");
        refuses("1,", "expected the end, found `,`");
        refuses("1\u{a0}", "expected the end, found U+00A0");
        refuses("truth", "expected `true`, `false` or `null`, found `t`");
        refuses("[1,]", "expected another entry after `,`, found `]`");
        refuses("{a:1}", "expected a key in double quotes, found `a`");
        refuses(r#"{"a" 1}"#, "expected `:`, found `1`");
        refuses(r#"{"a":"#, "expected a value, found the end");
        refuses("\"a", "expected the rest of a string, found the end");
        refuses(
            "\"\n\"",
            "expected control characters in a string to be escaped, found U+000A",
        );
        refuses(r#""\x""#, "expected an escape that JSON knows, found `x`");
    }

    #[test]
    fn refuses_a_lone_surrogate() {
        for json in [
            r#""\ud800""#,
            r#""\ud800x""#,
            r#""\ud800\u0041""#,
            r#"["\ud83d"]"#,
            r#"{"\ud800":1}"#,
            r#"{"a":"\udc00"}"#,
        ] {
            refuses(
                json,
                "expected surrogate escapes in pairs, found a lone one",
            );
        }
        extra_of(&[("k", r#""\ud83d\ude00""#)]);
    }

    #[test]
    fn refuses_a_number_beyond_a_double() {
        let digits = "9".repeat(310);
        for json in ["1e400", "-1e400", "[1e309]", r#"{"a":[2e308]}"#, &digits] {
            refuses(
                json,
                "expected a number within the range of a double, found a larger one",
            );
        }
        extra_of(&[
            ("k", "1.7976931348623157e308"),
            ("l", "-1e308"),
            ("m", "1e-999"),
        ]);
    }

    #[test]
    fn refuses_a_63rd_level_of_nesting() {
        let message = "expected at most 64 levels of nesting, found more";
        let arrays = |levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let objects = |levels| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
        for deepest in [arrays(62), objects(62)] {
            let event = |put: fn(&mut WebhookEvent) -> &mut Extra| {
                let mut event = EventBuilder::succeeded().build();
                put(&mut event).insert("k", &deepest).unwrap();
                event
            };
            for event in [
                event(|event| &mut event.extra),
                event(|event| &mut event.data.extra),
            ] {
                let written = event.to_json().unwrap();
                assert_eq!(written.parse::<WebhookEvent>().unwrap(), event);
            }
        }
        for levels in [63, 64, 126, 127, 128, 10_000] {
            refuses(&arrays(levels), message);
            refuses(&objects(levels), message);
        }
        refuses(&"[".repeat(100_000), message);
    }
}

mod equality {
    use super::*;

    fn holding(json: &str) -> Extra {
        extra_of(&[("k", json)])
    }

    #[test]
    fn is_of_values_and_not_of_spelling() {
        for (a, b) in [
            ("[1,2]", " [ 1 ,\n2 ] "),
            (r#""A/é""#, r#""\u0041\/\u00E9""#),
            (r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#),
            (r#"{"a":[{}]}"#, r#"{ "\u0061" : [ { } ] }"#),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
        ] {
            assert_eq!(holding(a), holding(b), "{a} {b}");
        }
    }

    /// Keys that need escapes are sorted by what they mean.
    #[test]
    fn is_of_keys_of_every_control_in_any_order() {
        let entries: Vec<_> = ('\0'..='\u{7f}').map(|c| json!(c)).collect();
        let object = |entries: &mut dyn Iterator<Item = &Value>| {
            let entries: Vec<_> = entries.map(|key| format!("{key}:1")).collect();
            format!("{{{}}}", entries.join(","))
        };
        let upwards = object(&mut entries.iter());
        let downwards = object(&mut entries.iter().rev());
        assert_eq!(holding(&upwards), holding(&downwards));
    }

    #[test]
    fn tells_values_apart() {
        for (a, b) in [
            ("1", "2"),
            ("1", "\"1\""),
            ("0", "false"),
            ("null", "false"),
            ("null", "[]"),
            ("[]", "{}"),
            ("[1,2]", "[2,1]"),
            ("\"a\"", "\"A\""),
            ("\"é\"", "\"e\u{301}\""),
            (r#"{"a":1}"#, r#"{"a":1,"b":null}"#),
            ("9007199254740992", "9007199254740993"),
        ] {
            assert_ne!(holding(a), holding(b), "{a} {b}");
        }
    }

    #[test]
    fn of_numbers_is_by_digits_or_by_the_nearest_double() {
        // Each line is equal in itself, and different from every other.
        let alike: [&[&str]; 19] = [
            &["1"],
            &["1.0", "1.00", "1e0", "10E-1", "1.00000000000000000001"],
            &["100"],
            &["1e2", "1E+2", "100.0"],
            &["0"],
            &["-0", "-0.0", "0.0", "0e5", "-1e-400"],
            &["18446744073709551616"],
            &["18446744073709551617"],
            &["0.1", "0.10000000000000000001", "1e-1"],
            &["1.5", "15e-1", "0.15E+1"],
            &["-1.5", "-15e-1"],
            &["15.0", "1.5e1"],
            &["15e1", "150.0"],
            &["0.15", "1.5e-1"],
            &["0.015", "15e-3"],
            &["1e15", "10e14"],
            &["1e-15", "0.1e-14"],
            &["5e-324", "4.9e-324", "3e-324"],
            &["1.7976931348623157e308", "1.7976931348623158e308"],
        ];
        for (i, line) in alike.iter().enumerate() {
            for (j, other) in alike.iter().enumerate() {
                for (a, b) in line.iter().flat_map(|a| other.iter().map(move |b| (a, b))) {
                    assert_eq!(holding(a) == holding(b), i == j, "{a} {b}");
                }
            }
        }
    }

    #[test]
    fn is_of_the_same_keys() {
        assert_ne!(extra_of(&[("a", "1")]), extra_of(&[("b", "1")]));
        assert_ne!(extra_of(&[("a", "1")]), Extra::new());
        assert_ne!(extra_of(&[("a", "1")]), extra_of(&[("a", "1"), ("b", "1")]));
        assert_ne!(
            extra_of(&[("a", "1"), ("b", "2")]),
            extra_of(&[("a", "2"), ("b", "1")])
        );
        assert_eq!(
            extra_of(&[("b", "2"), ("a", "1")]),
            extra_of(&[("a", "1"), ("b", "2")])
        );
        // One text when key and value are read without a border between them.
        assert_ne!(extra_of(&[("k1", "2")]), extra_of(&[("k", "12")]));
    }

    #[test]
    fn decides_whether_events_are_equal() {
        let event = |json| {
            let mut event = EventBuilder::failed().build();
            event.data.extra.insert("k", json).unwrap();
            event
        };
        assert_eq!(event("[1]"), event("[ 1 ]"));
        assert!(event("[1]").is_redelivery_of(&event("[ 1 ]")));
        assert_ne!(event("[1]"), event("[2]"));
        assert!(event("[1]").conflicts_with(&event("[2]")));
    }

    #[test]
    fn of_what_was_read_and_what_was_put_there() {
        let body = testing::FAILED.replacen('{', r#"{"b":[ 1 ],"a":null,"#, 1);
        let event: WebhookEvent = body.parse().unwrap();
        assert_eq!(event.extra, extra_of(&[("a", "null"), ("b", "[1]")]));
        assert_eq!(event.extra.clone(), event.extra);
    }
}

mod showing {
    use super::*;

    #[test]
    fn escapes_every_control_character() {
        let extra = extra_of(&[
            ("a\n\u{1b}\u{202e}", "[1,\n2]"),
            ("b", "\"\u{7f}\u{85}\u{2028}\u{202e}\u{feff}\""),
        ]);
        assert_eq!(
            format!("{extra:?}"),
            "{\"a\\n\\u{1b}\\u{202e}\": \"[1,\\n2]\", \
             \"b\": \"\\\"\\u{7f}\\u{85}\\u{2028}\\u{202e}\\u{feff}\\\"\"}"
        );
    }
}

mod serializing {
    use super::*;

    #[test]
    fn escapes_keys_and_leaves_values_alone() {
        let mut event = EventBuilder::succeeded().build();
        let plain = event.to_json().unwrap();
        event
            .extra
            .insert("a\"\\\n\u{1}é", "{ \"\\u0041\" : 1.0 }")
            .unwrap();
        let open = plain.strip_suffix('}').unwrap();
        let written = event.to_json().unwrap();
        assert_eq!(
            written,
            format!("{open},\"a\\\"\\\\\\n\\u0001é\":{{ \"\\u0041\" : 1.0 }}}}")
        );
        assert_eq!(written.parse::<WebhookEvent>().unwrap(), event);
    }

    #[test]
    fn gives_back_what_was_inserted_at_either_level() {
        let mut event = EventBuilder::failed().build();
        for (key, json) in [
            ("z", "1"),
            ("metaData", "[ null ]"),
            ("", "{}"),
            ("z", "2.50"),
        ] {
            event.extra.insert(key, json).unwrap();
            event.data.extra.insert(key, json).unwrap();
        }
        let written = event.to_json().unwrap();
        let again: WebhookEvent = written.parse().unwrap();
        for extra in [&again.extra, &again.data.extra] {
            assert_eq!(
                entries(extra),
                [("metaData", "[ null ]"), ("", "{}"), ("z", "2.50")]
            );
        }
        assert_eq!(again, event);
    }

    /// Fails in every format and through every door, or succeeds in all.
    #[track_caller]
    fn refuses(event: &WebhookEvent, key: &str) {
        let message =
            format!("expected unknown keys in `extra`, found \"{key}\", which has a field");
        let refused = [
            serde_json::to_string(event).unwrap_err().to_string(),
            serde_json::to_string_pretty(event).unwrap_err().to_string(),
            serde_json::to_value(event).unwrap_err().to_string(),
        ];
        assert_eq!(refused, [(); 3].map(|()| message.clone()));
        match ciborium::into_writer(event, std::io::sink()) {
            Err(ciborium::ser::Error::Value(error)) => assert_eq!(error, message),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn fails_if_it_holds_a_known_key() {
        for key in ENVELOPE {
            let mut event = EventBuilder::succeeded().build();
            event.extra.insert(key, "1").unwrap();
            refuses(&event, key);
        }
        // Optional ones too, whether or not they are there.
        for builder in [EventBuilder::succeeded(), EventBuilder::failed()] {
            for key in STAMP {
                let mut event = builder.clone().build();
                event.data.extra.insert(key, "1").unwrap();
                refuses(&event, key);
            }
        }
    }

    #[test]
    fn does_not_fail_for_a_key_that_is_known_at_the_other_level() {
        let mut event = EventBuilder::succeeded().build();
        for key in STAMP {
            event.extra.insert(key, "[1]").unwrap();
        }
        for key in ENVELOPE {
            event.data.extra.insert(key, "[2]").unwrap();
        }
        let written = event.to_json().unwrap();
        assert_eq!(written.parse::<WebhookEvent>().unwrap(), event);
    }

    #[test]
    fn a_builder_gives_what_serde_json_writes() {
        let event = EventBuilder::succeeded()
            .extra("k", &json!({"b": [1.0, null]}))
            .stamp_extra("k", &json!("é\n"))
            .build();
        assert_eq!(event.extra.get("k"), Some(r#"{"b":[1.0,null]}"#));
        assert_eq!(event.data.extra.get("k"), Some(r#""é\n""#));
    }
}

#[test]
fn removing_gives_the_text_and_keeps_the_others_in_order() {
    let mut extra = Extra::new();
    for (key, json) in [("c", "1"), ("a", "[2, 2]"), ("b", "3")] {
        extra.insert(key, json).unwrap();
    }
    assert_eq!(extra.remove("a").as_deref(), Some("[2, 2]"));
    assert_eq!(extra.remove("a"), None);
    let mut left = Vec::new();
    for (key, json) in &extra {
        left.push((key, json));
    }
    assert_eq!(left, [("c", "1"), ("b", "3")]);
    assert_eq!(extra.iter().len(), 2);
}

/// What takes the square of the number of keys would take minutes.
#[test]
fn many_keys_are_replaced_and_removed() {
    let keys: Vec<String> = (0..20_000).map(|nth| format!("k{nth}")).collect();
    let twice = keys
        .iter()
        .map(|key| (key, "1"))
        .chain(keys.iter().map(|key| (key, "2")));
    let mut extra = Extra::try_from_iter(twice).unwrap();
    assert_eq!(extra.len(), keys.len());
    assert!(extra.iter().map(|(key, _)| key).eq(&keys));
    assert!(extra.iter().all(|(_, json)| json == "2"));
    for key in &keys {
        assert_eq!(extra.remove(key).as_deref(), Some("2"));
        extra.insert(key, "3").unwrap();
    }
    let again = Extra::try_from_iter(keys.iter().map(|key| (key, "3"))).unwrap();
    assert_eq!(extra, again);
    assert!(extra.iter().eq(&again));
    for (left, key) in keys.iter().enumerate().rev() {
        assert_eq!(extra.remove(key).as_deref(), Some("3"));
        assert_eq!((extra.len(), extra.iter().len()), (left, left));
        assert_eq!(extra.remove(key), None);
    }
    assert!(extra.is_empty());
}

/// A builder takes any value. Beyond what a body can nest, the same text alone is equal.
#[test]
fn what_nests_too_deep_is_compared_as_text() {
    let event = |n: u8| {
        let deep = (0..80).fold(json!(n), |value, _| json!([value]));
        EventBuilder::succeeded().stamp_extra("k", &deep).build()
    };
    assert_eq!(event(1), event(1));
    assert_ne!(event(1), event(2));
    assert_ne!(event(1).fingerprint(), event(2).fingerprint());
}

/// A value that comes again and again does not pile up.
#[test]
fn what_was_replaced_is_given_up() {
    let long = format!("\"{}\"", "x".repeat(10_000));
    let mut extra = Extra::try_from_iter((0..100).map(|nth| (format!("k{nth}"), "1"))).unwrap();
    let held = allocation_counter::measure(|| {
        for _ in 0..1_000 {
            extra.insert("k7", &long).unwrap();
        }
    });
    assert!(held.bytes_max < 100_000, "{}", held.bytes_max);
}

/// A long value is not moved each time that a short one is replaced.
#[test]
fn what_is_replaced_beside_a_long_value_costs_little() {
    let long = format!("\"{}\"", "x".repeat(1_000_000));
    let mut extra = Extra::try_from_iter([("long", long.as_str())]).unwrap();
    let taken = allocation_counter::measure(|| {
        for _ in 0..1_000 {
            extra.insert("short", "1").unwrap();
        }
    });
    assert!(taken.bytes_total < 5_000_000, "{}", taken.bytes_total);
}

/// A copy, an equality and a fingerprint know nothing of what was removed.
#[test]
fn what_was_removed_leaves_no_trace() {
    let mut event = EventBuilder::succeeded().build();
    let without = event.clone();
    event.data.extra.insert("b", "1").unwrap();
    event.data.extra.insert("a", "2").unwrap();
    event.data.extra.insert("b", "3").unwrap();
    event.data.extra.remove("a");
    let mut direct = without.clone();
    direct.data.extra.insert("b", "3").unwrap();
    assert_eq!(event, direct);
    assert_eq!(event.clone().to_json(), direct.to_json());
    assert_eq!(event.fingerprint(), direct.fingerprint());
    event.data.extra.remove("b");
    assert_eq!(event, without);
    assert_eq!(event.fingerprint(), without.fingerprint());
    assert_eq!(format!("{:?}", event.data.extra), "{}");
}

mod serialized_alone {
    use super::*;

    fn cbor(value: &impl serde::Serialize) -> Vec<u8> {
        let mut bytes = Vec::new();
        ciborium::into_writer(value, &mut bytes).unwrap();
        bytes
    }

    /// A format that writes lengths before what they count tells a wrong or a missing
    /// one.
    #[test]
    fn says_how_long_everything_is_before_it_comes() {
        if has_arbitrary_precision() {
            // A `Value`, which this is compared with, then writes numbers as maps.
            return;
        }
        let many = vec!["0"; 70_000].join(",");
        for json in [
            "[]",
            "{}",
            r#"[[],{"a":[1,{}]},"[{"]"#,
            r#"{"a":{},"b":[{}]}"#,
        ]
        .map(str::to_owned)
        .into_iter()
        .chain([format!("[{many}]"), format!("[[{many}],[]]")])
        {
            let extra = extra_of(&[("a", &json), ("b", "1")]);
            let value = json!({ "a": serde_json::from_str::<Value>(&json).unwrap(), "b": 1 });
            assert_eq!(cbor(&extra), cbor(&value));
        }
    }

    #[test]
    fn is_what_the_values_mean() {
        let extra = extra_of(&[
            ("u", "18446744073709551615"),
            ("i", "-9223372036854775808"),
            ("wide", "18446744073709551616"),
            ("zero", "-0"),
            ("text", r#""\u0041\n""#),
            ("all", "[true, false, null, 1.50]"),
        ]);
        assert_eq!(
            serde_json::to_string(&extra)
                .unwrap()
                .replace("e+19", "e19"),
            r#"{"u":18446744073709551615,"i":-9223372036854775808,"wide":1.8446744073709552e19,"#
                .to_owned()
                + r#""zero":-0.0,"text":"A\n","all":[true,false,null,1.5]}"#
        );
        assert_eq!(
            serde_json::to_value(&extra).unwrap()["wide"].as_f64(),
            Some(1.844_674_407_370_955_2e19)
        );
    }
}

mod building {
    use super::*;

    #[test]
    fn takes_entries_in_their_order_and_the_last_of_each_key() {
        let extra = Extra::try_from_iter([("b", "1"), ("a", " 2 "), ("b", "3")]).unwrap();
        assert_eq!(entries(&extra), [("a", "2"), ("b", "3")]);
        let mut extra = extra;
        extra
            .try_extend([
                ("c".to_owned(), "4".to_owned()),
                ("a".to_owned(), "5".to_owned()),
            ])
            .unwrap();
        assert_eq!(entries(&extra), [("b", "3"), ("c", "4"), ("a", "5")]);
    }

    #[test]
    fn stops_at_the_first_value_that_is_no_json() {
        let error = Extra::try_from_iter([("a", "1"), ("b", "x"), ("c", "2")]).unwrap_err();
        assert_eq!(error.to_string(), "expected a value, found `x`");
        let mut extra = extra_of(&[("a", "0")]);
        extra
            .try_extend([("a", "1"), ("b", "x"), ("c", "2")])
            .unwrap_err();
        assert_eq!(entries(&extra), [("a", "1")]);
    }

    /// What is done to an `Extra`, done to a list.
    #[test]
    fn keeps_its_order_whatever_is_done() {
        let (mut extra, mut list) = (Extra::new(), Vec::<(String, String)>::new());
        let mut state: u32 = 1;
        for step in 0..2_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let key = format!("k{}", state >> 24);
            let at = list.iter().position(|(other, _)| *other == key);
            let removed = at.map(|at| list.remove(at).1);
            if state & 0x70_0000 == 0 {
                assert_eq!(extra.remove(&key), removed);
            } else {
                let value = step.to_string();
                extra.insert(&key, &value).unwrap();
                list.push((key, value));
            }
            let all = list.iter().map(|(key, json)| (key.as_str(), json.as_str()));
            assert!(extra.iter().eq(all), "step {step}");
            if step % 500 == 0 {
                // One that was cloned, or read, goes on like any other.
                extra = extra.clone();
            }
        }
    }
}
