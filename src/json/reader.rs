//! A reader of JSON text that knows its place.
//!
//! It accepts what RFC 8259 does, less lone surrogates, numbers beyond a double and
//! nesting past the limit: receivers disagree about these.

use std::borrow::Cow;

use crate::escape::{quote, quote_char};
use crate::fault::{Fault, MAX_DEPTH};

pub(crate) type Read<T> = Result<T, Broken>;

/// What is wrong with a text, and where.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) fault: Fault,
    /// The byte of the text.
    pub(crate) at: usize,
    pub(crate) pointer: &'static str,
}

/// A value under a known key, as JSON or another format shows it. Of an array or
/// an object no more than that it is one.
pub(crate) enum Found<'a> {
    Text(Cow<'a, str>),
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Null,
    Array,
    Object,
    Bytes,
}

impl Found<'_> {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number that digits write.
    pub(crate) fn number(digits: &str) -> Self {
        // JSON writes -0 for a double.
        if digits != "-0" {
            if let Ok(value) = digits.parse() {
                return Self::Signed(value);
            }
            if let Ok(value) = digits.parse() {
                return Self::Unsigned(value);
            }
        }
        Self::Float(digits.parse().unwrap_or(f64::NAN))
    }

    /// Names the value by its JSON type, and quotes it where it is short.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Text(text) => format!("the string \"{}\"", quote(text)),
            Self::Bool(value) => format!("the boolean {value}"),
            Self::Signed(value) => format!("the number {value}"),
            Self::Unsigned(value) => format!("the number {value}"),
            Self::Float(value) => format!("the number {value:?}"),
            Self::Null => "null".to_owned(),
            Self::Array => "an array".to_owned(),
            Self::Object => "an object".to_owned(),
            Self::Bytes => "bytes".to_owned(),
        }
    }
}

/// A text and the byte up to which it was read.
pub(crate) struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// How many arrays and objects are open around the next value.
    pub(crate) depth: usize,
    /// The place of the known key, or of the object, that is being read.
    pub(crate) pointer: &'static str,
}

impl<'t> Reader<'t> {
    /// For a text that stands in `depth` levels of nesting.
    pub(crate) const fn new(text: &'t str, depth: usize) -> Self {
        Self {
            text,
            at: 0,
            depth,
            pointer: "",
        }
    }

