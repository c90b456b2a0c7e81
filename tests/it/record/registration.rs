//! The body that registers a URL.

use edexa_webhooks::EventName::{self, HashFailure, HashSuccess};
use edexa_webhooks::record::Registration;
use serde_json::{Value, json};

#[track_caller]
fn assert_refused(url: &str, description: &str, events: &[EventName], message: &str) {
    let error = Registration::new(url, description, events.iter().copied()).unwrap_err();
    assert_eq!(error.to_string(), message);
}

#[test]
fn it_is_what_the_api_takes() {
    let events = [HashFailure, HashSuccess, HashFailure];
    let registration = Registration::new("https://e.com/t", "a \"b\"", events).unwrap();
    assert_eq!(
        registration.to_json(),
        r#"{"redirectUrl":"https://e.com/t","description":"a \"b\"","action":["hash.failed","hash.succeed"]}"#,
    );
    assert_eq!(registration.url(), "https://e.com/t");
    assert_eq!(registration.description(), "a \"b\"");
    assert_eq!(registration.events(), [HashFailure, HashSuccess]);
}

const BODY: &str = r#"{
  "action": ["hash.failure", "hash.succeed", "hash.failed"],
  "description": "stamps",
  "redirectUrl": "https://e.com/t",
  "secret": 1.50
}"#;

