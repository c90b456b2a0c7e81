//! What the parser refuses and a schema cannot: each by name, with bodies that
//! show it.

use edexa_webhooks::chrono::{DateTime, Datelike};
use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::testing::{FAILED, SUCCEEDED};
use edexa_webhooks::{Category, WebhookEvent};
use serde_json::Value;

use crate::agreement::validator;
use crate::reference;
use crate::support::{FULL, with, with_entry};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Difference {
    DuplicateKey,
    Depth,
    Size,
    StatusSpelling,
    YearAfterOffset,
}

impl Difference {
    const ALL: [Self; 5] = [
        Self::DuplicateKey,
        Self::Depth,
        Self::Size,
        Self::StatusSpelling,
        Self::YearAfterOffset,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::DuplicateKey => "duplicate keys",
            Self::Depth => "depth",
            Self::Size => "size",
            Self::StatusSpelling => "the spelling of `status`",
            Self::YearAfterOffset => "the year after conversion to UTC",
        }
    }

    /// Whether a body has what only the parser minds. Looks at the body alone:
    /// what either side says of it does not count.
    fn is_in(self, body: &[u8], value: &Value) -> bool {
        match self {
            Self::DuplicateKey => reference::has_duplicates(body),
            Self::Depth => depth(value) > 64,
            Self::Size => body.len() > MAX_BODY_BYTES,
            Self::StatusSpelling => {
                let status = &value["data"]["status"];
                let double = status.as_f64().filter(|_| status.is_f64());
                double.is_some_and(|double| double.fract() == 0.0)
            }
            Self::YearAfterOffset => ["createdAt", "updatedAt"].into_iter().any(|key| {
                let time = value["data"][key].as_str().unwrap_or_default();
                let time = DateTime::parse_from_rfc3339(time);
                time.is_ok_and(|time| !(0..=9999).contains(&time.to_utc().year()))
            }),
        }
    }

    pub(crate) fn all_in(body: &[u8], value: &Value) -> Vec<Self> {
        let all = Self::ALL.into_iter();
        all.filter(|difference| difference.is_in(body, value))
            .collect()
    }
}

fn depth(value: &Value) -> usize {
    let deepest = match value {
        Value::Array(items) => items.iter().map(depth).max(),
        Value::Object(entries) => entries.values().map(depth).max(),
        _ => return 0,
    };
    deepest.unwrap_or(0) + 1
}

/// The schema accepts the body, the parser does not, and this is why.
#[track_caller]
fn shows(difference: Difference, body: &str, category: Category, message: &str) {
    let value: Value = serde_json::from_str(body).unwrap();
    assert!(validator().is_valid(&value), "{body}");
    let error = WebhookEvent::from_slice(body.as_bytes()).unwrap_err();
    assert_eq!(error.message(), message);
    assert_eq!(error.category(), category, "{error}");
    let why = Difference::all_in(body.as_bytes(), &value);
    assert_eq!(why, [difference], "{body}");
}

/// JSON readers keep one of the values, and a schema sees that one only.
#[test]
fn duplicate_keys() {
    for key in ["webhookId", "_id", "later", "laterInData"] {
        let entry = format!("\"{key}\": \"a\"");
        shows(
            Difference::DuplicateKey,
            &with_entry(key, &format!("{entry}, {entry}")),
            Category::Data,
            &format!("duplicate key \"{key}\""),
        );
    }
    shows(
        Difference::DuplicateKey,
        &with_entry("code", "\"code\": 1, \"code\": \"a\""),
        Category::Data,
        "expected a string, found the number 1",
    );
}

/// No keyword counts levels.
#[test]
fn depth_of_more_than_64_levels() {
    let body = with("later", &format!("{}{}", "[".repeat(64), "]".repeat(64)));
    let message = "expected at most 64 levels of nesting, found more";
    shows(Difference::Depth, &body, Category::Syntax, message);
}

