//! Assertions that say what differs.

use std::collections::{BTreeMap, BTreeSet};

use super::body::{Body, Entry};
use crate::escape::Escaped;
use crate::event::WebhookEvent;
use crate::json::Canonical;
use crate::validate::{Findings, Rule};

/// Fails unless these are the rules that are broken, each named as often as it is
/// found, in any order.
///
/// ```
/// use edexa_webhooks::testing::{EventBuilder, assert_findings};
/// use edexa_webhooks::{Rule, StampStatus};
///
/// let event = EventBuilder::succeeded().status(StampStatus::Failed).without_tx_id().build();
/// assert_findings(&event.check(), &[Rule::StatusMismatch, Rule::MissingTxId]);
/// assert_findings(&EventBuilder::succeeded().build().check(), &[]);
/// ```
///
/// # Panics
///
/// With a line for each rule: `-` before one that is not broken, `+` before a
/// finding that was not expected.
///
/// ```text
/// findings differ (- expected, + found)
/// - empty-identity
/// + error missing-tx-id at /data/txId: expected a transaction id with the action `succeed`, found none
///   error status-mismatch at /data/status: expected 1 with the action `succeed`, found 2
/// ```
#[track_caller]
pub fn assert_findings(found: &Findings, expected: &[Rule]) {
    let mut missing = expected.to_vec();
    let (mut agreed, mut unexpected) = (Vec::new(), Vec::new());
    for finding in found {
        if let Some(at) = missing.iter().position(|rule| *rule == finding.rule) {
            missing.remove(at);
            agreed.push(format!("\n  {finding}"));
        } else {
            unexpected.push(format!("\n+ {finding}"));
        }
    }
    let missing: Vec<_> = missing.iter().map(|rule| format!("\n- {rule}")).collect();
    assert!(
        missing.is_empty() && unexpected.is_empty(),
        "findings differ (- expected, + found){}",
        [missing, unexpected, agreed].concat().concat()
    );
}

/// Fails unless both events are equal.
///
/// ```
/// use edexa_webhooks::WebhookEvent;
/// use edexa_webhooks::testing::{SUCCEEDED, assert_same_event};
///
/// let event: WebhookEvent = SUCCEEDED.parse()?;
/// let stored = event.to_json()?;
/// assert_same_event(&event, &stored.parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
///
/// With a line for each key whose value differs, escaped and clipped. Or, if an event cannot
/// be written, with the reason.
///
/// ```text
/// events differ (left, right)
/// /data/txId: "0x3b7d…", no such key
/// /data/status: 1, 2
/// ```
#[track_caller]
pub fn assert_same_event(left: &WebhookEvent, right: &WebhookEvent) {
    assert!(
        left == right,
        "events differ (left, right){}",
        differences(left, right)
    );
}

fn differences(left: &WebhookEvent, right: &WebhookEvent) -> String {
    let unwritten = |(side, event): (&str, &WebhookEvent)| {
        let error = event.to_json().err()?;
        Some(format!("\n{side}: {error}"))
    };
    let sides = [("left", left), ("right", right)];
    let unwritten: String = sides.into_iter().filter_map(unwritten).collect();
    if !unwritten.is_empty() {
        return unwritten;
    }
    let (left, right) = (Body::of(left), Body::of(right));
    let outer = differing("", left.outer, right.outer);
    outer + &differing("/data", left.data, right.data)
}

fn differing(object: &str, left: Vec<Entry>, right: Vec<Entry>) -> String {
    let (left, right) = (BTreeMap::from_iter(left), BTreeMap::from_iter(right));
    let keys: BTreeSet<_> = left.keys().chain(right.keys()).collect();
    let line = |key: &String| {
        let (left, right) = (left.get(key), right.get(key));
        let pointer = format!("{object}/{}", key.replace('~', "~0").replace('/', "~1"));
        let line = format!("\n{}: {}, {}", clip(&pointer), shown(left), shown(right));
        (value(left) != value(right)).then_some(line)
    };
    keys.into_iter().filter_map(line).collect()
}

/// Unknown values are equal however they are spelled.
fn value(json: Option<&String>) -> Option<String> {
    json.map(|json| Canonical::default().of(json).to_owned())
}

fn shown(json: Option<&String>) -> String {
    json.map_or_else(|| "no such key".to_owned(), |json| clip(json))
}

fn clip(text: &str) -> String {
    let end = text.char_indices().nth(80).map(|(end, _)| end);
    match end.and_then(|end| text.get(..end)) {
        Some(start) => format!("{}…", Escaped(start)),
        None => Escaped(text).to_string(),
    }
}
