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
        self.0.chars().try_for_each(|c| write_escaped(f, c))
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
        let mut chars = self.text.chars();
        chars
            .by_ref()
            .take(self.max_chars)
            .try_for_each(|c| write_escaped(f, c))?;
        match chars.next() {
            Some(_) => f.write_char(ELLIPSIS),
            None => Ok(()),
        }
    }
}

/// How many characters of the input an error message quotes.
const QUOTED_CHARS: usize = 40;

/// A short, escaped piece of untrusted text for an error message.
pub(crate) fn quote(text: &str) -> Clipped<'_> {
    Clipped {
        text,
        max_chars: QUOTED_CHARS,
    }
}

fn write_escaped(f: &mut fmt::Formatter<'_>, c: char) -> fmt::Result {
    if c.is_control() {
        write!(f, "{}", c.escape_debug())
    } else if is_deceptive(c) {
        write!(f, "{}", c.escape_unicode())
    } else {
        f.write_char(c)
    }
}

/// Characters that a terminal or a log viewer obeys or hides instead of
/// showing: controls, line separators, bidirectional marks, and the invisible.
pub(crate) fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::{Clipped, Escaped, is_deceptive};

    #[test]
    fn harmless_text_is_left_alone() {
        assert_eq!(Escaped(r#"C:\a "é" 日"#).to_string(), r#"C:\a "é" 日"#);
    }

    #[test]
    fn every_deceptive_character_comes_out_as_ascii() {
        for c in '\0'..=char::MAX {
            let shown = Escaped(c.encode_utf8(&mut [0; 4])).to_string();
            let raw = shown.chars().eq([c]);
            assert_eq!(raw, !is_deceptive(c), "{c:?} -> {shown:?}");
            assert!(raw || shown.is_ascii(), "{c:?} -> {shown:?}");
        }
    }

    #[test]
    fn controls_and_marks_of_direction_are_deceptive() {
        for c in "\0\t\n\r\u{1b}\u{7f}\u{85}\u{200b}\u{2028}\u{202e}\u{2066}\u{feff}".chars() {
            assert!(is_deceptive(c), "{c:?}");
        }
    }

    #[test]
    fn clipping_counts_characters_and_marks_the_cut() {
        let clip = |text, max_chars| Clipped { text, max_chars }.to_string();
        assert_eq!(clip("ééé", 3), "ééé");
        assert_eq!(clip("ééé", 2), "éé…");
        assert_eq!(clip("\n\nx", 1), "\\n…");
        assert_eq!(clip("", 0), "");
    }
}
