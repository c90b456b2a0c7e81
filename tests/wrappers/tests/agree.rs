//! Every way in agrees, behind any wrapper: what one accepts the others accept, as the
//! same event, and what one refuses the others refuse, for the same reason. As far as
//! what they are given still shows it: see [`Source`].

use std::fmt::Display;

use edexa_webhooks::testing::{Damage, EventBuilder, FAILED, SUCCEEDED};
use edexa_webhooks::{Category, ParseError, WebhookEvent};
use edexa_webhooks_wrappers::{bodies, with};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, IgnoredAny};
use serde_json::Value;
use serde_transcode::Transcoder;

/// A type of a user's around an event.
trait Wrapper: DeserializeOwned {
    const NAME: &'static str;

    /// Whether serde keeps all of the input before the event sees any of it.
    const BUFFERS: bool = false;

    /// Whether the wrapper's message replaces the event's.
    const HIDES_MESSAGE: bool = false;

    fn event(self) -> WebhookEvent;

    /// The body that the wrapper reads as the event of this one. `None` for what it
    /// refuses by itself.
    fn body(body: &[u8]) -> Option<Vec<u8>> {
        Some(body.to_vec())
    }
}

impl Wrapper for WebhookEvent {
    const NAME: &'static str = "no wrapper";

    fn event(self) -> WebhookEvent {
        self
    }
}

/// Defines a wrapper that reads with another crate's deserializer around the given one.
macro_rules! wrapper {
    ($name:ident, |$from:ident| $read:expr) => {
        struct $name(WebhookEvent);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>($from: D) -> Result<Self, D::Error> {
                $read.map(Self)
            }
        }

        impl Wrapper for $name {
            const NAME: &'static str = stringify!($name);

            fn event(self) -> WebhookEvent {
                self.0
            }
        }
    };
}

wrapper!(PathToError, |from| {
    serde_path_to_error::deserialize(from).map_err(serde_path_to_error::Error::into_inner)
});
wrapper!(Ignored, |from| {
    serde_ignored::deserialize(from, |path| panic!("{path} is ignored"))
});
wrapper!(Erased, |from| {
    let mut erased = <dyn erased_serde::Deserializer>::erase(from);
    erased_serde::deserialize(&mut erased).map_err(D::Error::custom)
});

#[derive(Deserialize)]
#[serde(untagged)]
enum Untagged {
    Event(WebhookEvent),
}

impl Wrapper for Untagged {
    const NAME: &'static str = "Untagged";
    const BUFFERS: bool = true;
    const HIDES_MESSAGE: bool = true;

    fn event(self) -> WebhookEvent {
        let Self::Event(event) = self;
        event
    }
}

#[derive(Deserialize)]
struct Flattened {
    #[serde(flatten)]
    event: WebhookEvent,
}

impl Wrapper for Flattened {
    const NAME: &'static str = "Flattened";
    const BUFFERS: bool = true;

    fn event(self) -> WebhookEvent {
        self.event
    }

    fn body(body: &[u8]) -> Option<Vec<u8>> {
        entries(body).map(|_| body.to_vec())
    }
}

#[derive(Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    Event(WebhookEvent),
}

impl Wrapper for Tagged {
    const NAME: &'static str = "Tagged";
    const BUFFERS: bool = true;

    fn event(self) -> WebhookEvent {
        let Self::Event(event) = self;
        event
    }

