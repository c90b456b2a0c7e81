//! Every way in agrees, behind any wrapper: what one accepts the others accept, as the
//! same event, and what one refuses the others refuse, for the same reason. As far as
//! what they are given still shows it: see [`Source::shown_body`] and [`Source::hides`].

use std::fmt::Display;
use std::thread;

use edexa_webhooks::testing::{Damage, EventBuilder, FAILED, SUCCEEDED};
use edexa_webhooks::{Category, ParseError, WebhookEvent};
use edexa_webhooks_wrappers::{bodies, with};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _, IgnoredAny};
use serde_json::Value;
use serde_transcode::{Transcoder, transcode};

const AFTER_NUMBERS: [char; 3] = [',', '}', '\n'];

const KEEPS_DIGITS: bool = cfg!(feature = "arbitrary_precision");

/// Defines types of a user's around an event, and how each reads one.
macro_rules! wrappers {
    ($($name:ident => |$from:ident| $read:expr;)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        enum Wrapper {
            $($name,)*
        }

        $(
            struct $name(WebhookEvent);

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>($from: D) -> Result<Self, D::Error> {
                    $read.map(Self)
                }
            }

            impl From<$name> for WebhookEvent {
                fn from(wrapped: $name) -> Self {
                    wrapped.0
                }
            }
        )*

        impl Case<'_> {
            fn behind_all(&self) -> Vec<String> {
                let all = [$(self.behind::<$name>(Wrapper::$name)),*];
                all.into_iter().flatten().collect()
            }
        }
    };
}

wrappers! {
    Bare => |from| WebhookEvent::deserialize(from);
    PathToError => |from| {
        serde_path_to_error::deserialize(from).map_err(serde_path_to_error::Error::into_inner)
    };
    Ignored => |from| serde_ignored::deserialize(from, |path| panic!("{path} is ignored"));
    Erased => |from| {
        let mut erased = <dyn erased_serde::Deserializer>::erase(from);
        erased_serde::deserialize(&mut erased).map_err(D::Error::custom)
    };
    Untagged => |from| {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Outer {
            Event(WebhookEvent),
        }
        Outer::deserialize(from).map(|Outer::Event(event)| event)
    };
    Flattened => |from| {
        #[derive(Deserialize)]
        struct Outer {
            #[serde(flatten)]
            event: WebhookEvent,
        }
        Outer::deserialize(from).map(|outer| outer.event)
    };
    Tagged => |from| {
        #[derive(Deserialize)]
        #[serde(tag = "kind")]
        enum Outer {
            Event(WebhookEvent),
        }
        Outer::deserialize(from).map(|Outer::Event(event)| event)
    };
}

impl Wrapper {
    /// Whether serde keeps all of the input before the event sees any of it.
    fn buffers(self) -> bool {
        matches!(self, Self::Untagged | Self::Flattened | Self::Tagged)
    }

    /// The body that it reads as the event of this one. `None` for what is no object,
    /// which some refuse by themselves.
    fn body(self, body: &[u8]) -> Option<Vec<u8>> {
        if !matches!(self, Self::Flattened | Self::Tagged) {
            return Some(body.to_vec());
        }
        let start = body.iter().position(|byte| !b" \t\r\n".contains(byte))?;
        let entries = body[start..].strip_prefix(b"{")?;
        let is_empty = entries.trim_ascii_start().starts_with(b"}");
        let tag: &[u8] = match self {
            Self::Tagged if is_empty => br#""kind": "Event""#,
            Self::Tagged => br#""kind": "Event","#,
            _ => b"",
        };
        Some([b"{", tag, entries].concat())
    }
}

/// What an event is read from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Source {
    Text,
    Bytes,
    Reader,
    SonicRs,
    SimdJson,
    // What follows is made of what serde_json shows of the body, the first `Value` by
    // serde_json itself, the second as a program puts one together.
    Cbor,
    Msgpack,
    ValueRead,
    ValueBuilt,
}

use Source::*;

const SOURCES: [Source; 9] = [
    Text, Bytes, Reader, SonicRs, SimdJson, Cbor, Msgpack, ValueRead, ValueBuilt,
];

impl Source {
    /// `None` where there is no such source of the body.
    fn read<T: DeserializeOwned>(self, body: &[u8]) -> Option<Result<T, String>> {
        match self {
            Text => shown(serde_json::from_str(std::str::from_utf8(body).ok()?)),
            Bytes => shown(serde_json::from_slice(body)),
            Reader => shown(serde_json::from_reader(body)),
            SonicRs => shown(sonic_rs::from_slice(body)),
            SimdJson => {
                simd_json::to_tape(&mut body.to_vec()).ok()?;
                shown(simd_json::serde::from_slice(&mut body.to_vec()))
            }
            // A transcoder's error quotes itself anew at every level.
            Cbor | Msgpack if !Bytes.is_whole(body) => None,
            Cbor => {
                let (json, mut cbor) = (&mut serde_json::Deserializer::from_slice(body), vec![]);
                ciborium::into_writer(&Transcoder::new(json), &mut cbor).unwrap();
                shown(ciborium::from_reader(cbor.as_slice()))
            }
            Msgpack => {
                let json = &mut serde_json::Deserializer::from_slice(body);
                let bytes = rmp_serde::to_vec(&Transcoder::new(json)).unwrap();
                shown(rmp_serde::from_slice(&bytes))
            }
            ValueRead | ValueBuilt => shown(serde_json::from_value(self.value(body)?)),
        }
    }

