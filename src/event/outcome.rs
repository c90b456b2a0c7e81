//! From an event to what it means.

use std::ops::Deref;

use crate::event::WebhookEvent;
use crate::event::action::Action;
use crate::stamp::Stamp;
use crate::stamp::tx_id::TxId;
use crate::validate::Invalid;

/// What a valid event says. It proves nothing: see [Trust](crate::guide::trust). Matching on
/// it is exhaustive: a new action is `Unknown`, not an error.
///
/// ```
/// use edexa_webhooks::{Outcome, WebhookEvent, testing};
///
/// let event: WebhookEvent = testing::SUCCEEDED.parse()?;
/// match event.outcome()? {
///     Outcome::Succeeded(stamp) => println!("on chain as {:?}", stamp.tx_id),
///     Outcome::Failed(stamp) => println!("not stamped: {:?}", stamp.hash),
///     Outcome::Unknown(event) => println!("kept for later: {event}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome<'a> {
    /// The stamp is on the chain. Its status is success, pending or unknown.
    Succeeded(SucceededStamp<'a>),
    /// No transaction id could be provided. The stamp's status is failure, pending or unknown.
    Failed(FailedStamp<'a>),
    /// The action is one for which this version of the crate has no outcome.
    /// Answer 200 and keep the body: the event may matter once you know it.
    Unknown(&'a WebhookEvent),
}

/// A stamp that is on the chain, says the event. Gives the whole [`Stamp`] by `Deref`.
///
/// What is borrowed through `Deref` lives as long as this view; through the field
/// `stamp`, as long as the event.
///
/// ```
/// use edexa_webhooks::Outcome;
/// use edexa_webhooks::testing::EventBuilder;
///
/// let event = EventBuilder::succeeded().tx_id("0x3b7d58").build();
/// let Ok(Outcome::Succeeded(stamp)) = event.outcome() else { panic!() };
/// assert_eq!(stamp.tx_id, "0x3b7d58");
/// assert_eq!(stamp.code, "bd5c9e");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct SucceededStamp<'a> {
    /// The transaction that holds the stamp; never empty.
    pub tx_id: &'a TxId,
    /// The whole stamp.
    pub stamp: &'a Stamp,
}

/// A stamp that could not be made. Gives the whole [`Stamp`] by `Deref`, as
/// [`SucceededStamp`] does.
///
/// ```
/// use edexa_webhooks::Outcome;
/// use edexa_webhooks::testing::EventBuilder;
///
/// let event = EventBuilder::failed().name("abc.png").build();
/// let Ok(Outcome::Failed(stamp)) = event.outcome() else { panic!() };
/// assert_eq!(stamp.name.as_deref(), Some("abc.png"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct FailedStamp<'a> {
    /// The whole stamp.
    pub stamp: &'a Stamp,
}

impl Deref for SucceededStamp<'_> {
    type Target = Stamp;

    fn deref(&self) -> &Stamp {
        self.stamp
    }
}

impl Deref for FailedStamp<'_> {
    type Target = Stamp;

    fn deref(&self) -> &Stamp {
        self.stamp
    }
}

impl WebhookEvent {
    /// What the event says, once every error rule has been checked.
    ///
    /// ```
    /// use edexa_webhooks::{Outcome, WebhookEvent};
    /// # let body = edexa_webhooks::testing::SUCCEEDED.as_bytes();
    ///
    /// let event = WebhookEvent::from_slice(body)?;
    /// match event.outcome()? {
    ///     Outcome::Succeeded(stamp) => println!("on chain as {:?}", stamp.tx_id),
    ///     Outcome::Failed(stamp) => println!("not stamped: {:?}", stamp.hash),
    ///     Outcome::Unknown(event) => println!("newer than this crate: {event}"),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The event breaks an error [`Rule`](crate::Rule), as for [`validate`](Self::validate):
    /// `succeed` with status 2 or without a `txId`, or an empty `hash`. What to do is in
    /// the guide: [Rules](crate::guide::rules#errors).
    pub fn outcome(&self) -> Result<Outcome<'_>, Invalid> {
        self.validate()?;
        let stamp = &self.data;
        Ok(match (&self.action, stamp.transaction()) {
            (Action::Succeeded, Some(tx_id)) => Outcome::Succeeded(SucceededStamp { tx_id, stamp }),
            (Action::Failed, _) => Outcome::Failed(FailedStamp { stamp }),
            // Success without a transaction does not come here: it is invalid.
            _ => Outcome::Unknown(self),
        })
    }
}
