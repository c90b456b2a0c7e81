//! Keys that are there twice, and keys that only look alike.

use edexa_webhooks::testing::Damage::{
    BareKey, DataTwice, EscapedKeyTwice, KeyTwice, LoneSurrogateInKey, MissingColon, MissingComma,
    ObjectForText, StampKeyTwice, UnknownKeyTwice,
};

use super::Place::{Entries, EntriesInData};
use super::{
    Accept, Data, Group, KEYS, Refuse, RefuseAt, SCALARS, Syntax, UNKNOWN, all, assert_verdicts,
    group,
};

pub(super) fn groups() -> Vec<Group> {
    let both = || all(&[Entries, EntriesInData], Accept);
    let named = |text: &'static str| (format!("entries {text}"), text);
    let named_object = |key: &str, rest: &str| {
        let object = format!("{{{key}: {rest}}}");
        (format!("the object {object}"), object)
    };
    let mut groups = vec![
        group(both(), ALIKE.map(named)),
        group(
            all(&[Entries, EntriesInData], Refuse(Data)),
            TWICE.map(named),
        )
        .known_as(&[UnknownKeyTwice]),
        group(
            all(&[Entries, EntriesInData], Refuse(Syntax)),
            BROKEN.map(named),
        )
        .known_as(&[MissingComma, MissingColon, BareKey, LoneSurrogateInKey]),
        group(all(&KEYS, Accept), SERDE_JSONS.map(named)),
        group(
            [all(&UNKNOWN, Accept), all(&SCALARS, Refuse(Data))].concat(),
            SERDE_JSONS.map(|key| named_object(key, "\"[[1]]\"")),
        )
        .known_as(&[ObjectForText]),
        group(
            all(&UNKNOWN, Accept),
            SERDE_JSONS.map(|key| named_object("\"a\"", &format!("1, {key}: 1"))),
        ),
        group(all(&KEYS, Accept), NOT_SERDE_JSONS.map(named)),
        group(
            all(&UNKNOWN, Accept),
            SERDE_JSONS.map(|text| (format!("the text {text}"), text)),
        ),
        group(
            both(),
            COLLIDING.map(|(a, b)| {
                let entries = format!("\"{a}\": 1, \"{b}\": 2");
                (format!("entries {a} and {b}"), entries)
            }),
        ),
        group(
            all(&[Entries, EntriesInData], Refuse(Data)),
            COLLIDING.map(|(a, b)| {
                let entries = format!("\"{a}\": 1, \"{b}\": 2, \"{a}\": 3");
                (format!("entries {a}, {b} and {a}"), entries)
            }),
        )
        .known_as(&[UnknownKeyTwice]),
    ];
    for (key, pointer) in KNOWN {
        let (here, there) = if pointer.starts_with("/data/") {
            (EntriesInData, Entries)
        } else {
            (Entries, EntriesInData)
        };
        let (first, rest) = key.split_at(1);
        let escape = format!("\\u{:04x}", u32::from(first.as_bytes()[0]));
        for (how, entry) in [
            ("once more", format!("\"{key}\": null")),
            ("once more, escaped", format!("\"{escape}{rest}\": {{}}")),
            ("once more, then no JSON", format!("\"{key}\": tru")),
        ] {
            let name = format!("{key} {how}");
            let verdict = RefuseAt(Data, pointer);
            groups.push(group([(here, verdict)], [(name, entry)]).known_as(&[
                KeyTwice,
                EscapedKeyTwice,
                StampKeyTwice,
                DataTwice,
            ]));
        }
        let elsewhere = format!("\"{key}\": [{{\"{key}\": 1, \"{key}\": 2}}]");
        let name = format!("{key} where it is unknown");
        groups.push(group([(there, Accept)], [(name, elsewhere)]));
    }
    groups
}

const KNOWN: [(&str, &str); 18] = [
    ("webhookId", "/webhookId"),
    ("actionId", "/actionId"),
    ("action", "/action"),
    ("data", "/data"),
    ("_id", "/data/_id"),
    ("userId", "/data/userId"),
    ("clientId", "/data/clientId"),
    ("name", "/data/name"),
    ("blockchainId", "/data/blockchainId"),
    ("txId", "/data/txId"),
    ("hash", "/data/hash"),
    ("type", "/data/type"),
    ("code", "/data/code"),
    ("isEsign", "/data/isEsign"),
    ("isPrivateBc", "/data/isPrivateBc"),
    ("status", "/data/status"),
    ("createdAt", "/data/createdAt"),
    ("updatedAt", "/data/updatedAt"),
];

