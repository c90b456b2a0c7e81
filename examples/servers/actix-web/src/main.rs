//! A bStamp webhook endpoint on [actix-web](https://docs.rs/actix-web).
//!
//! ```text
//! WEBHOOK_TOKEN=change-me cargo run
//! curl -i --data '{}' http://127.0.0.1:3000/webhooks/edexa/change-me
//! ```
//!
//! answers 422 with what is missing. An event gets 200 with an empty body, and the
//! log a line: `on chain key=6475c02029b5bab6d2f2c6dc:succeed event=succeed stamp "6475…`.
//!
//! actix-web has types of its own for methods, headers and answers: `convert.rs` has
//! the way there and back. It reads on after an answer unless it is told not to: in
//! `serve.rs`.

use std::{env, error::Error, io, io::Write, net::TcpListener, process, time::Duration};

use actix_web::body::{BodyStream, to_bytes_limited};
use actix_web::{HttpRequest, HttpResponse, web::Payload};
use edexa_webhooks::{Outcome, Rejection, WebhookEvent, delivery::MAX_BODY_BYTES, screen};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;
use tracing::{info, warn};

mod convert;
mod serve;

async fn receive(
    (secret, patience): &(String, Duration),
    token: &str,
    request: &HttpRequest,
    body: &mut Payload,
) -> Result<HttpResponse, Rejection> {
    let (method, headers) = convert::head(request);
    screen(&method, &headers, token, secret)?;
    let body = to_bytes_limited(BodyStream::new(body), MAX_BODY_BYTES);
    let body = match timeout(*patience, body).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Err(_)) => Err(Rejection::too_large(MAX_BODY_BYTES)),
        Ok(Ok(Err(_))) | Err(_) => Err(Rejection::request_timeout()),
    };
    let event = WebhookEvent::from_slice(&body?)?;
    let key = event.idempotency_key();
    // Store the event here, before you acknowledge it.
    match event.outcome()? {
        Outcome::Succeeded(_) => info!(%key, %event, "on chain"),
        Outcome::Failed(_) => info!(%key, %event, "not stamped"),
        Outcome::Unknown(_) => warn!(%key, %event, "unknown action"),
    }
    Ok(HttpResponse::Ok().finish())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let log = tracing_subscriber::fmt().with_writer(io::stderr);
    // Otherwise who logs on a full disk panics.
    log.log_internal_errors(false).init();
    let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
    let secret = set("WEBHOOK_TOKEN").ok_or("set WEBHOOK_TOKEN")?;
    let address = set("BIND_ADDR").unwrap_or("127.0.0.1:3000".into());
    let number = |name, text: String| text.parse().map_err(|e| format!("{name}: {e}"));
    let millis = |name| set(name).map_or(Ok(10_000), |text| number(name, text));
    let patience = Duration::from_millis(millis("BODY_TIMEOUT_MS")?);
    let grace = Duration::from_millis(millis("SHUTDOWN_GRACE_MS")?);

    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    let mut told = async move || tokio::select! { _ = term.recv() => (), _ = int.recv() => () };
    let stop = async move {
        told().await;
        // Clients that send nothing would hold it up for ever.
        tokio::spawn(async move { process::exit(timeout(grace, told()).await.is_ok().into()) });
    };

    let socket = TcpListener::bind(address)?;
    let _ = writeln!(io::stdout(), "listening on http://{}", socket.local_addr()?);
    Ok(serve::until(stop, socket, (secret, patience)).await?)
}
