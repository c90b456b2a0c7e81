//! Each event to its handler: once if it succeeds, again if it fails.

use std::error::Error;

use edexa_webhooks::WebhookEvent;
use edexa_webhooks::testing;
use futures_util::future::BoxFuture;
use inbox::handler::handle;
use inbox::look;
use inbox::process::Step;
use inbox::store::{Accepted, now};
use sqlx::AnyConnection;

use crate::place::{Place, places};

type Handled<'a> = BoxFuture<'a, Result<(), Box<dyn Error + Send + Sync>>>;

/// Has its effect, and fails then.
fn failing<'a>(transaction: &'a mut AnyConnection, event: &'a WebhookEvent) -> Handled<'a> {
    Box::pin(async move {
        handle(transaction, event).await?;
        Err("no\0answer \u{1b}[2J".into())
    })
}

/// Has its effect, and panics then.
fn panicking<'a>(transaction: &'a mut AnyConnection, event: &'a WebhookEvent) -> Handled<'a> {
    Box::pin(async move {
        handle(transaction, event).await?;
        panic!("a test's handler");
    })
}

/// Has its effect, and a statement fails then: PostgreSQL takes no other after it.
fn faulty<'a>(transaction: &'a mut AnyConnection, event: &'a WebhookEvent) -> Handled<'a> {
    Box::pin(async move {
        handle(&mut *transaction, event).await?;
        sqlx::query("SELECT * FROM nowhere")
            .execute(transaction)
            .await?;
        Ok(())
    })
}

/// Needs a megabyte of room.
fn bulky<'a>(transaction: &'a mut AnyConnection, event: &'a WebhookEvent) -> Handled<'a> {
    Box::pin(async move {
        handle(&mut *transaction, event).await?;
        let bulk = "INSERT INTO refused (digest, body, received_at, codes, problem, salvaged) \
             VALUES ('', ZEROBLOB(1000000), 0, '', '', '')";
        sqlx::query(bulk).execute(transaction).await?;
        Ok(())
    })
}

async fn accept(place: &Place, body: &str) -> Accepted {
    let event: WebhookEvent = body.parse().unwrap();
    place.store.accept(&event, body.as_bytes()).await.unwrap()
}

/// State, attempts, and the last error.
async fn event(place: &Place) -> (String, i64, Option<String>) {
    place
        .row("SELECT state, attempts, last_error FROM events")
        .await
}

async fn stamps(place: &Place) -> i64 {
    place.count("SELECT COUNT(*) FROM stamps").await
}

async fn make_due(place: &Place) {
    place.execute("UPDATE events SET next_attempt_at = 0").await;
}

#[tokio::test]
async fn an_event_is_handled_once() {
    for place in places().await {
        let worker = place.example();
        assert_eq!(worker.step().await.unwrap(), Step::Idle);
        assert_eq!(accept(&place, testing::FAILED).await, Accepted::Stored);
        assert_eq!(worker.step().await.unwrap(), Step::Done);
        assert_eq!(accept(&place, testing::FAILED).await, Accepted::Redelivered);
        assert_eq!(worker.step().await.unwrap(), Step::Idle);
        assert_eq!(event(&place).await, ("done".into(), 1, None));
        assert_eq!(place.count("SELECT events FROM stamps").await, 1);
    }
}

#[tokio::test]
async fn a_failure_is_tried_again_with_growing_delays_and_then_set_aside() {
    for place in places().await {
        accept(&place, testing::FAILED).await;
        let failing = place.worker(failing, "3");
        let error = Some("no\\0answer \\u{1b}[2J".to_owned());
        for (attempts, seconds) in [(1, 1), (2, 4)] {
            let before = now().timestamp_micros();
            assert_eq!(failing.step().await.unwrap(), Step::Retried);
            let after = now().timestamp_micros();
            let next = place.count("SELECT next_attempt_at FROM events").await;
            let delay = seconds * 1_000_000;
            assert!((before + delay..=after + delay).contains(&next));
            assert_eq!(
                event(&place).await,
                ("pending".into(), attempts, error.clone())
            );
            assert_eq!(stamps(&place).await, 0);
            assert_eq!(failing.step().await.unwrap(), Step::Idle);
            make_due(&place).await;
        }
        assert_eq!(failing.step().await.unwrap(), Step::SetAside);
        assert_eq!(event(&place).await, ("set-aside".into(), 3, error.clone()));
        make_due(&place).await;
        assert_eq!(failing.step().await.unwrap(), Step::Idle);
        assert_eq!(accept(&place, testing::FAILED).await, Accepted::Redelivered);
        assert_eq!(failing.step().await.unwrap(), Step::Idle);
        assert_eq!(stamps(&place).await, 0);

        let key = "6475d6153b1b98c0686866cd:failed";
        look::release(&place.store, key).await.unwrap();
        assert_eq!(event(&place).await, ("pending".into(), 0, error));
        assert_eq!(place.example().step().await.unwrap(), Step::Done);
        assert_eq!(stamps(&place).await, 1);
    }
}

