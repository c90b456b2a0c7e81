//! Which characters are escaped, compared with Unicode's own data.

use edexa_webhooks::FileName;
use regex::Regex;

fn is_escaped(c: char) -> bool {
    let name = c.to_string();
    let shown = FileName::from(name.as_str()).to_string();
    shown != name
}

/// The characters that a class of regular expressions holds.
fn all(class: &str) -> impl Fn(char) -> bool {
    let class = Regex::new(&format!("^{class}$")).unwrap();
    move |c| class.is_match(c.encode_utf8(&mut [0; 4]))
}

/// Of what Unicode 15.0 has assigned, so that it does not matter how new the data are that
/// the standard library has, and that regex has. No code point of the planes from 4 to
/// 13 is assigned.
#[test]
fn the_hidden_characters_are_those_of_unicode() {
    let is_old = all(r"\p{age:15.0}");
    let is_hidden =
        all(r"[[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u{2800}\u{16fe4}\u{1d159}]--[ ]]");
    let mut counts = (0, 0);
    for c in '\0'..=char::MAX {
        let is_free = ('\u{40000}'..='\u{dffff}').contains(&c);
        if is_old(c) || is_free {
            let is_hidden = is_free || is_hidden(c);
            assert_eq!(is_escaped(c), is_hidden, "U+{:04X}", u32::from(c));
            if is_hidden {
                counts.0 += 1;
            } else {
                counts.1 += 1;
            }
        }
    }
    // That something was compared: of 149,251 characters that are assigned, few are hidden.
    assert!(counts.0 > 700_000 && counts.1 > 148_000, "{counts:?}");
}

/// Both ends of what is typed by hand, and what stands beside them.
#[test]
fn the_ends_of_each_range() {
    for (first, last) in [
        ('\0', '\u{1f}'),
        ('\u{7f}', '\u{a0}'),
        ('\u{34f}', '\u{34f}'),
        ('\u{115f}', '\u{1160}'),
        ('\u{17b4}', '\u{17b5}'),
        ('\u{180b}', '\u{180f}'),
        ('\u{2800}', '\u{2800}'),
        ('\u{3164}', '\u{3164}'),
        ('\u{fe00}', '\u{fe0f}'),
        ('\u{ffa0}', '\u{ffa0}'),
        ('\u{16fe4}', '\u{16fe4}'),
        ('\u{1d159}', '\u{1d159}'),
    ] {
        for c in first..=last {
            assert!(is_escaped(c), "U+{:04X}", u32::from(c));
        }
        let before = ('\0'..first).next_back();
        for c in [before, (last..=char::MAX).nth(1)].into_iter().flatten() {
            // No character is assigned before or behind some of them.
            let is_free = ['\u{ff9f}', '\u{ffa1}', '\u{16fe5}'].contains(&c);
            assert!(!is_escaped(c) || is_free, "U+{:04X}", u32::from(c));
        }
    }
    assert!(is_escaped('\u{e0100}') && is_escaped('\u{e01ef}'));
}
