//! A bStamp webhook endpoint on [actix-web](https://docs.rs/actix-web).
//!
//! ```text
//! WEBHOOK_TOKEN=change-me cargo run -p receiver-actix-web
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

use std::cell::RefCell;
use std::env;
use std::error::Error;
use std::pin::Pin;
use std::time::Duration;

use actix_web::error::PayloadError;
use actix_web::http::{StatusCode, header::CONTENT_ENCODING};
use actix_web::web::{self, Bytes, Data, Path, Payload, PayloadConfig};
use actix_web::{App, FromRequest, HttpRequest, HttpResponse, HttpServer};
use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::{Outcome, Rejection, WebhookEvent};
use subtle::ConstantTimeEq;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;
use tracing::{info, warn};

struct Settings {
    token: String,
    body_timeout: Duration,
}

/// A body that is being read. Every connection holds its last one.
type Reading = Pin<Box<<Bytes as FromRequest>::Future>>;

async fn receive(
    settings: Data<Settings>,
    token: Path<String>,
    request: HttpRequest,
    body: Payload,
) -> HttpResponse {
    let mut body: Reading = Box::pin(Bytes::from_request(&request, &mut body.into_inner()));
    let response = answer(&settings, &token, &request, &mut body).await;
    // actix-web hangs up after an answer to a body that it did not read. Of one
    // that was dropped it reads every chunk first, however many a client sends.
    if let Some(held) = request.conn_data::<RefCell<Option<Reading>>>() {
        held.replace(Some(body));
    }
    response
}

async fn answer(
    settings: &Settings,
    token: &str,
    request: &HttpRequest,
    body: &mut Reading,
) -> HttpResponse {
    if !bool::from(token.as_bytes().ct_eq(settings.token.as_bytes())) {
        return HttpResponse::NotFound().finish();
    }
    let mut codings = request.headers().get_all(CONTENT_ENCODING);
    if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return HttpResponse::UnsupportedMediaType().finish();
    }
    // A length over the limit fails before the body is read: a client may
    // announce it and send none.
    match timeout(settings.body_timeout, body).await {
        Ok(Ok(body)) => accept(&body).unwrap_or_else(|rejection| refuse(&rejection)),
        Ok(Err(error)) => match error.as_error() {
            Some(PayloadError::Overflow) => refuse(&Rejection::too_large(MAX_BODY_BYTES)),
            _ => HttpResponse::BadRequest().finish(),
        },
        Err(_elapsed) => HttpResponse::RequestTimeout().finish(),
    }
}

/// Your work goes here. Store the event before you acknowledge it.
fn accept(body: &[u8]) -> Result<HttpResponse, Rejection> {
    let event = WebhookEvent::from_slice(body)?;
    let key = event.idempotency_key();
    match event.outcome()? {
        Outcome::Succeeded(stamp) => info!(%key, tx_id = %stamp.tx_id, "on chain"),
        Outcome::Failed(stamp) => info!(%key, hash = %stamp.hash, "not stamped"),
        Outcome::Unknown(event) => warn!(%key, action = %event.action, "unknown action"),
    }
    Ok(HttpResponse::Ok().finish())
}

fn refuse(rejection: &Rejection) -> HttpResponse {
    warn!(%rejection, "refused");
    let status = StatusCode::from_u16(rejection.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
    HttpResponse::build(status)
        .content_type(Rejection::CONTENT_TYPE)
        .body(rejection.to_problem_json())
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
    let settings = Data::new(Settings {
        token,
        body_timeout: Duration::from_millis(body_timeout),
    });

    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let app = move || {
        App::new()
            .app_data(settings.clone())
            .app_data(PayloadConfig::new(MAX_BODY_BYTES))
            .service(web::resource("/webhooks/edexa/{token}").route(web::post().to(receive)))
    };
    let server = HttpServer::new(app)
        // Otherwise actix-web goes on reading for a second what it has refused.
        .client_disconnect_timeout(Duration::ZERO)
        .on_connect(|_, connection| {
            connection.insert(RefCell::new(None::<Reading>));
        })
        .disable_signals()
        .bind(address)?;
    for address in server.addrs() {
        println!("listening on http://{address}");
    }
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        handle.stop(true).await;
    });
    server.await?;
    Ok(())
}
