//! What must be true of any input at all. The fuzz targets call these with what
//! they make up, `replay` with the seeds and with what ever failed.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "a check fails by panicking"
)]

use arbitrary::{Arbitrary, Unstructured};
use edexa_webhooks::chrono::{DateTime, TimeDelta, Utc};
use edexa_webhooks::serde_json::{self, Value};
use edexa_webhooks::{
    Category, Extra, IdempotencyKey, ParseError, Rejection, Rule, Severity, WebhookEvent, testing,
};

use crate::reference::{self, folded, meaning};

/// Arbitrary bytes: no panic, and what is accepted or refused keeps the laws.
pub(crate) fn parse(data: &[u8]) {
    match WebhookEvent::from_slice(data) {
        Ok(event) => holds_for_event(&event),
        Err(error) => holds_for_error(&error, data),
    }
}

fn holds_for_event(event: &WebhookEvent) {
    let shown = event.to_string();
    assert_fit_for_a_log(&shown, 3 * 66 * 10 + 100);
    assert_eq!(format!("{event:?}"), format!("{:?}", event.clone()));

    let findings = event.check();
    let rules: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
    assert!(rules.is_sorted(), "{findings}");
    for finding in &findings {
        assert!(finding.pointer.starts_with('/'), "{finding}");
        assert_fit_for_a_log(&finding.to_string(), 700);
    }
    for now in [
        DateTime::UNIX_EPOCH,
        event.data.updated_at,
        FAR_PAST,
        FAR_FUTURE,
    ] {
        let timely = event.check_at(now);
        let without_clock: Vec<_> = timely.iter().take(findings.len()).collect();
        assert_eq!(without_clock, findings.iter().collect::<Vec<_>>());
        assert_fit_for_a_log(&timely.to_string().replace('\n', " "), 20_000);
    }

    let errors: Vec<_> = findings
        .iter()
        .filter(|finding| finding.severity() == Severity::Error)
        .collect();
    let (validated, outcome) = (event.validate(), event.outcome());
    assert_eq!(validated.as_ref().err(), outcome.as_ref().err());
    assert_eq!(validated.is_ok(), errors.is_empty());
    if let Err(invalid) = validated {
        assert_eq!(invalid.iter().collect::<Vec<_>>(), errors);
        let problem = problem_of(&invalid.into());
        assert_eq!(problem["status"], 422);
        assert_eq!(problem["errors"].as_array().unwrap().len(), errors.len());
    }

    let key = event.idempotency_key();
    assert_eq!(key.as_str().parse::<IdempotencyKey>().as_ref(), Ok(&key));
    assert!(event.is_redelivery_of(event) && !event.conflicts_with(event));
    assert_eq!(
        event.data.stamping_duration(),
        event.data.updated_at - event.data.created_at
    );
    assert_comes_back(event);
}

const FAR_PAST: DateTime<Utc> = DateTime::<Utc>::MIN_UTC;
const FAR_FUTURE: DateTime<Utc> = DateTime::<Utc>::MAX_UTC;

fn holds_for_error(error: &ParseError, body: &[u8]) {
    assert_fit_for_a_log(&error.to_string(), 700);
    assert_fit_for_a_log(&format!("{error:?}"), 1000);
    assert_fit_for_a_log(&format!("{:?}", error.salvaged()), usize::MAX);
    assert_eq!(*error, error.clone());

    let is_located = error.category() != Category::TooLarge;
    assert_eq!(error.line() > 0, is_located, "{error}");
    assert_eq!(error.column() > 0, is_located, "{error}");
    let lines: Vec<_> = body.split(|byte| *byte == b'\n').collect();
    if is_located {
        let line = lines[error.line() - 1];
        let chars = String::from_utf8_lossy(line).chars().count();
        assert!(error.column() <= chars + 1, "{error}");
    }
    assert!(POINTERS.contains(&error.pointer()), "{error}");

    let status = match error.category() {
        Category::TooLarge => 413,
        Category::Data => 422,
        _ => 400,
    };
    let problem = problem_of(&error.clone().into());
    assert_eq!(problem["status"], status);
    assert_eq!(problem["errors"][0]["pointer"], error.pointer());
}

