//! Events.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::option;
use proptest::prelude::*;

use super::{json, text};
use crate::event::WebhookEvent;
use crate::testing::EventBuilder;

pub(super) fn coherent() -> BoxedStrategy<WebhookEvent> {
    let ids = (text::object_id(), text::object_id());
    let rest = (
        (text::some_text(), text::some_text()),
        option::of(text::mostly(text::uuid())),
        option::of(text::plain_name()),
        text::digest(),
        text::known_type(),
        option::of(any::<bool>()),
    );
    (chain(), clock(), ids, rest, json::extra(), json::extra())
        .prop_map(|(start, clock, ids, rest, extra, stamp_extra)| {
            let (texts, client_id, name, hash, stamp_type, is_esign) = rest;
            let mut event = start
                .webhook_id(ids.0)
                .action_id(ids.1)
                .stamp_id(clock.stamp_id)
                .created_at(clock.created_at)
                .updated_at(clock.updated_at)
                .user_id(texts.0)
                .code(texts.1)
                .hash(hash)
                .stamp_type(stamp_type)
                .build();
            event.data.client_id = client_id.map(Into::into);
            event.data.name = name.map(Into::into);
            event.data.is_esign = is_esign;
            event.extra = extra;
            event.data.extra = stamp_extra;
            event
        })
        .boxed()
}

/// Whether the stamp succeeded, and on which chain.
fn chain() -> BoxedStrategy<EventBuilder> {
    let succeeded = any::<bool>().prop_flat_map(|is_private| {
        (text::tx_id(is_private), text::uuid()).prop_map(move |(tx_id, blockchain_id)| {
            EventBuilder::succeeded()
                .is_private_bc(is_private)
                .tx_id(tx_id)
                .blockchain_id(blockchain_id)
        })
    });
    let failed = any::<bool>().prop_map(|it| EventBuilder::failed().is_private_bc(it));
    prop_oneof![succeeded, failed].boxed()
}

#[derive(Debug)]
struct Clock {
    stamp_id: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// Times that agree with each other and with the stamp's id.
fn clock() -> BoxedStrategy<Clock> {
    let drift = -5_i64..=5;
    let took = 0_i64..200_000_000;
    let made_at = 5_i64..=i64::from(u32::MAX);
    (made_at, drift, nanos(), took, "[0-9a-f]{16}")
        .prop_map(|(made_at, drift, nanos, took, rest)| {
            let created_at = instant(made_at.saturating_add(drift), nanos);
            let updated_at = created_at.checked_add_signed(TimeDelta::milliseconds(took));
            Clock {
                stamp_id: format!("{made_at:08x}{rest}"),
                created_at,
                updated_at: updated_at.unwrap_or(created_at),
            }
        })
        .boxed()
}

/// A time that the wire can write: of the years 0000 to 9999.
fn any_time() -> BoxedStrategy<DateTime<Utc>> {
    let seconds = prop_oneof![
        3 => 1_600_000_000..1_800_000_000_i64,
        1 => -62_167_219_200..=253_402_300_799_i64,
    ];
    (seconds, nanos())
        .prop_map(|(seconds, nanos)| instant(seconds, nanos))
        .boxed()
}

/// Mostly whole milliseconds, as edeXa sends them.
fn nanos() -> BoxedStrategy<u32> {
    prop_oneof![
        3 => (0..1_000_u32).prop_map(|millis| millis.saturating_mul(1_000_000)),
        1 => 0..1_000_000_000_u32,
    ]
    .boxed()
}

fn instant(seconds: i64, nanos: u32) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, nanos).unwrap_or_default()
}

/// Every value picked on its own.
pub(super) fn incoherent() -> BoxedStrategy<WebhookEvent> {
    let ids = (
        text::mostly(text::object_id()),
        text::mostly(text::object_id()),
        text::mostly("succeed|failed".boxed()),
        text::mostly(text::object_id()),
        text::mostly(text::object_id()),
    );
    let optional = (
        option::of(text::mostly(text::uuid())),
        option::of(text::mostly(text::plain_name())),
        option::of(text::mostly(text::uuid())),
        option::of(text::mostly(any::<bool>().prop_flat_map(text::tx_id))),
        option::of(any::<bool>()),
    );
    let required = (
        text::mostly(text::digest()),
        text::mostly(text::known_type()),
        text::mostly("[0-9a-z]{6}".boxed()),
        any::<bool>(),
        prop_oneof![3 => 0..3_i64, 1 => any::<i64>()],
        any_time(),
        any_time(),
    );
    (ids, optional, required, json::extra(), json::extra())
        .prop_map(|(ids, optional, required, extra, stamp_extra)| {
            let mut event = EventBuilder::failed()
                .webhook_id(ids.0)
                .action_id(ids.1)
                .action(ids.2)
                .stamp_id(ids.3)
                .user_id(ids.4)
                .hash(required.0)
                .stamp_type(required.1)
                .code(required.2)
                .is_private_bc(required.3)
                .status(required.4)
                .created_at(required.5)
                .updated_at(required.6)
                .build();
            event.data.client_id = optional.0.map(Into::into);
            event.data.name = optional.1.map(Into::into);
            event.data.blockchain_id = optional.2.map(Into::into);
            event.data.tx_id = optional.3.map(Into::into);
            event.data.is_esign = optional.4;
            event.extra = extra;
            event.data.extra = stamp_extra;
            event
        })
        .boxed()
}

/// The first event with some of the second one's values; the fewer the simpler.
pub(super) fn changed(
    base: impl Strategy<Value = WebhookEvent> + 'static,
    other: impl Strategy<Value = WebhookEvent> + 'static,
) -> BoxedStrategy<WebhookEvent> {
    let choices = proptest::array::uniform19(proptest::bool::weighted(0.1));
    (base, other, choices)
        .prop_map(|(base, other, choices)| {
            let mut choices = choices.into_iter();
            let mut event = base;
            macro_rules! change {
            ($($($field:ident).+,)*) => {$(
                if choices.next() == Some(true) {
                    event.$($field).+ = other.$($field).+;
                }
            )*};
        }
            change! {
                webhook_id, action_id, action, extra,
                data.id, data.user_id, data.client_id, data.name, data.blockchain_id,
                data.tx_id, data.hash, data.stamp_type, data.code, data.is_esign,
                data.is_private_bc, data.status, data.created_at, data.updated_at,
                data.extra,
            }
            event
        })
        .boxed()
}
