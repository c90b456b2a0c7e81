//! The clock inside an `ObjectId`, and the form of a UUID.

use edexa_webhooks::chrono::{DateTime, Utc};
use edexa_webhooks::testing::{FAILED, SUCCEEDED};
use edexa_webhooks::{ActionId, BlockchainId, StampId, UserId, WebhookEvent, WebhookId};

/// What each of the four kinds of id says of a text, which is the same.
#[track_caller]
fn clock_of(id: &str) -> Option<DateTime<Utc>> {
    macro_rules! all_agree {
        ($($kind:ident)*) => {
            [$({
                let id = $kind::from(id);
                assert_eq!(id.timestamp().is_some(), id.is_object_id(), "{id:?}");
                id.timestamp()
            }),*]
        };
    }
    let [first, others @ ..] = all_agree!(WebhookId ActionId StampId UserId);
    assert_eq!(others, [first; 3], "{id:?}");
    first
}

#[track_caller]
fn assert_instant(id: &str, instant: &str) {
    let expected: DateTime<Utc> = instant.parse().unwrap();
    assert_eq!(clock_of(id), Some(expected), "{id:?}");
}

#[test]
fn the_first_eight_digits_are_seconds_since_1970() {
    assert_instant("6475c02029b5bab6d2f2c6dc", "2023-05-30T09:21:36Z");
    assert_instant("6475d6153b1b98c0686866cd", "2023-05-30T10:55:17Z");
    assert_instant("6475d6183b1b98c0686866d5", "2023-05-30T10:55:20Z");
    assert_instant("000000000000000000000000", "1970-01-01T00:00:00Z");
    assert_instant("00000001ffffffffffffffff", "1970-01-01T00:00:01Z");
    assert_instant("7fffffff0000000000000000", "2038-01-19T03:14:07Z");
    assert_instant("800000000000000000000000", "2038-01-19T03:14:08Z");
    assert_instant("ffffffff0000000000000000", "2106-02-07T06:28:15Z");
}

#[test]
fn digits_are_of_either_case() {
    assert_instant("6475C02029B5BAB6D2F2C6DC", "2023-05-30T09:21:36Z");
    assert_instant("6475c02029B5bab6D2f2c6Dc", "2023-05-30T09:21:36Z");
}

#[test]
fn anything_but_24_hex_digits_has_no_clock() {
    for id in [
        "",
        "1",
        "6475c020",
        "6475c02029b5bab6d2f2c6d",
        "6475c02029b5bab6d2f2c6dc0",
        "6475c02029b5bab6d2f2c6dg",
        "g475c02029b5bab6d2f2c6dc",
        "+475c02029b5bab6d2f2c6dc",
        "-475c02029b5bab6d2f2c6dc",
        "6475c020+9b5bab6d2f2c6dc",
        "0x75c02029b5bab6d2f2c6dc",
        " 6475c02029b5bab6d2f2c6d",
        "6475c02029b5bab6d2f2c6d\n",
        "646f1d74d3397a4*********",
        "646f1d74d3397a4********",
        "2d4cf0b1-a3ee-4580-97f4-86bf937190fe",
    ] {
        assert_eq!(clock_of(id), None, "{id:?}");
    }
}

#[test]
fn twenty_four_bytes_that_are_not_ascii_have_no_clock() {
    for id in [
        "é".repeat(12),
        "😀".repeat(6),
        // A character lies across the end of the seconds.
        format!("6475c02é{}", "0".repeat(15)),
        // Digits, but not ASCII ones.
        "٠".repeat(12),
    ] {
        assert_eq!(id.len(), 24);
        assert_eq!(clock_of(&id), None, "{id:?}");
    }
}

#[test]
fn the_documented_ids_agree_with_the_documented_times() {
    for body in [SUCCEEDED, FAILED] {
        let event: WebhookEvent = body.parse().unwrap();
        let made_at = event.data.id.timestamp().unwrap();
        assert_eq!(made_at.timestamp(), event.data.created_at.timestamp());
    }
    let failed: WebhookEvent = FAILED.parse().unwrap();
    let made_at = failed.webhook_id.timestamp().unwrap();
    assert_eq!(made_at.timestamp(), failed.data.updated_at.timestamp());
}

#[test]
fn a_blockchain_id_may_be_a_uuid() {
    for id in [
        "2d4cf0b1-a3ee-4580-97f4-86bf937190fe",
        "2D4CF0B1-A3EE-4580-97F4-86BF937190FE",
        "00000000-0000-0000-0000-000000000000",
    ] {
        assert!(BlockchainId::from(id).is_uuid(), "{id:?}");
    }
    for id in [
        "",
        "----",
        "2d4cf0b1a3ee458097f486bf937190fe",
        "{2d4cf0b1-a3ee-4580-97f4-86bf937190fe}",
        "2d4cf0b1-a3ee-4580-97f4-86bf937190f",
        "2d4cf0b1-a3ee-4580-97f4-86bf937190fe0",
        "2d4cf0b1-a3ee-4580-97f4-86bf937190fe-",
        "-2d4cf0b1-a3ee-4580-97f4-86bf937190fe",
        "2d4cf0b-1a3ee-4580-97f4-86bf937190fe",
        "2d4cf0b1-a3ee-4580-97f4-86bf937190fg",
        "a3ee-2d4cf0b1-4580-97f4-86bf937190fe",
        "86bf937190fe-a3ee-4580-97f4-2d4cf0b1",
        "2d4cf0b1-a3ee-4580-86bf937190fe",
        "2d4cf0b1_a3ee_4580_97f4_86bf937190fe",
        "2d4cf0b1-a3ee-4580-97f4-86bf93719é0",
        "urn:uuid:2d4cf0b1-a3ee-4580-97f4-86bf937190fe",
    ] {
        assert!(!BlockchainId::from(id).is_uuid(), "{id:?}");
    }
}