/// No keyword counts bytes.
#[test]
fn size_of_more_than_64_kib() {
    let body = with("later", &format!("\"{}\"", "a".repeat(MAX_BODY_BYTES)));
    let message = "expected at most 65536 bytes, found more";
    shows(Difference::Size, &body, Category::TooLarge, message);
}

/// To JSON Schema, `1.0` is the integer 1. Readers that hold numbers as doubles
/// round others to an integer within the range.
#[test]
fn spellings_of_the_status() {
    for (status, found) in [
        ("1.0", "1.0"),
        ("1e0", "1.0"),
        ("10E-1", "1.0"),
        ("-0", "-0.0"),
        ("-0.0", "-0.0"),
        ("1e-999", "0.0"),
        ("-9223372036854775809", "-9.223372036854776e18"),
    ] {
        let expected = "expected an integer from -2^63 to 2^63 - 1, found the number";
        shows(
            Difference::StatusSpelling,
            &with("status", status),
            Category::Data,
            &format!("{expected} {found}"),
        );
    }
}

/// A pattern cannot add.
#[test]
fn years_after_the_offset() {
    for key in ["createdAt", "updatedAt"] {
        for time in ["0000-01-01T00:59:59+01:00", "9999-12-31T23:00:00-01:00"] {
            let expected = "expected an RFC 3339 time such as \"2023-05-30T09:21:36.966Z\"";
            shows(
                Difference::YearAfterOffset,
                &with(key, &format!("\"{time}\"")),
                Category::Data,
                &format!("{expected}, found the string \"{time}\""),
            );
        }
    }
}

#[test]
fn the_readme_lists_the_differences() {
    let readme = include_str!("../../README.md");
    let (_, table) = readme
        .split_once("| what | a body that shows it |")
        .unwrap();
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let listed: Vec<_> = rows
        .map(|row| row.split('|').nth(1).unwrap().trim())
        .collect();
    assert_eq!(listed, Difference::ALL.map(Difference::name));
}

/// What the parser refuses and serde_json refuses too, so that no schema is
/// asked. Other readers may be laxer.
#[test]
fn what_is_no_json_value() {
    for (body, category) in [
        (
            with("name", "\"\u{e9}\"")
                .replace('\u{e9}', "\\ud800")
                .into_bytes(),
            Category::Syntax,
        ),
        (with("later", "1e400").into_bytes(), Category::Syntax),
        (with("later", "01").into_bytes(), Category::Syntax),
        (format!("{FULL}1").into_bytes(), Category::Syntax),
        (format!("\u{feff}{FULL}").into_bytes(), Category::Encoding),
        ([FULL.as_bytes(), b"\xff"].concat(), Category::Encoding),
        (Vec::new(), Category::Syntax),
    ] {
        assert!(serde_json::from_slice::<Value>(&body).is_err());
        let error = WebhookEvent::from_slice(&body).unwrap_err();
        assert_eq!(error.category(), category, "{error}");
    }
}

/// Whether a validator asserts `format` makes no difference: none is used for times.
#[test]
fn asserted_formats_accept_leap_seconds() {
    let strict = jsonschema::options()
        .should_validate_formats(true)
        .build(&edexa_webhooks_schema::event_schema())
        .unwrap();
    for body in [
        SUCCEEDED,
        FAILED,
        &with("createdAt", "\"2016-12-31T23:59:60z\""),
        &with("createdAt", "\"2023-05-30T09:21:60Z\""),
    ] {
        let value = serde_json::from_str(body).unwrap();
        assert!(strict.is_valid(&value), "{body}");
        body.parse::<WebhookEvent>().unwrap();
    }
}

/// A pattern's `$` is the end of the string here. To Python's `re` it is also before a
/// trailing line break.
#[test]
fn a_time_with_a_line_break_after_it_is_refused() {
    let body = with("createdAt", "\"2023-05-30T09:21:36.966Z\\n\"");
    assert!(!validator().is_valid(&serde_json::from_str(&body).unwrap()));
    assert!(body.parse::<WebhookEvent>().is_err());
}
