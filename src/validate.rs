//! From an event to findings: do its claims agree with each other?

use chrono::{DateTime, Utc};

use crate::event::WebhookEvent;

mod checks;
mod finding;
mod rule;
mod table;

pub use finding::{Finding, Findings, Invalid};
pub use rule::{Rule, Severity};
pub(crate) use table::rules;

impl WebhookEvent {
    /// Every finding of the rules that need no clock, errors and warnings, in
    /// the order of [`Rule::ALL`].
    ///
    /// To accept an event although it breaks an error rule, decide on these
    /// findings and the fields instead of calling
    /// [`outcome`](Self::outcome):
    ///
    /// ```
    /// use edexa_webhooks::{Rule, Severity};
    /// # use edexa_webhooks::{StampStatus, testing::EventBuilder};
    /// # let event = EventBuilder::succeeded().status(StampStatus::Pending).build();
    ///
    /// let findings = event.check();
    /// let mut errors = findings.iter().filter(|f| f.severity() == Severity::Error);
    /// if errors.all(|error| error.rule == Rule::StatusMismatch) && event.is_succeeded() {
    ///     println!("accepted: {event}");
    /// }
    /// ```
    #[must_use]
    pub fn check(&self) -> Findings {
        let mut findings = Findings::default();
        checks::coherence(self, &mut findings);
        checks::plausibility(self, &mut findings);
        findings
    }

    /// Every finding, those of the rules that need a clock included. The clock
    /// is yours, so that tests need none.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// # use edexa_webhooks::{Rule, testing::EventBuilder};
    /// # let event = EventBuilder::succeeded().build();
    ///
    /// let findings = event.check_at(SystemTime::now());
    /// assert!(findings.contains(Rule::PastRedeliveryHorizon));
    /// ```
    ///
    /// # Panics
    ///
    /// chrono panics when it is given a `SystemTime` beyond its range, some 262,000 years
    /// from now.
    #[must_use]
    pub fn check_at(&self, now: impl Into<DateTime<Utc>>) -> Findings {
        let mut findings = self.check();
        checks::timeliness(self, now.into(), &mut findings);
        findings
    }

    /// Checks the rules whose severity is [`Severity::Error`].
    ///
    /// # Errors
    ///
    /// The event breaks an error [`Rule`]: `succeed` with status 2, `succeed` without a
    /// `txId`, an empty `hash`. The error has every one.
    pub fn validate(&self) -> Result<(), Invalid> {
        let mut findings = Findings::default();
        checks::coherence(self, &mut findings);
        if findings.is_empty() {
            Ok(())
        } else {
            Err(Invalid::new(findings, self))
        }
    }
}
