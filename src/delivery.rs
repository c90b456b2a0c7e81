//! How edeXa delivers events: its retry schedule as constants.
//!
//! edeXa documents that it expects an HTTP 200 for every event, and that it sends a
//! request again when it gets no answer. What another answer does is not documented: it
//! may be retried too (*inferred*). Delivery is at least once, and in any order
//! (*inferred*). So keep each [`IdempotencyKey`](crate::IdempotencyKey) for longer than
//! the horizon, such as seven days. See [Redelivery](crate::guide::redelivery).

use std::time::Duration;

pub use crate::limits::MAX_BODY_BYTES;

/// The delays after which edeXa sends a request again that got no answer. Five retries,
/// six attempts.
///
/// | retry | delay | one after another | from the first attempt |
/// | --- | --- | --- | --- |
/// | 1 | 300 s | 5 min | 5 min |
/// | 2 | 1,800 s | 35 min | 30 min |
/// | 3 | 3,600 s | 1 h 35 min | 1 h |
/// | 4 | 21,600 s | 7 h 35 min | 6 h |
/// | 5 | 86,400 s | 31 h 35 min | 24 h |
///
/// Source of the delays: [edeXa's webhook documentation](crate::guide#sources), failure
/// page. It does not say whether a delay counts from the previous attempt, as in the third
/// column, or from the first one, as in the last. Both are *inferred*. A
/// [picture](crate::guide::redelivery#the-schedule) shows them.
///
/// ```
/// use edexa_webhooks::delivery::{REDELIVERY_HORIZON, RETRY_DELAYS};
/// use std::time::Duration;
///
/// assert_eq!(RETRY_DELAYS.iter().sum::<Duration>(), REDELIVERY_HORIZON);
/// ```
pub const RETRY_DELAYS: [Duration; 5] = [
    Duration::from_secs(300),
    Duration::from_secs(1_800),
    Duration::from_secs(3_600),
    Duration::from_secs(21_600),
    Duration::from_secs(86_400),
];

/// The longest time from the first attempt to the last: 113,700 seconds, or
/// 31 hours and 35 minutes.
///
/// *Inferred*: the sum of [`RETRY_DELAYS`]. If delays count from the first attempt, it is
/// 86,400 seconds. The time that requests take and spend in queues comes on top.
pub const REDELIVERY_HORIZON: Duration = Duration::from_secs(113_700);

/// The HTTP status with which edeXa expects every event to be answered: 200.
///
/// Source: [edeXa's webhook documentation](crate::guide#sources), success page.
pub const ACK_STATUS: u16 = 200;
