//! A bStamp webhook endpoint on [hyper](https://docs.rs/hyper), without a
//! framework.
//!
//! ```text
//! WEBHOOK_TOKEN=change-me cargo run -p receiver-hyper
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
use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::{Outcome, Rejection, WebhookEvent};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::{ALLOW, CONTENT_ENCODING, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use percent_encoding::percent_decode_str;
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};
use tracing::{info, warn};

struct Settings {
    token: String,
    body_timeout: Duration,
}

async fn receive(settings: &Settings, request: Request<Incoming>) -> Response<String> {
    let path = request.uri().path();
    let token = path.strip_prefix("/webhooks/edexa/").unwrap_or_default();
    let token = Cow::from(percent_decode_str(token));
    if !bool::from(token.ct_eq(settings.token.as_bytes())) {
        return empty(StatusCode::NOT_FOUND);
    }
    if request.method() != Method::POST {
        let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let mut codings = request.headers().get_all(CONTENT_ENCODING).iter();
    if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return empty(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    // Answered before the body is read: a client may announce it and send none.
    if request.body().size_hint().lower() > MAX_BODY_BYTES as u64 {
        return refuse(Rejection::too_large(MAX_BODY_BYTES));
    }
    let body = Limited::new(request.into_body(), MAX_BODY_BYTES).collect();
    match timeout(settings.body_timeout, body).await {
        Ok(Ok(body)) => accept(&body.to_bytes()).map_or_else(refuse, empty),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            refuse(Rejection::too_large(MAX_BODY_BYTES))
        }
        Ok(Err(_cut_off)) => empty(StatusCode::BAD_REQUEST),
        Err(_elapsed) => empty(StatusCode::REQUEST_TIMEOUT),
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

fn refuse(rejection: Rejection) -> Response<String> {
    warn!(%rejection, "refused");
    rejection.into()
}

fn empty(status: StatusCode) -> Response<String> {
    let mut response = Response::new(String::new());
    *response.status_mut() = status;
    response
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
    let settings = Arc::new(Settings {
        token,
        body_timeout: Duration::from_millis(body_timeout),
    });

    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(10));
    let in_flight = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file handles, most likely: trying again at once
                    // would spin.
                    warn!(%error, "cannot accept");
                    sleep(Duration::from_secs(1)).await;
                    continue;
                }
            },
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        };
        let settings = Arc::clone(&settings);
        let service = service_fn(move |request| {
            let settings = Arc::clone(&settings);
            async move { Ok::<_, Infallible>(receive(&settings, request).await) }
        });
        let connection = server.serve_connection(TokioIo::new(stream), service);
        // An error here is a client that went away.
        tokio::spawn(in_flight.watch(connection));
    }
    drop(listener);
    in_flight.shutdown().await;
    Ok(())
}
