//! Each body into the store, and only then an answer.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{self, StatusCode};
use axum::routing::any;
use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::{Category, Rejection, screen};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use metrics::counter;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio::time::timeout;
use tracing::{info, warn};

use crate::Result;
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

type Answer = http::Response<String>;

/// The routes for senders, probes and Prometheus.
pub(crate) fn router(settings: Settings, store: Store, writer: Writer) -> Result<Router> {
    let metrics = PrometheusBuilder::new().install_recorder()?;
    // A counter that is not there before its first count hides that count.
    let unhappy = ["redelivered", "conflicting", "refused", "unavailable"];
    for result in ["stored"].into_iter().chain(unhappy) {
        counter!("inbox_received_total", "result" => result).absolute(0);
    }
    for result in ["believed", "set-aside", "silent", "trouble"] {
        counter!("inbox_asked_total", "result" => result).absolute(0);
    }
    for name in ["inbox_processed_total", "inbox_failed_total"] {
        counter!(name).absolute(0);
    }
    let inbox = Inbox {
        settings: Arc::new(settings),
        store,
        writer,
        metrics,
    };
    let router = Router::new().route("/webhooks/edexa/{token}", any(receive));
    Ok(router.merge(health::router()).with_state(inbox))
}

async fn receive(
    State(inbox): State<Inbox>,
    // An error is a token that does not decode, and so not the right one.
    token: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<StatusCode, Answer> {
    let Path(token) = token.unwrap_or(Path(String::new()));
    match read(&inbox.settings, &token, request).await {
        Ok(body) => inbox.take(body).await,
        Err(rejection) => {
            if rejection.http_status() == 413 {
                counter!("inbox_refused_total", "code" => Category::TooLarge.code()).increment(1);
            }
            Err(refuse(rejection))
        }
    }
}

/// A whole body for the right token.
///
/// # Errors
///
/// What to answer: 404, 405, 415, 413, and 408 for a body that is late or ends early.
pub async fn read(settings: &Settings, token: &str, request: Request) -> Result<Bytes, Rejection> {
    let secret = &settings.webhook_token;
    screen(request.method(), request.headers(), token, secret)?;
    let limit = Duration::from_millis(settings.body_timeout_ms);
    let body = Limited::new(request.into_body(), MAX_BODY_BYTES).collect();
    match timeout(limit, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(Rejection::too_large(MAX_BODY_BYTES))
        }
        Ok(Err(_)) | Err(_) => Err(Rejection::request_timeout()),
    }
}

impl Inbox {
    async fn take(&self, body: Bytes) -> Result<StatusCode, Answer> {
        let (entry, rejection) = Entry::read(body);
        let key = entry.key.clone();
        let codes = entry.refused.as_ref().map(|refusal| refusal.codes.clone());
        let result = match self.writer.write(entry).await {
            None => "unavailable",
            Some(_) if rejection.is_some() => "refused",
            Some(Accepted::Stored) => "stored",
            Some(Accepted::Redelivered) => "redelivered",
            Some(Accepted::Conflicting) => "conflicting",
        };
        counter!("inbox_received_total", "result" => result).increment(1);
        // What is stored is told by its row. A line for each takes as long as reading it.
        if result != "stored" {
            info!(key, "{result}");
        }
        if result == "unavailable" {
            return Ok(StatusCode::SERVICE_UNAVAILABLE);
        }
        for code in codes.unwrap_or_default() {
            counter!("inbox_refused_total", "code" => code).increment(1);
        }
        match (rejection.map(refuse), self.settings.refused) {
            (Some(answer), Refused::Reject) => Err(answer),
            _ => Ok(StatusCode::OK),
        }
    }
}

fn refuse(rejection: Rejection) -> Answer {
    warn!(%rejection, "refused");
    rejection.into()
}
