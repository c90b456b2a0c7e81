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
use crate::testing::{EventBuilder, receipt_of, record_of};

pub(crate) mod coherent;
mod forms;
pub(crate) mod json;
pub(crate) mod made_up;

use made_up::MadeUp;

/// How types are made up: by themselves, and under a key in the same way.
macro_rules! made_up {
    ($($(#[$doc:meta])* $name:ty $(, of $bytes:tt)?: $make:expr;)*) => {$(
        $(#[$doc])*
        impl<'a> Arbitrary<'a> for $name {
            fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
                let make: fn(&mut Unstructured<'a>) -> Result<Self> = $make;
                make(u)
            }

            $(fn size_hint(_: usize) -> (usize, Option<usize>) {
                $bytes
            })?
        }

        made_up_under_a_key! {
            $(#[$doc])*
            $name: |u| u.arbitrary();
        }
    )*};
}

/// How types are made up that are made up under a key alone.
macro_rules! made_up_under_a_key {
    ($($(#[$doc:meta])* $name:ty: $make:expr;)*) => {$(
        $(#[$doc])*
        impl MadeUp for $name {
            fn made_up(u: &mut Unstructured<'_>) -> Result<Self> {
                let make: fn(&mut Unstructured<'_>) -> Result<Self> = $make;
                make(u)
            }
        }
    )*};
}

made_up! {
    WebhookId: |u| text(u, forms::object_id);
    ActionId: |u| text(u, forms::object_id);
    StampId: |u| text(u, forms::object_id);
    UserId: |u| text(u, forms::object_id);
    ClientId: |u| text(u, forms::uuid);
    BlockchainId: |u| text(u, forms::uuid);
    TxId: |u| text(u, |u| {
        let is_private = u.arbitrary()?;
        forms::tx_id(u, is_private)
    });
    StampHash: |u| text(u, forms::digest);
    StampCode: |u| text(u, |u| forms::hex(u, 3));
    FileName: |u| text(u, forms::plain_name);
    Timestamp: |u| text(u, |u| Ok(forms::time(u)?.to_rfc3339()));
    UserName: |u| text(u, forms::some_text);
    Action: |u| text(u, |u| u.choose(Action::KNOWN).map(ToString::to_string));
    StampType: |u| text(u, |u| u.choose(StampType::KNOWN).map(ToString::to_string));
    StampStatus, of (2, Some(9)): |u| {
        let is_known = u.arbitrary()?;
        let code: i64 = if is_known { u.int_in_range(0..=2)? } else { u.arbitrary()? };
        Ok(code.into())
    };
    EventName, of (1, Some(1)): |u| u.choose(&Self::ALL).copied();

    /// Keys that neither the envelope nor `data` has a field for, with JSON of a few
    /// levels under them.
    Extra: |u| {
        let mut extra = Self::new();
        for _ in 0..u.int_in_range(0..=3)? {
            let key = json::unknown_key(u)?;
            // Well-formed and shallow, so that it is always let in.
            let _ = extra.insert(&key, &json::value(u)?);
        }
        Ok(extra)
    };

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
    WebhookEvent: |u| {
        let mut event = coherent::event(u)?;
        match u.int_in_range(0..=3)? {
            0 => {}
            1 => {
                for _ in 0..u.int_in_range(1..=3)? {
                    let field = u.choose_index(FIELDS)?;
                    change(&mut event, field, u)?;
                }
            }
            _ => (0..FIELDS).try_for_each(|field| change(&mut event, field, u))?,
        }
        Ok(event)
    };

    /// The `data` of an arbitrary event.
    Stamp: |u| u.arbitrary().map(|event: WebhookEvent| event.data);

    /// The fingerprint of an arbitrary event.
    #[cfg(feature = "sha2")]
    crate::event::fingerprint::Fingerprint: |u| {
        u.arbitrary().map(|event: WebhookEvent| event.fingerprint())
    };

    /// The key of any stamp id and any action.
    IdempotencyKey: |u| {
        let event = EventBuilder::failed().stamp_id(StampId::arbitrary(u)?);
        Ok(event.action(Action::arbitrary(u)?).build().idempotency_key())
    };

    /// For what takes a bad body's remains: a log, say.
    Salvaged: |u| Ok(Self {
        webhook_id: u.arbitrary()?,
        action_id: u.arbitrary()?,
        action: u.arbitrary()?,
        stamp_id: u.arbitrary()?,
        tx_id: u.arbitrary()?,
        hash: u.arbitrary()?,
    });

    /// The record of an arbitrary event, with up to three values changed.
    StampRecord: |u| record_of(&u.arbitrary()?).with_changes(u);

    /// The receipt of an arbitrary event, with up to three values changed.
    StampReceipt: |u| receipt_of(&u.arbitrary()?).with_changes(u);

    /// Half of them with a status that the API documents.
    ApiFailure: |u| {
        let is_documented = u.arbitrary()?;
        let status = if is_documented { *u.choose(&[401, 404, 409])? } else { u.arbitrary()? };
        let status = if status == OK { 500 } else { status };
        u.arbitrary().map(|message| Self::of(status, message))
    };

    /// A registration of a made-up URL, half of them with unknown keys.
    Registration: |u| {
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
    };
}

made_up_under_a_key! {
    bool: |u| u.arbitrary();
    i64: |u| u.arbitrary();
    DateTime<Utc>: forms::time;
    MetaData: |u| {
        let json = json::value(u)?;
        // `null` stands for no value at all.
        Ok(Self::new(if json == "null" { "[]" } else { &json }))
    };
    Url: |u| {
        let url = format!("https://example.com/{:x}", u64::arbitrary(u)?);
        Self::new(url).map_err(|_| Error::IncorrectFormat)
    };
    Description: |u| {
        Self::new(String::arbitrary(u)? + ".").ok_or(Error::IncorrectFormat)
    };
    Events: |u| {
        Self::new(<[EventName; 2]>::arbitrary(u)?).ok_or(Error::IncorrectFormat)
    };
}

impl<'a, T: Arbitrary<'a>> Arbitrary<'a> for Answer<T> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.arbitrary().map(Self)
    }
}

/// Half of them in the form that a function makes, the rest any text at all.
fn text<'a, T: From<String>>(
    u: &mut Unstructured<'a>,
    form: fn(&mut Unstructured<'a>) -> Result<String>,
) -> Result<T> {
    let has_form = u.arbitrary()?;
    if has_form { form(u) } else { u.arbitrary() }.map(T::from)
}

/// The fields of the envelope, and its unknown keys.
const OUTER_FIELDS: usize = WebhookEvent::KEYS.len().saturating_add(1);

/// The fields of both objects, and what each of them holds of unknown keys.
const FIELDS: usize = OUTER_FIELDS
    .saturating_add(Stamp::KEYS.len())
    .saturating_add(1);

/// Makes up one field. That the whole stamp is made up, too, leaves it coherent.
fn change(event: &mut WebhookEvent, field: usize, u: &mut Unstructured<'_>) -> Result<()> {
    match field.checked_sub(OUTER_FIELDS) {
        Some(field) => event.data.change(field, u),
        None => event.change(field, u),
    }
}
