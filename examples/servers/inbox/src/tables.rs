//! The tables, and which version of them there is.

use std::error::Error;

use sqlx::{AnyConnection, Connection};

use crate::dialect::Dialect;

/// Every version's change to the one before.
const MIGRATIONS: [&str; 3] = [
    include_str!("../migrations/0001_tables.sql"),
    include_str!("../migrations/0002_asked.sql"),
    include_str!("../migrations/0003_decisions.sql"),
];

/// Makes the tables, or brings them up to date. Several instances may do so at
/// once: one does it, and the others wait.
pub(crate) async fn create(
    dialect: Dialect,
    connection: &mut AnyConnection,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    if check(dialect, connection).await? == MIGRATIONS.len() {
        return Ok(());
    }
    let mut transaction = connection.begin_with(dialect.begin()).await?;
    if dialect == Dialect::Postgres {
        let alone = "SELECT pg_advisory_xact_lock(hashtext('inbox'))::TEXT; \
             CREATE SCHEMA IF NOT EXISTS inbox";
        sqlx::raw_sql(alone).execute(&mut *transaction).await?;
    }
    let version = "CREATE TABLE IF NOT EXISTS inbox.version (version BIGINT PRIMARY KEY)";
    let version = dialect.sql(version);
    sqlx::raw_sql(&version).execute(&mut *transaction).await?;
    let there = check(dialect, &mut transaction).await?;
    for (number, migration) in (1_i64..).zip(MIGRATIONS).skip(there) {
        let migration = dialect.sql(migration);
        sqlx::raw_sql(&migration).execute(&mut *transaction).await?;
        let insert = dialect.sql("INSERT INTO inbox.version VALUES ($1)");
        let insert = sqlx::query(&insert).bind(number);
        insert.execute(&mut *transaction).await?;
    }
    Ok(transaction.commit().await?)
}

/// Whether the commands find what they look for.
pub(crate) async fn check_current(
    dialect: Dialect,
    connection: &mut AnyConnection,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    match check(dialect, connection).await? {
        0 => Err("there are no tables of an inbox".into()),
        version if version < MIGRATIONS.len() => Err(format!(
            "the tables are of version {version}: start this inbox, which brings them up to date"
        )
        .into()),
        _ => Ok(()),
    }
}

/// The version of the tables that are there; 0 without any.
async fn check(
    dialect: Dialect,
    connection: &mut AnyConnection,
) -> Result<usize, Box<dyn Error + Send + Sync>> {
    let there = match dialect {
        Dialect::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE name = 'inbox_version'",
        Dialect::Postgres => "SELECT COUNT(to_regclass('inbox.version'))",
    };
    let there: i64 = sqlx::query_scalar(there)
        .fetch_one(&mut *connection)
        .await?;
    if there == 0 {
        return Ok(0);
    }
    let version = dialect.sql("SELECT COUNT(*) FROM inbox.version");
    let version: i64 = sqlx::query_scalar(&version).fetch_one(connection).await?;
    let version = usize::try_from(version)?;
    let known = MIGRATIONS.len();
    if version > known {
        return Err(format!(
            "the tables are of version {version}, and this inbox knows {known}: \
             a newer inbox has been here, so run that one"
        )
        .into());
    }
    Ok(version)
}
