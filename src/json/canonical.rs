//! One spelling for all JSON texts that mean the same.

use std::borrow::Cow;
use std::iter;

use super::double::scientific;
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
    text: Vec<u8>,
    string: String,
}

/// What ends an entry while its object is open. It is nowhere else in the text,
/// since strings have it as an escape, and objects inside are closed.
const END: u8 = b'\n';

impl Canonical {
    /// The canonical form of a JSON text.
    pub(crate) fn of(&mut self, json: &str) -> &[u8] {
        self.text.clear();
        if self.push(&mut Reader::new(json, 0)).is_err() {
            // Nested too deep, by a builder: then only the same text is equal.
            self.text.clear();
            self.text.extend_from_slice(json.as_bytes());
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
            _ => self.text.extend_from_slice(reader.literal()?.as_bytes()),
        }
        Ok(())
    }

    /// Writes a string, which may need escapes only if it was read from some.
    fn push_string(&mut self, text: &str, has_escapes: bool) {
        if has_escapes {
            self.string.clear();
            push_string(&mut self.string, text);
            self.text.extend_from_slice(self.string.as_bytes());
        } else {
            self.text.push(b'"');
            self.text.extend_from_slice(text.as_bytes());
            self.text.push(b'"');
        }
    }

    fn push_number(&mut self, digits: &str) {
        if digits != "-0" && !digits.contains(['.', 'e', 'E']) {
            self.text.extend_from_slice(digits.as_bytes());
            return;
        }
        let double: f64 = digits.parse().unwrap_or_default();
        self.text.extend_from_slice(scientific(double).as_bytes());
    }

    fn push_array(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        self.text.push(b'[');
        let mut is_more = reader.open()?;
        while is_more {
            self.push(reader)?;
            is_more = reader.comma_follows(b']')?;
            self.text.extend(is_more.then_some(b','));
        }
        self.text.push(b']');
        Ok(())
    }

    fn push_object(&mut self, reader: &mut Reader<'_>) -> Read<()> {
        self.text.push(b'{');
        let start = self.text.len();
        let (mut is_sorted, mut last) = (true, None);
        let mut is_more = reader.open()?;
        while is_more {
            let key = reader.key()?;
            reader.colon()?;
            is_sorted &= last.is_none_or(|last: Cow<'_, str>| last < key);
            self.push_string(&key, matches!(key, Cow::Owned(_)));
            self.text.push(b':');
            self.push(reader)?;
            self.text.push(END);
            last = Some(key);
            is_more = reader.comma_follows(b'}')?;
        }
        if !is_sorted {
            self.sort(start);
        }
        let entries = self.text.get_mut(start..).unwrap_or_default();
        for byte in entries.iter_mut().filter(|byte| **byte == END) {
            *byte = b',';
        }
        if let Some(comma @ b',') = self.text.last_mut() {
            *comma = b'}';
        } else {
            self.text.push(b'}');
        }
        Ok(())
    }

    /// Sorts the entries of an object, which start at a byte of the text.
    fn sort(&mut self, start: usize) {
        let unsorted = self.text.split_off(start);
        let rest = |at: u32| unsorted.get(at as usize..).unwrap_or_default();
        let mut order = vec![0];
        let ends = (1..).zip(&unsorted).filter(|(_, byte)| **byte == END);
        order.extend(ends.map(|(end, _)| end));
        // The last entry ends where the text does.
        order.pop();
        order.sort_unstable_by(|a, b| key(rest(*a)).cmp(key(rest(*b))).then(a.cmp(b)));
        for (turn, at) in order.iter().enumerate() {
            let next = order.get(turn.saturating_add(1));
            if next.is_none_or(|next| key(rest(*next)).ne(key(rest(*at)))) {
                let mut entries = rest(*at).split_inclusive(|byte| *byte == END);
                self.text
                    .extend_from_slice(entries.next().unwrap_or_default());
            }
        }
    }
}

/// The UTF-8 of the key with which a text of entries starts.
fn key(entries: &[u8]) -> impl Iterator<Item = u8> {
    let mut bytes = entries.iter().copied().skip(1);
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
