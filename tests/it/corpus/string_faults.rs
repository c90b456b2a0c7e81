//! Strings that JSON does not have, or that no receiver holds.

use edexa_webhooks::testing::Damage::{
    Apostrophes, CutInText, LoneSurrogate, LoneSurrogateInKey, MissingComma, RawControl,
    ShortEscape, TextForBoolean, UnknownEscape,
};

use super::Place::{Action, Body, DataValue, IsEsign, Name, Status};
use super::{
    Data, Group, KEYS, Refuse, RefuseAt, Syntax, UNKNOWN, all, assert_verdicts, group, values,
};

pub(super) fn groups() -> Vec<Group> {
    let everywhere = || [values(Refuse(Syntax)), all(&KEYS, Refuse(Syntax))].concat();
    let quoted = |text: &str| (format!("no string: {text}"), format!("\"a{text}\""));
    let as_it_is = |text: &str| (format!("no string as it stands: {text}"), text.to_owned());
    let followed = [
        all(&[Body, DataValue, Status, IsEsign], Refuse(Data)),
        vec![
            (Action, RefuseAt(Syntax, "")),
            (Name, RefuseAt(Syntax, "/data")),
        ],
        all(&UNKNOWN, Refuse(Syntax)),
    ];
    vec![
        group(everywhere(), controls()).known_as(&[RawControl]),
        group(everywhere(), NO_ESCAPES.map(quoted)).known_as(&[UnknownEscape, ShortEscape]),
        group(everywhere(), LONE_SURROGATES.map(quoted))
            .known_as(&[LoneSurrogate, LoneSurrogateInKey]),
        group(everywhere(), NO_STRINGS.map(as_it_is)).known_as(&[CutInText, Apostrophes]),
        group(followed.concat(), STRING_AND_MORE.map(as_it_is))
            .known_as(&[MissingComma, TextForBoolean]),
    ]
}

/// Each control character as it is, in the middle of a string.
fn controls() -> impl Iterator<Item = (String, Vec<u8>)> {
    (0..0x20_u8).map(|byte| {
        (
            format!("raw control {byte:#04x}"),
            vec![b'"', b'a', byte, b'b', b'"'],
        )
    })
}

const NO_ESCAPES: [&str; 27] = [
    r"\a",
    r"\e",
    r"\v",
    r"\0",
    r"\1",
    r"\8",
    r"\x41",
    r"\'",
    r"\N",
    r"\T",
    r"\U0041",
    r"\ ",
    "\\\n",
    "\\\u{0}",
    "\\\u{e9}",
    r"\u",
    r"\u0",
    r"\u00",
    r"\u004",
    r"\u004g",
    r"\uGGGG",
    r"\u{41}",
    r"\u+041",
    r"\u-041",
    r"\u 041",
    r"\u0x41",
    "\\u\u{ff10}\u{ff10}\u{ff14}\u{ff11}",
];

const LONE_SURROGATES: [&str; 18] = [
    r"\ud800",
    r"\uDBFF",
    r"\udc00",
    r"\uDFFF",
    r"\ud800b",
    r"\udc00b",
    r"\ud800\n",
    r"\ud800\\",
    r"\ud800\u0041",
    r"\ud800\u0000",
    r"\ud800\ue000",
    r"\ud800\ud800",
    r"\ud800\udbff",
    r"\udc00\ud800",
    r"\udc00\udc00",
    r"\ud83d \ude00",
    r"\ud83d\\ude00",
    r"\ud83d\ude00\ude00",
];

const NO_STRINGS: [&str; 14] = [
    "\"",
    "\"a",
    "\"a\\",
    "\"a\\\"",
    "\"a\\u00",
    "\"\\ud83d\\ude0\"",
    "\"\\ud83d\\u\"",
    "\"\\ud83d\\",
    "'a'",
    "`a`",
    "\u{201c}a\u{201d}",
    "\u{ab}a\u{bb}",
    "\\\"a\"",
    "u\"a\"",
];

const STRING_AND_MORE: [&str; 13] = [
    "\"a\" \"b\"",
    "\"a\"\"b\"",
    "\"a\"b",
    "\"a\"+\"b\"",
    "\"a\"'",
    "\"a\";",
    "\"a\" 1",
    "\"a\"]",
    "\"a\": 1",
    "\"a\" // b",
    "\"a\"/* b */",
    "\"a\"\\n",
    "\"a\"\u{0}",
];

#[test]
fn string_faults() {
    assert_verdicts(&groups());
}
