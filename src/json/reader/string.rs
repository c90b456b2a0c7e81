//! Strings and their escapes.

use std::borrow::Cow;

use super::super::plain::plain_bytes;
use super::{Read, Reader};
use crate::error::ErrorKind;

impl<'t> Reader<'t> {
    /// Reads a string. Gives what it means.
    #[inline(always)]
    pub(crate) fn string(&mut self) -> Read<Cow<'t, str>> {
        let start = self.at.wrapping_add(1);
        let has_escapes = self.skip_string()?;
        let raw = self.text.get(start..self.at.wrapping_sub(1));
        let raw = raw.unwrap_or_default();
        Ok(if has_escapes {
            Cow::Owned(unescape(raw))
        } else {
            Cow::Borrowed(raw)
        })
    }

    /// Reads a string. Says whether there are escapes in it.
    pub(super) fn skip_string(&mut self) -> Read<bool> {
        self.advance(1);
        self.skip_plain();
        if self.take(b'"') {
            return Ok(false);
        }
        self.skip_escapes()?;
        Ok(true)
    }

    /// Reads a string from its first escape on.
    #[cold]
    fn skip_escapes(&mut self) -> Read<()> {
        while !self.take(b'"') {
            match self.peek() {
                Some(b'\\') => self.escape()?,
                Some(_) => {
                    return self.expected("control characters in a string to be escaped");
                }
                None => return self.expected("the rest of a string"),
            };
            self.skip_plain();
        }
        Ok(())
    }

    /// Goes to the next byte that means something in a string.
    fn skip_plain(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.advance(plain_bytes(rest));
    }

    /// Reads an escape. Gives the character that it means.
    fn escape(&mut self) -> Read<char> {
        let start = self.at;
        self.advance(1);
        let simple = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.advance(1);
                return self.surrogates(start);
            }
            _ => return self.expected("an escape that JSON knows"),
        };
        self.advance(1);
        Ok(simple)
    }

    /// Reads the digits of an escape that starts at a byte, and the other half of
    /// a pair.
    fn surrogates(&mut self, start: usize) -> Read<char> {
        let high = self.hex_digits()?;
        let is_half = matches!(high, 0xd800..=0xdbff);
        let low = if is_half && self.take(b'\\') && self.take(b'u') {
            Some(self.hex_digits()?)
        } else {
            None
        };
        if let Some(Ok(c)) = char::decode_utf16([Some(high), low].into_iter().flatten()).next() {
            return Ok(c);
        }
        if is_half && low.is_none() && self.peek().is_none() {
            return self.expected("the other half of a pair");
        }
        let expected = "surrogate escapes in pairs";
        let found = "a lone one".to_owned();
        self.refuse_at(start, ErrorKind::Syntax { expected, found })
    }

    fn hex_digits(&mut self) -> Read<u16> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit.and_then(|digit| u16::try_from(digit).ok()) else {
                return self.expected("four hex digits after `\\u`");
            };
            self.advance(1);
            unit = unit << 4 | digit;
        }
        Ok(unit)
    }
}

/// What a string means of which the escapes are known to be whole.
fn unescape(mut raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    while let Some((plain, rest)) = raw.find('\\').and_then(|at| raw.split_at_checked(at)) {
        text.push_str(plain);
        let mut reader = Reader::new(rest, 0);
        text.extend(reader.escape().ok());
        raw = rest.get(reader.at..).unwrap_or_default();
    }
    text.push_str(raw);
    text
}
