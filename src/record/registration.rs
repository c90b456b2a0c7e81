//! Registering a URL.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::escape::quote;
use crate::event::name::EventName;

/// The body of `POST api/webhooks`, which registers your URL for events:
/// `{"redirectUrl", "description", "action"}`.
///
/// It refuses what edeXa refuses, an empty URL, description or list of events, and also
/// a URL that is not https: the token in its path is all that keeps strangers out.
///
/// The events are written as edeXa's JavaScript SDK spells them in this call,
/// `hash.succeed` and `hash.failed`; its documentation names them `hash.success` and
/// `hash.failure`. That the call takes the SDK's spelling alone is *inferred*.
///
/// Source: edeXa's [JavaScript SDK](crate::guide#sources).
///
/// ```
/// use edexa_webhooks::EventName;
/// use edexa_webhooks::record::Registration;
///
/// let registration = Registration::new(
///     "https://example.com/webhooks/edexa/9f86d081884c7d65",
///     "stamps of the archive",
///     [EventName::HashSuccess, EventName::HashFailure],
/// )?;
/// assert_eq!(
///     registration.to_json(),
///     r#"{"redirectUrl":"https://example.com/webhooks/edexa/9f86d081884c7d65","description":"stamps of the archive","action":["hash.succeed","hash.failed"]}"#,
/// );
/// # Ok::<(), edexa_webhooks::record::InvalidRegistration>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Registration {
    url: String,
    description: String,
    events: Vec<EventName>,
}

impl Registration {
    /// A registration of a URL for events, each of them once.
    ///
    /// # Errors
    ///
    /// The URL is not https (`http://example.com`), has no host (`https:///path`) or holds
    /// what no URL does (a blank, a control character, anything but ASCII); the description
    /// is blank; or there is no event.
    pub fn new(
        url: impl Into<String>,
        description: impl Into<String>,
        events: impl IntoIterator<Item = EventName>,
    ) -> Result<Self, InvalidRegistration> {
        let mut registration = Self {
            url: url.into(),
            description: description.into(),
            events: Vec::new(),
        };
        for event in events {
            if !registration.events.contains(&event) {
                registration.events.push(event);
            }
        }
        if !is_https(&registration.url) {
            // The path holds a secret.
            let start = registration
                .url
                .find("//")
                .map_or(0, |at| at.saturating_add(2));
            let host = registration.url.get(start..).unwrap_or_default();
            let host = host.split(['/', '?', '#']).next().unwrap_or_default();
            let end = start.saturating_add(host.len());
            let found = quote(registration.url.get(..end).unwrap_or_default()).to_string();
            return Err(InvalidRegistration::Url { found });
        }
        if registration.description.trim().is_empty() {
            return Err(InvalidRegistration::Description);
        }
        if registration.events.is_empty() {
            return Err(InvalidRegistration::Events);
        }
        Ok(registration)
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The description.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The events, each once.
    #[must_use]
    pub fn events(&self) -> &[EventName] {
        &self.events
    }

    /// The body of the call.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Writing strings as JSON into memory cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

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

/// Without the path, which holds a secret.
impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("description", &self.description)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

/// Writes what [`to_json`](Registration::to_json) gives.
impl Serialize for Registration {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let events: Vec<&str> = self.events.iter().map(|event| event.sdk_name()).collect();
        let mut object = to.serialize_struct("Registration", 3)?;
        object.serialize_field("redirectUrl", &self.url)?;
        object.serialize_field("description", &self.description)?;
        object.serialize_field("action", &events)?;
        object.end()
    }
}

/// A registration is one that edeXa, or this crate, refuses.
///
/// ```
/// use edexa_webhooks::EventName;
/// use edexa_webhooks::record::Registration;
///
/// let error = Registration::new("http://example.com", "stamps", [EventName::HashSuccess]);
/// assert_eq!(
///     error.unwrap_err().to_string(),
///     "expected an https URL, found \"http://example.com\"",
/// );
/// ```
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRegistration {
    /// The URL is not https, or is none.
    #[error("expected an https URL, found {found}")]
    #[non_exhaustive]
    Url {
        /// A short piece of what was given, escaped, in quotes.
        found: String,
    },
    /// The description is blank.
    #[error("expected a description, found a blank one")]
    Description,
    /// There is no event.
    #[error("expected at least one event, found none")]
    Events,
}
