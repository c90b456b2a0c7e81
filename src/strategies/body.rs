//! Bodies: valid, changed in one place, and noise.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::value::RawValue;

use super::json;
use crate::event::WebhookEvent;
use crate::place::Place;
use crate::testing;

/// The entries of both objects, each a key and the text of its value: no text
/// for the key `data`, where the inner entries go.
#[derive(Clone, Debug)]
struct Body {
    outer: Vec<(String, String)>,
    data: Vec<(String, String)>,
    space: &'static str,
}

impl Body {
    fn of(event: &WebhookEvent) -> Self {
        // Events of these strategies can always be written.
        let json = serde_json::to_string(event).unwrap_or_default();
        let mut outer = entries(&json);
        let data = outer.iter_mut().find(|(key, _)| key == Place::Data.key());
        Self {
            data: data
                .map(|(_, json)| entries(&std::mem::take(json)))
                .unwrap_or_default(),
            outer,
            space: "",
        }
    }

    fn write(&self) -> String {
        let data = write_object(&self.data, self.space, |json| json);
        write_object(&self.outer, self.space, |json| {
            if json.is_empty() { &data } else { json }
        })
    }

    /// The object in which the entry stands that an index picks, and where.
    fn pick(&mut self, at: Index) -> (&mut Vec<(String, String)>, usize) {
        let outer = self.outer.len();
        let nth = at.index(outer.saturating_add(self.data.len()).max(1));
        match nth.checked_sub(outer) {
            Some(nth) => (&mut self.data, nth),
            None => (&mut self.outer, nth),
        }
    }
}

fn entries(object: &str) -> Vec<(String, String)> {
    let entries: BTreeMap<String, &RawValue> = serde_json::from_str(object).unwrap_or_default();
    let entries = entries.into_iter();
    entries
        .map(|(key, json)| (key, json.get().to_owned()))
        .collect()
}

fn write_object<'a>(
    entries: &'a [(String, String)],
    space: &str,
    value: impl Fn(&'a str) -> &'a str,
) -> String {
    let entries: Vec<_> = entries
        .iter()
        .map(|(key, json)| {
            let (key, json) = (json::quoted(key), value(json));
            format!("{space}{key}{space}:{space}{json}{space}")
        })
        .collect();
    format!("{space}{{{}}}{space}", entries.join(","))
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

fn reorder(entries: &mut Vec<(String, String)>, ranks: Vec<u8>) {
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
    let (entries, nth) = body.pick(at);
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
