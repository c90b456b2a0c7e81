//! Every way in agrees, behind any wrapper: what one accepts the others accept, as the
//! same event, and what one refuses the others refuse, for the same reason. As far as
//! what they are given still shows it: see [`Source`].

use std::fmt::Display;

use edexa_webhooks::testing::{Damage, EventBuilder, FAILED, SUCCEEDED};
use edexa_webhooks::{Category, ParseError, WebhookEvent};
use edexa_webhooks_wrappers::{bodies, with};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde_json::Value;
use serde_transcode::Transcoder;

/// A type of a user's around an event.
trait Wrapper: DeserializeOwned {
    const NAME: &'static str;
    /// Whether all of the input is read before any of it comes to the event.
    const BUFFERS: bool = false;
    /// Whether the message of the event's error is lost.
    const HIDES_MESSAGE: bool = false;
    /// How the body is changed on its way in. `None` where the wrapper itself refuses
    /// it.
    fn body(body: &[u8]) -> Option<Vec<u8>> {
        Some(body.to_vec())
    }
    fn event(self) -> WebhookEvent;
}

impl Wrapper for WebhookEvent {
    const NAME: &'static str = "no wrapper";
    fn event(self) -> WebhookEvent {
        self
    }
}

/// Defines a wrapper that hands its deserializer to another crate.
macro_rules! passed_through {
    ($name:ident, $crate_name:literal, $read:expr) => {
        struct $name(WebhookEvent);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $read(from).map($name)
            }
        }

        impl Wrapper for $name {
            const NAME: &'static str = $crate_name;
            fn event(self) -> WebhookEvent {
                self.0
            }
        }
    };
}

passed_through!(Traced, "serde_path_to_error", |from| {
    serde_path_to_error::deserialize(from).map_err(D::Error::custom)
});
passed_through!(Watched, "serde_ignored", |from| {
    serde_ignored::deserialize(from, |path| panic!("{path} is ignored"))
});
passed_through!(Erased, "erased_serde", |from| {
    let mut erased = <dyn erased_serde::Deserializer>::erase(from);
    erased_serde::deserialize(&mut erased).map_err(D::Error::custom)
});

#[derive(Deserialize)]
#[serde(untagged)]
enum Untagged {
    Event(WebhookEvent),
}

impl Wrapper for Untagged {
    const NAME: &'static str = "untagged";
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
    const NAME: &'static str = "flattened";
    const BUFFERS: bool = true;
    fn body(body: &[u8]) -> Option<Vec<u8>> {
        is_object(body).then(|| body.to_vec())
    }
    fn event(self) -> WebhookEvent {
        self.event
    }
}

#[derive(Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    #[serde(rename = "event")]
    Event(WebhookEvent),
}

impl Wrapper for Tagged {
    const NAME: &'static str = "tagged";
    const BUFFERS: bool = true;
    fn body(body: &[u8]) -> Option<Vec<u8>> {
        let (_, entries) = is_object(body).then_some(body)?.trim_ascii_start().split_first()?;
        let comma: &[u8] = match entries.trim_ascii_start() {
            [b'}', ..] => b"",
            _ => b",",
        };
        Some([br#"{"kind": "event""#, comma, entries].concat())
    }
    fn event(self) -> WebhookEvent {
        let Self::Event(event) = self;
        event
    }
}

fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}

/// What an event is read from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Source {
    Text,
    Bytes,
    Reader,
    SonicRs,
    SimdJson,
    /// Made from what serde_json shows of the text.
    Cbor,
    MessagePack,
    /// As serde_json reads it, and put together.
    Value,
    BuiltValue,
}

use Source::{BuiltValue, Bytes, Cbor, MessagePack, Reader, SimdJson, SonicRs, Text};

const SOURCES: [Source; 9] = [
    Text,
    Bytes,
    Reader,
    SonicRs,
    SimdJson,
    Cbor,
    MessagePack,
    Source::Value,
    BuiltValue,
];

