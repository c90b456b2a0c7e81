//! What the person on call does, and what the API is told.

use std::process::Command;

use axum::body::Bytes;
use edexa_webhooks::testing::{self, EventBuilder};
use inbox::hands::accept;
use inbox::store::Entry;
use sqlx::{AnyConnection, Connection};

use crate::api::Api;
use crate::place::{Place, places};
use crate::running::inbox;

const HOSTILE: &str = "\u{1b}[2J\u{202e}<b>";
const ESCAPED: &str = "\\u{1b}[2J\\u{202e}<b>";

async fn refuse(place: &Place, body: &str) -> String {
    let (entry, _) = Entry::read(Bytes::copy_from_slice(body.as_bytes()));
    let digest = entry.key.clone();
    place.write(entry).await;
    digest
}

#[track_caller]
fn says(place: &Place, args: &[&str]) -> String {
    let (status, text, error) = inbox(&place.url, args);
    assert_eq!((status, &*error), (0, ""));
    text
}

#[track_caller]
fn fails(place: &Place, args: &[&str], expected: &str) {
    let expected = format!("inbox: {expected}\n");
    assert_eq!(inbox(&place.url, args), (1, String::new(), expected));
}

#[tokio::test]
async fn conflicts_show_what_differs() {
    for place in places().await {
        place
            .accept(EventBuilder::failed().to_json().unwrap())
            .await;
        let other = EventBuilder::failed().name(HOSTILE).to_json();
        place.accept(other.unwrap()).await;
        let then = "UPDATE inbox.conflicts SET received_at = 1700000001000000, digest = 'd'";
        place.execute(then).await;
        let shown = says(&place, &["conflicts"]);
        for line in [
            "conflicts.digest                 d\n",
            "conflicts.event.data.name        \\u{1b}[2J\\u{202e}<b>\n",
        ] {
            assert!(shown.contains(line), "{shown}");
        }
        assert!(!shown.contains("data.hash"), "{shown}");
    }
}

#[tokio::test]
async fn a_refused_body_is_accepted_with_a_reason() {
    for place in places().await {
        let event = EventBuilder::failed().to_json().unwrap();
        let body = event.replace("\"status\":2", "\"status\":1");
        let digest = refuse(&place, &body).await;
        assert!(says(&place, &["refused"]).contains(&digest));
        let args = ["refused", "accept", &digest, "--reason", HOSTILE];
        let key = "6475c02029b5bab6d2f2c6dc:failed";
        let accepted = format!("accepted                         {key}\n");
        assert_eq!(says(&place, &args), accepted);
        assert_eq!(says(&place, &["refused", "list"]), "");
        let shown = says(&place, &["refused", "show", &digest]);
        let decision = "decision                         accepted\n";
        assert!(shown.contains(decision), "{shown}");
        let shown = says(&place, &["show", key]);
        let by_hand = "confirmation                     accepted by hand: \\u{1b}[2J\\u{202e}<b>\n";
        assert!(shown.contains(by_hand), "{shown}");
        fails(&place, &args, &format!("no refused body {digest} waits"));
        // Whatever the rules say of it.
        assert_eq!(place.example().step().await.unwrap().done, 1);
        assert_eq!(
            place.column("SELECT outcome FROM inbox.stamps").await,
            ["failed"]
        );
    }
}

/// As of a script with an empty variable: it would be released without a reason, and so asked
/// about again.
#[tokio::test]
async fn a_reason_is_not_empty() {
    let place = Place::sqlite().await;
    for args in [
        ["release", "x", "--believe", ""].as_slice(),
        &["refused", "accept", "x", "--reason", ""],
        &["refused", "discard", "x", "--reason", ""],
    ] {
        let (status, text, error) = inbox(&place.url, args);
        assert_eq!((status, &*text), (2, ""));
        assert!(
            error.starts_with("error: a value is required for"),
            "{error}"
        );
    }
}

/// It is an event and decided on, or neither.
#[tokio::test]
async fn what_is_not_accepted_changes_nothing() {
    for place in places().await {
        let event = EventBuilder::failed().to_json().unwrap();
        let body = event.replace("\"status\":2", "\"status\":1");
        let digest = refuse(&place, &body).await;
        let accept = || accept(&place.store, &digest, "x");
        let away = "ALTER TABLE inbox.decisions RENAME TO";
        let sqlite = place.url.starts_with("sqlite");
        let (there, here) = if sqlite {
            ("away", "inbox_decisions")
        } else {
            ("away", "decisions")
        };
        place.execute(&format!("{away} {there}")).await;
        let error = accept().await.unwrap_err().to_string();
        assert!(error.contains("decisions"), "{error}");
        let events = "SELECT COUNT(*) FROM inbox.events";
        assert_eq!(place.count(events).await, 0);
        let back = if sqlite { "away" } else { "inbox.away" };
        place
            .execute(&format!("ALTER TABLE {back} RENAME TO {here}"))
            .await;
        place.accept(&*event).await;
        let error = accept().await.unwrap_err().to_string();
        let key = "6475c02029b5bab6d2f2c6dc:failed";
        assert_eq!(error, format!("there is an event {key} already"));
        assert_eq!(place.count("SELECT COUNT(*) FROM inbox.conflicts").await, 0);
        assert_eq!(place.count("SELECT refused FROM inbox.status").await, 1);
        place.execute("DELETE FROM inbox.events").await;
        accept().await.unwrap();
        assert_eq!(place.count(events).await, 1);
    }
}

