//! A reader of JSON text that keeps track of where it is.
//!
//! It accepts what RFC 8259 does, less lone surrogates, numbers beyond a double and
//! nesting past the limit: receivers disagree about these.

#![expect(
    clippy::inline_always,
    reason = "what a string or a key is read into then never goes through memory: 4 % of a read"
)]

use std::borrow::Cow;

use super::found::Found;
use crate::error::{Error, ErrorKind};
use crate::escape::quote_char;
use crate::limits::MAX_DEPTH;

mod string;

/// The error is boxed, so that what is read without one passes in registers.
pub(crate) type Read<T> = Result<T, Box<Error>>;

/// A JSON text and the byte up to which it was read.
#[derive(Clone)]
pub(crate) struct Reader<'t> {
    text: &'t str,
    /// The byte that is read next.
    pub(crate) at: usize,
    /// How many arrays and objects are open around the next value.
    pub(crate) depth: usize,
    /// The place of the known key, or of the object, that is being read.
    pub(crate) pointer: &'static str,
}

impl<'t> Reader<'t> {
    /// For a JSON text inside `depth` levels of nesting.
    pub(crate) const fn new(text: &'t str, depth: usize) -> Self {
        Self {
            text,
            at: 0,
            depth,
            pointer: "",
        }
    }

    /// The text from a byte up to where the reader is.
    #[inline(always)]
    pub(crate) fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Never past the end of a JSON text, so that it does not wrap.
    fn advance(&mut self, bytes: usize) {
        self.at = self.at.wrapping_add(bytes);
    }

