// The README's links to the guide lead out of it, to the published docs. Of two
// definitions of a link the first one counts.
#![doc = "[index]: crate::guide"]
#![doc = "[Receiving]: crate::guide::receiving"]
#![doc = "[Trust]: crate::guide::trust"]
#![doc = "[Redelivery]: crate::guide::redelivery"]
#![doc = "[Rules]: crate::guide::rules"]
#![doc = "[Upgrading]: crate::guide::upgrading"]
#![doc = "[Compared]: crate::guide::compared"]
#![cfg_attr(
    feature = "testing",
    doc = "[Testing]: crate::testing#testing-your-handler"
)]
#![doc = ""]
#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod action;
#[cfg(feature = "arbitrary")]
#[cfg_attr(docsrs, doc(cfg(feature = "arbitrary")))]
mod arbitrary_impls;
mod digest;
mod escape;
mod event;
mod extra;
mod fault;
mod field;
mod grow;
mod hex;
mod id;
mod idempotency;
mod json;
#[cfg(feature = "schemars")]
mod json_schema;
mod macros;
mod object;
mod outcome;
mod parse;
mod rejection;
mod stamp;
mod status;
mod time;
mod validate;

pub mod delivery;
pub mod guide;
#[cfg(feature = "proptest")]
#[cfg_attr(docsrs, doc(cfg(feature = "proptest")))]
pub mod strategies;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;

pub use action::{Action, EventName, UnknownAction, UnknownEventName};
pub use digest::{StampHash, TxId};
pub use event::WebhookEvent;
pub use extra::{Extra, ExtraIter};
pub use fault::{Category, WriteError};
pub use id::{ActionId, BlockchainId, ClientId, StampId, UserId, WebhookId};
pub use idempotency::{IdempotencyKey, InvalidIdempotencyKey};
pub use outcome::{FailedStamp, Outcome, SucceededStamp};
pub use parse::{ParseError, Salvaged};
pub use rejection::Rejection;
pub use stamp::{FileName, Stamp, StampCode, StampType, UnknownStampType};
pub use status::{StampStatus, UnknownStatus};
pub use time::WireTime;
pub use validate::{Finding, Findings, Invalid, Rule, Severity};

pub use {chrono, serde_json};
