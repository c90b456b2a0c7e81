//! What people and programs are shown.

use edexa_webhooks::testing::EventBuilder;
use edexa_webhooks::{WebhookEvent, serde_json};

use inbox::store::stored_key;

use crate::place::{Place, places};
use crate::running::inbox;

const HOSTILE: &str = "\u{1b}[2J\n\u{202e}gnp.cba\u{9b}é";

fn body() -> String {
    let event = EventBuilder::failed().stamp_id("a b").name(HOSTILE);
    event.to_json().unwrap()
}

/// An event that was set aside, a conflict, a refused body, and one event done.
async fn prepare(place: &Place) {
    let store = &place.store;
    let event: WebhookEvent = body().parse().unwrap();
    store.accept(&event, body().as_bytes()).await.unwrap();
    let findings = serde_json::to_string(&event.check()).unwrap();
    let set_aside = format!(
        "UPDATE events SET state = 'set-aside', attempts = 10, redeliveries = 2, \
         last_error = 'no answer', received_at = 1700000000000000, findings = '{findings}'"
    );
    place.execute(&set_aside).await;
    let other = body().replace("\"status\":2", "\"status\":2,\"x\":\"\\u202e\"");
    let conflict: WebhookEvent = other.parse().unwrap();
    store.accept(&conflict, other.as_bytes()).await.unwrap();
    let (codes, rejection) = inbox::receive::parse(b"\"\x1b\xff").unwrap_err();
    store
        .refuse(b"\"\x1b\xff", &codes, &rejection)
        .await
        .unwrap();
    for table in ["conflicts", "refused"] {
        let then = format!("UPDATE {table} SET received_at = 1700000001000000");
        place.execute(&then).await;
    }
    let done = EventBuilder::succeeded().build();
    let body = serde_json::to_vec(&done).unwrap();
    store.accept(&done, &body).await.unwrap();
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
        assert_says(
            &place,
            &["status"],
            r#"unprocessed                      0
done                             1
set_aside                        1
conflicts                        1
refused                          1
latest_set_aside                 attempts 10, key a%20b:failed, last_error no answer, received_at 2023-11-14T22:13:20.000000Z
latest_conflicts                 digest 35b8d95007856bcfd5952da14239797d367e65061d37a61f7b1c5378309d6c38, key a%20b:failed, received_at 2023-11-14T22:13:21.000000Z, times 1
latest_refused                   codes encoding, digest 821e946f7de38c108f473c762fdca76a0d52b817ae5d7fa22665ea118a63b039, received_at 2023-11-14T22:13:21.000000Z, times 1
"#,
        );
        assert_says(
            &place,
            &["status", "--json"],
            "{\"conflicts\":1,\"done\":1,\"latest_conflicts\":[{\
             \"digest\":\"35b8d95007856bcfd5952da14239797d367e65061d37a61f7b1c5378309d6c38\",\
             \"key\":\"a%20b:failed\",\"received_at\":\"2023-11-14T22:13:21.000000Z\",\"times\":1}],\
             \"latest_refused\":[{\"codes\":\"encoding\",\
             \"digest\":\"821e946f7de38c108f473c762fdca76a0d52b817ae5d7fa22665ea118a63b039\",\
             \"received_at\":\"2023-11-14T22:13:21.000000Z\",\"times\":1}],\
             \"latest_set_aside\":[{\"attempts\":10,\"key\":\"a%20b:failed\",\
             \"last_error\":\"no answer\",\"received_at\":\"2023-11-14T22:13:20.000000Z\"}],\
             \"oldest_unprocessed\":null,\"refused\":1,\"set_aside\":1,\"unprocessed\":0}\n",
        );
    }
}

