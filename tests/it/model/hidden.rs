//! Which characters are escaped, compared with Unicode's own data.

use std::collections::HashSet;

use edexa_webhooks::FileName;
use regex_syntax::hir::{Class, HirKind};

fn is_escaped(c: char) -> bool {
    let name = c.to_string();
    let shown = FileName::from(name.as_str()).to_string();
    shown != name
}

/// The characters that a class of regular expressions holds, in order.
fn all(class: &str) -> impl Iterator<Item = char> {
    let class = regex_syntax::parse(class).unwrap().into_kind();
    let HirKind::Class(Class::Unicode(class)) = class else {
        panic!("{class:?}");
    };
    let ranges = class.ranges().to_vec().into_iter();
    ranges.flat_map(|range| range.start()..=range.end())
}

/// Of what Unicode 15.0 has assigned, so that it does not matter how new the data are that
/// the standard library has, and that regex-syntax has.
#[test]
fn the_hidden_characters_are_those_of_unicode() {
    let hidden = r"[[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u{2800}\u{16fe4}\u{1d159}]--[ ]]";
    let hidden: HashSet<char> = all(hidden).collect();
    let private_use = ['\u{e123}', '\u{f1234}', '\u{101234}'];
    let mut count = 0;
    for c in all(r"[\p{age:15.0}--\p{Co}]").chain(private_use) {
        let is_hidden = hidden.contains(&c);
        assert_eq!(is_escaped(c), is_hidden, "U+{:04X}", u32::from(c));
        count += usize::from(!is_hidden);
    }
    // That something was compared: Unicode 15.0 has 149,186 characters.
    assert!(count > 148_000, "{count}");
}

/// Nothing is assigned in the planes from 4 to 13.
#[test]
fn characters_that_are_not_assigned_are_hidden() {
    for c in ('\u{40000}'..='\u{dffff}').step_by(255) {
        assert!(is_escaped(c), "U+{:04X}", u32::from(c));
    }
    for c in [
        '\u{378}',
        '\u{fdd0}',
        '\u{ffff}',
        '\u{40000}',
        '\u{dffff}',
        '\u{10ffff}',
    ] {
        assert!(is_escaped(c), "U+{:04X}", u32::from(c));
    }
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
