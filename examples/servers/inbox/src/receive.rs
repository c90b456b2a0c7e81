//! Each body into the store, and only then an answer.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, HttpBody};
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::{self, StatusCode, header::CONTENT_ENCODING};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::{Category, Rejection, WebhookEvent};
use metrics::counter;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use subtle::ConstantTimeEq;
use tokio::time::timeout;
use tracing::{info, warn};

use crate::health;
use crate::settings::{Refused, Settings};
use crate::store::{Accepted, Entry, Store};
use crate::writer::Writer;

/// What the routes share.
#[derive(Clone)]
pub(crate) struct Inbox {
    pub(crate) settings: Arc<Settings>,
    pub(crate) store: Store,
    pub(crate) writer: Writer,
    pub(crate) metrics: PrometheusHandle,
}

pub(crate) fn router(inbox: Inbox) -> Router {
    Router::new()
        .route("/webhooks/edexa/{token}", post(receive))
        .merge(health::router())
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(inbox)
}

async fn receive(
    State(inbox): State<Inbox>,
    // An error is a token that does not decode, and so not the right one.
    token: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    let Ok(Path(token)) = token else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match read(&inbox.settings, &token, request).await {
        Ok(body) => inbox.take(body).await,
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
        writer: Writer,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
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
            writer,
            metrics,
        })
    }

    async fn take(&self, body: Bytes) -> Response {
        let taken = match parse(&body) {
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

    async fn accept(&self, event: &WebhookEvent, body: Bytes) -> Option<(&'static str, Response)> {
        let entry = Entry::event(event, body, self.store.clock.now());
        let result = match self.writer.write(entry).await? {
            Accepted::Stored => "stored",
            Accepted::Redelivered => "redelivered",
            Accepted::Conflicting => "conflicting",
        };
        info!(key = %event.idempotency_key(), "{result}");
        Some((result, StatusCode::OK.into_response()))
    }

    async fn refuse(
        &self,
        body: Bytes,
        codes: &[&'static str],
        rejection: Rejection,
    ) -> Option<(&'static str, Response)> {
        let entry = Entry::refused(body, codes, &rejection);
        self.writer.write(entry).await?;
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
}

fn refusal(rejection: Rejection) -> Response {
    warn!(%rejection, "refused");
    http::Response::<String>::from(rejection).into_response()
}
