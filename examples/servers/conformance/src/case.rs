//! The ordinary rows as data: one request, one answer.

use std::io::Write;

use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::serde_json::json;
use edexa_webhooks::testing::{self, Damage, EventBuilder};
use edexa_webhooks::{StampStatus, StampType};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::answer::Expected;

/// The token that every receiver under test is given. It holds what form
/// decoding and careless URL handling would change.
pub const TOKEN: &str = "Zm9v+YmFy_-~=";

/// One request and what to answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// What the case is about.
    pub name: String,
    /// The method.
    pub method: &'static str,
    /// The path as it stands in the request line.
    pub path: String,
    /// The headers.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The body.
    pub body: Vec<u8>,
    /// The answer.
    pub expected: Expected,
}

impl Case {
    /// A documented event, posted where it belongs.
    fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            method: "POST",
            path: webhook_path(TOKEN),
            headers: vec![("content-type", "application/json")],
            body: testing::SUCCEEDED.into(),
            expected: Expected::ack(),
        }
    }

    fn path(self, path: impl Into<String>) -> Self {
        let path = path.into();
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

/// The path of the webhook for a token as it stands in the URL.
pub(crate) fn webhook_path(token: &str) -> String {
    format!("/webhooks/edexa/{token}")
}

/// The token with every byte percent-encoded.
pub(crate) fn escaped_token() -> String {
    let escapes: Vec<String> = TOKEN.bytes().map(|byte| format!("%{byte:02X}")).collect();
    escapes.concat()
}

/// Every ordinary row: one request that is sent whole, and its answer.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut all = accepted();
    all.extend(refused());
    all.extend(sizes());
    all.extend(content_types());
    all.extend(content_encodings());
    all.extend(tokens());
    all.extend(methods());
    all
}

fn accepted() -> Vec<Case> {
    let unknown_keys = EventBuilder::succeeded()
        .extra("deliveredBy", &json!(["a", { "b": 1 }]))
        .stamp_extra("originalDocHash", &json!(null));
    let unknown_action = EventBuilder::failed().action("revoked");
    let unknown_type = EventBuilder::succeeded().stamp_type(StampType::from("9"));
    let event = EventBuilder::succeeded().build();
    let [newer, older] = testing::reordered_pair();
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
    let damaged = small.map(|damage| {
        let body = damage.apply(&event);
        let statuses: &[u16] = match damage.http_status() {
            400 => &[400],
            _ => &[422],
        };
        (format!("damaged: {damage}"), statuses, body)
    });
    let controls =
        testing::SUCCEEDED.replace("\"status\": 1", "\"status\": \"\\u001b[2J\\n\\u202e\"");
    let one_rule = EventBuilder::succeeded().status(StampStatus::Failed);
    let three_rules = EventBuilder::failed().action("succeed").hash("");
    let more = [
        ("control characters to quote", controls),
        ("a broken error rule", json_of(&one_rule)),
        ("three broken error rules", json_of(&three_rules)),
    ];
    let more = more.map(|(name, body)| (name.to_owned(), [422].as_slice(), body.into()));
    let case = |(name, statuses, body): (_, _, Vec<u8>)| {
        let expected = Expected::refusal(statuses, &body);
        Case::new(name).body(body).expect(expected)
    };
    damaged.chain(more).map(case).collect()
}

fn sizes() -> Vec<Case> {
    let over = MAX_BODY_BYTES.saturating_add(1);
    vec![
        Case::new("a body exactly at the limit").body(padded(MAX_BODY_BYTES)),
        Case::new("a body one byte over the limit")
            .body(padded(over))
            .expect(Expected::too_large()),
        Case::new("a body over the limit for a wrong token")
            .path(webhook_path("guess"))
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
fn content_encodings() -> Vec<Case> {
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
            .path(webhook_path("guess"))
            .headers(&[("content-encoding", "gzip")])
            .body(gzip(testing::SUCCEEDED.as_bytes()))
            .expect(Expected::status(&[404])),
    );
    all
}

fn tokens() -> Vec<Case> {
    let escaped = escaped_token();
    let shorter = TOKEN.strip_suffix('=').unwrap_or_default();
    let right = [
        ("a token percent-encoded", escaped.clone()),
        (
            "a token percent-encoded in lower case",
            escaped.to_lowercase(),
        ),
        (
            "a token with a query after it",
            format!("{TOKEN}?attempt=2"),
        ),
    ];
    let wrong = [
        ("a wrong token", "guess".into()),
        ("a wrong token of the right length", TOKEN.replace('Z', "z")),
        ("the start of the token", shorter.to_owned()),
        ("the token and more", format!("{TOKEN}=")),
        ("no token", String::new()),
        ("a token percent-encoded twice", escaped.replace('%', "%25")),
        ("a space for a plus", TOKEN.replace('+', "%20")),
        ("a token with a zero byte", format!("{TOKEN}%00")),
        ("a segment after the token", format!("{TOKEN}/{TOKEN}")),
        ("the token in the query", format!("?token={TOKEN}")),
    ];
    // Servers differ in where these are noticed.
    let odd: [(_, _, &'static [u16]); 3] = [
        (
            "a token that is not UTF-8",
            format!("{TOKEN}%FF"),
            &[400, 404],
        ),
        (
            "a token with a broken escape",
            format!("{TOKEN}%zz"),
            &[400, 404],
        ),
        ("a slash after the token", format!("{TOKEN}/"), &[200, 404]),
    ];
    let not_found = || Expected::status(&[404]);
    let post = |name, token: String| Case::new(name).path(webhook_path(&token));
    let mut all: Vec<Case> = right.map(|(name, token)| post(name, token)).into();
    all.extend(wrong.map(|(name, token)| post(name, token).expect(not_found())));
    all.extend(
        odd.map(|(name, token, statuses)| post(name, token).expect(Expected::status(statuses))),
    );
    for path in ["/", "/webhooks/edexa", "/webhooks/other/Zm9v+YmFy_-~="] {
        let case = Case::new(format!("POST {path}")).path(path);
        all.push(case.expect(not_found()));
    }
    all.push(
        Case::new("a body that is not JSON for a wrong token")
            .path(webhook_path("guess"))
            .body("hello=world")
            .expect(not_found()),
    );
    all
}

fn methods() -> Vec<Case> {
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
            ..case
                .path(webhook_path("guess"))
                .expect(Expected::status(&[404, 405]))
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
