//! A cluster of NATS servers of a test's own: in temporary folders, on free ports.

use std::env;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use async_nats::Client;
use async_nats::jetstream::context::ContextBuilder;
use async_nats::jetstream::{consumer, stream};
use tokio::time::{Instant, sleep};

/// Runs a server until standard input says so, or ends: when this process is gone, however it
/// went, the server and its folder are gone too.
const KEEPER: &str = r#"
    trap '' HUP INT TERM
    folder=$1
    shift
    mkdir -p "$folder"
    nats-server -sd "$folder" "$@" </dev/null >>"$folder/log" 2>&1 &
    read -r kept
    kill -KILL $!
    wait $!
    [ -n "$kept" ] || rm -rf "$folder"
"#;

pub(crate) struct Cluster {
    folder: PathBuf,
    ports: Vec<u16>,
    routes: Vec<u16>,
    keepers: Vec<Option<Child>>,
}

impl Cluster {
    /// Nothing where there is no such server, which fails a test under CI.
    pub(crate) fn start(servers: usize) -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let path = env::var_os("PATH").unwrap_or_default();
        if !env::split_paths(&path).any(|folder| folder.join("nats-server").exists()) {
            assert!(env::var_os("CI").is_none(), "CI needs nats-server");
            eprintln!("SKIPPED: no nats-server in PATH");
            return None;
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let free: Vec<_> = (0..2 * servers).map(|_| free()).collect();
        let ports = free.iter().map(|free| free.local_addr().unwrap().port());
        let ports: Vec<u16> = ports.collect();
        let mut cluster = Self {
            folder: env::temp_dir().join(format!("stream-nats-{}-{number}", std::process::id())),
            ports: ports[..servers].to_vec(),
            routes: ports[servers..].to_vec(),
            keepers: (0..servers).map(|_| None).collect(),
        };
        drop(free);
        (0..servers).for_each(|server| cluster.resume(server));
        Some(cluster)
    }

    pub(crate) fn resume(&mut self, server: usize) {
        if self.keepers[server].is_some() {
            return;
        }
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]);
        keeper.arg(self.folder(server));
        keeper.args(["-js", "-n", &name(server), "-a", "127.0.0.1"]);
        keeper.args(["-p", &self.ports[server].to_string()]);
        if self.ports.len() > 1 {
            let route = |port: &u16| format!("nats://127.0.0.1:{port}");
            let routes: Vec<_> = self.routes.iter().map(route).collect();
            keeper.args(["--cluster_name", "test", "--cluster", &routes[server]]);
            keeper.args(["--routes", &routes.join(",")]);
        }
        self.keepers[server] = Some(keeper.stdin(Stdio::piped()).spawn().unwrap());
    }

    /// Where a server keeps what it has.
    pub(crate) fn folder(&self, server: usize) -> PathBuf {
        self.folder.join(server.to_string())
    }

    /// Kills a server with SIGKILL. Its folder stays.
    pub(crate) fn kill(&mut self, server: usize) {
        if let Some(mut keeper) = self.keepers[server].take() {
            writeln!(keeper.stdin.take().unwrap(), "kept").unwrap();
            keeper.wait().unwrap();
        }
    }

    pub(crate) fn size(&self) -> usize {
        self.ports.len()
    }

    pub(crate) fn urls(&self) -> String {
        let url = |port: &u16| format!("127.0.0.1:{port}");
        self.ports.iter().map(url).collect::<Vec<_>>().join(",")
    }

    pub(crate) async fn client(&self) -> Client {
        let urls = self.urls();
        let urls: Vec<_> = urls.split(',').collect();
        async_nats::connect(&*urls).await.unwrap()
    }

    /// The stream, once the log says that it is there.
    pub(crate) async fn stream(&self) -> stream::Stream {
        let urls = self.urls();
        let urls: Vec<_> = urls.split(',').collect();
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            if let Ok(client) = async_nats::connect(&*urls).await {
                let context = ContextBuilder::new().timeout(Duration::from_secs(2));
                if let Ok(stream) = context.build(client).get_stream("edexa").await {
                    return stream;
                }
            }
            assert!(Instant::now() < deadline, "there is no stream");
            sleep(Duration::from_millis(100)).await;
        }
    }

    pub(crate) async fn info(&self) -> stream::Info {
        self.stream().await.cached_info().clone()
    }

    /// The server that leads the stream, once there is one.
    pub(crate) async fn leader(&self) -> usize {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let leader = self.info().await.cluster.and_then(|cluster| cluster.leader);
            let leader = (0..self.size()).find(|server| leader == Some(name(*server)));
            if let Some(leader) = leader {
                return leader;
            }
            assert!(Instant::now() < deadline, "nobody leads");
        }
    }

    /// Waits until everything in the log is applied.
    pub(crate) async fn drained(&self) {
        let deadline = Instant::now() + Duration::from_secs(120);
        loop {
            match self.waiting().await {
                Some(0) => return,
                left => assert!(Instant::now() < deadline, "{left:?} messages are left"),
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until an instance that was started after `since` asks for every subject.
    pub(crate) async fn asked(&self, since: SystemTime) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let stream = self.stream().await;
        for subject in &stream.cached_info().config.subjects {
            let name = subject.replace('.', "-");
            let is_new = |info: &consumer::Info| SystemTime::from(info.created) > since;
            while !stream
                .consumer_info(&name)
                .await
                .is_ok_and(|info| is_new(&info))
            {
                assert!(Instant::now() < deadline, "nobody asks for {subject}");
                sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// How many messages are not applied, if the log says so.
    async fn waiting(&self) -> Option<u64> {
        let mut waiting = 0;
        let stream = self.stream().await;
        for subject in &stream.cached_info().config.subjects {
            let info = stream.consumer_info(subject.replace('.', "-")).await.ok()?;
            waiting += info.num_pending + u64::try_from(info.num_ack_pending).unwrap();
        }
        Some(waiting)
    }
}

fn name(server: usize) -> String {
    format!("n{server}")
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for keeper in &mut self.keepers {
            if let Some(mut keeper) = keeper.take() {
                drop(keeper.stdin.take());
                let _ = keeper.wait();
            }
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
