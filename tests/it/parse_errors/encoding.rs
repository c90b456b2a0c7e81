//! Bytes that are not UTF-8, and byte order marks.

use edexa_webhooks::Category::{Encoding, Syntax};
use edexa_webhooks::Salvaged;

use crate::support::{FULL, assert_refused, position_of, with};

/// Refuses [`FULL`] with bytes put in before a text that it holds once.
#[track_caller]
fn assert_not_utf8(bytes: &[u8], before: &str, pointer: &str) {
    let (start, end) = FULL.split_once(before).unwrap();
    assert!(!end.contains(before), "{before} is there twice");
    let body = [start, before, end].map(str::as_bytes);
    let body = [body[0], bytes, body[1], body[2]].concat();
    let message = format!("expected UTF-8, found the byte 0x{:02x}", bytes[0]);
    let position = position_of(FULL, before);
    assert_refused(body, Encoding, pointer, position, &message);
}

#[test]
fn a_value_is_not_utf8() {
    assert_not_utf8(b"\xff", "b0af7195", "/webhookId");
    assert_not_utf8(b"\xff", "bc.png", "/data/name");
    assert_not_utf8(b"\xff", "false,\n    \"isPrivateBc\"", "/data/isEsign");
    assert_not_utf8(b"\xff", "ull\n  },", "/data");
    assert_not_utf8(b"\xff", "ull\n}", "");
}

#[test]
fn a_key_is_not_utf8() {
    assert_not_utf8(b"\xff", "bhookId", "");
    assert_not_utf8(b"\xff", "name", "/data");
    assert_not_utf8(b"\xff", "laterInData", "/data");
    assert_not_utf8(b"\xff", "ter\": null\n}", "");
}

#[test]
fn what_stands_between_tokens_is_not_utf8() {
    assert_not_utf8(b"\xff", "{\n  \"webhookId\"", "");
    assert_not_utf8(b"\xff", "\"webhookId\"", "");
    assert_not_utf8(b"\xff", ": \"abc.png\"", "/data/name");
    assert_not_utf8(b"\xff", "\"abc.png\"", "/data/name");
    assert_not_utf8(b"\xff", ",\n    \"blockchainId\"", "/data");
    assert_not_utf8(b"\xff", "},", "/data");
    assert_not_utf8(b"\xff", "\n  \"later\"", "");
}

#[test]
fn what_follows_the_body_is_not_utf8() {
    let body = [FULL.as_bytes(), b"\xff"].concat();
    let message = "expected UTF-8, found the byte 0xff";
    assert_refused(body, Encoding, "", (24, 1), message);
}

#[test]
fn every_kind_of_invalid_utf8_is_named_by_its_first_byte() {
    for bytes in [
        &b"\x80"[..],
        b"\xbf\xbf",
        b"\xc0\x80",
        b"\xc1\xbf",
        b"\xe9",
        b"\xe2\x82",
        b"\xe0\x80\x80",
        b"\xed\xa0\x80",
        b"\xf0\x9f\x98",
        b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80",
        b"\xfe",
    ] {
        assert_not_utf8(bytes, "bc.png", "/data/name");
        assert_not_utf8(bytes, "ull\n}", "");
    }
}

#[test]
fn the_column_counts_characters() {
    let body = with("name", "\"日本é\u{1f600}☠.png\"");
    let (before, after) = body.split_once('☠').unwrap();
    let body = [before.as_bytes(), b"\xff", after.as_bytes()].concat();
    let message = "expected UTF-8, found the byte 0xff";
    assert_refused(body, Encoding, "/data/name", (9, 18), message);
}

#[test]
fn a_character_is_cut_off_at_the_end() {
    let whole = with("name", "\"ab\u{20ac}\u{1f600}\"");
    let message = "expected UTF-8, found a character cut off by the end";
    for (character, column) in [('\u{20ac}', 16), ('\u{1f600}', 17)] {
        let start = whole.find(character).unwrap();
        for kept in 1..character.len_utf8() {
            let body = &whole.as_bytes()[..start + kept];
            let place = "/data/name";
            let error = assert_refused(body, Encoding, place, (9, column), message);
            let id = error.salvaged().stamp_id.as_ref().unwrap();
            assert_eq!(id, "6475c02029b5bab6d2f2c6dc");
        }
    }
}

/// The encoding is at fault first: what is not text has no further meaning.
#[test]
fn a_body_is_not_utf8_after_another_fault() {
    for earlier in ["7", "nope", "\"cut\nshort\""] {
        let body = with("actionId", earlier).into_bytes();
        let at = body.windows(6).position(|w| w == b"bc.png").unwrap();
        let line = 9 + earlier.matches('\n').count();
        let body = [&body[..at], b"\xff", &body[at..]].concat();
        let message = "expected UTF-8, found the byte 0xff";
        let error = assert_refused(body, Encoding, "", (line, 15), message);
        assert_eq!(error.salvaged().action_id, None);
        let webhook_id = error.salvaged().webhook_id.as_ref().unwrap();
        assert_eq!(webhook_id, "6475b0af7195267fd13bb3d1");
    }
}

#[test]
fn a_byte_order_mark_in_utf8_is_named() {
    let message = "expected JSON, found a byte order mark";
    for rest in ["", FULL, "[]", "\u{feff}{}", " {}", "é"] {
        let body = format!("\u{feff}{rest}");
        let error = assert_refused(&body, Encoding, "", (1, 1), message);
        assert_eq!(error.salvaged(), &Salvaged::default());
        let body = [body.as_bytes(), b"\xff"].concat();
        let error = assert_refused(body, Encoding, "", (1, 1), message);
        assert_eq!(error.salvaged(), &Salvaged::default());
    }
}

#[test]
fn a_byte_order_mark_elsewhere_is_a_stray_character() {
    let found = |expected: &str| format!("expected {expected}, found U+FEFF");
    let body = format!(" \u{feff}{FULL}");
    assert_refused(body, Syntax, "", (1, 2), &found("a value"));
    let body = format!("{FULL}\u{feff}");
    assert_refused(body, Syntax, "", (24, 1), &found("the end"));
    let body = FULL.replacen('{', "{\u{feff}", 1);
    assert_refused(body, Syntax, "", (1, 2), &found("a key in double quotes"));
}

#[test]
fn a_byte_order_mark_in_utf16_is_no_utf8() {
    let units = || FULL.encode_utf16();
    let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
    let message = "expected UTF-8, found the byte 0xff";
    let body = [&b"\xff\xfe"[..], &little].concat();
    assert_refused(body, Encoding, "", (1, 1), message);
    let message = "expected UTF-8, found the byte 0xfe";
    let body = [&b"\xfe\xff"[..], &big].concat();
    assert_refused(body, Encoding, "", (1, 1), message);
}

/// Without a mark, UTF-16 of ASCII is UTF-8 with every second byte 0.
#[test]
fn utf16_without_a_mark_is_no_json() {
    let units = || FULL.encode_utf16();
    let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
    let message = "expected a key in double quotes, found U+0000";
    assert_refused(little, Syntax, "", (1, 2), message);
    let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
    let message = "expected a value, found U+0000";
    assert_refused(big, Syntax, "", (1, 1), message);
}
