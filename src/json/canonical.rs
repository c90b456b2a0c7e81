//! One spelling for all JSON texts that mean the same.

use std::borrow::Cow;
use std::iter;

use super::buffer;
use super::double::push_scientific;
use super::reader::{Read, Reader};
use super::write::push_string;
use crate::hex::byte_of;

/// The canonical form of JSON values, one after the other in the same buffers.
///
/// It has no white space. Strings are in the fewest bytes; integers by their digits;
/// every other number, `-0` among them, is the nearest double, its shortest digits with
/// one before the point and an exponent (`1.5e0`), zero without a sign. The entries of
/// an object are sorted by the UTF-8 of their keys, and of each key the last one counts.
#[derive(Default)]
pub(crate) struct Canonical {
    text: String,
    /// Where the entries of the open objects end in the text, those of the innermost last.
    /// Four bytes each, since a hostile body may have an entry for every five bytes.
    ends: Vec<u32>,
}

impl Canonical {
    /// The canonical form of a JSON text.
    pub(crate) fn of(&mut self, json: &str) -> &str {
        self.text.clear();
        self.ends.clear();
        if self.push(&mut Reader::new(json, 0)).is_err() {
            // Nested too deep, by a builder: then only the same text is equal.
            self.text.clear();
            self.text.push_str(json);
        }
        &self.text
    }

    fn push(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        match reader.peek() {
            Some(b'"') => {
                let text = reader.string()?;
                self.push_string(&text, matches!(text, Cow::Owned(_)));
            }
            Some(b'-' | b'0'..=b'9') => self.push_number(reader.number()?),
            Some(b'[') => self.push_array(reader)?,
            Some(b'{') => self.push_object(reader)?,
            _ => self.text.push_str(reader.literal()?),
        }
        Ok(())
    }

    /// Writes a string, which may need escapes only if it was read from some.
    fn push_string(&mut self, text: &str, has_escapes: bool) {
        if has_escapes {
            push_string(&mut self.text, text);
        } else {
            self.text.extend(["\"", text, "\""]);
        }
    }

    fn push_number(&mut self, digits: &str) {
        if digits != "-0" && !digits.contains(['.', 'e', 'E']) {
            self.text.push_str(digits);
            return;
        }
        push_scientific(&mut self.text, digits);
    }

    fn push_array(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        self.text.push('[');
        let mut is_more = reader.open()?;
        while is_more {
            self.push(reader)?;
            is_more = reader.comma_follows(b']')?;
            self.text.extend(is_more.then_some(','));
        }
        self.text.push(']');
        Ok(())
    }

    fn push_object(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        self.text.push('{');
        let (start, first) = (self.text.len(), self.ends.len());
        let (mut is_sorted, mut last) = (true, None);
        let mut is_more = reader.open()?;
        while is_more {
            let key = reader.key()?;
            reader.colon()?;
            is_sorted &= last.is_none_or(|last: Cow<'_, str>| last < key);
            self.push_string(&key, matches!(key, Cow::Owned(_)));
            self.text.push(':');
            self.push(reader)?;
            self.text.push(',');
            let end = self.text.len().saturating_sub(start);
            buffer::push(&mut self.ends, u32::try_from(end).unwrap_or(u32::MAX));
            last = Some(key);
            is_more = reader.comma_follows(b'}')?;
        }
        if !is_sorted {
            self.sort(start, first);
        }
        self.ends.truncate(first);
        if self.text.ends_with(',') {
            self.text.pop();
        }
        self.text.push('}');
        Ok(())
    }

    /// Sorts the entries of an object, which start at a byte of the text, and of which the
    /// first ends where that number of the ends says.
    fn sort(&mut self, start: usize, first: usize) {
        let unsorted = self.text.split_off(start);
        let ends = self.ends.get(first..).unwrap_or_default();
        let end = |nth: usize| ends.get(nth).map_or(0, |end| *end as usize);
        let entry = |nth: u32| {
            let start = (nth as usize).checked_sub(1).map_or(0, end);
            unsorted.get(start..end(nth as usize)).unwrap_or_default()
        };
        let mut order: Vec<u32> = (0..).take(ends.len()).collect();
        order.sort_unstable_by(|a, b| key(entry(*a)).cmp(key(entry(*b))).then(a.cmp(b)));
        for (turn, nth) in order.iter().enumerate() {
            let next = order.get(turn.saturating_add(1));
            if next.is_none_or(|next| key(entry(*next)).ne(key(entry(*nth)))) {
                self.text.push_str(entry(*nth));
            }
        }
    }
}

/// The UTF-8 of an entry's key.
fn key(entry: &str) -> impl Iterator<Item = u8> {
    let mut bytes = entry.bytes().skip(1);
    iter::from_fn(move || match bytes.next()? {
        b'"' => None,
        b'\\' => match bytes.next()? {
            b'u' => byte_of(bytes.nth(2)?, bytes.next()?),
            b'b' => Some(8),
            b'f' => Some(0xc),
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            byte => Some(byte),
        },
        byte => Some(byte),
    })
}
