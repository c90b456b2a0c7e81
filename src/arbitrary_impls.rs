//! `arbitrary::Arbitrary` for the model. Behind the feature `arbitrary`.

use arbitrary::{Arbitrary, Result, Unstructured};

use crate::action::{Action, EventName};
use crate::digest::{StampHash, TxId};
use crate::event::WebhookEvent;
use crate::extra::Extra;
use crate::id::{ActionId, BlockchainId, ClientId, StampId, UserId, WebhookId};
use crate::idempotency::IdempotencyKey;
use crate::parse::Salvaged;
use crate::stamp::{FileName, Stamp, StampCode, StampType};
use crate::status::StampStatus;

mod coherent;
mod forms;
mod json;

/// Half of them in the form that a function makes, the rest any text at all.
macro_rules! texts {
    ($($name:ty: $form:expr;)*) => {$(
        impl<'a> Arbitrary<'a> for $name {
            fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
                let form: fn(&mut Unstructured<'a>) -> Result<String> = $form;
                let text = if u.arbitrary()? { form(u)? } else { u.arbitrary()? };
                Ok(text.into())
            }
        }
    )*};
}

texts! {
    WebhookId: forms::object_id;
    ActionId: forms::object_id;
    StampId: forms::object_id;
    UserId: forms::object_id;
    ClientId: forms::uuid;
    BlockchainId: forms::uuid;
    TxId: |u| { let is_private = u.arbitrary()?; forms::tx_id(u, is_private) };
    StampHash: forms::digest;
    StampCode: |u| forms::hex(u, 3);
    FileName: forms::plain_name;
    Action: |u| Ok((*u.choose(&["succeed", "failed"])?).to_owned());
    StampType: |u| Ok((*u.choose(&["0", "1", "2", "3", "4"])?).to_owned());
}

impl<'a> Arbitrary<'a> for StampStatus {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let code: i64 = if u.arbitrary()? {
            u.int_in_range(0..=2)?
        } else {
            u.arbitrary()?
        };
        Ok(code.into())
    }

    fn size_hint(depth: usize) -> (usize, Option<usize>) {
        use arbitrary::size_hint::{and, or};
        and(
            bool::size_hint(depth),
            or(u8::size_hint(depth), i64::size_hint(depth)),
        )
    }
}

impl<'a> Arbitrary<'a> for EventName {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(if u.arbitrary()? {
            Self::HashFailure
        } else {
            Self::HashSuccess
        })
    }

    fn size_hint(depth: usize) -> (usize, Option<usize>) {
        bool::size_hint(depth)
    }
}

/// Keys that neither the envelope nor `data` has a field for, with JSON of a few
/// levels under them.
impl<'a> Arbitrary<'a> for Extra {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut extra = Self::new();
        for _ in 0..u.int_in_range(0..=3)? {
            let key = json::unknown_key(u)?;
            // Well-formed and shallow, so that it is always let in.
            let _ = extra.insert(&key, &json::value(u)?);
        }
        Ok(extra)
    }
}

/// A quarter of the events break no rule that needs no clock, a quarter are such
/// events with up to three values changed, and in the others every value is
/// picked on its own. Each of them can be serialized.
///
/// # Fuzzing your own handler
///
/// In a fuzz target, with the feature `arbitrary` on:
///
/// ```
/// use arbitrary::{Arbitrary, Unstructured};
/// use edexa_webhooks::{Outcome, Rejection, WebhookEvent};
///
/// /// Yours: gives the transaction to book, if there is one.
/// fn handle(body: &[u8]) -> Result<Option<String>, Rejection> {
///     let event = WebhookEvent::from_slice(body)?;
///     Ok(match event.outcome()? {
///         Outcome::Succeeded(stamp) => Some(stamp.tx_id.as_str().to_owned()),
///         Outcome::Failed(_) | Outcome::Unknown(_) => None,
///     })
/// }
///
/// /// What stands inside libfuzzer's `fuzz_target!(|data: &[u8]| { … })`.
/// fn target(data: &[u8]) -> arbitrary::Result<()> {
///     let event = WebhookEvent::arbitrary(&mut Unstructured::new(data))?;
///     let body = event.to_json().expect("every such event is written");
///     if let Ok(Some(booked)) = handle(body.as_bytes()) {
///         assert!(event.is_succeeded() && !booked.is_empty());
///     }
///     Ok(())
/// }
///
/// for seed in 0..=u8::MAX {
///     target(&[seed; 400])?;
/// }
/// # Ok::<(), arbitrary::Error>(())
/// ```
impl<'a> Arbitrary<'a> for WebhookEvent {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut event = coherent::event(u)?;
        match u.int_in_range(0..=3)? {
            0 => {}
            1 => {
                for _ in 0..u.int_in_range(1..=3)? {
                    let field = u.int_in_range(0..=LAST_FIELD)?;
                    change(&mut event, field, u)?;
                }
            }
            _ => {
                for field in 0..=LAST_FIELD {
                    change(&mut event, field, u)?;
                }
            }
        }
        Ok(event)
    }
}

const LAST_FIELD: u8 = 18;

/// Puts an arbitrary value into one field.
fn change(event: &mut WebhookEvent, field: u8, u: &mut Unstructured<'_>) -> Result<()> {
    let data = &mut event.data;
    match field {
        0 => event.webhook_id = u.arbitrary()?,
        1 => event.action_id = u.arbitrary()?,
        2 => event.action = u.arbitrary()?,
        3 => event.extra = u.arbitrary()?,
        4 => data.id = u.arbitrary()?,
        5 => data.user_id = u.arbitrary()?,
        6 => data.client_id = u.arbitrary()?,
        7 => data.name = u.arbitrary()?,
        8 => data.blockchain_id = u.arbitrary()?,
        9 => data.tx_id = u.arbitrary()?,
        10 => data.hash = u.arbitrary()?,
        11 => data.stamp_type = u.arbitrary()?,
        12 => data.code = u.arbitrary()?,
        13 => data.is_esign = u.arbitrary()?,
        14 => data.is_private_bc = u.arbitrary()?,
        15 => data.status = u.arbitrary()?,
        16 => data.created_at = forms::time(u)?,
        17 => data.updated_at = forms::time(u)?,
        _ => data.extra = u.arbitrary()?,
    }
    Ok(())
}

/// The `data` of an arbitrary event.
impl<'a> Arbitrary<'a> for Stamp {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.arbitrary().map(|event: WebhookEvent| event.data)
    }
}

/// The key of any stamp id and any action.
impl<'a> Arbitrary<'a> for IdempotencyKey {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let (id, action): (StampId, Action) = u.arbitrary()?;
        let event = crate::testing::EventBuilder::failed()
            .stamp_id(id)
            .action(action);
        Ok(event.build().idempotency_key())
    }
}

/// For what takes a bad body's remains: a log, say.
impl<'a> Arbitrary<'a> for Salvaged {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self {
            webhook_id: u.arbitrary()?,
            action_id: u.arbitrary()?,
            action: u.arbitrary()?,
            stamp_id: u.arbitrary()?,
            tx_id: u.arbitrary()?,
            hash: u.arbitrary()?,
        })
    }
}
