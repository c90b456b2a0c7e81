//! A reader of JSON text that knows its place.
//!
//! It accepts what RFC 8259 does, less lone surrogates, numbers beyond a double and
//! nesting past the limit: receivers disagree about these.

#![expect(
    clippy::inline_always,
    reason = "what a string or a key is read into then never goes through memory: 4 % of a read"
)]

use std::borrow::Cow;

use crate::escape::{quote, quote_char};
use crate::fault::{Category, Fault, MAX_DEPTH};

/// The fault is boxed, so that what is read without one passes in registers.
pub(crate) type Read<T> = Result<T, Box<Broken>>;

/// What is wrong with a text, and where.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) fault: Fault,
    /// The byte of the text.
    pub(crate) at: usize,
    pub(crate) pointer: &'static str,
}

impl Broken {
    /// Whether nothing is wrong but that the text ends.
    pub(crate) fn is_cut(&self, text: &str) -> bool {
        self.at >= text.len() && self.fault.category() == Category::Syntax
    }
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

impl<'a> Found<'a> {
    pub(crate) const fn of_text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

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
    /// For a text that stands in `depth` levels of nesting.
    pub(crate) const fn new(text: &'t str, depth: usize) -> Self {
        Self {
            text,
            at: 0,
            depth,
            pointer: "",
        }
    }

    /// The text from a byte up to where the reader is.
    pub(crate) fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Never past the end of a text, so that it does not wrap.
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

    pub(crate) fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.advance(1);
        }
    }

    /// Refuses what stands at a byte.
    #[cold]
    pub(crate) fn refuse_at<T>(&self, at: usize, fault: Fault) -> Read<T> {
        let pointer = self.pointer;
        Err(Box::new(Broken { fault, at, pointer }))
    }

    /// Refuses the next value, whose known key was there before.
    #[cold]
    pub(crate) fn duplicate<T>(&self) -> Read<T> {
        let key = self.pointer.rsplit_once('/').map_or("", |(_, key)| key);
        self.refuse_at(self.at, Fault::duplicate(key))
    }

    /// Refuses the next character, which is not what belongs there.
    #[cold]
    fn expected<T>(&self, expected: &'static str) -> Read<T> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let found = match rest.chars().next() {
            Some(c) => quote_char(c),
            None => "the end".to_owned(),
        };
        self.refuse_at(self.at, Fault::Syntax { expected, found })
    }

    /// Reads the white space at the end of the text.
    pub(crate) fn end(&mut self) -> Read<()> {
        self.skip_space();
        match self.peek() {
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
    pub(crate) fn skip_value(&mut self) -> Read<()> {
        match self.peek() {
            Some(b'{' | b'[') => self.entries(Self::skip_value).map(drop),
            Some(b'"') => self.skip_string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.skip_number_of_a_double(),
            _ => self.literal().map(drop),
        }
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
            return self.refuse_at(self.at, Fault::TooDeep);
        }
        // `{` and `}` are two apart, as `[` and `]` are.
        let closing = self.peek().map(|bracket| bracket.wrapping_add(2));
        self.advance(1);
        self.skip_space();
        if self.peek() == closing {
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
        self.skip_space();
        if self.take(b',') {
            self.skip_space();
            return match self.peek() {
                None | Some(b'}' | b']') => self.expected("another entry after `,`"),
                Some(_) => Ok(true),
            };
        }
        if !self.take(closing) {
            return self.expected(match closing {
                b'}' => "`,` or `}`",
                _ => "`,` or `]`",
            });
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(false)
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
        self.skip_space();
        if !self.take(b':') {
            return self.expected("`:`");
        }
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
        let may_exceed = has_exponent || self.at.wrapping_sub(start) > 300;
        if may_exceed && !self.since(start).parse().is_ok_and(f64::is_finite) {
            return self.refuse_at(start, Fault::number_out_of_range());
        }
        Ok(())
    }

    /// Reads a number of any size. Says whether it has an exponent.
    pub(crate) fn skip_number(&mut self) -> Read<bool> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        } else if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return self.expected("a number without leading zeros");
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
            return self.expected("a digit");
        }
        Ok(())
    }

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
    fn skip_string(&mut self) -> Read<bool> {
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
        let expected = "surrogate escapes in pairs";
        let found = "a lone one".to_owned();
        self.refuse_at(start, Fault::Syntax { expected, found })
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

/// How many bytes stand for themselves in a string before the first that does not.
pub(super) fn plain_bytes(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    // Without a branch for each byte, so that they are compared all at once.
    while let Some((block, after)) = rest.split_first_chunk::<16>() {
        let bytes = block.iter();
        if bytes.fold(false, |any, byte| any | is_special(*byte)) {
            break;
        }
        rest = after;
    }
    while let Some((word, after)) = rest.split_first_chunk::<8>() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            let plain = special.trailing_zeros() as usize / 8;
            return bytes.len().wrapping_sub(rest.len()).wrapping_add(plain);
        }
        rest = after;
    }
    let plain = rest.iter().take_while(|byte| !is_special(**byte)).count();
    bytes.len().wrapping_sub(rest.len()).wrapping_add(plain)
}

/// Whether a byte is a control, a quotation mark or a backslash. Without its second
/// bit, the quotation mark comes right behind the controls.
#[expect(clippy::needless_bitwise_bool, reason = "no branch, see above")]
const fn is_special(byte: u8) -> bool {
    (byte ^ 2 <= b' ') | (byte == b'\\')
}

/// The highest bit of each byte of a word that [`is_special`]. Above the lowest such
/// byte, others may be taken for one.
const fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let controls = (word ^ ONES.wrapping_mul(2)).wrapping_sub(ONES.wrapping_mul(b'!' as u64));
    let backslashes = (word ^ ONES.wrapping_mul(b'\\' as u64)).wrapping_sub(ONES);
    (controls | backslashes) & !word & ONES.wrapping_mul(0x80)
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
