//! The retry schedule, and what tells deliveries apart.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use edexa_webhooks::delivery::{ACK_STATUS, MAX_BODY_BYTES, REDELIVERY_HORIZON, RETRY_DELAYS};
use edexa_webhooks::testing::{EventBuilder, FAILED, SUCCEEDED};
use edexa_webhooks::{IdempotencyKey, InvalidIdempotencyKey, WebhookEvent};

#[test]
fn the_schedule_is_the_documented_one() {
    let seconds = RETRY_DELAYS.map(|delay| delay.as_secs());
    assert_eq!(seconds, [300, 1_800, 3_600, 21_600, 86_400]);
    assert!(RETRY_DELAYS.iter().all(|delay| delay.subsec_nanos() == 0));
}

#[test]
fn the_horizon_is_the_sum_of_the_delays() {
    assert_eq!(REDELIVERY_HORIZON, RETRY_DELAYS.iter().sum());
    assert_eq!(REDELIVERY_HORIZON, Duration::from_secs(113_700));
}

#[test]
fn the_expected_answer_and_the_limit() {
    assert_eq!(ACK_STATUS, 200);
    assert_eq!(MAX_BODY_BYTES, 65_536);
}

fn key(stamp: &str, action: &str) -> IdempotencyKey {
    let event = EventBuilder::succeeded().stamp_id(stamp).action(action);
    event.build().idempotency_key()
}

#[test]
fn the_text_is_stamp_and_action_percent_encoded() {
    for (stamp, action, text) in [
        (
            "6475c02029b5bab6d2f2c6dc",
            "succeed",
            "6475c02029b5bab6d2f2c6dc:succeed",
        ),
        ("", "", ":"),
        ("a", "", "a:"),
        ("", "a", ":a"),
        ("a:b", "c", "a%3Ab:c"),
        ("a%3Ab", "c", "a%253Ab:c"),
        ("AZaz09-._~", "x", "AZaz09-._~:x"),
        ("a b/c?d#e+f", "&=", "a%20b%2Fc%3Fd%23e%2Bf:%26%3D"),
        ("é", "😀", "%C3%A9:%F0%9F%98%80"),
        ("\0\n\u{7f}", "\u{202e}", "%00%0A%7F:%E2%80%AE"),
    ] {
        let key = key(stamp, action);
        assert_eq!(key.as_str(), text);
        assert_eq!(key.to_string(), text);
        assert_eq!(key.as_ref(), text);
        assert_eq!(text.parse(), Ok(key));
    }
}

#[test]
fn the_documented_samples_have_these_keys() {
    for (body, text) in [
        (SUCCEEDED, "6475c02029b5bab6d2f2c6dc:succeed"),
        (FAILED, "6475d6153b1b98c0686866cd:failed"),
    ] {
        let event: WebhookEvent = body.parse().unwrap();
        assert_eq!(event.idempotency_key().as_str(), text);
    }
}

#[test]
fn nothing_but_stamp_and_action_matters() {
    let event = EventBuilder::succeeded();
    let other = event
        .clone()
        .webhook_id("x")
        .action_id("x")
        .user_id("x")
        .tx_id("x")
        .hash("x");
    assert_eq!(
        event.build().idempotency_key(),
        other.build().idempotency_key()
    );
}

#[test]
fn different_events_have_different_keys() {
    let parts = [
        "", ":", "::", "%", "%3A", "%253A", "%25", "a", "a:", ":a", "a:b", "b", "A", "é",
        "e\u{301}", "\u{e9}\0", " ", "+", "%20",
    ];
    let mut keys = HashMap::new();
    for stamp in parts {
        for action in parts {
            let twin = keys.insert(key(stamp, action), (stamp, action));
            assert_eq!(twin, None, "has the key of {:?}", (stamp, action));
        }
    }
    assert_eq!(keys.len(), parts.len() * parts.len());
}

#[test]
fn an_object_id_counts_without_its_case() {
    let lower = key("6475c02029b5bab6d2f2c6dc", "succeed");
    assert_eq!(key("6475C02029B5BAB6D2F2C6DC", "succeed"), lower);
    assert_eq!(key("6475C02029b5bab6d2f2c6dC", "succeed"), lower);
    assert_ne!(key("6475c02029b5bab6d2f2c6dc", "Succeed"), lower);
    // 23 digits, 25, and a letter that is no digit.
    for (upper, lower) in [
        ("6475C02029B5BAB6D2F2C6D", "6475c02029b5bab6d2f2c6d"),
        ("6475C02029B5BAB6D2F2C6DC0", "6475c02029b5bab6d2f2c6dc0"),
        ("6475C02029B5BAB6D2F2C6DG", "6475c02029b5bab6d2f2c6dg"),
    ] {
        assert_ne!(key(upper, "succeed"), key(lower, "succeed"));
    }
}

#[test]
fn keys_keep_the_white_space_of_an_id() {
    for (id, key) in [(" 7", "%207:succeed"), ("7\n", "7%0A:succeed")] {
        let event = EventBuilder::succeeded().stamp_id(id).build();
        assert_eq!(event.idempotency_key(), key);
        assert_eq!(key.parse::<IdempotencyKey>().unwrap(), key);
    }
}

#[test]
fn a_nanosecond_later_is_later() {
    let failed = EventBuilder::failed().build();
    let nanosecond = chrono::TimeDelta::nanoseconds(1);
    let later = EventBuilder::failed().updated_at(failed.data.updated_at + nanosecond);
    let (later, succeeded) = (later.build(), EventBuilder::succeeded().build());
    assert!(later.supersedes(&failed) && !failed.supersedes(&later));
    // Success decides only where the times are equal.
    assert!(later.supersedes(&succeeded) && !succeeded.supersedes(&later));
    assert!(succeeded.supersedes(&failed) && !failed.supersedes(&succeeded));
}

