//! Opening the database, and what must be true of it.

use std::error::Error;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sqlx::any::AnyPoolOptions;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Connection, Executor};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::{Instant, sleep, timeout};
use tracing::warn;

use crate::dialect::Dialect;
use crate::settings::Settings;
use crate::tables;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// How long a start waits for other starts on the same file.
const OTHER_STARTS: Duration = Duration::from_secs(30);

/// The database.
#[derive(Clone, Debug)]
pub struct Database {
    /// For what is looked at, and pruned.
    pub pool: AnyPool,
    /// For what is received: a commit there is on the disk.
    pub receiving: AnyPool,
    /// For what is processed: a commit there may wait for the disk, since an event
    /// whose effect is lost is pending again.
    pub working: AnyPool,
    /// Its kind.
    pub dialect: Dialect,
    turn: Option<Arc<Mutex<()>>>,
    file: Option<Arc<File>>,
}

/// SQLite's file, and its log beside it.
#[derive(Debug)]
struct File {
    paths: [PathBuf; 2],
    opened: [Option<(u64, u64)>; 2],
    /// Open as long as the inbox is: without it, the log would be another one
    /// whenever no pool has a connection.
    connection: Mutex<Option<AnyConnection>>,
}

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Looking,
    Receiving,
    Working,
}

impl Database {
    /// Opens it, and makes file and tables where `create` says so.
    pub(crate) async fn open(settings: &Settings, create: bool) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let url = url(settings, create)?;
        let mut first = connect(settings, &url).await?;
        let dialect = Dialect::of(&first);
        if dialect == Dialect::Postgres {
            let second = connect(settings, &url).await?;
            check_sessions(&mut first, second).await?;
        }
        let purpose = if create {
            Purpose::Receiving
        } else {
            Purpose::Looking
        };
        prepare(settings, purpose, &mut first, create).await?;
        let file = if dialect == Dialect::Sqlite {
            Some(Arc::new(File::new(first).await?))
        } else {
            if create {
                check_room(settings, &url).await?;
            }
            first.close().await?;
            None
        };
        let [receiving, working] = match dialect {
            Dialect::Sqlite => [1, 1],
            Dialect::Postgres => [settings.writers, settings.workers],
        };
        let pool = |purpose, connections| pool(settings, &url, purpose, connections, file.clone());
        Ok(Self {
            pool: pool(Purpose::Looking, 1)?,
            receiving: pool(Purpose::Receiving, receiving)?,
            working: pool(Purpose::Working, working)?,
            dialect,
            turn: (dialect == Dialect::Sqlite).then(Arc::default),
            file: file.clone(),
        })
    }

    /// Waits for one's turn to write. SQLite has one writer at a time, and waiting
    /// here is fairer than waiting there.
    pub(crate) async fn turn(&self) -> Option<OwnedMutexGuard<()>> {
        match &self.turn {
            Some(turn) => Some(Arc::clone(turn).lock_owned().await),
            None => None,
        }
    }

    /// A connection of one of the pools.
    pub(crate) async fn acquire(&self, pool: &AnyPool) -> sqlx::Result<PoolConnection<Any>> {
        self.check_file()?;
        pool.acquire().await
    }

    /// Whether the file that was opened is still the one under its name. If not,
    /// what is written there is gone with this process.
    pub(crate) fn check_file(&self) -> sqlx::Result<()> {
        self.file.as_ref().map_or(Ok(()), |file| file.check())
    }

    /// Closes all connections. What SQLite had in its log is in its file then.
    pub async fn close(&self) {
        for pool in [&self.working, &self.receiving, &self.pool] {
            pool.close().await;
        }
        if let Some(file) = &self.file {
            if let Some(mut connection) = file.connection.lock().await.take() {
                // By itself the last connection does so, and another one may be left.
                let _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
                let _ = connection.close().await;
            }
        }
    }
}

