//! A bStamp webhook endpoint on [warp](https://docs.rs/warp).
//!
//! ```text
//! WEBHOOK_TOKEN=change-me cargo run -p receiver-warp
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

use std::borrow::Cow;
use std::env;
use std::error::Error;
use std::pin::pin;
use std::time::Duration;

use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::{Outcome, Rejection, WebhookEvent};
use futures_util::{Stream, StreamExt};
use percent_encoding::percent_decode_str;
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;
use tracing::{info, warn};
use warp::http::header::{ALLOW, CONTENT_ENCODING};
use warp::http::{self, HeaderMap, Method, StatusCode};
use warp::reply::{self, Reply, Response};
use warp::{Buf, Filter};

#[derive(Clone)]
struct Settings {
    token: String,
    body_timeout: Duration,
}

async fn receive(
    settings: Settings,
    token: String,
    method: Method,
    headers: HeaderMap,
    announced: Option<u64>,
    body: impl Stream<Item = Result<impl Buf, warp::Error>>,
) -> Response {
    // warp gives the path's segments as they stand in the request line.
    let token = Cow::from(percent_decode_str(&token));
    if !bool::from(token.ct_eq(settings.token.as_bytes())) {
        return StatusCode::NOT_FOUND.into_response();
    }
    if method != Method::POST {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        return reply::with_header(status, ALLOW, "POST").into_response();
    }
    let mut codings = headers.get_all(CONTENT_ENCODING).iter();
    if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    // Answered before the body is read: a client may announce it and send none.
    if announced.is_some_and(|length| length > MAX_BODY_BYTES as u64) {
        return refuse(Rejection::too_large(MAX_BODY_BYTES));
    }
    match timeout(settings.body_timeout, read(body)).await {
        Ok(Ok(Some(body))) => accept(&body).map_or_else(refuse, Reply::into_response),
        Ok(Ok(None)) => refuse(Rejection::too_large(MAX_BODY_BYTES)),
        Ok(Err(_cut_off)) => StatusCode::BAD_REQUEST.into_response(),
        Err(_elapsed) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}

/// The whole body, or none if it is too large: warp's own `body::bytes` has no
/// limit, and its `content_length_limit` answers 411 to a body in chunks.
async fn read<E>(body: impl Stream<Item = Result<impl Buf, E>>) -> Result<Option<Vec<u8>>, E> {
    let mut body = pin!(body);
    let mut whole = Vec::new();
    while let Some(piece) = body.next().await {
        let mut piece = piece?;
        whole.extend(piece.copy_to_bytes(piece.remaining()));
        if whole.len() > MAX_BODY_BYTES {
            return Ok(None);
        }
    }
    Ok(Some(whole))
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

    let app = warp::any()
        .map(move || settings.clone())
        .and(warp::path!("webhooks" / "edexa" / String))
        .and(warp::method())
        .and(warp::header::headers_cloned())
        .and(warp::header::optional("content-length"))
        .and(warp::body::stream())
        .then(receive);

    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    warp::serve(app)
        .incoming(listener)
        .graceful(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
        .run()
        .await;
    Ok(())
}
