//! The enums over what the wire says today, open to what it may say tomorrow.

use std::collections::HashSet;
use std::fmt::{Debug, Display};
use std::hash::Hash;

use edexa_webhooks::{Action, StampStatus, StampType};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::assert_refuses;

trait OpenText:
    for<'a> From<&'a str>
    + From<String>
    + From<Box<str>>
    + Into<String>
    + std::str::FromStr<Err = std::convert::Infallible>
    + AsRef<str>
    + PartialEq<str>
    + for<'a> PartialEq<&'a str>
    + PartialEq<String>
    + Serialize
    + DeserializeOwned
    + Display
    + Debug
    + Clone
    + Hash
    + Ord
{
    fn text(&self) -> &str;
    /// The content of the unknown variant, exact and shown.
    fn unknown(&self) -> Option<(&str, String)>;
    fn says_unknown(&self) -> bool;
    fn equals_on_the_right(text: &str, value: &Self) -> bool;
}

macro_rules! open_text {
    ($($name:ident)*) => {$(
        impl OpenText for $name {
            fn text(&self) -> &str {
                self.as_str()
            }

            fn unknown(&self) -> Option<(&str, String)> {
                match self {
                    Self::Unknown(unknown) => Some((unknown.as_str(), unknown.to_string())),
                    _ => None,
                }
            }

            fn says_unknown(&self) -> bool {
                self.is_unknown()
            }

            fn equals_on_the_right(text: &str, value: &Self) -> bool {
                *text == *value && text == *value
            }
        }
    )*};
}

open_text!(Action StampType);

/// Every way to read a text gives this value, and the value gives the text back.
#[track_caller]
fn assert_reads_as<T: OpenText>(text: &str, value: &T, is_unknown: bool) {
    let json = serde_json::to_string(text).unwrap();
    for read in [
        T::from(text),
        T::from(text.to_owned()),
        text.parse().unwrap(),
        serde_json::from_str(&json).unwrap(),
    ] {
        assert_eq!(read, *value, "{text:?}");
        assert_eq!(read.text(), text);
        assert_eq!(read.as_ref(), text);
        assert_eq!(read.says_unknown(), is_unknown, "{text:?}");
        assert_eq!(
            read.unknown().map(|(exact, _)| exact),
            is_unknown.then_some(text)
        );
        assert!(read == text && read == *text && T::equals_on_the_right(text, &read));
        assert!(read != "other" && !T::equals_on_the_right("other", &read));
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
    }
}

#[track_caller]
fn assert_known<T: OpenText>(known: &[(&str, T)]) {
    for (text, value) in known {
        assert_reads_as(text, value, false);
        assert_eq!(value.to_string(), *text);
    }
    let distinct: HashSet<_> = known.iter().map(|(_, value)| value).collect();
    assert_eq!(distinct.len(), known.len());
}

#[track_caller]
fn assert_unknown<T: OpenText>(texts: &[&str]) {
    for text in texts {
        assert_reads_as(text, &T::from(*text), true);
    }
    let hostile = T::from("a\n\u{202e}");
    assert_eq!(hostile.to_string(), "a\\n\\u{202e}");
    assert_eq!(
        hostile.unknown(),
        Some(("a\n\u{202e}", "a\\n\\u{202e}".to_owned()))
    );
    let long = "x".repeat(70_000);
    assert_eq!(T::from(long.as_str()).to_string(), long);
}

#[track_caller]
fn assert_order<T: OpenText>(texts: &[&str]) {
    assert!(texts.is_sorted());
    for left in texts {
        for right in texts {
            let (a, b) = (T::from(*left), T::from(*right));
            assert_eq!(a.cmp(&b), left.cmp(right), "{left:?} {right:?}");
            assert_eq!(a.partial_cmp(&b), Some(left.cmp(right)));
            assert_eq!(a == b, left == right);
        }
    }
}

#[test]
fn actions() {
    assert_known(&[("succeed", Action::Succeeded), ("failed", Action::Failed)]);
    assert_unknown::<Action>(&[
        "",
        "Succeed",
        "SUCCEED",
        "succeeded",
        "succeed ",
        " failed",
        "fail",
        "failed\0",
        "hash.success",
        "revoked",
        "ｆailed",
    ]);
    assert_order::<Action>(&["", "a", "failed", "failed ", "revoked", "succeed", "z"]);
    let message = "invalid type: integer `1`, expected a string";
    assert_refuses::<Action>("1", message);
    let message = "invalid type: null, expected a string";
    assert_refuses::<Action>("null", message);
}

#[test]
fn stamp_types() {
    assert_known(&[
        ("0", StampType::Api),
        ("1", StampType::Web),
        ("2", StampType::Mobile),
        ("3", StampType::Desktop),
        ("4", StampType::Extension),
    ]);
    assert_unknown::<StampType>(&["", "5", "-1", "00", "0 ", " 0", "+1", "1.0", "٣", "api"]);
    assert_order::<StampType>(&["", "-1", "0", "00", "1", "10", "2", "3", "4", "40", "5"]);
    let message = "invalid type: integer `0`, expected a string";
    assert_refuses::<StampType>("0", message);
}

