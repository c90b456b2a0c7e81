//! Between the types of actix-web and those of the crate `http`.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use edexa_webhooks::Rejection;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tracing::warn;

pub(crate) fn head(request: &HttpRequest) -> (Method, HeaderMap) {
    let method = request.method().as_str().parse();
    let headers = request.headers().iter().filter_map(|(name, value)| {
        let name = HeaderName::try_from(name.as_str()).ok()?;
        Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?))
    });
    (method.unwrap_or_default(), headers.collect())
}

pub(crate) fn refuse(rejection: &Rejection) -> HttpResponse {
    warn!(%rejection, "refused");
    let status = StatusCode::from_u16(rejection.http_status());
    let mut answer = HttpResponse::build(status.unwrap_or(StatusCode::BAD_REQUEST));
    for header in rejection.http_headers() {
        answer.insert_header(*header);
    }
    answer.body(rejection.to_problem_json())
}
