//! What a registration holds, each refused where edeXa refuses it.

use serde::Serializer;

use crate::error::{ErrorKind, WriteError};
use crate::event::name::EventName;
use crate::field::{Field, Missing, Scalar, Slot};
use crate::json::{Found, Read, Reader, push_string};

macro_rules! checked_text {
    ($name:ident as $expected:literal, $is_accepted:expr) => {
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct $name(String);

        impl $name {
            pub(crate) fn from_text(text: &str) -> Option<Self> {
                $is_accepted(text).then(|| Self(text.to_owned()))
            }

            pub(crate) fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Scalar for $name {
            const EXPECTED: &'static str = $expected;

            fn from_found(found: &Found<'_>) -> Option<Self> {
                found.text().and_then(Self::from_text)
            }

            fn to_found(&self) -> Result<Found<'_>, WriteError> {
                Ok(Found::of_text(&self.0))
            }
        }

        #[cfg(feature = "schemars")]
        impl crate::json_schema::Described for $name {
            type Schema = String;
        }
    };
}

checked_text!(Url as "an https URL", is_https);

checked_text!(Description as "a description that is not blank", |text: &str| !text.trim().is_empty());

fn is_https(url: &str) -> bool {
    let scheme = url.get(..8).unwrap_or_default();
    let rest = url.get(8..).unwrap_or_default();
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    // Behind a user's name.
    let host = host.rsplit('@').next().unwrap_or_default();
    let (name, port) = match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((name, "")) => (name, None),
        Some((name, port)) => (name, Some(port.strip_prefix(':').unwrap_or_default())),
        None => host
            .split_once(':')
            .map_or((host, None), |(name, port)| (name, Some(port))),
    };
    scheme.eq_ignore_ascii_case("https://")
        && url
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&byte))
        && name.contains(|c: char| c.is_ascii_alphanumeric())
        && !name.contains(['[', ']'])
        && port.is_none_or(|port| port.parse().is_ok_and(|port: u16| port > 0))
}

/// Events, at least one, and each once. Written as edeXa's JavaScript SDK spells them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Events(Vec<EventName>);

impl Events {
    pub(crate) fn new(events: impl IntoIterator<Item = EventName>) -> Option<Self> {
        let mut each_once = Vec::new();
        for event in events {
            if !each_once.contains(&event) {
                each_once.push(event);
            }
        }
        (!each_once.is_empty()).then_some(Self(each_once))
    }

    pub(crate) fn as_slice(&self) -> &[EventName] {
        &self.0
    }
}

impl Field for Events {
    type Partial = Self;

    const EXPECTED: &'static str = "an array of one or more names of events";

    fn finish(partial: &mut Option<Self>) -> Option<Self> {
        partial.take()
    }

    fn first_missing(partial: Option<&Self>, key: Missing) -> Option<Missing> {
        partial.is_none().then_some(key)
    }

    fn is_written(&self) -> bool {
        true
    }

    fn write(&self, json: &mut String) -> Result<(), WriteError> {
        let mut before = '[';
        for event in &self.0 {
            json.push(before);
            push_string(json, event.sdk_name());
            before = ',';
        }
        json.push(']');
        Ok(())
    }

    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(|event| event.sdk_name()))
    }
}

impl Slot for Option<Events> {
    fn read(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        if self.is_some() {
            return reader.duplicate();
        }
        let start = reader.at;
        let is_array = reader.peek() == Some(b'[');
        let mut events = Vec::new();
        if is_array {
            reader.entries(|reader| {
                let mut event: Option<EventName> = None;
                event.read(reader)?;
                events.extend(event);
                Ok(())
            })?;
        }
        *self = Events::new(events);
        if self.is_some() {
            return Ok(());
        }
        let found = if is_array {
            "an empty array".to_owned()
        } else {
            reader.scalar()?.describe()
        };
        let expected = Events::EXPECTED;
        reader.refuse_at(start, ErrorKind::Mismatch { expected, found })
    }
}

#[cfg(feature = "schemars")]
impl crate::json_schema::Described for Events {
    type Schema = Vec<EventName>;
}
