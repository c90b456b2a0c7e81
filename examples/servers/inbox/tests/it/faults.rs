//! What is left when something fails, counted from the database.

use std::env;
use std::time::Duration;

use deliver::{Answer, Bodies, Report};
use edexa_webhooks::{WebhookEvent, testing};
use inbox::store::stored_key;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::place::Place;
use crate::postgres::Postgres;
use crate::running::Running;

pub(crate) fn full() -> bool {
    env::var("INBOX_LOAD").is_ok_and(|load| load == "full")
}

/// In full, or as much as every test run can bear.
fn scale<T>(full_load: T, short: T) -> T {
    if full() { full_load } else { short }
}

/// A random moment: where a kill hits must not be chosen.
async fn a_while(millis: std::ops::Range<u64>) {
    sleep(Duration::from_millis(fastrand::u64(millis))).await;
}

/// Every event of a load is stored as it was sent, and has had its effect once.
async fn assert_exactly_once(fault: &str, place: &Place, count: u32, reports: &[Report]) {
    for report in reports {
        assert!(report.is_complete(), "{report}");
    }
    place.drained().await;
    let bodies = Bodies::new([testing::SUCCEEDED.into(), testing::FAILED.into()]);
    for index in 0..count {
        let body = bodies.get(index).unwrap();
        let key = stored_key(&WebhookEvent::from_slice(&body).unwrap().idempotency_key());
        let stored = place.store.dialect;
        let stored = stored.sql("SELECT body, state FROM inbox.events WHERE key = $1");
        let stored: (Vec<u8>, String) = sqlx::query_as(&stored)
            .bind(&key)
            .fetch_one(&place.pool)
            .await
            .unwrap();
        assert_eq!(stored, (body, "done".into()), "{key}");
    }
    let (events, tried, conflicts): (i64, i64, i64) = place
        .row(
            "SELECT (SELECT COUNT(*) FROM inbox.events), \
             (SELECT COUNT(*) FROM inbox.events WHERE attempts > 0), (SELECT COUNT(*) FROM inbox.conflicts)",
        )
        .await;
    let (stamps, most, effects): (i64, i64, i64) = place
        .row("SELECT COUNT(*), MAX(events), CAST(SUM(events) AS BIGINT) FROM inbox.stamps")
        .await;
    let redelivered = place
        .count("SELECT CAST(COALESCE(SUM(times), 0) AS BIGINT) FROM inbox.redeliveries")
        .await;
    let sent: u64 = reports
        .iter()
        .flat_map(|report| report.answers.values())
        .sum();
    let acknowledged = of(reports, Answer::is_acknowledged);
    let unavailable = of(reports, |answer| answer == Answer::Status(503));
    println!(
        "{fault}: attempts sent {sent}, acknowledged {acknowledged}, answered 503 {unavailable}, \
         without an answer {}, events stored {events}, redeliveries {redelivered}, \
         effects {effects}",
        sent - acknowledged - unavailable,
    );
    let count = i64::from(count);
    assert_eq!((events, tried, conflicts), (count, count, 0));
    assert_eq!((stamps, most, effects), (count, 1, count));
    // An answer may be lost after its event was stored, never the other way round.
    let known = i64::try_from(acknowledged).unwrap() - count;
    assert!(redelivered >= known, "{redelivered} < {known}");
}

fn of(reports: &[Report], is: impl Fn(Answer) -> bool) -> u64 {
    let answers = reports.iter().flat_map(|report| &report.answers);
    answers
        .filter(|(answer, _)| is(**answer))
        .map(|(_, count)| count)
        .sum()
}

/// Starts sending.
fn send(inbox: &Running, count: u32, concurrency: u32) -> JoinHandle<Report> {
    let to = inbox.webhook();
    tokio::spawn(async move {
        let load = format!(
            "--event succeeded failed --count {count} --concurrency {concurrency} \
             --duplicate-rate 0.3"
        );
        // Stops come so fast that all attempts of a day would meet one each.
        crate::running::deliver_within(&to, scale(0.0005, 0.0001), &load).await
    })
}

/// Fault 1.
#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again() {
    let (count, least, most) = scale((20_000, 20, 60), (400, 1, 5));
    let place = Place::sqlite().await;
    let mut inbox = place.serve();
    let sender = send(&inbox, count, 16);
    let mut kills = 0;
    while !sender.is_finished() && kills < most {
        a_while(50..300).await;
        inbox.kill_and_restart();
        kills += 1;
    }
    assert!(kills >= least, "{kills} kills");
    let report = sender.await.unwrap();
    assert_exactly_once(&format!("1: {kills} kills"), &place, count, &[report]).await;
}