impl File {
    async fn new(mut connection: AnyConnection) -> Result<Self> {
        let path = "SELECT file FROM pragma_database_list WHERE name = 'main'";
        let path: String = sqlx::query_scalar(path).fetch_one(&mut connection).await?;
        if path.is_empty() {
            return Err("DATABASE_URL names no file: all would be gone with the process".into());
        }
        let mut file = Self {
            paths: [path.clone().into(), format!("{path}-wal").into()],
            opened: [None; 2],
            connection: Mutex::new(Some(connection)),
        };
        file.opened = file.now();
        Ok(file)
    }

    fn check(&self) -> sqlx::Result<()> {
        if self.now() == self.opened {
            return Ok(());
        }
        let error = "the database's file or its log was deleted, renamed or replaced";
        Err(sqlx::Error::Io(std::io::Error::other(error)))
    }

    fn now(&self) -> [Option<(u64, u64)>; 2] {
        self.paths.each_ref().map(|path| {
            let file = std::fs::metadata(path).ok()?;
            Some((file.dev(), file.ino()))
        })
    }
}

/// The address as the driver takes it.
fn url(settings: &Settings, create: bool) -> Result<String> {
    let url = &settings.database_url;
    if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        return Ok(url.clone());
    }
    let Some(file) = url.strip_prefix("sqlite:") else {
        return Err("DATABASE_URL is neither sqlite:FILE nor postgres://…".into());
    };
    if file.contains('?') {
        return Err("DATABASE_URL takes no parameters for SQLite".into());
    }
    if file.trim_start_matches('/').is_empty() || file.contains(":memory:") {
        return Err("DATABASE_URL names no file: all would be gone with the process".into());
    }
    let mode = if create { "rwc" } else { "rw" };
    Ok(format!("{url}?mode={mode}"))
}

async fn connect(settings: &Settings, url: &str) -> Result<AnyConnection> {
    let connection = timeout(settings.store_timeout(), AnyConnection::connect(url));
    match connection.await {
        Ok(Err(error)) if is_crowded(&error) => Err(crowded(settings, &error)),
        Ok(connection) => Ok(connection?),
        Err(_elapsed) => Err("the database does not answer".into()),
    }
}

/// Sets a first connection up, and looks at the tables. Other starts may be at it.
async fn prepare(
    settings: &Settings,
    purpose: Purpose,
    connection: &mut AnyConnection,
    create: bool,
) -> Result<()> {
    let dialect = Dialect::of(connection);
    let start = Instant::now();
    loop {
        let prepared = async {
            set_up(settings, purpose, connection).await?;
            if create {
                tables::create(dialect, connection).await
            } else {
                tables::check_current(dialect, connection).await
            }
        };
        match prepared.await {
            Err(error) if is_locked(&*error) && start.elapsed() < OTHER_STARTS => {
                sleep(Duration::from_millis(20)).await;
            }
            prepared => return prepared,
        }
    }
}

fn pool(
    settings: &Settings,
    url: &str,
    purpose: Purpose,
    connections: usize,
    file: Option<Arc<File>>,
) -> sqlx::Result<AnyPool> {
    let shared = (settings.clone(), file);
    AnyPoolOptions::new()
        .acquire_timeout(settings.store_timeout())
        .max_connections(u32::try_from(connections).unwrap_or(u32::MAX))
        // Asking each time whether it still answers would take as long as storing.
        .test_before_acquire(purpose == Purpose::Looking)
        .after_connect(move |connection: &mut AnyConnection, _| {
            let (settings, file) = shared.clone();
            Box::pin(async move {
                // Another file would take the log of the one that was opened.
                file.map_or(Ok(()), |file| file.check())?;
                set_up(&settings, purpose, connection).await
            })
        })
        .connect_lazy(url)
}

