//! Keys that are missing, `null` or there twice.

use edexa_webhooks::Category::Data;
use edexa_webhooks::WebhookEvent;

use crate::support::{
    ENVELOPE, FULL, STAMP, assert_accepted, assert_refused, position_of, with, with_entry, without,
};

const OPTIONAL: [&str; 5] = ["clientId", "name", "blockchainId", "txId", "isEsign"];

#[test]
fn the_body_that_the_tests_change_is_accepted() {
    let event = assert_accepted(FULL);
    assert_eq!(event.extra.get("later"), Some("null"));
    assert_eq!(event.data.extra.get("laterInData"), Some("null"));
    assert_eq!((event.extra.len(), event.data.extra.len()), (1, 1));
}

#[track_caller]
fn assert_missing(key: &str, pointer: &str, object_start: (usize, usize), expected: &str) {
    let message = format!("expected {expected}, found no such key");
    assert_refused(without(key), Data, pointer, object_start, &message);
}

#[test]
fn a_required_key_of_the_envelope_is_missing() {
    assert_missing("webhookId", "/webhookId", (1, 1), "a string");
    assert_missing("actionId", "/actionId", (1, 1), "a string");
    assert_missing("action", "/action", (1, 1), "a string");
}

#[test]
fn data_is_missing() {
    let body = r#" { "webhookId": "1", "actionId": "2", "action": "succeed" }"#;
    let message = "expected an object, found no such key";
    assert_refused(body, Data, "/data", (1, 2), message);
}

#[test]
fn a_required_key_of_data_is_missing() {
    const TIME: &str = "an RFC 3339 time such as \"2023-05-30T09:21:36.966Z\"";
    // Three lines before `data`, whose value starts in column 11.
    let start = (5, 11);
    assert_missing("_id", "/data/_id", start, "a string");
    assert_missing("userId", "/data/userId", start, "a string");
    assert_missing("hash", "/data/hash", start, "a string");
    assert_missing("type", "/data/type", start, "a string");
    assert_missing("code", "/data/code", start, "a string");
    assert_missing("isPrivateBc", "/data/isPrivateBc", start, "a boolean");
    let integer = "an integer from -2^63 to 2^63 - 1";
    assert_missing("status", "/data/status", start, integer);
    assert_missing("createdAt", "/data/createdAt", start, TIME);
    assert_missing("updatedAt", "/data/updatedAt", start, TIME);
}

#[test]
fn of_several_missing_keys_the_first_is_named() {
    let message = "expected a string, found no such key";
    assert_refused("\n{}", Data, "/webhookId", (2, 1), message);
    let body = r#"{"data": {}, "webhookId": "1", "actionId": "2", "action": "3"}"#;
    assert_refused(body, Data, "/data/_id", (1, 10), message);
}

