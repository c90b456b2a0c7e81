//! What an event says of itself, and of another event.

use edexa_webhooks::chrono::{DateTime, TimeDelta, Utc};
use edexa_webhooks::testing::{EventBuilder, FAILED, SUCCEEDED};
use edexa_webhooks::{Action, StampStatus, TxId, WebhookEvent};
use serde_json::json;

#[test]
fn success_and_failure_follow_the_action_alone() {
    for (action, is_succeeded, is_failed) in [
        ("succeed", true, false),
        ("failed", false, true),
        ("Succeed", false, false),
        ("", false, false),
    ] {
        for start in [EventBuilder::succeeded(), EventBuilder::failed()] {
            let event = start.action(action).build();
            assert_eq!(event.is_succeeded(), is_succeeded, "{action:?}");
            assert_eq!(event.is_failed(), is_failed, "{action:?}");
        }
    }
}

#[test]
fn finality_follows_the_status_alone() {
    for (code, is_final) in [(0, false), (1, true), (2, true), (3, false), (-1, false)] {
        for start in [EventBuilder::succeeded(), EventBuilder::failed()] {
            let event = start.status(StampStatus::from(code)).build();
            assert_eq!(event.is_final(), is_final, "{code}");
        }
    }
}

#[test]
fn a_chain_is_public_or_private() {
    for is_private in [false, true] {
        let event = EventBuilder::succeeded().is_private_bc(is_private).build();
        assert_eq!(event.is_private_chain(), is_private);
        assert_eq!(event.is_public_chain(), !is_private);
        assert_eq!(event.data.is_private_chain(), is_private);
        assert_eq!(event.data.is_public_chain(), !is_private);
    }
}

#[test]
fn a_signature_that_is_not_mentioned_counts_as_none() {
    let unsaid = EventBuilder::succeeded().is_esign(true).without_is_esign();
    for (event, is_esigned) in [
        (unsaid, false),
        (EventBuilder::succeeded().is_esign(false), false),
        (EventBuilder::succeeded().is_esign(true), true),
    ] {
        let event = event.build();
        assert_eq!(event.is_esigned(), is_esigned, "{:?}", event.data.is_esign);
        assert_eq!(event.data.is_esigned(), is_esigned);
    }
}

#[test]
fn a_placeholder_for_a_transaction_id_counts_as_absent() {
    for start in [EventBuilder::succeeded(), EventBuilder::failed()] {
        for (event, transaction) in [
            (start.clone().without_tx_id(), None),
            (start.clone().tx_id(""), None),
            (start.clone().tx_id(" \t"), None),
            (start.clone().tx_id(" 0X "), None),
            (start.clone().tx_id("null"), None),
            (start.clone().tx_id("Undefined"), None),
            (start.clone().tx_id("0x0"), Some("0x0")),
            (start.tx_id("0x1"), Some("0x1")),
        ] {
            let event = event.build();
            let found = event.data.transaction().map(TxId::as_str);
            assert_eq!(found, transaction);
            assert_eq!(event.has_transaction(), transaction.is_some());
            assert_eq!(event.data.has_transaction(), transaction.is_some());
        }
    }
}

#[track_caller]
fn assert_duration(event: &WebhookEvent, expected: TimeDelta) {
    assert_eq!(event.stamping_duration(), expected);
    assert_eq!(event.data.stamping_duration(), expected);
}

#[test]
fn stamping_takes_from_created_to_updated() {
    assert_duration(&SUCCEEDED.parse().unwrap(), TimeDelta::milliseconds(9_644));
    assert_duration(&FAILED.parse().unwrap(), TimeDelta::milliseconds(2_827));
    let took = |created_at: &str, updated_at: &str| {
        EventBuilder::succeeded()
            .created_at(created_at.parse::<DateTime<Utc>>().unwrap())
            .updated_at(updated_at.parse::<DateTime<Utc>>().unwrap())
            .build()
    };
    let (early, late) = ("2023-05-30T09:21:36Z", "2023-05-30T09:21:36.000000001Z");
    assert_duration(&took(early, early), TimeDelta::zero());
    assert_duration(&took(early, late), TimeDelta::nanoseconds(1));
    assert_duration(&took(late, early), TimeDelta::nanoseconds(-1));
}

#[test]
fn no_pair_of_times_is_too_far_apart() {
    let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    let event = |created_at, updated_at| {
        EventBuilder::succeeded()
            .created_at(created_at)
            .updated_at(updated_at)
            .build()
    };
    let (longest, shortest) = (event(first, last), event(last, first));
    let sum = longest
        .stamping_duration()
        .checked_add(&shortest.stamping_duration());
    assert!(longest.stamping_duration() > TimeDelta::days(365 * 500_000));
    assert_eq!(sum, Some(TimeDelta::zero()));
}

/// How two events relate, which is the same in either direction.
#[derive(Debug, PartialEq)]
struct Relation {
    same_stamp: bool,
    redelivery: bool,
    conflict: bool,
}