    fn body(body: &[u8]) -> Option<Vec<u8>> {
        let entries = entries(body)?;
        let is_empty = entries.trim_ascii_start().starts_with(b"}");
        let comma: &[u8] = if is_empty { b"" } else { b"," };
        Some([br#"{"kind": "Event""#, comma, entries].concat())
    }
}

/// What follows the opening bracket of an object.
fn entries(body: &[u8]) -> Option<&[u8]> {
    let start = body.iter().position(|byte| !b" \t\r\n".contains(byte))?;
    body[start..].strip_prefix(b"{")
}

/// What an event is read from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Source {
    Text,
    Bytes,
    Reader,
    SonicRs,
    SimdJson,
    /// These two are made of what serde_json shows of the body.
    Cbor,
    MessagePack,
    /// As serde_json reads it, and as a program puts it together.
    ValueRead,
    ValueBuilt,
}

use Source::{Bytes, Cbor, MessagePack, Reader, SimdJson, SonicRs, Text, ValueBuilt, ValueRead};

const SOURCES: [Source; 9] = [
    Text,
    Bytes,
    Reader,
    SonicRs,
    SimdJson,
    Cbor,
    MessagePack,
    ValueRead,
    ValueBuilt,
];

const KEEPS_DIGITS: bool = cfg!(feature = "arbitrary_precision");

/// Digits that no integer of 64 bits carries, and others.
const DOUBLES: [&str; 6] = [
    "1.5",
    "1e2",
    "1e400",
    "-9223372036854775809",
    "18446744073709551616",
    "-1.25e-3",
];
const INTEGERS: [&str; 5] = [
    "0",
    "1",
    "-1",
    "-9223372036854775808",
    "18446744073709551615",
];

/// An object of the shape in which serde_json shows a number where it keeps the digits.
fn map_of(digits: &str) -> String {
    format!(r#"{{"$serde_json::private::Number": "{digits}"}}"#)
}

impl Source {
    /// `None` where the source cannot hold the body.
    fn read<T: DeserializeOwned>(self, body: &[u8]) -> Option<Result<T, String>> {
        match self {
            Text => shown(serde_json::from_str(str::from_utf8(body).ok()?)),
            Bytes => shown(serde_json::from_slice(body)),
            Reader => shown(serde_json::from_reader(body)),
            SonicRs => shown(sonic_rs::from_slice(body)),
            SimdJson => {
                simd_json::to_tape(&mut body.to_vec()).ok()?;
                shown(simd_json::serde::from_slice(&mut body.to_vec()))
            }
            Cbor => transcode(body, |json| {
                let mut cbor = Vec::new();
                ciborium::into_writer(&json, &mut cbor).unwrap();
                shown(ciborium::from_reader(cbor.as_slice()))
            }),
            MessagePack => transcode(body, |json| {
                shown(rmp_serde::from_slice(&rmp_serde::to_vec(&json).unwrap()))
            }),
            ValueRead | ValueBuilt => shown(serde_json::from_value(self.value(body)?)),
        }
    }

    fn value(self, body: &[u8]) -> Option<Value> {
        match self {
            ValueRead => serde_json::from_slice(body).ok(),
            ValueBuilt => transcode(body, |json| serde_json::to_value(json).ok()),
            _ => None,
        }
    }

    /// The body, as far as the source shows it.
    fn shown_body(self, body: &[u8]) -> Vec<u8> {
        let Ok(text) = str::from_utf8(body) else {
            return body.to_vec();
        };
        let mut text = text.to_owned();
        // To these the integer zero has no sign, to the others it is a double.
        if self == SimdJson || KEEPS_DIGITS && self != SonicRs {
            for after in [',', '}', '\n'] {
                text = text.replace(&format!("-0{after}"), &format!("0{after}"));
            }
        }
        if KEEPS_DIGITS {
            // serde_json's own `Value` takes every number for one.
            let integers = INTEGERS.iter().filter(|_| self == ValueRead);
            for digits in DOUBLES.iter().chain(integers) {
                text = text.replace(&map_of(digits), digits);
            }
        }
        text.into_bytes()
    }

    /// Whether the source reads the body to its end, and serde can keep all of it.
    fn is_whole(self, body: &[u8]) -> bool {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Whole {
            _Read(IgnoredAny),
        }
        self.read::<Whole>(body).is_some_and(|read| read.is_ok())
    }

    /// Whether the source does not show what is wrong.
    fn hides(self, error: &ParseError) -> bool {
        let message = error.message();
        match self {
            ValueRead | ValueBuilt => message.ends_with(" once, found it again"),
            // It takes lone surrogates, NUL for white space, and huge exponents for none.
            SimdJson => error.category() != Category::Data && !message.contains(" levels of "),
            _ => false,
        }
    }
}

fn shown<T, E: Display>(read: Result<T, E>) -> Option<Result<T, String>> {
    Some(read.map_err(|error| error.to_string()))
}

/// Does something with all that serde_json shows of a body, if it reads it to its end.
fn transcode<T>(
    body: &[u8],
    then: impl FnOnce(
        Transcoder<&mut serde_json::Deserializer<serde_json::de::SliceRead<'_>>>,
    ) -> Option<T>,
) -> Option<T> {
    // What a transcoder fails at it quotes anew at every level.
    if !Bytes.is_whole(body) {
        return None;
    }
    then(Transcoder::new(&mut serde_json::Deserializer::from_slice(
        body,
    )))
}

/// What a source must say of a body.
struct Case<'a> {
    source: Source,
    body: &'a [u8],
    is_whole: bool,
    expected: Result<WebhookEvent, ParseError>,
}

impl<'a> Case<'a> {
    fn new(source: Source, body: &'a [u8]) -> Self {
        let shown = source.shown_body(body);
        let read = WebhookEvent::from_slice_with_limit(&shown, shown.len());
        Self {
            source,
            body,
            is_whole: source.is_whole(body),
            expected: read.map(|event| carried(&event, body)),
        }
    }

