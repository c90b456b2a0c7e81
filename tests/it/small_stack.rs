//! The deepest body that is accepted, and deeper ones, on a small stack.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test, or a helper of one, fails by panicking"
)]

use std::thread;

use edexa_webhooks::WebhookEvent;
use edexa_webhooks::chrono::{DateTime, Utc};
use edexa_webhooks::serde_json::{self, Value};

use crate::reference::{meaning, meaning_of};
use crate::support::with;

/// Without optimisation, frames are several times as large.
const STACK_BYTES: usize = if cfg!(debug_assertions) {
    512 * 1024
} else {
    128 * 1024
};

#[track_caller]
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(STACK_BYTES);
    thread.spawn(work).unwrap().join().unwrap();
}

/// Arrays and objects in turn, with a number beside each: where numbers keep
/// their digits, each one looks like a level of its own.
fn nested(levels: usize, space: &str) -> String {
    let mut value = String::from("1.50");
    for level in (0..levels).rev() {
        value = if level % 2 == 0 {
            format!("[-1,{space}{value}, 2]")
        } else {
            format!("{{\"a\": 7,{space}\"b\": {value}, \"c\": 0.1}}")
        };
    }
    value
}

/// A body that reaches level 64 in both objects.
fn deepest(space: &str) -> String {
    let in_data = nested(62, space);
    with("laterInData", &in_data).replacen(
        "\"later\": null",
        &format!("\"later\": {}", nested(63, space)),
        1,
    )
}

#[test]
fn the_deepest_body_is_read_checked_compared_written_and_dropped() {
    let (body, spaced) = (deepest(""), deepest("  "));
    on_a_small_stack(move || {
        let event = WebhookEvent::from_slice(body.as_bytes()).unwrap();
        let same: WebhookEvent = spaced.parse().unwrap();
        assert_eq!(event, same, "spelling does not count");
        assert_ne!(event.extra.get("later"), same.extra.get("later"));
        let read: WebhookEvent = serde_json::from_str(&body).unwrap();
        assert_eq!(read, event);
        assert!(event.outcome().is_ok());
        assert!(!event.check_at(DateTime::<Utc>::UNIX_EPOCH).is_empty());
        let written = serde_json::to_string(&event).unwrap();
        assert_eq!(written.parse(), Ok(event.clone()));
        assert!(format!("{event:?}").contains("laterInData"));
        assert!(!event.to_string().is_empty());
        drop((event, same, read));
    });
}

#[test]
fn the_deepest_value_is_read() {
    let body = deepest("");
    on_a_small_stack(move || {
        let value: Value = serde_json::from_str(&body).unwrap();
        let event = WebhookEvent::try_from(value.clone()).unwrap();
        assert_eq!(Ok(&event), body.parse().as_ref());
        assert_eq!(meaning(&event), meaning_of(&body));
    });
}

/// Under its own key, serde_json's `Value` may read a string as JSON, with a limit on
/// nesting that starts anew. With escapes that do not grow, 64 KiB hold thousands of
/// levels. Here it is a string.
#[test]
fn nesting_that_strings_hide_is_text() {
    let mut value = "[]".to_owned();
    for _ in 0..60 {
        let string = value.replace('\\', "\\u005c").replace('"', "\\u0022");
        let (open, close) = ("[".repeat(100), "]".repeat(100));
        value = format!("{{\"$serde_json::private::RawValue\":\"{open}{string}{close}\"}}");
    }
    let bodies = [with("later", &value), with("laterInData", &value)];
    on_a_small_stack(move || {
        for body in &bodies {
            let event: WebhookEvent = body.parse().unwrap();
            let spaced: WebhookEvent = body.replace("\":\"", "\": \"").parse().unwrap();
            assert_eq!(event, spaced);
            let value = serde_json::to_value(&event).unwrap();
            assert_eq!(WebhookEvent::try_from(value).as_ref(), Ok(&event));
            let read: WebhookEvent = serde_json::from_str(body).unwrap();
            assert_eq!(read, event);
        }
    });
}

#[test]
fn deeper_bodies_are_refused() {
    let bodies = [64, 65, 127, 128, 30_000].map(|levels| with("later", &nested(levels, "")));
    let array = "[".repeat(30_000);
    let object = "{\"a\":".repeat(30_000);
    on_a_small_stack(move || {
        for body in &bodies {
            let read = WebhookEvent::from_slice_with_limit(body.as_bytes(), usize::MAX);
            let message = "expected at most 64 levels of nesting, found more";
            assert_eq!(read.unwrap_err().message(), message);
            assert!(serde_json::from_str::<WebhookEvent>(body).is_err());
        }
        for value in [array, object] {
            for body in [with("later", &value), with("name", &value), value] {
                let read = WebhookEvent::from_slice_with_limit(body.as_bytes(), usize::MAX);
                assert!(read.is_err());
            }
        }
    });
}
