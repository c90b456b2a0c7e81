//! Each event to its handler: once if it succeeds, again if it fails.

use edexa_webhooks::WebhookEvent;
use edexa_webhooks::testing;
use inbox::batch::Handler;
use inbox::handler::handle;
use inbox::hands;
use inbox::process::{Step, Worker};
use inbox::store::{Accepted, Store};
use sqlx::AnyConnection;

use crate::batch::Handled;
use crate::place::{Place, places, settings};

const IDLE: Step = Step {
    done: 0,
    retried: 0,
    set_aside: 0,
};
const DONE: Step = Step { done: 1, ..IDLE };
const RETRIED: Step = Step { retried: 1, ..IDLE };
const SET_ASIDE: Step = Step {
    set_aside: 1,
    ..IDLE
};

/// Has its effect, and fails then.
fn failing<'a>(transaction: &'a mut AnyConnection, events: &'a [WebhookEvent]) -> Handled<'a> {
    Box::pin(async move {
        handle(transaction, events).await?;
        Err("no\0answer \u{1b}[2J".into())
    })
}

/// Has its effect, and panics then.
fn panicking<'a>(transaction: &'a mut AnyConnection, events: &'a [WebhookEvent]) -> Handled<'a> {
    Box::pin(async move {
        handle(transaction, events).await?;
        panic!("a test's handler");
    })
}

/// Panics before there is anything to wait for.
fn sudden<'a>(transaction: &'a mut AnyConnection, events: &'a [WebhookEvent]) -> Handled<'a> {
    assert!(events.is_empty(), "a test's handler");
    handle(transaction, events)
}

/// Has its effect, and a statement fails then: PostgreSQL takes no other after it.
fn faulty<'a>(transaction: &'a mut AnyConnection, events: &'a [WebhookEvent]) -> Handled<'a> {
    Box::pin(async move {
        handle(&mut *transaction, events).await?;
        sqlx::query("SELECT * FROM nowhere")
            .execute(transaction)
            .await?;
        Ok(())
    })
}

/// Needs a megabyte of room.
fn bulky<'a>(transaction: &'a mut AnyConnection, events: &'a [WebhookEvent]) -> Handled<'a> {
    Box::pin(async move {
        handle(&mut *transaction, events).await?;
        let bulk = "INSERT INTO inbox_refused \
             VALUES ('', ZEROBLOB(1000000), 0, '', '', '', 1)";
        sqlx::query(bulk).execute(transaction).await?;
        Ok(())
    })
}

/// State, attempts, and the last error.
async fn event(place: &Place) -> (String, i64, Option<String>) {
    place
        .row("SELECT state, attempts, last_error FROM inbox.events")
        .await
}

async fn stamps(place: &Place) -> i64 {
    place.count("SELECT COUNT(*) FROM inbox.stamps").await
}

async fn make_due(place: &Place) {
    place
        .execute("UPDATE inbox.events SET next_attempt_at = {now}")
        .await;
}

#[tokio::test]
async fn an_event_is_handled_once() {
    for place in places().await {
        let worker = place.example();
        assert_eq!(worker.step().await.unwrap(), IDLE);
        assert_eq!(place.accept(testing::FAILED).await, Accepted::Stored);
        assert_eq!(worker.step().await.unwrap(), DONE);
        assert_eq!(place.accept(testing::FAILED).await, Accepted::Redelivered);
        assert_eq!(worker.step().await.unwrap(), IDLE);
        assert_eq!(event(&place).await, ("done".into(), 1, None));
        assert_eq!(place.count("SELECT events FROM inbox.stamps").await, 1);
    }
}

