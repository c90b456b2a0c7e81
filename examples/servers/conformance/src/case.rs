//! The ordinary rows as data: one request, one answer.

use std::io::Write;

use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::serde_json::json;
use edexa_webhooks::testing::{self, Damage, EventBuilder};
use edexa_webhooks::{StampStatus, StampType};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::answer::Expected;
use crate::bench::Bench;

/// One request and what to answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) method: &'static str,
    /// As it stands in the request line; none where a webhook belongs.
    pub(crate) path: Option<String>,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) body: Vec<u8>,
    pub(crate) expected: Expected,
}

impl Case {
    /// A documented event, posted where it belongs.
    fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            method: "POST",
            path: None,
            headers: vec![("content-type", "application/json")],
            body: testing::SUCCEEDED.into(),
            expected: Expected::ack(),
        }
    }

    fn path(self, path: impl Into<String>) -> Self {
        let path = Some(path.into());
        Self { path, ..self }
    }

    fn headers(self, headers: &[(&'static str, &'static str)]) -> Self {
        let headers = headers.to_vec();
        Self { headers, ..self }
    }

    fn body(self, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self { body, ..self }
    }

    fn expect(self, expected: Expected) -> Self {
        Self { expected, ..self }
    }
}

/// Every ordinary row: one request that is sent whole, and its answer.
pub(crate) fn cases(bench: &Bench) -> Vec<Case> {
    let wrong = bench.path_of("guess");
    [
        accepted(),
        refused(),
        sizes(&wrong),
        content_types(),
        content_encodings(&wrong),
        tokens(bench),
        methods(&wrong),
    ]
    .concat()
}

fn accepted() -> Vec<Case> {
    let unknown_keys = EventBuilder::succeeded()
        .extra("deliveredBy", &json!(["a", { "b": 1 }]))
        .stamp_extra("originalDocHash", &json!(null));
    let unknown_action = EventBuilder::failed().action("revoked");
    let unknown_type = EventBuilder::succeeded().stamp_type(StampType::from("9"));
    let event = EventBuilder::succeeded().build();
    let [newer, older] = testing::reordered_pair(&event);
    let mut all = vec![
        Case::new("the documented success"),
        Case::new("the documented failure").body(testing::FAILED),
        Case::new("the documented success, delivered again"),
        Case::new("an unknown action").body(json_of(&unknown_action)),
        Case::new("unknown keys").body(json_of(&unknown_keys)),
        Case::new("an unknown type").body(json_of(&unknown_type)),
        Case::new("a conflict").body(testing::conflict(&event)),
        Case::new("a success").body(newer),
        Case::new("the failure before it, after it").body(older),
    ];
    for (spelling, body) in (1..).zip(testing::redeliveries(&event)) {
        all.push(Case::new(format!("an event in spelling {spelling}")).body(body));
    }
    all
}

fn refused() -> Vec<Case> {
    let event = EventBuilder::succeeded().build();
    let small = Damage::ALL
        .iter()
        .filter(|damage| **damage != Damage::TooLarge);
    let damaged = small.map(|damage| (format!("damaged: {damage}"), damage.apply(&event)));
    let controls =
        testing::SUCCEEDED.replace("\"status\": 1", "\"status\": \"\\u001b[2J\\n\\u202e\"");
    let one_rule = EventBuilder::succeeded().status(StampStatus::Failed);
    let three_rules = EventBuilder::failed().action("succeed").hash("");
    let more = [
        ("control characters to quote", controls),
        ("a broken error rule", json_of(&one_rule)),
        ("three broken error rules", json_of(&three_rules)),
    ];
    let more = more.map(|(name, body)| (name.to_owned(), body.into()));
    let case = |(name, body): (_, Vec<u8>)| {
        let expected = Expected::of(&body);
        Case::new(name).body(body).expect(expected)
    };
    damaged.chain(more).map(case).collect()
}

fn sizes(wrong: &str) -> Vec<Case> {
    let over = MAX_BODY_BYTES.saturating_add(1);
    vec![
        Case::new("a body exactly at the limit").body(padded(MAX_BODY_BYTES)),
        Case::new("a body one byte over the limit")
            .body(padded(over))
            .expect(Expected::too_large()),
        Case::new("a body over the limit for a wrong token")
            .path(wrong)
            .body(padded(over))
            .expect(Expected::status(&[404])),
    ]
}

/// edeXa documents no media type, so none is asked for.
fn content_types() -> Vec<Case> {
    let odd = [
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/plain; charset=utf-16",
        "application/octet-stream",
        ";;=",
    ];
    let mut all = vec![Case::new("no Content-Type").headers(&[])];
    for value in odd {
        all.push(Case::new(format!("Content-Type: {value}")).headers(&[("content-type", value)]));
    }
    all
}

