//! Several findings at once, their order, and the table of rules.

use std::collections::BTreeSet;

use edexa_webhooks::testing::{EventBuilder, FAILED, SUCCEEDED};
use edexa_webhooks::{Rule, Severity, StampStatus, WebhookEvent};

use super::{assert_found, time};

/// Every code there is, errors before warnings. A code never changes.
const ERRORS: [&str; 4] = [
    "status-mismatch",
    "missing-tx-id",
    "empty-identity",
    "oversized-identity",
];
const WARNINGS: [&str; 16] = [
    "status-pending",
    "empty-field",
    "time-reversed",
    "unexpected-tx-id",
    "missing-blockchain-id",
    "unknown-action",
    "unknown-status",
    "unknown-type",
    "malformed-object-id",
    "malformed-tx-id",
    "malformed-hash",
    "malformed-blockchain-id",
    "unsafe-name",
    "id-clock-drift",
    "future-timestamp",
    "past-redelivery-horizon",
];

#[test]
fn the_table_has_every_rule_once_and_errors_first() {
    let codes_of = |severity: Severity| -> Vec<&str> {
        let rules = Rule::ALL.iter().filter(|rule| rule.severity() == severity);
        rules.map(|rule| rule.code()).collect()
    };
    assert_eq!(codes_of(Severity::Error), ERRORS);
    assert_eq!(codes_of(Severity::Warning), WARNINGS);
    let codes: Vec<&str> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    assert_eq!(codes, [&ERRORS[..], &WARNINGS[..]].concat());
    assert!(Rule::ALL.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn codes_are_unique_and_in_kebab_case() {
    let codes: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    assert_eq!(codes.len(), Rule::ALL.len());
    for code in codes {
        let is_word =
            |word: &str| !word.is_empty() && word.bytes().all(|letter| letter.is_ascii_lowercase());
        assert!(code.split('-').all(is_word), "{code}");
    }
}

#[test]
fn descriptions_are_unique_and_fit_a_table() {
    let texts: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.description()).collect();
    assert_eq!(texts.len(), Rule::ALL.len());
    for text in texts {
        assert!(!text.is_empty() && !text.contains(['|', '\n']), "{text}");
        assert!(!text.ends_with('.'), "{text}");
    }
}

#[test]
fn the_documented_success_has_two_warnings() {
    let event: WebhookEvent = SUCCEEDED.parse().unwrap();
    assert_found(
        &event.check(),
        &[
            (
                Rule::MalformedTxId,
                "/data/txId",
                "expected `0x` and 64 hex digits on the public chain, found \"0x3b7d586651f386c0d415fa1349b9ec0be07b78\"…",
            ),
            (
                Rule::MalformedHash,
                "/data/hash",
                "expected a digest in hex or base64, found \"6d6db6c12243mdhfrehrdfghju76\"",
            ),
        ],
    );
    assert_eq!(event.check_at(event.data.updated_at), event.check());
    assert!(event.validate().is_ok());
}

#[test]
fn the_documented_failure_has_none() {
    let event: WebhookEvent = FAILED.parse().unwrap();
    assert_found(&event.check(), &[]);
    assert_found(&event.check_at(event.data.updated_at), &[]);
    assert!(event.validate().is_ok());
}

/// Success that breaks whatever success can break at once.
fn broken_success() -> EventBuilder {
    EventBuilder::succeeded()
        .webhook_id("")
        .action_id("x")
        .status(StampStatus::from(9))
        .stamp_type("9")
        .stamp_id("000000000000000000000000")
        .user_id("")
        .hash("")
        .code("")
        .name("..")
        .without_tx_id()
        .without_blockchain_id()
        .created_at(time("9999-12-31T00:00:00Z"))
        .updated_at(time("0000-01-01T00:00:00Z"))
}

#[test]
fn all_findings_come_at_once_in_the_order_of_the_table() {
    let now = time("2023-05-30T09:21:46Z");
    let drift = "expected an id made within 5 s of `createdAt`, 9999-12-31T00:00:00Z, found one of 1970-01-01T00:00:00Z";
    let empty = "expected a string that is not empty, found \"\"";
    assert_found(
        &broken_success().build().check_at(now),
        &[
            (
                Rule::MissingTxId,
                "/data/txId",
                "expected a transaction id with the action `succeed`, found none",
            ),
            (Rule::EmptyIdentity, "/data/hash", empty),
            (Rule::EmptyField, "/webhookId", empty),
            (Rule::EmptyField, "/data/userId", empty),
            (Rule::EmptyField, "/data/code", empty),
            (
                Rule::TimeReversed,
                "/data/updatedAt",
                "expected a time not before `createdAt`, 9999-12-31T00:00:00Z, found 0000-01-01T00:00:00Z",
            ),
            (
                Rule::MissingBlockchainId,
                "/data/blockchainId",
                "expected an id with the action `succeed`, found none",
            ),
            (
                Rule::UnknownStatus,
                "/data/status",
                "expected 0, 1 or 2, found 9",
            ),
            (
                Rule::UnknownType,
                "/data/type",
                "expected \"0\" to \"4\", found \"9\"",
            ),
            (
                Rule::MalformedObjectId,
                "/actionId",
                "expected 24 hex digits, found \"x\"",
            ),
            (
                Rule::UnsafeName,
                "/data/name",
                "expected a plain file name, found \"..\"",
            ),
            (Rule::IdClockDrift, "/data/_id", drift),
            (
                Rule::FutureTimestamp,
                "/data/createdAt",
                "expected a time at most 300 s later than now, 2023-05-30T09:21:46Z, found 9999-12-31T00:00:00Z",
            ),
            (
                Rule::PastRedeliveryHorizon,
                "/data/updatedAt",
                "expected a time at most 114000 s earlier than now, 2023-05-30T09:21:46Z, found 0000-01-01T00:00:00Z",
            ),
        ],
    );
}

#[test]
fn findings_of_one_rule_are_in_the_order_of_the_documented_keys() {
    let pointers = |event: EventBuilder, rule| -> Vec<&str> {
        let findings = event.build().check();
        let of_rule = findings.iter().filter(|finding| finding.rule == rule);
        of_rule.map(|finding| finding.pointer).collect()
    };
    let empty = EventBuilder::failed()
        .webhook_id("")
        .action_id("")
        .stamp_id("")
        .user_id("")
        .hash("")
        .code("");
    assert_eq!(
        pointers(empty.clone(), Rule::EmptyIdentity),
        ["/data/_id", "/data/hash"]
    );
    assert_eq!(
        pointers(empty, Rule::EmptyField),
        ["/webhookId", "/actionId", "/data/userId", "/data/code"]
    );
    let malformed = EventBuilder::failed()
        .webhook_id("x")
        .action_id("x")
        .stamp_id("x");
    assert_eq!(
        pointers(malformed, Rule::MalformedObjectId),
        ["/webhookId", "/actionId", "/data/_id"]
    );
}

#[test]
fn every_rule_can_be_broken() {
    let malformed = EventBuilder::failed()
        .tx_id("x")
        .hash("x")
        .blockchain_id("x");
    let unknown = EventBuilder::failed().action("revoked");
    let mismatch = EventBuilder::failed().status(StampStatus::Succeeded);
    let pending = EventBuilder::failed().status(StampStatus::Pending);
    let oversized = EventBuilder::failed().stamp_id("a".repeat(256));
    let now = time("2023-05-30T09:21:46Z");
    let broken: BTreeSet<Rule> = [
        broken_success(),
        malformed,
        unknown,
        mismatch,
        pending,
        oversized,
    ]
    .into_iter()
    .flat_map(|event| {
        let findings = event.build().check_at(now);
        let rules: Vec<Rule> = findings.iter().map(|finding| finding.rule).collect();
        assert!(rules.is_sorted(), "{rules:?}");
        rules
    })
    .collect();
    assert_eq!(broken, Rule::ALL.iter().copied().collect());
}

#[test]
fn findings_are_found_by_their_rule() {
    let event = EventBuilder::succeeded().without_tx_id().build();
    let (findings, invalid) = (event.check(), event.validate().unwrap_err());
    for rule in Rule::ALL {
        let is_broken = *rule == Rule::MissingTxId;
        assert_eq!(findings.contains(*rule), is_broken, "{rule}");
        assert_eq!(invalid.contains(*rule), is_broken, "{rule}");
    }
}
