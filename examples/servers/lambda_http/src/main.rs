//! A bStamp webhook endpoint on AWS Lambda, with
//! [`lambda_http`](https://docs.rs/lambda_http).
//!
//! With [cargo-lambda](https://www.cargo-lambda.info), on your machine:
//!
//! ```text
//! WEBHOOK_TOKEN=change-me cargo lambda watch -p receiver-lambda-http
//! ```
//!
//! and from another shell, in the same folder:
//!
//! ```text
//! curl -i --data @../../src/testing/succeeded.json \
//!     http://127.0.0.1:9000/lambda-url/receiver-lambda-http/webhooks/edexa/change-me
//! ```
//!
//! answers `HTTP/1.1 200 OK` with an empty body, and the function logs
//! `on chain key=6475c02029b5bab6d2f2c6dc:succeed tx_id=0x3b7d…`.
//!
//! On AWS, behind a function URL:
//!
//! ```text
//! cargo lambda build --release -p receiver-lambda-http
//! cargo lambda deploy --enable-function-url \
//!     --env-var WEBHOOK_TOKEN=change-me receiver-lambda-http
//! ```
//!
//! An HTTP API of API Gateway works too: send it everything by the `$default`
//! route of the `$default` stage.

use std::borrow::Cow;
use std::convert::Infallible;
use std::env;

use edexa_webhooks::{Outcome, Rejection, WebhookEvent};
use lambda_http::http::header::{ALLOW, CONTENT_ENCODING, HeaderValue};
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Error, Request, RequestExt, Response, service_fn};
use percent_encoding::percent_decode_str;
use subtle::ConstantTimeEq;
use tracing::{info, warn};

fn receive(expected: &str, request: &Request) -> Response<String> {
    let path = request.raw_http_path();
    let token = path.strip_prefix("/webhooks/edexa/").unwrap_or_default();
    // A function URL passes the path's escapes on, an HTTP API undoes them: a
    // token of letters and digits is the same either way.
    let token = Cow::from(percent_decode_str(token));
    if !bool::from(token.ct_eq(expected.as_bytes())) {
        return empty(StatusCode::NOT_FOUND);
    }
    if request.method() != Method::POST {
        let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    let mut codings = request.headers().get_all(CONTENT_ENCODING).iter();
    if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return empty(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    // AWS has read the whole body and lambda_http has undone its base64, so the
    // crate's own limit is enough.
    accept(request.body()).map_or_else(refuse, empty)
}

/// Your work goes here. Store the event before you acknowledge it: Lambda may
/// stop the program once it has answered.
fn accept(body: &[u8]) -> Result<StatusCode, Rejection> {
    let event = WebhookEvent::from_slice(body)?;
    let key = event.idempotency_key();
    match event.outcome()? {
        Outcome::Succeeded(stamp) => info!(%key, tx_id = %stamp.tx_id, "on chain"),
        Outcome::Failed(stamp) => info!(%key, hash = %stamp.hash, "not stamped"),
        Outcome::Unknown(event) => warn!(%key, action = %event.action, "unknown action"),
    }
    Ok(StatusCode::OK)
}

fn refuse(rejection: Rejection) -> Response<String> {
    warn!(%rejection, "refused");
    rejection.into()
}

fn empty(status: StatusCode) -> Response<String> {
    let mut response = Response::new(String::new());
    *response.status_mut() = status;
    response
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let token = env::var("WEBHOOK_TOKEN").unwrap_or_default();
    if token.is_empty() {
        return Err("set WEBHOOK_TOKEN to the secret part of the webhook's URL".into());
    }
    let token = token.as_str();
    lambda_http::run(service_fn(|request: Request| async move {
        Ok::<_, Infallible>(receive(token, &request))
    }))
    .await
}
