//! Each body into the store, and only then an answer.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, HttpBody};
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::{self, StatusCode, header::CONTENT_ENCODING};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::{Category, Rejection, WebhookEvent};
use metrics::{counter, gauge};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use subtle::ConstantTimeEq;
use tokio::sync::Notify;
use tokio::time::timeout;
use tracing::{error, info, warn};

use crate::settings::{Refused, Settings};
use crate::store::{Accepted, Store, now};

/// What the routes share.
#[derive(Clone)]
pub(crate) struct Inbox {
    settings: Arc<Settings>,
    store: Store,
    wake: Arc<Notify>,
    metrics: PrometheusHandle,
}

pub(crate) fn router(inbox: Inbox) -> Router {
    Router::new()
        .route("/webhooks/edexa/{token}", post(receive))
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(inbox)
}

async fn receive(
    State(inbox): State<Inbox>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    match read(&inbox.settings, &token, request).await {
        Ok(body) => inbox.take(&body).await,
        Err(answer) => {
            if answer.status() == StatusCode::PAYLOAD_TOO_LARGE {
                counter!("inbox_refused_total", "code" => Category::TooLarge.code()).increment(1);
            }
            answer
        }
    }
}

/// A whole body for the right token, or the answer.
///
/// # Errors
///
/// 404, 415, 413, 408, and 400 for a body that ends early.
pub async fn read(settings: &Settings, token: &str, request: Request) -> Result<Bytes, Response> {
    if !bool::from(token.as_bytes().ct_eq(settings.webhook_token.as_bytes())) {
        return Err(StatusCode::NOT_FOUND.into_response());
    }
    let mut codings = request.headers().get_all(CONTENT_ENCODING).iter();
    if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
    }
    // Answered before the body is read: a client may announce it and send none.
    if request.body().size_hint().lower() > MAX_BODY_BYTES as u64 {
        return Err(refusal(Rejection::too_large(MAX_BODY_BYTES)));
    }
    let limit = Duration::from_millis(settings.body_timeout_ms);
    match timeout(limit, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(error)) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(refusal(Rejection::too_large(MAX_BODY_BYTES)))
        }
        Ok(Err(cut_off)) => Err(cut_off.into_response()),
        Err(_elapsed) => Err(StatusCode::REQUEST_TIMEOUT.into_response()),
    }
}

/// The event that a body is.
///
/// # Errors
///
/// The body is refused: the codes of its category or of the rules that it breaks,
/// and what to answer.
pub fn parse(body: &[u8]) -> Result<WebhookEvent, (Vec<&'static str>, Rejection)> {
    let event = WebhookEvent::from_slice(body)
        .map_err(|error| (vec![error.category().code()], error.into()))?;
    let Err(invalid) = event.validate() else {
        return Ok(event);
    };
    let codes = invalid.iter().map(|finding| finding.rule.code()).collect();
    Err((codes, invalid.into()))
}

impl Inbox {
    pub(crate) fn new(
        settings: Settings,
        store: Store,
        wake: Arc<Notify>,
    ) -> Result<Self, Box<dyn Error>> {
        let metrics = PrometheusBuilder::new().install_recorder()?;
        // A counter that is not there before its first count hides that count.
        for result in [
            "stored",
            "redelivered",
            "conflicting",
            "refused",
            "unavailable",
        ] {
            counter!("inbox_received_total", "result" => result).absolute(0);
        }
        for name in ["inbox_processed_total", "inbox_failed_total"] {
            counter!(name).absolute(0);
        }
        let settings = Arc::new(settings);
        Ok(Self {
            settings,
            store,
            wake,
            metrics,
        })
    }

    async fn take(&self, body: &[u8]) -> Response {
        let taken = match parse(body) {
            Ok(event) => self.accept(&event, body).await,
            Err((codes, rejection)) => self.refuse(body, &codes, rejection).await,
        };
        let none = || {
            (
                "unavailable",
                StatusCode::SERVICE_UNAVAILABLE.into_response(),
            )
        };
        let (result, answer) = taken.unwrap_or_else(none);
        counter!("inbox_received_total", "result" => result).increment(1);
        answer
    }

    async fn accept(&self, event: &WebhookEvent, body: &[u8]) -> Option<(&'static str, Response)> {
        let key = event.idempotency_key();
        let result = match self.in_time(self.store.accept(event, body)).await? {
            Accepted::Stored => "stored",
            Accepted::Redelivered => "redelivered",
            Accepted::Conflicting => "conflicting",
        };
        info!(%key, "{result}");
        self.wake.notify_one();
        Some((result, StatusCode::OK.into_response()))
    }

    async fn refuse(
        &self,
        body: &[u8],
        codes: &[&'static str],
        rejection: Rejection,
    ) -> Option<(&'static str, Response)> {
        let stored = self.store.refuse(body, codes, &rejection);
        self.in_time(stored).await?;
        for code in codes {
            counter!("inbox_refused_total", "code" => *code).increment(1);
        }
        let answer = match self.settings.refused {
            Refused::Reject => refusal(rejection),
            Refused::Park => {
                warn!(%rejection, "parked");
                StatusCode::OK.into_response()
            }
        };
        Some(("refused", answer))
    }

    /// What the store says; nothing if it fails or takes too long.
    async fn in_time<T>(&self, asked: impl Future<Output = sqlx::Result<T>>) -> Option<T> {
        let limit = Duration::from_millis(self.settings.store_timeout_ms);
        let answer = timeout(limit, asked).await;
        let answer = answer.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        answer.inspect_err(|error| error!(%error, "no store")).ok()
    }
}

fn refusal(rejection: Rejection) -> Response {
    warn!(%rejection, "refused");
    http::Response::<String>::from(rejection).into_response()
}

/// 200 while the database answers.
async fn health(State(inbox): State<Inbox>) -> StatusCode {
    let asked = sqlx::query("SELECT 1").execute(&inbox.store.pool);
    match inbox.in_time(asked).await {
        Some(_) => StatusCode::OK,
        None => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The counters of this process, and what waits in the store: `NaN` while that
/// cannot be asked.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
async fn metrics(State(inbox): State<Inbox>) -> String {
    let now = now().timestamp_micros();
    let waiting = "SELECT \
         COALESCE((SELECT MIN(received_at) FROM events WHERE state = 'pending'), $1), \
         (SELECT COUNT(*) FROM events WHERE state = 'set-aside')";
    let waiting = sqlx::query_as(waiting).bind(now);
    let waiting: Option<(i64, i64)> = inbox.in_time(waiting.fetch_one(&inbox.store.pool)).await;
    let (age, set_aside) = waiting.map_or((f64::NAN, f64::NAN), |(oldest, set_aside)| {
        (now.saturating_sub(oldest) as f64 / 1e6, set_aside as f64)
    });
    gauge!("inbox_oldest_unprocessed_seconds").set(age);
    gauge!("inbox_set_aside").set(set_aside);
    inbox.metrics.render()
}
