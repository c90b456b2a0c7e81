// The README's links to the guide lead out of it, to the published docs. Of two
// definitions of a link the first one counts.
#![doc = include_str!("guide/links.txt")]
#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

#[cfg(feature = "arbitrary")]
#[cfg_attr(docsrs, doc(cfg(feature = "arbitrary")))]
mod arbitrary_impls;
mod error;
mod escape;
mod event;
mod extra;
mod field;
mod hex;
mod id;
mod json;
#[cfg(feature = "schemars")]
mod json_schema;
mod limits;
mod macros;
mod names;
mod object;
mod parse;
mod rejection;
#[cfg(feature = "http")]
mod screen;
mod stamp;
mod time;
mod validate;

pub mod delivery;
pub mod guide;
pub mod record;
#[cfg(feature = "proptest")]
#[cfg_attr(docsrs, doc(cfg(feature = "proptest")))]
pub mod strategies;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;

pub use error::{Category, WriteError};
pub use event::WebhookEvent;
pub use event::action::{Action, UnknownAction};
#[cfg(feature = "sha2")]
pub use event::fingerprint::{Fingerprint, InvalidFingerprint};
pub use event::idempotency::{IdempotencyKey, InvalidIdempotencyKey};
pub use event::name::{EventName, InvalidEventName};
pub use event::outcome::{FailedStamp, Outcome, SucceededStamp};
pub use event::relation::Relation;
pub use extra::{Extra, ExtraIter};
pub use id::{ActionId, BlockchainId, ClientId, StampId, UserId, WebhookId};
pub use parse::{ParseError, Salvaged};
pub use rejection::Rejection;
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub use screen::screen;
pub use stamp::file_name::FileName;
pub use stamp::hash::StampHash;
pub use stamp::stamp_type::{StampType, UnknownStampType};
pub use stamp::status::{StampStatus, UnknownStatus};
pub use stamp::tx_id::TxId;
pub use stamp::{Stamp, StampCode};
pub use time::WireTime;
pub use validate::{Finding, Findings, Invalid, Rule, Severity};

pub use {chrono, serde_json};