const REDELIVERY: Relation = Relation {
    same_stamp: true,
    redelivery: true,
    conflict: false,
};
const CONFLICT: Relation = Relation {
    same_stamp: true,
    redelivery: false,
    conflict: true,
};
const SAME_STAMP: Relation = Relation {
    same_stamp: true,
    redelivery: false,
    conflict: false,
};
const UNRELATED: Relation = Relation {
    same_stamp: false,
    redelivery: false,
    conflict: false,
};

#[track_caller]
fn assert_relation(left: &EventBuilder, right: EventBuilder, expected: &Relation) {
    let (left, right) = (left.clone().build(), right.build());
    for (a, b) in [(&left, &right), (&right, &left)] {
        let found = Relation {
            same_stamp: a.same_stamp(b),
            redelivery: a.is_redelivery_of(b),
            conflict: a.conflicts_with(b),
        };
        assert_eq!(found, *expected);
        let same_key = a.idempotency_key() == b.idempotency_key();
        assert_eq!(same_key, expected.redelivery || expected.conflict);
    }
}

#[test]
fn an_event_is_a_redelivery_of_itself() {
    for event in [EventBuilder::succeeded(), EventBuilder::failed()] {
        assert_relation(&event, event.clone(), &REDELIVERY);
    }
}

#[test]
fn the_envelope_may_change_from_one_delivery_to_the_next() {
    let event = EventBuilder::succeeded();
    for again in [
        event.clone().webhook_id("another"),
        event.clone().action_id("another"),
        event.clone().extra("attempt", &json!(2)),
    ] {
        assert_relation(&event, again, &REDELIVERY);
    }
}

#[test]
fn unknown_keys_are_compared_as_values() {
    let read = |text: &str| -> WebhookEvent {
        let body = SUCCEEDED.replacen("\"_id\"", &format!("\"pages\": {text}, \"_id\""), 1);
        body.parse().unwrap()
    };
    assert!(read("[1,2]").is_redelivery_of(&read("[ 1, 2 ]")));
    assert!(!read("[1,2]").conflicts_with(&read("[ 1, 2 ]")));
    assert!(!read("[1,2]").is_redelivery_of(&read("[2,1]")));
    assert!(read("[1,2]").conflicts_with(&read("[2,1]")));
}

#[test]
fn any_other_content_of_the_same_stamp_and_action_is_a_conflict() {
    let event = EventBuilder::succeeded();
    let later = "2023-05-30T10:55:20.142Z".parse::<DateTime<Utc>>().unwrap();
    for other in [
        event.clone().user_id("another"),
        event.clone().client_id("another"),
        event.clone().name("another"),
        event.clone().without_blockchain_id(),
        event.clone().tx_id("another"),
        event.clone().tx_id(""),
        event.clone().hash("another"),
        event.clone().stamp_type("1"),
        event.clone().code("another"),
        event.clone().is_esign(false),
        event.clone().is_private_bc(true),
        event.clone().status(StampStatus::Failed),
        event.clone().created_at(later),
        event.clone().updated_at(later),
        event.clone().stamp_extra("username", &json!("another")),
    ] {
        assert_relation(&event, other, &CONFLICT);
    }
}

#[test]
fn another_action_on_the_same_stamp_is_another_event() {
    let event = EventBuilder::succeeded();
    for action in [Action::Failed, Action::from("revoked")] {
        assert_relation(&event, event.clone().action(action), &SAME_STAMP);
    }
    assert_relation(&event, EventBuilder::failed(), &SAME_STAMP);
}

#[test]
fn another_stamp_is_unrelated() {
    let event = EventBuilder::succeeded();
    let other = event.clone().stamp_id("6475d6153b1b98c0686866cd");
    assert_relation(&event, other.clone(), &UNRELATED);
    assert_relation(&event, other.action(Action::Failed), &UNRELATED);
    // Of what is no `ObjectId`, the case counts.
    let lower_case = event.clone().stamp_id("a");
    assert_relation(&lower_case, event.stamp_id("A"), &UNRELATED);
}

#[test]
fn the_case_of_an_object_id_does_not_count() {
    let event = EventBuilder::succeeded();
    let upper_case = event.clone().stamp_id("6475C02029B5BAB6D2F2C6DC");
    assert_relation(&event, upper_case.clone(), &REDELIVERY);
    assert_relation(&event, upper_case.code("another"), &CONFLICT);
}

#[test]
fn a_placeholder_for_a_transaction_is_no_other_content_than_none() {
    let event = EventBuilder::failed();
    assert_relation(&event, event.clone().tx_id(""), &REDELIVERY);
    assert_relation(&event.clone().tx_id(""), event.clone(), &REDELIVERY);
    assert_relation(&event, event.clone().tx_id(" Null "), &REDELIVERY);
    assert_relation(
        &event.clone().tx_id("0x"),
        event.clone().tx_id(""),
        &REDELIVERY,
    );
    assert_relation(&event, event.clone().tx_id("0x0"), &CONFLICT);
}
