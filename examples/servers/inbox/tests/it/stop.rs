//! How it ends.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use edexa_webhooks::testing;
use inbox::store::digest;
use rustix::process::{Pid, Signal, kill_process};
use sqlx::AnyConnection;
use tokio::time::timeout;

use crate::listening::TOKEN;
use crate::place::Place;
use crate::running::{Running, inbox};

/// Half a head, and nothing more.
fn half_a_head(inbox: &Running) -> TcpStream {
    let mut client = TcpStream::connect(inbox.address).unwrap();
    client.write_all(b"POST /webhooks").unwrap();
    client
}

/// Whole requests that have arrived are answered; see the conformance suite.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_waited_for_without_a_deadline() {
    let place = Place::sqlite().await;
    let body = "POST /webhooks/edexa/change-me HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{";
    for sent in ["", "POST /webhooks", body] {
        let inbox = Running::start(&[("DATABASE_URL", &place.url), ("SHUTDOWN_GRACE_MS", "200")]);
        let mut client = TcpStream::connect(inbox.address).unwrap();
        client.write_all(sent.as_bytes()).unwrap();
        inbox.terminate();
        let _ = client.read_to_end(&mut Vec::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    let place = Place::sqlite().await;
    let settings = [
        ("DATABASE_URL", &*place.url),
        ("SHUTDOWN_GRACE_MS", "3600000"),
        ("HEAD_TIMEOUT_MS", "3600000"),
    ];
    let mut inbox = Running::start(&settings);
    let _client = half_a_head(&inbox);
    inbox.signal(Signal::TERM);
    inbox.signal(Signal::INT);
    assert_eq!(inbox.ended().code(), Some(1));
}

/// Which it does for long.
#[test]
fn a_start_that_waits_for_the_database_is_ended_by_a_signal() {
    let database = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://inbox@{}/x", database.local_addr().unwrap());
    let mut inbox = Command::new(env!("CARGO_BIN_EXE_inbox"))
        .env("DATABASE_URL", url)
        .env("WEBHOOK_TOKEN", TOKEN)
        .env("BIND_ADDR", "127.0.0.1:0")
        .spawn()
        .unwrap();
    let _silent = database.accept().unwrap();
    kill_process(Pid::from_child(&inbox), Signal::TERM).unwrap();
    assert_eq!(inbox.wait().unwrap().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_without_an_end_has_a_deadline() {
    let place = Place::sqlite().await;
    let inbox = Running::start(&[("DATABASE_URL", &place.url), ("HEAD_TIMEOUT_MS", "200")]);
    let mut answer = Vec::new();
    half_a_head(&inbox).read_to_end(&mut answer).unwrap();
    assert_eq!(answer, b"");
    assert_eq!(inbox.get("/livez").0, 200);
}

/// Without its log, that is.
#[tokio::test(flavor = "multi_thread")]
async fn the_file_alone_is_whole_after_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("inbox.db");
    let inbox = Running::start(&[("DATABASE_URL", &format!("sqlite:{}", file.display()))]);
    assert_eq!(inbox.post(testing::SUCCEEDED).0, 200);
    inbox.terminate();
    let left = std::fs::read_dir(folder.path()).unwrap();
    let left: Vec<_> = left.map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, ["inbox.db"]);
    let copy = folder.path().join("copy.db");
    std::fs::copy(&file, &copy).unwrap();
    let copy = Place::at(format!("sqlite:{}", copy.display())).await;
    let bodies = "SELECT COUNT(*) FROM inbox.events WHERE LENGTH(body) > 100";
    assert_eq!(copy.count(bodies).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_alone_is_whole_after_a_command() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("inbox.db");
    let url = format!("sqlite:{}", file.display());
    let served = Running::start(&[("DATABASE_URL", &url)]);
    let refused = ["[0]", "[1]", "[2]", "[3]", "[4]", "[5]"];
    for body in refused {
        assert_eq!(served.post(body).0, 422);
    }
    served.terminate();
    for body in refused {
        let args = [
            "refused",
            "discard",
            &digest(body.as_bytes()),
            "--reason",
            "x",
        ];
        assert_eq!(inbox(&url, &args).0, 0);
        let left = std::fs::read_dir(folder.path()).unwrap();
        let left: Vec<_> = left.map(|file| file.unwrap().file_name()).collect();
        assert_eq!(left, ["inbox.db"]);
    }
}

/// What it was at ends a little later.
#[tokio::test(flavor = "multi_thread")]
async fn the_file_alone_is_whole_after_work_that_was_cut_off() {
    let place = Place::sqlite().await;
    place.accept(testing::FAILED).await;
    place.pool.close().await;
    let slow = "BEGIN IMMEDIATE; WITH RECURSIVE n(i) AS \
         (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT COUNT(*) FROM n";
    let work = async |session: &mut AnyConnection| sqlx::raw_sql(slow).execute(session).await;
    let work = place.store.run(Duration::MAX, work);
    assert!(timeout(Duration::from_millis(20), work).await.is_err());
    place.store.close().await;
    let log = place.url.replacen("sqlite:", "", 1) + "-wal";
    assert_eq!(std::fs::metadata(log).map_or(0, |log| log.len()), 0);
}

/// A backup, say. Nothing could be stored while it waited for that.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_does_not_wait_for_who_reads() {
    let place = Place::sqlite().await;
    let mut reader = place.pool.begin().await.unwrap();
    let read = sqlx::query("SELECT * FROM inbox_events");
    read.fetch_all(&mut *reader).await.unwrap();
    let command = Place::at(place.url.clone()).await;
    let closed = timeout(Duration::from_secs(20), command.store.close());
    assert!(closed.await.is_ok(), "it waits");
}