const ALIKE: [&str; 16] = [
    "\"x\": 1, \"X\": 2",
    "\"x\": 1, \"x \": 2, \" x\": 3",
    "\"x\": 1, \"xx\": 2, \"\": 3",
    "\"x\": 1, \"x\\u0000\": 2, \"\\u0000x\": 3",
    "\"\\u00e9\": 1, \"e\\u0301\": 2",
    "\"k\": 1, \"\u{212a}\": 2",
    "\"a\\/b\": 1, \"a\\\\/b\": 2",
    "\"webhookID\": 1, \"WebhookId\": 2",
    "\"webhookId \": 1, \" _id\": 2",
    "\"webhook\\u0131d\": 1, \"web\\u200bhookId\": 2",
    "\"Status\": 1, \"created_at\": 2",
    "\"id\": 1, \"Data\": 2",
    "\"x\": {\"x\": 1}, \"y\": {\"x\": 1}",
    "\"x\": {\"x\": 1, \"x\": 2}",
    "\"x\": [{\"x\": 1, \"\\u0078\": 2, \"x\": {}}]",
    "\"data.x\": 1, \"data/x\": 2, \"/data\": 3",
];

const TWICE: [&str; 16] = [
    "\"x\": 1, \"x\": 2, \"y\": tru",
    "\"x\": 1, \"x\": 2, \"webhookId\": 1",
    "\"x\": 1, \"x\": 1",
    "\"x\": 1, \"x\": \"1\"",
    "\"x\": null, \"x\": null",
    "\"x\": {}, \"x\": []",
    "\"x\": 1, \"\\u0078\": 2",
    "\"\\u0078\": 1, \"x\": 2",
    "\"\": 1, \"\": 2",
    "\"\\u0000\": 1, \"\\u0000\": 2",
    "\"\u{e9}\": 1, \"\\u00e9\": 2",
    "\"\u{1f600}\": 1, \"\\ud83d\\ude00\": 2",
    "\"a/b\": 1, \"a\\/b\": 2",
    "\"x\": 1, \"x\": 2, \"x\": 3",
    "\"x\": 1, \"y\": 2, \"z\": 3, \"y\": 4",
    "\"x\": {\"y\": 1}, \"y\": 2, \"x\": 3",
];

const BROKEN: [&str; 13] = [
    "",
    ",",
    "\"x\"",
    "\"x\":",
    "\"x\": 1,",
    ", \"x\": 1",
    "\"x\": 1,, \"y\": 2",
    "\"x\": 1 \"y\": 2",
    "\"x\": 1]",
    "x: 1",
    "[\"x\", 1]",
    "{\"x\": 1}",
    "\"x\": 1, \"y\": 2, \"\\ud800\": 3",
];

/// Keys that serde_json keeps for itself, known or not: keys like any other here.
const SERDE_JSONS: [&str; 7] = [
    "\"$serde_json::private::RawValue\"",
    "\"$serde_json::private::Number\"",
    "\"$serde_json::private::\"",
    "\"$serde_json::private::\\n\"",
    "\"\\u0024serde_json::private::Number\"",
    "\"$serde_json\\u003A\\u003a\\u0070rivate::RawValue\"",
    "\"$serde_json::private:\\u003aRaw\\u0056alue\"",
];

const NOT_SERDE_JSONS: [&str; 8] = [
    "\"$serde_json::private:\"",
    "\"$serde_json\"",
    "\"$\"",
    "\"\\u0024\"",
    "\" $serde_json::private::Number\"",
    "\"serde_json::private::Number\"",
    "\"$serde_json::Private::Number\"",
    "\"\\\\u0024serde_json::private::Number\"",
];

/// Keys of which the 32-bit FNV-1a hashes are the same.
const COLLIDING: [(&str, &str); 3] = [
    ("costarring", "liquid"),
    ("declinate", "macallums"),
    ("altarage", "zinke"),
];

#[test]
fn keys() {
    assert_verdicts(&groups());
}

#[test]
fn the_colliding_keys_collide() {
    let hash = |key: &str| {
        key.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        })
    };
    for (a, b) in COLLIDING {
        assert_eq!(hash(a), hash(b), "{a} and {b}");
    }
}
