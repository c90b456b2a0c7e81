//! What `setup` and `receive` do to the log.

use async_nats::header::NATS_MESSAGE_ID;
use conformance::Suite;
use deliver::Answer;
use edexa_webhooks::chrono::{DateTime, Utc};
use edexa_webhooks::{WebhookEvent, testing};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn conforms() {
    let Some(world) = World::on_sqlite(1, &[]).await else {
        return;
    };
    let suite = Suite::new(env!("CARGO_BIN_EXE_stream")).args(&["receive".into()]);
    let failures = suite.env("NATS_URL", &world.cluster.urls()).run();
    assert!(failures.is_empty(), "{failures:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redelivery_is_dropped_and_a_conflict_is_not() {
    let Some(world) = World::on_sqlite(1, &[]).await else {
        return;
    };
    let receiver = world.receive(&[]);
    let event: WebhookEvent = testing::SUCCEEDED.parse().unwrap();
    let respelled =
        testing::SUCCEEDED.replace("6475c02029b5bab6d2f2c6dc", "6475C02029B5BAB6D2F2C6DC");
    let bodies = [
        (testing::SUCCEEDED.to_owned(), 200, 1),
        (respelled, 200, 1),
        (testing::conflict(&event), 200, 2),
        (testing::FAILED.to_owned(), 200, 3),
        ("{}".to_owned(), 422, 4),
        ("{}".to_owned(), 422, 4),
        ("{".to_owned(), 400, 5),
    ];
    for (body, status, messages) in bodies {
        assert_eq!(receiver.post(&body).0, status, "{body}");
        let state = world.cluster.info().await.state;
        assert_eq!(state.messages, messages, "{body}");
    }
    let stream = world.cluster.stream().await;
    let stored = |sequence| stream.get_raw_message(sequence);
    let first = stored(1).await.unwrap();
    let header = |name| first.headers.get(name).unwrap().as_str();
    assert_eq!(first.payload, testing::SUCCEEDED);
    assert_eq!(first.subject.as_str(), "edexa.events.3");
    assert_eq!(
        first.headers.get(NATS_MESSAGE_ID).unwrap().as_str(),
        "6475c02029b5bab6d2f2c6dc:succeed \
         v1:9abed86ddfd31791599708310c5af45dd85301787a6af75409cdc882d5f9734b"
    );
    let arrived = header("Edexa-Received-At").parse::<DateTime<Utc>>();
    let age = first.time.unix_timestamp() - arrived.unwrap().timestamp();
    assert!((0..=5).contains(&age), "{age}");
    // One stamp, one subject.
    assert_eq!(stored(2).await.unwrap().subject, first.subject);
    assert_ne!(stored(3).await.unwrap().subject, first.subject);
    for (sequence, why) in [
        (4, "not a bStamp event: data at /webhookId"),
        (5, "not a JSON text that can be read: syntax"),
    ] {
        let refused = stored(sequence).await.unwrap();
        assert_eq!(refused.subject.as_str(), "edexa.refused");
        assert_eq!(refused.headers.get("Edexa-Refused").unwrap().as_str(), why);
    }
    for sequence in 1..=5 {
        let headers = format!("{:?}", stored(sequence).await.unwrap().headers);
        assert!(!headers.contains(crate::listening::TOKEN), "{headers}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_can_be_answered_200() {
    let Some(world) = World::on_sqlite(1, &[]).await else {
        return;
    };
    let receiver = world.receive(&["--refused", "park"]);
    for (body, status, messages) in [("{}", 200, 1), ("{", 200, 2), (testing::SUCCEEDED, 200, 3)] {
        assert_eq!(receiver.post(body), (status, String::new()), "{body}");
        let state = world.cluster.info().await.state;
        assert_eq!(state.messages, messages, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_log_takes_nothing_and_forgets_nothing() {
    let Some(world) = World::on_sqlite(3, &["--log-bytes", "100000"]).await else {
        return;
    };
    let receiver = world.receive(&[]);
    let report = receiver
        .deliver("--count 300 --concurrency 4 --attempts 1")
        .await;
    let answered = |status| report.answers[&Answer::Status(status)];
    let (acknowledged, unavailable) = (answered(200), answered(503));
    assert_eq!(acknowledged + unavailable, 300, "{report}");
    let state = world.cluster.info().await.state;
    assert_eq!((state.messages, state.first_sequence), (acknowledged, 1));
    assert_eq!(receiver.post("{}"), (503, String::new()));

    let mut applier = world.apply(&[]);
    world.drained().await;
    let stored = world.count("SELECT COUNT(*) FROM inbox.events").await;
    assert_eq!(stored, i64::try_from(acknowledged).unwrap());
    applier.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn setup_checks_what_is_there() {
    let Some(world) = World::on_sqlite(1, &["--shards", "4"]).await else {
        return;
    };
    // Debian's server counts messages.
    let limit = match world.cluster.info().await.config.max_bytes {
        -1 => "-1 bytes or 1048576 messages",
        _ => "1073741824 bytes or -1 messages",
    };
    let described = |shards| {
        format!(
            "{shards} subjects of File on 1 servers for 604800s (Limits), discard New over \
             {limit}, ids known for 600s"
        )
    };
    let again = world.setup(&["--shards", "4"]);
    let stdout = String::from_utf8(again.stdout).unwrap();
    assert_eq!(stdout, format!("the stream edexa is {}\n", described(5)));
    let other = world.setup(&["--shards", "16"]);
    let stderr = String::from_utf8(other.stderr).unwrap();
    let (found, expected) = (described(5), described(17));
    let error = format!("Error: \"the stream edexa is {found}, and not {expected}\"\n");
    assert!(stderr.ends_with(&error), "{stderr}");
    assert_eq!(other.status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_comes_later() {
    let Some(mut world) = World::on_sqlite(1, &[]).await else {
        return;
    };
    world.cluster.kill(0);
    let receiver = world.receive(&["--store-timeout-ms", "200"]);
    assert_eq!(receiver.post(testing::SUCCEEDED), (503, String::new()));
    assert_eq!(receiver.post("{}"), (503, String::new()));
    world.cluster.resume(0);
    receiver.insist(testing::SUCCEEDED).await;
}
