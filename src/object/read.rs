//! From text to an object.

use std::mem;

use crate::error::ErrorKind;
use crate::extra::Extra;
use crate::field::{Field, Missing, Partial as _, Slot};
use crate::json::{Read, Reader};

/// The entries of an object that is being read.
pub(crate) trait Entries {
    /// Reads the entries that come in the order of the table, as they mostly do. Says
    /// whether another follows.
    fn read_in_order(&mut self, reader: &mut Reader<'_>) -> Read<bool>;

    /// The pointer of a known key, and where its value goes.
    fn slot(&mut self, key: &str) -> Option<(&'static str, &mut dyn Slot)>;

    /// The unknown keys.
    fn extra(&mut self) -> &mut Extra;
}

pub(crate) const EXPECTED: &str = "an object";

/// Reads the next value into a partial object, which is at a pointer of the body.
pub(crate) fn read_object(
    reader: &mut Reader<'_>,
    pointer: &'static str,
    partial: &mut dyn Entries,
) -> Read<()> {
    let start = reader.at;
    reader.pointer = pointer;
    if reader.peek() != Some(b'{') {
        let found = reader.scalar()?;
        return reader.refuse_at(start, found.mismatch(EXPECTED));
    }
    // Where each so many unknown keys start: a hostile body is not read twice.
    let (depth, mut marks) = (reader.depth, Vec::new());
    let read = read_entries(reader, partial, &mut marks);
    // Whatever else is wrong comes behind the second of two keys.
    let Err((kind, nth)) = partial.extra().check() else {
        return read;
    };
    reader.at = marks.get(nth / MARKED).copied().unwrap_or(start);
    (reader.depth, reader.pointer) = (depth.saturating_add(1), pointer);
    if let ErrorKind::Duplicate { key } = &kind {
        let extra = partial.extra();
        let marked = nth.saturating_sub(nth % MARKED)..=nth;
        let is_key = |nth: &usize| extra.nth(*nth).is_some_and(|(other, _)| other == &**key);
        find_entry(reader, key, marked.filter(is_key).count())?;
    }
    reader.refuse_at(reader.at, kind)
}

/// How many unknown keys apart the marks are.
const MARKED: usize = 32;

fn read_entries(
    reader: &mut Reader<'_>,
    partial: &mut dyn Entries,
    marks: &mut Vec<usize>,
) -> Read<()> {
    let mut is_more = reader.open()? && partial.read_in_order(reader)?;
    while is_more {
        let start_of_key = reader.at;
        let key = reader.key()?;
        if let Some((pointer, slot)) = partial.slot(&key) {
            is_more = read_field(reader, pointer, slot)?;
            continue;
        }
        reader.colon()?;
        let (value, extra) = (reader.at, partial.extra());
        if extra.len() % MARKED == 0 {
            marks.push(start_of_key);
        }
        let skipped = reader.skip_value();
        // Also of what is no value: the key may be there twice, which comes before.
        extra.push(&key, reader.since(value));
        skipped?;
        is_more = reader.comma_follows(b'}')?;
    }
    Ok(())
}

/// Reads what stands behind a known key. Says whether another entry follows.
pub(crate) fn read_field(
    reader: &mut Reader<'_>,
    pointer: &'static str,
    slot: &mut dyn Slot,
) -> Read<bool> {
    let around = mem::replace(&mut reader.pointer, pointer);
    reader.colon()?;
    slot.read(reader)?;
    reader.pointer = around;
    reader.comma_follows(b'}')
}

/// Reads an object up to the value under a key. Says whether there is one.
pub(crate) fn find(reader: &mut Reader<'_>, key: &str) -> Read<bool> {
    Ok(reader.open()? && find_entry(reader, key, 1)?)
}

/// Reads entries up to the nth value under a key. Says whether there is one.
fn find_entry(reader: &mut Reader<'_>, key: &str, mut nth: usize) -> Read<bool> {
    let mut is_more = true;
    while is_more {
        let is_key = reader.key()? == key;
        reader.colon()?;
        nth = nth.saturating_sub(is_key.into());
        if nth == 0 {
            return Ok(true);
        }
        reader.skip_value()?;
        is_more = reader.comma_follows(b'}')?;
    }
    Ok(false)
}

/// Reads a JSON text that is one object of the payload inside `depth` levels of
/// nesting. What was read before an error stays in the partial object.
pub(crate) fn read_text<T: Field>(
    text: &str,
    depth: usize,
    partial: &mut Option<T::Partial>,
) -> Read<T> {
    let mut reader = Reader::new(text, depth);
    reader.skip_space();
    T::Partial::read_next(&mut reader, partial)?;
    reader.pointer = "";
    reader.end()?;
    finish(&mut reader, partial)
}

/// Makes an object of what was read, or names the first key that is missing.
pub(crate) fn finish<T: Field>(
    reader: &mut Reader<'_>,
    partial: &mut Option<T::Partial>,
) -> Read<T> {
    let missing = T::first_missing(partial.as_ref(), Missing::default());
    let object = missing.is_none().then(|| T::finish(partial)).flatten();
    let Some(object) = object else {
        let key = missing.unwrap_or_default();
        let expected = key.expected;
        reader.pointer = key.pointer;
        return reader.refuse_at(key.at, ErrorKind::Missing { expected });
    };
    Ok(object)
}