impl Source {
    /// `None` where the source cannot hold the body.
    fn read<T: DeserializeOwned>(self, body: &[u8]) -> Option<Result<T, String>> {
        fn shown<T, E: Display>(read: Result<T, E>) -> Option<Result<T, String>> {
            Some(read.map_err(|error| error.to_string()))
        }
        let mut json = serde_json::Deserializer::from_slice(body);
        let json = Transcoder::new(&mut json);
        match self {
            Text => shown(serde_json::from_str(std::str::from_utf8(body).ok()?)),
            Bytes => shown(serde_json::from_slice(body)),
            Reader => shown(serde_json::from_reader(body)),
            SonicRs => shown(sonic_rs::from_slice(body)),
            SimdJson => shown(simd_json::serde::from_slice(&mut body.to_vec())),
            Cbor => {
                let mut cbor = Vec::new();
                ciborium::into_writer(&json, &mut cbor).ok()?;
                match ciborium::from_reader(cbor.as_slice()) {
                    // Its `Display` is its `Debug`.
                    Err(ciborium::de::Error::Semantic(_, message)) => Some(Err(message)),
                    read => shown(read),
                }
            }
            MessagePack => {
                let bytes = rmp_serde::to_vec(&json).ok()?;
                shown(rmp_serde::from_slice(&bytes))
            }
            Source::Value | BuiltValue => shown(serde_json::from_value(self.value(body)?)),
        }
    }

    fn value(self, body: &[u8]) -> Option<Value> {
        let mut json = serde_json::Deserializer::from_slice(body);
        match self {
            BuiltValue => serde_json::to_value(Transcoder::new(&mut json)).ok(),
            _ => serde_json::from_slice(body).ok(),
        }
    }
}

fn main_disagreements(name: &str, body: &[u8]) -> Vec<String> {
    let read = WebhookEvent::from_slice_with_limit(body, body.len());
    let mut all = vec![];
    for source in SOURCES {
        all.extend(compare::<WebhookEvent>(source, body, &read));
        all.extend(compare::<Traced>(source, body, &read));
        all.extend(compare::<Watched>(source, body, &read));
        all.extend(compare::<Erased>(source, body, &read));
        all.extend(compare::<Untagged>(source, body, &read));
        all.extend(compare::<Flattened>(source, body, &read));
        all.extend(compare::<Tagged>(source, body, &read));
    }
    all.into_iter().map(|d| format!("{name}: {d}")).collect()
}

fn compare<W: Wrapper>(source: Source, body: &[u8], reference: &Result<WebhookEvent, ParseError>) -> Option<String> {
    let wrapped = W::body(body)?;
    let read = source.read::<W>(&wrapped)?;
    let way = format!("{source:?} {}", W::NAME);
    match (read, reference) {
        (Ok(w), Ok(event)) => {
            let text = serde_json::to_vec(event).unwrap();
            let expected = WebhookEvent::from_slice_with_limit(&text, text.len()).unwrap();
            let event = w.event();
            (event != expected).then(|| format!("{way}: {} != {}", cut(&serde_json::to_string(&event).unwrap()), cut(&serde_json::to_string(&expected).unwrap())))
        }
        (Ok(_), Err(error)) => {
            let lost = matches!(source, Source::Value | BuiltValue) && error.message().ends_with("once, found it again");
            (!lost).then(|| format!("{way}: accepted, but {error}"))
        }
        (Err(shown), Ok(_)) => Some(format!("{way}: refused {}", cut(&shown))),
        (Err(shown), Err(error)) => {
            if W::HIDES_MESSAGE { return None; }
            let is_json = Cbor.read::<serde::de::IgnoredAny>(body).is_some();
            let streams = !W::BUFFERS && source != SimdJson;
            if !(is_json || streams && error.category() == Category::Data) { return None; }
            let lost = matches!(source, Source::Value | BuiltValue) && error.message().ends_with("once, found it again");
            if lost { return None; }
            let expected = match error.pointer() { "" => error.message(), p => format!("{p}: {}", error.message()) };
            (!shown.contains(&expected)).then(|| format!("{way}: says {}, not {}", cut(&shown), expected))
        }
    }
}

fn cut(t: &str) -> String {
    if t.len() > 700 { format!("…{}", t.chars().skip(400).take(300).collect::<String>()) } else { t.to_owned() }
}

#[test]
fn all_of_the_corpus() {
    let mut n = 0;
    let mut all = Vec::new();
    for (name, body) in bodies() {
        n += 1;
        all.extend(main_disagreements(&name, &body));
    }
    println!("{n} bodies");
    use std::collections::BTreeMap;
    let mut by: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for d in &all {
        let way = d.split(": ").find(|p| SOURCES.iter().any(|s| p.starts_with(&format!("{s:?} ")))).unwrap_or("?").to_owned();
        by.entry(way).or_default().push(d.clone());
    }
    std::fs::write("/tmp/w/disagree.txt", all.join("\n")).unwrap();
    for (w, ds) in by { println!("{w}: {}", ds.len()); for d in ds.iter().take(4) { println!("    {}", cut(d)); } }
    let _ = (Damage::ALL, EventBuilder::succeeded(), FAILED, SUCCEEDED, with("later", "1"));
    assert!(all.is_empty());
}
