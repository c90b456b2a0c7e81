//! What is answered, and what is stored before.

use edexa_webhooks::testing::{self, EventBuilder};
use edexa_webhooks::{Rejection, StampStatus, WebhookEvent, serde_json};
use inbox::store::digest;

use crate::place::{Place, places};
use crate::running::{Running, inbox};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_event_is_stored_as_it_came() {
    for place in places().await {
        let before = place.now().await;
        let body = format!("  {}\n", testing::FAILED);
        assert_eq!(place.serve().post(&body), (200, String::new()));
        let after = place.now().await;
        let (key, stored, received): (String, Vec<u8>, i64) = place
            .row("SELECT key, body, received_at FROM inbox.events")
            .await;
        assert_eq!(key, "6475d6153b1b98c0686866cd:failed");
        assert_eq!(stored, body.as_bytes());
        assert!((before..=after).contains(&received));
        let shown = inbox(&place.url, &["show", &key]).1;
        let finding = "findings.code                    past-redelivery-horizon\n";
        assert!(shown.contains(finding), "{shown}");
    }
}

/// Spelled otherwise, it is the same event.
#[tokio::test(flavor = "multi_thread")]
async fn a_redelivery_changes_nothing() {
    let event: WebhookEvent = testing::FAILED.parse().unwrap();
    let respelled = serde_json::to_string(&event).unwrap();
    for place in places().await {
        let inbox = place.serve();
        for body in [testing::FAILED, testing::FAILED, &respelled] {
            assert_eq!(inbox.post(body), (200, String::new()));
            place.drained().await;
        }
        let (body, redeliveries, attempts): (Vec<u8>, i64, i64) = place
            .row("SELECT body, times, attempts FROM inbox.events JOIN inbox.redeliveries USING (key)")
            .await;
        assert_eq!(body, testing::FAILED.as_bytes());
        assert_eq!((redeliveries, attempts), (2, 1));
        assert_eq!(place.count("SELECT COUNT(*) FROM inbox.conflicts").await, 0);
        assert_eq!(place.count("SELECT events FROM inbox.stamps").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_action_is_kept_and_has_no_effect() {
    for place in places().await {
        let revoked = EventBuilder::failed().action("revoked").stamp_id("a");
        let inbox = place.serve();
        assert_eq!(inbox.post(revoked.to_json().unwrap()).0, 200);
        place.drained().await;
        let (key, state): (String, String) = place.row("SELECT key, state FROM inbox.events").await;
        assert_eq!((&*key, &*state), ("a:revoked", "done"));
        assert_eq!(place.count("SELECT COUNT(*) FROM inbox.stamps").await, 0);
    }
}

/// What a database would not take as it is: PostgreSQL no NUL in a text, and no
/// long text in an index.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_with_odd_texts_is_stored_and_processed() {
    let odd = "\0\u{1b}[2J\r\n\u{202e}'\";--";
    let long = "é".repeat(5000);
    for place in places().await {
        let inbox = place.serve();
        for text in [odd, &*long] {
            // A longer key is refused.
            let id: String = text.chars().take(40).collect();
            let event = EventBuilder::succeeded().stamp_id(id).tx_id(text);
            let body = event.hash(text).name(text).to_json().unwrap();
            assert_eq!(inbox.post(&body).0, 200);
            let conflict = body.replace("\"status\":1", "\"status\":1,\"x\":0");
            assert_eq!(inbox.post(conflict).0, 200);
            let refused = body.replace("\"status\":1", "\"status\":2");
            assert_eq!(inbox.post(refused).0, 422);
            let salvaged = body.replace("\"status\":1", "\"status\":[]");
            assert_eq!(inbox.post(salvaged).0, 422);
        }
        place.drained().await;
        let counts: (i64, i64, i64, i64) = place
            .row(
                "SELECT (SELECT COUNT(*) FROM inbox.events WHERE state = 'done' AND attempts = 1), \
                 (SELECT COUNT(*) FROM inbox.conflicts), (SELECT COUNT(*) FROM inbox.refused), \
                 (SELECT COUNT(*) FROM inbox.stamps)",
            )
            .await;
        assert_eq!(counts, (2, 2, 4, 2));
        let longest = place.count("SELECT CAST(MAX(LENGTH(key)) AS BIGINT) FROM inbox.events");
        assert_eq!(longest.await, 248);
    }
}

fn incoherent() -> String {
    let incoherent = EventBuilder::failed().action("succeed").hash("");
    incoherent.status(StampStatus::Failed).to_json().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_body_is_stored_with_the_reason() {
    let refused = [
        ("{", 400, "syntax"),
        ("[]", 422, "data"),
        (
            &*incoherent(),
            422,
            "status-mismatch missing-tx-id empty-identity",
        ),
    ];
    for place in places().await {
        let rejecting = place.serve();
        let parking = Running::start(&[("DATABASE_URL", &place.url), ("REFUSED", "park")]);
        for (body, status, codes) in refused {
            let rejection = match WebhookEvent::from_slice(body.as_bytes()) {
                Ok(event) => Rejection::from(event.validate().unwrap_err()),
                Err(error) => Rejection::from(error),
            };
            let problem = rejection.to_problem_json();
            for _ in 0..2 {
                assert_eq!(rejecting.post(body), (status, problem.clone()));
            }
            assert_eq!(parking.post(body), (200, String::new()));
            let query = format!(
                "SELECT body, codes, problem, times FROM inbox.refused WHERE digest = '{}'",
                digest(body.as_bytes()),
            );
            let stored: (Vec<u8>, String, String, i64) = place.row(&query).await;
            assert_eq!(stored, (body.into(), codes.into(), problem, 3));
        }
        assert_eq!(place.count("SELECT COUNT(*) FROM inbox.refused").await, 3);
        assert_eq!(place.count("SELECT COUNT(*) FROM inbox.events").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_be_read_of_a_refused_body_is_stored_with_it() {
    let place = Place::sqlite().await;
    let body = testing::SUCCEEDED.replace("\"status\": 1", "\"status\": \"1\"");
    assert_eq!(place.serve().post(body).0, 422);
    let (salvaged,): (String,) = place.row("SELECT salvaged FROM inbox.refused").await;
    assert_eq!(
        salvaged,
        "webhook \"6475b0af7195267fd13bb3d1\", action id \"6475a47ed251164c916a830e\", \
         action \"succeed\", stamp \"6475c02029b5bab6d2f2c6dc\", \
         transaction \"0x3b7d586651f386c0d415fa1349b9ec0be07b78\"…, \
         hash \"6d6db6c12243mdhfrehrdfghju76\"",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_what_was_received() {
    for place in places().await {
        let inbox = place.serve();
        let conflicting = EventBuilder::failed().code("other");
        for (body, status) in [
            (testing::SUCCEEDED.to_owned(), 200),
            (testing::SUCCEEDED.to_owned(), 200),
            (EventBuilder::failed().to_json().unwrap(), 200),
            (conflicting.to_json().unwrap(), 200),
            ("[]".to_owned(), 422),
            (incoherent(), 422),
            (" ".repeat(65_537), 413),
        ] {
            assert_eq!(inbox.post(body).0, status);
        }
        place.drained().await;
        let (status, text) = inbox.get("/metrics");
        assert_eq!(status, 200);
        let mut values: Vec<_> = text.lines().filter(|line| line.contains(' ')).collect();
        values.retain(|line| !line.starts_with('#'));
        values.sort_unstable();
        assert_eq!(
            values,
            [
                "inbox_asked_total{result=\"believed\"} 0",
                "inbox_asked_total{result=\"set-aside\"} 0",
                "inbox_asked_total{result=\"silent\"} 0",
                "inbox_asked_total{result=\"trouble\"} 0",
                "inbox_failed_total 0",
                "inbox_oldest_unprocessed_seconds 0",
                "inbox_processed_total 2",
                "inbox_received_total{result=\"conflicting\"} 1",
                "inbox_received_total{result=\"redelivered\"} 1",
                "inbox_received_total{result=\"refused\"} 2",
                "inbox_received_total{result=\"stored\"} 2",
                "inbox_received_total{result=\"unavailable\"} 0",
                "inbox_refused_total{code=\"data\"} 1",
                "inbox_refused_total{code=\"empty-identity\"} 1",
                "inbox_refused_total{code=\"missing-tx-id\"} 1",
                "inbox_refused_total{code=\"status-mismatch\"} 1",
                "inbox_refused_total{code=\"too-large\"} 1",
                "inbox_set_aside 0",
            ],
        );
        place
            .execute("UPDATE inbox.events SET state = 'set-aside'")
            .await;
        let hour_ago = place.now().await - 3_600_000_000;
        let waiting = format!(
            "INSERT INTO inbox.events (key, body, received_at, next_attempt_at) \
             VALUES ('a:succeed', '', {hour_ago}, {})",
            i64::MAX,
        );
        place.execute(&waiting).await;
        let (_, text) = inbox.get("/metrics");
        assert!(text.contains("\ninbox_set_aside 2\n"), "{text}");
        let age = text.split("\ninbox_oldest_unprocessed_seconds ").nth(1);
        let age: f64 = age.unwrap().lines().next().unwrap().parse().unwrap();
        assert!((3600.0..7200.0).contains(&age), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_does_not_decode_is_none() {
    let place = Place::sqlite().await;
    let inbox = place.serve();
    let none = (404, Rejection::not_found().to_problem_json());
    for path in ["/webhooks/edexa/%FF", "/webhooks/edexa/wrong"] {
        assert_eq!(inbox.post_to(path, testing::SUCCEEDED), none);
    }
}
