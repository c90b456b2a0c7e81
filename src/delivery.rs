//! How edeXa delivers: the schedule of its retries as data, with no I/O and no
//! clock.
//!
//! edeXa documents that it expects an HTTP 200 for every event, and that it
//! sends a request again when no answer is received. It does not say what any
//! other answer does: treat it as possibly retried (*inferred*). Delivery is at
//! least once and in no particular order (*inferred*), so remember each
//! [`IdempotencyKey`](crate::IdempotencyKey) for longer than the horizon: seven
//! days, say.

use std::time::Duration;

pub use crate::limits::MAX_BODY_BYTES;

/// The delays after which edeXa sends a request again that got no answer: 300,
/// 1,800, 3,600, 21,600 and 86,400 seconds. Five retries, six attempts.
///
/// Source: [edeXa's webhook documentation](crate::guide#sources), failure page. It
/// does not say whether each delay counts from the attempt before or from the
/// first one: see the [time line](crate::guide::redelivery#the-schedule).
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
/// *Inferred*: the sum of [`RETRY_DELAYS`], which is the later of its two
/// readings (the other one gives 86,400 seconds). The time that requests take
/// and spend in queues comes on top.
pub const REDELIVERY_HORIZON: Duration = Duration::from_secs(113_700);

/// The HTTP status with which edeXa expects every event to be answered: 200.
///
/// Source: [edeXa's webhook documentation](crate::guide#sources), success page.
pub const ACK_STATUS: u16 = 200;
