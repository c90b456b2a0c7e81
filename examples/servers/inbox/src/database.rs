//! Opening the database, and what must be true of it.

use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sqlx::{AnyConnection, Connection, Executor, Row};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

use crate::Result;
use crate::dialect::{Dialect, code, in_time, query};
use crate::sessions::Sessions;
use crate::settings::Settings;
use crate::tables;

/// How long a start waits for the database: nobody is kept waiting by it, and other
/// starts may be at the same file, or the machine slow.
const START: Duration = Duration::from_secs(30);
/// How long the end of a connection is waited for.
const CLOSE: Duration = Duration::from_secs(1);
const NO_FILE: &str = "DATABASE_URL names no file: all would be gone with the process";

/// The tables of an inbox.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it holds secrets")]
pub struct Store {
    /// Its kind.
    pub dialect: Dialect,
    pub(crate) limit: Duration,
    settings: Arc<Settings>,
    url: String,
    files: Arc<Files>,
    /// By which all is done: at first those of what is received, one for each writer.
    pub(crate) sessions: Arc<Sessions>,
    /// One for each worker, so that nothing that a handler leaves set weakens what is received. On
    /// SQLite the same one.
    pub(crate) of_workers: Arc<Sessions>,
    /// One for what is looked at.
    pub(crate) of_looks: Arc<Sessions>,
}

/// SQLite's file, and beside it its log and that one's index, by which processes know of each
/// other's writes; nothing for PostgreSQL.
#[derive(Default)]
struct Files {
    paths: Vec<PathBuf>,
    opened: Vec<Option<(u64, u64)>>,
    /// Open as long as the inbox is: without it, the log would be another one
    /// whenever nobody has a connection.
    connection: Mutex<Option<AnyConnection>>,
}

impl Store {
    /// Opens the database, and makes its file and its tables if need be.
    ///
    /// # Errors
    ///
    /// The database cannot be reached, is not an inbox's, or would not keep what it
    /// has committed.
    pub async fn create(settings: &Settings) -> Result<Self> {
        Self::new(settings, true).await
    }

    /// Opens a database that is there.
    ///
    /// # Errors
    ///
    /// The database cannot be reached, or is not an inbox's.
    pub async fn open(settings: &Settings) -> Result<Self> {
        Self::new(settings, false).await
    }

