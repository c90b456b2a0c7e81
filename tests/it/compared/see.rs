//! Seeing what this crate, the hand-written struct and `Value` do with a body.

use allocation_counter::measure;
use edexa_webhooks::serde_json::{self, Value};
use edexa_webhooks::testing::SUCCEEDED;
use edexa_webhooks::{Outcome, ParseError, Rule, TxId, WebhookEvent};

use serde::de::IgnoredAny;

use super::{Cells, hand};
use crate::support::{FULL, with};

pub(super) struct Read {
    pub(super) ours: Result<WebhookEvent, ParseError>,
    pub(super) hand: serde_json::Result<hand::Event>,
    pub(super) value: serde_json::Result<Value>,
}

pub(super) fn read(body: impl AsRef<[u8]>) -> Read {
    let body = body.as_ref();
    Read {
        ours: WebhookEvent::from_slice(body),
        hand: serde_json::from_slice(body),
        value: serde_json::from_slice(body),
    }
}

impl Read {
    fn errors(&self) -> [Option<String>; 3] {
        [
            self.ours.as_ref().err().map(ToString::to_string),
            self.hand.as_ref().err().map(ToString::to_string),
            self.value.as_ref().err().map(ToString::to_string),
        ]
    }

    pub(super) fn each_error(&self, tell: impl Fn(&str) -> &'static str) -> Cells {
        self.errors()
            .map(|error| error.as_deref().map_or("no error", &tell))
    }
}

pub(super) const fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

pub(super) const fn accepted_if(accepted: bool) -> &'static str {
    if accepted { "accepted" } else { "refused" }
}

pub(super) fn accepted(body: impl AsRef<[u8]>) -> Cells {
    read(body)
        .errors()
        .map(|error| accepted_if(error.is_none()))
}

/// As [`accepted`], and by this crate's checks. The others have none.
pub(super) fn believed(body: impl AsRef<[u8]>) -> Cells {
    let Read { ours, hand, value } = read(body);
    [
        accepted_if(ours.unwrap().outcome().is_ok()),
        accepted_if(hand.is_ok()),
        accepted_if(value.is_ok()),
    ]
}

/// Whether the text of a value is the same after reading and writing.
pub(super) fn kept(body: &str, path: &[&str]) -> Cells {
    let before = text_at(body, path).unwrap();
    let Read { ours, hand, value } = read(body);
    [
        ours.ok().map(|event| Ok(event.to_json().unwrap())),
        hand.ok().map(|event| serde_json::to_string(&event)),
        value.ok().map(|value| serde_json::to_string(&value)),
    ]
    .map(|written| match written {
        None => "refused",
        Some(written) => match text_at(&written.unwrap(), path) {
            None => "lost",
            Some(after) if after == before => "kept",
            Some(_) => "changed",
        },
    })
}

/// The JSON text of the value under keys in keys, each of which is there once.
pub(super) fn text_at(object: &str, path: &[&str]) -> Option<String> {
    let mut text = object;
    for key in path {
        text = text.split_once(&format!("\"{key}\":"))?.1;
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        text = text[..values.byte_offset()].trim_start();
    }
    Some(text.to_owned())
}

/// The event as the arrays that a derived struct takes for it.
pub(super) fn as_array() -> String {
    let value: Value = SUCCEEDED.parse().unwrap();
    let data = &value["data"];
    let stamp = [
        "_id",
        "userId",
        "clientId",
        "name",
        "blockchainId",
        "txId",
        "hash",
        "type",
        "code",
        "isEsign",
        "isPrivateBc",
        "status",
        "createdAt",
        "updatedAt",
    ];
    let stamp: Vec<&Value> = stamp.iter().map(|key| &data[*key]).collect();
    let envelope = (
        &value["webhookId"],
        &value["actionId"],
        &value["action"],
        stamp,
    );
    serde_json::to_string(&envelope).unwrap()
}

/// The body is level 1.
pub(super) fn nested(levels: usize) -> String {
    let arrays = levels.checked_sub(1).unwrap();
    let value = format!("{}{}", "[".repeat(arrays), "]".repeat(arrays));
    with("later", &value)
}