    fn value(self, body: &[u8]) -> Option<Value> {
        let json = &mut serde_json::Deserializer::from_slice(body);
        match self {
            ValueRead => serde_json::from_slice(body).ok(),
            ValueBuilt if Bytes.is_whole(body) => {
                transcode(json, serde_json::value::Serializer).ok()
            }
            _ => None,
        }
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

    /// The body, as far as the source shows it.
    fn shown_body(self, body: &[u8]) -> Vec<u8> {
        let Ok(text) = std::str::from_utf8(body) else {
            return body.to_vec();
        };
        let unsigned =
            |text: String, after| text.replace(&format!("-0{after}"), &format!("0{after}"));
        let (mut text, is_read) = (text.to_owned(), KEEPS_DIGITS && self == ValueRead);
        // What is a double to the others is the integer zero to these two.
        if self == SimdJson {
            text = AFTER_NUMBERS.into_iter().fold(text, unsigned);
        }
        // What may be a double of serde_json's is taken for one, and serde_json itself
        // takes any number so.
        let integers = INTEGERS.into_iter().filter(|_| is_read);
        let doubles = DOUBLES.into_iter().filter(|_| KEEPS_DIGITS);
        for digits in doubles.chain(integers) {
            text = text.replace(&map_of(digits), digits);
        }
        if is_read {
            text = AFTER_NUMBERS.into_iter().fold(text, unsigned);
        }
        text.into_bytes()
    }

    /// Whether the source does not show what is wrong.
    fn hides(self, error: &ParseError) -> bool {
        let message = error.message();
        match self {
            ValueRead | ValueBuilt => message.starts_with("duplicate key "),
            // Its grammar takes lone surrogates, NUL for white space, and more.
            SimdJson => error.category() != Category::Data && !message.contains(" levels of "),
            _ => false,
        }
    }

    /// A message, spelled so that those of the source can be compared.
    fn spelled(self, message: &str) -> String {
        match self {
            // They escape the messages.
            Cbor | SimdJson => format!("{message:?}").replace('\\', ""),
            // It shows a zero without its sign.
            SonicRs => message.replace("number -0.0", "number 0.0"),
            _ => message.to_owned(),
        }
    }
}

fn shown<T, E: Display>(read: Result<T, E>) -> Option<Result<T, String>> {
    Some(read.map_err(|error| error.to_string()))
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

    fn behind<T>(&self, wrapper: Wrapper) -> Option<String>
    where
        T: DeserializeOwned + Into<WebhookEvent>,
    {
        let opening = self.body.iter().filter(|byte| b"[{".contains(byte));
        let is_left_out = match (wrapper, self.source) {
            // Their errors quote each other anew at every level: 2^65 bytes for 65 levels.
            (Wrapper::Erased, Cbor | SimdJson) => opening.count() > 60,
            // It takes no longer key where serde asks for the name of a field.
            (Wrapper::Flattened, Cbor) => self.body.len() > 4096,
            // serde itself cannot keep integers of 128 bits.
            (_, _) => wrapper.buffers() && !self.is_whole && self.expected.is_ok(),
        };
        if is_left_out {
            return None;
        }
        let read = self.source.read::<T>(&wrapper.body(self.body)?)?;
        self.wrong(wrapper, read.map(T::into))
    }

    fn as_value(&self) -> Option<String> {
        let read = WebhookEvent::try_from(self.source.value(self.body)?);
        self.wrong(Wrapper::Bare, shown(read)?)
    }

    /// What is wrong with what was read.
    fn wrong(&self, wrapper: Wrapper, read: Result<WebhookEvent, String>) -> Option<String> {
        let wrong = match (&self.expected, read) {
            (Ok(expected), Ok(event)) if event == *expected => return None,
            (Ok(expected), Ok(event)) => {
                let [expected, event] = [expected, &event].map(|event| event.to_json().unwrap());
                format!("not {expected:.900} but {event:.900}")
            }
            (Ok(_), Err(shown)) => format!("refused: {shown:.900}"),
            (Err(error), _) if self.source.hides(error) => return None,
            (Err(error), Ok(_)) => format!("accepted, and not: {error}"),
            (Err(error), Err(shown)) => {
                // Else the format's own error may come first.
                let streams = !wrapper.buffers() && self.source != SimdJson;
                let comes_first = streams && error.category() == Category::Data;
                let message = match error.pointer() {
                    "" => error.message(),
                    pointer => format!("{pointer}: {}", error.message()),
                };
                let [found, message] = [&shown, &message].map(|text| self.source.spelled(text));
                let is_compared = comes_first || self.is_whole;
                if wrapper == Wrapper::Untagged || !is_compared || found.contains(&message) {
                    return None;
                }
                format!("not {message:?} but {found:?}")
            }
        };
        Some(format!("{:?}, {wrapper:?}: {wrong}", self.source))
    }
}

/// The event as serde carries it: numbers beyond 64 bits are the nearest doubles.
fn carried(event: &WebhookEvent, body: &[u8]) -> WebhookEvent {
    let json = serde_json::to_vec(event).unwrap();
    let carried = WebhookEvent::from_slice_with_limit(&json, json.len()).unwrap();
    let mut runs = body.chunk_by(|a, b| a.is_ascii_digit() && b.is_ascii_digit());
    let is_same = carried == *event || runs.any(|run| run.len() >= 19);
    assert!(is_same, "{carried:?} of {event:?}");
    carried
}

#[track_caller]
fn assert_agreed(bodies: impl IntoIterator<Item = (String, Vec<u8>)>) {
    let mut all = Vec::new();
    for (name, body) in bodies {
        for source in SOURCES {
            let case = Case::new(source, &body);
            let found = case.behind_all().into_iter().chain(case.as_value());
            all.extend(found.map(|wrong| format!("{name}: {wrong}")));
        }
    }
    let first = &all[..all.len().min(20)];
    assert!(all.is_empty(), "{}, among them {first:#?}", all.len());
}

/// sonic-rs needs more than a test's stack for bodies that nest deep, unless optimized.
#[test]
fn the_corpus() {
    let thread = thread::Builder::new().stack_size(64 * 1024 * 1024);
    let agreed = thread.spawn(|| assert_agreed(bodies())).unwrap().join();
    agreed.unwrap();
}

#[test]
fn the_documented_bodies_and_every_damage() {
    let event = EventBuilder::succeeded().build();
    let damaged = Damage::ALL
        .iter()
        .map(|way| (way.to_string(), way.apply(&event)));
    let documented = [SUCCEEDED, FAILED].map(|body| ("documented".to_owned(), body.into()));
    assert_agreed(documented.into_iter().chain(damaged));
    // No way is left out unawares.
    let all = SOURCES.map(|source| source.is_whole(SUCCEEDED.as_bytes()));
    assert_eq!(all, [true; SOURCES.len()]);
}

/// Digits that no integer of 64 bits carries, those of integers, and no digits at all.
const DOUBLES: [&str; 7] = [
    "-0",
    "1.5",
    "1e2",
    "-1.25e-3",
    "1e400",
    "-9223372036854775809",
    "18446744073709551616",
];
const INTEGERS: [&str; 5] = [
    "0",
    "1",
    "-1",
    "-9223372036854775808",
    "18446744073709551615",
];
const NO_DIGITS: [&str; 9] = ["", "x", "1 ", " 1.5", "1.5 ", "01", "+1", "1.", "NaN"];

/// An object of the shape in which serde_json shows a number where it keeps the digits.
fn map_of(digits: &str) -> String {
    format!(r#"{{"$serde_json::private::Number": "{digits}"}}"#)
}

#[test]
fn objects_that_look_like_numbers_of_serde_json() {
    let known = ["status", "name", "isEsign", "action", "createdAt"];
    for digits in DOUBLES.into_iter().chain(INTEGERS).chain(NO_DIGITS) {
        let keys = known.into_iter().chain(["later", "laterInData"]);
        assert_agreed(keys.map(|key| {
            let body = with(key, &map_of(digits));
            (format!("{key} {digits:?}"), body.into())
        }));
        for body in known.map(|key| with(key, &map_of(digits))) {
            // A `Value` of serde_json's own holds a number there.
            for source in SOURCES.into_iter().filter(|source| *source != ValueRead) {
                let read = source.read::<Flattened>(body.as_bytes()).unwrap();
                assert!(read.is_err(), "{source:?}: {body}");
            }
        }
    }
}

/// Shown as a map, it takes a level more than there may be.
#[test]
fn a_double_in_the_deepest_array_and_in_one_too_deep() {
    let arrays = [63, 64].map(|levels| ["[".repeat(levels), "]".repeat(levels)].join("1.5"));
    let bodies = arrays.map(|arrays| with("later", &arrays));
    assert!(bodies[0].parse::<WebhookEvent>().is_ok());
    assert_agreed(bodies.map(|body| ("arrays".to_owned(), body.into())));
}

#[test]
fn an_integer_beyond_64_bits_is_the_nearest_double_in_a_flattened_event() {
    let body = with("later", "-9223372036854775809");
    for source in SOURCES {
        if !source.is_whole(body.as_bytes()) {
            let is_known = source == SimdJson || KEEPS_DIGITS && source == ValueRead;
            assert!(is_known, "{source:?} does not read it at all");
            continue;
        }
        let read = source.read::<Flattened>(body.as_bytes()).unwrap();
        let event = read.unwrap().0;
        assert_eq!(event.extra.get("later"), Some("-9223372036854776e3"));
    }
}
