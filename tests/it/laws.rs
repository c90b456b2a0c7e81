//! What must hold of every body: documented ones are read in any spelling,
//! unknown content comes out as it went in, unknown values cannot pass for
//! known ones, and nothing that is printed can harm a log.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on ends by panicking"
)]

use std::fmt::Debug;

use edexa_webhooks::{
    Action, Outcome, Rejection, Rule, Stamp, StampStatus, StampType, WebhookEvent, testing,
};
use serde_json::Value;

use crate::reference::{meaning, meaning_of};
use crate::support::STAMP;

const DOCUMENTED: [&str; 2] = [testing::SUCCEEDED, testing::FAILED];

#[track_caller]
fn read(body: &str) -> WebhookEvent {
    match body.parse() {
        Ok(event) => event,
        Err(error) => panic!("{error}\n{body}"),
    }
}

#[track_caller]
fn reads_the_same(body: &str, documented: &str) {
    assert_eq!(read(body), read(documented), "{body}");
}

/// Applies a function to each piece of a JSON text that has no escapes: `true`
/// comes with what stands inside double quotes.
fn map_pieces(json: &str, piece: impl Fn(bool, &str) -> String) -> String {
    json.split('"')
        .zip([false, true].into_iter().cycle())
        .map(|(text, in_string)| piece(in_string, text))
        .collect::<Vec<_>>()
        .join("\"")
}

/// A documented body with no white space, so that it is what serializing writes
/// if the order of its keys is that of the success sample.
fn compact(json: &str) -> String {
    map_pieces(json, |in_string, text| {
        if in_string {
            // Times are written in the fewest digits.
            text.replace(".610Z", ".61Z")
        } else {
            text.replace([' ', '\n'], "")
        }
    })
}

mod documented_bodies_are_read {
    use super::*;

    #[test]
    fn and_they_are_valid() {
        let (succeeded, failed) = (read(testing::SUCCEEDED), read(testing::FAILED));
        assert!(matches!(
            succeeded.outcome().unwrap(),
            Outcome::Succeeded(_)
        ));
        assert!(matches!(failed.outcome().unwrap(), Outcome::Failed(_)));
        let found: Vec<_> = succeeded
            .check()
            .iter()
            .map(|finding| finding.rule)
            .collect();
        assert_eq!(found, [Rule::MalformedTxId, Rule::MalformedHash]);
        assert!(failed.check().is_empty(), "{}", failed.check());
    }

    /// The entries of an object, each as the JSON text that it makes.
    fn entries(object: &Value) -> Vec<String> {
        let entries = object.as_object().unwrap().iter();
        entries
            .filter(|(key, _)| *key != "data")
            .map(|(key, value)| format!("\"{key}\":{value}"))
            .collect()
    }

    fn object_of(entries: &[String]) -> String {
        format!("{{{}}}", entries.join(","))
    }

    /// Both levels of a body, `data` being the last entry of the outer one.
    fn levels(documented: &str) -> (Vec<String>, Vec<String>) {
        let value: Value = documented.parse().unwrap();
        let mut outer = entries(&value);
        outer.push(String::new());
        (outer, entries(&value["data"]))
    }

    fn joined(outer: &[String], data: &[String]) -> String {
        let data = format!("\"data\":{}", object_of(data));
        let outer: Vec<_> = outer
            .iter()
            .map(|entry| if entry.is_empty() { &data } else { entry })
            .cloned()
            .collect();
        object_of(&outer)
    }

    fn rotations(entries: &[String]) -> impl Iterator<Item = Vec<String>> {
        let rotated = |by| {
            let mut entries = entries.to_vec();
            entries.rotate_left(by);
            entries
        };
        (0..entries.len()).map(rotated)
    }

    /// Another order for each seed, the same on every run.
    fn shuffled(entries: &[String], seed: u64) -> Vec<String> {
        let mut entries = entries.to_vec();
        entries.sort_by_key(|entry| {
            let mix = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            entry.bytes().fold(mix(seed, 0x9e), mix).rotate_left(32)
        });
        entries
    }

