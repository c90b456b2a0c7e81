//! The kit for users' tests: what it damages, delivers again and asserts.

use std::collections::BTreeSet;
use std::panic;

use chrono::{DateTime, Utc};
use edexa_webhooks::testing::{self, Damage, EventBuilder};
use edexa_webhooks::{Rejection, Rule, StampStatus, WebhookEvent};
use serde_json::json;

use crate::support::assert_refused_alike;

mod damage;

/// Events of many shapes: documented, with every key, with keys that the kit
/// itself uses, and with texts that look like JSON.
fn events() -> Vec<WebhookEvent> {
    let every_key = EventBuilder::succeeded()
        .client_id("2")
        .name("caf\u{e9} \u{1f600}.png")
        .is_esign(true)
        .extra("later", &json!([1, { "hash": 2 }]))
        .stamp_extra("later", &json!({ "later": "}}" }));
    let like_json = EventBuilder::failed()
        .name("\"hash\":\"}}")
        .hash("")
        .code("\\")
        .stamp_extra("zzz", &json!(null));
    vec![
        testing::SUCCEEDED.parse().unwrap(),
        testing::FAILED.parse().unwrap(),
        EventBuilder::succeeded().build(),
        EventBuilder::failed().build(),
        every_key.build(),
        like_json.build(),
    ]
}

mod deliveries {
    use super::*;

    #[test]
    fn of_the_same_event_are_neither_new_nor_in_conflict() {
        for event in events() {
            let bodies = testing::redeliveries(&event);
            assert_eq!(bodies.len(), 5);
            for body in &bodies {
                let again: WebhookEvent = body.parse().unwrap();
                assert!(again.is_redelivery_of(&event), "{body}");
                assert!(!again.conflicts_with(&event), "{body}");
            }
            let spellings: BTreeSet<_> = bodies.iter().collect();
            assert_eq!(spellings.len(), 5, "{bodies:#?}");
        }
    }

    #[test]
    fn of_the_same_event_differ_as_documented() {
        let event: WebhookEvent = testing::FAILED.parse().unwrap();
        let [plain, spaced, reordered, escaped, other_ids] =
            testing::redeliveries(&event).try_into().unwrap();
        assert_eq!(plain, event.to_json().unwrap());
        assert!(spaced.starts_with("\n {\n \"webhookId\"\n :\n \"6475d6183b1b98c0686866d5\"\n ,"));
        let start = r#" { "data" :  { "txId" : null , "blockchainId" : null , "updatedAt" : "#;
        assert!(reordered.starts_with(start), "{reordered}");
        assert!(reordered.contains(" \"isEsign\" : false ,"), "{reordered}");
        assert!(
            escaped.starts_with(r#"{"\u0077\u0065\u0062\u0068"#),
            "{escaped}"
        );
        let other: WebhookEvent = other_ids.parse().unwrap();
        assert_eq!(other.webhook_id, event.action_id.as_str());
        assert_eq!(other.action_id, event.webhook_id.as_str());
        assert_eq!(other.data, event.data);
    }

    #[test]
    fn of_what_cannot_be_written_are_empty() {
        let event = EventBuilder::succeeded().extra("action", &json!("a"));
        let event = event.build();
        assert_eq!(testing::redeliveries(&event), [""; 5]);
        assert_eq!(testing::conflict(&event), "");
        assert_eq!(testing::reordered_pair(&event)[0], "");
    }

    #[test]
    fn in_conflict_differ_in_the_hash_alone() {
        let palindrome = EventBuilder::failed().hash("abba").build();
        for event in events().into_iter().chain([palindrome]) {
            let mut other: WebhookEvent = testing::conflict(&event).parse().unwrap();
            assert!(other.conflicts_with(&event), "{other}");
            other.data.hash = event.data.hash.clone();
            assert_eq!(other, event);
        }
    }

    #[test]
    fn in_the_wrong_order_are_as_sound_as_the_event() {
        for event in events() {
            let pair = testing::reordered_pair(&event);
            let [newer, older] = pair.map(|body| body.parse::<WebhookEvent>().unwrap());
            assert_eq!(newer, event);
            let rules = |event: &WebhookEvent| {
                let findings = event.check();
                findings.iter().map(|f| f.rule).collect::<Vec<_>>()
            };
            let mut expected = rules(&newer);
            // The documented transaction id is a shortened one, and the documented failure
            // took three seconds.
            expected.retain(|rule| *rule != Rule::MalformedTxId);
            if newer.stamping_duration().num_seconds() < 5 {
                expected.insert(0, Rule::TimeReversed);
            }
            assert_eq!(rules(&older), expected);
            assert_eq!(older.is_failed(), newer.is_succeeded());
            assert!(newer.supersedes(&older) && !older.supersedes(&newer));
            let seconds = (newer.data.updated_at - older.data.updated_at).num_seconds();
            assert_eq!(seconds, 5);
        }
    }
}

mod assertions {
    use super::*;

