//! What a registration holds, each refused where edeXa refuses it.

use std::net::Ipv6Addr;

use crate::error::{ErrorKind, WriteError};
use crate::escape::is_blank;
use crate::event::name::EventName;
use crate::field::Scalar;
use crate::hex::is_hex;
use crate::json::{Found, Read, Reader};
use crate::macros::text_scalar;

/// The URL, of which no error says more than what is wrong: its path holds a secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Url(pub(crate) String);

impl Url {
    /// # Errors
    ///
    /// What was found in place of an https URL.
    pub(crate) fn new(url: String) -> Result<Self, &'static str> {
        match fault(&url) {
            None => Ok(Self(url)),
            Some(found) => Err(found),
        }
    }
}

impl Scalar for Url {
    const EXPECTED: &'static str = "an https URL";

    fn from_found(found: &Found<'_>) -> Option<Self> {
        Self::new(found.text()?.to_owned()).ok()
    }

    fn refusal(found: &Found<'_>) -> ErrorKind {
        let fault = found.text().and_then(fault);
        ErrorKind::Mismatch {
            expected: <Self as Scalar>::EXPECTED,
            found: fault.map_or_else(|| found.describe(), str::to_owned),
        }
    }

    fn to_found(&self) -> Result<Found<'_>, WriteError> {
        Ok(Found::of_text(&self.0))
    }
}

/// The longest URL and the longest description, in bytes, so that what is written is read
/// again.
const MAX_BYTES: usize = 2048;

/// Why a string is no https URL (RFC 3986), if it is none.
fn fault(url: &str) -> Option<&'static str> {
    if url.len() > MAX_BYTES {
        return Some("one of more than 2048 bytes");
    }
    let scheme = url.get(..8).unwrap_or_default();
    if !scheme.eq_ignore_ascii_case("https://") {
        return Some("a string without `https://`");
    }
    let is_of_url = |byte: u8| byte.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&byte);
    if !url.bytes().all(is_of_url) {
        return Some("a character that it cannot have");
    }
    let mut escapes = url.split('%').skip(1);
    if !escapes.all(|rest| rest.get(..2).is_some_and(is_hex)) {
        return Some("`%` without two hex digits");
    }
    let rest = url.get(8..).unwrap_or_default();
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let after = rest.strip_prefix(authority).unwrap_or_default();
    let (user, host) = authority.split_once('@').unwrap_or(("", authority));
    if [user, after].concat().contains(['[', ']']) {
        return Some("a character that it cannot have");
    }
    let address = host.strip_prefix('[').and_then(|host| host.split_once(']'));
    let (is_host, port) = if let Some((address, port)) = address {
        (address.parse::<Ipv6Addr>().is_ok(), port)
    } else {
        let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=".contains(c);
        let is_name = name.contains(|c: char| c.is_ascii_alphanumeric());
        (is_name && name.chars().all(is_of_name), port)
    };
    if !is_host {
        return Some("no host");
    }
    let is_number = |digits: &str| {
        // `parse` takes a sign too.
        !digits.starts_with('+') && digits.parse().is_ok_and(|port: u16| port > 0)
    };
    let is_port = matches!(port, "" | ":") || port.strip_prefix(':').is_some_and(is_number);
    (!is_port).then_some("no port number")
}

/// The description, of which something is seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Description(String);

impl Description {
    pub(crate) fn new(text: String) -> Option<Self> {
        (!is_blank(&text) && text.len() <= MAX_BYTES).then_some(Self(text))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

text_scalar!(Description as "a description of at most 2048 bytes that is not blank", |text: &str| {
    Self::new(text.to_owned())
});

/// Events, at least one, and each once. Written as edeXa's JavaScript SDK spells them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Events(pub(crate) Vec<EventName>);

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
}

impl Scalar for Events {
    const EXPECTED: &'static str = "an array of one or more names of events";

    fn read(reader: &mut Reader<'_>) -> Read<Self> {
        let (start, mut events) = (reader.at, Vec::new());
        let mut found = "an empty array".to_owned();
        if reader.peek() == Some(b'[') {
            reader.entries(|reader| EventName::read(reader).map(|event| events.push(event)))?;
        } else {
            found = reader.scalar()?.describe();
        }
        let expected = <Self as Scalar>::EXPECTED;
        match Self::new(events) {
            Some(events) => Ok(events),
            None => reader.refuse_at(start, ErrorKind::Mismatch { expected, found }),
        }
    }

    fn to_found(&self) -> Result<Found<'_>, WriteError> {
        let names: Vec<_> = self.0.iter().map(|event| event.sdk_name()).collect();
        Ok(Found::Json(format!("[\"{}\"]", names.join("\",\"")).into()))
    }
}
