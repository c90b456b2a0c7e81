//! Fingerprints: the documented form, as vectors and as a second implementation have it.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeSet, HashSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use arbitrary::{Arbitrary, Unstructured};
use edexa_webhooks::testing::{self, EventBuilder, FAILED, SUCCEEDED};
use edexa_webhooks::{Fingerprint, InvalidFingerprint, WebhookEvent};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::corpus;

const SUCCEEDED_HAS: &str = "v1:9abed86ddfd31791599708310c5af45dd85301787a6af75409cdc882d5f9734b";

#[derive(Deserialize)]
struct Vector {
    name: String,
    body: String,
    canonical: String,
    fingerprint: String,
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../fixtures/fingerprints.json")).unwrap()
}

fn fingerprint(body: &str) -> Fingerprint {
    body.parse::<WebhookEvent>().unwrap().fingerprint()
}

#[test]
fn the_vectors_are_what_they_say() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 3);
    assert_eq!(vectors[0].body, SUCCEEDED);
    assert_eq!(vectors[0].fingerprint, SUCCEEDED_HAS);
    for vector in vectors {
        let digest = Sha256::digest(&vector.canonical);
        assert_eq!(
            vector.fingerprint,
            format!("v1:{digest:x}"),
            "{}",
            vector.name
        );
        let found = fingerprint(&vector.body);
        assert_eq!(found, vector.fingerprint.as_str(), "{}", vector.name);
    }
}

/// Bodies that the crate accepts: the vectors, the corpus, what the generators make, and
/// times and numbers at their edges.
fn bodies() -> Vec<String> {
    let mut bodies: Vec<String> = vectors().into_iter().map(|vector| vector.body).collect();
    let corpus = corpus::bodies().into_iter();
    bodies.extend(corpus.filter_map(|(_, body)| String::from_utf8(body).ok()));
    let noise: Vec<u8> = (0..60_000_u32)
        .map(|n| Sha256::digest(n.to_be_bytes())[0])
        .collect();
    for bytes in noise.chunks(600) {
        let event = WebhookEvent::arbitrary(&mut Unstructured::new(bytes)).unwrap();
        bodies.extend(testing::redeliveries(&event));
    }
    for time in [
        "2023-05-30T09:21:60Z",
        "2023-05-30T23:59:60.100+05:45",
        "2024-02-29T23:30:00-01:00",
        "0000-01-01T00:00:00z",
        "0000-02-29T00:00:00.000000000000Z",
        "9999-12-31T23:59:59.999999999999Z",
    ] {
        bodies.push(SUCCEEDED.replacen("2023-05-30T09:21:36.966Z", time, 1));
    }
    for tx_id in [
        "\\u00a0",
        "\\u001f",
        "\\u200b",
        "\\u20030x\\u2003",
        "0x0",
        "UNDEFINED",
        "nuLL\\t",
        "\\u212a",
    ] {
        bodies.push(SUCCEEDED.replacen("0x3b7d586651f386c0d415fa1349b9ec0be07b78c86", tx_id, 1));
    }
    for number in [
        "5e-324",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "1.7976931348623157e308",
        "9007199254740993.0",
        "9.5e-7",
        "123456789.125e3",
        "1e22",
        "1e23",
        "4.35e0",
        "0.1e1",
        "-1E+2",
        "-0.0e9",
        "-0",
        "-10",
        "100000000000000000001",
        "1329319900981048.25",
        "1329319900981048.75",
        "-4503599627370496.5",
    ] {
        let entry = format!("\"k\": [{number}], \"_id\"");
        bodies.push(SUCCEEDED.replacen("\"_id\"", &entry, 1));
    }
    bodies.retain(|body| body.len() <= 20_000 && body.parse::<WebhookEvent>().is_ok());
    bodies
}

/// Runs where Python 3 is there.
#[test]
fn a_second_implementation_agrees() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/fingerprint.py");
    let python = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut python) = python else {
        eprintln!("skipped: no python3");
        return;
    };
    let bodies = bodies();
    let mut stdin = python.stdin.take().unwrap();
    let input = bodies.join("\0");
    // It reads all before it writes.
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let output = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.lines().count(), bodies.len());
    for (body, line) in bodies.iter().zip(output.lines()) {
        assert_eq!(fingerprint(body), line, "{body}");
    }
    let different: HashSet<&str> = output.lines().collect();
    assert!(different.len() > 300 && bodies.len() > 800);
}

