//! Each event held against the API's record, by an API that misbehaves.

use std::time::Instant;

use edexa_webhooks::WebhookEvent;
use edexa_webhooks::record::StampRecord;
use edexa_webhooks::testing::{EventBuilder, record_of};
use inbox::batch::Handler;
use inbox::handler::handle;
use inbox::hands;
use inbox::process::{Step, Worker};
use sqlx::AnyConnection;

use crate::api::Api;
use crate::batch::Handled;
use crate::place::{Place, places, settings};
use crate::running::{Running, inbox};

pub(crate) const NONE: Step = Step {
    done: 0,
    retried: 0,
    set_aside: 0,
};
/// The record confirms it, and it has had its effect.
pub(crate) const BELIEVED: Step = Step { done: 1, ..NONE };
pub(crate) const SET_ASIDE: Step = Step {
    set_aside: 1,
    ..NONE
};
/// The record, or the API, does not say it yet.
const ASKED_AGAIN: Step = Step { retried: 1, ..NONE };
pub(crate) const KEY: &str = "6475c02029b5bab6d2f2c6dc:succeed";
pub(crate) const NOT_FOUND: &str = r#"{"status":404,"message":"no such hash"}"#;

/// A store, an API, and a worker that asks it.
pub(crate) struct Case {
    pub(crate) place: Place,
    pub(crate) api: Api,
    pub(crate) worker: Worker,
}

impl Case {
    async fn new(place: Place, args: &[&str]) -> Self {
        Self::with(place, handle, args).await
    }

    pub(crate) async fn with(place: Place, handler: Handler, args: &[&str]) -> Self {
        let api = Api::start().await;
        let fixed = ["--edexa-api-url", &api.url, "--edexa-api-token", "secret"];
        let args: Vec<&str> = fixed.iter().chain(args).copied().collect();
        let settings = settings(&place.url, &args);
        let client = inbox::api::Api::new(&settings).unwrap().unwrap();
        Self {
            worker: Worker::new(&place.store, handler, Some(client), &settings),
            api,
            place,
        }
    }

    pub(crate) async fn each(args: &[&str]) -> Vec<Self> {
        let mut cases = Vec::new();
        for place in places().await {
            cases.push(Self::new(place, args).await);
        }
        cases
    }

    pub(crate) async fn accept(&self, event: &WebhookEvent) {
        self.place.accept(event.to_json().unwrap()).await;
    }

    pub(crate) async fn ask(&self) -> Step {
        self.place
            .execute("UPDATE inbox.events SET next_attempt_at = 1 WHERE state = 'pending'")
            .await;
        self.worker.step().await.unwrap()
    }

    pub(crate) async fn effects(&self) -> i64 {
        self.place.count("SELECT COUNT(*) FROM inbox.stamps").await
    }

    /// State, the last error, and what the record said.
    pub(crate) async fn event(&self, key: &str) -> (String, String, String) {
        let event = "SELECT state, COALESCE(last_error, ''), COALESCE(confirmation, '') \
             FROM inbox.events WHERE key = '";
        self.place.row(&format!("{event}{key}'")).await
    }
}

pub(crate) fn succeeded() -> WebhookEvent {
    EventBuilder::succeeded().build()
}

pub(crate) fn record() -> StampRecord {
    record_of(&succeeded())
}

#[tokio::test]
async fn a_success_has_its_effect_once_the_record_confirms_it() {
    for case in Case::each(&["--edexa-user-id", "a b"]).await {
        case.accept(&succeeded()).await;
        case.api.knows(&record());
        assert_eq!(case.ask().await, BELIEVED);
        assert_eq!(case.ask().await, NONE);
        assert_eq!(case.effects().await, 1);
        let hash = succeeded().data.hash;
        let request = format!("GET /bstamp/hash?id={hash}&userId=a%20b Bearer secret");
        assert_eq!(case.api.requests(), [request]);
        let (state, error, confirmation) = case.event(KEY).await;
        assert_eq!((&*state, &*error), ("done", ""));
        assert!(
            confirmation.starts_with("confirmed: agrees on /data/hash, /data/txId"),
            "{confirmation}"
        );
    }
}

