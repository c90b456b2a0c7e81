//! Events that share a transaction: each failure is its own event's.

use std::error::Error;
use std::future;
use std::time::{Duration, Instant};

use edexa_webhooks::WebhookEvent;
use edexa_webhooks::testing::EventBuilder;
use futures_util::future::BoxFuture;
use inbox::dialect::Dialect;
use inbox::handler::handle;
use inbox::process::{Step, Worker};
use inbox::store::Store;
use rustix::process::{Pid, Signal, kill_process};
use sqlx::AnyConnection;

use crate::place::{Place, places, pool, settings};
use crate::postgres::Postgres;
use crate::running::Running;

pub(crate) type Handled<'a> = BoxFuture<'a, Result<(), Box<dyn Error + Send + Sync>>>;

pub(crate) fn is_poison(event: &WebhookEvent) -> bool {
    event.data.hash.as_str() == "poison"
}

pub(crate) fn is_aborting(event: &WebhookEvent) -> bool {
    event.data.hash.as_str() == "abort"
}

/// Has its effect, and fails if one of the events is poison.
fn failing<'a>(transaction: &'a mut AnyConnection, events: &'a [WebhookEvent]) -> Handled<'a> {
    Box::pin(async move {
        handle(transaction, events).await?;
        if events.iter().any(is_poison) {
            return Err("poison".into());
        }
        Ok(())
    })
}

/// Breaks a constraint that is checked when the transaction is committed.
fn late<'a>(transaction: &'a mut AnyConnection, events: &'a [WebhookEvent]) -> Handled<'a> {
    Box::pin(async move {
        handle(&mut *transaction, events).await?;
        if events.iter().any(is_poison) {
            let broken = "INSERT INTO parts VALUES (0)";
            sqlx::query(broken).execute(transaction).await?;
        }
        Ok(())
    })
}

/// Does not tell of a statement that fails.
fn silent<'a>(transaction: &'a mut AnyConnection, events: &'a [WebhookEvent]) -> Handled<'a> {
    Box::pin(async move {
        handle(&mut *transaction, events).await?;
        if events.iter().any(is_poison) {
            let fails = sqlx::query("SELECT * FROM nowhere");
            let _ = fails.execute(transaction).await;
        }
        Ok(())
    })
}

/// Has no end if one of the events is poison.
fn endless<'a>(transaction: &'a mut AnyConnection, events: &'a [WebhookEvent]) -> Handled<'a> {
    Box::pin(async move {
        handle(transaction, events).await?;
        if events.iter().any(is_poison) {
            future::pending::<()>().await;
        }
        Ok(())
    })
}

/// Leaves its session without waiting for the disk.
fn careless<'a>(transaction: &'a mut AnyConnection, events: &'a [WebhookEvent]) -> Handled<'a> {
    Box::pin(async move {
        let careless = sqlx::query("SET synchronous_commit = off");
        careless.execute(&mut *transaction).await?;
        handle(transaction, events).await
    })
}

/// Ends its own session, or needs longer than anybody waits for it.
fn cutting<'a>(transaction: &'a mut AnyConnection, events: &'a [WebhookEvent]) -> Handled<'a> {
    Box::pin(async move {
        handle(&mut *transaction, events).await?;
        let cut = match Dialect::of(transaction) {
            Dialect::Postgres => "SELECT pg_terminate_backend(pg_backend_pid())",
            Dialect::Sqlite => {
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500000) \
                 SELECT COUNT(*) FROM n"
            }
        };
        if events.iter().any(is_poison) {
            sqlx::query(cut).execute(transaction).await?;
        }
        Ok(())
    })
}

fn aborting<'a>(transaction: &'a mut AnyConnection, events: &'a [WebhookEvent]) -> Handled<'a> {
    Box::pin(async move {
        if events.iter().any(is_poison) {
            std::process::abort();
        }
        handle(transaction, events).await
    })
}

fn body(stamp: usize, poison: bool) -> String {
    let event = EventBuilder::failed().stamp_id(format!("{stamp:024x}"));
    let event = event.hash(if poison { "poison" } else { "sound" });
    event.to_json().unwrap()
}

/// Ten events, of which the third and the last are poison.
async fn prepare(place: &Place) {
    for stamp in 0..10 {
        place.accept(body(stamp, stamp % 7 == 2)).await;
    }
}

fn step(done: u64, retried: u64, set_aside: u64) -> Step {
    Step {
        done,
        retried,
        set_aside,
    }
}

