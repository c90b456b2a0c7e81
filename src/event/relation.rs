//! How two events are related.

use crate::event::WebhookEvent;

/// How an event is related to another one: see [`WebhookEvent::relation_to`].
///
/// ```
/// use edexa_webhooks::Relation;
/// use edexa_webhooks::testing::EventBuilder;
///
/// let event = EventBuilder::succeeded().build();
/// let other_code = EventBuilder::succeeded().code("abcdef").build();
/// assert_eq!(event.relation_to(&event), Relation::Redelivery);
/// assert_eq!(event.relation_to(&other_code), Relation::Conflict);
/// assert_eq!(event.relation_to(&EventBuilder::failed().build()), Relation::Unrelated);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Relation {
    /// Another stamp, or another action of the same stamp.
    Unrelated,
    /// The same event, delivered again.
    Redelivery,
    /// The same stamp and action, but other content. One of the two is wrong, and
    /// nothing in them says which.
    Conflict,
}

impl WebhookEvent {
    /// How this event is related to an earlier one: first by
    /// [`idempotency_key`](Self::idempotency_key), then by `data`.
    ///
    /// `data` is compared by its meaning. These do not count: white space and escapes, the
    /// case of an `_id` that is an `ObjectId`, a `txId` that is a
    /// [placeholder](crate::Stamp::transaction), and its keys that hold `null`; further down,
    /// `null` counts. Nor do the ids and unknown keys outside of `data`: edeXa does not say
    /// whether they stay the same when it sends a request again.
    ///
    /// The relation is symmetric.
    ///
    /// ```
    /// use edexa_webhooks::{Relation, WebhookEvent, testing};
    ///
    /// let event: WebhookEvent = testing::SUCCEEDED.parse()?;
    /// let again: WebhookEvent = event.to_json()?.parse()?;
    /// assert_eq!(again.relation_to(&event), Relation::Redelivery);
    ///
    /// let other: WebhookEvent = testing::conflict(&event).parse()?;
    /// assert_eq!(other.relation_to(&event), Relation::Conflict);
    ///
    /// let another_stamp: WebhookEvent = testing::FAILED.parse()?;
    /// assert_eq!(another_stamp.relation_to(&event), Relation::Unrelated);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn relation_to(&self, earlier: &Self) -> Relation {
        if self.action != earlier.action || !self.same_stamp(earlier) {
            Relation::Unrelated
        } else if self.data.is_same(&earlier.data) {
            Relation::Redelivery
        } else {
            Relation::Conflict
        }
    }

    /// Whether this is the other event, delivered again: [`Relation::Redelivery`].
    #[must_use]
    pub fn is_redelivery_of(&self, other: &Self) -> bool {
        self.relation_to(other) == Relation::Redelivery
    }

    /// Whether the two contradict each other: [`Relation::Conflict`].
    ///
    /// Somebody may have guessed an id and posted first. So trust neither event before you
    /// have asked the bStamp API. Keep both, and never drop the later one as a duplicate.
    #[must_use]
    pub fn conflicts_with(&self, other: &Self) -> bool {
        self.relation_to(other) == Relation::Conflict
    }

    /// Whether this event is the later one about a stamp: the later `updatedAt` decides,
    /// and of two equal ones success wins.
    ///
    /// `false` for events of different stamps, and for two that neither time nor
    /// success tells apart. That a stamp may fail first and succeed later, and that
    /// deliveries come in any order, is *inferred*.
    ///
    /// ```
    /// use edexa_webhooks::testing::EventBuilder;
    ///
    /// let (failed, succeeded) = (EventBuilder::failed(), EventBuilder::succeeded());
    /// let (failed, succeeded) = (failed.build(), succeeded.build());
    /// assert_eq!(failed.data.updated_at, succeeded.data.updated_at);
    /// assert!(succeeded.supersedes(&failed));
    /// assert!(!failed.supersedes(&succeeded));
    /// assert!(!succeeded.supersedes(&succeeded));
    /// ```
    #[must_use]
    pub fn supersedes(&self, earlier: &Self) -> bool {
        let rank = |event: &Self| (event.data.updated_at, event.is_succeeded());
        self.same_stamp(earlier) && rank(self) > rank(earlier)
    }
}
