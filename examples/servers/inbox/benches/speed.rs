//! How much storing costs: acknowledged deliveries a second and the 99th
//! percentile of their latency, as ratios to the same server that answers without
//! storing.
//!
//! ```text
//! cargo bench -p inbox --bench speed
//! ```
//!
//! Takes about five minutes, after its build, and 4 GB in the folder for temporary files. Sender,
//! server and database share one machine. `SPEED_ROUNDS=1` and `SPEED_STORED=20000`
//! make it shorter.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a measurement that cannot go on has failed"
)]

use std::collections::BTreeMap;
use std::env;
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use deliver::{Answer, Parser, Plan};
use edexa_webhooks::testing;
use inbox::settings::Settings;
use inbox::store::{Store, now};
use tracing::info;

#[path = "../tests/it/listening.rs"]
mod listening;
#[path = "../tests/it/postgres.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod postgres;

use listening::{TOKEN, listening};

const SENDERS: [&str; 4] = ["1", "4", "16", "64"];
const CELL: Duration = Duration::from_secs(3);

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if env::var_os("SPEED_BASELINE").is_some() {
        runtime.block_on(baseline());
    } else {
        runtime.block_on(measure());
    }
}

/// The same server without a store.
async fn baseline() {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let settings = Arc::new(Settings::parse_from(["inbox"]));
    let app = axum::Router::new()
        .route("/webhooks/edexa/{token}", post(acknowledge))
        .with_state(settings);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("listening on http://{}", listener.local_addr().unwrap());
    axum::serve(listener, app).await.unwrap();
}

async fn acknowledge(
    State(settings): State<Arc<Settings>>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let body = match inbox::receive::read(&settings, &token, request).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    match inbox::receive::parse(&body) {
        Ok(event) => {
            info!(key = %event.idempotency_key(), "stored");
            StatusCode::OK.into_response()
        }
        Err(_) => StatusCode::UNPROCESSABLE_ENTITY.into_response(),
    }
}

/// A server in a process of its own.
struct Server {
    child: Child,
    url: String,
    store: Option<Store>,
}

impl Server {
    fn start(command: &mut Command, store: Option<Store>) -> Self {
        let (child, address) = listening(command, "127.0.0.1:0");
        let url = format!("http://{address}/webhooks/edexa/{TOKEN}");
        Self { child, url, store }
    }

    /// An inbox that has stored this many events.
    async fn filled(url: &str, stored: u32) -> Self {
        let settings = Settings::parse_from(["inbox", "--database-url", url]);
        let store = Store::create(&settings).await.unwrap();
        fill(&store, url.starts_with("sqlite"), stored).await;
        let mut inbox = Command::new(env!("CARGO_BIN_EXE_inbox"));
        Self::start(inbox.env("DATABASE_URL", url), Some(store))
    }

