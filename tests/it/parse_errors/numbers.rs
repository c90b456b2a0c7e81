//! Numbers that no field holds, or no receiver.

use edexa_webhooks::Category::{Data, Syntax};
use edexa_webhooks::{WebhookEvent, serde_json};

use crate::support::{assert_accepted, assert_refused, with};

const BEYOND: &str = "expected a number within the range of a double, found a larger one";

#[track_caller]
fn assert_no_status(number: &str, found: &str) {
    let message = format!("expected an integer from -2^63 to 2^63 - 1, found the number {found}");
    assert_refused(
        with("status", number),
        Data,
        "/data/status",
        (17, 15),
        &message,
    );
}

#[test]
fn a_status_is_no_integer_that_fits() {
    assert_no_status("9223372036854775808", "9223372036854775808");
    assert_no_status("18446744073709551615", "18446744073709551615");
    assert_no_status("18446744073709551616", "1.8446744073709552e19");
    assert_no_status("-9223372036854775809", "-9.223372036854776e18");
    assert_no_status("1.0", "1.0");
    assert_no_status("1e0", "1.0");
    assert_no_status("0.0", "0.0");
    assert_no_status("1e300", "1e300");
}

/// In text only: built with `arbitrary_precision`, a `Value` of `-0` gives the
/// integer 0.
#[test]
fn a_status_is_negative_zero() {
    let body = with("status", "-0");
    let by_serde = serde_json::from_str::<WebhookEvent>(&body).unwrap_err();
    let error = WebhookEvent::from_slice(body.as_bytes()).unwrap_err();
    let message = "expected an integer from -2^63 to 2^63 - 1, found the number -0.0";
    assert_eq!(
        (error.pointer(), error.message().as_str()),
        ("/data/status", message)
    );
    assert!(
        by_serde
            .to_string()
            .starts_with(&format!("/data/status: {message}"))
    );
}

#[test]
fn a_status_is_any_integer_that_fits() {
    for number in [
        "0",
        "3",
        "-1",
        "9223372036854775807",
        "-9223372036854775808",
    ] {
        let code = assert_accepted(with("status", number)).data.status.code();
        assert_eq!(code.to_string(), number);
    }
}

#[test]
fn a_status_is_beyond_a_double() {
    for number in ["1e400", "-1e400", "1e99999999999999999999"] {
        let body = with("status", number);
        assert_refused(body, Syntax, "/data/status", (17, 15), BEYOND);
    }
}

#[test]
fn an_unknown_number_is_beyond_a_double() {
    let digits = "9".repeat(309);
    for (number, at) in [
        ("1e400", 0),
        ("-1e400", 0),
        ("[1, {\"a\": 1e400}, 2]", 10),
        ("{\"a\": [-2e999]}", 7),
        (digits.as_str(), 0),
    ] {
        let body = with("later", number);
        assert_refused(body, Syntax, "", (22, 12 + at), BEYOND);
        let body = with("laterInData", number);
        assert_refused(body, Syntax, "/data", (20, 20 + at), BEYOND);
    }
}

#[test]
fn an_unknown_number_within_a_double_is_kept_as_it_stands() {
    for number in ["1.50", "-0", "1e-999", "1E+2", "1.7976931348623157e308"] {
        let digits = assert_accepted(with("later", number));
        assert_eq!(digits.extra.get("later"), Some(number));
    }
    for length in [299, 300, 301, 308] {
        let digits = "9".repeat(length);
        let event = assert_accepted(with("laterInData", &digits));
        assert_eq!(event.data.extra.get("laterInData"), Some(&*digits));
    }
}
