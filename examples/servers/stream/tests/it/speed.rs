//! How fast it is, as ratios in one run: receivers to the log's own rate and to the inbox on
//! PostgreSQL, and several instances that apply.
//!
//! ```text
//! cargo test --release -p stream --test it -- --ignored --nocapture speed::all
//! ```
//!
//! Takes about three minutes. Everything shares one machine. `STREAM_SECONDS=4` makes it
//! shorter.

use std::env;
use std::future;
use std::process::Command;
use std::time::Duration;

use async_nats::jetstream::context::ContextBuilder;
use async_nats::jetstream::message::PublishMessage;
use clap::Parser;
use deliver::{Answer, Plan};
use edexa_webhooks::testing;
use futures_util::{StreamExt, stream};
use inbox::handler::handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::listening::{TOKEN, listening};
use crate::postgres::Postgres;
use crate::world::World;

const SENDERS: usize = 64;
/// How many events wait for the instances that apply them.
const BACKLOG: u32 = 10_000;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a part of another test, which starts it as a process"]
async fn inbox_alone() {
    let settings = Parser::parse_from(["inbox"]);
    inbox::serve(settings, handle, future::pending())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "minutes long, so by hand only"]
async fn all() {
    let seconds = env::var("STREAM_SECONDS").map_or(10, |text| text.parse().unwrap());
    let cell = Duration::from_secs(seconds);
    let server = Postgres::start(true).await.unwrap();
    let world = World::at(server.database().await, 3, &[]).await.unwrap();

    let end = Instant::now() + cell;
    let raw = publish(&world, (0..).take_while(|_| Instant::now() < end)).await;
    println!("the log's own rate: {raw:.0}/s");
    let mut program = Command::new(env::current_exe().unwrap());
    program.args(["--ignored", "--exact", "--nocapture", "speed::inbox_alone"]);
    program.env("DATABASE_URL", server.database().await);
    let (mut child, address) = listening(&mut program, "127.0.0.1:0");
    let to = format!("http://{address}/webhooks/edexa/{TOKEN}");
    let inbox = send(&[to], 1, cell).await;
    child.kill().unwrap();
    child.wait().unwrap();
    println!(
        "the inbox on PostgreSQL: {inbox:.0}/s, to the log's own {:.2}",
        inbox / raw
    );
    for count in [1, 2, 4] {
        let receivers: Vec<_> = (0..count).map(|_| world.receive(&[])).collect();
        let to: Vec<_> = receivers
            .iter()
            .map(|receiver| receiver.to.clone())
            .collect();
        let rate = send(&to, 1 + count, cell).await;
        println!(
            "{count} receivers: {rate:.0}/s, to the log's own {:.2}, to the inbox {:.2}",
            rate / raw,
            rate / inbox
        );
    }
    let mut one = 0.0;
    for count in [1, 2, 4] {
        // Those of before are applied first.
        let first = 1_000_000 * u32::try_from(count).unwrap();
        publish(&world, first..first + BACKLOG).await;
        let all = world.cluster.info().await.state.messages;
        let instances = count.to_string();
        let apply = |instance: usize| {
            let instance = instance.to_string();
            world.apply(&["--instances", &instances, "--instance", &instance])
        };
        let before = stored(&world).await;
        let _appliers: Vec<_> = (0..count).map(apply).collect();
        let deadline = Instant::now() + Duration::from_secs(120);
        let (mut start, mut begun) = (Instant::now(), before);
        while stored(&world).await < usize::try_from(all).unwrap() {
            assert!(Instant::now() < deadline, "not all is stored");
            if begun == before {
                (start, begun) = (Instant::now(), stored(&world).await);
            }
            sleep(Duration::from_millis(20)).await;
        }
        let rate = float(stored(&world).await - begun) / start.elapsed().as_secs_f64();
        one = if count == 1 { rate } else { one };
        println!(
            "{count} that apply: {rate:.0}/s, to one {:.2}, to the inbox {:.2}",
            rate / one,
            rate / inbox
        );
    }
}

/// Publishes events to the log as fast as it acknowledges them: how many in a second.
async fn publish(world: &World, numbers: impl Iterator<Item = u32>) -> f64 {
    let log = ContextBuilder::new().build(world.cluster.client().await);
    let publish = |number: u32| {
        let log = log.clone();
        async move {
            let id = format!("{number:024x}");
            let body = testing::SUCCEEDED.replace("6475c02029b5bab6d2f2c6dc", &id);
            let message = PublishMessage::build().payload(body.into());
            let subject = format!("edexa.events.{}", number % 8);
            let sent = log.send_publish(subject, message.message_id(id)).await;
            sent.unwrap().await.unwrap();
        }
    };
    let start = Instant::now();
    let published = stream::iter(numbers).map(publish).buffer_unordered(SENDERS);
    float(published.count().await) / start.elapsed().as_secs_f64()
}

/// Sends different events to each, from as many senders in all.
async fn send(to: &[String], cell_number: usize, cell: Duration) -> f64 {
    let (mut senders, all) = (JoinSet::new(), to.len());
    for (number, to) in to.iter().enumerate() {
        let id = format!("6475c02029b5bab6{cell_number:02x}{number:06x}");
        let file = tempfile::NamedTempFile::new().unwrap();
        let body = testing::SUCCEEDED.replace("6475c02029b5bab6d2f2c6dc", &id);
        std::fs::write(&file, body).unwrap();
        let concurrency = (SENDERS / all).to_string();
        let event = file.path().to_str().unwrap().to_owned();
        let args = [
            "deliver",
            "--to",
            to,
            "--event",
            &event,
            "--concurrency",
            &concurrency,
        ];
        let many = ["--count", "10000000", "--attempts", "1", "--quiet"];
        let plan = Plan::try_parse_from(args.into_iter().chain(many)).unwrap();
        senders.spawn(async move {
            let report = deliver::run(plan, sleep(cell)).await.unwrap();
            drop(file);
            let statuses: Vec<_> = report.answers.keys().copied().collect();
            assert_eq!(statuses, [Answer::Status(200)], "{report}");
            report.acknowledged.values().sum::<u64>()
        });
    }
    let sums = senders.join_all().await;
    float(usize::try_from(sums.iter().sum::<u64>()).unwrap()) / cell.as_secs_f64()
}

async fn stored(world: &World) -> usize {
    let count = world.count("SELECT COUNT(*) FROM inbox.events").await;
    count.try_into().unwrap()
}

#[expect(clippy::cast_precision_loss, reason = "some thousands")]
fn float(count: usize) -> f64 {
    count as f64
}
