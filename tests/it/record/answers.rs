//! What the API answers, read.

use edexa_webhooks::Category;
use edexa_webhooks::record::{Answer, ApiFailure, StampReceipt, StampRecord};
use edexa_webhooks::testing::{EventBuilder, answer_of, record_of};
use serde_json::json;

/// As edeXa's SDK and pages show it.
const RECORD: &str = r#"{
  "status": 200,
  "message": "success",
  "data": {
    "hash": "OWY4NmQwODE4ODRjN2Q2NTlhMmZlYWEwYzU1YWQwMTVhM2JmNGYxYjJiMGI4MjJjZDE1ZDZjMTViMGYwMGEwOA==",
    "originalDocHash": "",
    "metaData": { "pages": [1, 2.50] },
    "filename": "abc.png",
    "type": "0",
    "txid": "0x3b7d",
    "timestamp": "2023-05-30T09:21:46.610Z",
    "code": "bd5c9e",
    "username": "Ada",
    "userVerify": 1,
    "isEsign": false,
    "isPrivateBc": false,
    "later": 12345678901234567890123
  }
}"#;

fn read<T: edexa_webhooks::record::AnswerData>(answer: &str) -> T {
    Answer::from_slice(answer.as_bytes())
        .unwrap()
        .into_result()
        .unwrap()
}

#[test]
fn a_record_has_every_key() {
    let record: StampRecord = read(RECORD);
    assert_eq!(record.original_doc_hash.as_deref(), Some(""));
    assert_eq!(
        record.meta_data.as_ref().unwrap().as_str(),
        r#"{ "pages": [1, 2.50] }"#
    );
    assert_eq!(record.file_name.as_deref(), Some("abc.png"));
    assert_eq!(
        record.timestamp.as_deref(),
        Some("2023-05-30T09:21:46.610Z")
    );
    assert_eq!(record.user_name.as_deref(), Some("Ada"));
    assert_eq!(record.user_verify, Some(1));
    assert_eq!(
        (record.is_esign, record.is_private_bc),
        (Some(false), Some(false))
    );
    assert_eq!(record.transaction().unwrap(), "0x3b7d");
    assert_eq!(record.extra.get("later"), Some("12345678901234567890123"));
}

