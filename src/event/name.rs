//! The names of the events that one subscribes to.

use super::action::Action;
use crate::macros::{parsed_text, serde_text};
use crate::names::names;

impl Action {
    /// The event that one subscribes to in order to be told of this action.
    #[must_use]
    pub const fn event_name(&self) -> Option<EventName> {
        match self {
            Self::Succeeded => Some(EventName::HashSuccess),
            Self::Failed => Some(EventName::HashFailure),
            _ => None,
        }
    }
}

/// The name of an event that one subscribes to at edeXa. It is not part of the
/// payload.
///
/// edeXa's sources disagree on the spelling: its webhook documentation says
/// `hash.success` and `hash.failure`, its JavaScript SDK `hash.succeed` and
/// `hash.failed`. Both are read; the documentation's is written.
///
/// ```
/// use edexa_webhooks::EventName;
///
/// let name: EventName = "hash.succeed".parse()?;
/// assert_eq!(name, EventName::HashSuccess);
/// assert_eq!(name.as_str(), "hash.success");
/// # Ok::<(), edexa_webhooks::InvalidEventName>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum EventName {
    /// `hash.success`, in the SDK `hash.succeed`.
    HashSuccess,
    /// `hash.failure`, in the SDK `hash.failed`.
    HashFailure,
}

impl EventName {
    /// The name as edeXa's JavaScript SDK spells it, in the call that registers a URL.
    pub(crate) const fn sdk_name(self) -> &'static str {
        match self {
            Self::HashSuccess => "hash.succeed",
            Self::HashFailure => "hash.failed",
        }
    }

    /// The action that an event of this name carries.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::HashSuccess => Action::Succeeded,
            Self::HashFailure => Action::Failed,
        }
    }

    pub(crate) const ALL: [Self; 2] = [Self::HashSuccess, Self::HashFailure];

    fn from_text(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|event| [event.as_str(), event.sdk_name()].contains(&name))
    }
}

names! {
    /// The name as edeXa's webhook documentation spells it.
    EventName::as_str {
        HashSuccess = "hash.success",
        HashFailure = "hash.failure",
    }
}

parsed_text! {
    EventName as "`hash.success`, `hash.succeed`, `hash.failure` or `hash.failed`",
    /// A string is not the name of an event: `hash.pending` or `succeed`, say.
    ///
    /// ```
    /// use edexa_webhooks::EventName;
    ///
    /// let error = "hash.pending".parse::<EventName>().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "expected `hash.success`, `hash.succeed`, `hash.failure` or `hash.failed`, \
    ///      found \"hash.pending\"",
    /// );
    /// ```
    or else InvalidEventName
}

serde_text!(EventName);
