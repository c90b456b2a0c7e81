//! A bStamp webhook endpoint on [axum](https://docs.rs/axum).
//!
//! ```text
//! WEBHOOK_TOKEN=change-me cargo run -p receiver-axum
//! ```
//!
//! and from another shell, in the same folder:
//!
//! ```text
//! curl -i --data @../../src/testing/succeeded.json \
//!     http://127.0.0.1:3000/webhooks/edexa/change-me
//! ```
//!
//! answers `HTTP/1.1 200 OK` with an empty body, and the receiver logs
//! `on chain key=6475c02029b5bab6d2f2c6dc:succeed tx_id=0x3b7d…`.

use std::env;
use std::error::Error;
use std::time::Duration;

use axum::Router;
use axum::body::{Bytes, HttpBody};
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::{self, StatusCode, header::CONTENT_ENCODING};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::{Outcome, Rejection, WebhookEvent};
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;
use tracing::{info, warn};

#[derive(Clone)]
struct Settings {
    token: String,
    body_timeout: Duration,
}

async fn receive(
    State(settings): State<Settings>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    if !bool::from(token.as_bytes().ct_eq(settings.token.as_bytes())) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut codings = request.headers().get_all(CONTENT_ENCODING).iter();
    if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    // Answered before the body is read: a client may announce it and send none.
    if request.body().size_hint().lower() > MAX_BODY_BYTES as u64 {
        return refuse(Rejection::too_large(MAX_BODY_BYTES));
    }
    match timeout(settings.body_timeout, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => accept(&body).map_or_else(refuse, IntoResponse::into_response),
        Ok(Err(error)) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            refuse(Rejection::too_large(MAX_BODY_BYTES))
        }
        Ok(Err(cut_off)) => cut_off.into_response(),
        Err(_elapsed) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

/// Your work goes here. Store the event before you acknowledge it.
fn accept(body: &[u8]) -> Result<StatusCode, Rejection> {
    let event = WebhookEvent::from_slice(body)?;
    let key = event.idempotency_key();
    match event.outcome()? {
        Outcome::Succeeded(stamp) => info!(%key, tx_id = %stamp.tx_id, "on chain"),
        Outcome::Failed(stamp) => info!(%key, hash = %stamp.hash, "not stamped"),
        Outcome::Unknown(event) => warn!(%key, action = %event.action, "unknown action"),
    }
    Ok(StatusCode::OK)
}

fn refuse(rejection: Rejection) -> Response {
    warn!(%rejection, "refused");
    http::Response::<String>::from(rejection).into_response()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let token = env::var("WEBHOOK_TOKEN").unwrap_or_default();
    if token.is_empty() {
        return Err("set WEBHOOK_TOKEN to the secret part of the webhook's URL".into());
    }
    let address = env::var("BIND_ADDR").unwrap_or_else(|_| "127.0.0.1:3000".into());
    let body_timeout = env::var("BODY_TIMEOUT_MS").map_or(Ok(10_000), |ms| ms.parse())?;
    let settings = Settings {
        token,
        body_timeout: Duration::from_millis(body_timeout),
    };

    let app = Router::new()
        .route("/webhooks/edexa/{token}", post(receive))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(settings);

    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app)
        .with_graceful_shutdown(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
        .await?;
    Ok(())
}
