//! What the events of one stamp come to, in every order and at once.

use std::slice;

use deliver::Report;
use edexa_webhooks::chrono::{DateTime, TimeDelta, Utc};
use edexa_webhooks::testing::{self, EventBuilder};

use futures_util::future::join_all;
use inbox::store::{Accepted, Entry};

use crate::place::{Place, places};

fn assert_complete(report: &Report) {
    assert!(report.is_complete(), "{report}");
}

/// Fault 5.
#[tokio::test(flavor = "multi_thread")]
async fn all_six_attempts_at_once() {
    for place in places().await {
        let inbox = place.serve();
        let attempt = || inbox.deliver("");
        let all = join_all(std::iter::repeat_with(attempt).take(6)).await;
        all.iter().for_each(assert_complete);
        place.drained().await;
        let counts: (i64, i64, i64) = place
            .row("SELECT COUNT(*), MAX(times), MAX(attempts) FROM inbox.events JOIN inbox.redeliveries USING (key)")
            .await;
        assert_eq!(counts, (1, 5, 1));
        let effects: (i64, i64) = place
            .row("SELECT COUNT(*), MAX(events) FROM inbox.stamps")
            .await;
        assert_eq!(effects, (1, 1));
        println!("5: sent 6, acknowledged 6, events stored 1, redeliveries 5, effects 1");
    }
}

const EARLY: &str = "2023-05-30T10:55:20.142Z";

fn at(micros: i64) -> DateTime<Utc> {
    let early: DateTime<Utc> = EARLY.parse().unwrap();
    early + TimeDelta::microseconds(micros)
}

fn failed(micros: i64) -> EventBuilder {
    EventBuilder::failed().hash("failed").updated_at(at(micros))
}

fn succeeded(micros: i64) -> EventBuilder {
    let event = EventBuilder::succeeded().tx_id("0x1").hash("succeeded");
    event.updated_at(at(micros))
}

/// Fault 6.
#[tokio::test(flavor = "multi_thread")]
async fn failure_and_success_of_one_stamp_in_both_orders() {
    let f = ("failed", "", "failed");
    let s = ("succeeded", "0x1", "succeeded");
    let cases = [
        ("success is newer", failed(0), succeeded(1), s, 1),
        ("failure is newer", failed(1), succeeded(0), f, 1),
        ("a tie", failed(0), succeeded(0), s, 0),
    ];
    for place in places().await {
        let inbox = place.serve();
        for (name, failed, succeeded, (outcome, tx_id, hash), newest) in &cases {
            for order in [[failed, succeeded], [succeeded, failed]] {
                place.execute("DELETE FROM inbox.events").await;
                place.execute("DELETE FROM inbox.stamps").await;
                for event in order {
                    assert_eq!(inbox.post(event.to_json().unwrap()).0, 200);
                    place.drained().await;
                }
                let row: (String, String, String, i64, i64) = place
                    .row("SELECT outcome, tx_id, hash, updated_at, events FROM inbox.stamps")
                    .await;
                let newest = at(*newest).timestamp_micros();
                let expected = (*outcome, *tx_id, *hash, newest, 2);
                let (outcome, tx_id, hash, updated_at, events) = &row;
                assert_eq!(
                    (&**outcome, &**tx_id, &**hash, *updated_at, *events),
                    expected,
                    "{name}"
                );
                println!(
                    "6, {name}: sent 2, acknowledged 2, events stored 2, effects 2, stamp {outcome}"
                );
            }
        }
    }
}

/// As it is stored. A batch compares in the same way as what it finds.
#[tokio::test]
async fn a_tie_is_one_to_the_microsecond() {
    let later = failed(0).updated_at(at(0) + TimeDelta::nanoseconds(1));
    for place in places().await {
        for events in [[&succeeded(0), &later], [&later, &succeeded(0)]] {
            for together in [true, false] {
                place.execute("DELETE FROM inbox.events").await;
                place.execute("DELETE FROM inbox.stamps").await;
                let worker = place.example();
                for event in events {
                    place.accept(event.to_json().unwrap()).await;
                    if !together {
                        worker.step().await.unwrap();
                    }
                }
                worker.step().await.unwrap();
                let stamp: (String, i64) =
                    place.row("SELECT outcome, events FROM inbox.stamps").await;
                assert_eq!(stamp, ("succeeded".into(), 2), "{together}");
            }
        }
    }
}

/// Fault 7.
#[tokio::test(flavor = "multi_thread")]
async fn a_conflicting_body_under_a_known_key() {
    for place in places().await {
        let inbox = place.serve();
        assert_complete(&inbox.deliver("").await);
        place.drained().await;
        let forged = testing::SUCCEEDED.replace("0x3b7d", "0xffff");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("forged.json");
        std::fs::write(&file, &forged).unwrap();
        let load = format!("--event {}", file.display());
        for _ in 0..6 {
            assert_complete(&inbox.deliver(&load).await);
        }
        place.drained().await;
        assert_conflict(&place, testing::SUCCEEDED, slice::from_ref(&forged), 6).await;
        let other = forged.replace("0xffff", "0xeeee");
        assert_eq!(inbox.post(&other).0, 200);
        let two = [forged, other];
        let conflicts = place.count("SELECT COUNT(*) FROM inbox.conflicts").await;
        assert_eq!(conflicts, i64::try_from(two.len()).unwrap());
        println!("7: sent 8, acknowledged 8, events stored 1, conflicts stored 2, effects 1");
    }
}

/// The first stands, whichever sorts first.
#[tokio::test]
async fn two_bodies_under_one_key_in_one_commit() {
    let other = testing::SUCCEEDED.replace("0x3b7d", "0xffff");
    for place in places().await {
        for bodies in [[testing::SUCCEEDED, &other], [&other, testing::SUCCEEDED]] {
            for table in ["events", "conflicts"] {
                place.execute(&format!("DELETE FROM inbox.{table}")).await;
            }
            let entries = bodies.map(|body| Entry::read(body.to_owned().into()).0);
            let accepted = place.store.write(&entries).await.unwrap();
            assert_eq!(accepted, [Accepted::Stored, Accepted::Conflicting]);
            let stored: (Vec<u8>, Vec<u8>) = place
                .row("SELECT e.body, c.body FROM inbox.events AS e JOIN inbox.conflicts AS c USING (key)")
                .await;
            assert_eq!([stored.0, stored.1], bodies.map(str::as_bytes));
        }
    }
}

async fn assert_conflict(place: &Place, first: &str, others: &[String], times: i64) {
    let (body, redeliveries): (Vec<u8>, i64) = place
        .row("SELECT body, (SELECT COUNT(*) FROM inbox.redeliveries) FROM inbox.events")
        .await;
    assert_eq!((&*body, redeliveries), (first.as_bytes(), 0));
    let all = place
        .store
        .dialect
        .sql("SELECT key, body, times FROM inbox.conflicts");
    let conflicts: Vec<(String, Vec<u8>, i64)> =
        sqlx::query_as(&all).fetch_all(&place.pool).await.unwrap();
    let expected: Vec<_> = others
        .iter()
        .map(|body| {
            (
                "6475c02029b5bab6d2f2c6dc:succeed".into(),
                body.clone().into(),
                times,
            )
        })
        .collect();
    assert_eq!(conflicts, expected);
    let (tx_id, events): (String, i64) = place.row("SELECT tx_id, events FROM inbox.stamps").await;
    assert_eq!(tx_id, "0x3b7d586651f386c0d415fa1349b9ec0be07b78c86");
    assert_eq!(events, 1);
}
