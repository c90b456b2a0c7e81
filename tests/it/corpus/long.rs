//! Pieces of 64 KiB, which the default limit keeps out and a limit of one's own
//! may let in.

use edexa_webhooks::testing::Damage::{
    CutInText, LoneSurrogate, NotUtf8, NumberBeyondDouble, NumberForText, RawControl,
    TextForNumber, TooLarge, UnknownEscape,
};

use super::Place::{Action, Body, IsEsign, Key, KeyInData, Name, Status};
use super::{
    Accept, Data, Encoding, Group, Place, Refuse, Syntax, UNKNOWN, Verdict, all, assert_verdicts,
    group,
};

const SIZE: usize = 64 * 1024;

pub(super) fn groups() -> Vec<Group> {
    let texts = [Action, Name, Key, KeyInData];
    let no_text = [Body, Status, IsEsign];
    let string = [
        all(&texts, Accept),
        all(&UNKNOWN, Accept),
        all(&no_text, Refuse(Data)),
    ];
    let anywhere = |verdict: Verdict| -> Vec<(Place, Verdict)> {
        [
            all(&texts, verdict),
            all(&UNKNOWN, verdict),
            all(&no_text, verdict),
        ]
        .concat()
    };
    let other = [
        all(&UNKNOWN, Accept),
        all(&[Body, Status, Name], Refuse(Data)),
    ];
    let quoted = |text: String| [b"\"", text.as_bytes(), b"\""].concat();
    let filled = |piece: &str| quoted(piece.repeat(SIZE.div_ceil(piece.len())));
    let text = || "a".repeat(SIZE);
    let after = |end: &[u8]| [b"\"", text().as_bytes(), end, b"\""].concat();
    let digits = |start: &str, digit: &str| [start, &digit.repeat(SIZE)].concat().into_bytes();
    let list = |item: &str| {
        let items = vec![item; SIZE.div_ceil(item.len())];
        format!("[{}]", items.join(",")).into_bytes()
    };
    vec![
        group(
            string.concat(),
            [
                ("long text", filled("a")),
                ("long text beyond ASCII", filled("\u{e9}")),
                ("long text of emoji", filled("\u{1f600}")),
                ("long text of short escapes", filled("\\n")),
                ("long text of NULs", filled("\\u0000")),
                ("long text of pairs", filled("\\ud83d\\ude00")),
                ("long text, then an escape", after(b"\\\\")),
            ],
        )
        .known_as(&[TooLarge, TextForNumber]),
        group(
            anywhere(Refuse(Syntax)),
            [
                ("long text, then half a pair", after(b"\\ud800")),
                ("long text, then a control", after(b"\n")),
                ("long text, then no escape", after(b"\\x41")),
                (
                    "long text with no end",
                    format!("\"{}", text()).into_bytes(),
                ),
            ],
        )
        .known_as(&[CutInText, RawControl, UnknownEscape, LoneSurrogate]),
        group(
            anywhere(Refuse(Encoding)),
            [("long text, then no UTF-8", after(b"\xff"))],
        )
        .known_as(&[NotUtf8]),
        group(
            other.concat(),
            [
                ("long fraction", digits("1.25", "0")),
                ("long fraction of zeros", digits("-0.", "0")),
                ("long list", list("0")),
                ("long list of lists", list("[]")),
            ],
        )
        .known_as(&[TooLarge, NumberForText]),
        group(
            anywhere_but_keys(Refuse(Syntax)),
            [("long integer", digits("", "9"))],
        )
        .known_as(&[NumberBeyondDouble]),
    ]
}

fn anywhere_but_keys(verdict: Verdict) -> Vec<(Place, Verdict)> {
    [all(&UNKNOWN, verdict), all(&[Body, Status, Name], verdict)].concat()
}

#[test]
fn long() {
    assert_verdicts(&groups());
}
