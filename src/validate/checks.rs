//! The rules at work, each where the table in [`super::rule`] has it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::finding::Findings;
use super::rule::Rule;
use crate::delivery::REDELIVERY_HORIZON;
use crate::escape::quote;
use crate::event::WebhookEvent;
use crate::event::action::Action;
use crate::event::idempotency::encoded_bytes;
use crate::id::is_object_id;
use crate::limits::MAX_KEY_BYTES;
use crate::stamp::Stamp;
use crate::stamp::status::StampStatus;

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
        let message = format!("expected {expected} with the action `{action}`, found {status}");
        findings.push(Rule::StatusMismatch, at.status, message);
    }
    if event.is_succeeded() && !stamp.has_transaction() {
        let found = stamp
            .tx_id
            .as_ref()
            .map_or("none".to_owned(), |id| quote(id).to_string());
        let message = format!("expected a transaction id with the action `succeed`, found {found}");
        findings.push(Rule::MissingTxId, at.tx_id, message);
    }
    let texts = [(at.id, stamp.id.as_str()), (at.hash, stamp.hash.as_str())];
    not_empty(Rule::EmptyIdentity, &texts, findings);
    oversized_identity(event, findings);
}

fn oversized_identity(event: &WebhookEvent, findings: &mut Findings) {
    let (id, action) = (event.data.id.as_str(), event.action.as_str());
    // Each byte makes at most three of the key.
    if id.len().saturating_add(action.len()) < MAX_KEY_BYTES / 3 {
        return;
    }
    let (id, action) = (encoded_bytes(id), encoded_bytes(action));
    // With the colon between them.
    let bytes = id.saturating_add(action).saturating_add(1);
    if bytes > MAX_KEY_BYTES {
        let pointer = if action > id {
            WebhookEvent::AT.action
        } else {
            Stamp::AT.id
        };
        let message =
            format!("expected an idempotency key of at most {MAX_KEY_BYTES} bytes, found {bytes}");
        findings.push(Rule::OversizedIdentity, pointer, message);
    }
}