pub(super) fn memory(body: &str) -> Cells {
    let body_bytes = u64::try_from(body.len()).unwrap();
    let held = |read: fn(&str)| {
        let held = measure(|| read(body)).bytes_max;
        if held < body_bytes {
            "less than the body"
        } else if held <= body_bytes.saturating_mul(4) {
            "up to 4 times the body"
        } else {
            assert!(held >= body_bytes.saturating_mul(10), "{held} bytes");
            "over 10 times the body"
        }
    };
    assert_eq!(accepted(body), ["accepted"; 3]);
    [
        held(|body| drop(body.parse::<WebhookEvent>())),
        held(|body| drop(serde_json::from_str::<hand::Event>(body))),
        held(|body| drop(serde_json::from_str::<Value>(body))),
    ]
}

/// Whether what is certain is certain by its type.
trait Certainty {
    const SAID: &'static str;
}

impl Certainty for &TxId {
    const SAID: &'static str = "certain";
}

impl<T> Certainty for Option<T> {
    const SAID: &'static str = "an `Option`";
}

pub(super) fn tx_id() -> Cells {
    fn said<T: Certainty>(_: T) -> &'static str {
        T::SAID
    }
    let Read { ours, hand, value } = read(FULL);
    let ours = ours.unwrap();
    let Ok(Outcome::Succeeded(stamp)) = ours.outcome() else {
        panic!("no success");
    };
    let value = value.unwrap();
    let of_value = value.pointer("/data/txId").and_then(Value::as_str);
    [
        said(stamp.tx_id),
        said(hand.unwrap().data.tx_id),
        said(of_value),
    ]
}

/// How exactly an error names its place.
pub(super) fn told(body: impl AsRef<[u8]>, pointer: &str, key: &str) -> Cells {
    read(body).each_error(|error| {
        let line = error.contains(" at line ");
        match (error.starts_with(&format!("{pointer}: ")), line) {
            (true, true) => "path and line",
            _ if error.contains(&format!("`{key}`")) && line => "key and line",
            _ if line => "line",
            _ => "nothing",
        }
    })
}

/// Whether an error tells what is no JSON from JSON of the wrong shape.
pub(super) fn kinds() -> Cells {
    let shape = read(with("status", "\"1\""));
    let grammar = read("{");
    let category = |read: &Read| read.ours.as_ref().unwrap_err().category();
    let classify = |read: &Read| read.hand.as_ref().unwrap_err().classify();
    [
        yes_no(category(&shape) != category(&grammar)),
        yes_no(classify(&shape) != classify(&grammar)),
        // JSON of the wrong shape is no error at all.
        yes_no(shape.value.is_ok() && grammar.value.is_err()),
    ]
}

pub(super) fn salvaged(body: impl AsRef<[u8]>) -> Cells {
    let Read { ours, hand, value } = read(body);
    let error = ours.unwrap_err();
    let of_value = value.ok().and_then(|value| {
        let id = value.pointer("/data/_id")?.as_str();
        id.map(str::to_owned)
    });
    let of_hand = hand.unwrap_err().to_string();
    let id = "6475c02029b5bab6d2f2c6dc";
    let kept = |kept: bool| if kept { "kept" } else { "lost" };
    [
        kept(
            error
                .salvaged()
                .stamp_id
                .as_ref()
                .is_some_and(|read| read == id),
        ),
        kept(of_hand.contains(id)),
        kept(of_value.as_deref() == Some(id)),
    ]
}

/// What a log line about the action holds.
pub(super) fn line_break() -> Cells {
    let raw = |line: &str| {
        if line.contains('\n') {
            "raw"
        } else {
            "escaped"
        }
    };
    let Read { ours, hand, value } = read(with("action", r#""a\nb""#));
    let findings = ours.unwrap().check();
    let mut unknown = findings.iter().filter(|f| f.rule == Rule::UnknownAction);
    [
        raw(&unknown.next().unwrap().to_string()),
        raw(&hand.unwrap_err().to_string()),
        raw(&value.unwrap()["action"].to_string()),
    ]
}
