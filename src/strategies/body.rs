//! Bodies: valid, changed in one place, and noise.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::made_up::json_value;
use crate::event::WebhookEvent;
use crate::testing;
use crate::testing::body::{Body, Entry};

/// The object with the entry that an index picks, and where.
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
        json_value().prop_map(EntryChange::Retype),
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
        json_value().prop_map(String::into_bytes),
        "[\\[\\]{}\",:0-9a-z\\\\ ]{0,64}".prop_map(String::into_bytes),
        (select(["[", "{\"a\":"].as_slice()), 0..200_usize)
            .prop_map(|(open, levels)| open.repeat(levels).into_bytes()),
    ]
    .boxed()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    use super::*;

    /// Of one thing the only one, of nothing none.
    fn index() -> Index {
        let tree = any::<Index>().new_tree(&mut TestRunner::deterministic());
        tree.unwrap().current()
    }

    fn entry(key: &str) -> Entry {
        (key.to_owned(), "1".to_owned())
    }

    fn body(outer: &[&str], data: &[&str]) -> Body {
        Body {
            outer: outer.iter().copied().map(entry).collect(),
            data: data.iter().copied().map(entry).collect(),
            space: "",
        }
    }

    fn bytes_after(change: ByteChange) -> Vec<u8> {
        let mut bytes = b"a".to_vec();
        change_byte(&mut bytes, index(), change);
        bytes
    }

    #[test]
    fn a_byte_changes_as_it_is_told() {
        assert_eq!(bytes_after(ByteChange::Flip(1)), b"`");
        assert_eq!(bytes_after(ByteChange::Flip(2)), b"c");
        assert_eq!(bytes_after(ByteChange::Remove), b"");
        assert_eq!(bytes_after(ByteChange::Insert(b'b')), b"ba");
        assert_eq!(bytes_after(ByteChange::Truncate), b"");
    }

    #[track_caller]
    fn assert_changes(change: EntryChange, expected: &str) {
        let mut body = body(&["a"], &[]);
        change_entry(&mut body, index(), change);
        assert_eq!(body.write(), expected);
    }

    #[test]
    fn an_entry_changes_as_it_is_told() {
        assert_changes(EntryChange::Drop, "{}");
        assert_changes(EntryChange::Double, r#"{"a":1,"a":1}"#);
        assert_changes(EntryChange::Retype("[]".to_owned()), r#"{"a":[]}"#);
    }

    #[test]
    fn entries_of_data_change_too() {
        let mut body = body(&[], &["a"]);
        change_entry(&mut body, index(), EntryChange::Drop);
        assert_eq!(body.data, []);
    }

    #[test]
    fn entries_are_in_the_order_of_their_ranks() {
        let mut entries = vec![entry("a"), entry("b"), entry("c")];
        reorder(&mut entries, vec![2, 1]);
        assert_eq!(entries, [entry("b"), entry("a"), entry("c")]);
    }
}
