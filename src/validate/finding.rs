//! What a check finds.

use std::fmt;
use std::slice;

use serde::ser::{Serialize, Serializer};

use super::rule::{Rule, Severity};
use crate::event::WebhookEvent;
use crate::parse::Salvaged;

/// One broken rule: which, where, and what was expected and found. What to do about it is in
/// the guide: [Rules](crate::guide::rules).
///
/// Serializes as `{"code", "severity", "pointer", "message"}`. Safe to log, as
/// [`ParseError`](crate::ParseError) is. Its message may quote personal data: a file
/// name, for one. [`redacted`](Self::redacted) leaves them out.
///
/// ```
/// use edexa_webhooks::Rule;
/// use edexa_webhooks::testing::EventBuilder;
///
/// let findings = EventBuilder::failed().code("").build().check();
/// let finding = findings.iter().next().unwrap();
/// assert_eq!(finding.rule, Rule::EmptyField);
/// assert_eq!(finding.pointer, "/data/code");
/// assert_eq!(finding.message, "expected a string that is not empty, found \"\"");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Finding {
    /// The rule that is broken. [Rules](crate::guide::rules) says what to do.
    pub rule: Rule,
    /// The place as a JSON pointer (RFC 6901) from the root of the body. The
    /// key may be absent: that may be what breaks the rule.
    pub pointer: &'static str,
    /// What was expected and what was found.
    pub message: String,
}

impl Finding {
    /// How much it matters: the rule's severity.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.rule.severity()
    }

    /// The line without what was found: `error status-mismatch at /data/status`. It
    /// holds nothing of the body.
    #[must_use]
    pub fn redacted(&self) -> String {
        let Self { rule, pointer, .. } = self;
        format!("{} {rule} at {pointer}", rule.severity())
    }
}

/// `error status-mismatch at /data/status: expected …, found …`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.redacted(), self.message)
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map([
            ("code", self.rule.code()),
            ("severity", self.severity().as_str()),
            ("pointer", self.pointer),
            ("message", &self.message),
        ])
    }
}

/// What [`check`](crate::WebhookEvent::check) found, in the order of [`Rule::ALL`]. It is not
/// an error: a warning refuses nothing.
///
/// `Display` writes a line for each finding.
///
/// ```
/// use edexa_webhooks::{Rule, Severity};
/// use edexa_webhooks::testing::EventBuilder;
///
/// let findings = EventBuilder::succeeded().code("").without_tx_id().build().check();
/// assert_eq!(findings.len(), 2);
/// assert!(findings.contains(Rule::MissingTxId));
/// let errors = findings.iter().filter(|finding| finding.severity() == Severity::Error);
/// assert_eq!(errors.count(), 1);
/// ```
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Findings(Vec<Finding>);

impl Findings {
    #[cold]
    pub(super) fn push(
        &mut self,
        rule: Rule,
        pointer: &'static str,
        expected: impl fmt::Display,
        found: impl fmt::Display,
    ) {
        self.0.push(Finding {
            rule,
            pointer,
            message: format!("expected {expected}, found {found}"),
        });
    }

    /// The findings, in the order of [`Rule::ALL`].
    pub fn iter(&self) -> slice::Iter<'_, Finding> {
        self.0.iter()
    }

    /// How many findings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The lines without what was found: see [`Finding::redacted`].
    #[must_use]
    pub fn redacted(&self) -> String {
        join(&self.0, "\n", Finding::redacted)
    }

    /// Whether this rule is broken.
    #[must_use]
    pub fn contains(&self, rule: Rule) -> bool {
        self.iter().any(|finding| finding.rule == rule)
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&join(&self.0, "\n", ToString::to_string))
    }
}

impl Serialize for Findings {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(&self.0)
    }
}

/// The error rules that an event breaks, at least one: why
/// [`outcome`](crate::WebhookEvent::outcome) refuses it. What to do is in the guide:
/// [Rules](crate::guide::rules#errors).
///
/// `Display` writes them in one line.
///
/// ```
/// use edexa_webhooks::testing::EventBuilder;
///
/// let invalid = EventBuilder::succeeded().status(2).build().validate().unwrap_err();
/// assert_eq!(
///     invalid.to_string(),
///     "error status-mismatch at /data/status: expected 1 with the action `succeed`, found 2",
/// );
/// assert_eq!(invalid.redacted(), "error status-mismatch at /data/status");
/// ```
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", join(&.findings.0, "; ", ToString::to_string))]
pub struct Invalid {
    findings: Findings,
    pub(crate) ids: Box<Salvaged>,
}

/// Without the ids of the event, which may be long.
impl fmt::Debug for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invalid")
            .field("findings", &self.findings)
            .finish_non_exhaustive()
    }
}

impl Invalid {
    pub(super) fn new(findings: Findings, event: &WebhookEvent) -> Self {
        let ids = Box::new(Salvaged::of(event));
        Self { findings, ids }
    }

    /// The findings, in the order of [`Rule::ALL`].
    pub fn iter(&self) -> slice::Iter<'_, Finding> {
        self.findings.iter()
    }

    /// The line without what was found: see [`Finding::redacted`].
    #[must_use]
    pub fn redacted(&self) -> String {
        join(&self.findings.0, "; ", Finding::redacted)
    }

    /// Whether this rule is among them.
    #[must_use]
    pub fn contains(&self, rule: Rule) -> bool {
        self.findings.contains(rule)
    }

    /// The same as findings, to count or to serialize.
    #[must_use]
    pub const fn findings(&self) -> &Findings {
        &self.findings
    }
}

impl<'a> IntoIterator for &'a Invalid {
    type Item = &'a Finding;
    type IntoIter = slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

fn join(findings: &[Finding], separator: &str, line: fn(&Finding) -> String) -> String {
    let lines: Vec<_> = findings.iter().map(line).collect();
    lines.join(separator)
}
