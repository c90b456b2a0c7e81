//! Faults at random, for as long as is wished, counted from the tables at the end.
//!
//! ```text
//! INBOX_SECONDS=600 INBOX_SEED=42 cargo test --release -p inbox --test it -- --nocapture random
//! ```
//!
//! Without a seed it takes one, and prints it. A seed that fails is a test.

use std::collections::BTreeSet;
use std::env;
use std::future;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use edexa_webhooks::testing::EventBuilder;
use fastrand::Rng;
use rustix::process::Signal;
use tokio::time::sleep;

use crate::batch::{Handled, is_aborting, is_poison};
use crate::listening::TOKEN;
use crate::place::Place;
use crate::postgres::Postgres;
use crate::running::Running;
use edexa_webhooks::WebhookEvent;
use sqlx::AnyConnection;

const FAULTS: [&str; 9] = [
    "kill",
    "stop",
    "lock",
    "fill",
    "disconnect",
    "clock",
    "poison",
    "half",
    "crash",
];

/// Fails for some events, and ends the process for others.
fn moody<'a>(transaction: &'a mut AnyConnection, events: &'a [WebhookEvent]) -> Handled<'a> {
    Box::pin(async move {
        if events.iter().any(is_aborting) {
            std::process::abort();
        }
        inbox::handler::handle(transaction, events).await?;
        if events.iter().any(is_poison) {
            return Err("poison".into());
        }
        Ok(())
    })
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a part of another test, which starts it as a process"]
async fn moody_inbox() {
    let settings = deliver::Parser::parse_from(["inbox"]);
    inbox::serve(settings, moody, future::pending())
        .await
        .unwrap();
}

fn body(index: u64, hash: &str) -> String {
    let event = EventBuilder::failed().stamp_id(format!("{index:024x}"));
    event.hash(hash).to_json().unwrap()
}

/// Sends events, some of them again, and knows which were acknowledged.
#[derive(Clone)]
struct Sender {
    address: SocketAddr,
    next: Arc<AtomicU64>,
    stopped: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<BTreeSet<u64>>>,
}

impl Sender {
    fn send(&self, seed: u64) {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(10)))
            .http_status_as_error(false)
            .build()
            .into();
        let to = format!("http://{}/webhooks/edexa/{TOKEN}", self.address);
        let mut rng = Rng::with_seed(seed);
        while !self.stopped.load(Relaxed) {
            let known = self.next.load(Relaxed);
            let index = if known > 0 && rng.u8(..) < 50 {
                rng.u64(..known)
            } else {
                self.next.fetch_add(1, Relaxed)
            };
            let answer = agent.post(&to).send(body(index, "sound"));
            match answer.map(|answer| answer.status().as_u16()) {
                Ok(200) => drop(self.acknowledged.lock().unwrap().insert(index)),
                Ok(503) | Err(_) => thread::sleep(Duration::from_millis(5)),
                Ok(status) => panic!("answered {status}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_faults_on_sqlite() {
    let place = Place::sqlite().await;
    let pages = [("SQLITE_MAX_PAGES", "20000")];
    run("SQLite", &place, None, &pages).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn random_faults_on_postgresql() {
    let Some(server) = Postgres::start(true).await else {
        return;
    };
    let place = Place::at(server.database().await).await;
    run("PostgreSQL", &place, Some(server), &[]).await;
}

async fn run(name: &str, place: &Place, mut server: Option<Postgres>, more: &[(&str, &str)]) {
    let number = |name: &str| env::var(name).ok().map(|text| text.parse().unwrap());
    let seconds = number("INBOX_SECONDS").unwrap_or(2);
    let seed = number("INBOX_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("{name}: INBOX_SECONDS={seconds} INBOX_SEED={seed}");
    let mut rng = Rng::with_seed(seed);
    let mut env = vec![
        ("DATABASE_URL", &*place.url),
        ("RETRY_MS", "1"),
        ("MAX_ATTEMPTS", "6"),
        ("STORE_TIMEOUT_MS", "1000"),
        ("SHUTDOWN_GRACE_MS", "500"),
    ];
    env.extend(more);
    let mut inbox = Running::start_test("random::moody_inbox", &env);
    let sender = Sender {
        address: inbox.address,
        next: Arc::default(),
        stopped: Arc::default(),
        acknowledged: Arc::default(),
    };
    let senders: Vec<_> = (0..4)
        .map(|number| {
            let sender = sender.clone();
            thread::spawn(move || sender.send(seed ^ number))
        })
        .collect();
    let (mut counts, mut halves, mut bad) = ([0; FAULTS.len()], Vec::new(), 0);
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        sleep(Duration::from_millis(rng.u64(20..300))).await;
        let fault = rng.usize(..FAULTS.len());
        counts[fault] += 1;
        match FAULTS[fault] {
            "kill" => inbox.signal(Signal::KILL),
            "stop" => inbox.signal(Signal::TERM),
            "lock" => lock(place, rng.u64(10..1500)).await,
            "fill" | "disconnect" | "crash" => {
                away(place, server.as_mut(), FAULTS[fault], &mut rng).await;
            }
            "clock" => {
                let jump = "UPDATE inbox.clock SET seen_at = seen_at - 691200000000";
                place.execute(jump).await;
                let late = "UPDATE inbox.events SET next_attempt_at = next_attempt_at + 691200000000 \
                     WHERE state = 'pending' AND attempts = 0";
                place.execute(late).await;
            }
            "poison" => {
                bad += 1;
                let hash = ["poison", "abort"][rng.usize(..2)];
                let body = body(1 << 40 | bad, hash);
                inbox.try_post(&body);
            }
            _ => {
                let whole = format!(
                    "POST /webhooks/edexa/{TOKEN} HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{{"
                );
                if let Ok(mut client) = TcpStream::connect(inbox.address) {
                    let _ = client.write_all(&whole.as_bytes()[..rng.usize(..whole.len())]);
                    halves.push(client);
                }
            }
        }
        if matches!(FAULTS[fault], "kill" | "stop") || inbox.has_ended() {
            inbox.restart();
        }
    }
    sender.stopped.store(true, Relaxed);
    for sender in senders {
        sender.join().unwrap();
    }
    let drained = Instant::now() + Duration::from_secs(120);
    while place
        .count("SELECT COUNT(*) FROM inbox.events WHERE state = 'pending'")
        .await
        > 0
    {
        assert!(Instant::now() < drained, "events still wait: seed {seed}");
        if inbox.has_ended() {
            inbox.restart();
        }
        sleep(Duration::from_millis(20)).await;
    }
    let acknowledged = sender.acknowledged.lock().unwrap().clone();
    count(name, seed, place, &acknowledged).await;
    println!(
        "{name}: {}",
        FAULTS
            .map(ToOwned::to_owned)
            .iter()
            .zip(counts)
            .map(|(fault, count)| format!("{fault} {count}"))
            .collect::<Vec<_>>()
            .join(", ")
    );
}

/// Holds what writing needs, for a while.
async fn lock(place: &Place, millis: u64) {
    let mut connection = place.pool.acquire().await.unwrap();
    let (begin, lock) = if place.url.starts_with("sqlite") {
        ("BEGIN IMMEDIATE", "SELECT 1")
    } else {
        ("BEGIN", "LOCK TABLE inbox.events IN EXCLUSIVE MODE")
    };
    for statement in [begin, lock] {
        sqlx::query(statement)
            .execute(&mut *connection)
            .await
            .unwrap();
    }
    sleep(Duration::from_millis(millis)).await;
    sqlx::query("ROLLBACK")
        .execute(&mut *connection)
        .await
        .unwrap();
}

/// Takes the database away, and gives it back.
async fn away(place: &Place, server: Option<&mut Postgres>, fault: &str, rng: &mut Rng) {
    let pause = Duration::from_millis(rng.u64(10..500));
    match (server, fault) {
        (Some(server), "crash") => {
            server.stop(["INT", "QUIT"][rng.usize(..2)]);
            sleep(pause).await;
            server.resume().await;
            // This one's own session is gone too.
            let _ = sqlx::query("SELECT 1").execute(&place.pool).await;
        }
        (Some(_), _) => {
            let end = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()";
            place.count(end).await;
        }
        (None, "fill") => {
            let free = "SELECT 20000 - page_count - 20 FROM pragma_page_count";
            let pages = place.count(free).await.max(1);
            let fill = format!("CREATE TABLE ballast AS SELECT ZEROBLOB({pages} * 4000) AS room");
            place.execute(&fill).await;
            sleep(pause).await;
            place.execute("DROP TABLE ballast").await;
        }
        (None, _) => {
            let file = place.url.strip_prefix("sqlite:").unwrap();
            let hidden = format!("{file}.away");
            std::fs::rename(file, &hidden).unwrap();
            sleep(pause).await;
            std::fs::rename(&hidden, file).unwrap();
        }
    }
}

/// Everything that was acknowledged is there, and has had its effect once.
async fn count(name: &str, seed: u64, place: &Place, acknowledged: &BTreeSet<u64>) {
    let rows = "SELECT key || ' ' || state FROM inbox.events";
    let rows: BTreeSet<String> = place.column(rows).await.into_iter().collect();
    for &index in acknowledged {
        let done = format!("{index:024x}:failed done");
        assert!(rows.contains(&done), "no {done}: seed {seed}");
    }
    let counts: (i64, i64, i64, i64, i64) = place
        .row(
            "SELECT (SELECT COUNT(*) FROM inbox.events), \
             (SELECT COUNT(*) FROM inbox.events WHERE state = 'done'), \
             (SELECT COUNT(*) FROM inbox.stamps), \
             (SELECT CAST(COALESCE(SUM(events), 0) AS BIGINT) FROM inbox.stamps), \
             (SELECT COUNT(*) FROM inbox.events WHERE state = 'set-aside')",
        )
        .await;
    let (events, done, stamps, effects, set_aside) = counts;
    println!(
        "{name}: acknowledged {}, stored {events}, done {done}, effects {effects}, \
         set aside {set_aside}",
        acknowledged.len()
    );
    assert_eq!((done, done), (stamps, effects), "seed {seed}");
    assert_eq!(events, done + set_aside, "seed {seed}");
}
