//! A bStamp webhook endpoint on [Rocket](https://rocket.rs).
//!
//! ```text
//! WEBHOOK_TOKEN=change-me cargo run
//! curl -i --data '{}' http://127.0.0.1:3000/webhooks/edexa/change-me
//! ```
//!
//! answers 422 with what is missing. An event gets 200 with an empty body, and the
//! log a line: `on chain key=6475c02029b5bab6d2f2c6dc:succeed event=succeed stamp "6475…`.
//!
//! Before any of this runs, Rocket reads the first 14 bytes of every body (a form may
//! name another method there), however long they take. So it says nothing to a client
//! that announces a body and sends none: put a proxy with a time limit in front. Told
//! to end, it waits for idle clients too. It has types of its own for methods, headers
//! and answers: `convert.rs` has the way there and back. To Rocket, a path with another
//! method is a path that does not exist: `serve.rs` has a route for each method.

use std::{env, error::Error, io, net::SocketAddr, process, time::Duration};

use edexa_webhooks::{Outcome, Rejection, WebhookEvent, delivery::MAX_BODY_BYTES, screen};
use rocket::tokio::signal::unix::{SignalKind, signal};
use rocket::tokio::{self, time::timeout};
use rocket::{Data, Request, Response, data::ToByteUnit};
use tracing::{info, warn};

mod convert;
mod serve;

async fn receive(
    secret: &str,
    patience: Duration,
    request: &Request<'_>,
    body: Data<'_>,
) -> Result<Response<'static>, Rejection> {
    let (method, headers) = convert::head(request);
    let token = request.routed_segment(2).unwrap_or_default();
    screen(&method, &headers, token, secret)?;
    let body = body.open(MAX_BODY_BYTES.bytes()).into_bytes();
    let body = match timeout(patience, body).await {
        Ok(Ok(body)) if body.is_complete() => Ok(body),
        Ok(Ok(_cut)) => Err(Rejection::too_large(MAX_BODY_BYTES)),
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
    Ok(Response::new())
}

#[rocket::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let log = tracing_subscriber::fmt().with_writer(io::stderr);
    // Otherwise who logs on a full disk panics.
    log.log_internal_errors(false).init();
    let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
    let secret: &str = set("WEBHOOK_TOKEN").ok_or("set WEBHOOK_TOKEN")?.leak();
    let address: SocketAddr = set("BIND_ADDR")
        .unwrap_or("127.0.0.1:3000".into())
        .parse()?;
    let number = |name, text: String| text.parse().map_err(|e| format!("{name}: {e}"));
    let millis = |name| set(name).map_or(Ok(10_000), |text| number(name, text));
    let patience = Duration::from_millis(millis("BODY_TIMEOUT_MS")?);
    let grace = Duration::from_millis(millis("SHUTDOWN_GRACE_MS")?);

    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    let mut told = async || tokio::select! { _ = term.recv() => (), _ = int.recv() => () };

    let webhook = serve::Webhook { secret, patience };
    let rocket = serve::rocket(address, &webhook).ignite().await?;
    let stop = rocket.shutdown();
    let stopped = async {
        told().await;
        stop.notify();
        // Clients that send nothing would hold it up for ever.
        process::exit(timeout(grace, told()).await.is_ok().into())
    };
    tokio::select! { end = rocket.launch() => drop(end?), () = stopped => () }
    Ok(())
}
