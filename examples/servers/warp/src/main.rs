//! A bStamp webhook endpoint on [warp](https://docs.rs/warp).
//!
//! ```text
//! WEBHOOK_TOKEN=change-me cargo run
//! curl -i --data '{}' http://127.0.0.1:3000/webhooks/edexa/change-me
//! ```
//!
//! answers 422 with what is missing. An event gets 200 with an empty body, and the
//! log a line: `on chain key=6475c02029b5bab6d2f2c6dc:succeed event=succeed stamp "6475…`.
//!
//! warp has no limited reader: `body.rs` is one. It sets no time limit for the head of
//! a request either: a proxy in front should.

use std::{env, error::Error, io, io::Write, process, time::Duration};

use edexa_webhooks::{Outcome, Rejection, WebhookEvent, screen};
use futures_util::Stream;
use percent_encoding::percent_decode_str;
use tokio::signal::unix::{SignalKind, signal};
use tokio::{net::TcpListener, time::timeout};
use tracing::{info, warn};
use warp::{Buf, Filter, http};

mod body;

async fn receive(
    (secret, patience): (&str, Duration),
    (method, headers, token): (http::Method, http::HeaderMap, String),
    body: impl Stream<Item = Result<impl Buf, warp::Error>>,
) -> Result<(), Rejection> {
    let token = percent_decode_str(&token).decode_utf8().unwrap_or_default();
    screen(&method, &headers, &token, secret)?;
    let body = timeout(patience, body::read(body)).await;
    let event = WebhookEvent::from_slice(&body.unwrap_or(Err(Rejection::request_timeout()))?)?;
    let key = event.idempotency_key();
    // Store the event here, before you acknowledge it.
    match event.outcome()? {
        Outcome::Succeeded(_) => info!(%key, %event, "on chain"),
        Outcome::Failed(_) => info!(%key, %event, "not stamped"),
        Outcome::Unknown(_) => warn!(%key, %event, "unknown action"),
    }
    Ok(())
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
    let mut told = async move || tokio::select! { _ = term.recv() => (), _ = int.recv() => () };
    // In a task of its own: warp does not look at it while it cannot accept.
    let stop = tokio::spawn(async move {
        told().await;
        // Clients that send nothing would hold it up for ever.
        tokio::spawn(async move { process::exit(timeout(grace, told()).await.is_ok().into()) });
    });

    let app = warp::path!("webhooks" / "edexa" / String)
        .and(warp::method())
        .and(warp::header::headers_cloned())
        .and(warp::body::stream())
        .then(move |token, method, headers, body| async move {
            let answer = receive((secret, patience), (method, headers, token), body).await;
            let answer = answer.inspect_err(|rejection| warn!(%rejection, "refused"));
            answer.map_or_else(http::Response::from, |()| http::Response::default())
        });
    let socket = TcpListener::bind(address).await?;
    let _ = writeln!(io::stdout(), "listening on http://{}", socket.local_addr()?);
    let server = warp::serve(app).incoming(socket);
    let stop = async { drop(stop.await) };
    server.graceful(stop).run().await;
    Ok(())
}
