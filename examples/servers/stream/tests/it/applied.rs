//! What `apply` does to the tables.

use std::error::Error;
use std::process::Command;
use std::time::SystemTime;
use std::{fs, future};

use clap::Parser;
use edexa_webhooks::WebhookEvent;
use edexa_webhooks::testing::{self, EventBuilder};
use futures_util::future::BoxFuture;
use sqlx::AnyConnection;
use stream::settings::Options;

use crate::world::{LIMIT, World};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    settings: Options,
}

/// Fails for one stamp.
fn moody<'a>(
    transaction: &'a mut AnyConnection,
    events: &'a [WebhookEvent],
) -> BoxFuture<'a, Result<(), Box<dyn Error + Send + Sync>>> {
    Box::pin(async move {
        if events.iter().any(|event| event.data.hash == "poison") {
            return Err("poison".into());
        }
        inbox::handler::handle(transaction, events).await
    })
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a part of another test, which starts it as a process"]
async fn moody_apply() {
    let args = ["stream", "--retry-ms", "1", "--max-attempts", "3"];
    let Cli { settings } = Cli::parse_from(args);
    let never = future::pending();
    stream::apply::apply(&settings, moody, never).await.unwrap();
}

fn body(stamp: u32, hash: &str) -> String {
    let event = EventBuilder::succeeded().stamp_id(format!("{stamp:024x}"));
    event.hash(hash).to_json().unwrap()
}

/// One stamp's events are stored in the order in which they were acknowledged, also by an
/// instance after one that was killed with a batch in its hands.
#[tokio::test(flavor = "multi_thread")]
async fn in_order() {
    let Some(world) = World::on_sqlite(1, &[]).await else {
        return;
    };
    let receiver = world.receive(&[]);
    let apply = || world.apply(&["--batch", "8"]);
    let mut applier = apply();
    for step in 0..400 {
        let body = testing::SUCCEEDED.replace("\"succeed\"", &format!("\"{step}\""));
        assert_eq!(receiver.post(body).0, 200);
        if step % 100 == 99 {
            applier.kill();
            applier = apply();
        }
    }
    world.drained().await;
    let steps = "SELECT CAST(SUBSTR(key, 26) AS INTEGER) AS step, received_at FROM inbox.events";
    let early = format!(
        "WITH steps AS ({steps}) SELECT COUNT(*), SUM(later.received_at < earlier.received_at) \
         FROM steps AS earlier JOIN steps AS later ON later.step = earlier.step + 1"
    );
    let counts: (i64, i64) = world.row(&early).await;
    assert_eq!(counts, (399, 0));
    applier.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_goes_on_where_the_last_one_ended() {
    let Some(world) = World::on_sqlite(1, &[]).await else {
        return;
    };
    let receiver = world.receive(&[]);
    for (start, posted) in [("a", true), ("b", false), ("c", true)] {
        let since = SystemTime::now();
        let mut applier = world.apply(&[]);
        if posted {
            let body = testing::SUCCEEDED.replace("\"succeed\"", &format!("\"{start}\""));
            assert_eq!(receiver.post(body).0, 200);
            assert_eq!(receiver.post(format!("{{{start}")).0, 400);
        }
        world.cluster.asked(since).await;
        world.drained().await;
        applier.terminate();
    }
    let counts = "SELECT (SELECT COUNT(*) FROM inbox.events), (SELECT COUNT(*) FROM inbox.refused), \
         (SELECT SUM(times) FROM inbox.refused), (SELECT COUNT(*) FROM inbox.redeliveries)";
    let counts: (i64, i64, i64, i64) = world.row(counts).await;
    assert_eq!(counts, (2, 2, 2, 0));
}

/// What is poisoned, in whatever way, is set aside, and never comes again.
#[tokio::test(flavor = "multi_thread")]
async fn poison_is_set_aside() {
    let Some(world) = World::on_sqlite(1, &["--shards", "1"]).await else {
        return;
    };
    let trigger = "CREATE TRIGGER refuses BEFORE INSERT ON inbox_events \
         WHEN NEW.key LIKE '%2:succeed' BEGIN SELECT RAISE(ABORT, 'not this one'); END";
    let make = async |session: &mut AnyConnection| sqlx::query(trigger).execute(session).await;
    world
        .store
        .run::<_, sqlx::Error>(LIMIT, make)
        .await
        .unwrap();
    let receiver = world.receive(&["--shards", "1"]);
    for (stamp, hash) in [(1, "sound"), (2, "not stored"), (3, "poison"), (4, "sound")] {
        assert_eq!(receiver.post(body(stamp, hash)).0, 200);
    }
    // Not through the receiver: anything may stand in the log.
    let client = world.cluster.client().await;
    for body in ["", "{}"] {
        let subject = "edexa.events.0";
        client.publish(subject, body.into()).await.unwrap();
    }
    client.flush().await.unwrap();
    let applier = world.apply_by("applied::moody_apply");
    world.drained().await;
    let states = "SELECT COUNT(*), SUM(state = 'done'), SUM(state = 'set-aside'), \
         MAX(CASE WHEN state = 'set-aside' THEN last_error END), MAX(attempts) FROM inbox.events";
    let states: (i64, i64, i64, String, i64) = world.row(states).await;
    assert_eq!(states, (3, 2, 1, "poison".into(), 3));
    let refused = "SELECT GROUP_CONCAT(codes) FROM (SELECT codes FROM inbox.refused ORDER BY 1)";
    let (refused,): (String,) = world.row(refused).await;
    assert_eq!(refused, "data,not-stored,syntax");
    let not_stored = "SELECT problem, body FROM inbox.refused WHERE codes = 'not-stored'";
    let (problem, stored): (String, Vec<u8>) = world.row(not_stored).await;
    assert!(problem.ends_with("not this one"), "{problem}");
    assert_eq!(stored, body(2, "not stored").into_bytes());
    applier.kill();
}

/// It would leave the first subjects to nobody.
#[test]
fn an_instance_that_is_not_there() {
    let mut apply = Command::new(env!("CARGO_BIN_EXE_stream"));
    apply.args(["--instance", "1", "apply"]);
    let output = apply.env("DATABASE_URL", "sqlite:").output().unwrap();
    let error = "Error: \"INSTANCE counts from 0, and must be less than INSTANCES\"\n";
    assert_eq!(String::from_utf8(output.stderr).unwrap(), error);
    assert_eq!(output.status.code(), Some(1));
}

/// As by a loss of power: the next message has the number of one that is stored.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_lost_its_end() {
    let Some(mut world) = World::on_sqlite(1, &["--shards", "1"]).await else {
        return;
    };
    let receiver = world.receive(&["--shards", "1"]);
    let mut applier = world.apply(&[]);
    let body = |id: &str| testing::SUCCEEDED.replace("6475c02029b5bab6d2f2c6dc", id);
    receiver.insist(&body("first")).await;
    world.drained().await;
    let (now, before) = (world.cluster.folder(0), world.cluster.folder(1));
    world.cluster.kill(0);
    let copied = Command::new("cp").arg("-R").args([&now, &before]).status();
    assert!(copied.unwrap().success());
    world.cluster.resume(0);
    receiver.insist(&body("second")).await;
    world.reaches("SELECT COUNT(*) FROM inbox.events", 2).await;
    world.cluster.kill(0);
    fs::remove_dir_all(&now).unwrap();
    fs::rename(&before, &now).unwrap();
    world.cluster.resume(0);
    receiver.insist(&body("third")).await;
    world.reaches("SELECT COUNT(*) FROM inbox.events", 3).await;
    applier.terminate();
}
