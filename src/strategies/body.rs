//! Bodies: valid, changed in one place, and noise.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::json;
use crate::event::WebhookEvent;
use crate::testing;
use crate::testing::body::{Body, Entry};

/// The object in which the entry stands that an index picks, and where.
fn pick(body: &mut Body, at: Index) -> (&mut Vec<Entry>, usize) {
    let outer = body.outer.len();
    let nth = at.index(outer.saturating_add(body.data.len()).max(1));
    match nth.checked_sub(outer) {
        Some(nth) => (&mut body.data, nth),
        None => (&mut body.outer, nth),
    }
}

/// An event's body, its keys in any order and with any white space.
fn spelled(event: impl Strategy<Value = WebhookEvent> + 'static) -> BoxedStrategy<Body> {
    let ranks = || vec(any::<u8>(), 24);
    let space = select(["", " ", "\n  ", "\r\n\t"].as_slice());
    (event, ranks(), ranks(), space)
        .prop_map(|(event, outer_ranks, data_ranks, space)| {
            let mut body = Body::of(&event);
            reorder(&mut body.outer, outer_ranks);
            reorder(&mut body.data, data_ranks);
            body.space = space;
            body
        })
        .boxed()
}

fn reorder(entries: &mut Vec<Entry>, ranks: Vec<u8>) {
    let mut ranked: Vec<_> = ranks.into_iter().cycle().zip(entries.drain(..)).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    entries.extend(ranked.into_iter().map(|(_, entry)| entry));
}

pub(super) fn valid(
    event: impl Strategy<Value = WebhookEvent> + 'static,
) -> BoxedStrategy<Vec<u8>> {
    prop_oneof![
        1 => select([testing::SUCCEEDED, testing::FAILED].as_slice())
            .prop_map(|body| body.as_bytes().to_vec()),
        4 => spelled(event).prop_map(|body| body.write().into_bytes()),
    ]
    .boxed()
}

/// A change to one entry, before the body is written.
#[derive(Clone, Debug)]
enum EntryChange {
    Drop,
    Double,
    Retype(String),
}

/// A change to one byte of what was written.
#[derive(Clone, Debug)]
enum ByteChange {
    Flip(u8),
    Remove,
    Insert(u8),
    Truncate,
}

/// Values of which every key refuses some.
const WRONG: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "1e400",
    r#""""#,
    r#""1""#,
    "[]",
    "{}",
    "[{}]",
    r#""\ud800""#,
];

pub(super) fn nearly_valid(
    event: impl Strategy<Value = WebhookEvent> + 'static,
) -> BoxedStrategy<Vec<u8>> {
    let entry_change = prop_oneof![
        Just(EntryChange::Drop),
        Just(EntryChange::Double),
        select(WRONG).prop_map(|json| EntryChange::Retype(json.to_owned())),
        json::value().prop_map(EntryChange::Retype),
    ];
    let byte_change = prop_oneof![
        (0..8_u32).prop_map(|bit| ByteChange::Flip(1_u8.rotate_left(bit))),
        Just(ByteChange::Remove),
        any::<u8>().prop_map(ByteChange::Insert),
        Just(ByteChange::Truncate),
    ];
    let change = prop_oneof![entry_change.prop_map(Ok), byte_change.prop_map(Err)];
    (spelled(event), any::<Index>(), change)
        .prop_map(|(mut body, at, change)| match change {
            Ok(change) => {
                change_entry(&mut body, at, change);
                body.write().into_bytes()
            }
            Err(change) => {
                let mut bytes = body.write().into_bytes();
                change_byte(&mut bytes, at, change);
                bytes
            }
        })
        .boxed()
}

fn change_entry(body: &mut Body, at: Index, change: EntryChange) {
    let (entries, nth) = pick(body, at);
    match (change, entries.get(nth).cloned()) {
        (EntryChange::Drop, Some(_)) => {
            entries.remove(nth);
        }
        (EntryChange::Double, Some(entry)) => entries.push(entry),
        (EntryChange::Retype(json), Some((key, _))) => {
            entries.splice(nth..=nth, [(key, json)]);
        }
        (_, None) => {}
    }
}

fn change_byte(bytes: &mut Vec<u8>, at: Index, change: ByteChange) {
    let at = at.index(bytes.len().max(1));
    match (change, bytes.get_mut(at)) {
        (ByteChange::Flip(bit), Some(byte)) => *byte ^= bit,
        (ByteChange::Remove, Some(_)) => {
            bytes.remove(at);
        }
        (ByteChange::Insert(byte), Some(_)) => bytes.insert(at, byte),
        (ByteChange::Truncate, Some(_)) => bytes.truncate(at),
        (_, None) => {}
    }
}

pub(super) fn noise() -> BoxedStrategy<Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..256),
        json::value().prop_map(String::into_bytes),
        "[\\[\\]{}\",:0-9a-z\\\\ ]{0,64}".prop_map(String::into_bytes),
        (select(["[", "{\"a\":"].as_slice()), 0..200_usize)
            .prop_map(|(open, levels)| open.repeat(levels).into_bytes()),
    ]
    .boxed()
}
