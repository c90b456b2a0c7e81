//! What happened, in numbers.

#![expect(clippy::arithmetic_side_effects, reason = "counters of 64 bits")]

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use edexa_webhooks::delivery::ACK_STATUS;
use hdrhistogram::Histogram;

/// What one attempt got.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[non_exhaustive]
pub enum Answer {
    /// An HTTP status.
    Status(u16),
    /// A connection, but no answer in time.
    TimedOut,
    /// No connection.
    NotConnected,
    /// A connection that ended before its answer, or an answer that is not HTTP.
    Broken,
}

impl Answer {
    /// Whether edeXa counts the event as delivered.
    #[must_use]
    pub fn is_acknowledged(self) -> bool {
        self == Self::Status(ACK_STATUS)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => status.fmt(f),
            Self::TimedOut => f.write_str("no answer in time"),
            Self::NotConnected => f.write_str("no connection"),
            Self::Broken => f.write_str("broken connection"),
        }
    }
}

/// The tally of a run. Its size does not depend on the number of deliveries.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// Deliveries planned, duplicates not counted.
    pub deliveries: u64,
    /// Acknowledged deliveries that were sent once more.
    pub duplicates: u64,
    /// Deliveries and duplicates that were answered 200, by attempt.
    pub acknowledged: BTreeMap<usize, u64>,
    /// Deliveries and duplicates that had every attempt and no 200.
    pub given_up: u64,
    /// How often each answer came.
    pub answers: BTreeMap<Answer, u64>,
    latencies: Histogram<u64>,
}

impl Report {
    #[expect(clippy::expect_used, reason = "the bounds are constants")]
    pub(crate) fn new(deliveries: u32) -> Self {
        const HOUR_MICROS: u64 = 3_600_000_000;
        Self {
            deliveries: deliveries.into(),
            duplicates: 0,
            acknowledged: BTreeMap::new(),
            given_up: 0,
            answers: BTreeMap::new(),
            latencies: Histogram::new_with_bounds(1, HOUR_MICROS, 3).expect("valid bounds"),
        }
    }

    /// Deliveries and duplicates that the end of the run cut short.
    #[must_use]
    pub fn interrupted(&self) -> u64 {
        self.deliveries + self.duplicates - sum(&self.acknowledged) - self.given_up
    }

    /// Whether every delivery and every duplicate was answered 200.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.given_up == 0 && self.interrupted() == 0
    }

    /// How long this share of the answers took at most, 0.99 being the 99th
    /// percentile; nothing if there were none.
    #[must_use]
    pub fn latency(&self, share: f64) -> Option<Duration> {
        let micros = self.latencies.value_at_quantile(share);
        (!self.latencies.is_empty()).then_some(Duration::from_micros(micros))
    }

    pub(crate) fn add_attempt(&mut self, answer: Answer, latency: Duration) {
        *self.answers.entry(answer).or_default() += 1;
        if matches!(answer, Answer::Status(_)) {
            let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
            self.latencies.saturating_record(micros);
        }
    }

    pub(crate) fn add_acknowledged(&mut self, attempt: usize) {
        *self.acknowledged.entry(attempt).or_default() += 1;
    }

    pub(crate) fn add_given_up(&mut self) {
        self.given_up += 1;
    }

    pub(crate) fn add_duplicate(&mut self) {
        self.duplicates += 1;
    }
}

/// The table that ends a run.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        row(f, "deliveries", self.deliveries)?;
        row(f, "sent again", self.duplicates)?;
        row(f, "acknowledged", sum(&self.acknowledged))?;
        for (attempt, count) in &self.acknowledged {
            row(f, &format!("  on attempt {attempt}"), count)?;
        }
        row(f, "given up", self.given_up)?;
        row(f, "interrupted", self.interrupted())?;
        row(f, "attempts", sum(&self.answers))?;
        for (answer, count) in &self.answers {
            row(f, &format!("  {answer}"), count)?;
        }
        if self.latencies.is_empty() {
            return Ok(());
        }
        writeln!(f, "latency of an answer in ms")?;
        row(f, "  min", millis(self.latencies.min()))?;
        row(f, "  median", millis(self.latencies.value_at_quantile(0.5)))?;
        row(f, "  p99", millis(self.latencies.value_at_quantile(0.99)))?;
        row(f, "  max", millis(self.latencies.max()))
    }
}

fn sum<K>(counts: &BTreeMap<K, u64>) -> u64 {
    counts.values().sum()
}

fn row(f: &mut fmt::Formatter<'_>, label: &str, value: impl fmt::Display) -> fmt::Result {
    writeln!(f, "{label:<20} {value:>12}")
}

fn millis(micros: u64) -> String {
    format!("{}.{:03}", micros / 1000, micros % 1000)
}
