//! The tables, and which version of them there is.

use sqlx::{AnyConnection, Connection};

use crate::Result;
use crate::dialect::{Dialect, query};

/// Every version's change to the one before.
const MIGRATIONS: [&str; 3] = [
    include_str!("../migrations/0001_tables.sql"),
    include_str!("../migrations/0002_leases.sql"),
    include_str!("../migrations/0003_probe.sql"),
];

/// Looks at the tables, and makes them or brings them up to date where `create` says so.
/// Several instances may do so at once: one does it, and the others wait.
pub(crate) async fn prepare(connection: &mut AnyConnection, create: bool) -> Result<()> {
    let (dialect, newest) = (Dialect::of(connection), MIGRATIONS.len());
    match version(connection).await? {
        version if version == newest => return Ok(()),
        _ if create => {}
        _ => return Err("there are no tables of this inbox: start it, which makes them".into()),
    }
    let mut transaction = connection.begin_with(dialect.begin("")).await?;
    if dialect == Dialect::Postgres {
        // IF NOT EXISTS would ask for the right to create one even where it is there.
        let alone = "SELECT pg_advisory_xact_lock(hashtext('inbox'))::TEXT; \
             DO 'BEGIN IF to_regnamespace(''inbox'') IS NULL THEN CREATE SCHEMA inbox; \
             END IF; END'; SET LOCAL search_path = inbox";
        sqlx::raw_sql(alone).execute(&mut *transaction).await?;
    }
    let table = "CREATE TABLE IF NOT EXISTS inbox.version (version BIGINT PRIMARY KEY)";
    query!(execute, transaction, table)?;
    let there = version(&mut transaction).await?;
    for (number, migration) in (1..=newest).zip(MIGRATIONS).skip(there) {
        let insert = format!("{migration}; INSERT INTO inbox.version VALUES ({number})");
        let migration = dialect.sql(&insert);
        sqlx::raw_sql(&migration).execute(&mut *transaction).await?;
    }
    Ok(transaction.commit().await?)
}

/// The version of the tables that are there; 0 without any.
async fn version(connection: &mut AnyConnection) -> Result<usize> {
    let there = match Dialect::of(connection) {
        Dialect::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE name = 'inbox_version'",
        Dialect::Postgres => "SELECT COUNT(to_regclass('inbox.version'))",
    };
    if let (0_i64,) = query!(fetch_one, connection, there)? {
        return Ok(0);
    }
    let version = "SELECT COUNT(*) FROM inbox.version";
    let (version,): (i64,) = query!(fetch_one, connection, version)?;
    let (version, known) = (usize::try_from(version)?, MIGRATIONS.len());
    if version > known {
        return Err(format!(
            "the tables are of version {version}, and this inbox knows {known}: \
             a newer inbox has been here, so run that one"
        )
        .into());
    }
    Ok(version)
}
