//! What is counted, in the text form of Prometheus.

use prometheus::{Encoder, Gauge, IntCounter, IntCounterVec, Opts, Registry, TextEncoder};

use crate::store::{Store, now};

/// The counters of this process.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    pub(crate) received: IntCounter,
    pub(crate) redelivered: IntCounter,
    pub(crate) conflicting: IntCounter,
    pub(crate) refused: IntCounterVec,
    pub(crate) unavailable: IntCounter,
    pub(crate) processed: IntCounter,
    pub(crate) failed: IntCounter,
}

impl Metrics {
    /// All of them at 0.
    ///
    /// # Errors
    ///
    /// None in fact: the names are valid and differ.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let counter = |name, help| {
            let counter = IntCounter::new(name, help)?;
            registry.register(Box::new(counter.clone()))?;
            prometheus::Result::Ok(counter)
        };
        let refused = IntCounterVec::new(
            Opts::new("inbox_refused_total", "Bodies refused, by category or rule"),
            &["code"],
        )?;
        registry.register(Box::new(refused.clone()))?;
        Ok(Self {
            received: counter("inbox_received_total", "Bodies read whole")?,
            redelivered: counter("inbox_redelivered_total", "Events that were there")?,
            conflicting: counter(
                "inbox_conflicting_total",
                "Events with the key of another and different content",
            )?,
            refused,
            unavailable: counter("inbox_unavailable_total", "Bodies the store did not take")?,
            processed: counter("inbox_processed_total", "Events done")?,
            failed: counter("inbox_failed_total", "Attempts that the handler failed")?,
            registry,
        })
    }

    /// The counters, and what the store says while it can be asked.
    ///
    /// # Errors
    ///
    /// None in fact: the names are valid and differ.
    pub async fn text(&self, store: &Store) -> prometheus::Result<String> {
        let mut families = self.registry.gather();
        let stored = Registry::new();
        let gauge = |name, help, value| {
            let gauge = Gauge::new(name, help)?;
            gauge.set(value);
            stored.register(Box::new(gauge))
        };
        if let Ok((age, set_aside)) = waiting(store).await {
            gauge(
                "inbox_oldest_unprocessed_seconds",
                "Age of the oldest event that is not processed, 0 if there is none",
                age,
            )?;
            gauge("inbox_set_aside", "Events set aside", set_aside)?;
            families.extend(stored.gather());
        }
        let mut text = Vec::new();
        TextEncoder::new().encode(&families, &mut text)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
async fn waiting(store: &Store) -> sqlx::Result<(f64, f64)> {
    let (oldest, set_aside): (Option<i64>, i64) = sqlx::query_as(
        "SELECT (SELECT MIN(received_at) FROM events WHERE state = 'pending'), \
         (SELECT COUNT(*) FROM events WHERE state = 'set-aside')",
    )
    .fetch_one(&store.pool)
    .await?;
    let now = now().timestamp_micros();
    let age = now.saturating_sub(oldest.unwrap_or(now)).max(0);
    Ok((age as f64 / 1e6, set_aside as f64))
}
