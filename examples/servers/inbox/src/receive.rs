//! Each body into the store, and only then an answer.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, HttpBody};
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::{self, StatusCode, header::CONTENT_ENCODING, header::CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::{Category, Rejection, WebhookEvent};
use subtle::ConstantTimeEq;
use tokio::sync::Notify;
use tokio::time::timeout;
use tracing::{error, info, warn};

use crate::metrics::Metrics;
use crate::settings::{Receiving, Refused};
use crate::store::{Accepted, Store};

/// What the routes share.
#[derive(Clone, Debug)]
pub(crate) struct Inbox {
    pub(crate) settings: Arc<Receiving>,
    pub(crate) store: Store,
    pub(crate) metrics: Metrics,
    pub(crate) wake: Arc<Notify>,
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
                inbox.count_refused(&[Category::TooLarge.code()]);
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
pub async fn read(settings: &Receiving, token: &str, request: Request) -> Result<Bytes, Response> {
    if !bool::from(token.as_bytes().ct_eq(settings.token.0.as_bytes())) {
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
    match timeout(settings.body_timeout, Bytes::from_request(request, &())).await {
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
    match event.validate() {
        Ok(()) => Ok(event),
        Err(invalid) => {
            let codes = invalid.iter().map(|finding| finding.rule.code()).collect();
            Err((codes, invalid.into()))
        }
    }
}

impl Inbox {
    async fn take(&self, body: &[u8]) -> Response {
        self.metrics.received.inc();
        let event = match parse(body) {
            Ok(event) => event,
            Err((codes, rejection)) => return self.refuse(body, &codes, rejection).await,
        };
        let key = event.idempotency_key();
        match self.in_time(self.store.accept(&event, body)).await {
            Some(Accepted::Stored) => {
                info!(%key, "stored");
                self.wake.notify_one();
            }
            Some(Accepted::Redelivered) => {
                info!(%key, "redelivered");
                self.metrics.redelivered.inc();
            }
            Some(Accepted::Conflicting) => {
                warn!(%key, "conflicting");
                self.metrics.conflicting.inc();
            }
            None => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
        StatusCode::OK.into_response()
    }

    async fn refuse(&self, body: &[u8], codes: &[&str], rejection: Rejection) -> Response {
        let stored = self.store.refuse(body, codes, &rejection);
        if self.in_time(stored).await.is_none() {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        self.count_refused(codes);
        match self.settings.refused {
            Refused::Reject => refusal(rejection),
            Refused::Park => {
                warn!(%rejection, "parked");
                StatusCode::OK.into_response()
            }
        }
    }

    fn count_refused(&self, codes: &[&str]) {
        for code in codes {
            self.metrics.refused.with_label_values(&[code]).inc();
        }
    }

    /// What the store says; nothing if it fails or takes too long.
    async fn in_time<T>(&self, stored: impl Future<Output = sqlx::Result<T>>) -> Option<T> {
        let limit: Duration = self.settings.store_timeout;
        match timeout(limit, stored).await {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(error)) => error!(%error, "cannot store"),
            Err(elapsed) => error!(error = %elapsed, "cannot store"),
        }
        self.metrics.unavailable.inc();
        None
    }
}

fn refusal(rejection: Rejection) -> Response {
    warn!(%rejection, "refused");
    http::Response::<String>::from(rejection).into_response()
}

/// 200 while the database answers.
async fn health(State(inbox): State<Inbox>) -> StatusCode {
    let asked = sqlx::query("SELECT 1").execute(&inbox.store.pool);
    match timeout(inbox.settings.store_timeout, asked).await {
        Ok(Ok(_)) => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn metrics(State(inbox): State<Inbox>) -> Response {
    match inbox.metrics.text(&inbox.store).await {
        Ok(text) => ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
