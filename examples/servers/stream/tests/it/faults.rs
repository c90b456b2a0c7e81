//! What is left when something fails, counted from the tables.

use std::env;
use std::ops::Range;
use std::time::Duration;

use deliver::{Answer, Bodies, Report};
use edexa_webhooks::{WebhookEvent, testing};
use inbox::store::stored_key;
use tokio::time::{Instant, sleep};

use crate::postgres::Postgres;
use crate::world::{Receiver, World};

fn full() -> bool {
    env::var("STREAM_LOAD").is_ok_and(|load| load == "full")
}

/// In full, or as much as every test run can bear.
fn scale<T>(full_load: T, short: T) -> T {
    if full() { full_load } else { short }
}

/// A random moment: where a kill hits must not be chosen.
async fn a_while(millis: Range<u64>) {
    sleep(Duration::from_millis(fastrand::u64(millis))).await;
}

/// Every event of a load is stored as it was sent, and has had its effect once.
async fn assert_exactly_once(fault: &str, world: &World, report: &Report) {
    assert!(report.is_complete(), "{report}");
    world.drained().await;
    let bodies = Bodies::new([testing::SUCCEEDED.into(), testing::FAILED.into()]);
    let count = u32::try_from(report.deliveries).unwrap();
    for index in 0..count {
        let body = bodies.get(index).unwrap();
        let key = stored_key(&WebhookEvent::from_slice(&body).unwrap().idempotency_key());
        let stored = format!("SELECT body, state FROM inbox.events WHERE key = '{key}'");
        let stored: (Vec<u8>, String) = world.row(&stored).await;
        assert_eq!(stored, (body, "done".into()), "{key}");
    }
    let (events, conflicts, refused): (i64, i64, i64) = world
        .row(
            "SELECT (SELECT COUNT(*) FROM inbox.events), (SELECT COUNT(*) FROM inbox.conflicts), \
             (SELECT COUNT(*) FROM inbox.refused)",
        )
        .await;
    let (stamps, most, effects): (i64, i64, i64) = world
        .row("SELECT COUNT(*), MAX(events), CAST(SUM(events) AS BIGINT) FROM inbox.stamps")
        .await;
    let redelivered = world
        .count("SELECT CAST(COALESCE(SUM(times), 0) AS BIGINT) FROM inbox.redeliveries")
        .await;
    let sent: u64 = report.answers.values().sum();
    let of = |status| {
        let answers = report.answers.get(&Answer::Status(status));
        answers.copied().unwrap_or_default()
    };
    println!(
        "{fault}: attempts sent {sent}, acknowledged {}, answered 503 {}, other {}, \
         events stored {events}, stored again {redelivered}, effects {effects}",
        of(200),
        of(503),
        sent - of(200) - of(503),
    );
    let count = i64::from(count);
    assert_eq!((events, conflicts, refused), (count, 0, 0));
    assert_eq!((stamps, most, effects), (count, 1, count));
}

fn load(count: u32) -> String {
    format!("--event succeeded failed --count {count} --concurrency 16 --duplicate-rate 0.3")
}

/// Sends events until a fault has been there as often as it should.
async fn during(receiver: &Receiver, count: u32, fault: impl Future<Output = ()>) -> Report {
    let load = load(count);
    tokio::join!(receiver.deliver(&load), fault).0
}

/// Waits until an event has gone all the way: one of the load's.
async fn begun(world: &World, receiver: &Receiver) {
    receiver.insist(testing::SUCCEEDED).await;
    world.reaches("SELECT COUNT(*) FROM inbox.events", 1).await;
}

/// Fault 1.
#[tokio::test(flavor = "multi_thread")]
async fn the_leader_killed_again_and_again() {
    let Some(mut world) = World::on_postgres(3).await else {
        return;
    };
    let (count, kills) = scale((6_000, 8), (300, 2));
    let (receiver, _applier) = (world.receive(&[]), world.apply(&[]));
    begun(&world, &receiver).await;
    let cluster = &mut world.cluster;
    let fault = async {
        for _ in 0..kills {
            a_while(scale(2000..5000, 100..500)).await;
            let leader = cluster.leader().await;
            cluster.kill(leader);
            a_while(500..1500).await;
            cluster.resume(leader);
        }
    };
    let report = during(&receiver, count, fault).await;
    assert_exactly_once(&format!("1: {kills} leaders killed"), &world, &report).await;
}