    #[test]
    fn with_their_keys_in_any_order() {
        for documented in DOCUMENTED {
            let (outer, data) = levels(documented);
            assert_eq!(outer.len(), 4);
            for outer in rotations(&outer) {
                for data in rotations(&data) {
                    reads_the_same(&joined(&outer, &data), documented);
                }
            }
            let mut orders: Vec<_> = (0..100)
                .map(|seed| joined(&shuffled(&outer, seed), &shuffled(&data, seed)))
                .collect();
            for body in &orders {
                reads_the_same(body, documented);
            }
            orders.sort();
            orders.dedup();
            assert_eq!(orders.len(), 100, "the shuffles repeat themselves");
        }
    }

    #[test]
    fn with_any_white_space_that_json_has() {
        for documented in DOCUMENTED {
            for space in ["", " ", "\t", "\n", "\r", "\r\n", " \t\r\n \n"] {
                let body = map_pieces(&compact(documented), |in_string, text| {
                    if in_string {
                        return text.to_owned();
                    }
                    let mut spaced = space.to_owned();
                    for c in text.chars() {
                        spaced.push(c);
                        if !c.is_ascii_alphanumeric() {
                            spaced.push_str(space);
                        }
                    }
                    spaced
                });
                reads_the_same(&body, documented);
            }
        }
    }

    #[test]
    fn but_with_no_other_white_space() {
        for space in ["\u{b}", "\u{c}", "\u{a0}", "\u{2028}", "\u{3000}"] {
            for body in [
                format!("{space}{}", testing::FAILED),
                format!("{}{space}", testing::FAILED),
                testing::FAILED.replacen(':', &format!(":{space}"), 1),
            ] {
                assert!(body.parse::<WebhookEvent>().is_err(), "{body:?}");
            }
        }
    }

    #[test]
    fn with_every_character_of_keys_and_values_escaped() {
        let upper = |c: char| format!("\\u{:04X}", u32::from(c));
        let lower = |c: char| format!("\\u{:04x}", u32::from(c));
        for documented in DOCUMENTED {
            for escape in [upper, lower] {
                let body = map_pieces(documented, |in_string, text| {
                    if in_string {
                        text.chars().map(escape).collect()
                    } else {
                        text.to_owned()
                    }
                });
                assert!(!body.contains("webhookId"));
                reads_the_same(&body, documented);
            }
        }
    }

    #[test]
    fn with_each_escape_that_json_has() {
        let body = testing::FAILED.replace(
            "abc.png",
            r#"\"\\\/\b\f\n\r\t\u0000\u00e9\u65E5\ud83d\ude00\uD83D\uDE00"#,
        );
        let name = read(&body).data.name.unwrap();
        assert_eq!(
            name,
            "\"\\/\u{8}\u{c}\n\r\t\0\u{e9}\u{65e5}\u{1f600}\u{1f600}"
        );
    }

    #[test]
    fn with_null_or_nothing_under_each_optional_key() {
        for documented in DOCUMENTED {
            let whole: Value = documented.parse().unwrap();
            for key in ["clientId", "name", "blockchainId", "txId", "isEsign"] {
                let (mut absent, mut null) = (whole.clone(), whole.clone());
                absent["data"].as_object_mut().unwrap().remove(key);
                null["data"][key] = Value::Null;

                let event = read(&absent.to_string());
                assert_eq!(read(&null.to_string()), event, "{key}");
                assert_eq!(meaning(&event), meaning_of(absent.to_string()), "{key}");
            }
        }
    }
}

/// JSON texts of every kind. Numbers that serde_json cannot hold exactly are
/// among them: as text they pass through all the same.
const TEXTS: [&str; 52] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-0.0",
    "1",
    "1.0",
    "1.00",
    "1.50",
    "1e5",
    "1E5",
    "1e+5",
    "1E-05",
    "0e0",
    "100000",
    "100000.0",
    "0.1",
    "1e-400",
    "4.9e-324",
    "1.7976931348623157e308",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "18446744073709551616",
    "123456789012345678901234567890",
    "3.14159265358979323846264338327950288",
    r#""""#,
    r#""text""#,
    r#"" inner  space ""#,
    r#""\u0041\/A/""#,
    r#""\n\u000a\t\u0009\b\f\r""#,
    r#""é\u00e9 日 \ud83d\ude00 😀""#,
    "\"\u{7f}\u{85}\u{2028}\u{202e}\u{feff}\"",
    "[]",
    "[ ]",
    "[\t\r\n ]",
    "[1, 2 ,3]",
    r#"[null,true,-0,1.0,"a",[],{}]"#,
    "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
    "{}",
    "{ \n }",
    r#"{"b":1,"a":2}"#,
    r#"{ "a" : { "b" : [ { "c" : null } , 1.50 ] } }"#,
    r#"{"a":1,"a":2}"#,
    r#"{"a":{"b":1,"b":[2],"b":{}},"\u0061":3}"#,
    r#"{"":0,"\"":1,"\\":2}"#,
    r#"{"action":"failed","data":{"_id":1}}"#,
    r#"{"webhookId":null,"status":"x"}"#,
];