/// States with their number, and the errors there are.
async fn assert_left(place: &Place, done: i64, pending: i64, error: &str) {
    let counts: (i64, i64, i64) = place
        .row(
            "SELECT (SELECT COUNT(*) FROM inbox.events WHERE state = 'done'), \
             (SELECT COUNT(*) FROM inbox.events WHERE state = 'pending' AND batch_limit = 1), \
             (SELECT CAST(COALESCE(SUM(events), 0) AS BIGINT) FROM inbox.stamps)",
        )
        .await;
    assert_eq!(counts, (done, pending, done));
    let keys = place
        .column("SELECT key FROM inbox.events WHERE state = 'pending' ORDER BY key")
        .await;
    assert_eq!(keys, [2, 9].map(|stamp| format!("{stamp:024x}:failed")));
    let errors = place
        .column("SELECT DISTINCT last_error FROM inbox.events WHERE state = 'pending'")
        .await;
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains(error), "{errors:?}");
}

#[tokio::test]
async fn an_event_that_fails_is_undone_and_charged_alone() {
    for place in places().await {
        prepare(&place).await;
        let stepped = place.worker(failing, "2").step().await.unwrap();
        assert_eq!(stepped, step(8, 2, 0));
        assert_left(&place, 8, 2, "poison").await;
        place
            .execute("UPDATE inbox.events SET next_attempt_at = 0")
            .await;
        // Each by itself now: it has shown that it harms others.
        for _ in 0..2 {
            let again = place.worker(failing, "2").step().await.unwrap();
            assert_eq!(again, step(0, 0, 1));
        }
    }
}

#[tokio::test]
async fn a_commit_that_fails_is_charged_to_the_event_that_broke_it() {
    for place in places().await {
        prepare(&place).await;
        place
            .execute("CREATE TABLE wholes (id BIGINT PRIMARY KEY)")
            .await;
        place
            .execute(
                "CREATE TABLE parts (whole BIGINT \
                 REFERENCES wholes (id) DEFERRABLE INITIALLY DEFERRED)",
            )
            .await;
        let stepped = place.worker(late, "3").step().await.unwrap();
        assert_eq!(stepped, step(8, 2, 0));
        let sqlite = place.url.starts_with("sqlite");
        let error = if sqlite {
            "FOREIGN KEY constraint failed"
        } else {
            "violates foreign key constraint"
        };
        assert_left(&place, 8, 2, error).await;
    }
}

/// On PostgreSQL nothing can follow in that transaction.
#[tokio::test]
async fn a_statement_that_failed_in_silence_fails_its_event() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    prepare(&place).await;
    let stepped = place.worker(silent, "3").step().await.unwrap();
    assert_eq!(stepped, step(8, 2, 0));
    assert_left(&place, 8, 2, "current transaction is aborted").await;
}

#[tokio::test]
async fn a_handler_weakens_nothing_that_is_received_after_it() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    for stamp in 0..4 {
        place.accept(body(stamp, false)).await;
        let worker = place.worker_with(careless, &[]);
        assert_eq!(worker.step().await.unwrap(), step(1, 0, 0));
        let set = "SELECT current_setting('synchronous_commit')";
        assert_eq!(place.setting(set).await, "on");
    }
}

#[tokio::test]
async fn a_handler_without_an_end_is_charged_to_its_event() {
    for place in places().await {
        prepare(&place).await;
        let worker = place.worker_with(endless, &["--handler-timeout-ms", "300"]);
        assert_eq!(worker.step().await.unwrap(), step(8, 2, 0));
        assert_left(&place, 8, 2, "the handler took too long").await;
    }
}

/// Nobody can tell a handler that does it from a database that went away.
#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_costs_the_connection_holds_up_nothing() {
    for place in places().await {
        for stamp in 0..3 {
            place.accept(body(stamp, stamp == 1)).await;
        }
        let mut settings = settings(&place.url, &["--retry-ms", "1", "--max-attempts", "2"]);
        (settings.handler_timeout_ms, settings.store_timeout_ms) = (200, 200);
        let store = Store::create(&settings).await.unwrap();
        let worker = Worker::new(&store, cutting, None, &settings);
        let pending = "SELECT COUNT(*) FROM inbox.events WHERE state = 'pending'";
        let deadline = Instant::now() + Duration::from_secs(60);
        while place.count(pending).await > 0 {
            assert!(Instant::now() < deadline, "events still wait");
            let _ = worker.step().await;
        }
        let left = place
            .column("SELECT key || ' ' || attempts FROM inbox.events WHERE state = 'set-aside'")
            .await;
        assert_eq!(left, [format!("{:024x}:failed 2", 1)]);
        assert_eq!(place.count("SELECT COUNT(*) FROM inbox.stamps").await, 2);
    }
}

