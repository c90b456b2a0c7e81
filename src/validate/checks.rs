//! The rules at work, each where the table in [`super::rule`] has it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::finding::Findings;
use super::rule::Rule;
use crate::action::Action;
use crate::delivery::REDELIVERY_HORIZON;
use crate::escape::{is_deceptive, quote};
use crate::event::WebhookEvent;
use crate::stamp::{FileName, Stamp};
use crate::status::StampStatus;

/// How far the second inside `_id` may lie from `createdAt`. In both of edeXa's
/// samples they are equal.
const MAX_ID_DRIFT_SECS: u64 = 5;

/// How far the sender's clock may run ahead of the receiver's, or behind it.
const MAX_CLOCK_SKEW: Duration = Duration::from_secs(300);

/// The rules of severity error.
pub(super) fn coherence(event: &WebhookEvent, findings: &mut Findings) {
    let stamp = &event.data;
    let expected_status = match event.action {
        Action::Succeeded => Some(StampStatus::Succeeded),
        Action::Failed => Some(StampStatus::Failed),
        Action::Unknown(_) => None,
    };
    if let Some(expected) = expected_status.filter(|expected| *expected != stamp.status) {
        findings.push(
            Rule::StatusMismatch,
            Stamp::AT.status,
            format!(
                "expected {expected} with the action `{}`, found {}",
                event.action, stamp.status
            ),
        );
    }
    if event.is_succeeded() && !stamp.has_transaction() {
        let found = stamp.tx_id.as_ref().map_or("none", |_| "an empty one");
        findings.push(
            Rule::MissingTxId,
            Stamp::AT.tx_id,
            format!("expected a transaction id with the action `succeed`, found {found}"),
        );
    }
    for (place, is_empty) in [
        (Stamp::AT.id, stamp.id.is_empty()),
        (Stamp::AT.hash, stamp.hash.is_empty()),
    ] {
        if is_empty {
            findings.push(Rule::EmptyIdentity, place, EXPECTED_TEXT.to_owned());
        }
    }
}

const EXPECTED_TEXT: &str = "expected a text, found an empty one";

/// The rules of severity warning that need no clock.
pub(super) fn plausibility(event: &WebhookEvent, findings: &mut Findings) {
    empty_fields(event, findings);
    contradictions(event, findings);
    unknown_values(event, findings);
    forms(event, findings);
    id_clock(event, findings);
}

fn empty_fields(event: &WebhookEvent, findings: &mut Findings) {
    for (place, is_empty) in [
        (WebhookEvent::AT.webhook_id, event.webhook_id.is_empty()),
        (WebhookEvent::AT.action_id, event.action_id.is_empty()),
        (Stamp::AT.user_id, event.data.user_id.is_empty()),
        (Stamp::AT.code, event.data.code.is_empty()),
    ] {
        if is_empty {
            findings.push(Rule::EmptyField, place, EXPECTED_TEXT.to_owned());
        }
    }
}

fn contradictions(event: &WebhookEvent, findings: &mut Findings) {
    let stamp = &event.data;
    if stamp.updated_at < stamp.created_at {
        findings.push(
            Rule::TimeReversed,
            Stamp::AT.updated_at,
            format!(
                "expected a time not before `createdAt`, {:?}, found {:?}",
                stamp.created_at, stamp.updated_at
            ),
        );
    }
    if let (Action::Failed, Some(tx_id)) = (&event.action, stamp.transaction()) {
        findings.push(
            Rule::UnexpectedTxId,
            Stamp::AT.tx_id,
            format!(
                "expected no transaction id with the action `failed`, found \"{}\"",
                quote(tx_id.as_str())
            ),
        );
    }
    if event.is_succeeded() && stamp.blockchain_id.is_none() {
        findings.push(
            Rule::MissingBlockchainId,
            Stamp::AT.blockchain_id,
            "expected an id with the action `succeed`, found none".to_owned(),
        );
    }
}

fn unknown_values(event: &WebhookEvent, findings: &mut Findings) {
    let stamp = &event.data;
    if event.action.is_unknown() {
        findings.push(
            Rule::UnknownAction,
            WebhookEvent::AT.action,
            expected("`succeed` or `failed`", event.action.as_str()),
        );
    }
    if stamp.status.is_unknown() {
        findings.push(
            Rule::UnknownStatus,
            Stamp::AT.status,
            format!("expected 0, 1 or 2, found {}", stamp.status),
        );
    }
    if stamp.stamp_type.is_unknown() {
        findings.push(
            Rule::UnknownType,
            Stamp::AT.stamp_type,
            expected("\"0\" to \"4\"", stamp.stamp_type.as_str()),
        );
    }
}