/// Unknown keys as they are written, which is how they come out again.
const KEYS: [&str; 9] = [
    "",
    "metaData",
    "Action",
    "action ",
    "id",
    r#"\"quoted\""#,
    r"line\nbreak",
    "ключ 日 😀",
    "\u{202e}",
];

/// The success sample with entries added at the end of both levels.
fn with_entries(outer: &str, data: &str) -> String {
    let body = compact(testing::SUCCEEDED);
    let open = body.strip_suffix("}}").unwrap();
    format!("{open}{data}}}{outer}}}")
}

fn bodies_with_unknown_keys() -> impl Iterator<Item = String> {
    let of_one_key = |text: &'static str| {
        KEYS.into_iter().flat_map(move |key| {
            let entry = format!(",\"{key}\":{text}");
            [
                with_entries(&entry, ""),
                with_entries("", &entry),
                with_entries(&entry, &entry),
            ]
        })
    };
    let known_elsewhere = with_entries(
        r#","_id":1,"hash":[],"isEsign":"x","name":{},"status":"1""#,
        r#","action":0,"actionId":null,"data":{"data":{}},"webhookId":[1.0]"#,
    );
    TEXTS
        .into_iter()
        .flat_map(of_one_key)
        .chain([known_elsewhere, compact(testing::SUCCEEDED)])
}

mod unknown_is_kept {
    use super::*;

    #[test]
    fn to_the_last_character_of_its_text() {
        let mut bodies = 0;
        for body in bodies_with_unknown_keys() {
            assert_eq!(read(&body).to_json().unwrap(), body);
            bodies = bodies.max(body.len());
        }
        assert!(bodies > compact(testing::SUCCEEDED).len());
    }

    #[test]
    fn as_a_value() {
        for body in bodies_with_unknown_keys() {
            assert_eq!(meaning(&read(&body)), meaning_of(&body), "{body}");
        }
    }

    #[test]
    fn in_documented_bodies_as_a_value() {
        for documented in DOCUMENTED {
            assert_eq!(meaning(&read(documented)), meaning_of(documented));
        }
    }

    #[test]
    fn when_read_and_written_twice() {
        for body in bodies_with_unknown_keys() {
            let event = read(&body);
            let again = read(&event.to_json().unwrap());
            assert_eq!(again, event, "{body}");
            let pretty = read(&serde_json::to_string_pretty(&event).unwrap());
            assert_eq!(meaning(&pretty), meaning(&event), "{body}");
        }
    }