const STATUSES: [i64; 8] = [i64::MIN, -1, 0, 1, 2, 3, 10, i64::MAX];

#[test]
fn statuses_are_read_and_written_as_numbers() {
    for code in STATUSES {
        let status = StampStatus::from(code);
        let known = match code {
            0 => Some(StampStatus::Pending),
            1 => Some(StampStatus::Succeeded),
            2 => Some(StampStatus::Failed),
            _ => None,
        };
        assert_eq!(status.is_unknown(), known.is_none(), "{code}");
        if let StampStatus::Unknown(unknown) = status {
            assert_eq!(
                (unknown.code(), unknown.to_string()),
                (code, code.to_string())
            );
        }
        assert_eq!(known.unwrap_or(status), status);
        assert_eq!(status.code(), code);
        assert_eq!(i64::from(status), code);
        assert_eq!(status.to_string(), code.to_string());
        assert_eq!(serde_json::to_string(&status).unwrap(), code.to_string());
        let read: StampStatus = serde_json::from_str(&code.to_string()).unwrap();
        assert_eq!(read, status);
    }
}

#[test]
fn statuses_are_ordered_by_their_number() {
    for left in STATUSES {
        for right in STATUSES {
            let (a, b) = (StampStatus::from(left), StampStatus::from(right));
            assert_eq!(a.cmp(&b), left.cmp(&right), "{left} {right}");
            assert_eq!(a.partial_cmp(&b), Some(left.cmp(&right)));
            assert_eq!(a == b, left == right);
        }
    }
    let distinct: HashSet<_> = STATUSES.into_iter().map(StampStatus::from).collect();
    assert_eq!(distinct.len(), STATUSES.len());
}

#[test]
fn only_success_and_failure_are_final() {
    for code in STATUSES {
        let is_final = StampStatus::from(code).is_final();
        assert_eq!(is_final, [1, 2].contains(&code), "{code}");
    }
}

#[test]
fn a_status_is_an_integer_that_fits() {
    const EXPECTED: &str = "expected an integer from -2^63 to 2^63 - 1";
    for (json, found) in [
        ("\"1\"", "string \"1\""),
        ("1.0", "floating point `1.0`"),
        ("true", "boolean `true`"),
        ("null", "null"),
        ("[1]", "sequence"),
    ] {
        assert_refuses::<StampStatus>(json, &format!("invalid type: {found}, {EXPECTED}"));
    }
    let message = format!("{EXPECTED}, found the number 9223372036854775808");
    assert_refuses::<StampStatus>("9223372036854775808", &message);
    assert!(serde_json::from_str::<StampStatus>("-9223372036854775809").is_err());
}

#[test]
fn each_kind_of_text_gives_the_same_value() {
    fn check<T: OpenText>(texts: &[&str])
    where
        String: PartialEq<T>,
    {
        for text in texts {
            let value = T::from(*text);
            assert_eq!(value, T::from((*text).to_owned()));
            assert_eq!(value, T::from(Box::<str>::from(*text)));
            assert_eq!(value, (*text).to_owned());
            assert_eq!((*text).to_owned(), value);
            let back: String = value.into();
            assert_eq!(back.as_str(), *text);
        }
    }
    check::<Action>(&["succeed", "failed", "Succeed", ""]);
    check::<StampType>(&["0", "4", "5", ""]);
}

#[test]
fn labels_are_of_a_fixed_set() {
    for (action, label) in [
        ("succeed", "succeed"),
        ("failed", "failed"),
        ("Succeed", "unknown"),
        ("unknown", "unknown"),
        ("", "unknown"),
        ("\n{le=\"1\"}", "unknown"),
    ] {
        assert_eq!(Action::from(action).label(), label);
    }
    for known in ["0", "1", "2", "3", "4"] {
        assert_eq!(StampType::from(known).label(), known);
    }
    assert_eq!(StampType::from("5").label(), "unknown");
}

#[test]
fn a_status_says_which_it_is() {
    for (code, pending, succeeded, failed) in [
        (0, true, false, false),
        (1, false, true, false),
        (2, false, false, true),
        (3, false, false, false),
        (-1, false, false, false),
        (i64::MIN, false, false, false),
    ] {
        let status = StampStatus::from(code);
        assert_eq!(status.is_pending(), pending, "{code}");
        assert_eq!(status.is_succeeded(), succeeded, "{code}");
        assert_eq!(status.is_failed(), failed, "{code}");
        assert_eq!(status.is_final(), succeeded || failed, "{code}");
        assert_eq!(
            status.is_unknown(),
            !pending && !succeeded && !failed,
            "{code}"
        );
    }
}