#[test]
fn keys_differ_by_case_and_by_object() {
    let message = "expected a string, found no such key";
    let body = with_entry("webhookId", r#""webhookID": "1""#);
    assert_refused(body, Data, "/webhookId", (1, 1), message);
    let body = with_entry("hash", r#""data": {"hash": "1"}"#);
    assert_refused(body, Data, "/data/hash", (5, 11), message);
    let body = with_entry("webhookId", r#""_id": "1""#);
    assert_refused(body, Data, "/webhookId", (1, 1), message);
}

#[test]
fn optional_keys_may_be_null_or_absent_in_any_combination() {
    let full = assert_accepted(FULL);
    for gone in 0_u32..1 << OPTIONAL.len() {
        for null in 0_u32..1 << OPTIONAL.len() {
            if null & !gone != 0 {
                continue;
            }
            let is_in = |set: u32, at: usize| set >> at & 1 == 1;
            let mut body = FULL.to_owned();
            let mut expected = full.clone();
            for (at, key) in OPTIONAL.into_iter().enumerate() {
                if !is_in(gone, at) {
                    continue;
                }
                let line = FULL.lines().find(|l| l.contains(&format!("\"{key}\":")));
                let line = format!("{}\n", line.unwrap());
                let instead = format!("\"{key}\": null,\n");
                let instead = if is_in(null, at) { &instead } else { "" };
                body = body.replacen(&line, instead, 1);
                clear(&mut expected, key);
            }
            assert_eq!(assert_accepted(&body), expected, "{body}");
        }
    }
}

#[track_caller]
fn clear(event: &mut WebhookEvent, key: &str) {
    let stamp = &mut event.data;
    match key {
        "clientId" => assert!(stamp.client_id.take().is_some()),
        "name" => assert!(stamp.name.take().is_some()),
        "blockchainId" => assert!(stamp.blockchain_id.take().is_some()),
        "txId" => assert!(stamp.tx_id.take().is_some()),
        _ => assert!(stamp.is_esign.take().is_some()),
    }
}

/// The second value is at fault, whatever it holds.
#[track_caller]
fn assert_twice(entry_of: &str, entries: &str, second: &str, pointer: &str, key: &str) {
    let body = with_entry(entry_of, entries);
    let key = if key.ends_with('…') {
        key.to_owned()
    } else {
        format!("\"{key}\"")
    };
    let message = format!("duplicate key {key}");
    let position = position_of(&body, second);
    assert_refused(&body, Data, pointer, position, &message);
}

#[test]
fn a_known_key_is_there_twice() {
    for (keys, parent) in [(&ENVELOPE[..3], "/"), (&STAMP[..], "/data/")] {
        for key in keys {
            let line = FULL.lines().find(|l| l.contains(&format!("\"{key}\":")));
            let entry = line.unwrap().trim().trim_end_matches(',');
            let pointer = format!("{parent}{key}");
            let again = format!("{entry},\n \"{key}\": \"again\"");
            assert_twice(key, &again, "\"again\"", &pointer, key);
            let first_char = &key[..1];
            let escape = format!("\\u{:04x}", u32::from(first_char.as_bytes()[0]));
            let escaped = format!("{entry},\n \"{escape}{}\": \"again\"", &key[1..]);
            assert_twice(key, &escaped, "\"again\"", &pointer, key);
            let escaped = format!("\"{escape}{}\": {}", &key[1..], value_of(entry));
            let both = format!("{escaped}, \"{key}\": \"again\"");
            assert_twice(key, &both, "\"again\"", &pointer, key);
        }
    }
}

fn value_of(entry: &str) -> &str {
    entry.split_once(": ").unwrap().1
}

#[test]
fn data_is_there_twice() {
    let entries = r#""later": null, "data": {"_id": 7}"#;
    assert_twice("later", entries, "{\"_id\"", "/data", "data");
    let entries = r#""later": null, "\u0064ata": []"#;
    assert_twice("later", entries, "[]", "/data", "data");
}

#[test]
fn an_optional_key_is_there_twice_as_null() {
    for key in OPTIONAL {
        let entries = format!("\"{key}\": null, \"{key}\": null");
        let body = with_entry(key, &entries);
        let line = body.lines().find(|l| l.contains(&entries)).unwrap();
        let row = position_of(&body, &entries).0;
        let column = line.rfind("null").unwrap() + 1;
        let message = format!("duplicate key \"{key}\"");
        let pointer = format!("/data/{key}");
        assert_refused(&body, Data, &pointer, (row, column), &message);
    }
}

#[test]
fn an_unknown_key_is_there_twice() {
    for (anchor, pointer) in [("later", ""), ("laterInData", "/data")] {
        let twice = |entries: &str, second, key| {
            assert_twice(anchor, entries, second, pointer, key);
        };
        twice(r#""é": 1, "x": 2, "é": "here""#, "\"here\"", "é");
        twice(r#""hat": 1, "\u0068at": "here""#, "\"here\"", "hat");
        twice(r#""\u0068at": 1, "hat": "here""#, "\"here\"", "hat");
        twice(r#""": 1, "": "here", "other": []"#, "\"here\"", "");
        twice(r#""a": 1, "a": "here", "a": 2"#, "\"here\"", "a");
        twice(
            r#""hat": 1, "\u0068\u0061\u0074": "here""#,
            "\"here\"",
            "hat",
        );
        twice(r#""a\nb": 1, "a\u000ab": "here""#, "\"here\"", "a\\nb");
    }
}

/// On both sides of each 32nd, from which the place is counted.
#[test]
fn one_of_many_unknown_keys_is_there_twice() {
    for before in [31, 32, 33, 63, 64, 65, 96] {
        let many: Vec<String> = (0..before).map(|n| format!("\"k{n}\": []")).collect();
        let entries = format!("{}, \"k0\": \"here\", \"k1\": 1", many.join(", "));
        assert_twice("later", &entries, "\"here\"", "", "k0");
        assert_twice("laterInData", &entries, "\"here\"", "/data", "k0");
    }
}

/// The place is looked for from outside of what was open at an error behind it.
#[test]
fn an_unknown_key_is_there_twice_before_an_error_in_the_depth() {
    let deep = "[".repeat(60);
    let entries = format!(r#""a": [[[[[1]]]]], "a": "here", "b": {deep} x"#);
    assert_twice("later", &entries, "\"here\"", "", "a");
    assert_twice("laterInData", &entries, "\"here\"", "/data", "a");
}

/// A known key of the other object is unknown in this one.
#[test]
fn a_key_that_is_known_elsewhere_is_there_twice() {
    let entries = r#""hash": 1, "hash": "here""#;
    assert_twice("later", entries, "\"here\"", "", "hash");
    let entries = r#""webhookId": 1, "webhookId": "here""#;
    assert_twice("laterInData", entries, "\"here\"", "/data", "webhookId");
}

#[test]
fn data_is_there_twice_within_data() {
    let entries = r#""data": 1, "data": "here""#;
    assert_twice("laterInData", entries, "\"here\"", "/data", "data");
}

#[test]
fn unknown_keys_that_differ_late_or_by_case_are_not_the_same() {
    let long = "k".repeat(50);
    let entries = [
        format!(r#""{long}1": 1, "{long}2": 2, "{long}": 3"#),
        r#""a": 1, "a\u0000": 2, "A": 3, "": 4, "\u0000": 5"#.to_owned(),
        r#""\u00e9": 1, "e\u0301": 2"#.to_owned(),
    ];
    for entries in entries {
        let count = entries.matches(": ").count();
        let event = assert_accepted(with_entry("later", &entries));
        assert_eq!(event.extra.len(), count, "{entries}");
        let event = assert_accepted(with_entry("laterInData", &entries));
        assert_eq!(event.data.extra.len(), count, "{entries}");
    }
}

/// Both the quoted piece and the place must tell apart what differs late.
#[test]
fn a_long_unknown_key_is_there_twice() {
    let long = "k".repeat(50);
    let entries = format!(r#""{long}1": 1, "{long}2": 2, "{long}1": "here""#);
    let quoted = format!("\"{}\"…", "k".repeat(40));
    assert_twice("later", &entries, "\"here\"", "", &quoted);
    assert_twice("laterInData", &entries, "\"here\"", "/data", &quoted);
}

#[test]
fn nested_unknown_objects_may_repeat_keys() {
    let body = with("later", r#"{"a": 1, "a": 2, "data": 1, "data": 2}"#);
    let event: WebhookEvent = body.parse().unwrap();
    let text = r#"{"a": 1, "a": 2, "data": 1, "data": 2}"#;
    assert_eq!(event.extra.get("later"), Some(text));
}

/// The first error in the body is reported, though duplicates of unknown keys are looked
/// for last.
#[test]
fn a_duplicate_comes_before_what_is_wrong_behind_it() {
    let twice = r#"{"x": [[1]], "x": 2, "#;
    for (behind, pointer, at) in [
        (r#""webhookId": 1}"#, "", (1, 19)),
        (r#""data": {"_id": 1}}"#, "", (1, 19)),
        (r#""data": {"y": 1, "y": 2}}"#, "", (1, 19)),
        ("!", "", (1, 19)),
        ("\"y\": [[", "", (1, 19)),
    ] {
        let body = format!("{twice}{behind}");
        assert_refused(body, Data, pointer, at, "duplicate key \"x\"");
    }
    for second in ["[[{", "", "1e400", "\"\\ud800\""] {
        let body = format!(r#"{{"x": [[1]], "x": {second}"#);
        assert_refused(body, Data, "", (1, 19), "duplicate key \"x\"");
    }
    let in_data = r#"{"data": {"y": {"a": {"b": 1}}, "y": 2, "status": {"#;
    assert_refused(in_data, Data, "/data", (1, 38), "duplicate key \"y\"");
    let message = "expected a string, found the number 1";
    let before = r#"{"webhookId": 1, "x": 1, "x": 2}"#;
    assert_refused(before, Data, "/webhookId", (1, 15), message);
}