#[test]
fn a_record_may_have_a_hash_alone() {
    for data in [
        r#"{"hash":"h"}"#,
        r#"{"hash":"h","metaData":null,"filename":null,"userVerify":null,"isEsign":null}"#,
    ] {
        let record: StampRecord = read(&format!(r#"{{"status":200,"data":{data}}}"#));
        assert_eq!(
            serde_json::to_value(&record).unwrap(),
            json!({ "hash": "h" })
        );
    }
}

#[test]
fn meta_data_is_any_json_however_spelled() {
    let record = |json: &str| -> StampRecord {
        read(&format!(
            r#"{{"status":200,"data":{{"hash":"h","metaData":{json}}}}}"#
        ))
    };
    for json in [r#""a""#, "1", "[1,[2]]", r#"{"a":{}}"#, "false"] {
        assert_eq!(record(json).meta_data.unwrap().as_str(), json);
    }
    assert_eq!(
        record(r#"{"a":1,"b":[]}"#),
        record(r#"{ "b": [ ], "\u0061": 1 }"#)
    );
    assert_ne!(record("1"), record("1.0"));
    assert_eq!(record("12").meta_data.unwrap().parse::<u8>().unwrap(), 12);
}

#[test]
fn a_receipt_is_read_and_written() {
    let receipt: StampReceipt = read(
        r#"{"data":{"filename":"a","code":"c","txid":"","hash":"h","id":"1"},"message":"ok","status":200}"#,
    );
    assert_eq!(receipt.id, "1");
    let json = json!({ "id": "1", "hash": "h", "txid": "", "code": "c", "filename": "a" });
    assert_eq!(serde_json::to_value(&receipt).unwrap(), json);
    assert_eq!(
        serde_json::from_value::<StampReceipt>(json).unwrap(),
        receipt
    );
}

#[track_caller]
fn assert_failure(answer: &str, failure: &ApiFailure, line: &str) {
    let found = Answer::<StampRecord>::from_slice(answer.as_bytes()).unwrap();
    let found = found.into_result().unwrap_err();
    assert_eq!(&found, failure);
    assert_eq!(found.to_string(), line);
    let status = serde_json::from_str::<serde_json::Value>(answer).unwrap()["status"].as_i64();
    assert_eq!(status, Some(found.status()));
}

#[test]
fn each_status_has_its_failure_whatever_the_data_are() {
    let message = String::from;
    assert_failure(
        r#"{"status":404,"message":"no\nhash","data":[]}"#,
        &ApiFailure::NotFound {
            message: message("no\nhash"),
        },
        r#"the API found no such stamp: "no\nhash""#,
    );
    assert_failure(
        r#"{"status":401,"data":{"hash":1}}"#,
        &ApiFailure::Unauthorized {
            message: message(""),
        },
        r#"the API did not accept the API token: """#,
    );
    assert_failure(
        r#"{"status":409,"message":"again","data":null}"#,
        &ApiFailure::Conflict {
            message: message("again"),
        },
        r#"the API has stamped that hash before: "again""#,
    );
    for status in [0, 201, 429, 500, -1] {
        assert_failure(
            &format!(r#"{{"message":null,"status":{status}}}"#),
            &ApiFailure::Other {
                status,
                message: message(""),
            },
            &format!("the API answered with status {status}: \"\""),
        );
    }
}

#[track_caller]
fn assert_refused(answer: &str, category: Category, line: &str) {
    let error = Answer::<StampRecord>::from_slice(answer.as_bytes()).unwrap_err();
    assert_eq!(
        (error.category(), error.to_string().as_str()),
        (category, line)
    );
}

#[test]
fn what_is_no_answer_is_refused_with_its_place() {
    use Category::{Data, Encoding, Syntax, TooLarge};
    for (answer, category, line) in [
        (
            "[]",
            Data,
            "expected an object, found an array at line 1 column 1",
        ),
        (
            "{}",
            Data,
            "/status: expected an integer from -2^63 to 2^63 - 1, found no such key at line 1 column 1",
        ),
        (
            r#"{"status":"200"}"#,
            Data,
            "/status: expected an integer from -2^63 to 2^63 - 1, found the string \"200\" at line 1 column 11",
        ),
        (
            r#"{"status":200}"#,
            Data,
            "/data: expected an object, found no such key at line 1 column 1",
        ),
        (
            r#"{"status":200,"data":null}"#,
            Data,
            "/data: expected an object, found null at line 1 column 22",
        ),
        (
            r#"{"data":{},"status":200}"#,
            Data,
            "/data/hash: expected a string, found no such key at line 1 column 9",
        ),
        (
            "{\"status\":200,\n\"data\":{\"hash\":\"h\",\"isEsign\":0}}",
            Data,
            "/data/isEsign: expected a boolean, found the number 0 at line 2 column 30",
        ),
        (
            r#"{"status":200,"data":{"hash":"h","userVerify":0.5}}"#,
            Data,
            "/data/userVerify: expected an integer from -2^63 to 2^63 - 1, found the number 0.5 at line 1 column 47",
        ),
        (
            r#"{"status":200,"data":{"hash":"h","hash":"h"}}"#,
            Data,
            "/data/hash: duplicate key \"hash\" at line 1 column 41",
        ),
        (
            r#"{"status":200,"data":{"hash":"h","x":1,"x":2}}"#,
            Data,
            "/data: duplicate key \"x\" at line 1 column 44",
        ),
        (
            r#"{"status":200,"data":{"hash":"h","metaData":1,"metaData":1}}"#,
            Data,
            "/data/metaData: duplicate key \"metaData\" at line 1 column 58",
        ),
        (
            r#"{"status":200,"data":{"hash":"h"},"data":{"hash":"h"}}"#,
            Data,
            "/data: duplicate key \"data\" at line 1 column 42",
        ),
        (
            r#"{"status":404,"status":200}"#,
            Data,
            "/status: duplicate key \"status\" at line 1 column 24",
        ),
        (
            r#"{"status":200,"data":{"hash":"h"}"#,
            Syntax,
            "expected `,` or `}`, found the end at line 1 column 34",
        ),
        (
            "\u{feff}{}",
            Encoding,
            "expected JSON, found a byte order mark at line 1 column 1",
        ),
        (
            "<html>",
            Syntax,
            "expected a value, found `<` at line 1 column 1",
        ),
    ] {
        assert_refused(answer, category, line);
    }
    let error = Answer::<StampRecord>::from_slice(b"{\"status\":\xff}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "/status: expected UTF-8, found the byte 0xff at line 1 column 11"
    );
    let long = format!("{{\"status\":404,\"message\":\"{}\"}}", "x".repeat(65_536));
    assert_refused(&long, TooLarge, "expected at most 65536 bytes, found more");
}

#[test]
fn data_nest_as_deep_as_an_events() {
    let nested = |levels: usize| {
        let (open, close) = ("[".repeat(levels), "]".repeat(levels));
        format!(r#"{{"status":200,"data":{{"hash":"h","metaData":{open}{close}}}}}"#)
    };
    read::<StampRecord>(&nested(62));
    let error = Answer::<StampRecord>::from_slice(nested(63).as_bytes()).unwrap_err();
    assert_eq!(
        error.message(),
        "expected at most 64 levels of nesting, found more"
    );
}

/// It is for people, so that nothing hangs on its form.
#[test]
fn a_message_may_be_any_json() {
    let not_found = |message: &str| {
        let answer = format!(r#"{{"status":404,"message":{message}}}"#);
        let answer = Answer::<StampRecord>::from_slice(answer.as_bytes()).unwrap();
        answer.into_result().unwrap_err().message().to_owned()
    };
    assert_eq!(not_found(r#""no""#), "no");
    assert_eq!(not_found(r#"["hash", {"a": 1}]"#), r#"["hash", {"a": 1}]"#);
    read::<StampRecord>(r#"{"status":200,"message":["ok"],"data":{"hash":"h"}}"#);
}

#[test]
fn a_longer_answer_is_read_with_a_limit_of_ones_own() {
    let meta_data = "x".repeat(65_536);
    let answer = format!(r#"{{"status":200,"data":{{"hash":"h","metaData":"{meta_data}"}}}}"#);
    let read = |limit| Answer::<StampRecord>::from_slice_with_limit(answer.as_bytes(), limit);
    assert!(read(answer.len()).unwrap().into_result().is_ok());
    assert_eq!(
        read(answer.len() - 1).unwrap_err().category(),
        Category::TooLarge
    );
}

#[test]
fn missing_data_are_missed_where_the_answer_starts() {
    let error = Answer::<StampRecord>::from_slice(b"\n\n {\"status\":200}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "/data: expected an object, found no such key at line 3 column 2",
    );
}

#[test]
fn a_made_up_answer_keeps_digits_and_never_panics() {
    let mut record = record_of(&EventBuilder::succeeded().build());
    record.extra.insert("k", "123456789012345678901").unwrap();
    let answer = Answer::<StampRecord>::from_slice(answer_of(&record).as_bytes()).unwrap();
    assert_eq!(answer.into_result(), Ok(record.clone()));
    record.extra.insert("hash", "1").unwrap();
    assert_eq!(
        answer_of(&record),
        r#"{"status":200,"message":"success","data":null}"#,
    );
}

#[test]
fn a_failure_shows_a_short_piece_of_its_message() {
    let message = format!("{}\u{3164}", "x".repeat(60_000));
    let body = json!({"status": 404, "message": message}).to_string();
    let answer = Answer::<StampRecord>::from_slice(body.as_bytes()).unwrap();
    let failure = answer.into_result().unwrap_err();
    let short = "x".repeat(40);
    assert_eq!(
        format!("{failure:?}"),
        format!("ApiFailure {{ status: 404, message: \"{short}\"… }}"),
    );
    assert_eq!(failure.message(), message);
}