/// Those that version 0.1.0 wrote, which knew neither a limit nor the case.
#[test]
fn keys_of_the_first_version_are_read() {
    let upper = "6475C02029B5BAB6D2F2C6DC:succeed";
    let lower = "6475c02029b5bab6d2f2c6dc:succeed";
    assert_eq!(upper.parse::<IdempotencyKey>().unwrap(), lower);
    let json = format!("\"{upper}\"");
    assert_eq!(
        serde_json::from_str::<IdempotencyKey>(&json).unwrap(),
        lower
    );
    let long = format!("{}:{}", "%C3%A9".repeat(20_000), "A".repeat(9_000));
    assert_eq!(long.parse::<IdempotencyKey>().unwrap(), long.as_str());
}

const EXPECTED: &str =
    "expected an idempotency key such as `6475c02029b5bab6d2f2c6dc:succeed`, found";

#[track_caller]
fn assert_refused(text: &str, found: &str) {
    let error: InvalidIdempotencyKey = text.parse::<IdempotencyKey>().unwrap_err();
    assert_eq!(error.to_string(), format!("{EXPECTED} \"{found}\""));
    let json = serde_json::to_string(text).unwrap();
    let error = serde_json::from_str::<IdempotencyKey>(&json).unwrap_err();
    let message = error.to_string();
    let expected = format!("{EXPECTED} the string \"{found}\" at line ");
    assert!(message.starts_with(&expected), "{message}");
}

#[test]
fn no_other_text_is_a_key() {
    for text in [
        "",
        "6475c02029b5bab6d2f2c6dc",
        "a:b:c",
        "a b:c",
        "a:b/c",
        "%61:b",
        "a:%62",
        "%3a:b",
        "%3Ab",
        "%:b",
        "%3:b",
        "%3G:b",
        "%+1:b",
        "%FF:b",
        "%C3:b",
        "%C0%80:b",
        "a:%ED%A0%80",
        "é:b",
        "a+b:c",
    ] {
        assert_refused(text, text);
    }
    assert_refused("a:b\n", "a:b\\n");
    assert_refused("\u{202e}a:b", "\\u{202e}a:b");
    assert_refused(&"x".repeat(40), &"x".repeat(40));
    let error = "x".repeat(41).parse::<IdempotencyKey>().unwrap_err();
    let clipped = format!("{EXPECTED} \"{}\"…", "x".repeat(40));
    assert_eq!(error.to_string(), clipped);
}

/// Every text of at most that many of these characters.
fn texts(alphabet: &str, max_chars: usize) -> BTreeSet<String> {
    let mut all = BTreeSet::from([String::new()]);
    for _ in 0..max_chars {
        let longer: Vec<String> = all
            .iter()
            .flat_map(|text| alphabet.chars().map(move |c| format!("{text}{c}")))
            .collect();
        all.extend(longer);
    }
    all
}

#[test]
fn exactly_the_keys_of_events_are_read() {
    const MAX_CHARS: usize = 5;
    // The first are what keys are spelled with, the second what these spell.
    let (written, meant) = (texts("%:25a", MAX_CHARS), texts("%\"25a", MAX_CHARS - 1));
    let read: BTreeSet<String> = written
        .into_iter()
        .filter(|text| text.parse::<IdempotencyKey>().is_ok())
        .collect();
    let mut made = BTreeSet::new();
    for stamp in &meant {
        for action in meant.iter().filter(|a| a.len() + stamp.len() < MAX_CHARS) {
            made.insert(key(stamp, action).as_str().to_owned());
        }
    }
    made.retain(|text| text.len() <= MAX_CHARS);
    assert!(read.contains("%25:a") && read.contains("a:%22"));
    assert_eq!(read, made);
}

#[test]
fn a_key_is_a_json_string() {
    let key = key("a:b", "succeed");
    let json = serde_json::to_string(&key).unwrap();
    assert_eq!(json, r#""a%3Ab:succeed""#);
    assert_eq!(serde_json::from_str::<IdempotencyKey>(&json).unwrap(), key);
    let error = serde_json::from_str::<IdempotencyKey>("7").unwrap_err();
    let expected = EXPECTED.trim_end_matches(", found");
    let message = format!("invalid type: integer `7`, {expected} at line ");
    assert!(error.to_string().starts_with(&message), "{error}");
}

#[test]
fn keys_are_found_and_ordered_by_their_text() {
    let keys = ["b:a", "a:b", ":", "a:"].map(|text| text.parse::<IdempotencyKey>().unwrap());
    let seen: HashMap<IdempotencyKey, usize> = keys.iter().cloned().zip(0..).collect();
    assert_eq!(seen.get("a:b"), Some(&1));
    assert_eq!(seen.get("a:c"), None);
    let sorted: BTreeSet<_> = keys.into_iter().collect();
    let texts: Vec<_> = sorted.iter().map(IdempotencyKey::as_str).collect();
    assert_eq!(texts, [":", "a:", "a:b", "b:a"]);
    assert!(sorted.contains("b:a"));
}

#[test]
fn keys_compare_with_text_and_become_it() {
    let key = "a:b".parse::<IdempotencyKey>().unwrap();
    assert_eq!(key, "a:b");
    assert_eq!(key, *"a:b");
    assert_eq!("a:b", key);
    assert_eq!(*"a:b", key);
    assert_ne!(key, "a:c");
    assert_ne!(key, *"a:c");
    assert_ne!("a:c", key);
    assert_ne!(*"a:c", key);
    assert_eq!(String::from(key), "a:b");
}
