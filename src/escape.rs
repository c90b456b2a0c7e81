//! Untrusted text, made safe to print.

use std::fmt::{self, Write};

/// Prints text with every hidden character escaped, and nothing shortened.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.width().is_none() && f.precision().is_none() {
            return write_escaped(f, self.0, is_hidden);
        }
        let mut shown = String::new();
        write_escaped(&mut shown, self.0, is_hidden)?;
        f.pad(&shown)
    }
}

/// Prints at most so many characters of a string in double quotes, and escapes what is
/// hidden or would end the quotation. After the quotes comes `…` where something is
/// missing.
pub(crate) struct Quoted<'a> {
    text: &'a str,
    max_chars: usize,
}

/// A short piece of untrusted text for an error message.
pub(crate) const fn quote(text: &str) -> Quoted<'_> {
    quote_up_to(40, text)
}

pub(crate) const fn quote_up_to(max_chars: usize, text: &str) -> Quoted<'_> {
    Quoted { text, max_chars }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = self.text.char_indices().nth(self.max_chars);
        let shown = rest.and_then(|(end, _)| self.text.get(..end));
        f.write_char('"')?;
        write_escaped(f, shown.unwrap_or(self.text), |c| {
            matches!(c, '"' | '\\') || is_hidden(c)
        })?;
        f.write_str(if shown.is_some() { "\"…" } else { "\"" })
    }
}

/// A single character for an error message.
pub(crate) fn quote_char(c: char) -> String {
    if is_hidden(c) {
        format!("U+{:04X}", u32::from(c))
    } else {
        format!("`{c}`")
    }
}

fn write_escaped(
    f: &mut impl Write,
    mut text: &str,
    is_escaped: impl Fn(char) -> bool,
) -> fmt::Result {
    while let Some((plain, rest)) = text
        .find(&is_escaped)
        .and_then(|at| text.split_at_checked(at))
    {
        f.write_str(plain)?;
        let mut rest = rest.chars();
        match rest.next() {
            Some(c @ ('"' | '\\')) => write!(f, "\\{c}")?,
            Some(c) if c.is_control() => write!(f, "{}", c.escape_debug())?,
            c => c.map_or(Ok(()), |c| write!(f, "{}", c.escape_unicode()))?,
        }
        text = rest.as_str();
    }
    f.write_str(text)
}

/// Characters that a terminal or a log viewer obeys, hides, or draws as a blank other
/// than the space: general categories C and Z, the `Default_Ignorable`, and three that
/// draw nothing although Unicode has them elsewhere.
pub(crate) fn is_hidden(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    is_ignorable(c)
        || matches!(c, '\u{2800}' | '\u{16fe4}' | '\u{1d159}')
        || !(c.is_alphanumeric() || is_printable(c))
}

/// Whether nothing of a string is seen.
pub(crate) fn is_blank(text: &str) -> bool {
    changes(text).all(|c| c.is_whitespace() || is_hidden(c))
}

/// The characters of a string, each run of the same one once: to look one up takes std up
/// to a microsecond.
pub(crate) fn changes(text: &str) -> impl Iterator<Item = char> {
    let mut last = None;
    text.chars().filter(move |c| last.replace(*c) != Some(*c))
}

/// Whether a character is in neither of the categories C and Z, as the standard
/// library knows from Unicode's data. Behind a letter, it leaves marks as they are.
fn is_printable(c: char) -> bool {
    String::from_iter(['a', c]).escape_debug().nth(1) == Some(c)
}

/// `Default_Ignorable_Code_Point`, without what is in the category C.
const fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{34f}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{ffa0}'
        | '\u{e0100}'..='\u{e01ef}')
}
