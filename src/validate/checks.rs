//! The rules at work, each where the table in [`super::rule`] has it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::finding::Findings;
use super::rule::Rule;
use crate::delivery::REDELIVERY_HORIZON;
use crate::escape::{is_blank, quote};
use crate::event::WebhookEvent;
use crate::event::action::Action;
use crate::event::idempotency::encoded_len;
use crate::id::is_object_id;
use crate::limits::MAX_KEY_BYTES;
use crate::stamp::Stamp;
use crate::stamp::status::StampStatus;
use crate::stamp::tx_id::TxId;

/// How far the second inside `_id` may lie from `createdAt`. In both of edeXa's
/// samples they are equal.
const MAX_ID_DRIFT_SECS: u64 = 5;

/// How far the sender's clock may run ahead of the receiver's, or behind it.
const MAX_CLOCK_SKEW: Duration = Duration::from_secs(300);

/// The rules of severity error.
pub(super) fn coherence(event: &WebhookEvent, findings: &mut Findings) {
    let (stamp, at) = (&event.data, Stamp::AT);
    let (action, status) = (&event.action, stamp.status);
    let expected = match (action, status) {
        (Action::Succeeded, StampStatus::Failed) => Some(StampStatus::Succeeded),
        (Action::Failed, StampStatus::Succeeded) => Some(StampStatus::Failed),
        _ => None,
    };
    if let Some(expected) = expected {
        let expected = format!("{expected} with the action `{action}`");
        findings.push(Rule::StatusMismatch, at.status, expected, status);
    }
    let is_seen = |id: &TxId| !is_blank(id);
    if event.is_succeeded() && !stamp.transaction().is_some_and(is_seen) {
        let found = stamp.tx_id.as_ref().map(|id| quote(id).to_string());
        let found = found.as_deref().unwrap_or("none");
        let expected = "a transaction id with the action `succeed`";
        findings.push(Rule::MissingTxId, at.tx_id, expected, found);
    }
    if !stamp.is_named() {
        let expected = "a string that is not blank or a placeholder";
        findings.push(Rule::EmptyIdentity, at.id, expected, quote(&stamp.id));
    }
    not_empty(Rule::EmptyIdentity, &[(at.hash, &stamp.hash)], findings);
    oversized_identity(event, findings);
}

fn oversized_identity(event: &WebhookEvent, findings: &mut Findings) {
    let (id, action) = (event.data.id.as_str(), event.action.as_str());
    // Each byte makes at most three of the key.
    if id.len().saturating_add(action.len()) < MAX_KEY_BYTES / 3 {
        return;
    }
    let [id, action] = [id, action].map(encoded_len);
    let bytes = id.saturating_add(action).saturating_add(1);
    if bytes > MAX_KEY_BYTES {
        let pointer = if action > id {
            WebhookEvent::AT.action
        } else {
            Stamp::AT.id
        };
        let expected = format!("an idempotency key of at most {MAX_KEY_BYTES} bytes");
        findings.push(Rule::OversizedIdentity, pointer, expected, bytes);
    }
}

