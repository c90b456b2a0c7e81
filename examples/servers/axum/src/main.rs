//! A bStamp webhook endpoint on [axum](https://docs.rs/axum).
//!
//! ```text
//! WEBHOOK_TOKEN=change-me cargo run
//! curl -i --data '{}' http://127.0.0.1:3000/webhooks/edexa/change-me
//! ```
//!
//! answers 422 with what is missing. An event gets 200 with an empty body, and the
//! log a line: `on chain key=6475c02029b5bab6d2f2c6dc:succeed event=succeed stamp "6475…`.
//!
//! axum sets no time limit for the head of a request, and none for an idle
//! connection: a proxy in front should.

use std::{env, error::Error, io, io::Write, process, time::Duration};

use axum::extract::{Path, Request, State, rejection::PathRejection};
use axum::{Router, http::Response, routing::any};
use edexa_webhooks::{Outcome, Rejection, WebhookEvent, delivery::MAX_BODY_BYTES, screen};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::signal::unix::{SignalKind, signal};
use tokio::{net::TcpListener, time::timeout};
use tracing::{info, warn};

async fn receive(
    State((secret, patience)): State<(String, Duration)>,
    token: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<(), Rejection> {
    let Path(token) = token.unwrap_or(Path(String::new()));
    screen(request.method(), request.headers(), &token, &secret)?;
    let body = Limited::new(request.into_body(), MAX_BODY_BYTES).collect();
    let body = match timeout(patience, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(e)) if e.is::<LengthLimitError>() => Err(Rejection::too_large(MAX_BODY_BYTES)),
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

fn refuse(rejection: Rejection) -> Response<String> {
    warn!(%rejection, "refused");
    rejection.into()
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

    let hook = any(async |s, token, request| receive(s, token, request).await.map_err(refuse));
    let app = Router::new().route("/webhooks/edexa/{token}", hook);
    let socket = TcpListener::bind(address).await?;
    let _ = writeln!(io::stdout(), "listening on http://{}", socket.local_addr()?);
    let server = axum::serve(socket, app.with_state((secret, patience)));
    Ok(server.with_graceful_shutdown(stop).await?)
}
