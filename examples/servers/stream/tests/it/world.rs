//! A cluster, a database, and the programs between them.

use std::ops::Deref;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use deliver::{Parser, Plan, Report};
use inbox::settings::Settings;
use inbox::store::Store;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;
use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, sleep};

use crate::cluster::Cluster;
use crate::listening::{TOKEN, listening};
use crate::postgres::Postgres;

pub(crate) struct World {
    pub(crate) cluster: Cluster,
    pub(crate) programs: Programs,
    pub(crate) store: Store,
    _folder: Option<TempDir>,
    _server: Option<Arc<Postgres>>,
    _turn: MutexGuard<'static, ()>,
}

/// How long the database may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// One cluster at a time: an election lost to a busy machine is a fault that no test asked for.
static TURN: Mutex<()> = Mutex::const_new(());

impl World {
    /// With a stream, and the tables in SQLite.
    pub(crate) async fn on_sqlite(servers: usize, setup: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("inbox.db").display());
        let world = Self::at(url, servers, setup).await?;
        Some(Self {
            _folder: Some(folder),
            ..world
        })
    }

    /// With a stream, and the tables in PostgreSQL.
    pub(crate) async fn on_postgres(servers: usize) -> Option<Self> {
        let server = Postgres::shared().await?;
        let world = Self::at(server.database().await, servers, &[]).await?;
        Some(Self {
            _server: Some(server),
            ..world
        })
    }

    pub(crate) async fn at(url: String, servers: usize, setup: &[&str]) -> Option<Self> {
        let turn = TURN.lock().await;
        let cluster = Cluster::start(servers)?;
        let nats = cluster.urls();
        let world = Self {
            cluster,
            store: Store::create(&settings(&url)).await.unwrap(),
            programs: Programs { nats, url },
            _folder: None,
            _server: None,
            _turn: turn,
        };
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let output = world.programs.setup(setup);
            if output.status.success() {
                return Some(world);
            }
            assert!(Instant::now() < deadline, "{output:?}");
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// The first row.
    pub(crate) async fn row<T>(&self, query: &str) -> T
    where
        T: for<'r> sqlx::FromRow<'r, AnyRow> + Send + Unpin,
    {
        let query = self.store.dialect.sql(query);
        let ask =
            async |session: &mut AnyConnection| sqlx::query_as(&query).fetch_one(session).await;
        let row = self.store.run::<_, sqlx::Error>(LIMIT, ask).await;
        row.unwrap()
    }

    pub(crate) async fn count(&self, query: &str) -> i64 {
        let (count,) = self.row(query).await;
        count
    }

    /// Waits until everything in the log is applied and no event is left to be processed.
    pub(crate) async fn drained(&self) {
        self.cluster.drained().await;
        self.reaches(
            "SELECT COUNT(*) FROM inbox.events WHERE state = 'pending'",
            0,
        )
        .await;
    }

    /// Waits until a count is that.
    pub(crate) async fn reaches(&self, query: &str, expected: i64) {
        let deadline = Instant::now() + Duration::from_secs(120);
        loop {
            match self.count(query).await {
                count if count == expected => return,
                count => assert!(Instant::now() < deadline, "{query}: {count}"),
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Deref for World {
    type Target = Programs;

    fn deref(&self) -> &Programs {
        &self.programs
    }
}

/// What is run, and against what.
pub(crate) struct Programs {
    nats: String,
    url: String,
}

impl Programs {
    pub(crate) fn setup(&self, args: &[&str]) -> Output {
        self.command(&args.iter().chain(&["setup"]).collect::<Vec<_>>())
            .output()
            .unwrap()
    }

    fn command(&self, args: &[&&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stream"));
        command
            .args(args)
            .env("NATS_URL", &self.nats)
            .env("DATABASE_URL", &self.url)
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn receive(&self, args: &[&str]) -> Receiver {
        let args: Vec<_> = args.iter().chain(&["receive"]).collect();
        let (child, address) = listening(&mut self.command(&args), "127.0.0.1:0");
        let to = format!("http://{address}/webhooks/edexa/{TOKEN}");
        Receiver { child, to }
    }

    pub(crate) fn apply(&self, args: &[&str]) -> Process {
        let mut command = self.command(&args.iter().chain(&["apply"]).collect::<Vec<_>>());
        Process::start(&mut command)
    }

    /// A test of this program that applies.
    pub(crate) fn apply_by(&self, test: &str) -> Process {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--ignored", "--exact", "--nocapture", test])
            .env("NATS_URL", &self.nats)
            .env("DATABASE_URL", &self.url);
        Process::start(&mut command)
    }
}

fn settings(url: &str) -> Settings {
    Settings::parse_from([
        "inbox",
        "--store-timeout-ms",
        "30000",
        "--database-url",
        url,
    ])
}

/// A program that is killed when it is no longer looked at.
pub(crate) struct Process {
    child: Child,
    program: PathBuf,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let child = command.stdout(Stdio::null()).stderr(log()).spawn().unwrap();
        let program = command.get_program().into();
        Self { child, program }
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        assert_eq!(
            self.child.try_wait().unwrap(),
            None,
            "{}",
            self.program.display()
        );
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM: it ends by itself.
    pub(crate) fn terminate(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Standard error of the programs: a file if one is named.
fn log() -> Stdio {
    match std::env::var_os("STREAM_LOG") {
        Some(file) => {
            let file = std::fs::File::options()
                .append(true)
                .create(true)
                .open(file);
            file.unwrap().into()
        }
        None => Stdio::null(),
    }
}

pub(crate) struct Receiver {
    child: Child,
    pub(crate) to: String,
}

impl Receiver {
    /// Status and body.
    pub(crate) fn post(&self, body: impl AsRef<[u8]>) -> (u16, String) {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        let mut response = agent.post(&self.to).send(body.as_ref()).unwrap();
        let body = response.body_mut().read_to_string().unwrap();
        (response.status().as_u16(), body)
    }

    /// Posts until it is acknowledged.
    pub(crate) async fn insist(&self, body: &str) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.post(body).0 != 200 {
            assert!(Instant::now() < deadline, "not acknowledged: {body}");
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Sends as edeXa does: its delays are from 60 milliseconds to 17 seconds.
    pub(crate) async fn deliver(&self, args: &str) -> Report {
        let fixed = [
            "deliver",
            "--to",
            &self.to,
            "--quiet",
            "--time-scale",
            "0.0002",
        ];
        let args = fixed.into_iter().chain(args.split_whitespace());
        let plan = Plan::try_parse_from(args).unwrap();
        deliver::run(plan, std::future::pending()).await.unwrap()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
