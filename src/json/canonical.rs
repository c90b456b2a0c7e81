//! One spelling for all JSON texts that mean the same.

use std::borrow::Cow;
use std::{iter, mem};

use super::buffer;
use super::double::{push_scientific, push_short};
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
    /// A text that this one is compared with.
    other: String,
    /// Whether doubles are written the short way, which nobody sees: so no text grows.
    is_compared: bool,
    /// Where the entries of the open objects start in the text, those of the innermost last.
    /// Four bytes each, since a hostile body may have an entry for every five bytes.
    starts: Vec<u32>,
    /// The entries of the object that is being sorted, each with [`END`] behind it.
    unsorted: String,
}

/// No JSON text has it.
const END: u8 = 0;

impl Canonical {
    /// Whether two JSON texts mean the same.
    pub(crate) fn are_equal(&mut self, a: &str, b: &str) -> bool {
        if a == b {
            return true;
        }
        self.is_compared = true;
        self.of(a);
        mem::swap(&mut self.text, &mut self.other);
        self.of(b);
        self.text == self.other
    }

    /// The canonical form of a JSON text.
    pub(crate) fn of(&mut self, json: &str) -> &str {
        buffer::renew(&mut self.text, json.len());
        self.starts.clear();
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
        } else if self.is_compared {
            push_short(&mut self.text, digits);
        } else {
            push_scientific(&mut self.text, digits);
        }
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
        let (start, first) = (self.text.len(), self.starts.len());
        let (mut is_sorted, mut last) = (true, None);
        let mut is_more = reader.open()?;
        while is_more {
            let key = reader.key()?;
            reader.colon()?;
            is_sorted &= last.is_none_or(|last: Cow<'_, str>| last < key);
            let entry = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
            buffer::push(&mut self.starts, entry);
            self.push_string(&key, matches!(key, Cow::Owned(_)));
            self.text.push(':');
            self.push(reader)?;
            self.text.push(',');
            last = Some(key);
            is_more = reader.comma_follows(b'}')?;
        }
        if !is_sorted {
            self.sort(start, first);
        }
        self.starts.truncate(first);
        if self.text.ends_with(',') {
            self.text.pop();
        }
        self.text.push('}');
        Ok(())
    }

    /// Sorts the entries of an object, which begin at a byte of the text, and the first of
    /// which is that one of the starts.
    fn sort(&mut self, begin: usize, first: usize) {
        let (text, unsorted) = (&mut self.text, &mut self.unsorted);
        let starts = self.starts.get_mut(first..).unwrap_or_default();
        let mut end = text.len();
        buffer::renew(unsorted, end.saturating_sub(begin));
        for start in starts.iter_mut().rev() {
            let entry = text.get(*start as usize..end).unwrap_or_default();
            end = *start as usize;
            *start = u32::try_from(unsorted.len()).unwrap_or(u32::MAX);
            unsorted.push_str(entry.trim_end_matches(','));
            unsorted.push(END.into());
        }
        text.truncate(begin);
        let from = |start: u32| unsorted.get(start as usize..).unwrap_or_default();
        // Of equal keys, the last one comes first.
        starts.sort_unstable_by(|a, b| key(from(*a)).cmp(key(from(*b))).then(a.cmp(b)));
        let mut last = None;
        for start in starts.iter().copied() {
            let entry = from(start);
            if last.is_none_or(|last| key(last).ne(key(entry))) {
                let end = entry.bytes().position(|byte| byte == END);
                text.push_str(entry.get(..end.unwrap_or(0)).unwrap_or_default());
                text.push(',');
            }
            last = Some(entry);
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