#[tokio::test]
async fn no_delay_is_longer_than_an_hour() {
    let place = Place::sqlite().await;
    accept(&place, testing::FAILED).await;
    let failing = place.worker(failing, "2000");
    for attempts in [6, 15, 16, 1000] {
        let earlier = format!("UPDATE events SET attempts = {attempts}, next_attempt_at = 0");
        place.execute(&earlier).await;
        let before = now().timestamp_micros();
        assert_eq!(failing.step().await.unwrap(), Step::Retried);
        let next = place.count("SELECT next_attempt_at FROM events").await;
        let hour = 3_600_000_000;
        assert!((before + hour..=now().timestamp_micros() + hour).contains(&next));
        place.execute("UPDATE events SET attempts = 0").await;
    }
}

#[tokio::test]
async fn a_panic_and_a_failed_statement_are_failures_like_any_other() {
    for place in places().await {
        accept(&place, testing::FAILED).await;
        let panicked = place.worker(panicking, "3").step().await;
        assert_eq!(panicked.unwrap(), Step::Retried);
        let (_, attempts, error) = event(&place).await;
        assert_eq!(
            (attempts, error.as_deref()),
            (1, Some("the handler panicked"))
        );
        make_due(&place).await;
        assert_eq!(
            place.worker(faulty, "3").step().await.unwrap(),
            Step::Retried
        );
        let (_, attempts, error) = event(&place).await;
        assert_eq!(attempts, 2);
        assert!(error.unwrap().contains("nowhere"));
        assert_eq!(stamps(&place).await, 0);
        make_due(&place).await;
        assert_eq!(place.example().step().await.unwrap(), Step::Done);
        assert_eq!(stamps(&place).await, 1);
    }
}

#[tokio::test]
async fn a_full_store_is_no_failure() {
    let place = Place::sqlite().await;
    accept(&place, testing::FAILED).await;
    // As many as there are, until the connection is opened anew.
    place.execute("PRAGMA max_page_count = 1").await;
    let bulky = place.worker(bulky, "1");
    let error = bulky.step().await.unwrap_err().to_string();
    assert!(error.contains("database or disk is full"), "{error}");
    assert_eq!(event(&place).await, ("pending".into(), 0, None));
    assert_eq!(stamps(&place).await, 0);
    assert_eq!(bulky.step().await.unwrap(), Step::Done);
    assert_eq!(stamps(&place).await, 1);
}

/// A stored body that a later version of the crate does not read waits for help.
#[tokio::test]
async fn a_body_that_no_longer_parses_fails() {
    let place = Place::sqlite().await;
    accept(&place, testing::FAILED).await;
    place
        .execute("UPDATE events SET body = CAST('[]' AS BLOB)")
        .await;
    assert_eq!(place.example().step().await.unwrap(), Step::Retried);
    let error = "expected an object, found an array at line 1 column 1";
    assert_eq!(
        event(&place).await,
        ("pending".into(), 1, Some(error.into()))
    );
}

#[tokio::test]
async fn keys_are_pruned_after_seven_days_unless_they_are_needed() {
    for place in places().await {
        let week = now().timestamp_micros() - 7 * 24 * 3_600 * 1_000_000;
        let minute = 60_000_000;
        for (key, received, state) in [
            ("old", week - minute, "done"),
            ("young", week + minute, "done"),
            ("waiting", 0, "pending"),
            ("aside", 0, "set-aside"),
            ("disputed", 0, "done"),
        ] {
            let insert = format!(
                "INSERT INTO events (key, body, received_at, findings, next_attempt_at, state) \
                 VALUES ('{key}', '', {received}, '[]', 0, '{state}')"
            );
            place.execute(&insert).await;
        }
        let conflict = "INSERT INTO conflicts (key, digest, body, received_at) \
                        VALUES ('disputed', '', '', 0)";
        place.execute(conflict).await;
        assert_eq!(place.store.prune(now()).await.unwrap(), 1);
        let kept: Vec<(String,)> = sqlx::query_as("SELECT key FROM events ORDER BY key")
            .fetch_all(&place.store.pool)
            .await
            .unwrap();
        let kept: Vec<_> = kept.iter().map(|(key,)| &**key).collect();
        assert_eq!(kept, ["aside", "disputed", "waiting", "young"]);
        let later = now() + edexa_webhooks::chrono::TimeDelta::minutes(2);
        assert_eq!(place.store.prune(later).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn more_than_one_part_is_pruned() {
    let place = Place::sqlite().await;
    place
        .execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) \
             INSERT INTO events (key, body, received_at, findings, next_attempt_at, state) \
             SELECT i, '', 0, '[]', 0, 'done' FROM n",
        )
        .await;
    assert_eq!(place.store.prune(now()).await.unwrap(), 1200);
}

/// Those that this process was not woken for.
#[tokio::test(flavor = "multi_thread")]
async fn events_of_other_instances_are_found() {
    for place in places().await {
        let inbox = place.serve();
        accept(&place, testing::FAILED).await;
        place.drained().await;
        assert_eq!(stamps(&place).await, 1);
        inbox.terminate();
    }
}
