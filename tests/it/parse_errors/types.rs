//! Values of the wrong JSON type.

use edexa_webhooks::Category::Data;

use crate::support::{FULL, assert_refused, position_of, with, with_entry};

const STRING: &str = "a string";
const BOOLEAN: &str = "a boolean";
const INTEGER: &str = "an integer from -2^63 to 2^63 - 1";
const TIME: &str = "an RFC 3339 time such as \"2023-05-30T09:21:36.966Z\"";

/// Values of every JSON type, and how a message names them.
const VALUES: [(&str, &str); 10] = [
    ("\"7\"", "the string \"7\""),
    ("7", "the number 7"),
    ("-7", "the number -7"),
    ("7.5", "the number 7.5"),
    ("true", "the boolean true"),
    ("false", "the boolean false"),
    ("null", "null"),
    ("[\"7\"]", "an array"),
    ("{\"7\": 7}", "an object"),
    ("{}", "an object"),
];

/// Refuses every value but those that start with one of `accepted`.
#[track_caller]
fn assert_takes_only(key: &str, pointer: &str, expected: &str, accepted: &[&str]) {
    let escape = format!("\\u{:04X}", u32::from(key.as_bytes()[0]));
    let escaped = format!("{escape}{}", &key[1..]);
    for (value, found) in VALUES {
        if accepted.contains(&value) {
            continue;
        }
        let message = format!("expected {expected}, found {found}");
        let body = with(key, value);
        let (line, column) = position_of(&body, &format!("\"{key}\": {value}"));
        let value_at = (line, column + key.len() + 4);
        assert_refused(&body, Data, pointer, value_at, &message);
        let body = with_entry(key, &format!("\"{escaped}\": {value}"));
        let value_at = (line, column + escaped.len() + 4);
        assert_refused(&body, Data, pointer, value_at, &message);
    }
}

#[test]
fn a_text_is_no_text() {
    for key in ["webhookId", "actionId", "action"] {
        assert_takes_only(key, &format!("/{key}"), STRING, &["\"7\""]);
    }
    for key in ["_id", "userId", "hash", "type", "code"] {
        assert_takes_only(key, &format!("/data/{key}"), STRING, &["\"7\""]);
    }
}

#[test]
fn an_optional_text_is_no_text() {
    for key in ["clientId", "name", "blockchainId", "txId"] {
        assert_takes_only(key, &format!("/data/{key}"), STRING, &["\"7\"", "null"]);
    }
}

#[test]
fn a_boolean_is_no_boolean() {
    let booleans = ["true", "false"];
    assert_takes_only("isPrivateBc", "/data/isPrivateBc", BOOLEAN, &booleans);
    let optional = ["true", "false", "null"];
    assert_takes_only("isEsign", "/data/isEsign", BOOLEAN, &optional);
}

#[test]
fn a_status_is_no_integer() {
    assert_takes_only("status", "/data/status", INTEGER, &["7", "-7"]);
}

#[test]
fn a_time_is_no_time() {
    for key in ["createdAt", "updatedAt"] {
        assert_takes_only(key, &format!("/data/{key}"), TIME, &[]);
    }
}

#[test]
fn data_is_no_object() {
    let (before, rest) = FULL.split_once("{\n    \"_id\"").unwrap();
    let (_, after) = rest.split_once("  },").unwrap();
    for (value, found) in VALUES {
        if value.starts_with('{') {
            continue;
        }
        let message = format!("expected an object, found {found}");
        let body = format!("{before}{value},{after}");
        assert_refused(&body, Data, "/data", (5, 11), &message);
        let body = body.replacen("\"data\"", r#""d\u0061ta""#, 1);
        assert_refused(&body, Data, "/data", (5, 16), &message);
    }
}

#[test]
fn the_body_is_no_object() {
    for (value, found) in VALUES {
        if value.starts_with('{') {
            continue;
        }
        let message = format!("expected an object, found {found}");
        assert_refused(value, Data, "", (1, 1), &message);
        assert_refused(format!("\r\n\t {value}"), Data, "", (2, 3), &message);
    }
}

/// serde reads structs from arrays unless told otherwise.
#[test]
fn an_array_of_the_right_values_is_no_object() {
    let array = |inner: &str| inner.replace('{', "[").replace('}', "]");
    let stamp = r#"["1","2","3","4","5","6","7","0","9",true,true,1,
        "2023-05-30T09:21:36.966Z","2023-05-30T09:21:36.966Z"]"#;
    let message = "expected an object, found an array";
    let body = array(&format!(r#"{{"1","2","succeed",{stamp}}}"#));
    assert_refused(body, Data, "", (1, 1), message);
    let body = format!(r#"{{"webhookId":"1","actionId":"2","action":"3","data":{stamp}}}"#);
    assert_refused(body, Data, "/data", (1, 53), message);
    assert_refused(format!("[{FULL}]"), Data, "", (1, 1), message);
    assert_refused("[]", Data, "", (1, 1), message);
}