    /// Reads a byte, if it is the next one.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        if is_next {
            self.advance(1);
        }
        is_next
    }

    /// Takes a key with its quotes, if it is next and not escaped.
    #[inline(always)]
    pub(crate) fn take_key(&mut self, quoted: &str) -> bool {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let is_next = rest.starts_with(quoted.as_bytes());
        if is_next {
            self.advance(quoted.len());
        }
        is_next
    }

    /// Reads white space. Gives the byte behind it.
    pub(crate) fn skip_space(&mut self) -> Option<u8> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.advance(1),
                next => return next,
            }
        }
    }

    /// Refuses what is at a byte.
    #[cold]
    pub(crate) fn refuse_at<T>(&self, at: usize, kind: ErrorKind) -> Read<T> {
        let pointer = self.pointer;
        Err(Box::new(Error { kind, at, pointer }))
    }

    /// Refuses the next value, whose known key was there before.
    #[cold]
    pub(crate) fn duplicate<T>(&self) -> Read<T> {
        let key = self.pointer.rsplit_once('/').map_or("", |(_, key)| key);
        self.refuse_at(self.at, ErrorKind::Duplicate { key: key.into() })
    }

    /// Refuses the next character, which is not what belongs there.
    #[cold]
    fn expected<T>(&self, expected: &'static str) -> Read<T> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let found = match rest.chars().next() {
            Some(c) => quote_char(c),
            None => "the end".to_owned(),
        };
        self.refuse_at(self.at, ErrorKind::Syntax { expected, found })
    }

    /// Reads the white space at the end of the text.
    pub(crate) fn end(&mut self) -> Read<()> {
        match self.skip_space() {
            Some(_) => self.expected("the end"),
            None => Ok(()),
        }
    }

    /// Reads a value that is no array and no object; of those nothing is read.
    #[inline(always)]
    pub(crate) fn scalar(&mut self) -> Read<Found<'t>> {
        match self.peek() {
            Some(b'"') => self.string().map(Found::Text),
            _ => self.no_string(),
        }
    }

    fn no_string(&mut self) -> Read<Found<'t>> {
        Ok(match self.peek() {
            Some(b'[') => Found::Array,
            Some(b'{') => Found::Object,
            Some(b'-' | b'0'..=b'9') => Found::number(self.number()?),
            _ => match self.literal()? {
                "true" => Found::Bool(true),
                "false" => Found::Bool(false),
                _ => Found::Null,
            },
        })
    }

    /// Reads any value and keeps nothing of it.
    #[inline]
    pub(crate) fn skip_value(&mut self) -> Read<()> {
        match self.peek() {
            Some(b'{' | b'[') => self.skip_entries(),
            Some(b'"') => self.skip_string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.skip_number_of_a_double(),
            _ => self.literal().map(drop),
        }
    }

    #[inline(never)]
    fn skip_entries(&mut self) -> Read<()> {
        self.entries(Self::skip_value).map(drop)
    }

    /// Reads an array or an object, each value in it by a function. Gives how many there
    /// are.
    #[inline(always)]
    pub(crate) fn entries(
        &mut self,
        mut read_value: impl FnMut(&mut Self) -> Read<()>,
    ) -> Read<usize> {
        let is_object = self.peek() == Some(b'{');
        let mut length: usize = 0;
        let mut is_more = self.open()?;
        while is_more {
            if is_object {
                self.skip_key()?;
            }
            read_value(self)?;
            length = length.saturating_add(1);
            is_more = self.comma_follows(if is_object { b'}' } else { b']' })?;
        }
        Ok(length)
    }

    /// Reads an opening bracket and the white space behind it. Where it is closed
    /// at once, that is read too, and there is nothing in it.
    pub(crate) fn open(&mut self) -> Read<bool> {
        if self.depth >= MAX_DEPTH {
            return self.refuse_at(self.at, ErrorKind::TooDeep);
        }
        // `{` and `}` are two apart, as `[` and `]` are.
        let closing = self.peek().map(|bracket| bracket.wrapping_add(2));
        self.advance(1);
        if self.skip_space() == closing {
            self.advance(1);
            return Ok(false);
        }
        self.depth = self.depth.saturating_add(1);
        Ok(true)
    }

    /// Reads what comes after an entry, with the white space around it: a comma,
    /// with which there must be another entry, or the closing bracket.
    #[inline(always)]
    pub(crate) fn comma_follows(&mut self, closing: u8) -> Read<bool> {
        match self.skip_space() {
            Some(b',') => {
                self.advance(1);
                match self.skip_space() {
                    None | Some(b'}' | b']') => self.expected("another entry after `,`"),
                    Some(_) => Ok(true),
                }
            }
            Some(byte) if byte == closing => {
                self.advance(1);
                self.depth = self.depth.saturating_sub(1);
                Ok(false)
            }
            _ => self.expected(match closing {
                b'}' => "`,` or `}`",
                _ => "`,` or `]`",
            }),
        }
    }

    /// Reads a key, without its colon.
    #[inline(always)]
    pub(crate) fn key(&mut self) -> Read<Cow<'t, str>> {
        self.quote_of_key()?;
        self.string()
    }

    /// Reads a key, its colon and the white space around that.
    pub(crate) fn skip_key(&mut self) -> Read<()> {
        self.quote_of_key()?;
        self.skip_string()?;
        self.colon()
    }

    fn quote_of_key(&self) -> Read<()> {
        match self.peek() {
            Some(b'"') => Ok(()),
            _ => self.expected("a key in double quotes"),
        }
    }

    /// Reads the colon behind a key, with the white space around it.
    #[inline(always)]
    pub(crate) fn colon(&mut self) -> Read<()> {
        if self.skip_space() != Some(b':') {
            return self.expected("`:`");
        }
        self.advance(1);
        self.skip_space();
        Ok(())
    }

    pub(crate) fn literal(&mut self) -> Read<&'static str> {
        let literal = match self.peek() {
            Some(b't') => "true",
            Some(b'f') => "false",
            Some(b'n') => "null",
            _ => return self.expected("a value"),
        };
        for byte in literal.bytes() {
            if !self.take(byte) {
                return self.expected("`true`, `false` or `null`");
            }
        }
        Ok(literal)
    }

    /// Reads a number within the range of a double. Gives its digits.
    pub(crate) fn number(&mut self) -> Read<&'t str> {
        let start = self.at;
        self.skip_number_of_a_double()?;
        Ok(self.since(start))
    }

    fn skip_number_of_a_double(&mut self) -> Read<()> {
        let start = self.at;
        let has_exponent = self.skip_number()?;
        // Up to 300 digits without an exponent are within a double's range.
        if has_exponent || self.at.wrapping_sub(start) > 300 {
            return self.refuse_larger(start);
        }
        Ok(())
    }

    /// Refuses a number, from a byte on, that is larger than every double.
    #[inline(never)]
    fn refuse_larger(&self, start: usize) -> Read<()> {
        if self.since(start).parse().is_ok_and(f64::is_finite) {
            return Ok(());
        }
        let expected = "a number within the range of a double";
        let found = "a larger one".to_owned();
        self.refuse_at(start, ErrorKind::Syntax { expected, found })
    }

    /// Reads a number of any size. Says whether it has an exponent.
    #[inline(always)]
    pub(crate) fn skip_number(&mut self) -> Read<bool> {
        self.take(b'-');
        let has_zero = self.take(b'0');
        let mut next = self.peek();
        if has_zero && next.is_some_and(|byte| byte.is_ascii_digit()) {
            return self.expected("a number without leading zeros");
        }
        if !has_zero {
            next = self.digits()?;
        }
        if !matches!(next, Some(b'.' | b'e' | b'E')) {
            return Ok(false);
        }
        if next == Some(b'.') {
            self.advance(1);
            next = self.digits()?;
        }
        let has_exponent = matches!(next, Some(b'e' | b'E'));
        if has_exponent {
            self.advance(1);
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(has_exponent)
    }

    /// Reads one digit or more. Gives the byte behind them.
    fn digits(&mut self) -> Read<Option<u8>> {
        let start = self.at;
        loop {
            match self.peek() {
                Some(b'0'..=b'9') => self.advance(1),
                _ if self.at == start => return self.expected("a digit"),
                next => return Ok(next),
            }
        }
    }
}
