//! What the probes say when something is wrong, and when nothing is.

use std::fs;
use std::io::Write;
use std::net::TcpStream;

use edexa_webhooks::testing::{self, EventBuilder};
use inbox::prune::prune;

use crate::place::{Place, places};
use crate::running::Running;

#[track_caller]
fn assert_ready(inbox: &Running, expected: u16) {
    for path in ["/readyz", "/healthz"] {
        assert_eq!(inbox.get(path), (expected, String::new()), "{path}");
    }
    assert_eq!(inbox.get("/livez"), (200, String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn ready_while_it_can_write() {
    for place in places().await {
        let inbox = place.serve();
        assert_ready(&inbox, 200);
        assert_eq!(place.count("SELECT COUNT(*) FROM inbox.probe").await, 0);
    }
}

/// 200 would say that a body is stored that is gone with the process.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_renamed_is_written_no_more() {
    for suffix in ["", "-wal", "-shm"] {
        let place = Place::sqlite().await;
        let inbox = place.serve();
        let file = format!("{}{suffix}", place.url.strip_prefix("sqlite:").unwrap());
        let away = format!("{file}.away");
        fs::rename(&file, &away).unwrap();
        assert_eq!(inbox.post(testing::SUCCEEDED), (503, String::new()));
        assert_ready(&inbox, 503);
        fs::write(&file, "").unwrap();
        assert_eq!(inbox.post(testing::SUCCEEDED), (503, String::new()));
        assert_ready(&inbox, 503);
        fs::rename(&away, &file).unwrap();
        assert_eq!(inbox.post(testing::SUCCEEDED), (200, String::new()));
        assert_ready(&inbox, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_file_is_not_ready() {
    let place = Place::sqlite().await;
    let pages = place
        .count("SELECT page_count FROM pragma_page_count")
        .await;
    let room = (pages + 20).to_string();
    let inbox = Running::start(&[("DATABASE_URL", &place.url), ("SQLITE_MAX_PAGES", &room)]);
    assert_ready(&inbox, 200);
    place
        .execute("CREATE TABLE ballast AS SELECT ZEROBLOB(4096 * 17) AS half")
        .await;
    assert_eq!(inbox.post("x".repeat(60_000)).0, 503);
    assert_ready(&inbox, 503);
    place.execute("DROP TABLE ballast").await;
    assert_ready(&inbox, 200);
}

/// PostgreSQL keeps what is free in a table for that one: a full disk may have room in another.
#[tokio::test(flavor = "multi_thread")]
async fn no_room_for_events_is_not_ready() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let inbox = place.serve();
    let none = "ALTER TABLE inbox.events ADD CONSTRAINT room CHECK (FALSE)";
    place.execute(none).await;
    assert_eq!(inbox.post(testing::SUCCEEDED), (503, String::new()));
    assert_ready(&inbox, 503);
    let some = "ALTER TABLE inbox.events DROP CONSTRAINT room";
    place.execute(some).await;
    assert_ready(&inbox, 200);
    assert_eq!(place.count("SELECT COUNT(*) FROM inbox.events").await, 0);
}

/// As what copies all tables elsewhere does: PostgreSQL asks for a key then.
#[tokio::test(flavor = "multi_thread")]
async fn tables_that_are_published_are_written_as_before() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    place.execute("CREATE PUBLICATION p FOR ALL TABLES").await;
    let inbox = place.serve();
    assert_ready(&inbox, 200);
    for body in [testing::SUCCEEDED, testing::SUCCEEDED, "{}"] {
        assert_ne!(inbox.post(body).0, 503);
    }
    place.drained().await;
    assert_eq!(prune(&place.store).await.unwrap(), 0);
}

/// As after a failover, when what was the primary server is one no longer.
#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_may_only_read_are_not_kept() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let inbox = place.serve();
    assert_ready(&inbox, 200);
    let database = place.url.rsplit_once('/').unwrap().1;
    let read_only = format!("ALTER DATABASE {database} SET default_transaction_read_only");
    place.execute(&format!("{read_only} = on")).await;
    let end = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    place.count(end).await;
    assert_eq!(inbox.post(testing::SUCCEEDED), (503, String::new()));
    assert_ready(&inbox, 503);
    place.execute(&format!("{read_only} = off")).await;
    // Each write that fails ends a session, and there are four.
    for _ in 0..4 {
        inbox.get("/readyz");
    }
    assert_ready(&inbox, 200);
    assert_eq!(inbox.post(testing::SUCCEEDED), (200, String::new()));
}

/// By whoever waits for a second, say. It would leave a transaction open, and what is received
/// next would be in there: acknowledged, and not committed.
#[tokio::test(flavor = "multi_thread")]
async fn a_probe_that_is_given_up_leaves_nothing_open() {
    for place in places().await {
        let inbox = place.serve();
        for count in 1..=50 {
            let mut probe = TcpStream::connect(inbox.address).unwrap();
            let ready = b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n";
            probe.write_all(ready).unwrap();
            drop(probe);
            let event = EventBuilder::failed().stamp_id(format!("{count:024x}"));
            assert_eq!(inbox.post(event.to_json().unwrap()).0, 200);
            let events = "SELECT COUNT(*) FROM inbox.events";
            assert_eq!(place.count(events).await, count, "{}", place.url);
        }
    }
}