    fn behind<W: Wrapper>(&self) -> Option<String> {
        // Their errors quote each other anew at every level: 2^65 bytes for 65 levels.
        let opening = self.body.iter().filter(|byte| b"[{".contains(byte));
        let is_quoted = matches!(self.source, Cbor | SimdJson);
        if W::NAME == Erased::NAME && is_quoted && opening.count() > 60 {
            return None;
        }
        let read = self.source.read::<W>(&W::body(self.body)?)?;
        let streams = !W::BUFFERS && self.source != SimdJson;
        let wrong = self.wrong(read.map(W::event), streams, W::HIDES_MESSAGE)?;
        Some(format!("{:?}, {}: {wrong}", self.source, W::NAME))
    }

    fn as_value(&self) -> Option<String> {
        let read = WebhookEvent::try_from(self.source.value(self.body)?);
        let wrong = self.wrong(shown(read)?, false, false)?;
        Some(format!("{:?}, TryFrom: {wrong}", self.source))
    }

    /// What is wrong with what was read.
    fn wrong(
        &self,
        read: Result<WebhookEvent, String>,
        streams: bool,
        hides_message: bool,
    ) -> Option<String> {
        match (&self.expected, read) {
            (Ok(expected), Ok(event)) if event == *expected => None,
            (Ok(expected), read) => {
                let read = read.map(|event| event.to_json().unwrap());
                Some(format!("not {} but {read:?}", expected.to_json().unwrap()))
            },
            (Err(error), _) if self.source.hides(error) => None,
            (Err(error), Ok(_)) => Some(format!("accepted, and not: {error}")),
            (Err(error), Err(shown)) => {
                // Else the format's own error may come first.
                let comes_first = streams && error.category() == Category::Data;
                if hides_message || !(comes_first || self.is_whole) {
                    return None;
                }
                let message = match error.pointer() {
                    "" => error.message(),
                    pointer => format!("{pointer}: {}", error.message()),
                };
                let (shown, message) = (self.spelled(&shown), self.spelled(&message));
                (!shown.contains(&message)).then(|| format!("not {message:?} but {shown:?}"))
            }
        }
    }

