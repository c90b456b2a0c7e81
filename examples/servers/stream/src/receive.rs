//! Each body into the log, and only then an answer.

use std::io::{self, Write};
use std::{sync::Arc, time::Duration};

use async_nats::ConnectOptions;
use async_nats::jetstream::context::{Context, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use axum::extract::{Path, Request, State, rejection::PathRejection};
use axum::http::{self, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::any};
use edexa_webhooks::Rejection;
use inbox::receive::read;
use inbox::settings::Refused;
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tracing::{error, info, warn};

use crate::Error;
use crate::log::connect;
use crate::message::address;
use crate::settings::Options;

/// How long to wait before a body is published again: for the next leader, say.
const PAUSE: Duration = Duration::from_millis(100);

type Shared = (Arc<Options>, Context);

/// Receives until `stop` completes, and then answers the requests that are there.
///
/// # Errors
///
/// There is no token, the socket fails, or an address of the log is none.
pub async fn receive(
    settings: Options,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    settings.inbox.check_token()?;
    let listener = TcpListener::bind(&settings.inbox.bind_addr).await?;
    // Whoever sends meanwhile is answered 503.
    let patient = ConnectOptions::new().retry_on_initial_connect();
    let log = connect(&settings, patient).await?;
    let app = Router::new().route("/webhooks/edexa/{token}", any(answer));
    let address = listener.local_addr()?;
    let _ = writeln!(io::stdout(), "listening on http://{address}");
    let server = axum::serve(listener, app.with_state((Arc::new(settings), log)));
    Ok(server.with_graceful_shutdown(stop).await?)
}

async fn answer(
    State(shared): State<Shared>,
    token: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<(), Response> {
    let Path(token) = token.unwrap_or(Path(String::new()));
    let body = read(&shared.0.inbox, &token, request).await;
    let body = body.map_err(refuse)?;
    let (subject, headers, parsed) = address(&shared.0, &body);
    let message = PublishMessage::build().payload(body).headers(headers);
    if let Err(error) = publish(&shared, &subject, message).await {
        error!(%error, "not acknowledged by the log");
        return Err(StatusCode::SERVICE_UNAVAILABLE.into_response());
    }
    match (parsed, shared.0.inbox.refused) {
        (Ok(event), _) => info!(key = %event.idempotency_key(), subject, "published"),
        (Err(rejection), Refused::Reject) => return Err(refuse(rejection)),
        (Err(rejection), Refused::Park) => warn!(%rejection, "parked"),
    }
    Ok(())
}

/// Returns once a quorum of the log has the message. Its id makes it one message, however
/// often it is published.
async fn publish(shared: &Shared, subject: &str, message: PublishMessage) -> Result<(), Error> {
    let (settings, log) = shared;
    // An answer of another stream, which took the subject, would be no promise.
    let message = message.expected_stream(&settings.nats_stream);
    let acknowledged = async {
        loop {
            let sent = log.send_publish(subject.to_owned(), message.clone());
            match async { sent.await?.await }.await {
                Ok(_) => return Ok(()),
                // It says no, since it is full most likely.
                Err(error) if error.kind() == PublishErrorKind::Other => return Err(error),
                Err(error) => warn!(%error, "published again"),
            }
            sleep(PAUSE).await;
        }
    };
    Ok(timeout(settings.inbox.store_timeout(), acknowledged).await??)
}

fn refuse(rejection: Rejection) -> Response {
    warn!(%rejection, "refused");
    http::Response::<String>::from(rejection).into_response()
}
