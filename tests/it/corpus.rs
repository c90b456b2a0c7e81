//! A conformance corpus of JSON, written for this wire: small pieces of text,
//! each placed as a whole body, inside unknown keys and inside known ones, with
//! the verdict that each place must give.
#![allow(
    clippy::unwrap_used,
    reason = "a test, or a helper of one, fails by panicking"
)]

use std::collections::BTreeSet;

use edexa_webhooks::Category::{self, Data, Encoding, Syntax};
use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::record::{Answer, StampRecord};
use edexa_webhooks::serde_json::{self, Value};
use edexa_webhooks::testing::Damage;
use edexa_webhooks::{ParseError, WebhookEvent};

use crate::reference::{self, meaning, meaning_of};
use crate::support::{
    FULL, assert_accepted, assert_refused_alike, has_arbitrary_precision, with, with_entry,
};

mod arrays_objects;
mod depth;
mod encodings;
mod keys;
mod literals;
mod long;
mod numbers;
mod space;
mod string_faults;
mod strings;

/// Where a piece of text stands in the body.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Place {
    /// It is the body.
    Body,
    /// The value of `data`.
    DataValue,
    /// The value of an unknown key of the envelope, or of `data`.
    Later,
    LaterInData,
    /// A value two levels down in an unknown one.
    Nested,
    /// A key that the crate does not know, in either object or further down.
    Key,
    KeyInData,
    NestedKey,
    /// Entries that end the envelope, or `data`.
    Entries,
    EntriesInData,
    /// The value of a known key.
    Action,
    Name,
    Status,
    IsEsign,
    /// Where white space may stand.
    Leading,
    Trailing,
    AfterBrace,
    BeforeColon,
    AfterColon,
    BeforeComma,
    EmptyArray,
    AfterItem,
}

/// Stands for the piece in a template. [`FULL`] holds none.
const HOLE: char = '@';

