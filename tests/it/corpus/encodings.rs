//! Bytes that are not UTF-8, bodies in other encodings, and bodies in other
//! formats.

use edexa_webhooks::testing::Damage::{
    Apostrophes, BareKey, Batch, ByteOrderMark, CutCharacter, Form, Gzip, JsonInString, Latin1,
    LeadingText, Markup, NotUtf8, Overlong, SurrogateBytes, TerminalEscape, TrailingComma,
    TrailingNul, TwoBodies, Utf16, Utf16WithoutMark,
};

use super::Place::Body;
use super::{
    Data, Encoding, FULL, Group, KEYS, Refuse, Syntax, all, assert_verdicts, group, values,
};

pub(super) fn groups() -> Vec<Group> {
    let everywhere = || [values(Refuse(Encoding)), all(&KEYS, Refuse(Encoding))].concat();
    let quoted = |(name, bytes): (&'static str, &[u8])| (name, [b"\"a", bytes, b"b\""].concat());
    let bare = |(name, bytes): (&'static str, &[u8])| (format!("{name}, bare"), bytes.to_vec());
    let body = |verdict| [(Body, verdict)];
    vec![
        group(everywhere(), NOT_UTF8.map(quoted)).known_as(&[NotUtf8, Overlong, SurrogateBytes]),
        group(everywhere(), NOT_UTF8.map(bare)).known_as(&[NotUtf8]),
        group(everywhere(), IN_STRINGS.map(quoted)).known_as(&[CutCharacter, Latin1]),
        group(body(Refuse(Encoding)), other_encodings()).known_as(&[ByteOrderMark, Utf16, Gzip]),
        group(body(Refuse(Syntax)), wide_without_a_mark()).known_as(&[Utf16WithoutMark]),
        group(body(Refuse(Syntax)), other_texts()).known_as(&[
            Form,
            Markup,
            TwoBodies,
            LeadingText,
            TrailingNul,
            TerminalEscape,
            TrailingComma,
            Apostrophes,
            BareKey,
        ]),
        group(body(Refuse(Data)), of_another_shape()).known_as(&[JsonInString, Batch]),
    ]
}

const NOT_UTF8: [(&str, &[u8]); 24] = [
    ("lone continuation", b"\x80"),
    ("last continuation", b"\xbf"),
    ("two continuations", b"\x80\xbf"),
    ("overlong NUL of two bytes", b"\xc0\x80"),
    ("overlong solidus of two bytes", b"\xc0\xaf"),
    ("overlong U+007F", b"\xc1\xbf"),
    ("overlong NUL of three bytes", b"\xe0\x80\x80"),
    ("overlong solidus of three bytes", b"\xe0\x80\xaf"),
    ("overlong U+07FF", b"\xe0\x9f\xbf"),
    ("overlong NUL of four bytes", b"\xf0\x80\x80\x80"),
    ("overlong solidus of four bytes", b"\xf0\x80\x80\xaf"),
    ("overlong U+FFFF", b"\xf0\x8f\xbf\xbf"),
    ("first surrogate", b"\xed\xa0\x80"),
    ("last high surrogate", b"\xed\xaf\xbf"),
    ("first low surrogate", b"\xed\xb0\x80"),
    ("last surrogate", b"\xed\xbf\xbf"),
    ("pair of surrogates", b"\xed\xa0\xbd\xed\xb8\x80"),
    ("U+110000", b"\xf4\x90\x80\x80"),
    ("U+140000", b"\xf5\x80\x80\x80"),
    ("five bytes", b"\xf8\x88\x80\x80\x80"),
    ("six bytes", b"\xfc\x84\x80\x80\x80\x80"),
    ("the byte 0xfe", b"\xfe"),
    ("the byte 0xff", b"\xff"),
    ("Windows-1252 euro sign", b"\x80 5"),
];

/// Bytes that only inside a string are at fault for nothing but their encoding.
const IN_STRINGS: [(&str, &[u8]); 10] = [
    ("one byte of two", b"\xc3"),
    ("one byte of two, then ASCII", b"\xc3\x28"),
    ("one byte of three", b"\xe2"),
    ("two bytes of three", b"\xe2\x82"),
    ("one byte of four", b"\xf0"),
    ("two bytes of four", b"\xf0\x9f"),
    ("three bytes of four", b"\xf0\x9f\x98"),
    ("continuation after a character", b"\xe2\x82\xac\xac"),
    ("Latin-1", b"caf\xe9"),
    ("Shift JIS", b"\x93\xfa\x96\x7b"),
];

fn utf16(swap: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    FULL.encode_utf16().flat_map(swap).collect()
}

fn utf32(swap: impl Fn(u32) -> [u8; 4]) -> Vec<u8> {
    FULL.chars().map(u32::from).flat_map(swap).collect()
}

fn other_encodings() -> Vec<(&'static str, Vec<u8>)> {
    let marked = |mark: &[u8], body: Vec<u8>| [mark, &body].concat();
    let full = || FULL.as_bytes().to_vec();
    vec![
        ("UTF-8 with a mark", marked(b"\xef\xbb\xbf", full())),
        ("a mark alone", b"\xef\xbb\xbf".to_vec()),
        ("half a mark", b"\xef\xbb".to_vec()),
        ("two marks", marked(b"\xef\xbb\xbf\xef\xbb\xbf", full())),
        (
            "UTF-16LE with a mark",
            marked(b"\xff\xfe", utf16(u16::to_le_bytes)),
        ),
        (
            "UTF-16BE with a mark",
            marked(b"\xfe\xff", utf16(u16::to_be_bytes)),
        ),
        ("a mark of UTF-16LE alone", b"\xff\xfe".to_vec()),
        ("a mark of UTF-16BE alone", b"\xfe\xff".to_vec()),
        (
            "UTF-32LE with a mark",
            marked(b"\xff\xfe\0\0", utf32(u32::to_le_bytes)),
        ),
        (
            "UTF-32BE with a mark",
            marked(b"\0\0\xfe\xff", utf32(u32::to_be_bytes)),
        ),
        ("a mark of GB 18030", marked(b"\x84\x31\x95\x33", full())),
        ("EBCDIC", b"\xc0\x7f\xa6\x85\x82\x7f\x7a\xf1\xd0".to_vec()),
        ("gzip", b"\x1f\x8b\x08\0\0\0\0\0".to_vec()),
        ("zlib", b"\x78\x9c\xab\x56\x2a\x4f".to_vec()),
        ("CBOR", b"\xa4\x69webhookId\x61\x31".to_vec()),
        ("MessagePack", b"\x84\xa9webhookId\xa11".to_vec()),
        (
            "UTF-8 and a stray byte",
            marked(FULL.as_bytes(), vec![0x80]),
        ),
    ]
}

/// Without a mark, and in ASCII, these are UTF-8 with many a NUL.
fn wide_without_a_mark() -> [(&'static str, Vec<u8>); 4] {
    [
        ("UTF-16LE", utf16(u16::to_le_bytes)),
        ("UTF-16BE", utf16(u16::to_be_bytes)),
        ("UTF-32LE", utf32(u32::to_le_bytes)),
        ("UTF-32BE", utf32(u32::to_be_bytes)),
    ]
}

fn other_texts() -> Vec<(&'static str, String)> {
    vec![
        ("UTF-7", "+AHs-\"webhookId\": 1+AH0-".to_owned()),
        ("a form", "webhookId=1&actionId=2".to_owned()),
        ("JSON in a form", format!("payload={FULL}")),
        ("multipart", format!("--a\r\nContent-Type: b\r\n\r\n{FULL}")),
        (
            "XML",
            "<?xml version=\"1.0\"?><webhookId>1</webhookId>".to_owned(),
        ),
        ("YAML", "webhookId: 1\nactionId: 2\n".to_owned()),
        ("TOML", "webhookId = \"1\"\n".to_owned()),
        ("YAML document", format!("---\n{FULL}")),
        ("two bodies", format!("{FULL}{FULL}")),
        ("JSON text sequence", format!("\u{1e}{FULL}")),
        ("JSONP", format!("callback({FULL})")),
        ("guarded JSON", format!(")]}}',\n{FULL}")),
        ("a statement", format!("{FULL};")),
        ("base64", "eyJ3ZWJob29rSWQiOiIxIn0=".to_owned()),
        ("percent encoding", "%7B%22webhookId%22%3A1%7D".to_owned()),
        ("server-sent event", format!("data: {FULL}")),
        ("NUL at the end", format!("{FULL}\0")),
        ("mark at the end", format!("{FULL}\u{feff}")),
        ("terminal escape", "\u{1b}[2J".to_owned()),
        ("trailing comma", FULL.replacen("null\n}", "null,\n}", 1)),
        ("single quotes", FULL.replace('"', "'")),
        ("bare keys", FULL.replace("\"webhookId\"", "webhookId")),
    ]
}

/// What starts as a JSON value, and as none that can be an event.
fn of_another_shape() -> [(&'static str, String); 4] {
    let text = edexa_webhooks::serde_json::to_string(FULL).unwrap_or_default();
    [
        ("JSON in a string", text),
        ("a batch", format!("[{FULL}]")),
        ("chunked", format!("3a\r\n{FULL}\r\n0\r\n\r\n")),
        ("a batch of two", format!("[{FULL}, {FULL}]")),
    ]
}

#[test]
fn encodings() {
    assert_verdicts(&groups());
}
