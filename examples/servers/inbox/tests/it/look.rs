//! What people and programs are shown.

use std::process::Command;

use edexa_webhooks::serde_json;
use edexa_webhooks::testing::EventBuilder;

use axum::body::Bytes;
use inbox::store::{Entry, stored_key};

use crate::place::{Place, places};
use crate::running::inbox;

const HOSTILE: &str = "\u{1b}[2J\n\u{202e}gnp.cba\u{9b}é";

fn body() -> String {
    let event = EventBuilder::failed().stamp_id("a b").name(HOSTILE);
    event.to_json().unwrap()
}

/// An event that was set aside, a conflict, a refused body, and one event done.
async fn prepare(place: &Place) {
    place.accept(body()).await;
    let set_aside = "UPDATE inbox.events SET state = 'set-aside', attempts = 10, \
         last_error = 'no answer', received_at = 1700000000000000";
    place.execute(set_aside).await;
    place.accept(body()).await;
    place.accept(body()).await;
    let other = body().replace("\"status\":2", "\"status\":2,\"x\":\"\\u202e\"");
    place.accept(other).await;
    place
        .write(Entry::read(Bytes::from_static(b"\"\x1b\xff")).0)
        .await;
    for table in ["conflicts", "refused"] {
        let then = format!("UPDATE inbox.{table} SET received_at = 1700000001000000");
        place.execute(&then).await;
    }
    let done = EventBuilder::succeeded().build();
    place.accept(serde_json::to_string(&done).unwrap()).await;
    place.example().step().await.unwrap();
}

#[track_caller]
fn assert_says(place: &Place, args: &[&str], expected: &str) {
    assert_eq!(inbox(&place.url, args), (0, expected.into(), String::new()));
}

#[tokio::test]
async fn status() {
    for place in places().await {
        prepare(&place).await;
        assert_says(&place, &["status"], include_str!("shown/status.txt"));
        let json = include_str!("shown/status.json");
        assert_says(&place, &["status", "--json"], json);
    }
}

#[tokio::test]
async fn show_an_event() {
    for place in places().await {
        prepare(&place).await;
        let args = ["show", "a%20b:failed", "--json"];
        assert_says(&place, &args[..2], include_str!("shown/event.txt"));
        assert_says(&place, &args, include_str!("shown/event.json"));
    }
}

#[tokio::test]
async fn show_a_refused_body() {
    let place = Place::sqlite().await;
    prepare(&place).await;
    let digest = "821e946f7de38c108f473c762fdca76a0d52b817ae5d7fa22665ea118a63b039";
    let args = ["show", digest, "--json"];
    assert_says(&place, &args[..2], include_str!("shown/refused.txt"));
    assert_says(&place, &args, include_str!("shown/refused.json"));
}

#[tokio::test]
async fn release() {
    for place in places().await {
        prepare(&place).await;
        let released = "{\"released\":\"a%20b:failed\"}\n";
        assert_says(&place, &["release", "a%20b:failed", "--json"], released);
        let state = "SELECT COUNT(*) FROM inbox.events WHERE state = 'pending' AND attempts = 0";
        assert_eq!(place.count(state).await, 1);
        let again = inbox(&place.url, &["release", "a%20b:failed"]);
        let none = "inbox: no event a%20b:failed is set aside\n";
        assert_eq!(again, (1, String::new(), none.into()));
    }
}

#[tokio::test]
async fn a_key_too_long_for_an_index_is_found_whole_and_as_stored() {
    let place = Place::sqlite().await;
    let event = EventBuilder::succeeded().stamp_id("x".repeat(400)).build();
    place.accept(serde_json::to_string(&event).unwrap()).await;
    let key = event.idempotency_key();
    for key in [key.as_str(), &stored_key(&key)] {
        let (status, text, _) = inbox(&place.url, &["show", key]);
        assert_eq!(status, 0);
        assert!(
            text.contains("\nstate                            pending\n"),
            "{text}"
        );
    }
}

/// A terminal is not filled by one name.
#[tokio::test]
async fn a_long_name_of_a_field_is_clipped() {
    let place = Place::sqlite().await;
    let long = format!("\"{}\":1,\"status\":", "x".repeat(20_000));
    let event = EventBuilder::succeeded().to_json().unwrap();
    place.accept(event.replace("\"status\":", &long)).await;
    let (_, text, _) = inbox(&place.url, &["show", "6475c02029b5bab6d2f2c6dc:succeed"]);
    let longest = text.lines().map(|line| line.chars().count()).max();
    assert_eq!(longest, Some(503), "{text}");
}

#[tokio::test]
async fn what_is_not_there() {
    let place = Place::sqlite().await;
    let shown = inbox(&place.url, &["show", "\u{1b}[2J"]);
    let none = "inbox: no event and no refused body \\u{1b}[2J\n";
    assert_eq!(shown, (1, String::new(), none.into()));
    let missing = inbox(&format!("{}.other", place.url), &["status"]);
    assert_eq!((missing.0, &*missing.1), (1, ""));
    assert!(
        missing.2.contains("unable to open database file"),
        "{}",
        missing.2
    );
}

/// What is missing of it may be what waits.
#[tokio::test]
async fn what_cannot_be_written_is_no_success() {
    let place = Place::sqlite().await;
    for (to, error) in [
        (
            "/dev/full",
            "inbox: No space left on device (os error 28)\n",
        ),
        ("/dev/null", ""),
    ] {
        let to = std::fs::File::options().write(true).open(to).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_inbox"))
            .args(["--database-url", &place.url, "status"])
            .stdout(to)
            .output()
            .unwrap();
        assert_eq!(output.status.success(), error.is_empty());
        assert_eq!(String::from_utf8(output.stderr).unwrap(), error);
    }
}

/// PostgreSQL would walk over all decisions for each body, once they are too many to be hashed.
#[tokio::test]
async fn decided_bodies_are_found_by_their_key() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    for view in ["status", "waiting"] {
        let plan = format!("EXPLAIN SELECT * FROM inbox.{view}");
        let plan = place.column(&plan).await.concat();
        assert!(plan.contains("Anti Join"), "{plan}");
    }
}
