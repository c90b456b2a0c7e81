//! A bStamp webhook endpoint on [hyper](https://docs.rs/hyper), without a framework.
//!
//! ```text
//! WEBHOOK_TOKEN=change-me cargo run
//! curl -i --data '{}' http://127.0.0.1:3000/webhooks/edexa/change-me
//! ```
//!
//! answers 422 with what is missing. An event gets 200 with an empty body, and the
//! log a line: `on chain key=6475c02029b5bab6d2f2c6dc:succeed event=succeed stamp "6475…`.
//!
//! hyper has no router and no accept loop: they are in `receive` and in `serve.rs`.

use std::{env, error::Error, io, io::Write, process, time::Duration};

use edexa_webhooks::{Outcome, Rejection, WebhookEvent, delivery::MAX_BODY_BYTES, screen};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::{Request, Response, body::Incoming};
use percent_encoding::percent_decode_str;
use tokio::signal::unix::{SignalKind, signal};
use tokio::{net::TcpListener, time::timeout};
use tracing::{info, warn};

mod serve;

async fn receive(
    (secret, patience): (&str, Duration),
    request: Request<Incoming>,
) -> Result<Response<String>, Rejection> {
    let path = request.uri().path();
    let token = path.strip_prefix("/webhooks/edexa/").unwrap_or_default();
    let token = percent_decode_str(token).decode_utf8().unwrap_or_default();
    screen(request.method(), request.headers(), &token, secret)?;
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
    Ok(Response::default())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let log = tracing_subscriber::fmt().with_writer(io::stderr);
    // Otherwise who logs on a full disk panics.
    log.log_internal_errors(false).init();
    let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
    let secret: &str = set("WEBHOOK_TOKEN").ok_or("set WEBHOOK_TOKEN")?.leak();
    let address = set("BIND_ADDR").unwrap_or("127.0.0.1:3000".into());
    let number = |name, text: String| text.parse().map_err(|e| format!("{name}: {e}"));
    let millis = |name| set(name).map_or(Ok(10_000), |text| number(name, text));
    let patience = Duration::from_millis(millis("BODY_TIMEOUT_MS")?);
    let grace = Duration::from_millis(millis("SHUTDOWN_GRACE_MS")?);

    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    let mut told = async || tokio::select! { _ = term.recv() => (), _ = int.recv() => () };

    let socket = TcpListener::bind(address).await?;
    let _ = writeln!(io::stdout(), "listening on http://{}", socket.local_addr()?);
    let in_flight = serve::until(told(), socket, patience, move |request| async move {
        let answer = receive((secret, patience), request).await;
        let answer = answer.inspect_err(|rejection| warn!(%rejection, "refused"));
        answer.unwrap_or_else(Response::from)
    });
    let in_flight = in_flight.await;
    // Clients that send nothing would hold it up for ever.
    tokio::select! {
        () = in_flight.shutdown() => Ok(()),
        ended = timeout(grace, told()) => process::exit(ended.is_ok().into()),
    }
}