    async fn new(settings: &Settings, create: bool) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let mut first = connect(settings, &url(settings, create)?).await?;
        let url = url(settings, false)?;
        let dialect = Dialect::of(&first);
        if dialect == Dialect::Postgres && create {
            check_sessions(settings, &url, &mut first).await?;
        }
        prepare(settings, &mut first, create).await?;
        let of_size = |size| Arc::new(Sessions::new(size));
        // SQLite has one writer at a time, and waiting here is fairer than waiting there.
        let (writers, workers) = match dialect {
            Dialect::Sqlite => (1, None),
            Dialect::Postgres => (settings.writers.get(), Some(settings.workers.get())),
        };
        let sessions = of_size(writers);
        Ok(Self {
            dialect,
            limit: settings.store_timeout(),
            settings: Arc::new(settings.clone()),
            url,
            files: Arc::new(Files::of(first).await?),
            of_workers: workers.map_or_else(|| Arc::clone(&sessions), of_size),
            of_looks: of_size(1),
            sessions,
        })
    }

    /// The same tables by other connections.
    pub(crate) fn by(&self, sessions: &Arc<Sessions>) -> Self {
        let sessions = Arc::clone(sessions);
        Self {
            sessions,
            ..self.clone()
        }
    }

    /// Has work done on a connection in time. Whatever fails or is given up ends its session: the
    /// next one may be better.
    ///
    /// # Errors
    ///
    /// The work fails, or the database is away or takes too long.
    pub async fn run<T, E: From<sqlx::Error>>(
        &self,
        limit: Duration,
        work: impl AsyncFnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.files.check()?;
        let taken = async { Ok((self.sessions.place().await?, self.connection().await?)) };
        let taken: sqlx::Result<_> = in_time(self.limit, taken).await;
        let (_place, mut connection) = taken?;
        let done = in_time(limit, work(&mut connection)).await;
        let done = done.and_then(|done| Ok(self.files.check().map(|()| done)?));
        match done {
            Ok(_) => self.sessions.give_back(connection).await,
            Err(_) => drop(timeout(CLOSE, connection.close()).await),
        }
        done
    }

    async fn connection(&self) -> sqlx::Result<AnyConnection> {
        if let Some(connection) = self.sessions.take().await {
            return Ok(connection);
        }
        let mut connection = AnyConnection::connect(&self.url).await?;
        // Another file would take the log of the one that was opened.
        self.files.check()?;
        set_up(&self.settings, &mut connection).await?;
        Ok(connection)
    }

    /// The same in a transaction, which begins with this on PostgreSQL.
    pub(crate) async fn transact<T, E: From<sqlx::Error>>(
        &self,
        limit: Duration,
        on_postgres: &str,
        work: impl AsyncFnOnce(&mut AnyConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let transact = async |connection: &mut AnyConnection| {
            let begin = self.dialect.begin(on_postgres);
            let mut transaction = connection.begin_with(begin).await?;
            let done = work(&mut transaction).await?;
            transaction.commit().await?;
            Ok(done)
        };
        self.run(limit, transact).await
    }

    /// Closes all connections. What SQLite had in its log is in its file then.
    pub async fn close(&self) {
        for sessions in [&self.of_workers, &self.sessions, &self.of_looks] {
            sessions.close().await;
        }
        if let Some(mut connection) = self.files.connection.lock().await.take() {
            // By itself the last connection does so, and another one may be left: one that reads,
            // or one whose work was given up and which ends now.
            let _ = connection.execute("PRAGMA busy_timeout = 0").await;
            let start = Instant::now();
            while start.elapsed() < CLOSE {
                let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
                match query!(fetch_one, &mut connection, checkpoint) {
                    Ok((1_i64, _, _)) => sleep(Duration::from_millis(20)).await,
                    Ok::<(i64, i64, i64), _>(_) | Err(_) => break,
                }
            }
            let _ = connection.close().await;
        }
    }
}

impl Files {
    async fn of(mut connection: AnyConnection) -> Result<Self> {
        if Dialect::of(&connection) == Dialect::Postgres {
            connection.close().await?;
            return Ok(Self::default());
        }
        let path = "SELECT file FROM pragma_database_list WHERE name = 'main'";
        let (path,): (String,) = query!(fetch_one, &mut connection, path)?;
        if path.is_empty() {
            return Err(NO_FILE.into());
        }
        let mut files = Self {
            paths: ["", "-wal", "-shm"]
                .map(|of| format!("{path}{of}").into())
                .into(),
            opened: Vec::new(),
            connection: Mutex::new(Some(connection)),
        };
        files.opened = files.now();
        Ok(files)
    }

    /// Whether what was opened is still there under its name. If not, what is written there is
    /// gone with this process, or another one writes over it.
    fn check(&self) -> sqlx::Result<()> {
        if self.now() == self.opened {
            return Ok(());
        }
        let error = "the database's file, its log or its index was deleted, renamed or replaced";
        Err(sqlx::Error::Io(std::io::Error::other(error)))
    }

    fn now(&self) -> Vec<Option<(u64, u64)>> {
        let files = self.paths.iter().map(|path| std::fs::metadata(path).ok());
        let ids = files.map(|file| file.map(|file| (file.dev(), file.ino())));
        ids.collect()
    }
}

/// The address as the driver takes it.
fn url(settings: &Settings, create: bool) -> Result<String> {
    let url = &settings.database_url;
    match url.split_once(':') {
        Some(("postgres" | "postgresql", _)) => Ok(url.clone()),
        Some(("sqlite", file)) if file.contains('?') => {
            Err("DATABASE_URL takes no parameters for SQLite".into())
        }
        Some(("sqlite", file)) if file.contains(":memory:") => Err(NO_FILE.into()),
        Some(("sqlite", _)) if create => Ok(format!("{url}?mode=rwc")),
        Some(("sqlite", _)) => Ok(format!("{url}?mode=rw")),
        _ => Err("DATABASE_URL is neither sqlite:FILE nor postgres://…".into()),
    }
}