    #[test]
    fn wherever_it_stands_and_however_it_is_spaced() {
        let body = testing::FAILED
            .replacen('{', "{\"first\" :\t[1 , 2]\n,", 1)
            .replacen("\"hash\"", "\"\\u006diddle\":{ \"a\" : 1e5 } , \"hash\"", 1);
        let event = read(&body);
        assert_eq!(event.extra.get("first"), Some("[1 , 2]"));
        assert_eq!(event.data.extra.get("middle"), Some("{ \"a\" : 1e5 }"));
        assert_eq!((event.extra.len(), event.data.extra.len()), (1, 1));

        let written = event.to_json().unwrap();
        assert!(
            written.ends_with(r#","middle":{ "a" : 1e5 }},"first":[1 , 2]}"#),
            "{written}"
        );
    }

    #[test]
    fn many_at_once_in_the_order_in_which_they_came() {
        let entries = r#","😀":6,"aa":3,"B":{},"日":5,"":0,"a":[2],"é":4,"A":1"#;
        let body = with_entries(entries, entries);
        assert_eq!(read(&body).to_json().unwrap(), body);
    }

    /// Texts that are like a known one, and are not.
    const UNKNOWN: [&str; 12] = [
        "",
        " ",
        "Succeed",
        "succeed ",
        " failed",
        "succeeded",
        "success",
        "hash.success",
        "pending",
        "00",
        "отменено 😀",
        r#"\"\\\n\u0001"#,
    ];

    #[test]
    fn as_an_action() {
        for text in UNKNOWN {
            let body =
                compact(testing::SUCCEEDED).replacen(r#":"succeed""#, &format!(r#":"{text}""#), 1);
            let event = read(&body);
            assert!(matches!(event.action, Action::Unknown(_)), "{text:?}");
            assert!(event.action.is_unknown() && !event.is_succeeded() && !event.is_failed());
            assert_eq!(event.to_json().unwrap(), body);
        }
    }

    #[test]
    fn as_a_type() {
        for text in UNKNOWN
            .into_iter()
            .chain(["5", "-1", "0.0", "1e0", "99999999999999999999"])
        {
            let body = compact(testing::SUCCEEDED).replacen(
                r#""type":"0""#,
                &format!(r#""type":"{text}""#),
                1,
            );
            let event = read(&body);
            assert!(matches!(event.data.stamp_type, StampType::Unknown(_)));
            assert_eq!(event.to_json().unwrap(), body);
        }
    }

    #[test]
    fn as_a_status() {
        for code in [3, -1, 255, 256, i64::MAX, i64::MIN] {
            let body = compact(testing::SUCCEEDED).replacen(
                r#""status":1"#,
                &format!(r#""status":{code}"#),
                1,
            );
            let event = read(&body);
            assert!(matches!(event.data.status, StampStatus::Unknown(_)));
            assert_eq!(event.data.status.code(), code);
            assert_eq!(event.to_json().unwrap(), body);
        }
    }
}

mod unknown_cannot_lie {
    use super::*;

    /// Every way to make one of these from a text gives the same.
    #[track_caller]
    fn always<T>(text: &str, expected: &T)
    where
        T: for<'a> From<&'a str> + From<String> + std::str::FromStr + Debug + PartialEq,
        T: serde::de::DeserializeOwned,
    {
        assert_eq!(T::from(text), *expected);
        assert_eq!(T::from(text.to_owned()), *expected);
        assert_eq!(text.parse::<T>().ok().unwrap(), *expected);
        let escape = |c| format!("\\u{:04x}", u32::from(c));
        let escaped = text.chars().map(escape).collect::<String>();
        for json in [format!("\"{text}\""), format!("\"{escaped}\"")] {
            assert_eq!(serde_json::from_str::<T>(&json).unwrap(), *expected);
            let value: Value = json.parse().unwrap();
            assert_eq!(serde_json::from_value::<T>(value).unwrap(), *expected);
            assert_eq!(
                serde_json::from_reader::<_, T>(json.as_bytes()).unwrap(),
                *expected
            );
        }
    }

    #[test]
    fn about_an_action() {
        always("succeed", &Action::Succeeded);
        always("failed", &Action::Failed);
    }

    #[test]
    fn about_a_type() {
        always("0", &StampType::Api);
        always("1", &StampType::Web);
        always("2", &StampType::Mobile);
        always("3", &StampType::Desktop);
        always("4", &StampType::Extension);
    }

    #[test]
    fn about_a_status() {
        let known = [
            (0, StampStatus::Pending),
            (1, StampStatus::Succeeded),
            (2, StampStatus::Failed),
        ];
        for (code, status) in known {
            assert_eq!(StampStatus::from(code), status);
            assert_eq!(i64::from(status), code);
            let json = code.to_string();
            assert_eq!(serde_json::from_str::<StampStatus>(&json).unwrap(), status);
            let value: Value = json.parse().unwrap();
            assert_eq!(
                serde_json::from_value::<StampStatus>(value).unwrap(),
                status
            );
        }
    }

    #[test]
    fn by_what_it_says_on_the_wire() {
        for text in ["succeed", "failed", "Succeed", "", "revoked"] {
            let action = Action::from(text);
            assert_eq!(action.as_str(), text);
            assert_eq!(action.is_unknown(), !["succeed", "failed"].contains(&text));
        }
        for number in -3_i64..9 {
            let text = number.to_string();
            let stamp_type = StampType::from(text.as_str());
            assert_eq!(stamp_type.as_str(), text);
            assert_eq!(stamp_type.is_unknown(), !(0..=4).contains(&number));
            let status = StampStatus::from(number);
            assert_eq!(status.code(), number);
            assert_eq!(status.is_unknown(), !(0..=2).contains(&number));
        }
    }
}

mod what_is_printed_is_safe {
    use super::*;

    /// Characters that a terminal obeys, hides, or turns around.
    const HOSTILE: &str = "\0\u{7}\u{8}\t\n\r\u{1b}[2J\u{7f}\u{85}\u{9b}\u{ad}\u{61c}\u{200b}\
         \u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{2069}\u{feff}\u{fffb}\u{e0041}";

    #[track_caller]
    fn is_safe(shown: &str) {
        let raw: Vec<_> = HOSTILE
            .chars()
            .filter(|c| !c.is_ascii_graphic() && shown.contains(*c))
            .collect();
        assert!(raw.is_empty(), "{raw:?} in {shown:?}");
    }

    #[track_caller]
    fn is_short_and_safe(shown: &str) {
        is_safe(shown);
        assert!(shown.len() < 700, "{} bytes: {shown}", shown.len());
    }

    fn json(text: &str) -> String {
        Value::from(text).to_string()
    }

    /// Bodies with something wrong, each holding a text where it is quoted.
    fn refused(text: &str) -> Vec<String> {
        let text = json(text);
        let duplicate = format!("{text}:1,{text}:2,");
        vec![
            testing::FAILED.replace("\"status\": 2", &format!("\"status\": {text}")),
            testing::FAILED.replace("\"isEsign\": false", &format!("\"isEsign\": {text}")),
            testing::FAILED.replace("\"2023-05-30T10:55:17.315Z\"", &text),
            testing::FAILED.replacen('{', &format!("{{{duplicate}"), 1),
            testing::FAILED.replace("\"hash\"", &format!("{duplicate}\"hash\"")),
            text.clone(),
            format!("{{{text}:1}}"),
            format!("{{\"data\":{text}}}"),
        ]
    }

    fn hostile_texts() -> [String; 3] {
        [
            HOSTILE.to_owned(),
            HOSTILE.repeat(20),
            format!("{}{HOSTILE}", "x".repeat(3_000)),
        ]
    }

    #[test]
    fn when_a_body_is_refused() {
        for text in hostile_texts() {
            for body in refused(&text) {
                let error = body.parse::<WebhookEvent>().unwrap_err();
                is_short_and_safe(&error.to_string());
                is_short_and_safe(&format!("{error:?}"));
                is_short_and_safe(&format!("{error:#?}").replace('\n', ""));
                is_short_and_safe(&error.message());
                is_short_and_safe(error.pointer());

                let rejection = Rejection::from(error);
                is_short_and_safe(&rejection.to_string());
                is_short_and_safe(&rejection.to_problem_json());

                let plain = serde_json::from_str::<WebhookEvent>(&body).unwrap_err();
                is_short_and_safe(&plain.to_string());
                let value: Value = body.parse().unwrap();
                if let Err(error) = WebhookEvent::try_from(value) {
                    is_short_and_safe(&error.to_string());
                }
            }
        }
    }

    #[test]
    fn when_what_is_refused_is_not_json() {
        for c in HOSTILE.chars().filter(|c| !"\t\n\r".contains(*c)) {
            for body in [
                format!("{c}"),
                format!("{{{c}"),
                format!("{{\"action\":{c}"),
                format!("{{\"action\":\"{c}"),
                format!("{{\"unknown\":[{c}]"),
                format!("{}{c}", testing::FAILED),
            ] {
                let error = body.parse::<WebhookEvent>().unwrap_err();
                is_short_and_safe(&error.to_string());
                is_short_and_safe(&format!("{error:?}"));
            }
        }
    }

    /// An event that breaks as many rules as it can and whose every text is the
    /// one given.
    fn hostile_event(text: &str) -> WebhookEvent {
        let quoted = json(text);
        let mut value: Value = testing::SUCCEEDED.parse().unwrap();
        value["webhookId"] = text.into();
        value["actionId"] = text.into();
        value[text] = text.into();
        // The first nine hold any string.
        for key in STAMP[..9].iter().copied().chain([text]) {
            value["data"][key] = text.into();
        }
        value["data"]["status"] = 2.into();
        let event = read(&value.to_string());
        assert_eq!(event.data.extra.get(text), Some(quoted.as_str()));
        event
    }

    #[test]
    fn when_an_event_is_found_wanting() {
        for text in hostile_texts() {
            let event = hostile_event(&text);
            let findings = event.check();
            assert!(findings.len() > 6, "{findings}");
            for finding in &findings {
                is_short_and_safe(&finding.to_string());
                is_short_and_safe(&format!("{finding:?}"));
                is_short_and_safe(&serde_json::to_string(finding).unwrap());
            }
            is_safe(&findings.to_string().replace('\n', ""));

            let invalid = event.validate().unwrap_err();
            is_safe(&invalid.to_string());
            is_safe(&format!("{invalid:?}"));
            is_safe(&Rejection::from(invalid).to_problem_json());
        }
    }

    #[test]
    fn when_an_event_is_logged() {
        for text in hostile_texts() {
            let mut event = hostile_event(&text);
            // Escaped, each of two texts of 66 characters may grow tenfold.
            is_safe(&event.to_string());
            assert!(event.to_string().len() < 1_500, "{event}");
            is_safe(&format!("{event:?}"));
            is_safe(&format!("{:?}", event.extra));
            is_safe(&format!("{:?}", event.outcome()));

            event.action = Action::from(text.as_str());
            is_safe(&event.to_string());
            is_safe(&format!("{event:?}"));
            for shown in [
                event.webhook_id.to_string(),
                event.action.to_string(),
                event.data.hash.to_string(),
                event.data.stamp_type.to_string(),
                event.idempotency_key().to_string(),
            ] {
                is_safe(&shown);
                assert!(shown.len() >= text.len(), "something was left out");
            }
        }
    }

    #[test]
    fn when_what_was_salvaged_is_logged() {
        for text in hostile_texts() {
            let mut value = serde_json::to_value(hostile_event(&text)).unwrap();
            value["data"]["createdAt"] = 0.into();
            let error = value.to_string().parse::<WebhookEvent>().unwrap_err();
            let salvaged = error.salvaged();
            assert_eq!(salvaged.action_id.as_ref().unwrap(), text.as_str());
            is_safe(&format!("{salvaged:?}"));
            is_safe(&format!("{}", salvaged.action_id.as_ref().unwrap()));
        }
    }
}

mod findings_are_data {
    use super::*;

    #[test]
    fn with_stable_codes_in_kebab_case() {
        let mut codes: Vec<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        for code in &codes {
            let is_word =
                |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
            assert!(code.split('-').all(is_word), "{code}");
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Rule::ALL.len());
    }

    #[test]
    fn that_serialize_and_say_the_same_as_their_text() {
        let findings = read(testing::SUCCEEDED).check();
        let written = serde_json::to_value(&findings).unwrap();
        let objects = written.as_array().unwrap();
        assert_eq!(objects.len(), findings.len());
        let lines: Vec<_> = objects
            .iter()
            .map(|object| {
                assert_eq!(object.as_object().unwrap().len(), 4);
                let text = |key: &str| object[key].as_str().unwrap();
                format!(
                    "{} {} at {}: {}",
                    text("severity"),
                    text("code"),
                    text("pointer"),
                    text("message")
                )
            })
            .collect();
        assert_eq!(lines.join("\n"), findings.to_string());
    }
}

#[test]
fn a_stamp_is_read_by_itself() {
    let event: WebhookEvent = testing::SUCCEEDED.parse().unwrap();
    let text = serde_json::to_string(&event.data).unwrap();
    assert_eq!(serde_json::from_str::<Stamp>(&text).unwrap(), event.data);
    let without = text.replacen("hash", "hashes", 1);
    let error = serde_json::from_str::<Stamp>(&without).unwrap_err();
    let message = "/data/hash: expected a string, found no such key";
    assert!(error.to_string().starts_with(message), "{error}");
}
