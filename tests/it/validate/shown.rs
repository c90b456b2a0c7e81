//! Findings as text and as JSON.

use edexa_webhooks::testing::EventBuilder;
use edexa_webhooks::{Finding, Findings, Rule, Severity, StampStatus};

const MISMATCH: &str =
    "error status-mismatch at /data/status: expected 1 with the action `succeed`, found 2";
const MISSING: &str = "error missing-tx-id at /data/txId: expected a transaction id with the action `succeed`, found none";
const UNKNOWN: &str = "warning unknown-type at /data/type: expected \"0\" to \"4\", found \"\\n\"";

fn broken() -> EventBuilder {
    EventBuilder::succeeded()
        .status(StampStatus::Failed)
        .without_tx_id()
        .stamp_type("\n")
}

#[test]
fn a_finding_is_a_line_and_findings_are_lines() {
    let findings = broken().build().check();
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(lines, [MISMATCH, MISSING, UNKNOWN]);
    let by_reference: Vec<String> = (&findings).into_iter().map(ToString::to_string).collect();
    assert_eq!(by_reference, lines);
    assert_eq!(
        findings.to_string(),
        format!("{MISMATCH}\n{MISSING}\n{UNKNOWN}")
    );
    assert_eq!(Findings::default().to_string(), "");
}

#[test]
fn an_error_is_one_line_without_the_warnings() {
    let invalid = broken().build().validate().unwrap_err();
    assert_eq!(invalid.to_string(), format!("{MISMATCH}; {MISSING}"));
    assert_eq!(
        invalid.findings().to_string(),
        format!("{MISMATCH}\n{MISSING}")
    );
    let error: &dyn std::error::Error = &invalid;
    assert!(error.source().is_none());
}

#[test]
fn debug_of_an_error_leaves_out_the_ids_of_the_event() {
    let event = EventBuilder::succeeded().hash("a".repeat(10_000)).status(2);
    let invalid = event.build().outcome().unwrap_err();
    let (pointer, message) = MISMATCH
        .strip_prefix("error status-mismatch at ")
        .and_then(|rest| rest.split_once(": "))
        .unwrap();
    assert_eq!(
        format!("{invalid:?}"),
        format!(
            "Invalid {{ findings: Findings([Finding {{ rule: StatusMismatch, \
             pointer: {pointer:?}, message: {message:?} }}]), .. }}"
        )
    );
}

/// Every text of the body is this one.
const SECRET: &str = "Jane Doe, \u{202e}passport.pdf";

#[test]
fn redacted_findings_hold_nothing_of_the_body() {
    let event = EventBuilder::succeeded()
        .webhook_id(SECRET)
        .action_id(SECRET)
        .stamp_id(SECRET.repeat(30))
        .user_id(SECRET)
        .client_id(SECRET)
        .name(SECRET)
        .blockchain_id(SECRET)
        .tx_id(SECRET)
        .hash(SECRET)
        .stamp_type(SECRET)
        .code(SECRET)
        .status(StampStatus::Failed)
        .build();
    let findings = event.check();
    assert_eq!(
        findings.redacted(),
        "error status-mismatch at /data/status\n\
         error oversized-identity at /data/_id\n\
         warning unknown-type at /data/type\n\
         warning malformed-object-id at /webhookId\n\
         warning malformed-object-id at /actionId\n\
         warning malformed-object-id at /data/_id\n\
         warning malformed-tx-id at /data/txId\n\
         warning malformed-hash at /data/hash\n\
         warning malformed-blockchain-id at /data/blockchainId\n\
         warning unsafe-name at /data/name"
    );
    let lines: Vec<String> = findings.iter().map(Finding::redacted).collect();
    assert_eq!(lines.join("\n"), findings.redacted());
    assert_eq!(
        event.validate().unwrap_err().redacted(),
        "error status-mismatch at /data/status; error oversized-identity at /data/_id"
    );
    // The message does hold it.
    assert!(findings.to_string().contains("Jane Doe"));
    assert_eq!(Findings::default().redacted(), "");
}

#[test]
fn findings_are_a_json_array() {
    let findings = broken().build().check();
    let mismatch = r#"{"code":"status-mismatch","severity":"error","pointer":"/data/status","message":"expected 1 with the action `succeed`, found 2"}"#;
    let missing = r#"{"code":"missing-tx-id","severity":"error","pointer":"/data/txId","message":"expected a transaction id with the action `succeed`, found none"}"#;
    let unknown = r#"{"code":"unknown-type","severity":"warning","pointer":"/data/type","message":"expected \"0\" to \"4\", found \"\\n\""}"#;
    let singles: Vec<String> = findings
        .iter()
        .map(|finding| serde_json::to_string(finding).unwrap())
        .collect();
    assert_eq!(singles, [mismatch, missing, unknown]);
    assert_eq!(
        serde_json::to_string(&findings).unwrap(),
        format!("[{mismatch},{missing},{unknown}]")
    );
    assert_eq!(serde_json::to_string(&Findings::default()).unwrap(), "[]");
}

#[test]
fn rules_and_severities_are_shown_as_their_codes() {
    for rule in Rule::ALL {
        assert_eq!(rule.to_string(), rule.code());
    }
    assert_eq!(
        format!("[{:<16}]", Rule::StatusMismatch),
        "[status-mismatch ]"
    );
    for (severity, text) in [(Severity::Error, "error"), (Severity::Warning, "warning")] {
        assert_eq!(severity.as_str(), text);
        assert_eq!(severity.to_string(), text);
        assert_eq!(format!("[{severity:>8}]"), format!("[{text:>8}]"));
    }
    assert!(Severity::Warning < Severity::Error);
}
