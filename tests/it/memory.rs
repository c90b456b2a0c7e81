//! What reading the costliest bodies holds at its peak, accepted or refused:
//! at most four bytes for each byte of the body. Growing a buffer counts as
//! holding the old one and the new one at once.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test, or a helper of one, fails by panicking"
)]

use allocation_counter::measure;
use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::record::{Answer, StampRecord};
use edexa_webhooks::{Category, Extra, ParseError, WebhookEvent};

use crate::support::{FULL, with, with_entry};

const MOST_BYTES_PER_BYTE: u64 = 4;

/// Holds the peak of a body to the limit. Gives what was wrong with the body.
#[track_caller]
fn peak(name: &str, body: &[u8]) -> Option<ParseError> {
    let length = u64::try_from(body.len()).unwrap();
    assert!(body.len() <= MAX_BODY_BYTES, "{name}: {length} bytes");
    assert!(body.len() > MAX_BODY_BYTES - 250, "{name}: {length} bytes");
    let mut read = None;
    let held = measure(|| read = Some(WebhookEvent::from_slice(body))).bytes_max;
    println!("{:5} {name}", held * 100 / length);
    assert!(
        held <= MOST_BYTES_PER_BYTE * length,
        "{name}: {held} bytes at the peak for {length}"
    );
    read.unwrap().err()
}

#[track_caller]
fn assert_accepted_cheaply(name: &str, body: impl AsRef<[u8]>) {
    let body = body.as_ref();
    assert_eq!(peak(name, body), None, "{name}");
    let event = WebhookEvent::from_slice(body).unwrap();
    let hold = |what: &str, work: &mut dyn FnMut()| {
        let (held, length) = (measure(work).bytes_max, u64::try_from(body.len()).unwrap());
        println!("{:5} {what} {name}", held * 100 / length);
        assert!(
            held <= MOST_BYTES_PER_BYTE * length,
            "{what} {name}: {held} bytes at the peak for {length}"
        );
    };
    let other = respelled(&event);
    hold("comparing", &mut || assert!(event == other));
    hold("writing", &mut || drop(event.to_json().unwrap()));
    hold("serializing", &mut || {
        drop(serde_json::to_vec(&event).unwrap());
    });
    hold("checking", &mut || drop(event.check()));
    let mut key = None;
    hold("keying", &mut || key = Some(event.idempotency_key()));
    let key = key.unwrap();
    let peak = measure(|| assert_eq!(key.as_str().parse().as_ref(), Ok(&key))).bytes_max;
    let length = u64::try_from(key.as_str().len()).unwrap();
    assert!(
        peak <= MOST_BYTES_PER_BYTE * length,
        "key of {name}: {peak}"
    );
    hold("cloning", &mut || drop(event.clone()));
    hold("fingerprinting", &mut || drop(event.fingerprint()));
    let mut conflict = other.clone();
    conflict.data.hash = "another".into();
    // Held of two events.
    hold("relating", &mut || assert!(conflict.conflicts_with(&event)));
}

/// The same event in another order, with a blank where arrays and objects start.
fn respelled(event: &WebhookEvent) -> WebhookEvent {
    let mut other = event.clone();
    for extra in [&mut other.extra, &mut other.data.extra] {
        let mut entries: Vec<(String, String)> = extra
            .iter()
            .map(|(key, json)| (key.to_owned(), json.to_owned()))
            .collect();
        entries.reverse();
        for (_, json) in &mut entries {
            if json.starts_with(['[', '{']) {
                json.insert(1, ' ');
            }
        }
        *extra = Extra::try_from_iter(entries).unwrap();
    }
    other
}

#[track_caller]
fn assert_refused_cheaply(name: &str, body: impl AsRef<[u8]>, category: Category, pointer: &str) {
    let error = peak(name, body.as_ref()).unwrap();
    assert_eq!(
        (error.category(), error.pointer()),
        (category, pointer),
        "{name}"
    );
}

/// What is left of the limit for a value or for entries.
const ROOM: usize = MAX_BODY_BYTES - FULL.len() - 60;

/// As many pieces as there is room for, with commas between them.
fn many(room: usize, piece: impl Fn(usize) -> String) -> String {
    let mut pieces = String::with_capacity(room);
    for nth in 0.. {
        let piece = piece(nth);
        if pieces.len() + piece.len() >= room {
            break;
        }
        let comma = if nth == 0 { "" } else { "," };
        pieces.extend([comma, &piece]);
    }
    pieces
}

