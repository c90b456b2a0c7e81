//! White space: the four characters that JSON has, wherever it has them, and
//! what only looks like it.

use edexa_webhooks::testing::Damage::{
    Blank, ByteOrderMark, Comment, NoBreakSpace, TrailingBracket, TrailingNul,
};

use super::Place::{
    AfterBrace, AfterColon, AfterItem, BeforeColon, BeforeComma, EmptyArray, Leading, Trailing,
};
use super::{Accept, Encoding, Group, Place, Refuse, Syntax, all, assert_verdicts, group};

const GAPS: [Place; 8] = [
    Leading,
    Trailing,
    AfterBrace,
    BeforeColon,
    AfterColon,
    BeforeComma,
    EmptyArray,
    AfterItem,
];

pub(super) fn groups() -> Vec<Group> {
    let named = |space: &'static str| (format!("space {space:?}"), space);
    let long = (
        String::from("space, 20,000 characters"),
        " \n\t\r".repeat(5_000),
    );
    let mark = |place: &Place| matches!(place, Leading);
    let (first, later): (Vec<Place>, Vec<Place>) = GAPS.iter().partition(|place| mark(place));
    let marked = [all(&first, Refuse(Encoding)), all(&later, Refuse(Syntax))];
    vec![
        group(all(&GAPS, Accept), SPACE.map(named)),
        group(all(&GAPS, Accept), [long]),
        group(all(&GAPS, Refuse(Syntax)), NO_SPACE.map(named)).known_as(&[
            Blank,
            NoBreakSpace,
            TrailingNul,
            TrailingBracket,
            Comment,
        ]),
        group(marked.concat(), ["\u{feff}", "\u{feff} "].map(named)).known_as(&[ByteOrderMark]),
    ]
}

const SPACE: [&str; 9] = [
    "  ", "\t", "\n", "\r", "\r\n", "\n\r", " \t\r\n", "\n\n\n\n", "\t \t \t",
];

const NO_SPACE: [&str; 34] = [
    "\0",
    "\u{1}",
    "\u{8}",
    "\u{b}",
    "\u{c}",
    "\u{1b}",
    "\u{1c}",
    "\u{1d}",
    "\u{1e}",
    "\u{1f}",
    "\u{7f}",
    "\u{80}",
    "\u{85}",
    "\u{a0}",
    "\u{ad}",
    "\u{1680}",
    "\u{180e}",
    "\u{2000}",
    "\u{2003}",
    "\u{200b}",
    "\u{2028}",
    "\u{2029}",
    "\u{202f}",
    "\u{205f}",
    "\u{2060}",
    "\u{3000}",
    "\u{fffe}",
    " \u{a0} ",
    "\n\u{c}\n",
    "\\n",
    "/* a */",
    "// a\n",
    "# a\n",
    "<!-- -->",
];

#[test]
fn space() {
    assert_verdicts(&groups());
}
