//! For the tests of your own handler: the bodies that edeXa documents, and a
//! builder of events. Behind the feature `testing`, meant for
//! `dev-dependencies`.
//!
//! ```
//! use edexa_webhooks::testing::{self, EventBuilder};
//! use edexa_webhooks::{Outcome, StampStatus, WebhookEvent};
//!
//! let documented: WebhookEvent = testing::SUCCEEDED.parse()?;
//! assert!(documented.is_succeeded());
//!
//! let signed = EventBuilder::succeeded().is_esign(true).build();
//! assert!(matches!(signed.outcome()?, Outcome::Succeeded(_)));
//!
//! let incoherent = EventBuilder::succeeded().status(StampStatus::Failed).build();
//! assert!(incoherent.outcome().is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod assert;
pub(crate) mod body;
mod builder;
mod damage;
mod deliveries;
#[cfg(any(feature = "arbitrary", feature = "proptest"))]
pub(crate) mod unknown;

pub use assert::{assert_findings, assert_same_event};
pub use builder::EventBuilder;
pub use damage::Damage;
pub use deliveries::{conflict, redeliveries, reordered_pair};

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