    /// The byte that is read next.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// Goes to a byte of the text.
    pub(crate) const fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    /// The text from a byte up to where the reader is.
    pub(crate) fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    pub(crate) fn peek(&self) -> Option<u8> {
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

    pub(crate) fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.advance(1);
        }
    }

    pub(crate) const fn broken_at(&self, at: usize, fault: Fault) -> Broken {
        Broken {
            fault,
            at,
            pointer: self.pointer,
        }
    }

    /// The fault of a value that starts at a byte.
    pub(crate) fn mismatch(
        &self,
        at: usize,
        expected: &'static str,
        found: &Found<'_>,
    ) -> Broken {
        self.broken_at(at, Fault::mismatch(expected, found))
    }

    /// The fault of the next character not being what belongs there.
    #[cold]
    fn expected(&self, expected: &'static str) -> Broken {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let found = match rest.chars().next() {
            Some(c) => quote_char(c),
            None => "the end".to_owned(),
        };
        self.broken_at(self.at, Fault::Syntax { expected, found })
    }

    /// Reads the white space at the end of the text.
    pub(crate) fn end(&mut self) -> Read<()> {
        self.skip_space();
        match self.peek() {
            Some(_) => Err(self.expected("the end")),
            None => Ok(()),
        }
    }

    /// Reads a value that is no array and no object; of those nothing is read.
    pub(crate) fn scalar(&mut self) -> Read<Found<'t>> {
        Ok(match self.peek() {
            Some(b'"') => Found::Text(self.string()?),
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
    pub(crate) fn skip_value(&mut self) -> Read<()> {
        // Whether each open bracket is a brace, the innermost in the lowest bit.
        let mut braces: u64 = 0;
        let outside = self.depth;
        loop {
            match self.peek() {
                Some(bracket @ (b'{' | b'[')) => {
                    let is_brace = bracket == b'{';
                    if self.open()? {
                        braces = braces << 1 | u64::from(is_brace);
                        if is_brace {
                            self.skip_key()?;
                        }
                        continue;
                    }
                }
                Some(b'"') => {
                    self.raw_string()?;
                }
                Some(b'-' | b'0'..=b'9') => {
                    self.number()?;
                }
                _ => {
                    self.literal()?;
                }
            }
            loop {
                if self.depth == outside {
                    return Ok(());
                }
                let is_brace = braces & 1 == 1;
                if self.comma_follows(if is_brace { b'}' } else { b']' })? {
                    if is_brace {
                        self.skip_key()?;
                    }
                    break;
                }
                braces >>= 1;
            }
        }
    }

    /// Reads an opening bracket and the white space behind it. Where it is closed
    /// at once, that is read too, and there is nothing in it.
    pub(crate) fn open(&mut self) -> Read<bool> {
        if self.depth >= MAX_DEPTH {
            return Err(self.broken_at(self.at, Fault::TooDeep));
        }
        let closing = if self.peek() == Some(b'{') { b'}' } else { b']' };
        self.advance(1);
        self.skip_space();
        if self.take(closing) {
            return Ok(false);
        }
        self.depth = self.depth.saturating_add(1);
        Ok(true)
    }

    /// Reads what comes after an entry, with the white space around it: a comma,
    /// with which there must be another entry, or the closing bracket.
    pub(crate) fn comma_follows(&mut self, closing: u8) -> Read<bool> {
        self.skip_space();
        if self.take(closing) {
            self.depth = self.depth.saturating_sub(1);
            return Ok(false);
        }
        if !self.take(b',') {
            return Err(self.expected(match closing {
                b'}' => "`,` or `}`",
                _ => "`,` or `]`",
            }));
        }
        self.skip_space();
        match self.peek() {
            None | Some(b'}' | b']') => Err(self.expected("another entry after `,`")),
            Some(_) => Ok(true),
        }
    }

    /// Reads a key, its colon and the white space behind them.
    pub(crate) fn key(&mut self) -> Read<Cow<'t, str>> {
        self.quote_of_key()?;
        let key = self.string()?;
        self.colon()?;
        Ok(key)
    }

    pub(crate) fn skip_key(&mut self) -> Read<()> {
        self.quote_of_key()?;
        self.raw_string()?;
        self.colon()
    }

    fn quote_of_key(&self) -> Read<()> {
        match self.peek() {
            Some(b'"') => Ok(()),
            _ => Err(self.expected("a key in double quotes")),
        }
    }

    fn colon(&mut self) -> Read<()> {
        self.skip_space();
        if !self.take(b':') {
            return Err(self.expected("`:`"));
        }
        self.skip_space();
        Ok(())
    }

    pub(crate) fn literal(&mut self) -> Read<&'static str> {
        let literal = match self.peek() {
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
        Ok(literal)
    }

    /// Reads a number within the range of a double. Gives its digits.
    pub(crate) fn number(&mut self) -> Read<&'t str> {
        let start = self.at;
        let has_exponent = self.skip_number()?;
        let number = self.since(start);
        // Up to 300 digits without an exponent are within a double's range.
        let may_exceed = has_exponent || number.len() > 300;
        if may_exceed && !number.parse().is_ok_and(f64::is_finite) {
            return Err(self.broken_at(start, Fault::number_out_of_range()));
        }
        Ok(number)
    }

    /// Reads a number of any size. Says whether it has an exponent.
    pub(crate) fn skip_number(&mut self) -> Read<bool> {
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
        Ok(has_exponent)
    }

    fn digits(&mut self) -> Read<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.advance(1);
        }
        if self.at == start {
            return Err(self.expected("a digit"));
        }
        Ok(())
    }

    /// Reads a string. Gives what it means.
    pub(crate) fn string(&mut self) -> Read<Cow<'t, str>> {
        let (raw, has_escapes) = self.raw_string()?;
        Ok(if has_escapes {
            Cow::Owned(unescape(raw))
        } else {
            Cow::Borrowed(raw)
        })
    }

    /// Reads a string. Gives what stands between its quotation marks, and whether
    /// there are escapes in it.
    fn raw_string(&mut self) -> Read<(&'t str, bool)> {
        self.advance(1);
        let start = self.at;
        let mut has_escapes = false;
        loop {
            self.skip_plain();
            match self.peek() {
                Some(b'"') => {
                    let raw = self.since(start);
                    self.advance(1);
                    return Ok((raw, has_escapes));
                }
                Some(b'\\') => {
                    self.escape()?;
                    has_escapes = true;
                }
                Some(_) => {
                    return Err(self.expected("control characters in a string to be escaped"));
                }
                None => return Err(self.expected("the rest of a string")),
            }
        }
    }

    /// Goes to the next byte that means something in a string, eight bytes at a
    /// time.
    fn skip_plain(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let mut skipped: usize = 0;
        for word in rest.chunks_exact(8) {
            let word = word.try_into().unwrap_or_default();
            let special = special_bytes(u64::from_le_bytes(word));
            if special != 0 {
                let first = special.trailing_zeros() / 8;
                self.advance(skipped.saturating_add(first as usize));
                return;
            }
            skipped = skipped.saturating_add(8);
        }
        self.advance(skipped);
        while self.peek().is_some_and(|byte| !is_special(byte)) {
            self.advance(1);
        }
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
            _ => return Err(self.expected("an escape that JSON knows")),
        };
        self.advance(1);
        Ok(simple)
    }

    /// Reads the digits of an escape that starts at a byte, and the other half of
    /// a pair.
    fn surrogates(&mut self, start: usize) -> Read<char> {
        let unit = self.hex_digits()?;
        let mut code = Some(unit);
        if matches!(unit, 0xd800..=0xdbff) {
            code = None;
            if self.take(b'\\') && self.take(b'u') {
                let low = self.hex_digits()?;
                if matches!(low, 0xdc00..=0xdfff) {
                    let bits = (unit & 0x3ff) << 10 | (low & 0x3ff);
                    code = Some(bits.saturating_add(0x1_0000));
                }
            }
        }
        code.and_then(char::from_u32).ok_or_else(|| {
            let expected = "surrogate escapes in pairs";
            let found = "a lone one".to_owned();
            self.broken_at(start, Fault::Syntax { expected, found })
        })
    }

    fn hex_digits(&mut self) -> Read<u32> {
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

/// A byte that does not stand for itself in a string.
const fn is_special(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

/// The highest bit of each byte of a word that is special; bytes after the first
/// such one may be taken for special too.
const fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    let quotes = word ^ (ONES.wrapping_mul(b'"' as u64));
    let backslashes = word ^ (ONES.wrapping_mul(b'\\' as u64));
    let controls = word.wrapping_sub(ONES.wrapping_mul(b' ' as u64)) & !word;
    let zeros = quotes.wrapping_sub(ONES) & !quotes | backslashes.wrapping_sub(ONES) & !backslashes;
    (controls | zeros) & HIGHS
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
