//! Bodies of 64 KiB made to cost as much as they can.

use edexa_webhooks::delivery::MAX_BODY_BYTES;

use crate::bodies::Body;
use crate::events::succeeded;

/// The costliest bodies that were found, accepted and refused.
pub fn hostile() -> Vec<Body> {
    let compact = succeeded().to_json().expect("it can be written");
    let (open, close) = compact.split_at(compact.len() - 2);
    let small = |index: usize| format!(",\"{}\":0", key(index));
    let alike = |index: usize| format!(",\"unknownKey{}\":0", key(index));
    let in_array = |piece: &str| {
        filled(&format!("{open},\"x\":[0"), &format!("]{close}"), |_| {
            format!(",{piece}")
        })
    };
    let in_string = |piece: &str| {
        filled(&format!("{open},\"x\":\""), &format!("\"{close}"), |_| {
            piece.to_owned()
        })
    };
    let deep = "[".repeat(60) + &"]".repeat(60);
    vec![
        body("small keys", filled(open, close, small)),
        body("keys that start alike", filled(open, close, alike)),
        body(
            "small keys, the first again at the end",
            filled(open, &format!(",\"{}\":0{close}", key(0)), small),
        ),
        body(
            "small keys, one known missing",
            filled(&open.replacen("\"hash\"", "\"hush\"", 1), close, small),
        ),
        body(
            "small keys, a lone surrogate at the end",
            filled(open, &format!(",\"zzzz\":\"\\ud800\"{close}"), small),
        ),
        body(
            "small keys, the last byte wrong",
            filled(open, &close.replacen("}}", "}x", 1), small),
        ),
        body("numbers in an array", in_array("0")),
        body("exponents in an array", in_array("1e300")),
        body("empty strings in an array", in_array("\"\"")),
        body("objects in an array", in_array("{\"\":0}")),
        body("arrays 60 levels deep", in_array(&deep)),
        body("long numbers", in_array(&"9".repeat(400))),
        body("escapes", in_string("\\n")),
        body("escaped letters", in_string("\\u0041")),
    ]
}

fn body(name: &'static str, text: String) -> Body {
    Body {
        name,
        bytes: text.into_bytes(),
        has_unknown: true,
    }
}

/// As many pieces as fit between two ends.
fn filled(open: &str, close: &str, piece: impl Fn(usize) -> String) -> String {
    let mut text = open.to_owned();
    for index in 0.. {
        let piece = piece(index);
        if text.len() + piece.len() + close.len() > MAX_BODY_BYTES {
            break;
        }
        text.push_str(&piece);
    }
    text + close
}

/// The shortest keys there are, in an order that is no order.
fn key(index: usize) -> String {
    let digits: Vec<char> = (' '..='~').filter(|c| !matches!(c, '"' | '\\')).collect();
    let mut rest = index;
    let mut key = String::new();
    loop {
        key.push(digits[rest % digits.len()]);
        rest /= digits.len();
        if rest == 0 {
            return key;
        }
        rest -= 1;
    }
}
