//! How an HTTP handler says no.

use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::testing::{EventBuilder, SUCCEEDED};
use edexa_webhooks::{Category, Rejection, StampStatus, WebhookEvent};

/// Why a body is refused, as a handler sees it.
#[track_caller]
fn refuse(body: &[u8]) -> Rejection {
    fn receive(body: &[u8]) -> Result<(), Rejection> {
        WebhookEvent::from_slice(body)?.outcome()?;
        Ok(())
    }
    receive(body).expect_err("a body that is refused")
}

#[track_caller]
fn assert_rejection(rejection: &Rejection, status: u16, json: &str, line: &str) {
    assert_eq!(rejection.http_status(), status);
    assert_eq!(rejection.to_problem_json(), json);
    assert_eq!(rejection.to_string(), line);
    let (name, value) = rejection.http_headers()[0];
    assert_eq!(name, "content-type");
    assert_eq!(value, "application/problem+json");
    let error: &dyn std::error::Error = rejection;
    assert!(error.source().is_none());
    #[cfg(feature = "http")]
    answer::assert_answer(rejection, status, json);
}

#[test]
fn what_is_not_utf_8() {
    assert_rejection(
        &refuse(b"{\"action\": \"\xff\"}"),
        400,
        r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"not a JSON text that can be read","errors":[{"code":"encoding","pointer":"/action","detail":"expected UTF-8, found the byte 0xff at line 1 column 13"}]}"#,
        "not a JSON text that can be read: encoding at /action: expected UTF-8, found the byte 0xff at line 1 column 13",
    );
}

#[test]
fn what_starts_with_a_byte_order_mark() {
    assert_rejection(
        &refuse("\u{feff}{}".as_bytes()),
        400,
        r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"not a JSON text that can be read","errors":[{"code":"encoding","pointer":"","detail":"expected JSON, found a byte order mark at line 1 column 1"}]}"#,
        "not a JSON text that can be read: encoding: expected JSON, found a byte order mark at line 1 column 1",
    );
}

#[test]
fn what_is_not_json() {
    assert_rejection(
        &refuse(b"{\n  \"action\": succeed\n}"),
        400,
        r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"not a JSON text that can be read","errors":[{"code":"syntax","pointer":"/action","detail":"expected a value, found `s` at line 2 column 13"}]}"#,
        "not a JSON text that can be read: syntax at /action: expected a value, found `s` at line 2 column 13",
    );
}

#[test]
fn what_is_not_an_event() {
    assert_rejection(
        &refuse(b"[]"),
        422,
        r#"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"not a bStamp event","errors":[{"code":"data","pointer":"","detail":"expected an object, found an array at line 1 column 1"}]}"#,
        "not a bStamp event: data: expected an object, found an array at line 1 column 1",
    );
    assert_rejection(
        &refuse(
            SUCCEEDED
                .replacen("\"status\": 1", "\"status\": \"1\"", 1)
                .as_bytes(),
        ),
        422,
        r#"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"not a bStamp event","errors":[{"code":"data","pointer":"/data/status","detail":"expected an integer from -2^63 to 2^63 - 1, found the string \"1\" at line 14 column 15"}]}"#,
        "not a bStamp event: data at /data/status: expected an integer from -2^63 to 2^63 - 1, found the string \"1\" at line 14 column 15, of stamp \"6475c02029b5bab6d2f2c6dc\"",
    );
}

#[test]
fn what_is_too_large() {
    assert_rejection(
        &refuse(&vec![b' '; MAX_BODY_BYTES + 1]),
        413,
        r#"{"type":"about:blank","title":"Content Too Large","status":413,"detail":"body too large","errors":[{"code":"too-large","pointer":"","detail":"expected at most 65536 bytes, found more"}]}"#,
        "body too large: too-large: expected at most 65536 bytes, found more",
    );
}

#[test]
fn what_was_too_large_for_the_server() {
    assert_rejection(
        &Rejection::too_large(1_024),
        413,
        r#"{"type":"about:blank","title":"Content Too Large","status":413,"detail":"body too large","errors":[{"code":"too-large","pointer":"","detail":"expected at most 1024 bytes, found more"}]}"#,
        "body too large: too-large: expected at most 1024 bytes, found more",
    );
}

#[test]
fn what_needs_no_body_to_be_refused() {
    for (rejection, status, title, detail) in [
        (Rejection::not_found(), 404, "Not Found", "no such endpoint"),
        (
            Rejection::method_not_allowed(),
            405,
            "Method Not Allowed",
            "a method other than POST",
        ),
        (
            Rejection::request_timeout(),
            408,
            "Request Timeout",
            "no complete body in time",
        ),
        (
            Rejection::length_required(),
            411,
            "Length Required",
            "no Content-Length",
        ),
        (
            Rejection::unsupported_encoding(),
            415,
            "Unsupported Media Type",
            "a Content-Encoding other than identity",
        ),
    ] {
        let json = format!(
            r#"{{"type":"about:blank","title":"{title}","status":{status},"detail":"{detail}","errors":[]}}"#
        );
        assert_rejection(&rejection, status, &json, detail);
        assert_eq!(rejection.salvaged(), None);
    }
}

#[test]
fn what_contradicts_itself() {
    let event = EventBuilder::failed()
        .status(StampStatus::Succeeded)
        .name("../x")
        .to_json()
        .unwrap();
    assert_rejection(
        &refuse(event.as_bytes()),
        422,
        r#"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"an invalid bStamp event","errors":[{"code":"status-mismatch","pointer":"/data/status","detail":"expected 2 with the action `failed`, found 1"}]}"#,
        "an invalid bStamp event: status-mismatch at /data/status: expected 2 with the action `failed`, found 1, of stamp \"6475c02029b5bab6d2f2c6dc\"",
    );
}

