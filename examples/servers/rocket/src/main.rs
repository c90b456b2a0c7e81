//! A bStamp webhook endpoint on [Rocket](https://rocket.rs).
//!
//! ```text
//! WEBHOOK_TOKEN=change-me cargo run -p receiver-rocket
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
//!
//! Before any of this runs, Rocket reads the first 14 bytes of every body (a
//! form may name another method there), however long they take. So it says
//! nothing to a client that announces a body and sends none: put a proxy with a
//! time limit in front.

use std::collections::HashSet;
use std::convert::Infallible;
use std::env;
use std::error::Error;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::{Outcome, Rejection, WebhookEvent};
use rocket::config::{Config, LogLevel, Shutdown};
use rocket::data::{Data, ToByteUnit};
use rocket::fairing::AdHoc;
use rocket::http::{ContentType, Header, HeaderMap, Method, Status};
use rocket::request::{FromRequest, Outcome as Guarded, Request};
use rocket::tokio::signal::unix::{SignalKind, signal};
use rocket::tokio::time::timeout;
use rocket::{Responder, State, catch, catchers, post, routes, tokio};
use subtle::ConstantTimeEq;
use tracing::{info, warn};

struct Settings {
    token: String,
    body_timeout: Duration,
}

type Refused = (Status, (ContentType, String));

#[post("/webhooks/edexa/<token>", data = "<body>")]
async fn receive(
    settings: &State<Settings>,
    token: &str,
    headers: Headers<'_>,
    body: Data<'_>,
) -> Result<Status, Refused> {
    if !bool::from(token.as_bytes().ct_eq(settings.token.as_bytes())) {
        return Ok(Status::NotFound);
    }
    let mut codings = headers.0.get("Content-Encoding");
    if codings.any(|coding| !coding.eq_ignore_ascii_case("identity")) {
        return Ok(Status::UnsupportedMediaType);
    }
    // Answered before the rest of the body is read.
    let announced = headers.0.get_one("Content-Length").map(str::parse::<usize>);
    if matches!(announced, Some(Ok(length)) if length > MAX_BODY_BYTES) {
        return Err(refuse(&Rejection::too_large(MAX_BODY_BYTES)));
    }
    let body = body.open(MAX_BODY_BYTES.bytes()).into_bytes();
    match timeout(settings.body_timeout, body).await {
        // Rocket cuts a longer body off at the limit, and does not fail.
        Ok(Ok(body)) if !body.is_complete() => Err(refuse(&Rejection::too_large(MAX_BODY_BYTES))),
        Ok(Ok(body)) => accept(&body).map_err(|rejection| refuse(&rejection)),
        Ok(Err(_cut_off)) => Ok(Status::BadRequest),
        Err(_elapsed) => Ok(Status::RequestTimeout),
    }
}

/// Your work goes here. Store the event before you acknowledge it.
fn accept(body: &[u8]) -> Result<Status, Rejection> {
    let event = WebhookEvent::from_slice(body)?;
    let key = event.idempotency_key();
    match event.outcome()? {
        Outcome::Succeeded(stamp) => info!(%key, tx_id = %stamp.tx_id, "on chain"),
        Outcome::Failed(stamp) => info!(%key, hash = %stamp.hash, "not stamped"),
        Outcome::Unknown(event) => warn!(%key, action = %event.action, "unknown action"),
    }
    Ok(Status::Ok)
}

fn refuse(rejection: &Rejection) -> Refused {
    warn!(%rejection, "refused");
    let status = Status::new(rejection.http_status());
    let problem = ContentType::new("application", "problem+json");
    (status, (problem, rejection.to_problem_json()))
}

/// What Rocket hands to a handler is declared by a type.
struct Headers<'r>(&'r HeaderMap<'r>);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Headers<'r> {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Guarded<Self, Infallible> {
        Guarded::Success(Self(request.headers()))
    }
}

/// To Rocket, a path with another method is a path that does not exist.
#[catch(404)]
fn not_found(request: &Request<'_>) -> Result<(Status, ()), OnlyPost> {
    match request.method() {
        Method::Post => Ok((Status::NotFound, ())),
        _ => Err(OnlyPost((), Header::new("Allow", "POST"))),
    }
}

#[derive(Responder)]
#[response(status = 405)]
struct OnlyPost((), Header<'static>);

#[rocket::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let token = env::var("WEBHOOK_TOKEN").unwrap_or_default();
    if token.is_empty() {
        return Err("set WEBHOOK_TOKEN to the secret part of the webhook's URL".into());
    }
    let address = env::var("BIND_ADDR").map_or(Ok(([127, 0, 0, 1], 3000).into()), |address| {
        address.parse::<SocketAddr>()
    })?;
    let body_timeout = env::var("BODY_TIMEOUT_MS").map_or(Ok(10_000), |ms| ms.parse())?;
    let settings = Settings {
        token,
        body_timeout: Duration::from_millis(body_timeout),
    };

    let config = Config {
        address: address.ip(),
        port: address.port(),
        // Rocket's own log holds paths, and with them the token.
        log_level: LogLevel::Off,
        shutdown: Shutdown {
            ctrlc: false,
            signals: HashSet::new(),
            ..Shutdown::default()
        },
        ..Config::default()
    };
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    let rocket = rocket::custom(config)
        .manage(settings)
        .mount("/", routes![receive])
        .register("/webhooks/edexa", catchers![not_found])
        .attach(AdHoc::on_liftoff("address", |rocket| {
            Box::pin(async move {
                let config = rocket.config();
                let address = SocketAddr::new(config.address, config.port);
                println!("listening on http://{address}");
            })
        }))
        .ignite()
        .await?;
    let shutdown = rocket.shutdown();
    let mut served = pin!(rocket.launch());
    tokio::select! {
        result = &mut served => return result.map(drop).map_err(Into::into),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    // Told from another task, as its own signal handlers do, Rocket now and then
    // drops the requests in flight.
    shutdown.notify();
    served.await?;
    Ok(())
}
