//! Each body into the log, and only then an answer.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::{Context, PublishError};
use async_nats::jetstream::message::PublishMessage;
use axum::extract::{Path, Request, State, rejection::PathRejection};
use axum::http::{Response, StatusCode};
use axum::{Router, body::Bytes, routing::any};
use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::{Rejection, screen};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::net::TcpListener;
use tokio::time::{sleep, timeout};
use tracing::{error, info, warn};

use crate::Error;
use crate::message::Message;
use crate::settings::Receive;

/// How long to wait before a message is published again: for the next leader, say.
const PAUSE: Duration = Duration::from_millis(100);

struct Receiver {
    settings: Receive,
    log: Context,
}

/// Receives until `stop` completes, and then answers the requests that are there.
///
/// # Errors
///
/// There is no token, the socket fails, or the log's address is none.
pub async fn receive(
    settings: Receive,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    if settings.webhook_token.is_empty() {
        return Err("set WEBHOOK_TOKEN to the secret part of the webhook's URL".into());
    }
    let listener = TcpListener::bind(&settings.bind_addr).await?;
    let log = settings.log.connect(true).await?;
    let receiver = Arc::new(Receiver { settings, log });
    let hook = any(
        async |State(receiver): State<Arc<Receiver>>, token, request| {
            receiver.answer(token, request).await
        },
    );
    let app = Router::new()
        .route("/webhooks/edexa/{token}", hook)
        .with_state(receiver);
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app)
        .with_graceful_shutdown(stop)
        .await?)
}

impl Receiver {
    async fn answer(
        &self,
        token: Result<Path<String>, PathRejection>,
        request: Request,
    ) -> Result<(), Response<String>> {
        let Path(token) = token.unwrap_or(Path(String::new()));
        let body = self.read(&token, request).await.map_err(refuse)?;
        let Receive { log, shards, .. } = &self.settings;
        let (message, parsed) =
            Message::new(&log.nats_stream, *shards, body, SystemTime::now().into());
        let subject = message.subject.clone();
        if let Err(error) = self.publish(message).await {
            error!(%error, "not acknowledged by the log");
            let mut unavailable = Response::new(String::new());
            *unavailable.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            return Err(unavailable);
        }
        let key = parsed.map_err(refuse)?.idempotency_key();
        info!(%key, subject, "published");
        Ok(())
    }

    async fn read(&self, token: &str, request: Request) -> Result<Bytes, Rejection> {
        let secret = &self.settings.webhook_token;
        screen(request.method(), request.headers(), token, secret)?;
        let patience = Duration::from_millis(self.settings.body_timeout_ms);
        let body = Limited::new(request.into_body(), MAX_BODY_BYTES).collect();
        match timeout(patience, body).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(e)) if e.is::<LengthLimitError>() => Err(Rejection::too_large(MAX_BODY_BYTES)),
            Ok(Err(_)) | Err(_) => Err(Rejection::request_timeout()),
        }
    }

    /// Returns once a quorum of the log has the message. Its id makes it one message, however
    /// often it is published.
    async fn publish(&self, message: Message) -> Result<(), Error> {
        let publish = PublishMessage::build()
            .payload(message.body)
            .headers(message.headers);
        // Of our stream, and of no other that took the subject.
        let publish = publish.expected_stream(&self.settings.log.nats_stream);
        let acknowledged = async {
            loop {
                let sent = self
                    .log
                    .send_publish(message.subject.clone(), publish.clone());
                let acknowledged = async { sent.await?.await };
                match acknowledged.await {
                    Ok(_) => return Ok(()),
                    Err(error) if is_full(&error) => return Err(error),
                    Err(error) => warn!(%error, "published again"),
                }
                sleep(PAUSE).await;
            }
        };
        let patience = Duration::from_millis(self.settings.publish_timeout_ms);
        Ok(timeout(patience, acknowledged).await??)
    }
}

/// Whether the log has no room, which waiting does not change.
fn is_full(error: &PublishError) -> bool {
    let source = std::error::Error::source(error);
    let source = source.and_then(|source| source.downcast_ref::<async_nats::jetstream::Error>());
    source.is_some_and(|source| source.error_code() == ErrorCode::STREAM_STORE_FAILED)
}

fn refuse(rejection: Rejection) -> Response<String> {
    warn!(%rejection, "refused");
    rejection.into()
}