#[tokio::test]
async fn show_an_event() {
    for place in places().await {
        prepare(&place).await;
        assert_says(
            &place,
            &["show", "a%20b:failed"],
            r#"key                              a%20b:failed
state                            set-aside
received_at                      2023-11-14T22:13:20.000000Z
redeliveries                     2
attempts                         10
last_error                       no answer
event.action                     failed
event.actionId                   6475a47ed251164c916a830e
event.data._id                   a b
event.data.code                  bd5c9e
event.data.createdAt             2023-05-30T09:21:36.966Z
event.data.hash                  9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
event.data.isPrivateBc           false
event.data.name                  \u{1b}[2J\n\u{202e}gnp.cba\u{9b}é
event.data.status                2
event.data.type                  0
event.data.updatedAt             2023-05-30T09:21:46.610Z
event.data.userId                646f1d74d3397a4b57dbe194
event.webhookId                  6475b0af7195267fd13bb3d1
findings                         code malformed-object-id, message expected 24 hex digits, found "a b", pointer /data/_id, severity warning
findings                         code unsafe-name, message expected a plain file name, found "\u{1b}[2J\n\u{202e}gnp.cba\u{9b}é", pointer /data/name, severity warning
conflicts.digest                 35b8d95007856bcfd5952da14239797d367e65061d37a61f7b1c5378309d6c38
conflicts.event.action           failed
conflicts.event.actionId         6475a47ed251164c916a830e
conflicts.event.data._id         a b
conflicts.event.data.code        bd5c9e
conflicts.event.data.createdAt   2023-05-30T09:21:36.966Z
conflicts.event.data.hash        9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
conflicts.event.data.isPrivateBc false
conflicts.event.data.name        \u{1b}[2J\n\u{202e}gnp.cba\u{9b}é
conflicts.event.data.status      2
conflicts.event.data.type        0
conflicts.event.data.updatedAt   2023-05-30T09:21:46.610Z
conflicts.event.data.userId      646f1d74d3397a4b57dbe194
conflicts.event.data.x           \u{202e}
conflicts.event.webhookId        6475b0af7195267fd13bb3d1
conflicts.received_at            2023-11-14T22:13:21.000000Z
conflicts.times                  1
"#,
        );
        assert_says(
            &place,
            &["--json", "show", "a%20b:failed"],
            r#"{"attempts":10,"conflicts":[{"digest":"35b8d95007856bcfd5952da14239797d367e65061d37a61f7b1c5378309d6c38","event":{"action":"failed","actionId":"6475a47ed251164c916a830e","data":{"_id":"a b","code":"bd5c9e","createdAt":"2023-05-30T09:21:36.966Z","hash":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","isPrivateBc":false,"name":"\u001b[2J\n\u202egnp.cba\u009b\u00e9","status":2,"type":"0","updatedAt":"2023-05-30T09:21:46.610Z","userId":"646f1d74d3397a4b57dbe194","x":"\u202e"},"webhookId":"6475b0af7195267fd13bb3d1"},"received_at":"2023-11-14T22:13:21.000000Z","times":1}],"event":{"action":"failed","actionId":"6475a47ed251164c916a830e","data":{"_id":"a b","code":"bd5c9e","createdAt":"2023-05-30T09:21:36.966Z","hash":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","isPrivateBc":false,"name":"\u001b[2J\n\u202egnp.cba\u009b\u00e9","status":2,"type":"0","updatedAt":"2023-05-30T09:21:46.610Z","userId":"646f1d74d3397a4b57dbe194"},"webhookId":"6475b0af7195267fd13bb3d1"},"findings":[{"code":"malformed-object-id","message":"expected 24 hex digits, found \"a b\"","pointer":"/data/_id","severity":"warning"},{"code":"unsafe-name","message":"expected a plain file name, found \"\\u{1b}[2J\\n\\u{202e}gnp.cba\\u{9b}\u00e9\"","pointer":"/data/name","severity":"warning"}],"key":"a%20b:failed","last_error":"no answer","next_attempt_at":null,"received_at":"2023-11-14T22:13:20.000000Z","redeliveries":2,"state":"set-aside"}
"#,
        );
    }
}

#[tokio::test]
async fn show_a_refused_body() {
    let place = Place::sqlite().await;
    prepare(&place).await;
    let digest = "821e946f7de38c108f473c762fdca76a0d52b817ae5d7fa22665ea118a63b039";
    assert_says(
        &place,
        &["show", digest],
        r#"digest                           821e946f7de38c108f473c762fdca76a0d52b817ae5d7fa22665ea118a63b039
state                            refused
received_at                      2023-11-14T22:13:21.000000Z
times                            1
problem.detail                   not a JSON text that can be read
problem.errors                   code encoding, detail expected UTF-8, found the byte 0xff at line 1 column 3, pointer 
problem.status                   400
problem.title                    Bad Request
problem.type                     about:blank
body                             "\u{1b}�
"#,
    );
    assert_says(
        &place,
        &["show", digest, "--json"],
        r#"{"body":"\"\u001b\ufffd","digest":"821e946f7de38c108f473c762fdca76a0d52b817ae5d7fa22665ea118a63b039","problem":{"detail":"not a JSON text that can be read","errors":[{"code":"encoding","detail":"expected UTF-8, found the byte 0xff at line 1 column 3","pointer":""}],"status":400,"title":"Bad Request","type":"about:blank"},"received_at":"2023-11-14T22:13:21.000000Z","salvaged":null,"state":"refused","times":1}
"#,
    );
}

#[tokio::test]
async fn release() {
    for place in places().await {
        prepare(&place).await;
        let released = "{\"released\":\"a%20b:failed\"}\n";
        assert_says(&place, &["release", "a%20b:failed", "--json"], released);
        let state = "SELECT COUNT(*) FROM events WHERE state = 'pending' AND attempts = 0";
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
    let body = serde_json::to_vec(&event).unwrap();
    place.store.accept(&event, &body).await.unwrap();
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
