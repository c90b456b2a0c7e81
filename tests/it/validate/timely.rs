//! The rules that need a clock: the caller's.

use edexa_webhooks::chrono::{DateTime, TimeDelta, Utc};
use edexa_webhooks::testing::EventBuilder;
use edexa_webhooks::{Rule, WebhookEvent};

use super::{Expected, assert_found, time};

/// Created and updated at once, so that both times are as far from now.
fn event() -> WebhookEvent {
    let made_at = time("2023-05-30T09:21:36Z");
    let event = EventBuilder::succeeded()
        .created_at(made_at)
        .updated_at(made_at)
        .build();
    assert_found(&event.check(), &[]);
    event
}

/// What the event has when it arrives that long after it was made.
#[track_caller]
fn assert_after(seconds: i64, expected: &[Expected<'_>]) {
    let event = event();
    let arrival = event
        .data
        .updated_at
        .checked_add_signed(TimeDelta::seconds(seconds));
    assert_found(&event.check_at(arrival.unwrap()), expected);
}

#[test]
fn an_event_is_timely_from_its_making_to_the_last_retry() {
    for seconds in [-300, -299, -1, 0, 1, 86_400, 113_700, 113_999, 114_000] {
        assert_after(seconds, &[]);
    }
}

#[test]
fn times_are_not_in_the_future() {
    let message = "expected a time at most 300 s later than now, 2023-05-30T09:16:35Z, found 2023-05-30T09:21:36Z";
    assert_after(
        -301,
        &[
            (Rule::FutureTimestamp, "/data/createdAt", message),
            (Rule::FutureTimestamp, "/data/updatedAt", message),
        ],
    );
}

#[test]
fn each_time_is_compared_on_its_own() {
    let event = EventBuilder::succeeded();
    let (early, late) = (time("2023-05-30T09:21:36Z"), time("2023-05-30T09:21:46Z"));
    let now = time("2023-05-30T09:16:40Z");
    let found = "expected a time at most 300 s later than now, 2023-05-30T09:16:40Z, found 2023-05-30T09:21:46Z";
    let updated_late = event.clone().created_at(early).updated_at(late).build();
    assert_found(
        &updated_late.check_at(now),
        &[(Rule::FutureTimestamp, "/data/updatedAt", found)],
    );
    let id_of_late = event.stamp_id("6475c02a29b5bab6d2f2c6dc");
    let created_late = id_of_late.created_at(late).updated_at(early).build();
    assert_found(
        &created_late.check_at(now),
        &[
            (
                Rule::TimeReversed,
                "/data/updatedAt",
                "expected a time not before `createdAt`, 2023-05-30T09:21:46Z, found 2023-05-30T09:21:36Z",
            ),
            (Rule::FutureTimestamp, "/data/createdAt", found),
        ],
    );
}

#[test]
fn an_event_is_not_older_than_the_last_retry() {
    assert_after(
        114_001,
        &[(
            Rule::PastRedeliveryHorizon,
            "/data/updatedAt",
            "expected a time at most 114000 s earlier than now, 2023-05-31T17:01:37Z, found 2023-05-30T09:21:36Z",
        )],
    );
}

#[test]
fn the_age_is_that_of_the_last_update() {
    let (made_at, updated_at) = (time("2023-05-30T09:21:36Z"), time("2023-06-30T00:00:00Z"));
    let slow = EventBuilder::succeeded()
        .created_at(made_at)
        .updated_at(updated_at)
        .build();
    assert_found(&slow.check_at(updated_at), &[]);
}

#[test]
fn the_first_and_the_last_clock_there_is() {
    assert_found(
        &event().check_at(DateTime::<Utc>::MIN_UTC),
        &[
            (
                Rule::FutureTimestamp,
                "/data/createdAt",
                "expected a time at most 300 s later than now, -262143-01-01T00:00:00Z, found 2023-05-30T09:21:36Z",
            ),
            (
                Rule::FutureTimestamp,
                "/data/updatedAt",
                "expected a time at most 300 s later than now, -262143-01-01T00:00:00Z, found 2023-05-30T09:21:36Z",
            ),
        ],
    );
    assert_found(
        &event().check_at(DateTime::<Utc>::MAX_UTC),
        &[(
            Rule::PastRedeliveryHorizon,
            "/data/updatedAt",
            "expected a time at most 114000 s earlier than now, +262142-12-31T23:59:59.999999999Z, found 2023-05-30T09:21:36Z",
        )],
    );
}

#[test]
fn the_first_and_the_last_times_there_are() {
    let ends = [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC];
    for created_at in ends {
        for updated_at in ends {
            for now in ends {
                let event = EventBuilder::succeeded()
                    .created_at(created_at)
                    .updated_at(updated_at)
                    .build();
                let findings = event.check_at(now);
                let in_future = [created_at, updated_at].into_iter().filter(|t| *t > now);
                let found = |rule| findings.iter().filter(|f| f.rule == rule).count();
                assert_eq!(found(Rule::FutureTimestamp), in_future.count());
                assert_eq!(
                    findings.contains(Rule::PastRedeliveryHorizon),
                    updated_at < now
                );
                assert_eq!(
                    findings.contains(Rule::TimeReversed),
                    updated_at < created_at
                );
                assert!(findings.contains(Rule::IdClockDrift));
            }
        }
    }
}

#[test]
fn without_a_clock_no_time_is_early_or_late() {
    let findings = event().check();
    assert!(!findings.contains(Rule::FutureTimestamp));
    assert!(!findings.contains(Rule::PastRedeliveryHorizon));
}

#[test]
fn the_clock_may_be_that_of_the_standard_library() {
    use std::time::{Duration, SystemTime};
    let event = EventBuilder::succeeded().build();
    let arrival = SystemTime::UNIX_EPOCH + Duration::from_millis(1_685_438_506_610);
    let horizon = Duration::from_secs(113_700 + 300);
    for (now, is_past) in [
        (arrival, false),
        (arrival + horizon, false),
        (arrival + horizon + Duration::from_nanos(1), true),
        (SystemTime::now(), true),
    ] {
        let findings = event.check_at(now);
        assert_eq!(findings.contains(Rule::PastRedeliveryHorizon), is_past);
        assert_eq!(findings.len(), usize::from(is_past), "{findings}");
    }
}
