//! The names that one subscribes to.

use edexa_webhooks::{Action, EventName};

use super::assert_refuses;

const EXPECTED: &str =
    "expected `hash.success`, `hash.succeed`, `hash.failure` or `hash.failed`, found";

#[test]
fn both_documented_spellings_are_read_and_the_first_is_written() {
    for (name, written, spellings) in [
        (
            EventName::HashSuccess,
            "hash.success",
            ["hash.success", "hash.succeed"],
        ),
        (
            EventName::HashFailure,
            "hash.failure",
            ["hash.failure", "hash.failed"],
        ),
    ] {
        for spelling in spellings {
            assert_eq!(spelling.parse(), Ok(name));
            let json = format!("\"{spelling}\"");
            assert_eq!(serde_json::from_str::<EventName>(&json).unwrap(), name);
        }
        assert_eq!(name.as_str(), written);
        assert_eq!(name.to_string(), written);
        assert_eq!(format!("[{name:>14}]"), format!("[  {written}]"));
        let json = serde_json::to_string(&name).unwrap();
        assert_eq!(json, format!("\"{written}\""));
    }
}

#[test]
fn names_and_actions_belong_together() {
    for (name, action) in [
        (EventName::HashSuccess, Action::Succeeded),
        (EventName::HashFailure, Action::Failed),
    ] {
        assert_eq!(action.event_name(), Some(name));
        assert_eq!(name.action(), action);
    }
    assert_eq!(Action::from("revoked").event_name(), None);
    assert_eq!(Action::from("hash.success").event_name(), None);
}

#[track_caller]
fn assert_refused(name: &str, found: &str) {
    let error = name.parse::<EventName>().unwrap_err();
    assert_eq!(error.to_string(), format!("{EXPECTED} \"{found}\""));
}

#[test]
fn no_other_name_is_read() {
    assert_refused("", "");
    assert_refused("succeed", "succeed");
    assert_refused("hash.pending", "hash.pending");
    assert_refused("Hash.success", "Hash.success");
    assert_refused("hash.success ", "hash.success ");
    assert_refused("hash.fail", "hash.fail");
    assert_refused("hash\n\u{202e}", "hash\\n\\u{202e}");
    assert_refused(&"x".repeat(40), &"x".repeat(40));
    let message = "x".repeat(41).parse::<EventName>().unwrap_err().to_string();
    assert!(
        message.ends_with(&format!("found \"{}\"…", "x".repeat(40))),
        "{message}"
    );
}

#[test]
fn no_other_json_is_read() {
    assert_refuses::<EventName>("\"hash\"", &format!("{EXPECTED} the string \"hash\""));
    for (json, found) in [("0", "integer `0`"), ("null", "null")] {
        let expected = EXPECTED.trim_end_matches(", found");
        assert_refuses::<EventName>(json, &format!("invalid type: {found}, {expected}"));
    }
}