#[test]
fn every_broken_error_rule_is_named() {
    let event = EventBuilder::succeeded()
        .status(StampStatus::Failed)
        .tx_id("")
        .stamp_id("")
        .hash("")
        .build();
    let rejection = Rejection::from(event.validate().unwrap_err());
    assert_rejection(
        &rejection,
        422,
        concat!(
            r#"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"an invalid bStamp event","errors":["#,
            r#"{"code":"status-mismatch","pointer":"/data/status","detail":"expected 1 with the action `succeed`, found 2"},"#,
            r#"{"code":"missing-tx-id","pointer":"/data/txId","detail":"expected a transaction id with the action `succeed`, found \"\""},"#,
            r#"{"code":"empty-identity","pointer":"/data/_id","detail":"expected a string that is not blank or a placeholder, found \"\""},"#,
            r#"{"code":"empty-identity","pointer":"/data/hash","detail":"expected a string that is not empty, found \"\""}]}"#,
        ),
        "an invalid bStamp event: \
         status-mismatch at /data/status: expected 1 with the action `succeed`, found 2; \
         missing-tx-id at /data/txId: expected a transaction id with the action `succeed`, found \"\"; \
         empty-identity at /data/_id: expected a string that is not blank or a placeholder, found \"\"; \
         empty-identity at /data/hash: expected a string that is not empty, found \"\", of stamp \"\"",
    );
}

#[test]
fn the_status_follows_the_category() {
    let too_large = vec![b' '; MAX_BODY_BYTES + 1];
    for (body, category, status) in [
        (&b"\xff"[..], Category::Encoding, 400),
        (b"", Category::Syntax, 400),
        (b"{", Category::Syntax, 400),
        (b"{\"a\": \"\\ud800\"}", Category::Syntax, 400),
        (b"{\"a\": 1e400}", Category::Syntax, 400),
        (b"null", Category::Data, 422),
        (b"{}", Category::Data, 422),
        (&too_large, Category::TooLarge, 413),
    ] {
        let error = WebhookEvent::from_slice(body).unwrap_err();
        assert_eq!(error.category(), category, "{error}");
        assert_eq!(Rejection::from(error).http_status(), status);
    }
}

#[test]
fn whose_limit_fires_makes_no_difference() {
    let body = vec![b' '; MAX_BODY_BYTES + 1];
    assert_eq!(refuse(&body), Rejection::too_large(MAX_BODY_BYTES));
}

#[test]
fn what_was_read_of_a_body_is_kept() {
    let long = "6".repeat(4_000);
    let body = SUCCEEDED
        .replacen("6475c02029b5bab6d2f2c6dc", &long, 1)
        .replacen("\"status\": 1", "\"status\": null", 1);
    let rejection = refuse(body.as_bytes());
    let salvaged = rejection.salvaged().unwrap();
    assert_eq!(salvaged.stamp_id.as_ref().unwrap(), long.as_str());
    let end = format!(", of stamp \"{}\"…", "6".repeat(40));
    assert!(rejection.to_string().ends_with(&end), "{rejection}");
    assert!(!format!("{rejection:?}").contains("6666"));
    assert_eq!(Rejection::too_large(1).salvaged(), None);
    let rejection = refuse(
        SUCCEEDED
            .replacen("\"status\": 1", "\"status\": 2", 1)
            .as_bytes(),
    );
    assert_eq!(
        rejection.salvaged().unwrap().to_string(),
        "webhook \"6475b0af7195267fd13bb3d1\", action id \"6475a47ed251164c916a830e\", \
         action \"succeed\", stamp \"6475c02029b5bab6d2f2c6dc\", \
         transaction \"0x3b7d586651f386c0d415fa1349b9ec0be07b78\"…, \
         hash \"6d6db6c12243mdhfrehrdfghju76\"",
    );
}

#[test]
fn an_answer_quotes_only_short_and_escaped_pieces() {
    let hostile = "\u{202e}\u{85}<script>".repeat(4_000);
    let body = SUCCEEDED.replacen("\"status\": 1", &format!("\"status\": \"{hostile}\""), 1);
    let rejection = refuse(body.as_bytes());
    let shown = "\\u{202e}\\u{85}<script>".repeat(4);
    let line = format!(
        "not a bStamp event: data at /data/status: expected an integer from -2^63 to 2^63 - 1, \
         found the string \"{shown}\"… at line 14 column 15, of stamp \"6475c02029b5bab6d2f2c6dc\""
    );
    assert_eq!(rejection.to_string(), line);
    assert!(rejection.to_problem_json().len() < 500);
    for shown in [rejection.to_problem_json(), format!("{rejection:?}")] {
        assert!(!shown.contains(['\u{202e}', '\u{85}']), "{shown:?}");
    }
}

#[test]
fn the_media_type() {
    assert_eq!(Rejection::CONTENT_TYPE, "application/problem+json");
}

#[cfg(feature = "http")]
mod answer {
    use edexa_webhooks::Rejection;
    use http::Response;

    #[track_caller]
    pub(super) fn assert_answer(rejection: &Rejection, status: u16, json: &str) {
        let answer: Response<String> = rejection.clone().into();
        assert_eq!(answer.status().as_u16(), status);
        assert_eq!(answer.body(), json);
        let headers = answer.headers().iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
        assert_eq!(headers.collect::<Vec<_>>(), rejection.http_headers());
    }
}

#[test]
fn debug_leaves_out_what_could_be_read() {
    assert_eq!(
        format!("{:?}", refuse(br#"{"webhookId": "w", "action": 7}"#)),
        "Rejection { status: 422, errors: [Problem { code: \"data\", \
         pointer: \"/action\", detail: \"expected a string, found the number 7 \
         at line 1 column 30\" }], .. }",
    );
}