const POINTERS: [&str; 19] = [
    "",
    "/webhookId",
    "/actionId",
    "/action",
    "/data",
    "/data/_id",
    "/data/userId",
    "/data/clientId",
    "/data/name",
    "/data/blockchainId",
    "/data/txId",
    "/data/hash",
    "/data/type",
    "/data/code",
    "/data/isEsign",
    "/data/isPrivateBc",
    "/data/status",
    "/data/createdAt",
    "/data/updatedAt",
];

fn problem_of(rejection: &Rejection) -> Value {
    assert_fit_for_a_log(&rejection.to_string(), 3000);
    let json = rejection.to_problem_json();
    assert_fit_for_a_log(&json, 4000);
    let problem: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(problem["status"], rejection.http_status());
    problem
}

/// Short, in one line, and with nothing in it that a terminal obeys or hides.
fn assert_fit_for_a_log(shown: &str, max_bytes: usize) {
    assert!(shown.len() <= max_bytes, "{} bytes: {shown}", shown.len());
    let is_obeyed = |c: char| {
        c.is_control()
            || matches!(u32::from(c),
                0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e
                | 0x2060..=0x206f | 0xfeff | 0xfff9..=0xfffb | 0xe0000..=0xe007f)
    };
    assert!(!shown.contains(is_obeyed), "{shown:?}");
}

/// An event is the same after writing and reading.
fn assert_comes_back(event: &WebhookEvent) {
    let json = event.to_json().unwrap();
    let again = WebhookEvent::from_slice_with_limit(json.as_bytes(), usize::MAX);
    assert_eq!(again.as_ref(), Ok(event), "{json}");
    assert_eq!(again.unwrap().to_json().unwrap(), json);
}

/// An event that was made up comes back; a body that is accepted is written as
/// it was, apart from what the documentation says is folded.
pub(crate) fn roundtrip(data: &[u8]) {
    if let Ok(event) = WebhookEvent::arbitrary(&mut Unstructured::new(data)) {
        assert_comes_back(&event);
        let value = serde_json::to_value(&event).unwrap();
        let again = WebhookEvent::try_from(value).unwrap();
        assert_eq!(meaning(&again), meaning(&event));
    }
    if let Ok(event) = WebhookEvent::from_slice(data) {
        let text = std::str::from_utf8(data).unwrap();
        if reference::may_show_objects_as_numbers(text) {
            return;
        }
        assert_eq!(meaning(&event), folded(reference::json(data).unwrap()));
        assert_comes_back(&event);
        assert!(event.to_json().unwrap().len() <= data.len());
    }
}

