//! What an event means, for each combination of action, status and transaction.

use edexa_webhooks::testing::EventBuilder;
use edexa_webhooks::{
    FailedStamp, Finding, Invalid, Outcome, Severity, Stamp, StampStatus, SucceededStamp,
    WebhookEvent,
};

const TX_ID: &str = "0x3b7d586651f386c0d415fa1349b9ec0be07b78c86f52b1e0a4d9c37e6815af02";

fn event(action: &str, status: i64, tx_id: Option<&str>) -> WebhookEvent {
    let event = EventBuilder::succeeded()
        .action(action)
        .status(StampStatus::from(status));
    match tx_id {
        Some(tx_id) => event.tx_id(tx_id).build(),
        None => event.without_tx_id().build(),
    }
}

fn codes(invalid: &Invalid) -> Vec<&'static str> {
    invalid.iter().map(|finding| finding.rule.code()).collect()
}

/// The kind of an outcome, or the codes of the rules that stand in its way.
fn meaning(event: &WebhookEvent) -> Result<&'static str, Vec<&'static str>> {
    match event.outcome() {
        Ok(Outcome::Succeeded(_)) => Ok("succeeded"),
        Ok(Outcome::Failed(_)) => Ok("failed"),
        Ok(Outcome::Unknown(_)) => Ok("unknown"),
        Err(invalid) => Err(codes(&invalid)),
    }
}

#[test]
fn each_combination_has_its_meaning() {
    let (mismatch, missing) = ("status-mismatch", "missing-tx-id");
    for status in [0, 1, 2, 3, -1] {
        for tx_id in [None, Some(""), Some(TX_ID), Some("x")] {
            let has_transaction = tx_id.is_some_and(|id| !id.is_empty());
            let succeed = match (status != 2, has_transaction) {
                (true, true) => Ok("succeeded"),
                (true, false) => Err(vec![missing]),
                (false, true) => Err(vec![mismatch]),
                (false, false) => Err(vec![mismatch, missing]),
            };
            let failed = match status {
                1 => Err(vec![mismatch]),
                _ => Ok("failed"),
            };
            for (action, expected) in [
                ("succeed", succeed),
                ("failed", failed),
                ("revoked", Ok("unknown")),
                ("Succeed", Ok("unknown")),
                ("", Ok("unknown")),
            ] {
                let event = event(action, status, tx_id);
                assert_eq!(meaning(&event), expected, "{action} {status} {tx_id:?}");
            }
        }
    }
}

#[test]
fn an_event_without_a_name_has_no_outcome_whatever_its_action() {
    for action in ["succeed", "failed", "revoked"] {
        let status = if action == "failed" { 2 } else { 1 };
        let mut event = event(action, status, Some(TX_ID));
        event.data.hash = "".into();
        assert_eq!(meaning(&event), Err(vec!["empty-identity"]), "{action}");
        event.data.id = "".into();
        let both = vec!["empty-identity", "empty-identity"];
        assert_eq!(meaning(&event), Err(both), "{action}");
    }
}

#[test]
fn validate_outcome_and_check_agree() {
    for action in ["succeed", "failed", "revoked"] {
        for status in [0, 1, 2, 3] {
            for tx_id in [None, Some(""), Some(TX_ID), Some("x")] {
                let event = event(action, status, tx_id);
                let findings = event.check();
                let errors: Vec<&Finding> = findings
                    .iter()
                    .filter(|finding| finding.severity() == Severity::Error)
                    .collect();
                match event.validate() {
                    Ok(()) => assert_eq!(errors, [] as [&Finding; 0]),
                    Err(invalid) => {
                        assert!(!errors.is_empty());
                        assert_eq!(invalid.iter().collect::<Vec<_>>(), errors);
                        assert_eq!((&invalid).into_iter().collect::<Vec<_>>(), errors);
                        assert_eq!(invalid.findings().iter().collect::<Vec<_>>(), errors);
                    }
                }
                assert_eq!(event.outcome().err(), event.validate().err());
            }
        }
    }
}

#[test]
fn warnings_do_not_stand_in_the_way() {
    let odd = EventBuilder::failed()
        .webhook_id("")
        .user_id("")
        .stamp_type("9")
        .hash("x")
        .name("../x")
        .tx_id("x")
        .build();
    assert!(odd.check().len() > 5);
    assert_eq!(odd.validate(), Ok(()));
    assert_eq!(meaning(&odd), Ok("failed"));
}

/// Not a copy: one and the same.
#[track_caller]
fn assert_same<T>(left: &T, right: &T) {
    assert!(std::ptr::eq(left, right));
}

#[test]
fn success_gives_its_transaction_and_the_whole_stamp() {
    let event = EventBuilder::succeeded().name("abc.png").build();
    let Ok(Outcome::Succeeded(view)) = event.outcome() else {
        panic!("{:?}", event.outcome());
    };
    assert_eq!(*view.tx_id, TX_ID);
    assert_same(view.stamp, &event.data);
    let whole: &Stamp = &view;
    assert_same(whole, &event.data);
    assert_eq!(view.name.as_ref().unwrap(), "abc.png");
    assert!(view.is_public_chain());
    let copy: SucceededStamp<'_> = view;
    assert_eq!(copy, view);
}

#[test]
fn failure_gives_the_whole_stamp() {
    let event = EventBuilder::failed().code("fd43g8").build();
    let outcome = event.outcome();
    let Ok(Outcome::Failed(view)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_same(view.stamp, &event.data);
    let whole: &Stamp = &view;
    assert_same(whole, &event.data);
    assert_eq!(view.code, "fd43g8");
    let copy: FailedStamp<'_> = view;
    assert_eq!(copy, view);
}

#[test]
fn an_unknown_action_gives_the_whole_event() {
    let event = EventBuilder::failed().action("revoked").build();
    let outcome = event.outcome().unwrap();
    let Outcome::Unknown(whole) = outcome else {
        panic!("{outcome:?}");
    };
    assert_same(whole, &event);
    let copy = outcome;
    assert_eq!(copy, outcome);
}

#[test]
fn a_view_outlives_its_outcome() {
    fn stamp_of<'a>(outcome: &Outcome<'a>) -> Option<&'a Stamp> {
        match outcome {
            Outcome::Succeeded(view) => Some(view.stamp),
            Outcome::Failed(view) => Some(view.stamp),
            Outcome::Unknown(_) => None,
        }
    }
    let event = EventBuilder::succeeded().build();
    let stamp = stamp_of(&event.outcome().unwrap());
    assert_eq!(stamp, Some(&event.data));
}
