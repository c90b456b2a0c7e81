//! A PostgreSQL server of the tests' own: in a temporary folder, on a free port.

use std::env;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use sqlx::AnyPool;
use sqlx::any::AnyPoolOptions;

/// Runs a server until standard input says how to stop it, or ends: when this
/// process is gone, however it went, the server and its folder are gone too.
const KEEPER: &str = r#"
    trap '' HUP INT TERM
    if [ ! -d "$2" ]; then
        mkdir -m 700 "$2" && "$1/initdb" -D "$2" -U inbox -A trust -N >"$2.log" || exit 1
    fi
    "$1/postgres" -D "$2" -p "$3" -k "" -c listen_addresses=127.0.0.1 \
        -c max_connections=200 -c fsync="$4" >>"$2.log" 2>&1 </dev/null &
    read -r signal
    kill -"${signal:-QUIT}" $!
    wait $!
    [ -n "$signal" ] || rm -rf "$2" "$2.log"
"#;

#[derive(Debug)]
pub(crate) struct Postgres {
    folder: PathBuf,
    port: u16,
    durable: bool,
    keeper: Option<Child>,
}

impl Postgres {
    /// A server for one test alone. Nothing where there is no PostgreSQL, which
    /// fails a test under CI. `durable`: what is committed survives the loss of
    /// power.
    pub(crate) async fn start(durable: bool) -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        if binaries().is_none() {
            assert!(env::var_os("CI").is_none(), "CI needs PostgreSQL's server");
            eprintln!("SKIPPED on PostgreSQL: no initdb in PATH or /usr/lib/postgresql");
            return None;
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("inbox-postgres-{}-{number}", std::process::id());
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let mut server = Self {
            folder: env::temp_dir().join(name),
            port: free.local_addr().unwrap().port(),
            durable,
            keeper: None,
        };
        drop(free);
        server.resume().await;
        Some(server)
    }

    /// The server that tests share while any of them uses it.
    pub(crate) async fn shared() -> Option<Arc<Self>> {
        static SHARED: tokio::sync::Mutex<Weak<Postgres>> =
            tokio::sync::Mutex::const_new(Weak::new());
        let mut shared = SHARED.lock().await;
        if let Some(server) = shared.upgrade() {
            return Some(server);
        }
        let server = Arc::new(Self::start(false).await?);
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    /// Starts it again where it was stopped.
    pub(crate) async fn resume(&mut self) {
        let fsync = if self.durable { "on" } else { "off" };
        let mut command = if rustix::process::geteuid().is_root() {
            // PostgreSQL refuses to run as root.
            let mut command = Command::new("setpriv");
            command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "sh"]);
            command
        } else {
            Command::new("sh")
        };
        let keeper = command
            .args(["-c", KEEPER, "keeper"])
            .arg(binaries().unwrap())
            .arg(&self.folder)
            .args([&self.port.to_string(), fsync])
            .current_dir("/")
            .stdin(Stdio::piped())
            .spawn();
        self.keeper = Some(keeper.unwrap());
        self.pool("postgres").await.close().await;
    }

    /// Stops it by a signal: INT ends sessions in order, QUIT is a crash.
    pub(crate) fn stop(&mut self, signal: &str) {
        let mut keeper = self.keeper.take().unwrap();
        let mut input = keeper.stdin.take().unwrap();
        writeln!(input, "{signal}").unwrap();
        keeper.wait().unwrap();
    }

    /// A new database's address.
    pub(crate) async fn database(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("inbox_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let pool = self.pool("postgres").await;
        let create = format!("CREATE DATABASE {name}");
        sqlx::query(&create).execute(&pool).await.unwrap();
        pool.close().await;
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://inbox@127.0.0.1:{}/{database}", self.port)
    }

    /// Waits until it answers.
    async fn pool(&self, database: &str) -> AnyPool {
        sqlx::any::install_default_drivers();
        let patient = AnyPoolOptions::new().acquire_timeout(Duration::from_secs(60));
        patient.connect(&self.url(database)).await.unwrap()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
    }
}

fn binaries() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    // Debian keeps them out of the path.
    let installed = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let debian = installed
        .flatten()
        .map(|version| version.path().join("bin"));
    let folders: Vec<_> = env::split_paths(&path).chain(debian).collect();
    let has_server =
        |folder: &&PathBuf| folder.join("initdb").exists() && folder.join("postgres").exists();
    folders.iter().find(has_server).cloned()
}