#[test]
fn what_a_later_version_may_learn_moves_nothing() {
    // A key that holds `null` counts as absent, whether or not it is known.
    let with = |entry: &str| fingerprint(&SUCCEEDED.replacen("\"_id\"", entry, 1));
    assert_eq!(with("\"originalDocHash\": null, \"_id\""), SUCCEEDED_HAS);
    assert_eq!(with("\"clientId\": null, \"_id\""), SUCCEEDED_HAS);
    assert_ne!(
        with("\"k\": {\"a\": null}, \"_id\""),
        with("\"k\": {}, \"_id\"")
    );
    assert_eq!(
        fingerprint(&SUCCEEDED.replace("6475c02029b5bab6d2f2c6dc", "6475C02029B5BAB6D2F2C6DC")),
        SUCCEEDED_HAS
    );
}

#[test]
fn the_action_and_the_envelope_are_not_in_it() {
    let event = EventBuilder::succeeded();
    let other = event
        .clone()
        .action("failed")
        .webhook_id("x")
        .action_id("x")
        .extra("k", &1.into());
    assert_eq!(event.build().fingerprint(), other.build().fingerprint());
}

/// No body has such a year, and yet they differ.
#[test]
fn times_that_cannot_be_written_are_told_apart() {
    use edexa_webhooks::chrono::{DateTime, TimeDelta, Utc};
    let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    let nearly = last - TimeDelta::nanoseconds(1);
    let event = |created_at, updated_at| {
        let event = EventBuilder::succeeded().created_at(created_at);
        event.updated_at(updated_at).build()
    };
    let events = [
        event(first, last),
        event(last, first),
        event(first, nearly),
        event(first, first),
        EventBuilder::succeeded().build(),
    ];
    let different: BTreeSet<_> = events.iter().map(WebhookEvent::fingerprint).collect();
    assert_eq!(different.len(), events.len());
    for (n, a) in events.iter().enumerate() {
        for (m, b) in events.iter().enumerate() {
            assert_eq!(a.is_redelivery_of(b), n == m);
        }
    }
}

#[test]
fn a_fingerprint_is_read_in_either_case() {
    let digits = SUCCEEDED_HAS.strip_prefix("v1:").unwrap();
    let read: Fingerprint = format!("v1:{}", digits.to_uppercase()).parse().unwrap();
    assert_eq!(read, SUCCEEDED_HAS);
    assert_eq!(read, fingerprint(SUCCEEDED));
    assert_eq!(read.to_string(), SUCCEEDED_HAS);
    assert_eq!(String::from(read.clone()), SUCCEEDED_HAS);
    let json = serde_json::to_string(&read).unwrap();
    assert_eq!(json, format!("\"{SUCCEEDED_HAS}\""));
    let upper = json.replace(digits, &digits.to_uppercase());
    assert_eq!(serde_json::from_str::<Fingerprint>(&upper).unwrap(), read);
    let all = BTreeSet::from([read.clone(), fingerprint(FAILED)]);
    assert!(all.contains(SUCCEEDED_HAS));
    assert_eq!(
        HashSet::from([read])
            .get(SUCCEEDED_HAS)
            .map(Fingerprint::as_str),
        Some(SUCCEEDED_HAS)
    );
}

#[test]
fn no_other_text_is_one() {
    let digits = &SUCCEEDED_HAS[3..];
    for text in [
        String::new(),
        "v1:".to_owned(),
        digits.to_owned(),
        format!("v2:{digits}"),
        format!("V1:{digits}"),
        format!("v1:{}", &digits[1..]),
        format!("v1:{digits}0"),
        format!("v1:{}g", &digits[1..]),
        format!(" v1:{digits}"),
    ] {
        let error: InvalidFingerprint = text.parse::<Fingerprint>().unwrap_err();
        let message = error.to_string();
        let start = "expected a fingerprint: `v1:` and 64 hex digits, found \"";
        assert!(message.starts_with(start), "{message}");
        let json = serde_json::to_string(&text).unwrap();
        assert!(serde_json::from_str::<Fingerprint>(&json).is_err());
    }
    let error = "v2:0".parse::<Fingerprint>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected a fingerprint: `v1:` and 64 hex digits, found \"v2:0\""
    );
}