/// All ways of reading a body, and the naive one, agree on whether it is an
/// event and on every field of it.
pub(crate) fn agree(data: &[u8]) {
    let read = WebhookEvent::from_slice(data);
    assert_eq!(WebhookEvent::from_slice_with_limit(data, 65_536), read);
    assert_eq!(WebhookEvent::try_from(data), read);
    let text = std::str::from_utf8(data);
    if let Ok(text) = text {
        assert_eq!(text.parse(), read);
    }
    if data.len() > 65_536 {
        assert_eq!(read.unwrap_err().category(), Category::TooLarge);
        return;
    }
    if text.is_ok_and(reference::may_show_objects_as_numbers) {
        return;
    }
    let flattened = serde_json::from_slice(data)
        .ok()
        .map(|Flattened { event }| event);
    let untagged = serde_json::from_slice(data)
        .ok()
        .map(|Untagged::Event(event)| *event);
    for through_serde in [
        serde_json::from_slice::<WebhookEvent>(data).ok(),
        serde_json::from_reader(data).ok(),
        flattened,
        untagged,
    ] {
        let said = through_serde.as_ref().map(meaning);
        assert_eq!(said, read.as_ref().ok().map(meaning));
    }
    let value = serde_json::from_slice::<Value>(data).ok();
    // With `arbitrary_precision`, a value hands over its `-0` as the integer 0.
    let hides_sign = |value: &Value| reference::is_minus_zero(&value["data"]["status"]);
    // A key that is there twice may hide what nests too deep, at any level.
    let is_too_deep = text.is_ok_and(|text| reference::depth(text) > 64);
    let value_shows_all =
        !reference::has_duplicates(data) && !is_too_deep && !value.as_ref().is_some_and(hides_sign);
    let from_value = value.map(WebhookEvent::try_from);

    let expected = reference::read(data);
    match (&read, &expected) {
        (Ok(event), Some(expected)) => {
            assert_same(event, expected);
            let from_value = from_value.unwrap().unwrap();
            assert_eq!(meaning(&from_value), meaning(event));
        }
        (Err(error), None) => {
            let starts_with_mark = data.starts_with("\u{feff}".as_bytes());
            let category = if text.is_err() || starts_with_mark {
                Category::Encoding
            } else if reference::json(data).is_some() {
                Category::Data
            } else {
                // It may be no event before it is no JSON.
                error.category()
            };
            assert_eq!(error.category(), category, "{error}");
            if let (Some(from_value), true) = (from_value, value_shows_all) {
                assert!(from_value.is_err(), "{error}");
            }
        }
        (Ok(_), None) => panic!("accepted, and the reference refuses"),
        (Err(error), Some(_)) => panic!("refused, and the reference accepts: {error}"),
    }
}

