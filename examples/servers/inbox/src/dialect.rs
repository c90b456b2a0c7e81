//! What differs between the two databases in a statement.

use std::time::Duration;

use edexa_webhooks::serde_json;
use serde::Serialize;
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

/// A statement with its values on a connection, as [`Dialect::sql`] has it: what it
/// fetches, each row a tuple, or how many rows it has changed.
macro_rules! query {
    (execute, $connection:expr, $sql:expr $(, $value:expr)* $(,)?) => {{
        let sql = $crate::dialect::Dialect::of(&*$connection).sql($sql);
        let done = sqlx::query(&sql)$(.bind($value))*.execute(&mut *$connection).await;
        done.map(|done| done.rows_affected())
    }};
    ($fetch:ident, $connection:expr, $sql:expr $(, $value:expr)* $(,)?) => {{
        let sql = $crate::dialect::Dialect::of(&*$connection).sql($sql);
        sqlx::query_as(&sql)$(.bind($value))*.$fetch(&mut *$connection).await
    }};
}
pub(crate) use query;

impl Dialect {
    /// That of a connection.
    #[must_use]
    pub fn of(connection: &AnyConnection) -> Self {
        match connection.backend_name() {
            "PostgreSQL" => Self::Postgres,
            _ => Self::Sqlite,
        }
    }

    /// A statement as the database takes it. `inbox.` is the schema of the tables (a
    /// prefix on SQLite, which has no schemas), and `{now}` the database's time in
    /// microseconds. `{each}` is the rows of `$1`, as [`rows`] writes them: each a
    /// `value`, with columns such as `value ->> 0`. `{keys}` is the same of texts, each a
    /// `value`, and `{lock}` takes rows that nobody else has. `{body}` is bytes, also where
    /// somebody has written SQLite a text.
    #[must_use]
    pub fn sql(self, statement: &str) -> String {
        let words = match self {
            Self::Sqlite => [
                ("inbox.", "inbox_"),
                ("{now}", "CAST(unixepoch('subsec') * 1000000 AS INTEGER)"),
                ("{each}", "json_each($1)"),
                ("{keys}", "json_each($1)"),
                ("{lock}", ""),
                ("{body}", "CAST(body AS BLOB) AS body"),
            ],
            Self::Postgres => [
                ("inbox.", "inbox."),
                (
                    "{now}",
                    "(EXTRACT(EPOCH FROM statement_timestamp()) * 1000000)::BIGINT",
                ),
                ("{each}", "jsonb_array_elements($1::jsonb)"),
                ("{keys}", "jsonb_array_elements_text($1::jsonb)"),
                ("{lock}", "FOR NO KEY UPDATE SKIP LOCKED"),
                ("{body}", "body"),
            ],
        };
        let words = words.into_iter();
        words.fold(statement.to_owned(), |sql, (word, own)| {
            sql.replace(word, own)
        })
    }

    /// How a transaction begins that will write, and what it sets on PostgreSQL. IMMEDIATE:
    /// who has read may no longer write once another one has.
    pub(crate) fn begin(self, on_postgres: &str) -> String {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE".to_owned(),
            Self::Postgres => format!("BEGIN; {on_postgres}"),
        }
    }
}

/// Rows for `{each}`: all of them are one value of a statement, however many there are.
#[must_use]
pub fn rows<T: Serialize>(rows: &[T]) -> String {
    // Writing texts and numbers to memory cannot fail.
    serde_json::to_string(rows).unwrap_or_default()
}

/// What the database answers, unless that takes too long.
pub(crate) async fn in_time<T, E: From<sqlx::Error>>(
    limit: Duration,
    asked: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let answer = timeout(limit, asked).await;
    answer.unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut.into()))
}

/// What a database says that an error is: five characters of PostgreSQL, a number of
/// SQLite without what extends it.
pub(crate) fn code(error: &sqlx::Error) -> String {
    let code = error.as_database_error().and_then(DatabaseError::code);
    let code = code.unwrap_or_default();
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => (number & 0xff).to_string(),
        _ => code.into(),
    }
}

/// Whether the database is away, full or closed for writing: no fault of what was
/// to be written.
#[must_use]
pub fn is_outage(error: &sqlx::Error) -> bool {
    // SQLite's: busy, locked, read-only, I/O, corrupt, full, not to be opened, no database.
    const SQLITE: [&str; 8] = ["5", "6", "8", "10", "11", "13", "14", "26"];
    // PostgreSQL's: connection, resources, shut down, system error, read-only.
    const POSTGRES: [&str; 5] = ["08", "53", "57P", "58", "25006"];
    match &*code(error) {
        "" => true,
        code if code.len() < 5 => SQLITE.contains(&code),
        code => POSTGRES.iter().any(|class| code.starts_with(class)),
    }
}

/// Whether there is no room left.
pub(crate) fn is_full(error: &sqlx::Error) -> bool {
    ["13", "53100"].contains(&&*code(error))
}
