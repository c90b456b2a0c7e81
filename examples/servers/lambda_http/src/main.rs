//! A bStamp webhook endpoint on AWS Lambda, with
//! [`lambda_http`](https://docs.rs/lambda_http).
//!
//! With [cargo-lambda](https://www.cargo-lambda.info), on your machine:
//!
//! ```text
//! WEBHOOK_TOKEN=change-me cargo lambda watch
//! curl -i --data '{}' \
//!     http://127.0.0.1:9000/lambda-url/receiver-lambda-http/webhooks/edexa/change-me
//! ```
//!
//! answers 422 with what is missing. An event gets 200 with an empty body, and the
//! log a line: `on chain key=6475c02029b5bab6d2f2c6dc:succeed event=succeed stamp "6475…`.
//!
//! On AWS, behind a function URL:
//!
//! ```text
//! cargo lambda build --release
//! cargo lambda deploy --enable-function-url --env-var WEBHOOK_TOKEN=change-me
//! ```
//!
//! An HTTP API of API Gateway works too: send it everything by the `$default`
//! route of the `$default` stage.
//!
//! AWS has read the whole body, at most 6 MB, before any of this runs, and stops the
//! program as it likes: there is no time limit and no shutdown here.

use std::{convert::Infallible, env, io};

use edexa_webhooks::{Outcome, Rejection, WebhookEvent, screen};
use lambda_http::{Error, Request, RequestExt, Response, service_fn};
use percent_encoding::percent_decode_str;
use tracing::{info, warn};

fn receive(secret: &str, request: &Request) -> Result<Response<String>, Rejection> {
    let path = request.raw_http_path();
    let token = path.strip_prefix("/webhooks/edexa/").unwrap_or_default();
    // A function URL passes the path's escapes on, an HTTP API undoes them: a
    // token of letters and digits is the same either way.
    let token = percent_decode_str(token).decode_utf8().unwrap_or_default();
    screen(request.method(), request.headers(), &token, secret)?;
    let event = WebhookEvent::from_slice(request.body())?;
    let key = event.idempotency_key();
    // Store the event here, before you acknowledge it:
    // Lambda may stop the program once it has answered.
    match event.outcome()? {
        Outcome::Succeeded(_) => info!(%key, %event, "on chain"),
        Outcome::Failed(_) => info!(%key, %event, "not stamped"),
        Outcome::Unknown(_) => warn!(%key, %event, "unknown action"),
    }
    Ok(Response::default())
}

fn refuse(rejection: Rejection) -> Response<String> {
    warn!(%rejection, "refused");
    rejection.into()
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let log = tracing_subscriber::fmt().with_writer(io::stderr);
    // Otherwise who logs on a full disk panics.
    log.log_internal_errors(false).init();
    let secret = env::var("WEBHOOK_TOKEN").unwrap_or_default();
    if secret.is_empty() {
        return Err("set WEBHOOK_TOKEN".into());
    }
    let secret = secret.as_str();
    lambda_http::run(service_fn(|request: Request| async move {
        Ok::<_, Infallible>(receive(secret, &request).unwrap_or_else(refuse))
    }))
    .await
}
