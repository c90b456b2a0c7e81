//! What differs between the two databases in a statement.

use std::time::Duration;

use sqlx::AnyConnection;
use sqlx::error::DatabaseError;
use tokio::time::timeout;

/// A kind of database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// A statement with its values.
macro_rules! bind {
    ($query:expr $(, $value:expr)* $(,)?) => { $query$(.bind($value))* };
}
pub(crate) use bind;

impl Dialect {
    /// That of a connection.
    #[must_use]
    pub fn of(connection: &AnyConnection) -> Self {
        if connection.backend_name() == "PostgreSQL" {
            Self::Postgres
        } else {
            Self::Sqlite
        }
    }

    /// A statement as the database takes it: `inbox.` is the schema of the tables
    /// (a prefix on SQLite, which has no schemas), `{now}` the database's time in
    /// microseconds. `{lock}` takes rows that nobody else has, and `{hold}` waits for them.
    #[must_use]
    pub fn sql(self, statement: &str) -> String {
        let (tables, now, lock, hold) = match self {
            Self::Sqlite => (
                "inbox_",
                "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
                "",
                "",
            ),
            Self::Postgres => (
                "inbox.",
                "(EXTRACT(EPOCH FROM statement_timestamp()) * 1000000)::BIGINT",
                "FOR NO KEY UPDATE SKIP LOCKED",
                "FOR NO KEY UPDATE",
            ),
        };
        statement
            .replace("inbox.", tables)
            .replace("{now}", now)
            .replace("{lock}", lock)
            .replace("{hold}", hold)
    }

    /// How a transaction begins that will write. IMMEDIATE: who has read may no
    /// longer write once another one has.
    pub(crate) const fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }
}

/// Placeholders for so many rows of so many columns: `($1, $2), ($3, $4)`.
pub(crate) fn rows(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let first = row.saturating_mul(columns);
        let places = (1..=columns).map(|column| format!("${}", first.saturating_add(column)));
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// What the database answers, unless that takes too long.
pub(crate) async fn in_time<T>(
    limit: Duration,
    asked: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    let answer = timeout(limit, asked).await;
    answer.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// Whether the database is away, full or closed for writing: no fault of what was
/// to be written.
pub(crate) fn is_outage(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else {
        return true;
    };
    let code = error.code().unwrap_or_default();
    match code.parse::<u32>() {
        // SQLite's: an extended code holds the plain one in its last byte. Busy,
        // locked, read-only, I/O, corrupt, full, not to be opened, no database.
        Ok(code) if code < 10_000 => matches!(code & 0xff, 5 | 6 | 8 | 10 | 11 | 13 | 14 | 26),
        // Connection, resources, shut down, system error, read-only.
        _ => {
            ["08", "53", "57P", "58"]
                .iter()
                .any(|class| code.starts_with(class))
                || code == "25006"
        }
    }
}

/// Whether the connection has ended, and another one may do.
pub(crate) fn is_cut(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(error, sqlx::Error::Io(_)) || code.as_deref() == Some("57P01")
}

/// Whether there is no room left.
pub(crate) fn is_full(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    matches!(code.as_deref(), Some("13" | "53100"))
}
