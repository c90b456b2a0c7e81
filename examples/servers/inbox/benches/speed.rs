//! How fast it is, as ratios in one run: acknowledged deliveries to raw commits of
//! the same database, processed events to acknowledged ones, and 10⁶ stored events
//! to 10⁴.
//!
//! ```text
//! cargo bench -p inbox --bench speed
//! ```
//!
//! Takes about five minutes, after its build, and 4 GB in the folder for temporary
//! files. Sender, server and database share one machine. `SPEED_ROUNDS=1`,
//! `SPEED_SECONDS=3`, `SPEED_STORED=20000`, `SPEED_ONLY=SQLite` and `SPEED_SENDERS=64` make it
//! shorter. `SPEED_SNAPSHOT=1` keeps a transaction open on PostgreSQL meanwhile.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot go on has failed"
)]

use std::collections::BTreeMap;
use std::env;
use std::net::SocketAddr;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use deliver::Parser;
use edexa_webhooks::testing;
use inbox::dialect::Dialect;
use inbox::settings::Settings;
use inbox::store::Store;
use sqlx::{AnyConnection, AnyPool, Connection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

#[path = "../tests/it/listening.rs"]
mod listening;
#[path = "../tests/it/postgres.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod postgres;

use listening::{TOKEN, listening};

#[tokio::main]
async fn main() {
    let variable = |name, default| env::var(name).map_or(default, |text| text.parse().unwrap());
    let rounds = variable("SPEED_ROUNDS", 3);
    let cell = Duration::from_secs(variable("SPEED_SECONDS", 5).into());
    let many = variable("SPEED_STORED", 1_000_000);
    let text = |name, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
    let only = text("SPEED_ONLY", "");
    let senders = text("SPEED_SENDERS", "1 16 64");
    let senders: Vec<_> = senders.split(' ').collect();
    let names = ["SQLite", "PostgreSQL"];
    let names = names.into_iter().filter(|name| name.contains(&only));
    let names: Vec<_> = names.collect();
    let folder = tempfile::tempdir().unwrap();
    let postgres = postgres::Postgres::start(true).await.unwrap();
    let mut servers = Vec::new();
    for (number, stored) in [10_000, many].into_iter().enumerate() {
        for &name in &names {
            let file = folder.path().join(format!("{number}.db"));
            let url = match name {
                "SQLite" => format!("sqlite:{}", file.display()),
                _ => postgres.database().await,
            };
            servers.push(Server::filled(url, stored).await);
        }
        eprintln!("{stored} events stored in each");
    }
    // An old snapshot, which keeps dead rows from being cleaned.
    let mut snapshots = Vec::new();
    for server in servers
        .iter()
        .filter(|_| env::var("SPEED_SNAPSHOT").is_ok())
    {
        let mut snapshot = AnyConnection::connect(&server.url).await.unwrap();
        for statement in [
            "BEGIN ISOLATION LEVEL REPEATABLE READ",
            "SELECT COUNT(*) FROM raw",
        ] {
            let statement = sqlx::query(statement);
            statement.execute(&mut snapshot).await.unwrap();
        }
        snapshots.push(snapshot);
    }
    let mut results: BTreeMap<(usize, usize), Vec<Speed>> = BTreeMap::new();
    let mut number = 0;
    for round in 1..=rounds {
        for (row, senders) in senders.iter().enumerate() {
            for (column, server) in servers.iter().enumerate() {
                number += 1;
                let speed = server.measure(senders, number, cell).await;
                eprintln!("round {round}, {senders} senders, server {column}: {speed:.1?}");
                results.entry((row, column)).or_default().push(speed);
            }
        }
    }
    let median = |row, column, of: fn(&Speed) -> f64| {
        let mut values: Vec<f64> = results[&(row, column)].iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    println!(
        "| database | senders | raw commits/s | acknowledged/s | processed/s \
         | acknowledged to raw | processed to acknowledged | 10⁶ to 10⁴ | 99th percentile |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (column, name) in names.iter().enumerate() {
        for (row, senders) in senders.iter().enumerate() {
            let of = |of| median(row, column, of);
            println!(
                "| {name} | {senders} | {:.0} | {:.0} | {:.0} | {:.2} | {:.2} | {:.2} | {:.1} ms |",
                of(|speed| speed.raw),
                of(|speed| speed.acknowledged),
                of(|speed| speed.processed),
                of(|speed| speed.acknowledged / speed.raw),
                of(|speed| speed.processed / speed.acknowledged),
                median(row, column + names.len(), |speed| speed.acknowledged)
                    / of(|speed| speed.acknowledged),
                of(|speed| speed.p99),
            );
        }
    }
    for server in &servers {
        server.print_memory();
    }
}

/// What happened in a second, and the 99th percentile of latency in milliseconds.
#[derive(Debug)]
struct Speed {
    raw: f64,
    acknowledged: f64,
    processed: f64,
    p99: f64,
}

/// An inbox in a process of its own.
struct Server {
    child: Child,
    address: SocketAddr,
    url: String,
    store: Store,
    pool: AnyPool,
}

impl Server {
    /// One that has stored this many events.
    async fn filled(url: String, stored: u32) -> Self {
        let settings = Settings::parse_from(["inbox", "--database-url", &url]);
        let store = Store::create(&settings).await.unwrap();
        let pool = AnyPool::connect_lazy(&url).unwrap();
        fill(&store, &pool, stored).await;
        let raw = "CREATE TABLE raw (id TEXT, body TEXT)";
        sqlx::query(raw).execute(&pool).await.unwrap();
        let mut inbox = Command::new(env!("CARGO_BIN_EXE_inbox"));
        let (child, address) = listening(inbox.env("DATABASE_URL", &url), "127.0.0.1:0");
        Self {
            child,
            address,
            url,
            store,
            pool,
        }
    }

    async fn measure(&self, senders: &str, number: u32, cell: Duration) -> Speed {
        let raw = match self.store.dialect {
            Dialect::Sqlite => self.raw_sqlite(cell).await,
            Dialect::Postgres => self.raw_postgres(senders, cell),
        };
        let before = self.done().await;
        let start = Instant::now();
        let mut latencies = send(self.address, senders.parse().unwrap(), number, cell).await;
        let seconds = start.elapsed().as_secs_f64();
        let processed = self.done().await - before;
        self.drain().await;
        latencies.sort();
        Speed {
            raw,
            acknowledged: latencies.len() as f64 / seconds,
            processed: processed as f64 / seconds,
            p99: latencies[latencies.len() * 99 / 100].as_secs_f64() * 1e3,
        }
    }

    /// Commits of one row each, one after another: there is one writer at a time.
    async fn raw_sqlite(&self, cell: Duration) -> f64 {
        let commit = async |connection: &mut AnyConnection| -> sqlx::Result<f64> {
            let (start, mut count) = (Instant::now(), 0_u32);
            while start.elapsed() < cell / 2 {
                let insert = sqlx::query("INSERT INTO raw VALUES (HEX(RANDOMBLOB(12)), $1)");
                let insert = insert.bind(testing::SUCCEEDED);
                insert.execute(&mut *connection).await?;
                count += 1;
            }
            Ok(f64::from(count) / start.elapsed().as_secs_f64())
        };
        self.store.run(cell, commit).await.unwrap()
    }

    /// What pgbench inserts with as many clients.
    fn raw_postgres(&self, clients: &str, cell: Duration) -> f64 {
        let file = tempfile::NamedTempFile::new().unwrap();
        let insert = "INSERT INTO raw VALUES (md5(random()::text), repeat('x', 520));\n";
        std::fs::write(&file, insert).unwrap();
        let mut pgbench = Command::new("pgbench");
        pgbench.args(["-n", "-M", "prepared", "-j", "2", "-c", clients]);
        pgbench.args(["-T", &(cell.as_secs() / 2).max(1).to_string(), "-f"]);
        let output = pgbench.arg(file.path()).arg(&self.url).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let tps = text.lines().find_map(|line| line.strip_prefix("tps = "));
        let tps = tps.and_then(|line| line.split(' ').next());
        tps.unwrap().parse().unwrap()
    }

    async fn done(&self) -> u64 {
        let done = "SELECT COUNT(*) FROM inbox.events WHERE state = 'done'";
        let done = self.store.dialect.sql(done);
        let done = sqlx::query_scalar(&done).fetch_one(&self.pool);
        let done: i64 = done.await.unwrap();
        done.try_into().unwrap()
    }

    async fn drain(&self) {
        let waiting = "SELECT COUNT(*) FROM inbox.events WHERE state = 'pending'";
        let waiting = self.store.dialect.sql(waiting);
        loop {
            let count = sqlx::query_scalar(&waiting).fetch_one(&self.pool);
            let count: i64 = count.await.unwrap();
            if count == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn print_memory(&self) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let peak = status.lines().find(|line| line.starts_with("VmHWM"));
        eprintln!("{}: {}", self.url, peak.unwrap_or("no VmHWM"));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Events of the last week that are done, under random keys.
async fn fill(store: &Store, pool: &AnyPool, stored: u32) {
    let sqlite = store.dialect == Dialect::Sqlite;
    let random = if sqlite {
        "LOWER(HEX(RANDOMBLOB(12)))"
    } else {
        "SUBSTR(MD5(i::text), 1, 24)"
    };
    let body = format!(
        "REPLACE('{}', '6475c02029b5bab6d2f2c6dc', id)",
        testing::SUCCEEDED
    );
    let body = if sqlite {
        format!("CAST({body} AS BLOB)")
    } else {
        format!("CONVERT_TO({body}, 'UTF8')")
    };
    let step = 7 * 24 * 3_600_000_000 / (i64::from(stored) + 1);
    let numbers = format!(
        "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {stored}), \
         e(i, id) AS (SELECT i, {random} FROM n) "
    );
    let events = format!(
        "INSERT INTO inbox.events (key, body, received_at, state, attempts, next_attempt_at) \
         {numbers} SELECT id || ':succeed', {body}, {{now}} - {step} * i, 'done', 1, 0 FROM e"
    );
    let stamps = "INSERT INTO inbox.stamps (stamp, outcome, tx_id, hash, updated_at, events) \
         SELECT SUBSTR(key, 1, 24), 'succeeded', '0x3b7d586651f386c0d415fa1349b9ec0be07b78c86', \
         '6d6db6c12243mdhfrehrdfghju76', 0, 1 FROM inbox.events";
    let mut connection = pool.acquire().await.unwrap();
    if !sqlite {
        sqlx::query("SET statement_timeout = 0")
            .execute(&mut *connection)
            .await
            .unwrap();
    }
    for statement in [&*events, stamps] {
        sqlx::query(&store.dialect.sql(statement))
            .execute(&mut *connection)
            .await
            .unwrap();
    }
    let settle = if sqlite {
        "PRAGMA wal_checkpoint(TRUNCATE)"
    } else {
        "VACUUM ANALYZE"
    };
    sqlx::query(settle).execute(&mut *connection).await.unwrap();
    if !sqlite {
        sqlx::query("CHECKPOINT")
            .execute(&mut *connection)
            .await
            .unwrap();
    }
    connection.close().await.unwrap();
}

/// Sends new events for a while: how long each acknowledgement took. Sender and inbox share a
/// machine, so it does as little as `pgbench` does.
async fn send(to: SocketAddr, senders: u32, number: u32, cell: Duration) -> Vec<Duration> {
    // As ObjectIds are: the time, the process, a counter.
    let id = move || {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let counter = COUNTER.fetch_add(1, Ordering::Relaxed) & 0x00ff_ffff;
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        format!("{:08x}{number:010x}{counter:06x}", time.as_secs())
    };
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..senders {
        tasks.spawn(async move {
            let mut connection = TcpStream::connect(to).await.unwrap();
            let (mut latencies, mut answer) = (Vec::new(), [0; 1024]);
            while start.elapsed() < cell {
                let body = testing::SUCCEEDED.replace("6475c02029b5bab6d2f2c6dc", &id());
                let bytes = body.len();
                let request = format!(
                    "POST /webhooks/edexa/{TOKEN} HTTP/1.1\r\nhost: {to}\r\n\
                     content-type: application/json\r\ncontent-length: {bytes}\r\n\r\n{body}"
                );
                let sent = Instant::now();
                connection.write_all(request.as_bytes()).await.unwrap();
                let read = connection.read(&mut answer).await.unwrap();
                latencies.push(sent.elapsed());
                let answer = std::str::from_utf8(&answer[..read]).unwrap();
                assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
                assert!(answer.ends_with("\r\n\r\n"), "{answer}");
            }
            latencies
        });
    }
    tasks.join_all().await.concat()
}
