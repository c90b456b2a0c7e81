//! Untrusted text, made safe to print.

use std::fmt::{self, Write as _};

/// Text that was clipped ends in this.
const ELLIPSIS: char = '…';

/// Prints text with every deceptive character escaped, and nothing shortened.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.contains(is_deceptive) {
            return f.pad(self.0);
        }
        let mut shown = String::with_capacity(self.0.len());
        self.0
            .chars()
            .try_for_each(|c| write_escaped(&mut shown, c))?;
        f.pad(&shown)
    }
}

/// Prints at most `max_chars` characters of a text, escaped, with an ellipsis
/// where something is missing.
pub(crate) struct Clipped<'a> {
    pub(crate) text: &'a str,
    pub(crate) max_chars: usize,
}

impl fmt::Display for Clipped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_clipped(f, self.text, self.max_chars, |f, c| write_escaped(f, c))
    }
}

/// A short piece of untrusted text for an error message, escaped so that it
/// cannot end the quotation marks around it.
pub(crate) struct Quoted<'a>(&'a str);

pub(crate) const fn quote(text: &str) -> Quoted<'_> {
    Quoted(text)
}

/// How many characters of the input an error message quotes.
const QUOTED_CHARS: usize = 40;

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_clipped(f, self.0, QUOTED_CHARS, |f, c| match c {
            '"' | '\\' => write!(f, "\\{c}"),
            _ if is_blank(c) => write!(f, "{}", c.escape_unicode()),
            _ => write_escaped(f, c),
        })
    }
}

fn write_clipped(
    f: &mut fmt::Formatter<'_>,
    text: &str,
    max_chars: usize,
    write_char: fn(&mut fmt::Formatter<'_>, char) -> fmt::Result,
) -> fmt::Result {
    let mut chars = text.chars();
    for c in chars.by_ref().take(max_chars) {
        write_char(f, c)?;
    }
    match chars.next() {
        Some(_) => f.write_char(ELLIPSIS),
        None => Ok(()),
    }
}

/// A single character for an error message.
pub(crate) fn quote_char(c: char) -> String {
    if is_deceptive(c) || is_blank(c) {
        format!("U+{:04X}", u32::from(c))
    } else {
        format!("`{c}`")
    }
}

/// Characters that are shown as nothing, other than the space that everybody
/// expects. File names have them for good reasons, error messages do not.
fn is_blank(c: char) -> bool {
    c != ' ' && !c.is_control() && (c.is_whitespace() || c == '\u{2800}')
}

fn write_escaped(f: &mut impl fmt::Write, c: char) -> fmt::Result {
    if c.is_control() {
        write!(f, "{}", c.escape_debug())
    } else if is_deceptive(c) {
        write!(f, "{}", c.escape_unicode())
    } else {
        f.write_char(c)
    }
}

/// Characters that a terminal or a log viewer obeys or hides instead of showing:
/// controls, line separators, bidirectional marks, and the invisible. The last
/// are Unicode's `Default_Ignorable_Code_Point`s, less the variation selectors
/// U+FE00 to U+FE0F, which emoji need, and more the annotation marks.
pub(crate) fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}