#[tokio::test]
async fn a_refused_body_is_discarded_with_a_reason() {
    for place in places().await {
        let digest = refuse(&place, "{").await;
        let args = ["refused", "accept", &digest, "--reason", "x"];
        fails(
            &place,
            &args,
            "expected a key in double quotes, found the end at line 1 column 2",
        );
        let args = ["refused", "discard", &digest, "--reason", "a scanner"];
        let discarded = format!("discarded                        {digest}\n");
        assert_eq!(says(&place, &args), discarded);
        assert_eq!(says(&place, &["refused"]), "");
        let shown = says(&place, &["show", &digest]);
        let reason = "reason                           a scanner\n";
        assert!(shown.contains(reason), "{shown}");
        assert!(says(&place, &["status"]).contains("refused                          0\n"));
        let args = ["refused", "discard", HOSTILE, "--reason", "x"];
        fails(&place, &args, &format!("no refused body {ESCAPED} waits"));
    }
}

/// The API contradicts it, and somebody knows better.
#[tokio::test]
async fn an_event_is_released_whatever_the_api_says() {
    for place in places().await {
        place.accept(testing::FAILED).await;
        place
            .execute("UPDATE inbox.events SET state = 'set-aside'")
            .await;
        let key = "6475d6153b1b98c0686866cd:failed";
        says(&place, &["release", key, "--believe", "compared"]);
        let worker = [
            "--edexa-api-url",
            "https://127.0.0.1",
            "--edexa-api-token",
            "x",
        ];
        let worker = place.worker_with(inbox::handler::handle, &worker);
        assert_eq!(worker.step().await.unwrap().done, 1);
        let confirmation = place.column("SELECT confirmation FROM inbox.events").await;
        assert_eq!(confirmation, ["believed by hand: compared"]);
    }
}

#[tokio::test]
async fn a_backup_is_whole() {
    let place = Place::sqlite().await;
    place.accept(testing::FAILED).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("it's.db").display().to_string();
    assert!(
        says(&place, &["backup", &file])
            .starts_with(&format!("backup                           {file}\n"))
    );
    let mut copy = AnyConnection::connect(&format!("sqlite:{file}"))
        .await
        .unwrap();
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM inbox_events");
    assert_eq!(count.fetch_one(&mut copy).await.ok(), Some(1_i64));
    fails(
        &place,
        &["backup", &file],
        &format!("{file}: File exists (os error 17)"),
    );
    let Some(place) = Place::postgres().await else {
        return;
    };
    let command = "run                              \
         pg_dump --format=custom --schema=inbox --file='it'\\''s' \"$DATABASE_URL\"\n";
    assert_eq!(says(&place, &["backup", "it's"]), command);
}

/// No file may be as large as that.
#[tokio::test]
async fn a_backup_that_fails_leaves_nothing() {
    let place = Place::sqlite().await;
    for digit in ["0", "1", "2", "3"] {
        refuse(&place, &digit.repeat(60_000)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    let limited = "trap '' XFSZ; ulimit -f 100; exec \"$0\" --database-url \"$1\" backup \"$2\"";
    let output = Command::new("sh")
        .args(["-c", limited, env!("CARGO_BIN_EXE_inbox"), &place.url])
        .arg(&file)
        .output()
        .unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    let expected = "inbox: error returned from database: (code: 778) disk I/O error\n";
    assert_eq!(error, expected);
    assert!(!file.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn register() {
    let (place, api) = (Place::sqlite().await, Api::start().await);
    let to = ["register", "--url", "https://example.com/webhooks/edexa/x"];
    let body = r#"{"redirectUrl":"https://example.com/webhooks/edexa/x","description":"inbox","action":["hash.succeed","hash.failed"]}"#;
    let dry: Vec<&str> = to.iter().copied().chain(["--dry-run"]).collect();
    assert_eq!(
        says(&place, &dry),
        format!("would_send                       {body}\n")
    );
    fails(&place, &to, "set EDEXA_API_URL and EDEXA_API_TOKEN");
    fails(
        &place,
        &["register", "--url", "http://example.com"],
        "expected an https URL, found a string without `https://`",
    );
    assert_eq!(api.requests(), [""; 0]);
    let set = ["--edexa-api-url", &api.url, "--edexa-api-token", "secret"];
    let args: Vec<&str> = set.into_iter().chain(to).collect();
    api.says(200, "{\"status\":200,\"message\":\"\u{202e}\"}");
    let answered = "answered                         {\"status\":200,\"message\":\"\\u{202e}\"}\n";
    assert_eq!(
        says(&place, &args),
        format!("sent                             {body}\n{answered}")
    );
    assert_eq!(
        api.requests(),
        [format!("POST /bstamp/api/webhooks Bearer secret {body}")]
    );
    for (http, said) in [
        (200, "{\"status\":401,\"message\":\"\u{202e}\"}"),
        (200, "\u{1b}[2J"),
        (502, "\u{1b}[2J"),
    ] {
        api.says(http, said);
        let said = said
            .replace('\u{1b}', "\\u{1b}")
            .replace('\u{202e}', "\\u{202e}");
        fails(
            &place,
            &args,
            &format!("the API refused it with HTTP {http}: {said}"),
        );
    }
}
