//! A scanner of JSON text that builds nothing.
//!
//! It serves twice. Unknown values pass through it on their way in: serde_json
//! takes their text as it is, and so lets pass what receivers disagree about. And a
//! refused body is read again by it, since serde_json's errors name neither
//! what was found nor, in many cases, the place where it starts.

use super::Broken;
use crate::escape::quote_char;
use crate::fault::{Fault, MAX_DEPTH};
use crate::token;

type Scan<T> = Result<T, Broken>;

/// Scans a text that is one JSON value and stands in `depth` levels of nesting.
///
/// Accepts what RFC 8259 does, less lone surrogates, numbers beyond a double,
/// nesting past the limit, and the keys of [`token`].
pub(crate) fn scan(text: &str, depth: usize) -> Scan<()> {
    let mut scanner = Scanner::new(text);
    scanner.value(depth)?;
    scanner.skip_space();
    match scanner.peek() {
        Some(_) => Err(scanner.expected("the end")),
        None => Ok(()),
    }
}

/// A text and the byte up to which it was read.
pub(crate) struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    pub(crate) const fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The byte that is read next.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn advance(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    /// Reads a byte, if it is the next one.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        if is_next {
            self.advance(1);
        }
        is_next
    }

    fn skip_while(&mut self, is_wanted: impl Fn(u8) -> bool) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let wanted = rest.iter().position(|byte| !is_wanted(*byte));
        self.advance(wanted.unwrap_or(rest.len()));
    }

    pub(crate) fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.advance(1);
        }
    }

    /// The text from a byte up to where the scanner is.
    fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The fault of the next character not being what belongs there.
    fn expected(&self, expected: &'static str) -> Broken {
        let next = self
            .text
            .get(self.at..)
            .and_then(|rest| rest.chars().next());
        let found = match next {
            Some(c) => quote_char(c),
            None => "the end".to_owned(),
        };
        Broken {
            fault: Fault::Syntax { expected, found },
            at: self.at,
        }
    }

    /// Reads a value that stands in `depth` levels of nesting, with the white
    /// space before it. A stack of its own keeps the thread's small.
    pub(crate) fn value(&mut self, depth: usize) -> Scan<()> {
        let mut open = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                Some(bracket @ (b'{' | b'[')) => {
                    if depth.saturating_add(open.len()) >= MAX_DEPTH {
                        let at = self.at;
                        return Err(Fault::TooDeep.at(at));
                    }
                    self.advance(1);
                    self.skip_space();
                    if !self.take(closing(bracket)) {
                        if bracket == b'{' {
                            self.key()?;
                        }
                        open.push(bracket);
                        continue;
                    }
                }
                Some(b'"') => {
                    self.string()?;
                }
                Some(b'-' | b'0'..=b'9') => self.number()?,
                _ => self.literal()?,
            }
            loop {
                let Some(bracket) = open.last().copied() else {
                    return Ok(());
                };
                if !self.comma_follows(bracket)? {
                    open.pop();
                    continue;
                }
                if bracket == b'{' {
                    self.key()?;
                }
                break;
            }
        }
    }

    /// Reads what comes after an entry: a comma, with which there must be
    /// another one, or the bracket that closes the object or array.
    pub(crate) fn comma_follows(&mut self, bracket: u8) -> Scan<bool> {
        self.skip_space();
        if self.take(closing(bracket)) {
            return Ok(false);
        }
        if !self.take(b',') {
            return Err(self.expected(match bracket {
                b'{' => "`,` or `}`",
                _ => "`,` or `]`",
            }));
        }
        self.skip_space();
        match self.peek() {
            None | Some(b'}' | b']') => Err(self.expected("another entry after `,`")),
            Some(_) => Ok(true),
        }
    }

    /// Reads a key and its colon. Gives the key as it stands in the text, with
    /// its quotation marks.
    pub(crate) fn key(&mut self) -> Scan<&'t str> {
        self.skip_space();
        if self.peek() != Some(b'"') {
            return Err(self.expected("a key in double quotes"));
        }
        let start = self.at;
        let key = self.string()?;
        if token::is_private_string(key) {
            return Err(Fault::private_key().at(start));
        }
        self.skip_space();
        if !self.take(b':') {
            return Err(self.expected("`:`"));
        }
        Ok(key)
    }

    fn literal(&mut self) -> Scan<()> {
        let literal: &str = match self.peek() {
            Some(b't') => "true",
            Some(b'f') => "false",
            Some(b'n') => "null",
            _ => return Err(self.expected("a value")),
        };
        for byte in literal.bytes() {
            if !self.take(byte) {
                return Err(self.expected("`true`, `false` or `null`"));
            }
        }
        Ok(())
    }

    fn number(&mut self) -> Scan<()> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        } else if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.expected("a number without leading zeros"));
        }
        if self.take(b'.') {
            self.digits()?;
        }
        let has_exponent = self.take(b'e') || self.take(b'E');
        if has_exponent {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        let number = self.since(start);
        // Up to 300 digits without an exponent are within a double's range.
        let may_exceed = has_exponent || number.len() > 300;
        if may_exceed && serde_json::from_str::<f64>(number).is_err() {
            return Err(Fault::number_out_of_range().at(start));
        }
        Ok(())
    }

    fn digits(&mut self) -> Scan<()> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.expected("a digit"));
        }
        self.skip_while(|byte| byte.is_ascii_digit());
        Ok(())
    }

    /// Reads a string. Gives it as it stands in the text, with its quotation
    /// marks.
    fn string(&mut self) -> Scan<&'t str> {
        let start = self.at;
        self.advance(1);
        loop {
            self.skip_while(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
            match self.peek() {
                Some(b'"') => {
                    self.advance(1);
                    return Ok(self.since(start));
                }
                Some(b'\\') => self.escape()?,
                Some(_) => {
                    return Err(self.expected("control characters in a string to be escaped"));
                }
                None => return Err(self.expected("the rest of a string")),
            }
        }
    }

    fn escape(&mut self) -> Scan<()> {
        let start = self.at;
        self.advance(1);
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.advance(1);
                return Ok(());
            }
            Some(b'u') => self.advance(1),
            _ => return Err(self.expected("an escape that JSON knows")),
        }
        let is_whole = match self.hex_digits()? {
            0xd800..=0xdbff => {
                self.take(b'\\') && self.take(b'u') && matches!(self.hex_digits()?, 0xdc00..=0xdfff)
            }
            unit => !matches!(unit, 0xdc00..=0xdfff),
        };
        if is_whole {
            return Ok(());
        }
        let lone = Fault::Syntax {
            expected: "surrogate escapes in pairs",
            found: "a lone one".to_owned(),
        };
        Err(lone.at(start))
    }

    fn hex_digits(&mut self) -> Scan<u32> {
        let mut unit: u32 = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.expected("four hex digits after `\\u`"));
            };
            self.advance(1);
            unit = unit << 4 | digit;
        }
        Ok(unit)
    }
}

const fn closing(bracket: u8) -> u8 {
    match bracket {
        b'{' => b'}',
        _ => b']',
    }
}
