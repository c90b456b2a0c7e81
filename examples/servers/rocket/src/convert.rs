//! Between the types of Rocket and those of the crate `http`.

use std::io::Cursor;

use edexa_webhooks::Rejection;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use rocket::http::{Header, Status};
use rocket::{Request, Response};
use tracing::warn;

pub(crate) fn head(request: &Request<'_>) -> (Method, HeaderMap) {
    let method = request.method().as_str().parse();
    let headers = request.headers().iter().filter_map(|header| {
        let name = HeaderName::try_from(header.name().as_str()).ok()?;
        Some((name, HeaderValue::try_from(header.value()).ok()?))
    });
    (method.unwrap_or_default(), headers.collect())
}

pub(crate) fn refuse(rejection: &Rejection) -> Response<'static> {
    warn!(%rejection, "refused");
    let mut answer = Response::new();
    answer.set_status(Status::new(rejection.http_status()));
    for (name, value) in rejection.http_headers() {
        answer.set_header(Header::new(*name, *value));
    }
    answer.set_sized_body(None, Cursor::new(rejection.to_problem_json()));
    answer
}
