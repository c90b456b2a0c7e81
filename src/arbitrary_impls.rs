//! `arbitrary::Arbitrary` for the model. Behind the feature `arbitrary`.

use arbitrary::{Arbitrary, Error, Result, Unstructured};
use chrono::{DateTime, Utc};

use crate::event::WebhookEvent;
use crate::event::action::Action;
use crate::event::idempotency::IdempotencyKey;
use crate::event::name::EventName;
use crate::extra::Extra;
use crate::id::{ActionId, BlockchainId, ClientId, StampId, UserId, WebhookId};
use crate::parse::Salvaged;
use crate::record::answer::OK;
use crate::record::registration::Form;
use crate::record::registration::fields::{Description, Events, Url};
use crate::record::{
    Answer, ApiFailure, MetaData, Registration, StampReceipt, StampRecord, Timestamp, UserName,
};
use crate::stamp::file_name::FileName;
use crate::stamp::hash::StampHash;
use crate::stamp::stamp_type::StampType;
use crate::stamp::status::StampStatus;
use crate::stamp::tx_id::TxId;
use crate::stamp::{Stamp, StampCode};

pub(crate) mod coherent;
mod forms;
pub(crate) mod json;
pub(crate) mod made_up;

use made_up::MadeUp;

impl MadeUp for DateTime<Utc> {
    fn made_up(u: &mut Unstructured<'_>) -> Result<Self> {
        forms::time(u)
    }
}

macro_rules! made_up_as_arbitrary {
    ($($name:ty),*) => {$(
        impl MadeUp for $name {
            fn made_up(u: &mut Unstructured<'_>) -> Result<Self> {
                u.arbitrary()
            }
        }
    )*};
}

made_up_as_arbitrary!(bool, i64, StampStatus, Stamp, Extra);

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

        made_up_as_arbitrary!($name);
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
    Timestamp: |u| Ok(forms::time(u)?.to_rfc3339());
    UserName: forms::some_text;
    Action: |u| Ok((*u.choose(Self::KNOWN)?).to_owned());
    StampType: |u| Ok((*u.choose(Self::KNOWN)?).to_owned());
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
/// /// What is inside libfuzzer's `fuzz_target!(|data: &[u8]| { … })`.
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
                    let field = u.int_in_range(0..=last_field())?;
                    change(&mut event, field, u)?;
                }
            }
            _ => {
                for field in 0..=last_field() {
                    change(&mut event, field, u)?;
                }
            }
        }
        Ok(event)
    }
}

/// The fields of both objects, and what each of them holds of unknown keys.
const fn last_field() -> usize {
    let keys = WebhookEvent::KEYS.len().saturating_add(Stamp::KEYS.len());
    keys.saturating_add(1)
}

/// Makes up one field. That the whole stamp is made up, too, leaves it coherent.
fn change(event: &mut WebhookEvent, field: usize, u: &mut Unstructured<'_>) -> Result<()> {
    match field.checked_sub(WebhookEvent::KEYS.len().saturating_add(1)) {
        Some(field) => event.data.change(field, u),
        None => event.change(field, u),
    }
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

impl MadeUp for MetaData {
    fn made_up(u: &mut Unstructured<'_>) -> Result<Self> {
        let json = json::value(u)?;
        // `null` stands for no value at all.
        Ok(Self::new(if json == "null" { "[]" } else { &json }))
    }
}

/// The record or the receipt of an arbitrary event, with up to three values changed.
macro_rules! answers {
    ($($name:ty: $of:path;)*) => {$(
        impl<'a> Arbitrary<'a> for $name {
            fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
                let mut answer = $of(&u.arbitrary()?);
                for _ in 0..u.int_in_range(0..=3)? {
                    let key = u.int_in_range(0..=Self::KEYS.len())?;
                    answer.change(key, u)?;
                }
                Ok(answer)
            }
        }
    )*};
}

answers! {
    StampRecord: crate::testing::record_of;
    StampReceipt: crate::testing::receipt_of;
}

/// Half of them with a status that the API documents.
impl<'a> Arbitrary<'a> for ApiFailure {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let status = if u.arbitrary()? {
            *u.choose(&[401, 404, 409])?
        } else {
            u.arbitrary()?
        };
        let status = if status == OK { 500 } else { status };
        u.arbitrary().map(|message| Self::of(status, message))
    }
}

impl<'a, T: Arbitrary<'a>> Arbitrary<'a> for Answer<T> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.arbitrary().map(Self)
    }
}

impl MadeUp for Url {
    fn made_up(u: &mut Unstructured<'_>) -> Result<Self> {
        let token: u64 = u.arbitrary()?;
        Self::new(format!("https://example.com/{token:x}")).map_err(|_| Error::IncorrectFormat)
    }
}

impl MadeUp for Description {
    fn made_up(u: &mut Unstructured<'_>) -> Result<Self> {
        let text: String = u.arbitrary()?;
        Self::new(format!("{text}.")).ok_or(Error::IncorrectFormat)
    }
}

impl MadeUp for Events {
    fn made_up(u: &mut Unstructured<'_>) -> Result<Self> {
        let events: [EventName; 2] = u.arbitrary()?;
        Self::new(events).ok_or(Error::IncorrectFormat)
    }
}

/// A registration of a made-up URL, half of them with unknown keys.
impl<'a> Arbitrary<'a> for Registration {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut form = Form {
            url: Url::made_up(u)?,
            description: Description::made_up(u)?,
            events: Events::made_up(u)?,
            extra: Extra::default(),
        };
        if u.arbitrary()? {
            form.change(Form::KEYS.len(), u)?;
        }
        Ok(Self(form))
    }
}

/// The fingerprint of an arbitrary event.
#[cfg(feature = "sha2")]
impl<'a> Arbitrary<'a> for crate::event::fingerprint::Fingerprint {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.arbitrary().map(|event: WebhookEvent| event.fingerprint())
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