/// The settings of a session.
async fn set_up(
    settings: &Settings,
    purpose: Purpose,
    connection: &mut AnyConnection,
) -> sqlx::Result<()> {
    let (millis, works) = (settings.store_timeout_ms, purpose == Purpose::Working);
    if Dialect::of(connection) == Dialect::Sqlite {
        // FULL: what is committed survives the loss of power too.
        let set = format!(
            "PRAGMA busy_timeout = {millis}; PRAGMA journal_mode = WAL; \
             PRAGMA synchronous = {}; PRAGMA max_page_count = {}",
            if works { "NORMAL" } else { "FULL" },
            settings.sqlite_max_pages
        );
        return connection.execute(&*set).await.map(drop);
    }
    let idle = settings.handler_timeout_ms.saturating_add(millis);
    let set = format!(
        "SET statement_timeout = {millis}; SET idle_in_transaction_session_timeout = {idle}; \
         SELECT set_config('synchronous_commit', '{}', false) \
         WHERE {works} OR current_setting('synchronous_commit') = 'off'",
        if works { "off" } else { "on" },
    );
    connection.execute(&*set).await?;
    let writes = purpose != Purpose::Looking;
    for (name, value, wrong) in [
        ("synchronous_commit", "off", purpose == Purpose::Receiving),
        ("transaction_read_only", "on", writes),
    ] {
        let found = format!("SELECT current_setting('{name}')");
        let found: String = sqlx::query_scalar(&found)
            .fetch_one(&mut *connection)
            .await?;
        if wrong && found == value {
            let error = format!("{name} is {value} in PostgreSQL");
            return Err(sqlx::Error::Configuration(error.into()));
        }
    }
    Ok(())
}

/// Refuses a pooler that gives a client's next transaction another session: the
/// settings of a session and its prepared statements would be those of strangers.
async fn check_sessions(first: &mut AnyConnection, mut second: AnyConnection) -> Result<()> {
    let ours = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let ours = format!("{}-{}", ours.as_nanos(), std::process::id());
    let set = format!("SELECT set_config('inbox.session', '{ours}', false)");
    let get = "SELECT COALESCE(current_setting('inbox.session', true), '')";
    for _ in 0..10 {
        // Unprepared, since that is what fails there.
        sqlx::raw_sql(&set).execute(&mut *first).await?;
        for (connection, expected) in [(&mut second, false), (&mut *first, true)] {
            let row = sqlx::raw_sql(get).fetch_one(connection).await?;
            let found: String = sqlx::Row::try_get(&row, 0)?;
            if (found == ours) != expected {
                return Err("sessions are shared between clients, as by PgBouncer in \
                     transaction mode: connect to PostgreSQL itself, or to a pool in session mode"
                    .into());
            }
        }
    }
    Ok(second.close().await?)
}

/// Opens as many connections as the pools may, so that too few are found now.
async fn check_room(settings: &Settings, url: &str) -> Result<()> {
    let mut all = Vec::new();
    // Those of the two pools; a third one has a single connection, which is open.
    for _ in 0..settings.writers.saturating_add(settings.workers) {
        all.push(connect(settings, url).await?);
    }
    let row = sqlx::raw_sql("SHOW fsync");
    if let Some(connection) = all.first_mut() {
        let fsync: String = sqlx::Row::try_get(&row.fetch_one(connection).await?, 0)?;
        if fsync != "on" {
            warn!("fsync is off in PostgreSQL: what it commits does not survive a loss of power");
        }
    }
    for connection in all {
        connection.close().await?;
    }
    Ok(())
}

fn crowded(settings: &Settings, error: &sqlx::Error) -> Box<dyn Error + Send + Sync> {
    let needed = settings.writers.saturating_add(settings.workers);
    format!(
        "PostgreSQL has no room for the {} connections of this instance ({error}): \
         lower WRITERS and WORKERS, or raise its limit",
        needed.saturating_add(1)
    )
    .into()
}

fn is_crowded(error: &sqlx::Error) -> bool {
    let error = error.as_database_error();
    error.is_some_and(|error| error.code().as_deref() == Some("53300"))
}

fn is_locked(error: &(dyn Error + Send + Sync + 'static)) -> bool {
    let error = error.downcast_ref::<sqlx::Error>();
    let code = error.and_then(sqlx::Error::as_database_error);
    let code = code.and_then(|error| error.code()?.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
}
