//! A kit for the tests of your own handler. Behind the feature `testing`, meant
//! for `dev-dependencies`.
//!
//! | to make | call |
//! | --- | --- |
//! | the bodies that edeXa documents | [`SUCCEEDED`], [`FAILED`] |
//! | an event with values of your own, coherent or not | [`EventBuilder`] |
//! | the same event, delivered again | [`redeliveries`] |
//! | another event under its key | [`conflict`] |
//! | two events of one stamp, the later one first | [`reordered_pair`] |
//! | a body that is no event, in every way that this crate's own tests know | [`Damage`] |
//!
//! | to assert | call |
//! | --- | --- |
//! | which rules an event breaks | [`assert_findings`] |
//! | that what was stored is what was sent | [`assert_same_event`] |
//!
//! # Testing your handler
//!
//! Three tests that every integration should have. The handler here keeps what it
//! has seen in memory; yours has a database.
//!
//! ```
//! use std::collections::HashMap;
//!
//! use edexa_webhooks::testing::{self, Damage, EventBuilder, assert_same_event};
//! use edexa_webhooks::{IdempotencyKey, Rejection, WebhookEvent};
//!
//! #[derive(Default)]
//! struct Inbox {
//!     seen: HashMap<IdempotencyKey, WebhookEvent>,
//!     quarantine: Vec<WebhookEvent>,
//! }
//!
//! impl Inbox {
//!     fn receive(&mut self, body: &[u8]) -> Result<(), Rejection> {
//!         let event = WebhookEvent::from_slice(body)?;
//!         event.validate()?;
//!         let key = event.idempotency_key();
//!         let Some(earlier) = self.seen.get(&key) else {
//!             self.seen.insert(key, event);
//!             return Ok(());
//!         };
//!         let is_known = |other: &WebhookEvent| event.is_redelivery_of(other);
//!         if !is_known(earlier) && !self.quarantine.iter().any(is_known) {
//!             self.quarantine.push(event);
//!         }
//!         Ok(())
//!     }
//! }
//!
//! # /*
//! #[test]
//! # */
//! fn a_success_is_stored() {
//!     let mut inbox = Inbox::default();
//!     let event: WebhookEvent = testing::SUCCEEDED.parse().unwrap();
//!
//!     assert_eq!(inbox.receive(testing::SUCCEEDED.as_bytes()), Ok(()));
//!
//!     assert_same_event(&inbox.seen[&event.idempotency_key()], &event);
//! }
//!
//! # /*
//! #[test]
//! # */
//! fn a_redelivery_changes_nothing_and_a_conflict_is_kept() {
//!     let mut inbox = Inbox::default();
//!     let event = EventBuilder::succeeded().build();
//!
//!     for body in testing::redeliveries(&event) {
//!         assert_eq!(inbox.receive(body.as_bytes()), Ok(()));
//!     }
//!     assert_eq!((inbox.seen.len(), inbox.quarantine.len()), (1, 0));
//!
//!     for _attempt in 0..6 {
//!         assert_eq!(inbox.receive(testing::conflict(&event).as_bytes()), Ok(()));
//!     }
//!     assert_eq!((inbox.seen.len(), inbox.quarantine.len()), (1, 1));
//!     assert_same_event(&inbox.seen[&event.idempotency_key()], &event);
//! }
//!
//! # /*
//! #[test]
//! # */
//! fn a_damaged_body_is_refused_and_leaves_nothing() {
//!     let mut inbox = Inbox::default();
//!     let event = EventBuilder::succeeded().build();
//!
//!     for damage in Damage::ALL {
//!         let received = inbox.receive(&damage.apply(&event));
//!         let rejection = received.expect_err(damage.name());
//!         assert_eq!(rejection.http_status(), damage.http_status(), "{damage}");
//!     }
//!     assert_eq!((inbox.seen.len(), inbox.quarantine.len()), (0, 0));
//! }
//! #
//! # a_success_is_stored();
//! # a_redelivery_changes_nothing_and_a_conflict_is_kept();
//! # a_damaged_body_is_refused_and_leaves_nothing();
//! ```
//!
//! Events that break a rule on purpose, for a handler that looks at findings:
//!
//! ```
//! use edexa_webhooks::testing::{EventBuilder, assert_findings};
//! use edexa_webhooks::{Rule, StampStatus};
//!
//! let event = EventBuilder::succeeded().status(StampStatus::Failed).build();
//! assert_findings(&event.check(), &[Rule::StatusMismatch]);
//! ```
//!
//! To throw made-up bodies at a handler as well, see the feature `proptest`.

mod assert;
pub(crate) mod body;
mod builder;
mod damage;
mod deliveries;
mod records;
#[cfg(any(feature = "arbitrary", feature = "proptest"))]
pub(crate) mod unknown;

pub use assert::{assert_findings, assert_same_event};
pub use builder::EventBuilder;
pub use damage::Damage;
pub use deliveries::{conflict, redeliveries, reordered_pair};
pub use records::{receipt_of, record_of};

/// The body that edeXa's webhook documentation shows for `hash.success`, as it
/// stands there.
///
/// edeXa masked its `userId` with asterisks, shortened its `txId` and made up
/// its `hash`, so it is valid with two warnings: `malformed-tx-id` and
/// `malformed-hash`.
pub const SUCCEEDED: &str = include_str!("testing/succeeded.json");

/// The body that edeXa's webhook documentation shows for `hash.failure`, as it
/// stands there.
///
/// It breaks no rule. edeXa made up its `hash` too, which by chance has the form
/// of a SHA-1 in base64.
pub const FAILED: &str = include_str!("testing/failed.json");
