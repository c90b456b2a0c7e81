//! Bodies that are too long or nested too deep.

use edexa_webhooks::Category::{Data, Syntax, TooLarge};
use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::serde_json::{self, Value};
use edexa_webhooks::{ParseError, Salvaged, WebhookEvent};

use crate::support::{
    FULL, assert_accepted, assert_refused, assert_refused_alike, position_of, with,
};

#[track_caller]
fn assert_too_large(error: &ParseError, limit: usize) {
    let message = format!("expected at most {limit} bytes, found more");
    assert_eq!(error.to_string(), message);
    assert_eq!(error.message(), message);
    assert_eq!(error.category(), TooLarge);
    assert_eq!(error.pointer(), "");
    assert_eq!((error.line(), error.column()), (0, 0));
    assert_eq!(error.salvaged(), &Salvaged::default());
}

fn padded(length: usize) -> String {
    let value = "x".repeat(length - with("later", "\"\"").len());
    with("later", &format!("\"{value}\""))
}

#[test]
fn a_body_at_the_limit_is_accepted() {
    assert_eq!(MAX_BODY_BYTES, 65_536);
    let body = padded(MAX_BODY_BYTES);
    assert_eq!(body.len(), MAX_BODY_BYTES);
    assert_accepted(body);
}

#[test]
fn a_body_over_the_limit_is_refused() {
    for body in [
        padded(MAX_BODY_BYTES + 1),
        format!("{FULL}{}", " ".repeat(MAX_BODY_BYTES + 1 - FULL.len())),
        " ".repeat(MAX_BODY_BYTES + 1),
        "\u{feff}".repeat(MAX_BODY_BYTES),
    ] {
        let error = assert_refused_alike(&body);
        assert_too_large(&error, MAX_BODY_BYTES);
    }
}

#[test]
fn a_body_over_the_limit_is_not_looked_at() {
    let error = assert_refused_alike(vec![0xff; MAX_BODY_BYTES + 1]);
    assert_too_large(&error, MAX_BODY_BYTES);
}

#[test]
fn a_limit_of_ones_own_is_held() {
    let length = FULL.len();
    let read = |limit| WebhookEvent::from_slice_with_limit(FULL.as_bytes(), limit);
    let event = assert_accepted(FULL);
    assert_eq!(read(length).as_ref(), Ok(&event));
    assert_eq!(read(usize::MAX).as_ref(), Ok(&event));
    for limit in [0, 1, length - 1] {
        assert_too_large(&read(limit).unwrap_err(), limit);
    }
}

#[test]
fn a_limit_above_the_default_is_held() {
    let body = padded(MAX_BODY_BYTES * 2);
    let read = |limit| WebhookEvent::from_slice_with_limit(body.as_bytes(), limit);
    assert!(read(body.len()).is_ok());
    assert_too_large(&read(body.len() - 1).unwrap_err(), body.len() - 1);
}

#[test]
fn a_limit_of_nothing_lets_nothing_through() {
    let read = |body: &[u8]| WebhookEvent::from_slice_with_limit(body, 0).unwrap_err();
    assert_too_large(&read(b"{"), 0);
    let message = "expected a value, found the end at line 1 column 1";
    assert_eq!(read(b"").to_string(), message);
}

#[test]
fn what_takes_no_bytes_has_no_size_limit() {
    let body = padded(MAX_BODY_BYTES + 1);
    let value: Value = serde_json::from_str(&body).unwrap();
    let event: WebhookEvent = serde_json::from_str(&body).unwrap();
    assert_eq!(WebhookEvent::try_from(value), Ok(event));
}

/// A value that nests this many levels, arrays and objects in turn or not.
fn nested(levels: usize, shape: &[(&str, &str)]) -> String {
    let shape = || shape.iter().cycle().take(levels);
    let opened: String = shape().map(|(open, _)| *open).collect();
    let mut closed: Vec<&str> = shape().map(|(_, close)| *close).collect();
    closed.reverse();
    format!("{opened}0{}", closed.concat())
}

