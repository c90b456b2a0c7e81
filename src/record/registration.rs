//! Registering a URL.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::event::name::EventName;
use crate::extra::Extra;
use crate::limits::MAX_BODY_BYTES;
use crate::object::object;
use crate::object::write::to_json;
use crate::parse::{ParseError, Salvaged, read_body};

pub(crate) mod fields;

use fields::{Description, Events, Url};

/// The body of `POST api/webhooks`, which registers your URL for events:
/// `{"redirectUrl", "description", "action"}`.
///
/// It refuses what edeXa refuses, an empty URL, description or list of events, and also
/// a URL that is not https: the secret in its path is all that keeps strangers out.
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
#[derive(Clone, PartialEq, Eq)]
pub struct Registration(pub(crate) Form);

object! {
    /// The body that registers a URL for events.
    ///
    /// Source: edeXa's [JavaScript SDK](crate::guide#sources).
    pub struct Form at "", read as PartialForm, pointers FormPointers {
        /// The URL (`redirectUrl`).
        pub url: Url = "redirectUrl",
        /// What the integrator calls it (`description`).
        pub description: Description = "description",
        /// The events that it is told of (`action`).
        pub events: Events = "action",
    }
}

impl Registration {
    /// A registration of a URL for events, each of them once.
    ///
    /// # Errors
    ///
    /// The URL is not https (`http://example.com`), has no host (`https:///path`) or an
    /// invalid port (`https://example.com:x`), or has what a URL cannot have (a space, a
    /// control character, anything but ASCII, `%zz`) or a fragment (`#`); the description
    /// is blank; either of them has more than 2,048 bytes; or there is no event. No error
    /// quotes the URL, since its path holds a secret.
    pub fn new(
        url: impl Into<String>,
        description: impl Into<String>,
        events: impl IntoIterator<Item = EventName>,
    ) -> Result<Self, InvalidRegistration> {
        Ok(Self(Form {
            url: Url::new(url.into()).map_err(|found| InvalidRegistration::Url { found })?,
            description: Description::new(description.into())
                .ok_or(InvalidRegistration::Description)?,
            events: Events::new(events).ok_or(InvalidRegistration::Events)?,
            extra: Extra::default(),
        }))
    }

    /// Reads the body of the call, of at most [`MAX_BODY_BYTES`] bytes. Unknown keys are
    /// kept, and written again.
    ///
    /// # Errors
    ///
    /// The body is over 64 KiB; is not UTF-8; is not JSON; lacks a key
    /// (`{"redirectUrl":"https://example.com"}`) or has it twice; or holds what
    /// [`new`](Self::new) refuses, or the name of an event that is not known
    /// (`"action":["hash.pending"]`).
    ///
    /// ```
    /// use edexa_webhooks::record::Registration;
    ///
    /// let body = br#"{"redirectUrl":"http://e.com","description":"a","action":[]}"#;
    /// assert_eq!(
    ///     Registration::from_slice(body).unwrap_err().to_string(),
    ///     "/redirectUrl: expected an https URL, found a string without `https://` at line 1 column 16",
    /// );
    /// ```
    pub fn from_slice(body: &[u8]) -> Result<Self, ParseError> {
        read_body(body, MAX_BODY_BYTES, |_| Salvaged::default()).map(Self)
    }

    /// The URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0.url.0
    }

    /// The description.
    #[must_use]
    pub fn description(&self) -> &str {
        self.0.description.as_str()
    }

    /// The events, each once.
    #[must_use]
    pub fn events(&self) -> &[EventName] {
        &self.0.events.0
    }

    /// The body of the call.
    #[must_use]
    pub fn to_json(&self) -> String {
        // No field holds what cannot be written.
        to_json(&self.0, 0).unwrap_or_default()
    }
}

/// Without the path, which holds a secret.
impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("description", &self.description())
            .field("events", &self.events())
            .finish_non_exhaustive()
    }
}

/// Writes what [`to_json`](Registration::to_json) gives.
impl Serialize for Registration {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

/// Reads what [`from_slice`](Registration::from_slice) does, of any size, from any format
/// that describes itself.
impl<'de> Deserialize<'de> for Registration {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Form::deserialize(from).map(Self)
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
///     "expected an https URL, found a string without `https://`",
/// );
/// ```
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRegistration {
    /// The URL is not https, or is none.
    #[error("expected an https URL, found {found}")]
    #[non_exhaustive]
    Url {
        /// What is wrong with it, without a piece of it.
        found: &'static str,
    },
    /// The description is blank or has more than 2,048 bytes.
    #[error("expected a description of at most 2048 bytes that is not blank")]
    Description,
    /// There is no event.
    #[error("expected at least one event, found none")]
    Events,
}
