//! Strings that JSON has, as values and as keys.

use edexa_webhooks::testing::Damage::{DataIsString, TextForBoolean, TextForNumber};

use super::Place::{Action, Body, DataValue, IsEsign, Name, Status};
use super::{Accept, Data, Group, KEYS, Refuse, UNKNOWN, all, assert_verdicts, group};

pub(super) fn groups() -> Vec<Group> {
    let wrong_type = all(&[Body, DataValue, Status, IsEsign], Refuse(Data));
    let texts = all(&[Action, Name], Accept);
    let verdicts = [wrong_type, texts, all(&UNKNOWN, Accept), all(&KEYS, Accept)].concat();
    let quoted = |(name, text): (&str, &str)| (format!("string: {name}"), format!("\"{text}\""));
    vec![
        group(verdicts.clone(), ESCAPES.map(quoted)).known_as(&[TextForNumber, DataIsString]),
        group(verdicts, RAW.map(quoted)).known_as(&[TextForNumber, TextForBoolean]),
    ]
}

const ESCAPES: [(&str, &str); 36] = [
    ("quotation mark", r#"\""#),
    ("reverse solidus", r"\\"),
    ("solidus", r"\/"),
    ("backspace", r"\b"),
    ("form feed", r"\f"),
    ("line feed", r"\n"),
    ("carriage return", r"\r"),
    ("tab", r"\t"),
    ("every short escape", r#"\"\\\/\b\f\n\r\t"#),
    ("escaped quotation mark and text", r#"\"a\" \"b\""#),
    ("two reverse solidi", r"\\\\"),
    ("no escape after a reverse solidus", r"\\n\\u0041\\ud800"),
    ("NUL", r"\u0000"),
    ("NUL in the middle", r"a\u0000b"),
    ("first control", r"\u0001"),
    ("last control", r"\u001f"),
    ("escaped space", r"\u0020"),
    ("escaped DEL", r"\u007f"),
    ("escaped letter", r"\u0041"),
    ("escaped quotation mark by number", r"\u0022"),
    ("escaped reverse solidus by number", r"\u005c"),
    ("escaped reverse solidus before a letter", r"\u005cn"),
    ("hex digits in lower case", r"\uabcd"),
    ("hex digits in upper case", r"\uABCD"),
    ("hex digits in both cases", r"\uaBcD"),
    ("last before the surrogates", r"\ud7ff"),
    ("first after the surrogates", r"\ue000"),
    ("first pair", r"\ud800\udc00"),
    ("last pair", r"\udbff\udfff"),
    ("pair in mixed case", r"\uD83d\uDe00"),
    ("two pairs", r"\ud83d\ude00\ud83d\ude01"),
    ("escaped byte order mark", r"\ufeff"),
    ("escaped U+FFFE", r"\ufffe"),
    ("escaped U+FFFF", r"\uffff"),
    ("escaped U+FDD0", r"\ufdd0"),
    ("escaped bidirectional override", r"\u202e"),
];

const RAW: [(&str, &str); 40] = [
    ("empty", ""),
    ("space", " "),
    ("apostrophe", "'"),
    ("raw solidus", "/"),
    ("path", "../../etc/passwd"),
    ("number", "1"),
    ("literal", "null"),
    ("object", "{}"),
    ("open array", "[1,"),
    ("comment", "// a /* b */"),
    ("format", "{0} %s ${a}"),
    ("markup", "<script>a</script>&amp;"),
    ("known elsewhere", "succeed"),
    ("raw DEL", "\u{7f}"),
    ("raw U+0080", "\u{80}"),
    ("raw next line", "\u{85}"),
    ("raw no-break space", "\u{a0}"),
    ("two bytes", "\u{e9}"),
    ("last of two bytes", "\u{7ff}"),
    ("first of three bytes", "\u{800}"),
    ("three bytes", "\u{65e5}\u{672c}"),
    ("raw last before the surrogates", "\u{d7ff}"),
    ("raw first after the surrogates", "\u{e000}"),
    ("raw line separator", "\u{2028}"),
    ("raw paragraph separator", "\u{2029}"),
    ("raw zero-width space", "\u{200b}"),
    ("raw bidirectional override", "\u{202e}gpj.exe"),
    ("raw isolate", "\u{2066}a\u{2069}"),
    ("raw byte order mark", "\u{feff}"),
    ("raw replacement character", "\u{fffd}"),
    ("raw U+FDD0", "\u{fdd0}"),
    ("raw U+FFFE", "\u{fffe}"),
    ("raw U+FFFF", "\u{ffff}"),
    ("first of four bytes", "\u{10000}"),
    ("four bytes", "\u{1f600}"),
    ("joined", "\u{1f469}\u{200d}\u{1f4bb}"),
    ("raw U+1FFFE", "\u{1fffe}"),
    ("private use", "\u{f0000}"),
    ("raw U+10FFFF", "\u{10ffff}"),
    ("combined", "e\u{301}"),
];

#[test]
fn strings() {
    assert_verdicts(&groups());
}