    /// What the assertion says when it fails.
    #[track_caller]
    fn failure(assertion: impl FnOnce() + panic::UnwindSafe) -> String {
        let payload = panic::catch_unwind(assertion).unwrap_err();
        *payload.downcast::<String>().unwrap()
    }

    #[test]
    fn of_findings_hold_in_any_order() {
        let event = EventBuilder::succeeded()
            .status(StampStatus::Failed)
            .without_tx_id()
            .user_id("")
            .code("")
            .build();
        let rules = [
            Rule::EmptyField,
            Rule::MissingTxId,
            Rule::EmptyField,
            Rule::StatusMismatch,
        ];
        testing::assert_findings(&event.check(), &rules);
        testing::assert_findings(&EventBuilder::failed().build().check(), &[]);
    }

    #[test]
    fn of_findings_show_what_is_missing_what_is_too_much_and_what_agrees() {
        let event = EventBuilder::succeeded()
            .status(StampStatus::Failed)
            .without_tx_id()
            .build();
        let expected = [
            Rule::EmptyIdentity,
            Rule::StatusMismatch,
            Rule::StatusMismatch,
        ];
        assert_eq!(
            failure(|| testing::assert_findings(&event.check(), &expected)),
            "findings differ (- expected, + found)\n\
             - empty-identity\n\
             - status-mismatch\n\
             + error missing-tx-id at /data/txId: expected a transaction id with the action `succeed`, found none\n  \
             error status-mismatch at /data/status: expected 1 with the action `succeed`, found 2",
        );
        assert_eq!(
            failure(|| testing::assert_findings(&event.check(), &[Rule::StatusMismatch])),
            "findings differ (- expected, + found)\n\
             + error missing-tx-id at /data/txId: expected a transaction id with the action `succeed`, found none\n  \
             error status-mismatch at /data/status: expected 1 with the action `succeed`, found 2",
        );
    }

    #[test]
    fn of_equal_events_hold_however_they_are_spelled() {
        for event in events() {
            for body in &testing::redeliveries(&event)[..4] {
                testing::assert_same_event(&event, &body.parse().unwrap());
            }
        }
    }

    #[test]
    fn of_equal_events_show_each_key_that_differs() {
        let left = EventBuilder::succeeded()
            .name("\u{202e}gpj.exe")
            .extra("a/b~c", &json!("1"))
            .stamp_extra("same", &json!("\u{e9}"));
        let right = EventBuilder::succeeded()
            .webhook_id("")
            .without_tx_id()
            .status(StampStatus::Failed)
            .hash("0".repeat(200))
            .extra("a/b~c", &json!(1))
            .stamp_extra("same", &json!("\u{e9}"));
        let left = left.build();
        let right = right.to_json().unwrap().replace('\u{e9}', r"\u00e9");
        let right = right.parse().unwrap();
        assert_eq!(
            failure(|| testing::assert_same_event(&left, &right)),
            format!(
                "events differ (left, right)\n\
                 /a~1b~0c: \"1\", 1\n\
                 /webhookId: \"6475b0af7195267fd13bb3d1\", \"\"\n\
                 /data/hash: \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\", \"{}…\n\
                 /data/name: \"\\u{{202e}}gpj.exe\", no such key\n\
                 /data/status: 1, 2\n\
                 /data/txId: \"0x3b7d586651f386c0d415fa1349b9ec0be07b78c86f52b1e0a4d9c37e6815af02\", no such key",
                "0".repeat(79)
            ),
        );
    }

    #[test]
    fn of_equal_events_name_the_one_that_cannot_be_written() {
        let good = EventBuilder::succeeded().build();
        let known = EventBuilder::succeeded().extra("action", &json!("a"));
        let late = EventBuilder::succeeded().updated_at(DateTime::<Utc>::MAX_UTC);
        let (known, late) = (known.build(), late.build());
        let left = "\nleft: expected unknown keys in `extra`, found \"action\", which has a field";
        let right = "\nright: expected a year from 0000 to 9999, found another one";
        for (event, other, lines) in [
            (&known, &good, left.to_owned()),
            (&good, &late, right.to_owned()),
            (&known, &late, [left, right].concat()),
        ] {
            assert_eq!(
                failure(|| testing::assert_same_event(event, other)),
                ["events differ (left, right)", &lines].concat(),
            );
        }
    }
}

#[test]
fn a_damaged_body_is_answered_as_the_damage_says() {
    for event in events() {
        for damage in Damage::ALL {
            let body = damage.apply(&event);
            let shown = String::from_utf8_lossy(&body);
            let error = assert_refused_alike(&body);
            assert_eq!(error.pointer(), damage.pointer(), "{damage}: {shown}");
            assert_eq!(error.category(), damage.category(), "{damage}: {shown}");
            let status = Rejection::from(error).http_status();
            assert_eq!(status, damage.http_status(), "{damage}");
        }
    }
}
