//! What the feature `arbitrary` makes of given bytes: inputs that a fuzzer has
//! collected keep their meaning. `UPDATE_FIXTURES=1` writes the snapshot anew.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::fmt::Write as _;

use arbitrary::{Arbitrary, Unstructured};
use edexa_webhooks::record::{Answer, ApiFailure, StampRecord};
use edexa_webhooks::{EventName, IdempotencyKey, Salvaged, Stamp, StampStatus, WebhookEvent};

use crate::support::assert_is_snapshot;

/// Bytes without a pattern, of a generator whose period is long enough.
fn bytes(seed: u64, len: usize) -> Vec<u8> {
    let mut state = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[0]
    };
    // Seeds that are near each other start alike.
    std::iter::repeat_with(next).skip(32).take(len).collect()
}

#[test]
fn events_are_those_of_the_snapshot() {
    let mut lines = String::new();
    for seed in 0..96 {
        let bytes = bytes(seed, 1_500);
        let mut u = Unstructured::new(&bytes);
        let event = WebhookEvent::arbitrary(&mut u).unwrap();
        let json = event.to_json().unwrap();
        writeln!(lines, "{seed} {} {}", u.len(), printable(&json)).unwrap();
    }
    assert_is_snapshot(&lines, "arbitrary-events.txt");
}

fn printable(text: &str) -> String {
    let escaped = |c: char| match c {
        ' '..='~' => c.to_string(),
        _ => c.escape_unicode().to_string(),
    };
    text.chars().map(escaped).collect()
}

#[test]
fn a_stamp_is_that_of_the_event_from_the_same_bytes() {
    for seed in 0..16 {
        let bytes = bytes(seed, 1_500);
        let event = WebhookEvent::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        let stamp = Stamp::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        assert_eq!(stamp, event.data);
    }
}

#[test]
fn keys_are_of_any_stamp_and_action() {
    let key = |seed| {
        let bytes = bytes(seed, 200);
        IdempotencyKey::arbitrary(&mut Unstructured::new(&bytes)).unwrap()
    };
    let keys: Vec<_> = (0..40).map(key).collect();
    for action in [":succeed", ":failed"] {
        let known = keys.iter().filter(|key| key.as_str().ends_with(action));
        assert!(known.count() >= 3, "{keys:?}");
    }
    for key in &keys {
        assert_eq!(key.as_str().parse().as_ref(), Ok(key));
    }
}

#[test]
fn what_is_salvaged_has_each_text_now_and_then() {
    let salvaged: Vec<_> = (0..40)
        .map(|seed| Salvaged::arbitrary(&mut Unstructured::new(&bytes(seed, 400))).unwrap())
        .collect();
    let counts = [
        salvaged.iter().filter(|s| s.webhook_id.is_some()).count(),
        salvaged.iter().filter(|s| s.action_id.is_some()).count(),
        salvaged.iter().filter(|s| s.action.is_some()).count(),
        salvaged.iter().filter(|s| s.stamp_id.is_some()).count(),
        salvaged.iter().filter(|s| s.tx_id.is_some()).count(),
        salvaged.iter().filter(|s| s.hash.is_some()).count(),
    ];
    assert!(
        counts.iter().all(|count| (5..35).contains(count)),
        "{counts:?}"
    );
}

#[test]
fn size_hints_are_exact_where_a_value_takes_few_bytes() {
    // One byte to choose, then one or eight.
    assert_eq!(StampStatus::size_hint(0), (2, Some(9)));
    assert_eq!(EventName::size_hint(0), (1, Some(1)));
}

#[test]
fn answers_are_of_each_kind_now_and_then() {
    let answers = (0..60).map(|seed| {
        let bytes = bytes(seed, 1_500);
        Answer::<StampRecord>::arbitrary(&mut Unstructured::new(&bytes)).unwrap()
    });
    let mut counts = [0; 3];
    for answer in answers {
        let kind = match answer.into_result() {
            Ok(_) => 0,
            Err(ApiFailure::Other { status, .. }) => {
                assert!(![200, 401, 404, 409].contains(&status), "{status}");
                1
            }
            Err(_) => 2,
        };
        counts[kind] += 1;
    }
    assert!(counts.iter().all(|count| *count >= 8), "{counts:?}");
}

/// A status that is no failure is never made up for one.
#[test]
fn no_failure_has_status_200() {
    let bytes = [[0].as_slice(), &200_i64.to_le_bytes()].concat();
    let failure = ApiFailure::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
    assert_eq!(failure.status(), 500);
}
