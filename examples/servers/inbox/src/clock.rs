//! One clock for each database: PostgreSQL's own, and the machine's for SQLite.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use edexa_webhooks::chrono::{DateTime, Utc};
use sqlx::{AnyConnection, Connection};
use tokio::time::Instant;
use tracing::warn;

use crate::dialect::Dialect;

const HOUR: i64 = 3_600_000_000;
/// How long pruning rests after the clock was found ahead.
const REST: i64 = 24 * HOUR;

/// The database's time, without asking the database each time.
#[derive(Clone, Debug)]
pub(crate) struct Clock(Arc<Mutex<(i64, Instant)>>);

impl Clock {
    pub(crate) fn new(micros: i64) -> Self {
        Self(Arc::new(Mutex::new((micros, Instant::now()))))
    }

    /// The database has just said what time it is.
    pub(crate) fn set(&self, micros: i64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (micros, Instant::now());
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        let (micros, then) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let micros = micros.saturating_add(micros_of(then.elapsed()));
        DateTime::from_timestamp_micros(micros).unwrap_or_default()
    }
}

pub(crate) fn micros_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// The time by which pruning may go: none for a day after the clock has gone on by
/// more than an hour since somebody looked, be it wrong or back from a long pause.
/// Whoever prunes by a clock that is ahead forgets keys that are still needed.
pub(crate) async fn look(
    dialect: Dialect,
    connection: &mut AnyConnection,
) -> sqlx::Result<Option<i64>> {
    let mut transaction = connection.begin_with(dialect.begin()).await?;
    let first = "INSERT INTO inbox.clock (id, seen_at, rests_until) VALUES (1, {now}, 0) \
         ON CONFLICT (id) DO NOTHING";
    sqlx::query(&dialect.sql(first))
        .execute(&mut *transaction)
        .await?;
    let look = "SELECT {now}, seen_at, rests_until FROM inbox.clock";
    let look = dialect.sql(look);
    let (now, seen_at, mut rests_until): (i64, i64, i64) =
        sqlx::query_as(&look).fetch_one(&mut *transaction).await?;
    let ahead = now.saturating_sub(seen_at);
    if ahead > HOUR {
        let seconds = ahead / 1_000_000;
        warn!(
            seconds,
            "the clock has jumped ahead: nothing is pruned for a day"
        );
        rests_until = now.saturating_add(REST);
    } else if rests_until.saturating_sub(now) > REST {
        // The clock that was ahead has been set back.
        rests_until = 0;
    }
    let seen = dialect.sql("UPDATE inbox.clock SET seen_at = $1, rests_until = $2");
    let seen = sqlx::query(&seen).bind(now).bind(rests_until);
    seen.execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok((now >= rests_until).then_some(now))
}