async fn connect(settings: &Settings, url: &str) -> Result<AnyConnection> {
    match timeout(START, AnyConnection::connect(url)).await {
        Ok(Err(error)) if code(&error) == "53300" => Err(format!(
            "PostgreSQL has no room for the {} connections of this instance ({error}): \
             lower WRITERS and WORKERS, or raise its limit",
            settings.connections()
        )
        .into()),
        Ok(connection) => Ok(connection?),
        Err(_elapsed) => Err("the database does not answer".into()),
    }
}

/// Opens as many connections as there may be, so that too few are found now, and
/// refuses a pooler that gives a client's next transaction another session: its settings
/// and its prepared statements would be those of strangers. And an encoding that does not
/// hold every text.
async fn check_sessions(settings: &Settings, url: &str, first: &mut AnyConnection) -> Result<()> {
    let mut others = Vec::new();
    for _ in 1..settings.connections() {
        others.push(connect(settings, url).await?);
    }
    for _ in 0..10 {
        let mut sessions = HashSet::new();
        for connection in others.iter_mut().chain([&mut *first]) {
            // Unprepared, since that is what fails there.
            let session = sqlx::raw_sql("SELECT pg_backend_pid()::TEXT");
            let session: String = session.fetch_one(connection).await?.try_get(0)?;
            if !sessions.insert(session) {
                return Err("sessions are shared between clients, as by PgBouncer in \
                     transaction mode: connect to PostgreSQL itself, or to a pool in session mode"
                    .into());
            }
        }
    }
    for connection in others {
        connection.close().await?;
    }
    let encoding = "SELECT current_setting('server_encoding')";
    let (encoding,): (String,) = query!(fetch_one, first, encoding)?;
    if encoding != "UTF8" {
        return Err(format!("the database has the encoding {encoding}, and not UTF8").into());
    }
    Ok(())
}

/// Sets a first connection up, and looks at the tables. Other starts may be at it.
async fn prepare(settings: &Settings, first: &mut AnyConnection, create: bool) -> Result<()> {
    let is_locked = |error: &sqlx::Error| ["5", "6"].contains(&&*code(error));
    let start = Instant::now();
    loop {
        let prepared = match set_up(settings, first).await {
            Ok(()) => tables::prepare(first, create).await,
            Err(error) => Err(error.into()),
        };
        let Err(error) = prepared else { return Ok(()) };
        if start.elapsed() > START || !error.downcast_ref().is_some_and(is_locked) {
            return Err(error);
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// The settings of a session.
async fn set_up(settings: &Settings, connection: &mut AnyConnection) -> sqlx::Result<()> {
    let millis = settings.store_timeout_ms;
    let set = match Dialect::of(connection) {
        // FULL: what is committed survives the loss of power too.
        Dialect::Sqlite => format!(
            "PRAGMA busy_timeout = {millis}; PRAGMA journal_mode = WAL; \
             PRAGMA synchronous = FULL; PRAGMA max_page_count = {}",
            settings.sqlite_max_pages
        ),
        // A plan that was made for a few rows is no plan for a million. What a role or a
        // database sets for isolation would have statements miss what another one has just done.
        // What is set here does not change when the server reads its settings again.
        Dialect::Postgres => format!(
            "SET default_transaction_isolation = 'read committed'; \
             SET plan_cache_mode = force_custom_plan; SET statement_timeout = {millis}; \
             SET idle_in_transaction_session_timeout = {}; \
             SELECT set_config('synchronous_commit', \
             COALESCE(NULLIF(current_setting('synchronous_commit'), 'off'), 'on'), false)",
            settings.handler_timeout_ms.saturating_add(millis)
        ),
    };
    connection.execute(&*set).await.map(drop)
}