#[tokio::test]
async fn a_failure_is_tried_again_with_growing_delays_and_then_set_aside() {
    for place in places().await {
        place.accept(testing::FAILED).await;
        let failing = place.worker(failing, "3");
        let error = Some("no\\0answer \\u{1b}[2J".to_owned());
        for (attempts, seconds) in [(1, 1), (2, 4)] {
            let before = place.now().await;
            assert_eq!(failing.step().await.unwrap(), RETRIED);
            let after = place.now().await;
            let next = place
                .count("SELECT next_attempt_at FROM inbox.events")
                .await;
            let delay = seconds * 1_000_000;
            assert!((before + delay..=after + delay).contains(&next));
            assert_eq!(
                event(&place).await,
                ("pending".into(), attempts, error.clone())
            );
            assert_eq!(stamps(&place).await, 0);
            assert_eq!(failing.step().await.unwrap(), IDLE);
            make_due(&place).await;
        }
        assert_eq!(failing.step().await.unwrap(), SET_ASIDE);
        assert_eq!(event(&place).await, ("set-aside".into(), 3, error.clone()));
        make_due(&place).await;
        assert_eq!(failing.step().await.unwrap(), IDLE);
        assert_eq!(place.accept(testing::FAILED).await, Accepted::Redelivered);
        assert_eq!(failing.step().await.unwrap(), IDLE);
        assert_eq!(stamps(&place).await, 0);

        let key = "6475d6153b1b98c0686866cd:failed";
        hands::release(&place.store, key, None).await.unwrap();
        assert_eq!(event(&place).await, ("pending".into(), 0, error));
        assert_eq!(place.example().step().await.unwrap(), DONE);
        assert_eq!(stamps(&place).await, 1);
    }
}

#[tokio::test]
async fn no_delay_is_longer_than_an_hour() {
    let place = Place::sqlite().await;
    place.accept(testing::FAILED).await;
    let failing = place.worker(failing, "2000");
    for attempts in [6, 15, 16, 1000] {
        let earlier =
            format!("UPDATE inbox.events SET attempts = {attempts}, next_attempt_at = {{now}}");
        place.execute(&earlier).await;
        let before = place.now().await;
        assert_eq!(failing.step().await.unwrap(), RETRIED);
        let next = place
            .count("SELECT next_attempt_at FROM inbox.events")
            .await;
        let hour = 3_600_000_000;
        assert!((before + hour..=place.now().await + hour).contains(&next));
        place.execute("UPDATE inbox.events SET attempts = 0").await;
    }
}

#[tokio::test]
async fn a_panic_and_a_failed_statement_are_failures_like_any_other() {
    for place in places().await {
        place.accept(testing::FAILED).await;
        for (handler, attempt) in [(panicking as Handler, 1), (sudden, 2)] {
            make_due(&place).await;
            let panicked = place.worker(handler, "4").step().await;
            assert_eq!(panicked.unwrap(), RETRIED);
            let error = Some("the handler panicked".into());
            assert_eq!(event(&place).await, ("pending".into(), attempt, error));
        }
        make_due(&place).await;
        assert_eq!(place.worker(faulty, "4").step().await.unwrap(), RETRIED);
        let (_, attempts, error) = event(&place).await;
        assert_eq!(attempts, 3);
        assert!(error.unwrap().contains("nowhere"));
        assert_eq!(stamps(&place).await, 0);
        make_due(&place).await;
        assert_eq!(place.example().step().await.unwrap(), DONE);
        assert_eq!(stamps(&place).await, 1);
    }
}

#[tokio::test]
async fn a_full_store_is_no_failure() {
    let place = Place::sqlite().await;
    place.accept(testing::FAILED).await;
    let args = ["--max-attempts", "1", "--sqlite-max-pages", "60"];
    let small = Store::create(&settings(&place.url, &args)).await.unwrap();
    let small = Worker::new(&small, bulky, None, &settings(&place.url, &args));
    let error = small.step().await.unwrap_err().to_string();
    assert!(error.contains("database or disk is full"), "{error}");
    assert_eq!(event(&place).await, ("pending".into(), 0, None));
    assert_eq!(stamps(&place).await, 0);
    make_due(&place).await;
    assert_eq!(place.worker(bulky, "1").step().await.unwrap(), DONE);
    assert_eq!(stamps(&place).await, 1);
}