#[test]
fn it_is_read_with_unknown_keys_kept() {
    let registration = Registration::from_slice(BODY.as_bytes()).unwrap();
    assert_eq!(registration.url(), "https://e.com/t");
    assert_eq!(registration.description(), "stamps");
    assert_eq!(registration.events(), [HashFailure, HashSuccess]);
    assert_eq!(
        registration.to_json(),
        r#"{"redirectUrl":"https://e.com/t","description":"stamps","action":["hash.failed","hash.succeed"],"secret":1.50}"#,
    );
    let value: Value = serde_json::from_str(BODY).unwrap();
    let from_value: Registration = serde_json::from_value(value).unwrap();
    assert_eq!(from_value, registration);
    let written = serde_json::to_value(&registration).unwrap();
    assert_eq!(written["action"], json!(["hash.failed", "hash.succeed"]));
    assert_eq!(written["secret"], json!(1.5));
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let cases = [
        (
            r#"{"redirectUrl":"http://e.com"}"#,
            "/redirectUrl: expected an https URL, found a string without `https://` at line 1 column 16",
        ),
        (
            r#"{"redirectUrl":7}"#,
            "/redirectUrl: expected an https URL, found the number 7 at line 1 column 16",
        ),
        (
            r#"{"description":" "}"#,
            "/description: expected a description of at most 2048 bytes that is not blank, found the string \" \" at line 1 column 16",
        ),
        (
            r#"{"action":[]}"#,
            "/action: expected an array of one or more names of events, found an empty array at line 1 column 11",
        ),
        (
            r#"{"action":"hash.success"}"#,
            "/action: expected an array of one or more names of events, found the string \"hash.success\" at line 1 column 11",
        ),
        (
            r#"{"action":{"a":"hash.success"}}"#,
            "/action: expected an array of one or more names of events, found an object at line 1 column 11",
        ),
        (
            r#"{"action":["hash.success","hash.pending"]}"#,
            "/action: expected `hash.success`, `hash.succeed`, `hash.failure` or `hash.failed`, found the string \"hash.pending\" at line 1 column 27",
        ),
        (
            r#"{"action":["hash.success"],"action":["hash.success"]}"#,
            "/action: duplicate key \"action\" at line 1 column 37",
        ),
        (
            r#"{"redirectUrl":"https://e.com","description":"a"}"#,
            "/action: expected an array of one or more names of events, found no such key at line 1 column 1",
        ),
    ];
    for (body, message) in cases {
        let error = Registration::from_slice(body.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    let long = format!("{BODY}{}", " ".repeat(64 * 1024));
    assert_eq!(
        Registration::from_slice(long.as_bytes())
            .unwrap_err()
            .to_string(),
        "expected at most 65536 bytes, found more",
    );
}

#[test]
fn a_url_is_https_with_a_host() {
    for url in [
        "https://e.com",
        "HTTPS://e.com:8443/a?b=%20",
        "https://[::1]:3000/",
        "https://user:password@e.com/",
        "https://e.com:/",
        "https://[::ffff:1.2.3.4]/",
        "https://e.com:1/",
        "https://e.com:65535/",
        &format!("https://e.com/{}", "a".repeat(2034)),
    ] {
        assert!(Registration::new(url, "d", [HashSuccess]).is_ok(), "{url}");
    }
    for url in [
        "",
        "https://",
        "https:///path",
        "https://:443/",
        "https://?a",
        "https://user@/",
        "https://[]/",
        "http://e.com",
        "e.com",
        "//e.com",
        " https://e.com",
        "https://e.com/a b",
        "https://e.com\\@f.com",
        "https://é.com",
        "httpsé//e.com",
        "https://e.com/\n",
        "https://[::1/x",
        "https://[::1]x/",
        "https://e.com:b/",
        "https://e.com:65536/",
        "https://e.com:0/",
        "https://e.com:+443/",
        "https://[zz]/",
        "https://e.com/%zz",
        "https://e.com/%4",
        "https://ex%mple.com/",
        "https://u@v@e.com/",
        "https://[a/",
        "https://a]/",
        "https://e.com/#token",
        "https://e\"mple/",
        "https://.",
        "https://e.com/<>",
        "https://e.com/[",
        "https://[::1]/?a]",
        "https://[u]@e.com/",
        "https://u[@[::1]/",
        &format!("https://e.com/{}", "a".repeat(2035)),
    ] {
        assert!(Registration::new(url, "d", [HashSuccess]).is_err(), "{url}");
    }
    assert_refused(
        "http://e.com",
        "d",
        &[HashSuccess],
        "expected an https URL, found a string without `https://`",
    );
}

#[test]
fn a_description_and_an_event_are_needed() {
    for blank in ["", " \t", "\u{200b}\0\u{3164}", &"a".repeat(2049)] {
        assert_refused(
            "https://e.com",
            blank,
            &[HashSuccess],
            "expected a description of at most 2048 bytes that is not blank",
        );
    }
    assert!(Registration::new("https://e.com", "a".repeat(2048), [HashSuccess]).is_ok());
    assert_refused(
        "https://e.com",
        "d",
        &[],
        "expected at least one event, found none",
    );
}

/// The path is all that keeps strangers out.
#[test]
fn neither_an_error_nor_debug_has_the_path() {
    for (url, found) in [
        ("http://e.com/secret", "a string without `https://`"),
        ("e.com/secret//x", "a string without `https://`"),
        ("https:/e.com/secret//", "a string without `https://`"),
        ("http://user:secret@e.com/", "a string without `https://`"),
        ("https://e.com /secret", "a character that it cannot have"),
        (r"https://e.com\secret", "a character that it cannot have"),
        ("https://e.com/#secret", "a character that it cannot have"),
        ("https://e.com/%secret", "`%` without two hex digits"),
        ("https:///secret", "no host"),
        ("https://e.com%2Fsecret", "no host"),
        ("https://e.com:secret", "no port number"),
    ] {
        let message = format!("expected an https URL, found {found}");
        let error = Registration::new(url, "d", [HashSuccess]).unwrap_err();
        assert_eq!(error.to_string(), message, "{url}");
        let body = json!({"redirectUrl": url, "description": "d", "action": ["hash.success"]});
        let error = serde_json::from_value::<Registration>(body).unwrap_err();
        assert_eq!(error.to_string(), format!("/redirectUrl: {message}"));
    }
    let registration = Registration::new("https://e.com/secret", "d", [HashSuccess]).unwrap();
    assert_eq!(
        format!("{registration:?}"),
        "Registration { description: \"d\", events: [HashSuccess], .. }",
    );
}
