//! proptest strategies for the tests of your own handler. Behind the feature
//! `proptest`, meant for `dev-dependencies`.
//!
//! They make what the feature `arbitrary` makes, by the same code.
//!
//! # Fuzzing your own handler
//!
//! ```
//! use edexa_webhooks::{Outcome, Rejection, WebhookEvent, strategies};
//! use proptest::prelude::*;
//! use proptest::test_runner::TestRunner;
//!
//! /// Yours: gives the transaction to book, if there is one.
//! fn handle(body: &[u8]) -> Result<Option<String>, Rejection> {
//!     let event = WebhookEvent::from_slice(body)?;
//!     Ok(match event.outcome()? {
//!         Outcome::Succeeded(stamp) => Some(stamp.tx_id.as_str().to_owned()),
//!         Outcome::Failed(_) | Outcome::Unknown(_) => None,
//!     })
//! }
//!
//! // In a test, the macro `proptest!` spares you the runner.
//! let mut runner = TestRunner::default();
//! runner.run(&strategies::coherent_event(), |event| {
//!     let body = event.to_json().expect("every such event is written");
//!     let booked = handle(body.as_bytes()).expect("a coherent event is taken");
//!     prop_assert_eq!(booked.is_some(), event.is_succeeded());
//!     Ok(())
//! })?;
//! runner.run(&strategies::wire_body(), |body| {
//!     if let Ok(Some(booked)) = handle(&body) {
//!         prop_assert!(!booked.is_empty());
//!     }
//!     Ok(())
//! })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt::Debug;

use arbitrary::{Arbitrary, Unstructured};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};

use crate::arbitrary_impls::coherent;
use crate::event::WebhookEvent;
use crate::record::{Answer, Registration, StampReceipt, StampRecord};
use crate::testing::record_of;

mod body;

/// What a function makes of random bytes. Fewer and smaller bytes are simpler.
fn made_up<T: Debug>(
    make: fn(&mut Unstructured<'_>) -> arbitrary::Result<T>,
) -> impl Strategy<Value = T> {
    vec(any::<u8>(), 0..1_500).prop_filter_map("bytes of which nothing can be made", move |bytes| {
        make(&mut Unstructured::new(&bytes)).ok()
    })
}

/// What the feature `arbitrary` makes of random bytes.
fn any_made_up<T: for<'a> Arbitrary<'a> + Debug>() -> impl Strategy<Value = T> {
    made_up(|u| T::arbitrary(u))
}

/// Any event that can be serialized, as the feature `arbitrary` makes it: coherent,
/// coherent but for some of its values, or with every value picked on its own.
///
/// ```
/// use edexa_webhooks::strategies::any_event;
/// use proptest::prelude::*;
///
/// proptest!(|(event in any_event())| {
///     prop_assert!(event.to_json().is_ok());
/// });
/// ```
pub fn any_event() -> impl Strategy<Value = WebhookEvent> {
    any_made_up()
}

/// An event that breaks no rule but those that need a clock.
///
/// ```
/// use edexa_webhooks::strategies::coherent_event;
/// use proptest::prelude::*;
///
/// proptest!(|(event in coherent_event())| {
///     prop_assert!(event.check().is_empty());
/// });
/// ```
pub fn coherent_event() -> impl Strategy<Value = WebhookEvent> {
    made_up(coherent::event)
}

/// An event and what the API says of a stamp: mostly of that one, with up to three
/// values changed, and otherwise of another.
///
/// ```
/// use edexa_webhooks::record::Verdict;
/// use edexa_webhooks::strategies::event_and_record;
/// use proptest::prelude::*;
///
/// proptest!(|((event, record) in event_and_record())| {
///     let is_confirmed = event.confirm(&record).verdict() == Verdict::Confirmed;
///     prop_assert!(!is_confirmed || event.data.hash.as_str().len() > 0);
/// });
/// ```
pub fn event_and_record() -> impl Strategy<Value = (WebhookEvent, StampRecord)> {
    made_up(|u| {
        let event: WebhookEvent = u.arbitrary()?;
        let is_another = u.ratio(1, 8)?;
        let record = if is_another {
            StampRecord::arbitrary(u)?
        } else {
            record_of(&event)
        };
        Ok((event, record.with_changes(u)?))
    })
}

/// What may arrive as the body of a request: two in eight bodies are those that edeXa
/// documents, or of [`any_event`] with keys in any order and with any white space; four are
/// such a body changed in one place, and two are noise.
///
/// The one change is a bit flipped, a byte removed or put in, the end cut off, a
/// key missing or duplicate, or another value. Sometimes it
/// leaves an event: in a file's name any letter will do.
///
/// ```
/// use edexa_webhooks::WebhookEvent;
/// use edexa_webhooks::strategies::wire_body;
/// use proptest::prelude::*;
///
/// proptest!(|(body in wire_body())| {
///     // Never panics.
///     let _ = WebhookEvent::from_slice(&body);
/// });
/// ```
pub fn wire_body() -> impl Strategy<Value = Vec<u8>> {
    made_up(body::any_body)
}

/// What the API says of a stamp: the record of [`any_event`], with up to three values
/// changed.
///
/// ```
/// use edexa_webhooks::record::Verdict;
/// use edexa_webhooks::strategies::any_record;
/// use edexa_webhooks::testing::EventBuilder;
/// use proptest::prelude::*;
///
/// let failed = EventBuilder::failed().build();
/// proptest!(|(record in any_record())| {
///     prop_assert_ne!(failed.confirm(&record).verdict(), Verdict::Confirmed);
/// });
/// ```
pub fn any_record() -> impl Strategy<Value = StampRecord> {
    any_made_up()
}

/// What the API answered when a hash was stamped: the receipt of [`any_event`], with up to
/// three values changed.
///
/// ```
/// use edexa_webhooks::record::{Answer, StampReceipt};
/// use edexa_webhooks::strategies::any_receipt;
/// use edexa_webhooks::testing::answer_of;
/// use proptest::prelude::*;
///
/// proptest!(|(receipt in any_receipt())| {
///     let answer = Answer::<StampReceipt>::from_slice(answer_of(&receipt).as_bytes())?;
///     prop_assert_eq!(answer.into_result(), Ok(receipt));
/// });
/// ```
pub fn any_receipt() -> impl Strategy<Value = StampReceipt> {
    any_made_up()
}

/// An answer of the API: with a `T`, which is [`StampRecord`] or [`StampReceipt`], or a failure.
///
/// ```
/// use edexa_webhooks::record::{Answer, StampRecord};
/// use edexa_webhooks::strategies::any_answer;
/// use proptest::prelude::*;
///
/// proptest!(|(answer in any_answer::<StampRecord>())| {
///     if let Err(failure) = answer.into_result() {
///         prop_assert_ne!(failure.status(), 200);
///     }
/// });
/// ```
pub fn any_answer<T>() -> impl Strategy<Value = Answer<T>>
where
    T: for<'a> Arbitrary<'a> + Debug + 'static,
{
    any_made_up()
}

/// The body of a call that registers a URL.
///
/// ```
/// use edexa_webhooks::record::Registration;
/// use edexa_webhooks::strategies::any_registration;
/// use proptest::prelude::*;
///
/// proptest!(|(registration in any_registration())| {
///     let body = registration.to_json();
///     prop_assert_eq!(Registration::from_slice(body.as_bytes())?, registration);
/// });
/// ```
pub fn any_registration() -> impl Strategy<Value = Registration> {
    any_made_up()
}
