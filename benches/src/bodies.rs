//! The bodies, by name.

use edexa_webhooks::WebhookEvent;
use edexa_webhooks::delivery::MAX_BODY_BYTES;
use serde_json::{Value, json};

use crate::events::{failed, succeeded};

/// A body to read.
pub struct Body {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// Whether it has keys that edeXa does not document.
    pub has_unknown: bool,
}

/// The success body with values of realistic lengths, pretty-printed: what the
/// figures are quoted for.
pub fn success() -> Body {
    let text = include_str!("events/succeeded.json");
    body("success", text.trim_end().into(), false)
}

/// Bodies that are accepted.
pub fn accepted() -> Vec<Body> {
    let (succeeded, failed) = (succeeded(), failed());
    vec![
        success(),
        body("success, compact", compact(&succeeded), false),
        body("failure", pretty(&failed), false),
        body("failure, compact", compact(&failed), false),
        body("4 unknown keys", compact(&with_keys(4)), true),
        body("64 unknown keys", compact(&with_keys(64)), true),
        body("0.5 KiB", compact(&of_size(512)), true),
        body("4 KiB", compact(&of_size(4 << 10)), true),
        body("16 KiB", compact(&of_size(16 << 10)), true),
        body("64 KiB", compact(&of_size(64 << 10)), true),
    ]
}

/// Pairs of bodies of 64 KiB that mean the same.
pub fn equal() -> Vec<(&'static str, [Vec<u8>; 2])> {
    let long = compact(&of_size(64 << 10));
    let spaced = String::from_utf8(long.clone()).expect("JSON is UTF-8");
    let spaced = spaced.replacen("\"metaData\":", "\"metaData\": [", 1);
    let spaced = spaced.replacen("[[", "[ ", 1).into_bytes();
    let keys = |count: usize, is_reversed: bool| {
        let numbers: Vec<usize> = (0..count).collect();
        let entry = |nth: &usize| format!("\"unknownKey{nth}\":{{\"b\":{nth},\"a\":\"text\"}}");
        let mut entries: Vec<String> = numbers.iter().map(entry).collect();
        if is_reversed {
            entries.reverse();
            let swap = |entry: &String| {
                let (key, rest) = entry.split_once(":{").expect("an object");
                let (b, a) = rest.trim_end_matches('}').split_once(',').expect("two");
                format!("{key}:{{{a},{b}}}")
            };
            entries = entries.iter().map(swap).collect();
        }
        let body = String::from_utf8(compact(&succeeded())).expect("JSON is UTF-8");
        let open = body.strip_suffix("}}").expect("two objects");
        format!("{open},{}}}}}", entries.join(",")).into_bytes()
    };
    let small = |value: &str| {
        let body = String::from_utf8(compact(&succeeded())).expect("JSON is UTF-8");
        let open = body.strip_suffix("}}").expect("two objects");
        let items = vec!["{\"\":0}"; (64 << 10) / 8 - 80].join(",");
        format!("{open},\"k\":{value}{items}]}}}}").into_bytes()
    };
    vec![
        ("identical text", [long.clone(), long.clone()]),
        ("one blank more", [long, spaced]),
        (
            "keys in another order",
            [keys(1600, false), keys(1600, true)],
        ),
        ("small objects, one blank more", [small("["), small("[ ")]),
    ]
}

/// Bodies that are refused, one for each category and one for each way to the
/// place of the error, each as long as the success body.
pub fn refused() -> Vec<Body> {
    let good = String::from_utf8(success().bytes).expect("JSON is UTF-8");
    let replaced = |from: &str, to: &str| good.replacen(from, to, 1).into_bytes();
    let too_large = vec![b' '; MAX_BODY_BYTES + 1];
    let mut not_utf8 = good.clone().into_bytes();
    if let Some(byte) = not_utf8.iter_mut().rev().nth(10) {
        *byte = 0xff;
    }
    vec![
        body("too large", too_large, false),
        body("encoding", not_utf8, false),
        body("syntax", replaced("Z\"\n  }", "Z\"\n  x"), false),
        body(
            "wrong type",
            replaced("\"2023-05-30T09:21:46.610Z\"", "16854385066100000000000000"),
            false,
        ),
        body("malformed time", replaced("10Z\"", "10 \""), false),
        body("missing key", replaced("updatedAt", "changedAt"), false),
        body("duplicate key", replaced("updatedAt", "createdAt"), false),
    ]
}

fn body(name: &'static str, bytes: Vec<u8>, has_unknown: bool) -> Body {
    Body {
        name,
        bytes,
        has_unknown,
    }
}

fn pretty(event: &WebhookEvent) -> Vec<u8> {
    serde_json::to_vec_pretty(event).expect("a built event can be written")
}

fn compact(event: &WebhookEvent) -> Vec<u8> {
    event
        .to_json()
        .expect("a built event can be written")
        .into_bytes()
}

/// Unknown keys with scalars of every kind.
fn with_keys(count: usize) -> WebhookEvent {
    let values = [
        json!("a text of some length"),
        json!(12_345),
        json!(true),
        json!(null),
    ];
    (0..count)
        .zip(values.iter().cycle())
        .fold(succeeded(), |event, (index, value)| {
            with_key(event, &format!("unknownKey{index}"), value)
        })
}

fn with_key(mut event: WebhookEvent, key: &str, value: &Value) -> WebhookEvent {
    let inserted = event.data.extra.insert(key, &value.to_string());
    inserted.expect("it may be there");
    event
}

/// An event with one unknown key, nested as metadata may be, that makes the
/// compact body as long as given, but for less than one entry.
fn of_size(bytes: usize) -> WebhookEvent {
    let entry = json!({"page": 12, "title": "a text", "tags": ["x", "y"], "seen": true});
    let build = |entries: usize| {
        let list = Value::Array(vec![entry.clone(); entries]);
        with_key(succeeded(), "metaData", &list)
    };
    let empty = compact(&build(0)).len();
    let per_entry = entry.to_string().len() + 1;
    build(bytes.saturating_sub(empty) / per_entry)
}
