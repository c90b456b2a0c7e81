//! A bStamp webhook endpoint on [poem](https://docs.rs/poem).
//!
//! ```text
//! WEBHOOK_TOKEN=change-me cargo run
//! curl -i --data '{}' http://127.0.0.1:3000/webhooks/edexa/change-me
//! ```
//!
//! answers 422 with what is missing. An event gets 200 with an empty body, and the
//! log a line: `on chain key=6475c02029b5bab6d2f2c6dc:succeed event=succeed stamp "6475…`.
//!
//! poem sets no time limit for the head of a request: a proxy in front should. Out of
//! file handles, it spins unless it is told to wait: in `serve.rs`.

use std::{env, error::Error, io, io::Write, process, time::Duration};

use edexa_webhooks::{Outcome, Rejection, WebhookEvent, delivery::MAX_BODY_BYTES, screen};
use poem::{Body, IntoResponse, Request, Response, handler, http};
use poem::{error::ReadBodyError, web::Data};
use tokio::signal::unix::{SignalKind, signal};
use tokio::{net::TcpListener, time::timeout};
use tracing::{info, warn};

mod serve;

type Settings = (String, Duration);

async fn receive(settings: &Settings, request: &Request, body: Body) -> Result<(), Rejection> {
    let (secret, patience) = settings;
    // None if it does not decode.
    let token = request.raw_path_param("token").unwrap_or_default();
    screen(request.method(), request.headers(), token, secret)?;
    let body = match timeout(*patience, body.into_bytes_limit(MAX_BODY_BYTES)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(ReadBodyError::PayloadTooLarge)) => Err(Rejection::too_large(MAX_BODY_BYTES)),
        Ok(Err(_)) | Err(_) => Err(Rejection::request_timeout()),
    };
    let event = WebhookEvent::from_slice(&body?)?;
    let key = event.idempotency_key();
    // Store the event here, before you acknowledge it.
    match event.outcome()? {
        Outcome::Succeeded(_) => info!(%key, %event, "on chain"),
        Outcome::Failed(_) => info!(%key, %event, "not stamped"),
        Outcome::Unknown(_) => warn!(%key, %event, "unknown action"),
    }
    Ok(())
}

#[handler]
async fn answer(Data(settings): Data<&Settings>, request: &Request, body: Body) -> Response {
    let answer = receive(settings, request, body).await;
    answer.map_or_else(refuse, IntoResponse::into_response)
}

fn refuse(rejection: Rejection) -> Response {
    warn!(%rejection, "refused");
    let (head, body) = http::Response::<String>::from(rejection).into_parts();
    (head.status, head.headers, Body::from(body)).into_response()
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

    let socket = TcpListener::bind(address).await?;
    let _ = writeln!(io::stdout(), "listening on http://{}", socket.local_addr()?);
    Ok(serve::until(stop, socket, (secret, patience)).await?)
}