fn not_empty(rule: Rule, texts: &[(&'static str, &str)], findings: &mut Findings) {
    for (pointer, _) in texts.iter().filter(|(_, text)| text.is_empty()) {
        findings.push(
            rule,
            pointer,
            "expected a string that is not empty, found \"\"".to_owned(),
        );
    }
}

/// The rules of severity warning that need no clock.
pub(super) fn plausibility(event: &WebhookEvent, findings: &mut Findings) {
    status_pending(event, findings);
    empty_fields(event, findings);
    contradictions(event, findings);
    unknown_values(event, findings);
    forms(event, findings);
    id_clock(event, findings);
}

fn status_pending(event: &WebhookEvent, findings: &mut Findings) {
    if event.data.status.is_pending() && !event.action.is_unknown() {
        let message = format!(
            "expected 1 or 2 with the action `{}`, found 0",
            event.action
        );
        findings.push(Rule::StatusPending, Stamp::AT.status, message);
    }
}

fn empty_fields(event: &WebhookEvent, findings: &mut Findings) {
    let texts = [
        (WebhookEvent::AT.webhook_id, event.webhook_id.as_str()),
        (WebhookEvent::AT.action_id, event.action_id.as_str()),
        (Stamp::AT.user_id, event.data.user_id.as_str()),
        (Stamp::AT.code, event.data.code.as_str()),
    ];
    not_empty(Rule::EmptyField, &texts, findings);
}

fn contradictions(event: &WebhookEvent, findings: &mut Findings) {
    let (stamp, at) = (&event.data, Stamp::AT);
    let (created_at, updated_at) = (stamp.created_at, stamp.updated_at);
    if updated_at < created_at {
        let message =
            format!("expected a time not before `createdAt`, {created_at:?}, found {updated_at:?}");
        findings.push(Rule::TimeReversed, at.updated_at, message);
    }
    if let (Action::Failed, Some(tx_id)) = (&event.action, stamp.transaction()) {
        let message = expected("no transaction id with the action `failed`", tx_id.as_str());
        findings.push(Rule::UnexpectedTxId, at.tx_id, message);
    }
    if event.is_succeeded() && stamp.blockchain_id.is_none() {
        let message = "expected an id with the action `succeed`, found none".to_owned();
        findings.push(Rule::MissingBlockchainId, at.blockchain_id, message);
    }
}

fn unknown_values(event: &WebhookEvent, findings: &mut Findings) {
    let stamp = &event.data;
    if event.action.is_unknown() {
        let message = expected("`succeed` or `failed`", event.action.as_str());
        findings.push(Rule::UnknownAction, WebhookEvent::AT.action, message);
    }
    if stamp.status.is_unknown() {
        let message = format!("expected 0, 1 or 2, found {}", stamp.status);
        findings.push(Rule::UnknownStatus, Stamp::AT.status, message);
    }
    if stamp.stamp_type.is_unknown() {
        let message = expected("\"0\" to \"4\"", stamp.stamp_type.as_str());
        findings.push(Rule::UnknownType, Stamp::AT.stamp_type, message);
    }
}

/// An id or a hash that is empty is reported as such, and has no form.
fn forms(event: &WebhookEvent, findings: &mut Findings) {
    let (stamp, at, at_event) = (&event.data, Stamp::AT, WebhookEvent::AT);
    let mut check = |rule, pointer, has_form: bool, form: &str, text: &str| {
        if !has_form {
            findings.push(rule, pointer, expected(form, text));
        }
    };
    for (pointer, id) in [
        (at_event.webhook_id, event.webhook_id.as_str()),
        (at_event.action_id, event.action_id.as_str()),
        (at.id, stamp.id.as_str()),
    ] {
        let has_form = id.is_empty() || is_object_id(id);
        check(
            Rule::MalformedObjectId,
            pointer,
            has_form,
            "24 hex digits",
            id,
        );
    }
    if let Some(tx_id) = stamp.transaction() {
        let form = if stamp.is_private_bc {
            "64 hex digits on a private chain"
        } else {
            "`0x` and 64 hex digits on the public chain"
        };
        let has_form = tx_id.fits_chain(stamp.is_private_bc);
        check(
            Rule::MalformedTxId,
            at.tx_id,
            has_form,
            form,
            tx_id.as_str(),
        );
    }
    let (hash, form) = (&stamp.hash, "a digest in hex or base64");
    let has_form = hash.is_empty() || hash.is_digest();
    check(Rule::MalformedHash, at.hash, has_form, form, hash.as_str());
    if let Some(id) = &stamp.blockchain_id {
        let pointer = at.blockchain_id;
        check(
            Rule::MalformedBlockchainId,
            pointer,
            id.is_uuid(),
            "a UUID",
            id.as_str(),
        );
    }
    if let Some(name) = &stamp.name {
        check(
            Rule::UnsafeName,
            at.name,
            name.is_plain(),
            "a plain file name",
            name.as_str(),
        );
    }
}

fn id_clock(event: &WebhookEvent, findings: &mut Findings) {
    let created_at = event.data.created_at;
    let Some(made_at) = event.data.id.timestamp() else {
        return;
    };
    if made_at.timestamp().abs_diff(created_at.timestamp()) > MAX_ID_DRIFT_SECS {
        let message = format!(
            "expected an id made within {MAX_ID_DRIFT_SECS} s of `createdAt`, {created_at:?}, \
             found one of {made_at:?}"
        );
        findings.push(Rule::IdClockDrift, Stamp::AT.id, message);
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
            let message = format!(
                "expected a time at most {seconds} s later than now, {now:?}, found {time:?}"
            );
            findings.push(Rule::FutureTimestamp, pointer, message);
        }
    }
    let max_age = REDELIVERY_HORIZON.saturating_add(MAX_CLOCK_SKEW);
    let time = stamp.updated_at;
    if exceeds(now.signed_duration_since(time), max_age) {
        let seconds = max_age.as_secs();
        let message = format!(
            "expected a time at most {seconds} s earlier than now, {now:?}, found {time:?}"
        );
        findings.push(Rule::PastRedeliveryHorizon, at.updated_at, message);
    }
}

/// A negative difference exceeds nothing.
fn exceeds(difference: TimeDelta, limit: Duration) -> bool {
    difference
        .to_std()
        .is_ok_and(|difference| difference > limit)
}

fn expected(form: &str, found: &str) -> String {
    format!("expected {form}, found {}", quote(found))
}