const SHAPES: [&[(&str, &str)]; 4] = [
    &[("[", "]")],
    &[("{\"a\":", "}")],
    &[("[", "]"), ("{\"a\":", "}")],
    &[
        ("[1, {}, ", ", []]"),
        ("{\"a\": [0], \"b\": ", ", \"c\": {}}"),
    ],
];

/// The body is level 1, and `data` level 2.
const LEVELS_LEFT: [(&str, usize, &str); 2] = [("later", 63, ""), ("laterInData", 62, "/data")];

#[test]
fn sixty_four_levels_are_accepted() {
    for shape in SHAPES {
        for (key, left, _) in LEVELS_LEFT {
            // In the last shape, what stands beside a level is one deeper.
            let has_siblings = shape[0].0.contains(',');
            let value = nested(left - usize::from(has_siblings), shape);
            let event = assert_accepted(with(key, &value));
            let kept = event.extra.get(key).or(event.data.extra.get(key));
            assert_eq!(kept, Some(value.as_str()));
        }
    }
}

const TOO_DEEP: &str = "expected at most 64 levels of nesting, found more";

/// Where the bracket stands that opens one level too many.
#[track_caller]
fn first_too_deep(body: &str) -> (usize, usize) {
    let mut depth = 0;
    let bracket = body.find(|c| {
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth -= 1,
            _ => (),
        }
        depth == 65
    });
    let before = &body[..bracket.unwrap()];
    position_of(&format!("{before}☠"), "☠")
}

#[test]
fn sixty_five_levels_are_refused() {
    for shape in SHAPES {
        for (key, left, pointer) in LEVELS_LEFT {
            for levels in [left + 1, left + 2, 126, 127, 128, 1_000] {
                let body = with(key, &nested(levels, shape));
                let place = first_too_deep(&body);
                assert_refused(&body, Syntax, pointer, place, TOO_DEEP);
            }
        }
    }
}

#[test]
fn the_innermost_array_counts_though_it_is_empty() {
    for (key, left, pointer) in LEVELS_LEFT {
        for (open, close) in [("[", "]"), ("{", "}")] {
            let at = |levels: usize| {
                let outer = nested(levels - 1, &[("[", "]")]);
                with(key, &outer.replace('0', &format!("{open}{close}")))
            };
            assert_accepted(at(left));
            let body = at(left + 1);
            assert_refused(&body, Syntax, pointer, first_too_deep(&body), TOO_DEEP);
        }
    }
}

#[test]
fn thirty_thousand_levels_are_refused() {
    for shape in SHAPES {
        for (key, _, pointer) in LEVELS_LEFT {
            let body = with(key, &nested(30_000, shape));
            let read = WebhookEvent::from_slice_with_limit(body.as_bytes(), body.len());
            let error = read.unwrap_err();
            assert_eq!(
                (error.message().as_str(), error.pointer()),
                (TOO_DEEP, pointer)
            );
            assert_eq!((error.line(), error.column()), first_too_deep(&body));
            assert!(serde_json::from_str::<WebhookEvent>(&body).is_err());
        }
    }
}

#[test]
fn thirty_thousand_levels_without_an_end_are_refused() {
    for (key, _, pointer) in LEVELS_LEFT {
        let start = with(key, "☠");
        let start = start.split('☠').next().unwrap();
        let body = format!("{start}{}", "[".repeat(30_000));
        assert_refused(&body, Syntax, pointer, first_too_deep(&body), TOO_DEEP);
    }
}

#[test]
fn thirty_thousand_levels_under_a_known_key_are_of_the_wrong_type() {
    for (key, pointer, at) in [
        ("action", "/action", (4, 13)),
        ("name", "/data/name", (9, 13)),
    ] {
        let body = with(key, &nested(30_000, &[("[", "]")]));
        let message = "expected a string, found an array";
        assert_refused(&body, Data, pointer, at, message);
    }
    let body = nested(30_000, &[("[", "]")]);
    assert_refused(
        &body,
        Data,
        "",
        (1, 1),
        "expected an object, found an array",
    );
}

#[test]
fn levels_side_by_side_do_not_add_up() {
    let value = format!("[{}]", vec![nested(61, &[("[", "]")]); 20].join(","));
    assert_accepted(with("laterInData", &value));
}