/// Around the event, serde buffers what it reads.
#[derive(serde::Deserialize)]
struct Flattened {
    #[serde(flatten)]
    event: WebhookEvent,
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Untagged {
    Event(Box<WebhookEvent>),
}

/// Two values are equal if they are equal to serde_json, where both see the same
/// numbers.
pub(crate) fn compare(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (a, b) = text.split_once('|').unwrap_or((&text, &text));
    let extra_of = |json| Extra::try_from_iter([("k", json)]).ok();
    let (Some(x), Some(y)) = (extra_of(a), extra_of(b)) else {
        return;
    };
    let is_equal = x == y;
    assert!(x == x.clone() && is_equal == (y == x), "{text}");
    let event_of = |extra: &Extra| {
        let mut event: WebhookEvent = testing::SUCCEEDED.parse().unwrap();
        event.data.extra = extra.clone();
        event
    };
    let (event, other) = (event_of(&x), event_of(&y));
    assert_eq!(event.is_redelivery_of(&other), is_equal, "{text}");
    assert_eq!(
        event.fingerprint() == other.fingerprint(),
        is_equal,
        "{text}"
    );
    // Values are equal by the digits of their numbers then, as they stand.
    if reference::keeps_digits() {
        return;
    }
    let value = |json: &str| serde_json::from_str::<Value>(json).unwrap();
    if is_exact(a) {
        assert!(x == extra_of(&value(a).to_string()).unwrap(), "{a}");
    }
    if is_exact(a) && is_exact(b) {
        assert_eq!(is_equal, value(a) == value(b), "{text}");
    }
}

/// Whether a `Value` holds every number of a text as it is: short enough for a double
/// to be exact, however it is read.
fn is_exact(json: &str) -> bool {
    let is_of_number = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
    json.split(|c| !is_of_number(c)).all(|number| {
        let (digits, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
        digits.len() <= 15
            && exponent
                .parse::<i32>()
                .is_ok_and(|exponent| exponent.abs() <= 7)
    })
}

fn assert_same(event: &WebhookEvent, expected: &reference::Event) {
    let data = &event.data;
    for (found, expected) in [
        (event.webhook_id.as_str(), &expected.webhook_id),
        (event.action_id.as_str(), &expected.action_id),
        (event.action.as_str(), &expected.action),
        (data.id.as_str(), &expected.id),
        (data.user_id.as_str(), &expected.user_id),
        (data.hash.as_str(), &expected.hash),
        (data.stamp_type.as_str(), &expected.stamp_type),
        (data.code.as_str(), &expected.code),
    ] {
        assert_eq!(found, expected);
    }
    for (found, expected) in [
        (
            data.client_id.as_ref().map(AsRef::as_ref),
            &expected.client_id,
        ),
        (data.name.as_ref().map(AsRef::as_ref), &expected.name),
        (
            data.blockchain_id.as_ref().map(AsRef::as_ref),
            &expected.blockchain_id,
        ),
        (data.tx_id.as_ref().map(AsRef::as_ref), &expected.tx_id),
    ] {
        assert_eq!(found, expected.as_deref());
    }
    assert_eq!(data.is_esign, expected.is_esign);
    assert_eq!(data.is_private_bc, expected.is_private_bc);
    assert_eq!(data.status.code(), expected.status);
    for (found, expected) in [
        (data.created_at, expected.created_at),
        (data.updated_at, expected.updated_at),
    ] {
        assert_eq!(
            (found.timestamp(), found.timestamp_subsec_nanos()),
            expected
        );
    }
    for (found, expected) in [
        (&event.extra, &expected.extra),
        (&data.extra, &expected.stamp_extra),
    ] {
        assert_eq!(found.len(), expected.len());
        for (key, value) in expected {
            assert_eq!(found.parse::<Value>(key).unwrap().as_ref(), Some(value));
        }
    }
}

/// A coherent event that is changed in one place breaks the rules that this
/// change must break, and no other.
pub(crate) fn rules(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let Ok(nth) = u.int_in_range(0..=CHANGES.len() - 1) else {
        return;
    };
    if let Ok(event) = WebhookEvent::arbitrary(&mut u) {
        if event.check().is_empty() {
            assert_change_is_found(event, nth);
        }
    }
}

/// One change to a coherent event, and what is then found.
type Change = fn(&mut WebhookEvent) -> Vec<(Rule, &'static str)>;

/// `nth` picks one of [`CHANGES`].
pub(crate) fn assert_change_is_found(mut event: WebhookEvent, nth: usize) {
    let now = event.data.updated_at;
    assert!(event.check().is_empty(), "{}", event.check());
    let expected = CHANGES[nth](&mut event);
    let found: Vec<_> = event
        .check()
        .iter()
        .map(|finding| (finding.rule, finding.pointer))
        .collect();
    assert_eq!(found, expected, "change {nth}: {event:?}");
    let breaks_error = found
        .iter()
        .any(|(rule, _)| rule.severity() == Severity::Error);
    assert_eq!(event.outcome().is_err(), breaks_error, "{event:?}");
    // At the time of the last update, nothing is late and nothing early.
    if event.data.updated_at == now && event.data.created_at <= now {
        assert_eq!(event.check_at(now), event.check());
    }
}

pub(crate) const CHANGES: &[Change] = &[
    |_| vec![],
    |event| {
        let (succeeded, failed) = (1.into(), 2.into());
        event.data.status = if event.is_succeeded() {
            failed
        } else {
            succeeded
        };
        vec![(Rule::StatusMismatch, "/data/status")]
    },
    |event| {
        event.data.status = 0.into();
        vec![(Rule::StatusPending, "/data/status")]
    },
    |event| {
        event.data.status = 3.into();
        vec![(Rule::UnknownStatus, "/data/status")]
    },
    |event| {
        event.data.tx_id = None;
        when(event.is_succeeded(), Rule::MissingTxId, "/data/txId")
    },
    |event| {
        event.data.tx_id = Some("".into());
        when(event.is_succeeded(), Rule::MissingTxId, "/data/txId")
    },
    |event| {
        event.data.tx_id = Some(" Null ".into());
        when(event.is_succeeded(), Rule::MissingTxId, "/data/txId")
    },
    |event| {
        event.action = "a".repeat(231).into();
        vec![
            (Rule::OversizedIdentity, "/action"),
            (Rule::UnknownAction, "/action"),
        ]
    },
    |event| {
        event.action = "a".repeat(230).into();
        vec![(Rule::UnknownAction, "/action")]
    },
    |event| {
        event.data.id = "".into();
        vec![(Rule::EmptyIdentity, "/data/_id")]
    },
    |event| {
        event.data.hash = "".into();
        vec![(Rule::EmptyIdentity, "/data/hash")]
    },
    |event| {
        event.webhook_id = "".into();
        vec![(Rule::EmptyField, "/webhookId")]
    },
    |event| {
        event.action_id = "".into();
        vec![(Rule::EmptyField, "/actionId")]
    },
    |event| {
        event.data.user_id = "".into();
        vec![(Rule::EmptyField, "/data/userId")]
    },
    |event| {
        event.data.code = "".into();
        vec![(Rule::EmptyField, "/data/code")]
    },
    |event| {
        event.data.updated_at = event.data.created_at - TimeDelta::nanoseconds(1);
        vec![(Rule::TimeReversed, "/data/updatedAt")]
    },
    |event| {
        event.data.updated_at = event.data.created_at;
        vec![]
    },
    |event| {
        let digits = "0f".repeat(32);
        let public = format!("0x{digits}");
        let is_private = event.data.is_private_bc;
        event.data.tx_id = Some(if is_private { digits } else { public }.into());
        when(event.is_failed(), Rule::UnexpectedTxId, "/data/txId")
    },
    |event| {
        event.data.blockchain_id = None;
        let pointer = "/data/blockchainId";
        when(event.is_succeeded(), Rule::MissingBlockchainId, pointer)
    },
    |event| {
        event.action = "revoked".into();
        vec![(Rule::UnknownAction, "/action")]
    },
    |event| {
        event.data.stamp_type = "5".into();
        vec![(Rule::UnknownType, "/data/type")]
    },
    |event| {
        event.webhook_id = event.webhook_id.as_str()[1..].into();
        vec![(Rule::MalformedObjectId, "/webhookId")]
    },
    |event| {
        event.action_id = format!("{}0", event.action_id).into();
        vec![(Rule::MalformedObjectId, "/actionId")]
    },
    |event| {
        event.data.id = format!("{}g", &event.data.id.as_str()[..23]).into();
        vec![(Rule::MalformedObjectId, "/data/_id")]
    },
    |event| {
        event.data.is_private_bc = !event.data.is_private_bc;
        when(event.has_transaction(), Rule::MalformedTxId, "/data/txId")
    },
    |event| {
        event.data.hash = "a digest, they say".into();
        vec![(Rule::MalformedHash, "/data/hash")]
    },
    |event| {
        event.data.blockchain_id = Some("".into());
        vec![(Rule::MalformedBlockchainId, "/data/blockchainId")]
    },
    |event| {
        event.data.name = Some("../shadow".into());
        vec![(Rule::UnsafeName, "/data/name")]
    },
    |event| {
        event.data.name = Some("aux.png".into());
        vec![(Rule::UnsafeName, "/data/name")]
    },
    |event| {
        let later = TimeDelta::seconds(11);
        event.data.created_at += later;
        event.data.updated_at += later;
        vec![(Rule::IdClockDrift, "/data/_id")]
    },
    |event| {
        let more = |extra: &mut Extra| extra.insert("metaData", "[null]").unwrap();
        more(&mut event.extra);
        more(&mut event.data.extra);
        vec![]
    },
];

fn when(breaks: bool, rule: Rule, pointer: &'static str) -> Vec<(Rule, &'static str)> {
    if breaks {
        vec![(rule, pointer)]
    } else {
        vec![]
    }
}