/// Has its session killed, as the kernel does that is out of memory: PostgreSQL ends all sessions
/// then, and forgets what was not flushed.
fn killing<'a>(transaction: &'a mut AnyConnection, events: &'a [WebhookEvent]) -> Handled<'a> {
    Box::pin(async move {
        handle(&mut *transaction, events).await?;
        if events.iter().any(is_poison) {
            let pid = sqlx::query_scalar("SELECT pg_backend_pid()");
            let pid: i32 = pid.fetch_one(&mut *transaction).await?;
            kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL)?;
            sqlx::query("SELECT pg_sleep(60)")
                .execute(transaction)
                .await?;
        }
        Ok(())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_ends_the_server_holds_up_nothing() {
    let Some(server) = Postgres::start(false).await else {
        return;
    };
    let place = Place::at(server.database().await).await;
    for stamp in 0..3 {
        place.accept(body(stamp, stamp == 1)).await;
    }
    // More than two: until the server has seen that it lost a session, it takes transactions that
    // end with it, and so an attempt of those beside the event.
    let mut settings = settings(&place.url, &["--retry-ms", "1", "--max-attempts", "5"]);
    settings.store_timeout_ms = 200;
    let worker = Worker::new(&place.store, killing, None, &settings);
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut set_aside = 0;
    while set_aside == 0 {
        assert!(Instant::now() < deadline, "events still wait");
        set_aside = worker.step().await.map_or(0, |step| step.set_aside);
    }
    // Those beside it may still be leased.
    let worker = place.worker_with(handle, &[]);
    let waiting = "SELECT COUNT(*) FROM inbox.events WHERE state = 'pending'";
    while place.count(waiting).await > 0 {
        assert!(Instant::now() < deadline, "events still wait");
        worker.step().await.unwrap();
    }
    let left = "SELECT key FROM inbox.events WHERE state <> 'done'";
    assert_eq!(place.column(left).await, [format!("{:024x}:failed", 1)]);
}

/// As a worker does that takes these events.
async fn lease(place: &Place, until: &str, stamps: std::ops::Range<usize>) {
    let keys: Vec<_> = stamps
        .map(|stamp| format!("\"{stamp:024x}:failed\""))
        .collect();
    let keys = keys.join(",");
    let lease = format!("INSERT INTO inbox.leases SELECT {until}, 'first', '[{keys}]'");
    place.execute(&lease).await;
}

async fn leases(place: &Place) -> i64 {
    place.count("SELECT COUNT(*) FROM inbox.leases").await
}

/// After a process that ended, nobody knows which event of its batch did it.
#[tokio::test]
async fn after_an_attempt_without_an_end_events_are_tried_in_halves() {
    for place in places().await {
        prepare(&place).await;
        lease(&place, "{now} - 1", 1..10).await;
        let worker = place.example();
        for done in [1, 4, 4, 1, 0] {
            assert_eq!(worker.step().await.unwrap(), step(done, 0, 0));
            assert_eq!(leases(&place).await, 0);
        }
        let attempts = "SELECT CAST(SUM(attempts) AS BIGINT) FROM inbox.events";
        assert_eq!(place.count(attempts).await, 10);
    }
}

#[tokio::test]
async fn after_too_many_attempts_without_an_end_an_event_is_set_aside() {
    for place in places().await {
        place.accept(body(0, false)).await;
        place.accept(body(1, false)).await;
        let worker = place.worker(handle, "2");
        lease(&place, "{now} - 1", 0..1).await;
        assert_eq!(worker.step().await.unwrap(), step(1, 0, 0));
        let state =
            "SELECT state, last_error, attempts FROM inbox.events WHERE key LIKE '%0:failed'";
        let no_end = "no attempt came to an end: the process ended, the database went away, or it took too long";
        let found: (String, String, i64) = place.row(state).await;
        assert_eq!(found, ("pending".into(), no_end.into(), 1));
        lease(&place, "{now} - 1", 0..1).await;
        assert_eq!(worker.step().await.unwrap(), step(0, 0, 1));
        let found: (String, String, i64) = place.row(state).await;
        assert_eq!(found, ("set-aside".into(), no_end.into(), 2));
        // Once it is released, by itself as well.
        let limit = "SELECT batch_limit FROM inbox.events WHERE state = 'set-aside'";
        assert_eq!(place.count(limit).await, 1);
    }
}

/// Whatever the delays are, and however long the disk takes for the lease itself: otherwise
/// workers take the events from each other, and halve their batches each time.
#[tokio::test]
async fn a_lease_leaves_time_to_begin() {
    let place = Place::sqlite().await;
    place.accept(body(0, false)).await;
    let kept = "CREATE TABLE kept AS SELECT 0 AS until; \
         CREATE TRIGGER kept AFTER INSERT ON inbox_leases \
         BEGIN UPDATE kept SET until = NEW.until; END";
    sqlx::raw_sql(kept).execute(&place.pool).await.unwrap();
    let before = place.now().await;
    let worker = place.worker_with(handle, &["--retry-ms", "0"]);
    assert_eq!(worker.step().await.unwrap(), step(1, 0, 0));
    let until = place.count("SELECT until FROM kept").await;
    assert!((before + 30_000_000..=place.now().await + 30_000_000).contains(&until));
}

/// Others do not take them, however long a worker is at them.
#[tokio::test]
async fn events_of_a_lease_are_left_alone() {
    for place in places().await {
        prepare(&place).await;
        lease(&place, "{now} + 3500000000", 2..10).await;
        let worker = place.example();
        assert_eq!(worker.step().await.unwrap(), step(2, 0, 0));
        assert_eq!(worker.step().await.unwrap(), step(0, 0, 0));
        assert_eq!(leases(&place).await, 1);
        // A clock that was ahead has made it so long.
        let ahead = "UPDATE inbox.leases SET until = until + 691200000000";
        place.execute(ahead).await;
        assert_eq!(worker.step().await.unwrap(), step(4, 0, 0));
    }
}

/// Longer than its lease, in a transaction that is open.
#[tokio::test]
async fn a_worker_that_is_late_keeps_its_events() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    prepare(&place).await;
    lease(&place, "{now} - 1", 0..10).await;
    let mut late = pool(&place.url).begin().await.unwrap();
    let held = "UPDATE inbox.leases SET until = until";
    sqlx::query(held).execute(&mut *late).await.unwrap();
    assert_eq!(place.example().step().await.unwrap(), step(0, 0, 0));
    late.rollback().await.unwrap();
    assert_eq!(place.example().step().await.unwrap(), step(5, 0, 0));
}

/// Somebody has begun to change it, and gone to lunch.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_somebody_holds_holds_up_nothing() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    prepare(&place).await;
    let mut somebody = pool(&place.url).begin().await.unwrap();
    let hold = "UPDATE inbox.events SET attempts = attempts WHERE key LIKE '%4:failed'";
    sqlx::query(hold).execute(&mut *somebody).await.unwrap();
    let env = [
        ("DATABASE_URL", &*place.url),
        ("STORE_TIMEOUT_MS", "200"),
        ("RETRY_MS", "1"),
    ];
    let inbox = Running::start(&env);
    let deadline = Instant::now() + Duration::from_secs(30);
    for stamps in [10, 20] {
        let waiting = "SELECT COUNT(*) FROM inbox.events WHERE state = 'pending'";
        while place.count(waiting).await > 1 {
            assert!(Instant::now() < deadline, "events still wait");
        }
        for stamp in stamps..stamps + 10 {
            place.accept(body(stamp, false)).await;
        }
    }
    somebody.rollback().await.unwrap();
    place.drained().await;
    inbox.terminate();
}