/// The shortest keys there are: the printable characters that need no escape.
fn short_key(mut nth: usize) -> String {
    const FIRST: u8 = b'#';
    const COUNT: usize = 57;
    let mut key = String::new();
    loop {
        key.push(char::from(FIRST + u8::try_from(nth % COUNT).unwrap()));
        nth /= COUNT;
        if nth == 0 {
            return key;
        }
        nth -= 1;
    }
}

/// Entries in place of the unknown key of the envelope, and of that of `data`.
fn at_either_level(entries: &str) -> [(&'static str, String); 2] {
    [
        ("envelope", with_entry("later", entries)),
        ("data", with_entry("laterInData", entries)),
    ]
}

fn short_entries(value: &str) -> String {
    many(ROOM, |nth| format!("\"{}\":{value}", short_key(nth)))
}

#[test]
fn many_small_keys() {
    for value in ["0", "\"\"", "[]", "{}", "null", "1e9", "[0,0]"] {
        for (level, body) in at_either_level(&short_entries(value)) {
            assert_accepted_cheaply(&format!("short keys with {value} in {level}"), body);
        }
    }
    let half = |of| many(ROOM / 2, |nth| format!("\"{of}{}\":0", short_key(nth)));
    let body = with_entry("later", &half("")).replace("\"laterInData\": null", &half("_"));
    assert_accepted_cheaply("short keys at both levels", body);
}

#[test]
fn keys_of_every_length() {
    for length in (5..=24).chain([32, 64, 100]) {
        let entries = many(ROOM, |nth| format!("\"{nth:0>length$}\":0"));
        for (level, body) in at_either_level(&entries) {
            assert_accepted_cheaply(&format!("keys of {length} in {level}"), body);
        }
    }
}

/// One key of each pair, at its turn: all of them have one 32-bit FNV-1a hash.
const COLLIDING: [(&str, &str); 10] = [
    ("eaxswr", "sefukl"),
    ("kadkpo", "yieuew"),
    ("bazsea", "dhqbnk"),
    ("abrnce", "wijpgv"),
    ("jthhmk", "edjdul"),
    ("yginpx", "ljlcbj"),
    ("yxnsqt", "bcytgf"),
    ("tcpgjv", "jetbty"),
    ("idplno", "hvjjag"),
    ("qjvctp", "ghgiha"),
];

fn colliding_key(nth: usize) -> String {
    let parts = COLLIDING.iter().enumerate();
    parts
        .map(|(turn, (a, b))| if nth >> turn & 1 == 0 { *a } else { *b })
        .collect()
}

#[test]
fn the_colliding_keys_collide() {
    let hash = |nth| {
        colliding_key(nth)
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| {
                (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
            })
    };
    assert!((0..1024).all(|nth| hash(nth) == hash(0)));
}

#[test]
fn keys_that_are_hard_to_tell_apart() {
    let prefix = "k".repeat(40);
    let prefixed = many(ROOM, |nth| format!("\"{prefix}{nth}\":0"));
    let growing = many(ROOM, |nth| format!("\"{}\":0", "k".repeat(nth)));
    let colliding = many(ROOM, |nth| format!("\"{}\":0", colliding_key(nth)));
    for (kind, entries) in [
        ("prefixed", prefixed),
        ("growing", growing),
        ("colliding", colliding),
    ] {
        // The last kinds run out of keys, or of room, before the limit.
        let missing = ROOM.saturating_sub(entries.len() + 20);
        let entries = format!("{entries},\"pad\":\"{}\"", " ".repeat(missing));
        for (level, body) in at_either_level(&entries) {
            assert_accepted_cheaply(&format!("{kind} keys in {level}"), body);
        }
    }
}

#[test]
fn escapes() {
    let escaped_keys = many(ROOM, |nth| format!("\"\\u0041{nth}\":0"));
    for (level, body) in at_either_level(&escaped_keys) {
        assert_accepted_cheaply(&format!("escaped keys in {level}"), body);
    }
    for escape in [
        "\\n",
        "\\u0041",
        "\\u00e9",
        "\\ud83d\\ude00",
        "\\u0000",
        "\\\\",
    ] {
        let text = escape.repeat(ROOM / escape.len());
        for key in [
            "later",
            "laterInData",
            "name",
            "action",
            "hash",
            "webhookId",
        ] {
            let body = with(key, &format!("\"{text}\""));
            assert_accepted_cheaply(&format!("{escape} under {key}"), body);
        }
        for (level, body) in at_either_level(&format!("\"{text}\":0")) {
            assert_accepted_cheaply(&format!("{escape} in a key of {level}"), body);
        }
    }
}

/// The reader of strings doubles its buffer for the first escape, and keeps it.
#[test]
fn one_escape() {
    let text = "a".repeat(ROOM);
    for (place, string) in [
        ("first", format!("\"\\n{text}\"")),
        ("last", format!("\"{text}\\n\"")),
    ] {
        for key in ["later", "name", "action", "hash"] {
            let body = with(key, &string);
            assert_accepted_cheaply(&format!("text with an escape {place} under {key}"), body);
        }
        for (level, body) in at_either_level(&format!("{string}:0")) {
            assert_accepted_cheaply(
                &format!("text with an escape {place} in a key of {level}"),
                body,
            );
        }
    }
}

#[test]
fn one_escape_before_many_keys() {
    for percent in (3..100).step_by(9) {
        let length = ROOM * percent / 100;
        let long = format!("\"{}\\n\"", "a".repeat(length));
        let keys = many(ROOM - length, |nth| format!("\"{}\":0", short_key(nth)));
        let body = with("name", &long).replace("\"laterInData\": null", &keys);
        assert_accepted_cheaply(&format!("a name of {percent} %, then short keys"), body);
        let value = format!("\"{}\"", "b".repeat(ROOM - length - 10));
        let body = with_entry("later", &format!("{long}:{value}"));
        assert_accepted_cheaply(&format!("a key of {percent} %, then a long value"), body);
        for (level, body) in at_either_level(&format!("{long}:0,{keys}")) {
            let name = format!("a key of {percent} %, then short keys in {level}");
            assert_accepted_cheaply(&name, body);
        }
    }
}

#[test]
fn long_values() {
    let digits = "1".repeat(ROOM - 2);
    let text = "a".repeat(ROOM);
    for key in ["later", "laterInData"] {
        assert_accepted_cheaply(
            &format!("digits under {key}"),
            with(key, &format!("1.{digits}")),
        );
        for number in ["0", "-0", "1.5", "15e99", "0.01234567891", "1.5e-300"] {
            let numbers = many(ROOM, |_| number.to_owned());
            assert_accepted_cheaply(
                &format!("many {number} under {key}"),
                with(key, &format!("[{numbers}]")),
            );
            let entries = many(ROOM - 2, |_| format!("\"\":{number}"));
            assert_accepted_cheaply(
                &format!("one key of {number} many times under {key}"),
                with(key, &format!("{{{entries}}}")),
            );
        }
    }
    for key in [
        "webhookId",
        "actionId",
        "action",
        "_id",
        "userId",
        "clientId",
        "name",
    ] {
        assert_accepted_cheaply(
            &format!("text under {key}"),
            with(key, &format!("\"{text}\"")),
        );
    }
    for key in [
        "blockchainId",
        "txId",
        "hash",
        "type",
        "code",
        "later",
        "laterInData",
    ] {
        assert_accepted_cheaply(
            &format!("text under {key}"),
            with(key, &format!("\"{text}\"")),
        );
    }
    let body = format!("{FULL}{}", " ".repeat(ROOM));
    assert_accepted_cheaply("white space", body);
}

/// Each of their bytes takes three in the idempotency key.
#[test]
fn ids_that_are_encoded() {
    for text in [" ", "é", "\u{10ffff}"] {
        let text = text.repeat(ROOM / text.len());
        for key in ["_id", "action"] {
            let body = with(key, &format!("\"{text}\""));
            assert_accepted_cheaply(&format!("{text:.4} under {key}"), body);
        }
        let (id, action) = text.split_at(text.len() / 24 * 12);
        let body = with("_id", &format!("\"{id}\""));
        let body = body.replacen("\"succeed\"", &format!("\"{action}\""), 1);
        assert_accepted_cheaply("a long _id and a long action", body);
    }
}

#[test]
fn nested_values() {
    for (open, close) in [
        ("[", "]"),
        ("{\"\":", "}"),
        ("[0,", ",0]"),
        ("{\"a\":0,\"b\":", "}"),
        ("{\"b\":0,\"a\":", "}"),
    ] {
        let deepest = format!("{}0{}", open.repeat(61), close.repeat(61));
        let list = many(ROOM, |_| deepest.clone());
        // What is left is too short for one more.
        let pad = " ".repeat(ROOM - list.len());
        for key in ["later", "laterInData"] {
            let body = with(key, &format!("[{list}]{pad}"));
            assert_accepted_cheaply(&format!("61 levels of {open} under {key}"), body);
        }
    }
    let (open, close) = ("{\"b\":".repeat(60), ",\"a\":0}".repeat(60));
    let around = format!("{open}{close}").len();
    for short in [false, true] {
        let entries = many(ROOM - around - 2, |nth| {
            let key = if short { nth % 10 } else { 99_999 - nth };
            format!("\"{key}\":0")
        });
        assert_accepted_cheaply(
            "60 objects around one, all to be sorted",
            with("later", &format!("{open}{{{entries}}}{close}")),
        );
    }
    let empty = many(ROOM, |_| "[]".to_owned());
    assert_accepted_cheaply("empty arrays", with("later", &format!("[{empty}]")));
}

#[test]
fn refusals() {
    use Category::{Data, Encoding, Syntax};
    for value in ["0", "\"\"", "[]"] {
        let entries = short_entries(value);
        let refused = |name: &str, body: &[u8], category, pointer| {
            let name = format!("{name} after short keys with {value}");
            assert_refused_cheaply(&name, body, category, pointer);
        };
        let in_envelope = with_entry("later", &entries);
        let in_data = with_entry("laterInData", &entries);
        let cut = in_envelope.trim_end().trim_end_matches('}');
        refused("no last brace", cut.as_bytes(), Syntax, "");
        refused(
            "a stray letter",
            format!("{in_envelope}x").as_bytes(),
            Syntax,
            "",
        );
        refused(
            "no UTF-8",
            &[cut.as_bytes(), b"\xff"].concat(),
            Encoding,
            "",
        );
        let cut = in_data.rsplit_once("\n  },").unwrap().0;
        refused("no last braces", cut.as_bytes(), Syntax, "/data");
        for (body, pointer) in [(&in_envelope, ""), (&in_data, "/data")] {
            // The last entry is the one before which all others were kept.
            let last = body.rfind(&format!(":{value}\n")).unwrap();
            let (before, after) = body.split_at(last);
            let after = &after[1 + value.len()..];
            let ending = |end: &str| format!("{before}:{value},{end}{after}");
            refused(
                "a lone surrogate",
                ending("\"é\":\"\\ud800\"").as_bytes(),
                Syntax,
                pointer,
            );
            refused(
                "a number too large",
                ending("\"é\":1e400").as_bytes(),
                Syntax,
                pointer,
            );
            refused(
                "an unknown key twice",
                ending("\"#\":0").as_bytes(),
                Data,
                pointer,
            );
            let (key, place) = match pointer {
                "" => ("action", "/action"),
                _ => ("hash", "/data/hash"),
            };
            let twice = ending(&format!("\"{key}\":0"));
            refused("a known key twice", twice.as_bytes(), Data, place);
        }
        let lacking = in_data.replace("\"updatedAt\"", "\"changedAt\"");
        refused("a missing key", lacking.as_bytes(), Data, "/data/updatedAt");
    }
}

/// The shortest entries there are, and the more of them the later they are refused:
/// two keys that look different are six bytes each, one key again is five.
#[test]
fn one_key_many_times() {
    for percent in (0..100).step_by(4) {
        let length = ROOM * percent / 100;
        let long = format!("\"{}\\n\":0", "a".repeat(length));
        let again = many(ROOM - length, |_| "\"\":0".to_owned());
        let pad = " ".repeat(ROOM - length - again.len());
        for (level, body) in at_either_level(&format!("{long},{again}{pad}")) {
            let pointer = if level == "data" { "/data" } else { "" };
            let name = format!("a key of {percent} %, then one key again in {level}");
            assert_refused_cheaply(&name, body, Category::Data, pointer);
        }
    }
}

#[test]
fn refusals_of_long_pieces() {
    use Category::{Data, Syntax};
    let text = "a".repeat(ROOM / 2 - 20);
    let escapes = "\\u0061".repeat(ROOM / 12 - 4);
    for (kind, key) in [("text", &text), ("escapes", &escapes)] {
        let entries = format!("\"{key}\":0,\"{key}\":0");
        for ((level, body), pointer) in at_either_level(&entries).iter().zip(["", "/data"]) {
            let name = format!("long keys of {kind} twice in {level}");
            assert_refused_cheaply(&name, pad(body), Data, pointer);
        }
    }
    let text = "a".repeat(ROOM);
    let value = format!("\"\\n{text}\"");
    for (key, pointer) in [
        ("data", "/data"),
        ("status", "/data/status"),
        ("createdAt", "/data/createdAt"),
        ("isEsign", "/data/isEsign"),
    ] {
        let body = match key {
            "data" => format!("{{\"data\": {value}{}}}", " ".repeat(FULL.len())),
            _ => with(key, &value),
        };
        assert_refused_cheaply(&format!("long text under {key}"), body, Data, pointer);
    }
    for key in ["later", "name"] {
        let body = with(key, &format!("\"\\n{text}"));
        let pointer = if key == "name" { "/data/name" } else { "" };
        assert_refused_cheaply(
            &format!("long text with no end under {key}"),
            body,
            Syntax,
            pointer,
        );
    }
    let body = "[".repeat(MAX_BODY_BYTES);
    assert_refused_cheaply("brackets", &body, Data, "");
    let brackets = "[".repeat(ROOM);
    assert_refused_cheaply("unknown brackets", with("later", &brackets), Syntax, "");
    let brackets = "{\"\":".repeat(MAX_BODY_BYTES / 4);
    assert_refused_cheaply("braces", &brackets, Syntax, "");
}

/// The envelope is read before its data are.
#[test]
fn answers_of_the_api() {
    for value in ["0", "[]"] {
        let entries = short_entries(value);
        for answer in [
            format!(r#"{{"status":200,"data":{{"hash":"",{entries}}}}}"#),
            format!(r#"{{"status":200,"data":{{"hash":"","metaData":{{{entries}}}}}}}"#),
            format!(r#"{{"status":200,"data":{{"hash":""}},{entries}}}"#),
            format!(r#"{{"status":404,"data":{{{entries}}}}}"#),
        ] {
            let read = || drop(Answer::<StampRecord>::from_slice(answer.as_bytes()).unwrap());
            let length = u64::try_from(answer.len()).unwrap();
            let held = measure(read).bytes_max;
            assert!(
                held <= MOST_BYTES_PER_BYTE * length,
                "{answer:.60}: {held} bytes at the peak for {length}"
            );
        }
    }
}

fn pad(body: &str) -> String {
    format!("{body}{}", " ".repeat(MAX_BODY_BYTES - body.len()))
}

/// The buffer is long enough from the start.
#[test]
fn writing_long_values_takes_no_more_buffers_than_short_ones() {
    let long = format!("\"{}\"", "a".repeat(10_000));
    for key in ["later", "laterInData"] {
        let buffers = |value: &str| {
            let event: WebhookEvent = with(key, value).parse().unwrap();
            measure(|| drop(event.to_json().unwrap())).count_total
        };
        assert_eq!(buffers(&long), buffers("0"), "{key}");
    }
}

/// To look one up takes a buffer, and as long as to read a hundred bytes.
#[test]
fn a_character_that_is_repeated_is_looked_up_once() {
    for (key, text) in [
        ("_id", "\u{e000}"),
        ("txId", "\u{200b}"),
        ("name", "\u{301}"),
    ] {
        let text = text.repeat(10_000);
        let event: WebhookEvent = with(key, &format!("\"{text}\"")).parse().unwrap();
        let buffers = measure(|| drop(event.check())).count_total;
        assert!(buffers < 300, "{key}: {buffers}");
    }
}

/// At most half of it is free, as buffers grow by half.
#[test]
fn what_is_read_of_short_bodies_is_little_more_than_a_copy() {
    for count in 1..200 {
        let entries: Vec<String> = (0..count).map(|nth| format!("\"{nth}\":0")).collect();
        let body = with_entry("later", &entries.join(","));
        let (mut event, mut copy) = (None, None);
        let read = measure(|| event = body.parse::<WebhookEvent>().ok()).bytes_current;
        let copied = measure(|| copy.clone_from(&event)).bytes_current;
        assert!(copy.is_some());
        assert!(
            read <= copied + copied / 2,
            "{count} keys: {read} bytes, and {copied} as a copy"
        );
    }
}

/// They grow by a part of what they hold, so that little is copied, however long.
#[test]
fn buffers_of_many_keys_are_copied_a_few_times() {
    let entries = many(20 * MAX_BODY_BYTES, |nth| {
        format!("\"{}\":0", short_key(nth))
    });
    let body = with_entry("later", &entries);
    let length = u64::try_from(body.len()).unwrap();
    let read = || WebhookEvent::from_slice_with_limit(body.as_bytes(), body.len());
    let copied = measure(|| drop(read().unwrap())).bytes_total;
    assert!(copied <= 16 * length, "{copied} bytes for {length}");
}
