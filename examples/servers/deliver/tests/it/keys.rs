//! What goes out: bodies, keys, delays.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use deliver::{ATTEMPTS, Bodies, schedule};
use edexa_webhooks::record::Verdict;
use edexa_webhooks::{Rule, WebhookEvent, testing};

fn bodies(given: &[&str]) -> Bodies {
    Bodies::new(given.iter().map(|&body| body.into()))
}

#[test]
fn the_first_of_each_is_as_documented_and_every_key_is_new() {
    let bodies = bodies(&[testing::SUCCEEDED, testing::FAILED]);
    assert_eq!(bodies.get(0).unwrap(), testing::SUCCEEDED.as_bytes());
    assert_eq!(bodies.get(1).unwrap(), testing::FAILED.as_bytes());
    let mut keys = BTreeSet::new();
    for index in 0..1000 {
        let event = WebhookEvent::from_slice(&bodies.get(index).unwrap()).unwrap();
        assert_eq!(event.is_succeeded(), index % 2 == 0);
        assert_eq!(event.validate(), Ok(()));
        let findings = event.check();
        let of_id = [Rule::MalformedObjectId, Rule::IdClockDrift];
        assert!(!findings.iter().any(|f| of_id.contains(&f.rule)));
        assert!(keys.insert(event.idempotency_key()));
    }
}

#[test]
fn two_stamps_of_one_second_never_meet() {
    let next = testing::SUCCEEDED.replace("6475c02029b5bab6d2f2c6dc", "6475c02029b5bab6d2f2c6dd");
    let bodies = bodies(&[testing::SUCCEEDED, &next]);
    let key = |index| {
        let body = bodies.get(index).unwrap();
        WebhookEvent::from_slice(&body).unwrap().idempotency_key()
    };
    assert_eq!((0..1000).map(key).collect::<BTreeSet<_>>().len(), 1000);
}

#[test]
fn an_id_that_is_no_object_id_is_varied_too() {
    let odd = testing::SUCCEEDED.replace("6475c02029b5bab6d2f2c6dc", "é-7");
    let bodies = bodies(&[&odd]);
    let id = |index| {
        let body = bodies.get(index).unwrap();
        let event = WebhookEvent::from_slice(&body).unwrap();
        event.data.id.as_str().to_owned()
    };
    assert_eq!([id(0), id(1), id(2)], ["é-7", "é-7-1", "é-7-2"]);
}

#[test]
fn a_body_that_is_no_event_stays_as_it_is() {
    let twice = bodies(&["{\"a\":1,\"a\":2}"]);
    assert_eq!(twice.get(0), twice.get(7));
    assert_eq!(twice.get(7).unwrap(), b"{\"a\":1,\"a\":2}");
    assert_eq!(bodies(&[]).get(0), None);
}

#[test]
fn the_schedule_is_edexas() {
    let seconds = [0, 300, 1_800, 3_600, 21_600, 86_400].map(Duration::from_secs);
    assert_eq!(schedule(ATTEMPTS, 1.0).collect::<Vec<_>>(), seconds);
    assert_eq!(schedule(ATTEMPTS + 1, 1.0).count(), 6);
    let millis = [0, 30, 180].map(Duration::from_millis);
    assert_eq!(schedule(3, 0.0001).collect::<Vec<_>>(), millis);
}

/// Nothing in them tells them from the truth, but the API's record.
#[test]
fn forged_events_break_no_rule_and_are_confirmed_by_no_record() {
    let (bodies, mut keys) = (Bodies::forged(), BTreeSet::new());
    let record = testing::record_of(&testing::SUCCEEDED.parse().unwrap());
    for index in 0..100 {
        let event = WebhookEvent::from_slice(&bodies.get(index).unwrap()).unwrap();
        assert_eq!(event.check_at(SystemTime::now()).to_string(), "");
        assert_eq!(event.confirm(&record).verdict(), Verdict::Contradicted);
        assert!(keys.insert(event.idempotency_key()));
    }
}
