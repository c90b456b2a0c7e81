//! The bStamp API's answers about a stamp, and whether an event agrees with them.
//!
//! edeXa signs no webhook, so whoever knows your URL can post a success. The API, which
//! asks for your token, is the only authority that settles it. This module reads its
//! answers and compares events with them. It does no I/O: ask with any HTTP client.
//!
//! ```
//! use edexa_webhooks::record::{Answer, ApiFailure, StampRecord, Verdict};
//! use edexa_webhooks::WebhookEvent;
//! # let body = edexa_webhooks::testing::SUCCEEDED.as_bytes();
//!
//! /// Yours: `GET {base}hash?id={hash}` with your API token as bearer token.
//! fn ask(hash: &str) -> Vec<u8> {
//! #   let _ = hash;
//! #   r#"{"status":200,"message":"ok","data":{"hash":"6d6db6c12243mdhfrehrdfghju76","txid":"3B7D586651f386c0d415fa1349b9ec0be07b78c86"}}"#.into()
//! # } /*
//!     // …
//! }
//! # */
//!
//! let event = WebhookEvent::from_slice(body)?;
//! let answer = Answer::<StampRecord>::from_slice(&ask(event.data.hash.as_str()))?;
//! match answer.into_result() {
//!     Ok(record) => {
//!         let confirmation = event.confirm(&record);
//!         println!("{confirmation}");
//!         assert_eq!(confirmation.verdict(), Verdict::Confirmed);
//!     }
//!     Err(ApiFailure::NotFound { .. }) => println!("no such stamp yet, ask again later: {event}"),
//!     Err(failure) => println!("not answered: {failure}"),
//! }
//! # Ok::<(), edexa_webhooks::ParseError>(())
//! ```
//!
//! Sources: edeXa's [JavaScript SDK](crate::guide#sources) and API pages. The module reads
//! what these show. That every key of a record but `hash` may be missing is *inferred*. See
//! [Trust](crate::guide::trust) for when to ask.

pub(crate) mod answer;
mod confirmation;
#[allow(
    unreachable_pub,
    reason = "the table of an object makes it public, and this one is not exported"
)]
pub(crate) mod envelope;
mod meta_data;
mod receipt;
#[allow(
    unreachable_pub,
    reason = "the table of an object makes it public, and the one in here is not exported"
)]
pub(crate) mod registration;
mod stamp_record;

pub use answer::{Answer, AnswerData, ApiFailure};
pub use confirmation::{Confirmation, Contradiction, Verdict};
pub use meta_data::MetaData;
pub use receipt::StampReceipt;
pub use registration::{InvalidRegistration, Registration};
pub use stamp_record::{StampRecord, Timestamp, UserName};