#[tokio::test]
async fn events_are_taken_in_the_order_in_which_they_are_due() {
    for place in places().await {
        prepare(&place).await;
        place
            .execute("UPDATE inbox.events SET next_attempt_at = 7 WHERE key LIKE '%7:failed'")
            .await;
        place
            .execute("UPDATE inbox.events SET next_attempt_at = 4 WHERE key LIKE '%4:failed'")
            .await;
        let worker = place.worker_with(handle, &["--batch", "1"]);
        for stamp in [4, 7, 0] {
            assert_eq!(worker.step().await.unwrap(), step(1, 0, 0));
            let done = format!(
                "SELECT COUNT(*) FROM inbox.events WHERE state = 'done' AND key LIKE '%{stamp}:failed'"
            );
            assert_eq!(place.count(&done).await, 1, "{stamp}");
        }
    }
}

/// An inbox with a handler that ends the process.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a part of another test, which starts it as a process"]
async fn aborting_inbox() {
    let settings = deliver::Parser::parse_from(["inbox"]);
    inbox::serve(settings, aborting, future::pending())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_ends_the_process_holds_up_nothing() {
    let place = Place::sqlite().await;
    prepare(&place).await;
    let env = [
        ("DATABASE_URL", &*place.url),
        ("MAX_ATTEMPTS", "2"),
        ("RETRY_MS", "1"),
        ("STORE_TIMEOUT_MS", "500"),
    ];
    let mut inbox = Running::start_test("batch::aborting_inbox", &env);
    let mut ends = 0;
    let pending = "SELECT COUNT(*) FROM inbox.events WHERE state = 'pending'";
    while place.count(pending).await > 0 {
        if inbox.has_ended() {
            ends += 1;
            inbox.kill_and_restart();
        }
    }
    // Together, in halves, and then each alone.
    assert!((5..=8).contains(&ends), "{ends}");
    let counts: (i64, i64) = place
        .row(
            "SELECT (SELECT COUNT(*) FROM inbox.events WHERE state = 'done'), \
             (SELECT COUNT(*) FROM inbox.events WHERE state = 'set-aside' AND attempts = 2)",
        )
        .await;
    assert_eq!(counts, (8, 2));
}