/// Fault 2.
#[tokio::test(flavor = "multi_thread")]
async fn three_instances_one_killed_again_and_again() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let (count, least, most) = scale((20_000, 10, 60), (400, 1, 6));
    let mut inboxes = [place.serve(), place.serve(), place.serve()];
    // The same events to each at the same time.
    let senders = inboxes.each_ref().map(|inbox| send(inbox, count, 6));
    let mut kills = 0;
    while !senders.iter().all(JoinHandle::is_finished) && kills < most {
        a_while(scale(500..3000, 50..400)).await;
        inboxes[kills % 3].kill_and_restart();
        kills += 1;
    }
    assert!(kills >= least, "{kills} kills");
    let mut reports = Vec::new();
    for sender in senders {
        reports.push(sender.await.unwrap());
    }
    assert_exactly_once(&format!("2: {kills} kills"), &place, count, &reports).await;
}

/// Fault 3.
#[tokio::test(flavor = "multi_thread")]
async fn the_database_stopped_and_started() {
    let Some(mut server) = Postgres::start(full()).await else {
        return;
    };
    let (count, least, most) = scale((20_000, 3, 10), (400, 1, 2));
    let place = Place::at(server.database().await).await;
    let inbox = Running::start(&[("DATABASE_URL", &place.url), ("STORE_TIMEOUT_MS", "500")]);
    let sender = send(&inbox, count, 16);
    let mut stops = 0;
    while !sender.is_finished() && stops < most {
        a_while(scale(500..2000, 100..400)).await;
        server.stop(["INT", "QUIT"][stops % 2]);
        assert_eq!(inbox.post(testing::SUCCEEDED), (503, String::new()));
        assert_eq!(inbox.get("/healthz").0, 503);
        server.resume().await;
        stops += 1;
    }
    assert!(stops >= least, "{stops} stops");
    let report = sender.await.unwrap();
    // Each write that fails ends a session, and there are four.
    for _ in 0..4 {
        inbox.get("/healthz");
    }
    assert_eq!(inbox.get("/healthz").0, 200);
    assert_exactly_once(&format!("3: {stops} stops"), &place, count, &[report]).await;
}

/// Fault 4.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_store() {
    let (count, pages) = scale((4_000_u32, "1000"), (300, "120"));
    let place = Place::sqlite().await;
    let ballast = format!("CREATE TABLE ballast AS SELECT ZEROBLOB(2048 * {pages}) AS half");
    place.execute(&ballast).await;
    let inbox = Running::start(&[("DATABASE_URL", &place.url), ("SQLITE_MAX_PAGES", pages)]);
    let load = format!("--event succeeded failed --count {count} --concurrency 16 --attempts 1");
    let report = inbox.deliver(&load).await;
    let acknowledged = of(std::slice::from_ref(&report), |answer| {
        answer.is_acknowledged()
    });
    let unavailable = report.answers[&Answer::Status(503)];
    assert_eq!(acknowledged + unavailable, u64::from(count));
    let stored = place.count("SELECT COUNT(*) FROM inbox.events").await;
    assert_eq!(stored, i64::try_from(acknowledged).unwrap());
    println!(
        "4: sent {count}, acknowledged {acknowledged}, answered 503 {unavailable}, events stored {stored}"
    );

    place.execute("DROP TABLE ballast").await;
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.json");
    let body = testing::SUCCEEDED.replace("6475c02029b5bab6d2f2c6dc", "6475c02029b5bab6d2f2c6dd");
    std::fs::write(&other, body).unwrap();
    let load = format!("--event {} --count 50 --concurrency 4", other.display());
    let report = inbox.deliver(&load).await;
    assert!(report.is_complete(), "{report}");
    place.drained().await;
    let (effects, most): (i64, i64) = place
        .row("SELECT COUNT(*), MAX(events) FROM inbox.stamps")
        .await;
    println!("4, with room again: effects {effects}");
    assert_eq!((effects, most), (stored + 50, 1));
    let failures = "SELECT COUNT(*) FROM inbox.events WHERE attempts <> 1";
    assert_eq!(place.count(failures).await, 0);
}