fn not_empty(rule: Rule, texts: &[(&'static str, &str)], findings: &mut Findings) {
    for (pointer, _) in texts.iter().filter(|(_, text)| text.is_empty()) {
        findings.push(rule, pointer, "a string that is not empty", "\"\"");
    }
}

/// The rules of severity warning that need no clock.
pub(super) fn plausibility(event: &WebhookEvent, findings: &mut Findings) {
    let (stamp, at, action) = (&event.data, Stamp::AT, &event.action);
    if stamp.status.is_pending() && !action.is_unknown() {
        let expected = format!("1 or 2 with the action `{action}`");
        findings.push(Rule::StatusPending, at.status, expected, 0);
    }
    let texts = [
        (WebhookEvent::AT.webhook_id, event.webhook_id.as_str()),
        (WebhookEvent::AT.action_id, event.action_id.as_str()),
        (at.user_id, stamp.user_id.as_str()),
        (at.code, stamp.code.as_str()),
    ];
    not_empty(Rule::EmptyField, &texts, findings);
    contradictions(event, findings);
    unknown_values(event, findings);
    forms(event, findings);
    id_clock(event, findings);
}

fn contradictions(event: &WebhookEvent, findings: &mut Findings) {
    let (stamp, at) = (&event.data, Stamp::AT);
    let (created_at, updated_at) = (stamp.created_at, stamp.updated_at);
    if updated_at < created_at {
        let expected = format!("a time not before `createdAt`, {created_at:?}");
        let found = format!("{updated_at:?}");
        findings.push(Rule::TimeReversed, at.updated_at, expected, found);
    }
    if let (Action::Failed, Some(tx_id)) = (&event.action, stamp.transaction()) {
        let expected = "no transaction id with the action `failed`";
        findings.push(Rule::UnexpectedTxId, at.tx_id, expected, quote(tx_id));
    }
    if event.is_succeeded() && stamp.blockchain_id.is_none() {
        let (rule, expected) = (Rule::MissingBlockchainId, "an id with the action `succeed`");
        findings.push(rule, at.blockchain_id, expected, "none");
    }
}

fn unknown_values(event: &WebhookEvent, findings: &mut Findings) {
    let (stamp, at, action) = (&event.data, Stamp::AT, &event.action);
    if action.is_unknown() {
        let (pointer, found) = (WebhookEvent::AT.action, quote(action.as_str()));
        findings.push(Rule::UnknownAction, pointer, "`succeed` or `failed`", found);
    }
    if stamp.status.is_unknown() {
        findings.push(Rule::UnknownStatus, at.status, "0, 1 or 2", stamp.status);
    }
    if stamp.stamp_type.is_unknown() {
        let found = quote(stamp.stamp_type.as_str());
        findings.push(Rule::UnknownType, at.stamp_type, "\"0\" to \"4\"", found);
    }
}

/// An id or a hash that is empty is reported as such, and has no form.
fn forms(event: &WebhookEvent, findings: &mut Findings) {
    let (stamp, at, at_event) = (&event.data, Stamp::AT, WebhookEvent::AT);
    for (pointer, id) in [
        (at_event.webhook_id, event.webhook_id.as_str()),
        (at_event.action_id, event.action_id.as_str()),
        (at.id, stamp.id.as_str()),
    ] {
        if !id.is_empty() && !is_object_id(id) {
            findings.push(Rule::MalformedObjectId, pointer, "24 hex digits", quote(id));
        }
    }
    let is_private = stamp.is_private_bc;
    if let Some(id) = stamp.transaction().filter(|id| !id.fits_chain(is_private)) {
        let form = if is_private {
            "64 hex digits on a private chain"
        } else {
            "`0x` and 64 hex digits on the public chain"
        };
        findings.push(Rule::MalformedTxId, at.tx_id, form, quote(id));
    }
    let hash = &stamp.hash;
    if !hash.is_empty() && !hash.is_digest() {
        let form = "a digest in hex or base64";
        findings.push(Rule::MalformedHash, at.hash, form, quote(hash));
    }
    if let Some(id) = stamp.blockchain_id.as_ref().filter(|id| !id.is_uuid()) {
        let rule = Rule::MalformedBlockchainId;
        findings.push(rule, at.blockchain_id, "a UUID", quote(id));
    }
    if let Some(name) = stamp.name.as_ref().filter(|name| !name.is_plain()) {
        findings.push(Rule::UnsafeName, at.name, "a plain file name", quote(name));
    }
}

fn id_clock(event: &WebhookEvent, findings: &mut Findings) {
    let created_at = event.data.created_at;
    let Some(made_at) = event.data.id.timestamp() else {
        return;
    };
    if made_at.timestamp().abs_diff(created_at.timestamp()) > MAX_ID_DRIFT_SECS {
        let expected =
            format!("an id made within {MAX_ID_DRIFT_SECS} s of `createdAt`, {created_at:?}");
        let found = format!("one of {made_at:?}");
        findings.push(Rule::IdClockDrift, Stamp::AT.id, expected, found);
    }
}

/// The rules that need a clock.
pub(super) fn timeliness(event: &WebhookEvent, now: DateTime<Utc>, findings: &mut Findings) {
    let (stamp, at) = (&event.data, Stamp::AT);
    for (pointer, time) in [
        (at.created_at, stamp.created_at),
        (at.updated_at, stamp.updated_at),
    ] {
        if exceeds(time.signed_duration_since(now), MAX_CLOCK_SKEW) {
            let seconds = MAX_CLOCK_SKEW.as_secs();
            let expected = format!("a time at most {seconds} s later than now, {now:?}");
            findings.push(
                Rule::FutureTimestamp,
                pointer,
                expected,
                format!("{time:?}"),
            );
        }
    }
    let max_age = REDELIVERY_HORIZON.saturating_add(MAX_CLOCK_SKEW);
    let time = stamp.updated_at;
    if exceeds(now.signed_duration_since(time), max_age) {
        let seconds = max_age.as_secs();
        let expected = format!("a time at most {seconds} s earlier than now, {now:?}");
        let (rule, found) = (Rule::PastRedeliveryHorizon, format!("{time:?}"));
        findings.push(rule, at.updated_at, expected, found);
    }
}

/// A negative difference exceeds nothing.
fn exceeds(difference: TimeDelta, limit: Duration) -> bool {
    difference
        .to_std()
        .is_ok_and(|difference| difference > limit)
}