    /// A message in the spelling in which the source's are compared.
    fn spelled(&self, message: &str) -> String {
        match self.source {
            // They escape the messages.
            Cbor | SimdJson => format!("{message:?}").replace('\\', ""),
            // It reads zeros without their sign.
            SonicRs => message.replace("number -0.0", "number 0.0"),
            _ => message.to_owned(),
        }
    }
}

/// The event as serde carries it: numbers beyond 64 bits are the nearest doubles.
fn carried(event: &WebhookEvent, body: &[u8]) -> WebhookEvent {
    let json = serde_json::to_vec(event).unwrap();
    let carried = WebhookEvent::from_slice_with_limit(&json, json.len()).unwrap();
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let has_long_number = body
        .chunk_by(|a, b| is_digit(a) && is_digit(b))
        .any(|run| run.len() >= 19);
    assert!(
        has_long_number || carried == *event,
        "{carried:?} of {event:?}"
    );
    carried
}

fn disagreements(body: &[u8]) -> Vec<String> {
    let of_source = |source| {
        let case = Case::new(source, body);
        [
            case.behind::<WebhookEvent>(),
            case.behind::<PathToError>(),
            case.behind::<Ignored>(),
            case.behind::<Erased>(),
            case.behind::<Untagged>(),
            case.behind::<Flattened>(),
            case.behind::<Tagged>(),
            case.as_value(),
        ]
    };
    SOURCES.into_iter().flat_map(of_source).flatten().collect()
}

#[track_caller]
fn assert_agreed(bodies: impl IntoIterator<Item = (String, Vec<u8>)>) {
    let mut all = Vec::new();
    for (name, body) in bodies {
        let found = disagreements(&body);
        all.extend(
            found
                .into_iter()
                .map(|found| format!("{name}: {found:.900}\n")),
        );
    }
    if let Ok(to) = std::env::var("DUMP") { std::fs::write(to, all.concat()).unwrap(); }
    let first = all.iter().take(20);
    assert!(
        all.is_empty(),
        "{} disagreements\n{}",
        all.len(),
        first.cloned().collect::<String>()
    );
}

#[test]
fn every_body_of_the_corpus() {
    assert_agreed(bodies());
}

#[test]
fn what_is_documented_and_every_damage() {
    let event = EventBuilder::succeeded().build();
    let damaged = Damage::ALL
        .iter()
        .map(|damage| (damage.to_string(), damage.apply(&event)));
    let samples = [SUCCEEDED, FAILED].map(|body| ("documented".to_owned(), body.into()));
    assert_agreed(samples.into_iter().chain(damaged));
}

const OTHER_DIGITS: [&str; 11] = [
    "", "x", "-0", "1 ", " 1", "1.5 ", "01", "+1", "1.", "NaN", "1,2",
];

#[test]
fn what_serde_json_may_show_a_number_as() {
    let digits = || DOUBLES.into_iter().chain(INTEGERS).chain(OTHER_DIGITS);
    let keys = [
        "status",
        "name",
        "isEsign",
        "action",
        "createdAt",
        "later",
        "laterInData",
    ];
    assert_agreed(digits().flat_map(|digits| {
        keys.map(|key| {
            let body = with(key, &map_of(digits));
            (format!("{key} {digits:?}"), body.into_bytes())
        })
    }));
    for digits in digits() {
        for key in ["status", "name", "isEsign", "action", "createdAt"] {
            let body = with(key, &map_of(digits));
            // To a `Value` that serde_json read itself, they are numbers.
            for source in SOURCES.into_iter().filter(|source| *source != ValueRead) {
                let read = source.read::<Flattened>(body.as_bytes());
                assert!(read.is_none_or(|read| read.is_err()), "{source:?} {body}");
            }
        }
    }
}

#[test]
fn an_integer_beyond_64_bits_becomes_the_nearest_double() {
    let body = with("later", "-9223372036854775809");
    // It refuses such integers.
    for source in SOURCES.into_iter().filter(|source| *source != SimdJson) {
        let read = source.read::<Flattened>(body.as_bytes()).unwrap();
        let later = read.unwrap().event.extra.get("later").map(str::to_owned);
        assert_eq!(
            later.as_deref(),
            Some("-9.223372036854776e18"),
            "{source:?}"
        );
    }
}
