//! Every cell of the page `guide::compared`, observed.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test, or a helper of one, fails by panicking"
)]

use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::serde_json::{self, Value};

use crate::markdown;
use crate::support::{FULL, has_arbitrary_precision, with, with_entry, without};
use see::{
    accepted, as_array, believed, kept, kinds, line_break, memory, nested, read, salvaged, told,
    tx_id, yes_no,
};

#[allow(unreachable_pub, reason = "the page shows it as one would write it")]
mod hand;
mod see;

const PAGE: &str = include_str!("../../src/guide/compared.md");

/// What this crate, the hand-written struct and `Value` do.
type Cells = [&'static str; 3];

type Point = (&'static str, fn() -> Cells);

/// Each point of the tables, and what each of the three is seen to do.
const POINTS: &[Point] = &[
    // What is new on the wire, read and written out again.
    ("`\"action\": \"revoked\"`", || {
        kept(&with("action", "\"revoked\""), &["action"])
    }),
    ("`\"status\": 3`", || {
        kept(&with("status", "3"), &["data", "status"])
    }),
    ("`\"status\": 256`", || {
        kept(&with("status", "256"), &["data", "status"])
    }),
    ("`\"status\": -1`", || {
        kept(&with("status", "-1"), &["data", "status"])
    }),
    ("an unknown key", || {
        kept(&with("later", "[\"x\"]"), &["later"])
    }),
    ("an unknown key in `data`", || {
        kept(&with("laterInData", "[\"x\"]"), &["data", "laterInData"])
    }),
    (LONG_NUMBER, || {
        let number = "123456789012345678901234567890";
        kept(&with("later", number), &["later"])
    }),
    (KEY_ORDER, || {
        kept(&with("later", r#"{"b":0,"a":0}"#), &["later"])
    }),
    ("white space between the keys", || kept(FULL, &["data"])),
    // What is not an event.
    ("a required key that is missing", || {
        accepted(without("hash"))
    }),
    ("`null` under a required key", || {
        accepted(with("hash", "null"))
    }),
    ("`\"status\": \"1\"`", || accepted(with("status", "\"1\""))),
    ("a known key twice", || {
        accepted(with_entry("hash", r#""hash": "a", "hash": "b""#))
    }),
    ("an unknown key twice", || {
        accepted(with_entry("later", r#""later": 1, "later": 2"#))
    }),
    ("an array in place of the object", || accepted(as_array())),
    ("a time with a space for its `T`", || {
        accepted(with("createdAt", "\"2023-05-30 09:21:36Z\""))
    }),
    // What is not JSON that everybody reads alike.
    ("a lone surrogate in a known text", || {
        accepted(with("name", r#""\ud800""#))
    }),
    ("a lone surrogate under an unknown key", || {
        accepted(with("later", r#""\ud800""#))
    }),
    (HUGE_NUMBER, || accepted(with("later", "1e400"))),
    ("a byte under an unknown key that is not UTF-8", || {
        let (before, after) = FULL.rsplit_once("null").unwrap();
        accepted([before.as_bytes(), b"\"\xff\"", after.as_bytes()].concat())
    }),
    ("a byte order mark", || accepted(format!("\u{feff}{FULL}"))),
    ("more text after the object", || {
        accepted(format!("{FULL}{{}}"))
    }),
    // What is dear.
    ("65 levels of nesting", || accepted(nested(65))),
    ("30,000 levels of nesting", || accepted(nested(30_000))),
    ("a body over 64 KiB", || {
        accepted(with(
            "later",
            &format!("\"{}\"", "x".repeat(MAX_BODY_BYTES)),
        ))
    }),
    ("memory for 64 KiB of `[0,0,…]`, unknown", || {
        memory(&with("later", &format!("[{}0]", "0,".repeat(32_000))))
    }),
    // What contradicts itself.
    ("`succeed` with status 2", || believed(with("status", "2"))),
    ("`succeed` without a `txId`", || believed(without("txId"))),
    ("an empty `_id`", || believed(with("_id", "\"\""))),
    ("the `txId` of a success that was checked", tx_id),
    ("`null` and no key at all are told apart", || {
        let null = read(with("name", "null"));
        let absent = read(without("name"));
        [
            yes_no(null.ours.unwrap() != absent.ours.unwrap()),
            yes_no(format!("{:?}", null.hand) != format!("{:?}", absent.hand)),
            yes_no(null.value.unwrap() != absent.value.unwrap()),
        ]
    }),
    // What an error tells.
    ("of a wrong type", || {
        told(with("status", "\"1\""), "/data/status", "status")
    }),
    ("of a missing key", || {
        told(without("hash"), "/data/hash", "hash")
    }),
    ("of a known key that is there twice", || {
        let twice = with_entry("hash", r#""hash": "a", "hash": "b""#);
        told(twice, "/data/hash", "hash")
    }),
    ("that there is a byte order mark", || {
        let read = read(format!("\u{feff}{FULL}"));
        read.each_error(|error| yes_no(error.contains("byte order mark")))
    }),
    ("whether it is JSON at all", kinds),
    ("the stamp's id, where a type is wrong", || {
        salvaged(with("status", "\"1\""))
    }),
    ("the stamp's id, where the end is cut off", || {
        salvaged(FULL.trim_end().trim_end_matches('}'))
    }),
    ("a text of 10,000 characters is quoted", || {
        let long = with("status", &format!("\"{}\"", "x".repeat(10_000)));
        read(long).each_error(|error| {
            if error.len() < 500 {
                "in part"
            } else {
                "in full"
            }
        })
    }),
    ("a line break in an unknown `action`", line_break),
];

const LONG_NUMBER: &str = "a number of 30 digits, unknown";
const KEY_ORDER: &str = "the order of keys, unknown";
const HUGE_NUMBER: &str = "`1e400` under an unknown key";

/// A point, whether its feature is on, and what `Value` does then.
type Change = (&'static str, fn() -> bool, &'static str);

/// What another crate changes by turning on features of serde_json. The page is
/// about the default, and names these in its notes.
const UNDER_FEATURES: &[Change] = &[
    (LONG_NUMBER, has_arbitrary_precision, "kept"),
    (HUGE_NUMBER, has_arbitrary_precision, "accepted"),
    (KEY_ORDER, has_preserve_order, "kept"),
];

fn has_preserve_order() -> bool {
    let value: Value = serde_json::from_str(r#"{"b":0,"a":0}"#).unwrap();
    value.to_string().starts_with(r#"{"b""#)
}

/// The rows of all tables of the page, each as its cells.
fn rows() -> Vec<Vec<String>> {
    let rows = markdown::tables(PAGE);
    assert!(rows.iter().all(|row| row.len() == 4), "four columns");
    rows
}

#[test]
fn each_cell_is_what_is_seen() {
    let rows = rows();
    for (point, see) in POINTS {
        let mut rows = rows.iter().filter(|row| row[0] == *point);
        let row = rows.next().unwrap_or_else(|| panic!("no row: {point}"));
        assert!(rows.next().is_none(), "two rows: {point}");
        let mut expected: Vec<&str> = row[1..].iter().map(String::as_str).collect();
        let changed = UNDER_FEATURES.iter().find(|(name, ..)| name == point);
        if let Some((_, is_on, otherwise)) = changed {
            if is_on() {
                expected[2] = otherwise;
            }
        }
        assert_eq!(see().as_slice(), expected, "{point}");
    }
}

#[test]
fn each_row_is_a_point() {
    let points: Vec<&str> = POINTS.iter().map(|(point, _)| *point).collect();
    let rows = rows();
    let named: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(named, points);
}

/// The notes name what the features change, and nothing else needs a note.
#[test]
fn what_features_change_is_noted() {
    for (point, ..) in UNDER_FEATURES {
        let words = point.split(&[',', '`'][..]).find(|word| !word.is_empty());
        let (_, notes) = PAGE.split_once("# Notes").unwrap();
        assert!(notes.contains(words.unwrap()), "{point}");
    }
}

#[test]
fn the_page_shows_the_struct() {
    let (_, shown) = include_str!("compared/hand.rs").split_once("\n\n").unwrap();
    assert!(PAGE.contains(&format!("```\n{shown}")), "{shown}");
}