impl Place {
    /// A body with a hole, and the pointer of a fault that lies in the hole.
    fn template(self) -> (String, &'static str) {
        let in_colon = |text| with_entry("name", text);
        match self {
            Self::Body => ("@".to_owned(), ""),
            Self::DataValue => {
                let envelope = r#"{"webhookId": "", "actionId": "", "action": "", "data": @}"#;
                (envelope.to_owned(), "/data")
            }
            Self::Later => (with("later", "@"), ""),
            Self::LaterInData => (with("laterInData", "@"), "/data"),
            Self::Nested => (with("later", r#"[1, {"a": @}]"#), ""),
            Self::Key => (with_entry("later", "@: 1"), ""),
            Self::KeyInData => (with_entry("laterInData", "@: 1"), "/data"),
            Self::NestedKey => (with("laterInData", r#"[{"a": 1, @ : 1}]"#), "/data"),
            Self::Entries => (with_entry("later", "@"), ""),
            Self::EntriesInData => (with_entry("laterInData", "@"), "/data"),
            Self::Action => (with("action", "@"), "/action"),
            Self::Name => (with("name", "@"), "/data/name"),
            Self::Status => (with("status", "@"), "/data/status"),
            Self::IsEsign => (with("isEsign", "@"), "/data/isEsign"),
            Self::Leading => (format!("@{FULL}"), ""),
            Self::Trailing => (format!("{FULL}@"), ""),
            Self::AfterBrace => (FULL.replacen('{', "{@", 1), ""),
            Self::BeforeColon => (in_colon(r#""name"@: "n""#), "/data/name"),
            Self::AfterColon => (in_colon(r#""name":@"n""#), "/data/name"),
            Self::BeforeComma => (in_colon(r#""name": "n"@"#), "/data"),
            Self::EmptyArray => (with("later", "[@]"), ""),
            Self::AfterItem => (with("laterInData", "[1@, 2]"), "/data"),
        }
    }

    fn body(self, piece: &[u8]) -> Vec<u8> {
        let (template, _) = self.template();
        let (before, after) = template.split_once(HOLE).unwrap();
        [before.as_bytes(), piece, after.as_bytes()].concat()
    }
}

#[derive(Clone, Copy, Debug)]
enum Verdict {
    Accept,
    /// Refused at the place itself.
    Refuse(Category),
    /// Refused somewhere else.
    RefuseAt(Category, &'static str),
}

use Verdict::{Accept, Refuse, RefuseAt};

/// What each place must say of some pieces of text.
struct Group {
    verdicts: Vec<(Place, Verdict)>,
    rows: Vec<(String, Vec<u8>)>,
    ways: &'static [Damage],
}

impl Group {
    /// By which names the kit for users' tests has what is refused here.
    fn known_as(self, ways: &'static [Damage]) -> Self {
        Self { ways, ..self }
    }
}

fn group<N: Into<String>, P: Into<Vec<u8>>>(
    verdicts: impl Into<Vec<(Place, Verdict)>>,
    rows: impl IntoIterator<Item = (N, P)>,
) -> Group {
    let rows = rows
        .into_iter()
        .map(|(name, piece)| (name.into(), piece.into()));
    Group {
        verdicts: verdicts.into(),
        rows: rows.collect(),
        ways: &[],
    }
}

/// The same verdict of several places.
fn all(places: &[Place], verdict: Verdict) -> Vec<(Place, Verdict)> {
    places.iter().map(|place| (*place, verdict)).collect()
}

const UNKNOWN: [Place; 3] = [Place::Later, Place::LaterInData, Place::Nested];
const KEYS: [Place; 3] = [Place::Key, Place::KeyInData, Place::NestedKey];
const SCALARS: [Place; 4] = [Place::Action, Place::Name, Place::Status, Place::IsEsign];

/// Every place at which a value may stand.
fn values(verdict: Verdict) -> Vec<(Place, Verdict)> {
    let outer = all(&[Place::Body, Place::DataValue], verdict);
    [outer, all(&UNKNOWN, verdict), all(&SCALARS, verdict)].concat()
}

/// Holds every body of some groups to its verdict.
#[track_caller]
fn assert_verdicts(groups: &[Group]) {
    for Group { verdicts, rows, .. } in groups {
        for (name, piece) in rows {
            for (place, verdict) in verdicts {
                let _named = NamedOnPanic(name, *place);
                assert_verdict(*place, piece, *verdict);
            }
        }
    }
}

/// Says of which body it was that a test failed.
struct NamedOnPanic<'a>(&'a str, Place);

impl Drop for NamedOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("corpus: {:?} at {:?}", self.0, self.1);
        }
    }
}

#[track_caller]
fn assert_verdict(place: Place, piece: &[u8], verdict: Verdict) {
    let (template, own_pointer) = place.template();
    let (before, _) = template.split_once(HOLE).unwrap();
    let body = place.body(piece);
    let (category, pointer) = match verdict {
        Accept => return assert_kept(place, piece, &body),
        Refuse(category) => (category, own_pointer),
        RefuseAt(category, pointer) => (category, pointer),
    };
    let error = refused(&body);
    assert_eq!(error.category(), category, "{error}");
    assert_eq!(error.pointer(), pointer, "{error}");
    if !error.message().ends_with("no such key") {
        let found = (error.line(), error.column());
        assert!(found >= end_of(before), "{error}: before the piece");
    }
    if category != Data {
        assert_no_value(&body, &error);
    }
}

/// What is accepted comes out as it went in.
#[track_caller]
fn assert_kept(place: Place, piece: &[u8], body: &[u8]) {
    let event = accepted(body);
    if !reference::may_show_objects_as_numbers(&String::from_utf8_lossy(body)) {
        assert_eq!(meaning(&event), meaning_of(body));
    }
    let kept = match place {
        Place::Later => event.extra.get("later"),
        Place::LaterInData => event.data.extra.get("laterInData"),
        _ => return,
    };
    assert_eq!(kept.map(str::as_bytes), Some(piece.trim_ascii()));
}

/// What the grammar refuses, serde_json's `Value` refuses too, but for what the
/// crate documents that it refuses besides.
#[track_caller]
fn assert_no_value(body: &[u8], error: &ParseError) {
    let is_besides = match error.message().as_str() {
        "expected at most 64 levels of nesting, found more" => true,
        "expected a number within the range of a double, found a larger one" => {
            has_arbitrary_precision()
        }
        _ => false,
    };
    let value = serde_json::from_slice::<Value>(body);
    assert!(value.is_err() || is_besides, "{error}: {value:?}");
}

#[track_caller]
fn accepted(body: &[u8]) -> WebhookEvent {
    if body.len() <= MAX_BODY_BYTES {
        return assert_accepted(body);
    }
    assert_eq!(assert_refused_alike(body).category(), Category::TooLarge);
    let event = WebhookEvent::from_slice_with_limit(body, body.len()).unwrap();
    let read: WebhookEvent = serde_json::from_slice(body).unwrap();
    assert_eq!(read, event, "serde_json::from_slice");
    let value: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(WebhookEvent::try_from(value).as_ref(), Ok(&event), "Value");
    event
}

#[track_caller]
fn refused(body: &[u8]) -> ParseError {
    let error = assert_refused_alike(body);
    if body.len() <= MAX_BODY_BYTES {
        return error;
    }
    assert_eq!(error.category(), Category::TooLarge);
    assert!(serde_json::from_slice::<WebhookEvent>(body).is_err());
    WebhookEvent::from_slice_with_limit(body, body.len()).unwrap_err()
}

/// Line and column of what follows a text.
fn end_of(text: &str) -> (usize, usize) {
    let line = text.split('\n').count();
    let last = text.rsplit('\n').next().unwrap_or_default();
    (line, last.chars().chain([HOLE]).count())
}

/// Where an answer of the API has what an event has at a place, with a hole, and the
/// pointer of the hole. What follows a value that ended early is at its parent's.
const ANSWERS: [(Place, &str, &str); 5] = [
    (Place::Body, "@", ""),
    (Place::Later, r#"{"status":404,"later":@}"#, ""),
    (Place::Later, r#"{"status":404,"data":@}"#, "/data"),
    (
        Place::LaterInData,
        r#"{"status":200,"data":{"hash":"","later":@}}"#,
        "/data",
    ),
    (
        Place::LaterInData,
        r#"{"data":{"hash":"","metaData":@},"status":200}"#,
        "/data/metaData",
    ),
];

/// Answers take and refuse what events do.
#[track_caller]
fn assert_answers(groups: &[Group]) {
    for Group { verdicts, rows, .. } in groups {
        for (place, verdict) in verdicts {
            let answers = ANSWERS.iter().filter(|(like, ..)| like == place);
            for ((name, piece), (_, template, pointer)) in rows
                .iter()
                .flat_map(|row| answers.clone().map(move |answer| (row, answer)))
            {
                let _named = NamedOnPanic(name, *place);
                let (before, after) = template.split_once(HOLE).unwrap();
                let body = [before.as_bytes(), piece, after.as_bytes()].concat();
                let read = Answer::<StampRecord>::from_slice_with_limit(&body, body.len());
                match (verdict, read) {
                    (Accept, Ok(_)) => {}
                    (Refuse(category), Err(error)) => {
                        assert_eq!(error.category(), *category, "{error}");
                        assert!(pointer.starts_with(error.pointer()), "{error}");
                    }
                    (RefuseAt(category, _), Err(error)) => assert_eq!(error.category(), *category),
                    (_, read) => panic!("{template}: {verdict:?}: {read:?}"),
                }
            }
        }
    }
}

#[test]
fn answers_take_and_refuse_what_events_do() {
    assert_answers(&corpus());
}

fn corpus() -> Vec<Group> {
    let subjects = [
        arrays_objects::groups(),
        depth::groups(),
        encodings::groups(),
        keys::groups(),
        literals::groups(),
        long::groups(),
        numbers::groups(),
        space::groups(),
        string_faults::groups(),
        strings::groups(),
    ];
    subjects.into_iter().flatten().collect()
}

/// Every body, and what it is called.
pub(crate) fn bodies() -> Vec<(String, Vec<u8>)> {
    let mut bodies = Vec::new();
    for Group { verdicts, rows, .. } in corpus() {
        for (name, piece) in rows {
            let places = verdicts.iter().map(|(place, _)| place);
            bodies.extend(places.map(|place| {
                let name = format!("{name} at {place:?}");
                (name, place.body(&piece))
            }));
        }
    }
    bodies
}

#[test]
fn every_piece_has_a_name_and_a_text_of_its_own() {
    let corpus = corpus();
    let rows = || corpus.iter().flat_map(|group| &group.rows);
    let mut names = BTreeSet::new();
    for (name, _) in rows() {
        assert!(names.insert(name), "{name} is there twice");
    }
    assert!(rows().count() >= 250, "{} pieces", rows().count());
}

#[test]
fn every_body_is_there_once() {
    let mut there = BTreeSet::new();
    for (name, body) in bodies() {
        let place = name.rsplit(' ').next().unwrap().to_owned();
        assert!(there.insert((place, body)), "{name} is there twice");
    }
    assert!(there.len() >= 6_000, "{} bodies", there.len());
}

/// Ways to damage a body that are no matter of JSON.
const ABOUT_THE_EVENT: [Damage; 5] = [
    Damage::MissingStampKey,
    Damage::MissingData,
    Damage::TimeAsNumber,
    Damage::TimeWithoutOffset,
    Damage::NoSuchDay,
];

#[test]
fn the_kit_has_a_name_for_every_way_of_damaging_a_body() {
    let mut named = BTreeSet::new();
    for Group {
        verdicts,
        rows,
        ways,
    } in corpus()
    {
        let refuses = verdicts
            .iter()
            .any(|(_, verdict)| !matches!(verdict, Accept));
        assert_eq!(ways.is_empty(), !refuses, "{:?}", rows.first());
        named.extend(ways);
    }
    for way in ABOUT_THE_EVENT {
        assert!(named.insert(way), "{way} is known to the corpus");
    }
    assert_eq!(named, Damage::ALL.iter().copied().collect());
}

#[test]
fn each_template_is_an_event_but_for_its_hole() {
    for (place, filling) in [
        (Place::Later, "1"),
        (Place::LaterInData, "1"),
        (Place::Nested, "1"),
        (Place::Key, "\"k\""),
        (Place::KeyInData, "\"k\""),
        (Place::NestedKey, "\"k\""),
        (Place::Entries, "\"k\": 1"),
        (Place::EntriesInData, "\"k\": 1"),
        (Place::Action, "\"a\""),
        (Place::Name, "\"n\""),
        (Place::Status, "1"),
        (Place::IsEsign, "true"),
    ] {
        assert_verdict(place, filling.as_bytes(), Accept);
    }
}
