//! What is refused before a body is read.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, HeaderValue, Method};
use subtle::ConstantTimeEq;

use crate::delivery::MAX_BODY_BYTES;
use crate::rejection::Rejection;

/// Checks the secret, the method and two headers of a request before its body is read.
///
/// `path_token` is the secret part of the path of the request, percent-decoded
/// once. Most servers have done that. For a path that does not decode to UTF-8, pass
/// an empty string. `secret` is what it must be. An empty `secret` matches nothing.
///
/// The comparison takes the same time for every `path_token` of the length of the secret,
/// so the answer does not tell how much of a guess is right. The length itself is no
/// secret.
///
/// After this, read the body with a time limit, and stop at [`MAX_BODY_BYTES`]: a chunked
/// body declares no length.
///
/// # Errors
///
/// The first of these:
///
/// | request | answer |
/// | --- | --- |
/// | `path_token` is not `secret` | 404 |
/// | a method other than POST | 405 with `Allow: POST` |
/// | a `Content-Encoding` other than `identity` | 415 with `Accept-Encoding: identity` |
/// | a `Content-Length` over [`MAX_BODY_BYTES`] | 413 |
///
/// A `Content-Length` that is no number is left to the server.
///
/// ```
/// use edexa_webhooks::{Rejection, WebhookEvent, screen};
/// use http::{Request, Response};
///
/// fn receive(request: Request<Vec<u8>>, secret: &str) -> Result<(), Rejection> {
///     let token = request.uri().path().strip_prefix("/webhooks/edexa/").unwrap_or_default();
///     screen(request.method(), request.headers(), token, secret)?;
///     let event = WebhookEvent::from_slice(request.body())?;
///     event.outcome()?;
///     Ok(())
/// }
///
/// let request = Request::post("/webhooks/edexa/guess").body(Vec::new()).unwrap();
/// let rejection = receive(request, "Zm9vYmFy").unwrap_err();
/// let response = Response::from(rejection);
/// assert_eq!(response.status(), 404);
/// assert_eq!(response.headers()["content-type"], "application/problem+json");
/// ```
pub fn screen(
    method: &Method,
    headers: &HeaderMap,
    path_token: &str,
    secret: &str,
) -> Result<(), Rejection> {
    let is_secret = path_token.as_bytes().ct_eq(secret.as_bytes());
    if secret.is_empty() || !bool::from(is_secret) {
        return Err(Rejection::not_found());
    }
    if method != Method::POST {
        return Err(Rejection::method_not_allowed());
    }
    if !headers.get_all(CONTENT_ENCODING).iter().all(is_identity) {
        return Err(Rejection::unsupported_encoding());
    }
    if headers.get_all(CONTENT_LENGTH).iter().any(is_too_large) {
        return Err(Rejection::too_large(MAX_BODY_BYTES));
    }
    Ok(())
}

/// Whether a list of codings names no other.
fn is_identity(codings: &HeaderValue) -> bool {
    codings
        .as_bytes()
        .split(|byte| *byte == b',')
        .all(|coding| {
            let coding = coding.trim_ascii();
            coding.is_empty() || coding.eq_ignore_ascii_case(b"identity")
        })
}

fn is_too_large(length: &HeaderValue) -> bool {
    let digits = length.to_str().unwrap_or_default();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // A number that cannot be held is too large, too.
    is_number
        && digits
            .parse()
            .map_or(true, |length: usize| length > MAX_BODY_BYTES)
}