/// An id or a hash that is empty is reported as such, and has no form.
fn forms(event: &WebhookEvent, findings: &mut Findings) {
    let stamp = &event.data;
    for (place, id, is_object_id) in [
        (
            WebhookEvent::AT.webhook_id,
            event.webhook_id.as_str(),
            event.webhook_id.is_object_id(),
        ),
        (
            WebhookEvent::AT.action_id,
            event.action_id.as_str(),
            event.action_id.is_object_id(),
        ),
        (Stamp::AT.id, stamp.id.as_str(), stamp.id.is_object_id()),
    ] {
        if !is_object_id && !id.is_empty() {
            findings.push(
                Rule::MalformedObjectId,
                place,
                expected("24 hex digits", id),
            );
        }
    }
    if let Some(tx_id) = stamp.transaction() {
        if !tx_id.fits_chain(stamp.is_private_bc) {
            let form = if stamp.is_private_bc {
                "64 hex digits on a private chain"
            } else {
                "`0x` and 64 hex digits on the public chain"
            };
            findings.push(
                Rule::MalformedTxId,
                Stamp::AT.tx_id,
                expected(form, tx_id.as_str()),
            );
        }
    }
    if !stamp.hash.is_digest() && !stamp.hash.is_empty() {
        findings.push(
            Rule::MalformedHash,
            Stamp::AT.hash,
            expected("a digest in hex or base64", stamp.hash.as_str()),
        );
    }
    if let Some(id) = &stamp.blockchain_id {
        if !id.is_uuid() {
            findings.push(
                Rule::MalformedBlockchainId,
                Stamp::AT.blockchain_id,
                expected("a UUID", id.as_str()),
            );
        }
    }
    if let Some(name) = &stamp.name {
        if !is_plain(name) {
            findings.push(
                Rule::UnsafeName,
                Stamp::AT.name,
                expected("a plain file name", name.as_str()),
            );
        }
    }
}

fn is_plain(name: &FileName) -> bool {
    let name = name.as_str();
    !matches!(name, "." | "..") && !name.contains(|c| matches!(c, '/' | '\\') || is_deceptive(c))
}

fn id_clock(event: &WebhookEvent, findings: &mut Findings) {
    let stamp = &event.data;
    let Some(made_at) = stamp.id.timestamp() else {
        return;
    };
    let drift = made_at.timestamp().abs_diff(stamp.created_at.timestamp());
    if drift > MAX_ID_DRIFT_SECS {
        findings.push(
            Rule::IdClockDrift,
            Stamp::AT.id,
            format!(
                "expected an id made within {MAX_ID_DRIFT_SECS} s of `createdAt`, {:?}, found one of {made_at:?}",
                stamp.created_at
            ),
        );
    }
}

/// The rules that need a clock.
pub(super) fn timeliness(event: &WebhookEvent, now: DateTime<Utc>, findings: &mut Findings) {
    let stamp = &event.data;
    for (place, time) in [
        (Stamp::AT.created_at, stamp.created_at),
        (Stamp::AT.updated_at, stamp.updated_at),
    ] {
        if exceeds(time.signed_duration_since(now), MAX_CLOCK_SKEW) {
            findings.push(
                Rule::FutureTimestamp,
                place,
                format!(
                    "expected a time at most {} s later than now, {now:?}, found {time:?}",
                    MAX_CLOCK_SKEW.as_secs()
                ),
            );
        }
    }
    let max_age = REDELIVERY_HORIZON.saturating_add(MAX_CLOCK_SKEW);
    if exceeds(now.signed_duration_since(stamp.updated_at), max_age) {
        findings.push(
            Rule::PastRedeliveryHorizon,
            Stamp::AT.updated_at,
            format!(
                "expected a time at most {} s earlier than now, {now:?}, found {:?}",
                max_age.as_secs(),
                stamp.updated_at
            ),
        );
    }
}

/// A negative difference exceeds nothing.
fn exceeds(difference: TimeDelta, limit: Duration) -> bool {
    difference
        .to_std()
        .is_ok_and(|difference| difference > limit)
}

fn expected(form: &str, found: &str) -> String {
    format!("expected {form}, found \"{}\"", quote(found))
}
