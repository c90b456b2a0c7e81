//! The body that registers a URL.

use edexa_webhooks::EventName::{self, HashFailure, HashSuccess};
use edexa_webhooks::record::Registration;

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

#[test]
fn a_url_is_https_with_a_host() {
    for url in [
        "https://e.com",
        "HTTPS://e.com:8443/a?b=%20",
        "https://[::1]:3000/",
        "https://user:password@e.com/",
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
        "https://e.com:99999/",
        "https://e.com/#token",
        "https://e\"mple/",
        "https://.",
        "https://e.com/<>",
    ] {
        assert!(Registration::new(url, "d", [HashSuccess]).is_err(), "{url}");
    }
    assert_refused(
        "http://e.com",
        "d",
        &[HashSuccess],
        "expected an https URL, found \"http://e.com\"",
    );
}

#[test]
fn a_description_and_an_event_are_needed() {
    for blank in ["", " \t"] {
        assert_refused(
            "https://e.com",
            blank,
            &[HashSuccess],
            "expected a description, found a blank one",
        );
    }
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
    for url in [
        "http://e.com/secret",
        "https://e.com /secret",
        "e.com?secret",
        "//e.com#secret",
    ] {
        let error = Registration::new(url, "d", [HashSuccess]).unwrap_err();
        assert!(error.to_string().contains("e.com"), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let registration = Registration::new("https://e.com/secret", "d", [HashSuccess]).unwrap();
    assert_eq!(
        format!("{registration:?}"),
        "Registration { description: \"d\", events: [HashSuccess], .. }",
    );
}