/// What was due long before the last events is done, or is found by the next sweep:
/// an old snapshot elsewhere may keep dead entries there.
#[tokio::test]
async fn events_are_looked_for_from_where_the_last_ones_were() {
    for place in places().await {
        place.accept(testing::FAILED).await;
        let worker = place.example();
        assert_eq!(worker.step().await.unwrap(), DONE);
        place.accept(testing::SUCCEEDED).await;
        let long_ago = "UPDATE inbox.events SET next_attempt_at = 1 WHERE state = 'pending'";
        place.execute(long_ago).await;
        assert_eq!(worker.step().await.unwrap(), IDLE);
        assert_eq!(place.example().step().await.unwrap(), DONE);
    }
}

/// A clock that was ahead has dated them.
#[tokio::test]
async fn events_due_in_eight_days_are_due_at_once() {
    for place in places().await {
        place.accept(testing::FAILED).await;
        place.accept(testing::SUCCEEDED).await;
        let ahead = "UPDATE inbox.events SET received_at = {now} + 691200000000, \
             next_attempt_at = {now} + 691200000000";
        place.execute(ahead).await;
        place
            .execute("UPDATE inbox.events SET attempts = 2 WHERE key LIKE '%:failed'")
            .await;
        let mut done = 0;
        let worker = place.example();
        for _ in 0..2 {
            done += worker.step().await.unwrap().done;
        }
        assert_eq!(done, 2);
    }
}

/// A stored body that a later version of the crate does not read waits for help.
#[tokio::test]
async fn a_body_that_no_longer_parses_fails() {
    let place = Place::sqlite().await;
    place.accept(testing::FAILED).await;
    place
        .execute("UPDATE inbox.events SET body = CAST('[]' AS BLOB)")
        .await;
    assert_eq!(place.example().step().await.unwrap(), RETRIED);
    let error = "expected an object, found an array at line 1 column 1";
    assert_eq!(
        event(&place).await,
        ("pending".into(), 1, Some(error.into()))
    );
}

/// As SQLite's `replace` writes it, when somebody takes a name out.
#[tokio::test]
async fn a_body_that_became_a_text_is_one_all_the_same() {
    let place = Place::sqlite().await;
    place.accept(testing::FAILED).await;
    place
        .execute("UPDATE inbox.events SET body = replace(body, 'zzz', '')")
        .await;
    assert_eq!(place.accept(testing::FAILED).await, Accepted::Redelivered);
    assert_eq!(place.example().step().await.unwrap(), DONE);
}

/// As when an attempt takes so long that another worker begins the next one.
#[tokio::test]
async fn events_that_another_worker_has_taken_since_are_left_to_it() {
    let place = Place::sqlite().await;
    place.accept(testing::FAILED).await;
    for handler in [failing, handle] {
        let taken = "CREATE TRIGGER taken AFTER INSERT ON inbox_leases \
             BEGIN DELETE FROM inbox_leases; END";
        place.execute(taken).await;
        assert_eq!(place.worker(handler, "3").step().await.unwrap(), IDLE);
        place.execute("DROP TRIGGER taken").await;
        assert_eq!(event(&place).await, ("pending".into(), 0, None));
    }
    assert_eq!(stamps(&place).await, 0);
    assert_eq!(place.example().step().await.unwrap(), DONE);
}

#[tokio::test]
async fn an_event_that_somebody_sets_aside_meanwhile_has_no_effect() {
    let place = Place::sqlite().await;
    place.accept(testing::FAILED).await;
    let changed = "CREATE TRIGGER changed AFTER INSERT ON inbox_leases \
         BEGIN UPDATE inbox_events SET state = 'set-aside'; END";
    place.execute(changed).await;
    let error = place.example().step().await.unwrap_err().to_string();
    assert!(
        error.ends_with("an event was changed by hand while a worker had it"),
        "{error}"
    );
    assert_eq!(event(&place).await, ("set-aside".into(), 0, None));
    assert_eq!(stamps(&place).await, 0);
}

/// Those that this process was not woken for.
#[tokio::test(flavor = "multi_thread")]
async fn events_of_other_instances_are_found() {
    for place in places().await {
        let inbox = place.serve();
        place.accept(testing::FAILED).await;
        place.drained().await;
        assert_eq!(stamps(&place).await, 1);
        inbox.terminate();
    }
}