/// Compressed bodies hold a documented event, so that decompressing one shows.
fn content_encodings(wrong: &str) -> Vec<Case> {
    let mut all = Vec::new();
    for value in ["identity", "Identity"] {
        let name = format!("Content-Encoding: {value}");
        all.push(Case::new(name).headers(&[("content-encoding", value)]));
    }
    let refused: [&[&str]; 6] = [
        &["gzip"],
        &["GZIP"],
        &["x-unheard-of"],
        &["identity, gzip"],
        &["identity", "gzip"],
        &["gzip", "identity"],
    ];
    for values in refused {
        let headers: Vec<_> = values
            .iter()
            .map(|value| ("content-encoding", *value))
            .collect();
        let case = Case::new(format!("Content-Encoding: {}", values.join(" and ")))
            .headers(&headers)
            .body(gzip(testing::SUCCEEDED.as_bytes()))
            .expect(Expected::status(&[415]));
        all.push(case);
    }
    all.push(
        Case::new("Content-Encoding: gzip for a wrong token")
            .path(wrong)
            .headers(&[("content-encoding", "gzip")])
            .body(gzip(testing::SUCCEEDED.as_bytes()))
            .expect(Expected::status(&[404])),
    );
    all
}

fn tokens(bench: &Bench) -> Vec<Case> {
    let (token, escaped) = (bench.token(), bench.escaped_token());
    let plain = &bench.path_of("");
    let mut shorter = token.to_owned();
    shorter.pop();
    let other = ["x", token.get(1..).unwrap_or_default()].concat();
    let right = [
        ("a token percent-encoded", escaped.clone()),
        (
            "a token percent-encoded in lower case",
            escaped.to_lowercase(),
        ),
        (
            "a token with a query after it",
            format!("{escaped}?attempt=2"),
        ),
    ];
    let wrong = [
        ("a wrong token", "guess".into()),
        ("a wrong token of the right length", other),
        ("the token in upper case", token.to_uppercase()),
        ("the start of the token", shorter),
        ("the token and more", format!("{escaped}=")),
        ("no token", String::new()),
        ("a token percent-encoded twice", escaped.replace('%', "%25")),
        ("a token with a zero byte", format!("{escaped}%00")),
        ("a segment after the token", format!("{escaped}/{escaped}")),
        ("the token in the query", format!("?token={escaped}")),
    ];
    let post = |name: &str, token: &str| Case::new(name).path(bench.path_of(token));
    let not_found = |case: Case| case.expect(Expected::status(&[404]));
    let mut all: Vec<Case> = right
        .iter()
        .map(|(name, token)| post(name, token))
        .collect();
    let wrong = wrong.iter().filter(|(_, text)| text != token);
    all.extend(wrong.map(|(name, text)| not_found(post(name, text))));
    if token.contains('+') {
        all.push(not_found(post(
            "a space for a plus",
            &token.replace('+', "%20"),
        )));
    }
    // Servers differ in where this is noticed.
    let slash = post("a slash after the token", &format!("{escaped}/"));
    all.push(slash.expect(Expected::status(&[200, 404])));
    let elsewhere = [
        ("POST /", "/".to_owned()),
        (
            "the path without its token",
            plain.trim_end_matches('/').into(),
        ),
        (
            "the token under another path",
            format!("/elsewhere{plain}{escaped}"),
        ),
    ];
    all.extend(elsewhere.map(|(name, path)| not_found(Case::new(name).path(path))));
    let unread = post("a body that is not JSON for a wrong token", "guess");
    all.push(not_found(unread.body("hello=world")));
    all
}

fn methods(wrong: &str) -> Vec<Case> {
    let mut all = Vec::new();
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
        let body = if ["PUT", "PATCH"].contains(&method) {
            testing::SUCCEEDED
        } else {
            ""
        };
        let case = Case {
            method,
            ..Case::new(method).body(body).headers(&[])
        };
        all.push(case.clone().expect(Expected::only_post()));
        all.push(Case {
            name: format!("{method} with a wrong token"),
            ..case.path(wrong).expect(Expected::status(&[404, 405]))
        });
    }
    all
}

fn json_of(event: &EventBuilder) -> String {
    // Builders of valid times and keys have a text; nothing would not pass.
    event.to_json().unwrap_or_default()
}

/// A documented event and spaces, this many bytes long.
pub(crate) fn padded(len: usize) -> Vec<u8> {
    let mut body = testing::SUCCEEDED.as_bytes().to_vec();
    body.resize(len, b' ');
    body
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing into memory cannot fail.
    let _ = encoder.write_all(plain);
    encoder.finish().unwrap_or_default()
}
