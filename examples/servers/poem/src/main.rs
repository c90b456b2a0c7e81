//! A bStamp webhook endpoint on [poem](https://docs.rs/poem).
//!
//! ```text
//! WEBHOOK_TOKEN=change-me cargo run -p receiver-poem
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

use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::{Outcome, Rejection, WebhookEvent};
use poem::error::ReadBodyError;
use poem::http::{self, Method, StatusCode, header::ALLOW, header::CONTENT_ENCODING};
use poem::listener::TcpAcceptor;
use poem::web::headers::ContentLength;
use poem::web::{Data, Path, TypedHeader};
use poem::{Body, EndpointExt, IntoResponse, Request, Response, Route, Server, handler};
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

#[handler]
async fn receive(
    Data(settings): Data<&Settings>,
    Path(token): Path<String>,
    request: &Request,
    announced: Option<TypedHeader<ContentLength>>,
    body: Body,
) -> Response {
    if !bool::from(token.as_bytes().ct_eq(settings.token.as_bytes())) {
        return StatusCode::NOT_FOUND.into();
    }
    if request.method() != Method::POST {
        let response = StatusCode::METHOD_NOT_ALLOWED.with_header(ALLOW, "POST");
        return response.into_response();
    }
    let mut codings = request.headers().get_all(CONTENT_ENCODING).iter();
    if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into();
    }
    // Answered before the body is read: a client may announce it and send none.
    if announced.is_some_and(|length| length.0.0 > MAX_BODY_BYTES as u64) {
        return refuse(Rejection::too_large(MAX_BODY_BYTES));
    }
    match timeout(settings.body_timeout, body.into_bytes_limit(MAX_BODY_BYTES)).await {
        Ok(Ok(body)) => accept(&body).map_or_else(refuse, Response::from),
        Ok(Err(ReadBodyError::PayloadTooLarge)) => refuse(Rejection::too_large(MAX_BODY_BYTES)),
        Ok(Err(_cut_off)) => StatusCode::BAD_REQUEST.into(),
        Err(_elapsed) => StatusCode::REQUEST_TIMEOUT.into(),
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
    let (head, body) = http::Response::<String>::from(rejection).into_parts();
    (head.status, head.headers, Body::from(body)).into_response()
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

    let app = Route::new()
        .at("/webhooks/edexa/:token", receive)
        .data(settings);

    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let shutdown = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    Server::new_with_acceptor(TcpAcceptor::from_tokio(listener)?)
        .run_with_graceful_shutdown(app, shutdown, None)
        .await?;
    Ok(())
}
