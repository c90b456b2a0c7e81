//! What is refused before a body is read.

use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::{Rejection, screen};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response};

const SECRET: &str = "Zm9v+YmFy";

fn headers(all: &[(HeaderName, &str)]) -> HeaderMap {
    let value = |text: &str| HeaderValue::from_bytes(text.as_bytes()).unwrap();
    all.iter()
        .map(|(name, text)| (name.clone(), value(text)))
        .collect()
}

#[track_caller]
fn assert_screen(all: &[(HeaderName, &str)], expected: &Result<(), Rejection>) {
    assert_eq!(
        screen(&Method::POST, &headers(all), SECRET, SECRET),
        *expected
    );
}

#[test]
fn the_first_reason_counts() {
    let too_large = "99999";
    let mut all = headers(&[(CONTENT_ENCODING, "gzip"), (CONTENT_LENGTH, too_large)]);
    let refused = |method, all: &_, token| screen(method, all, token, SECRET).unwrap_err();
    assert_eq!(refused(&Method::PUT, &all, "guess"), Rejection::not_found());
    assert_eq!(
        refused(&Method::PUT, &all, SECRET),
        Rejection::method_not_allowed()
    );
    assert_eq!(
        refused(&Method::POST, &all, SECRET),
        Rejection::unsupported_encoding()
    );
    all.remove(CONTENT_ENCODING);
    assert_eq!(
        refused(&Method::POST, &all, SECRET),
        Rejection::too_large(MAX_BODY_BYTES)
    );
    all.remove(CONTENT_LENGTH);
    assert_eq!(screen(&Method::POST, &all, SECRET, SECRET), Ok(()));
}

#[test]
fn only_the_whole_secret_matches() {
    for token in [
        "",
        "Z",
        "zm9v+YmFy",
        "Zm9v+YmFy=",
        "Zm9v YmFy",
        "Zm9v%2BYmFy",
        "Zm9v+YmFz",
    ] {
        let refused = screen(&Method::POST, &HeaderMap::new(), token, SECRET);
        assert_eq!(refused, Err(Rejection::not_found()), "{token}");
    }
}

#[test]
fn an_empty_secret_matches_nothing() {
    for token in ["", "a"] {
        let refused = screen(&Method::POST, &HeaderMap::new(), token, "");
        assert_eq!(refused, Err(Rejection::not_found()), "{token}");
    }
}

#[test]
fn only_post_is_allowed() {
    for method in [
        "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "post",
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let refused = screen(&method, &HeaderMap::new(), SECRET, SECRET);
        assert_eq!(refused, Err(Rejection::method_not_allowed()), "{method}");
    }
}

#[test]
fn identity_is_no_coding() {
    for value in ["identity", "IDENTITY", "identity, Identity", "", " , "] {
        assert_screen(&[(CONTENT_ENCODING, value)], &Ok(()));
    }
    assert_screen(
        &[
            (CONTENT_ENCODING, "identity"),
            (CONTENT_ENCODING, "identity"),
        ],
        &Ok(()),
    );
}

#[test]
fn every_other_coding_is_refused() {
    let refused = || Err(Rejection::unsupported_encoding());
    for value in [
        "gzip",
        "identity, gzip",
        "gzip,identity",
        "identity;q=1",
        "identity gzip",
        "é",
    ] {
        assert_screen(&[(CONTENT_ENCODING, value)], &refused());
    }
    assert_screen(
        &[(CONTENT_ENCODING, "identity"), (CONTENT_ENCODING, "br")],
        &refused(),
    );
    assert_screen(
        &[(CONTENT_ENCODING, "br"), (CONTENT_ENCODING, "identity")],
        &refused(),
    );
}

#[test]
fn a_length_is_refused_from_one_byte_over_the_limit() {
    for value in [
        "0",
        "65536",
        "065536",
        "",
        "-65537",
        "+65537",
        "65537, 65537",
        "0x65537",
        "é",
    ] {
        assert_screen(&[(CONTENT_LENGTH, value)], &Ok(()));
    }
    let refused = || Err(Rejection::too_large(MAX_BODY_BYTES));
    for value in [
        "65537",
        "0065537",
        "18446744073709551615",
        "18446744073709551616",
    ] {
        assert_screen(&[(CONTENT_LENGTH, value)], &refused());
    }
    assert_screen(
        &[(CONTENT_LENGTH, "1"), (CONTENT_LENGTH, "65537")],
        &refused(),
    );
}

#[test]
fn a_refusal_has_its_headers() {
    let headers = |rejection: Rejection| {
        let headers = Response::<String>::from(rejection).into_parts().0.headers;
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        let all = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", text(value)));
        all.collect::<Vec<_>>()
    };
    let problem = "content-type: application/problem+json";
    assert_eq!(headers(Rejection::not_found()), [problem]);
    assert_eq!(
        headers(Rejection::method_not_allowed()),
        [problem, "allow: POST"]
    );
    assert_eq!(
        headers(Rejection::unsupported_encoding()),
        [problem, "accept-encoding: identity"]
    );
}