/// Fault 2.
#[tokio::test(flavor = "multi_thread")]
async fn two_of_three_servers_down() {
    let Some(mut world) = World::on_postgres(3).await else {
        return;
    };
    let (count, times) = scale((6_000, 4), (300, 1));
    let receiver = world.receive(&["--store-timeout-ms", "500"]);
    let _applier = world.apply(&[]);
    begun(&world, &receiver).await;
    let cluster = &mut world.cluster;
    let fault = async {
        for _ in 0..times {
            a_while(scale(2000..5000, 100..300)).await;
            let leader = cluster.leader().await;
            let other = (leader + 1) % 3;
            cluster.kill(leader);
            cluster.kill(other);
            assert_eq!(receiver.post(testing::SUCCEEDED), (503, String::new()));
            a_while(scale(2000..5000, 100..500)).await;
            assert_eq!(receiver.post(testing::FAILED), (503, String::new()));
            cluster.resume(leader);
            cluster.resume(other);
            receiver.insist(testing::SUCCEEDED).await;
        }
    };
    let report = during(&receiver, count, fault).await;
    assert!(
        report.answers.contains_key(&Answer::Status(503)),
        "{report}"
    );
    assert_exactly_once(
        &format!("2: two of three down {times} times"),
        &world,
        &report,
    )
    .await;
}

/// Fault 3.
#[tokio::test(flavor = "multi_thread")]
async fn the_database_away() {
    let Some(mut server) = Postgres::start(full()).await else {
        return;
    };
    let Some(world) = World::at(server.database().await, scale(3, 1), &[]).await else {
        return;
    };
    let (count, away) = scale((4_000, 60), (300, 1));
    let receiver = world.receive(&[]);
    let _applier = world.apply(&["--store-timeout-ms", "500"]);
    begun(&world, &receiver).await;
    server.stop("QUIT");
    let back = Instant::now() + Duration::from_secs(away);
    let report = receiver.deliver(&load(count)).await;
    let all: Vec<_> = report.answers.keys().copied().collect();
    assert_eq!(all, [Answer::Status(200)], "{report}");
    tokio::time::sleep_until(back).await;
    assert_eq!(receiver.post(testing::FAILED).0, 200);
    server.resume().await;
    assert_exactly_once(&format!("3: no database for {away} s"), &world, &report).await;
}

/// Fault 4.
#[tokio::test(flavor = "multi_thread")]
async fn apply_killed_in_mid_batch() {
    let Some(world) = World::on_postgres(scale(3, 1)).await else {
        return;
    };
    let (count, kills) = scale((6_000, 40), (1000, 5));
    let receiver = world.receive(&[]);
    let apply = || world.apply(&["--batch", "16"]);
    let fault = async {
        let mut applier = apply();
        let stored = "SELECT COUNT(*) FROM inbox.events";
        for _ in 0..kills {
            // It has begun, and so is killed at work.
            let before = world.count(stored).await;
            let deadline = Instant::now() + Duration::from_secs(60);
            while world.count(stored).await == before {
                assert!(Instant::now() < deadline, "nothing is stored");
                a_while(1..10).await;
            }
            applier.kill();
            applier = apply();
        }
        applier
    };
    let load = load(count);
    let (report, _applier) = tokio::join!(receiver.deliver(&load), fault);
    assert_exactly_once(&format!("4: apply killed {kills} times"), &world, &report).await;
}

/// Fault 5.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "more than a minute long, and no fault that the others do not have"]
async fn all_at_once() {
    let Some(mut server) = Postgres::start(full()).await else {
        return;
    };
    let Some(mut world) = World::at(server.database().await, 3, &[]).await else {
        return;
    };
    let (count, seconds) = (6_000, 60);
    let end = Instant::now() + Duration::from_secs(seconds);
    let receiver = world.receive(&["--store-timeout-ms", "1000"]);
    let args = ["--batch", "16", "--store-timeout-ms", "500"];
    let first = world.apply(&args);
    begun(&world, &receiver).await;
    let World {
        cluster, programs, ..
    } = &mut world;
    let servers = async {
        let mut kills = 0;
        while Instant::now() < end {
            let leader = cluster.leader().await;
            cluster.kill(leader);
            if fastrand::bool() {
                cluster.kill((leader + 1) % 3);
            }
            kills += 1;
            a_while(500..3000).await;
            (0..3).for_each(|server| cluster.resume(server));
            a_while(1000..5000).await;
        }
        kills
    };
    let databases = async {
        let mut stops = 0;
        while Instant::now() < end {
            a_while(500..3000).await;
            server.stop(["INT", "QUIT"][stops % 2]);
            a_while(500..3000).await;
            server.resume().await;
            stops += 1;
        }
        stops
    };
    let appliers = async {
        let (mut kills, mut applier) = (0, first);
        while Instant::now() < end {
            a_while(300..2000).await;
            // It may have found nothing at its start, and ended.
            drop(applier);
            applier = programs.apply(&args);
            kills += 1;
        }
        kills
    };
    let load = load(count);
    let sent = receiver.deliver(&load);
    let (report, servers, databases, appliers) = tokio::join!(sent, servers, databases, appliers);
    world.cluster.leader().await;
    let _last = world.apply(&args);
    let fault = format!(
        "5: {seconds} s with the leader killed {servers} times, the database stopped {databases} \
         times, apply killed {appliers} times"
    );
    assert_exactly_once(&fault, &world, &report).await;
}