    /// Acknowledged deliveries a second, and the 99th percentile in milliseconds.
    async fn load(&self, senders: &str, cell: u32) -> (f64, f64) {
        // A stamp of its own for each cell, which `deliver` varies elsewhere.
        let id = format!("6475c02029b5bab6d2{cell:06x}");
        let body = testing::SUCCEEDED.replace("6475c02029b5bab6d2f2c6dc", &id);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, body).unwrap();
        let event = file.path().to_str().unwrap();
        let many = ["--count", "10000000", "--attempts", "1", "--quiet"];
        let mut args = vec!["deliver", "--to", &self.url, "--event", event];
        args.extend(["--concurrency", senders]);
        args.extend(many);
        let plan = Plan::try_parse_from(args).unwrap();
        let start = Instant::now();
        let report = deliver::run(plan, tokio::time::sleep(CELL)).await.unwrap();
        let seconds = start.elapsed().as_secs_f64();
        let statuses: Vec<_> = report.answers.keys().copied().collect();
        assert_eq!(statuses, [Answer::Status(200)], "{report}");
        let acknowledged: u64 = report.acknowledged.values().sum();
        self.drain().await;
        let p99 = report.latency(0.99).unwrap_or_default();
        (float(acknowledged) / seconds, p99.as_secs_f64() * 1e3)
    }

    async fn drain(&self) {
        let Some(store) = &self.store else { return };
        let waiting = "SELECT COUNT(*) FROM events WHERE state = 'pending'";
        loop {
            let count: i64 = sqlx::query_scalar(waiting)
                .fetch_one(&store.pool)
                .await
                .unwrap();
            if count == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Events of the last week that are done, under random keys.
async fn fill(store: &Store, sqlite: bool, stored: u32) {
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
    let now = now().timestamp_micros();
    let step = 7 * 24 * 3_600_000_000 / (i64::from(stored) + 1);
    let numbers = format!(
        "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {stored}), \
         e(i, id) AS (SELECT i, {random} FROM n) "
    );
    let events = format!(
        "INSERT INTO events (key, body, received_at, findings, state, attempts, next_attempt_at) \
         {numbers} SELECT id || ':succeed', {body}, {now} - {step} * i, '[]', 'done', 1, 0 FROM e"
    );
    let stamps = "INSERT INTO stamps (stamp, outcome, tx_id, hash, updated_at, events) \
         SELECT SUBSTR(key, 1, 24), 'succeeded', '0x3b7d586651f386c0d415fa1349b9ec0be07b78c86', \
         '6d6db6c12243mdhfrehrdfghju76', 0, 1 FROM events";
    let mut connection = store.pool.acquire().await.unwrap();
    if !sqlite {
        sqlx::query("SET statement_timeout = 0")
            .execute(&mut *connection)
            .await
            .unwrap();
    }
    for statement in [&*events, stamps] {
        sqlx::query(statement)
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

async fn measure() {
    let variable = |name, default| env::var(name).map_or(default, |text| text.parse().unwrap());
    let (rounds, many) = (
        variable("SPEED_ROUNDS", 3),
        variable("SPEED_STORED", 1_000_000),
    );
    let folder = tempfile::tempdir().unwrap();
    let postgres = postgres::Postgres::start(true).await.unwrap();
    let itself = env::current_exe().unwrap();
    let mut servers = vec![Server::start(
        Command::new(itself).env("SPEED_BASELINE", "1"),
        None,
    )];
    for stored in [10_000, many] {
        let file = folder.path().join(format!("{stored}.db"));
        let url = format!("sqlite:{}", file.display());
        servers.push(Server::filled(&url, stored).await);
        servers.push(Server::filled(&postgres.database().await, stored).await);
        eprintln!("{stored} events stored in each");
    }
    let mut results: BTreeMap<(usize, usize), Vec<(f64, f64)>> = BTreeMap::new();
    let mut cell = 0;
    for round in 1..=rounds {
        for (row, senders) in SENDERS.iter().enumerate() {
            for (column, server) in servers.iter().enumerate() {
                cell += 1;
                let result = server.load(senders, cell).await;
                eprintln!("round {round}, {senders} senders, server {column}: {result:.1?}");
                results.entry((row, column)).or_default().push(result);
            }
        }
    }
    let median = |row, column, of: fn(&(f64, f64)) -> f64| {
        let mut values: Vec<f64> = results[&(row, column)].iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    for (title, of) in [
        (
            "acknowledged a second",
            (|result| result.0) as fn(&(f64, f64)) -> f64,
        ),
        ("99th percentile in ms", |result| result.1),
    ] {
        println!("\n{title}\n");
        println!(
            "| senders | without storing | SQLite, 10⁴ | SQLite, 10⁶ | 10⁶ to 10⁴ | PostgreSQL, 10⁴ | PostgreSQL, 10⁶ | 10⁶ to 10⁴ |"
        );
        println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
        for (row, senders) in SENDERS.iter().enumerate() {
            let [base, sqlite, postgres, large_sqlite, large_postgres] =
                [0, 1, 2, 3, 4].map(|column| median(row, column, of));
            println!(
                "| {senders} | {base:.1} | {:.3} | {:.3} | {:.2} | {:.3} | {:.3} | {:.2} |",
                sqlite / base,
                large_sqlite / base,
                large_sqlite / sqlite,
                postgres / base,
                large_postgres / base,
                large_postgres / postgres,
            );
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand")]
fn float(count: u64) -> f64 {
    count as f64
}
