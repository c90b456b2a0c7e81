//! From an event to findings and an outcome.

use edexa_webhooks::chrono::{DateTime, Utc};
use edexa_webhooks::testing::EventBuilder;
use edexa_webhooks::{Findings, Rule};

mod outcome;
mod rules;
mod shown;
mod timely;
mod together;

/// Rule, pointer and message of one finding.
type Expected<'a> = (Rule, &'a str, &'a str);

#[track_caller]
fn assert_found(findings: &Findings, expected: &[Expected<'_>]) {
    let found: Vec<Expected<'_>> = findings
        .iter()
        .map(|finding| (finding.rule, finding.pointer, finding.message.as_str()))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(findings.len(), expected.len());
    assert_eq!(findings.is_empty(), expected.is_empty());
}

/// The event has these findings, and so has the event that its JSON is read as.
#[track_caller]
fn assert_check(event: EventBuilder, expected: &[Expected<'_>]) {
    let json = event.to_json().map(|json| json.parse());
    let event = event.build();
    assert_found(&event.check(), expected);
    if let Ok(read) = json {
        assert_eq!(Ok(&event), read.as_ref());
    }
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}