/// A hash in base64 is another one without its `+`.
#[tokio::test]
async fn the_hash_is_encoded_for_a_url() {
    let case = Case::new(Place::sqlite().await, &[]).await;
    case.accept(&EventBuilder::succeeded().hash("a+/= &#é").build())
        .await;
    case.api.says(200, NOT_FOUND);
    assert_eq!(case.ask().await, ASKED_AGAIN);
    let request = "GET /bstamp/hash?id=a%2B%2F%3D%20%26%23%C3%A9 Bearer secret";
    assert_eq!(case.api.requests(), [request]);
}

#[tokio::test]
async fn an_api_in_trouble_delays_and_loses_nothing() {
    for case in Case::each(&["--api-silent-ms", "0", "--api-timeout-ms", "300"]).await {
        case.accept(&succeeded()).await;
        let record = format!(
            r#"{{"status":200,"data":{}}}"#,
            edexa_webhooks::serde_json::to_string(&record()).unwrap()
        );
        let answers = [
            (200, r#"{"status":401,"message":"expired"}"#.to_owned()),
            (401, r#"{"status":401,"message":"expired"}"#.to_owned()),
            (200, r#"{"status":409,"message":"stamped"}"#.to_owned()),
            (429, r#"{"status":429,"message":"slower"}"#.to_owned()),
            (500, r#"{"status":500,"message":"\u001b[2J"}"#.to_owned()),
            (404, "<html>not found</html>".to_owned()),
            (500, NOT_FOUND.to_owned()),
            (503, record.clone()),
            (302, String::new()),
            (200, String::new()),
            (200, "[]".to_owned()),
            (200, r#"{"status":200,"data":{}}"#.to_owned()),
            (200, "x".repeat(1 << 20)),
            (200, record.replace('}', "")),
        ];
        for (failures, (status, body)) in (0_u32..).zip(answers) {
            case.api.says(status, body.clone());
            let before = case.place.now().await;
            assert_eq!(case.ask().await, ASKED_AGAIN, "{status} {body:.80}");
            assert_eq!(case.effects().await, 0);
            let (state, error, _) = case.event(KEY).await;
            assert_eq!(state, "pending");
            assert!(
                error.starts_with("the API ") && !error.contains('\u{1b}'),
                "{error}"
            );
            let (attempts, next): (i64, i64) = case
                .place
                .row("SELECT attempts, next_attempt_at FROM inbox.events")
                .await;
            assert_eq!(attempts, i64::from(failures) + 1);
            let delay = 1_000_000 * 4_i64.saturating_pow(failures).min(3600);
            assert!((before + delay..=case.place.now().await + delay).contains(&next));
        }
        case.api.hangs();
        assert_eq!(case.ask().await, ASKED_AGAIN);
        assert_eq!(case.effects().await, 0);
        case.api.says(200, record);
        assert_eq!(case.ask().await, BELIEVED);
        assert_eq!(case.effects().await, 1);
    }
}

#[tokio::test]
async fn an_api_that_is_down_delays() {
    let mut case = Case::new(Place::sqlite().await, &["--api-silent-ms", "0"]).await;
    let there = Api::start().await;
    case.accept(&succeeded()).await;
    drop(std::mem::replace(&mut case.api, there));
    tokio::task::yield_now().await;
    assert_eq!(case.ask().await, ASKED_AGAIN);
    let (state, error, _) = case.event(KEY).await;
    assert_eq!(state, "pending");
    assert!(error.starts_with("the API does not answer: "), "{error}");
}

#[tokio::test]
async fn a_silent_record_is_asked_again_until_the_patience_ends() {
    for case in Case::each(&["--api-silent-ms", "60000"]).await {
        case.accept(&succeeded()).await;
        case.api.says(404, NOT_FOUND);
        assert_eq!(case.ask().await, ASKED_AGAIN);
        let mut pending = record();
        pending.tx_id = None;
        case.api.knows(&pending);
        assert_eq!(case.ask().await, ASKED_AGAIN);
        case.api.says(200, r#"{"status":500}"#);
        let long_ago = "UPDATE inbox.events SET silent_since = silent_since - 60000000";
        case.place.execute(long_ago).await;
        assert_eq!(case.ask().await, ASKED_AGAIN);
        case.api.says(200, NOT_FOUND);
        assert_eq!(case.ask().await, SET_ASIDE);
        assert_eq!(case.effects().await, 0);
        let shown = inbox(&case.place.url, &["show", KEY]).1;
        let reason =
            "last_error                       the API found no such stamp: \"no such hash\"\n";
        assert!(shown.contains(reason), "{shown}");
        hands::release(&case.place.store, KEY, None).await.unwrap();
        assert_eq!(case.ask().await, ASKED_AGAIN);
    }
}

/// As `deliver --forge` posts them: the right shape, and another stamp's values.
#[tokio::test]
async fn a_forged_success_is_set_aside_with_the_reasons() {
    for case in Case::each(&[]).await {
        let forged = EventBuilder::succeeded().tx_id(format!("0x{}", "1".repeat(64)));
        case.accept(&forged.build()).await;
        case.api.knows(&record());
        assert_eq!(case.ask().await, SET_ASIDE);
        assert_eq!(case.effects().await, 0);
        let (state, error, _) = case.event(KEY).await;
        assert_eq!(state, "set-aside");
        let reason = "contradicted: /data/txId: the event says \"0x1111";
        assert!(error.starts_with(reason), "{error}");
        assert!(inbox(&case.place.url, &["show", KEY]).1.contains(reason));
    }
}

/// Finds no room.
fn full<'a>(transaction: &'a mut AnyConnection, _: &'a [WebhookEvent]) -> Handled<'a> {
    Box::pin(async move {
        for fill in [
            "PRAGMA max_page_count = 1",
            "CREATE TABLE ballast AS SELECT ZEROBLOB(10000)",
        ] {
            sqlx::query(fill).execute(&mut *transaction).await?;
        }
        Ok(())
    })
}

/// What is written before an attempt does not count it: it may come to nothing.
#[tokio::test]
async fn an_attempt_that_is_none_is_not_counted() {
    let case = Case::with(Place::sqlite().await, full, &[]).await;
    case.api.knows(&record());
    case.accept(&succeeded()).await;
    for _ in 0..2 {
        let error = case.worker.step().await.unwrap_err().to_string();
        assert!(error.contains("database or disk is full"), "{error}");
        let attempts = "SELECT attempts FROM inbox.events WHERE confirmation IS NOT NULL";
        assert_eq!(case.place.count(attempts).await, 0);
    }
}

/// However often it was asked about before.
#[tokio::test]
async fn a_process_that_ends_while_it_asks_sets_nothing_aside() {
    for case in Case::each(&["--max-attempts", "2"]).await {
        case.accept(&succeeded()).await;
        case.place
            .execute("UPDATE inbox.events SET attempts = 12")
            .await;
        let lease = format!("INSERT INTO inbox.leases SELECT {{now}} - 1, '{KEY}', '[\"{KEY}\"]'");
        case.place.execute(&lease).await;
        assert_eq!(case.worker.step().await.unwrap(), NONE);
        case.api.knows(&record());
        assert_eq!(case.ask().await, BELIEVED);
    }
}

#[tokio::test]
async fn a_failure_has_its_effect_unless_the_record_holds_a_transaction() {
    for case in Case::each(&[]).await {
        let failed = EventBuilder::failed().build();
        let key = failed.idempotency_key().to_string();
        let said = "unconfirmed: the API found no such stamp: \"no such hash\"";
        case.accept(&failed).await;
        case.api.says(500, "");
        assert_eq!(case.ask().await, ASKED_AGAIN);
        case.api.says(404, NOT_FOUND);
        assert_eq!(case.ask().await, BELIEVED);
        assert_eq!(case.effects().await, 1);
        assert_eq!(
            case.event(&key).await,
            ("done".into(), String::new(), said.into())
        );
        let id = "bbbbbbbbbbbbbbbbbbbbbbbb";
        case.accept(&EventBuilder::failed().stamp_id(id).build())
            .await;
        let mut stamped = record_of(&failed);
        stamped.tx_id = record().tx_id;
        case.api.knows(&stamped);
        assert_eq!(case.ask().await, SET_ASIDE);
        let (_, error, _) = case.event(&format!("{id}:failed")).await;
        let reason = "contradicted: /data/txId: the event says none, the API \"0x";
        assert!(error.starts_with(reason), "{error}");
        assert_eq!(case.effects().await, 1);
    }
}

/// The settings were not there when it was stored.
#[tokio::test]
async fn without_the_settings_nobody_is_asked() {
    for case in Case::each(&[]).await {
        case.accept(&succeeded()).await;
        assert_eq!(case.place.example().step().await.unwrap().done, 1);
        assert_eq!(case.api.requests(), [""; 0]);
    }
}

#[test]
fn settings_that_say_half_are_refused() {
    let set = |url: &str, token: &str| {
        let args = ["--edexa-api-url", url, "--edexa-api-token", token];
        let api = inbox::api::Api::new(&settings("sqlite:x", &args));
        api.map(|api| api.is_some())
    };
    let both = Err("set both EDEXA_API_URL and EDEXA_API_TOKEN, or neither".to_owned());
    let unsafe_url = Err("EDEXA_API_URL is no https URL without a query".to_owned());
    assert_eq!(set("", ""), Ok(false));
    assert_eq!(set("https://example.com/bstamp/", "t"), Ok(true));
    assert_eq!(set("http://[::1]:80/", "t"), Ok(true));
    assert_eq!(set("https://example.com", ""), both);
    assert_eq!(set("", "t"), both);
    // As a file has it that somebody has written with `echo`.
    let line_break = "EDEXA_API_TOKEN holds what no header may, such as a line break";
    let secret = set("https://example.com", "secret\n");
    assert_eq!(secret, Err(line_break.into()));
    for url in [
        "http://example.com/",
        "http://localhost.example.com",
        "ftp://localhost",
        "x",
        "https://a/?b",
    ] {
        assert_eq!(set(url, "t"), unsafe_url, "{url}");
    }
}

/// However fast events come.
#[tokio::test(flavor = "multi_thread")]
async fn an_api_in_trouble_is_asked_a_few_times_a_second() {
    let (place, api) = (Place::sqlite().await, Api::start().await);
    api.says(429, "");
    let inbox = Running::start(&[
        ("DATABASE_URL", &place.url),
        ("EDEXA_API_URL", &api.url),
        ("EDEXA_API_TOKEN", "secret"),
        ("RETRY_MS", "3600000"),
    ]);
    let start = Instant::now();
    for id in 0..60 {
        let event = EventBuilder::succeeded().stamp_id(id.to_string());
        assert_eq!(inbox.post(event.to_json().unwrap()).0, 200);
    }
    let asked = api.requests().len() as u64;
    assert!(asked <= (start.elapsed().as_secs() + 2) * 4, "{asked}");
}

/// A proxy would see the token, which stays on this machine.
#[tokio::test(flavor = "multi_thread")]
async fn an_api_on_this_machine_is_asked_without_a_proxy() {
    let (place, api, proxy) = (
        Place::sqlite().await,
        Api::start().await,
        Api::start().await,
    );
    api.knows(&record());
    proxy.says(500, "");
    let address = proxy.url.trim_end_matches("/bstamp/");
    let inbox = Running::start(&[
        ("DATABASE_URL", &place.url),
        ("EDEXA_API_URL", &api.url),
        ("EDEXA_API_TOKEN", "secret"),
        ("ALL_PROXY", address),
    ]);
    assert_eq!(inbox.post(succeeded().to_json().unwrap()).0, 200);
    while api.requests().is_empty() && proxy.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(proxy.requests(), [""; 0]);
}

/// The whole program: what is posted has no effect while the API is in trouble.
#[tokio::test(flavor = "multi_thread")]
async fn the_program_asks() {
    for place in places().await {
        let api = Api::start().await;
        api.says(500, "");
        let inbox = Running::start(&[
            ("DATABASE_URL", &place.url),
            ("EDEXA_API_URL", &api.url),
            ("EDEXA_API_TOKEN", "secret"),
            ("RETRY_MS", "1"),
        ]);
        assert_eq!(inbox.post(succeeded().to_json().unwrap()).0, 200);
        while api.requests().len() < 3 {
            tokio::task::yield_now().await;
        }
        let effects = "SELECT COUNT(*) FROM inbox.stamps";
        assert_eq!(place.count(effects).await, 0);
        api.knows(&record());
        place.drained().await;
        assert_eq!(place.count(effects).await, 1);
        let metrics = inbox.get("/metrics").1;
        assert!(
            metrics.contains("inbox_asked_total{result=\"believed\"} 1\n"),
            "{metrics}"
        );
        // Not even a question without an answer is waited for.
        api.hangs();
        let other = EventBuilder::succeeded().stamp_id("c").build();
        assert_eq!(inbox.post(other.to_json().unwrap()).0, 200);
        inbox.terminate();
    }
}
