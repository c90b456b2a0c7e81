//! Packets to PostgreSQL that are dropped: nobody closes the connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use edexa_webhooks::testing::{self, EventBuilder};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};

use crate::place::Place;
use crate::running::Running;

/// What is between an inbox and its server.
#[derive(Default)]
struct Network {
    is_down: AtomicBool,
    /// How often it was. What was connected before hears nothing any more.
    times: AtomicU64,
}

impl Network {
    /// An address that leads to another one.
    async fn to(self: &Arc<Self>, server: String) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let network = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(Arc::clone(&network).connect(client, server.clone()));
            }
        });
        address
    }

    async fn connect(self: Arc<Self>, client: TcpStream, server: String) {
        while self.is_down.load(SeqCst) {
            sleep(Duration::from_millis(5)).await;
        }
        let times = self.times.load(SeqCst);
        let server = TcpStream::connect(server).await.unwrap();
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        tokio::join!(
            self.forward(times, from_client, to_server),
            self.forward(times, from_server, to_client)
        );
    }

    async fn forward(
        &self,
        times: u64,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
    ) {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from.read(&mut bytes).await {
            if self.times.load(SeqCst) != times {
                std::future::pending::<()>().await;
            }
            if to.write_all(&bytes[..length]).await.is_err() {
                return;
            }
        }
    }

    fn drops_all(&self, is_down: bool) {
        self.times.fetch_add(u64::from(is_down), SeqCst);
        self.is_down.store(is_down, SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_packet_is_answered_and_recovers() {
    let Some(place) = Place::postgres().await else {
        return;
    };
    let (user, rest) = place.url.split_once('@').unwrap();
    let (server, database) = rest.split_once('/').unwrap();
    let network = Arc::new(Network::default());
    let proxy = network.to(server.to_owned()).await;
    let inbox = Running::start(&[
        ("DATABASE_URL", &format!("{user}@{proxy}/{database}")),
        ("STORE_TIMEOUT_MS", "1000"),
        ("HANDLER_TIMEOUT_MS", "1000"),
    ]);
    assert_eq!(inbox.post(testing::FAILED).0, 200);
    place.drained().await;
    let has_gauges = || !inbox.get("/metrics").1.contains("NaN");
    for outage in 0..2 {
        assert!(has_gauges());
        network.drops_all(true);
        assert!(!has_gauges());
        let event = EventBuilder::failed().stamp_id(format!("{outage:024x}"));
        let body = event.to_json().unwrap();
        assert_eq!(inbox.post(&body), (503, String::new()));
        assert_eq!(inbox.get("/readyz").0, 503);
        assert_eq!(inbox.get("/livez").0, 200);
        network.drops_all(false);
        let deadline = Instant::now() + Duration::from_secs(60);
        while inbox.post(&body).0 != 200 {
            assert!(Instant::now() < deadline, "receiving does not recover");
        }
        while !has_gauges() {
            assert!(Instant::now() < deadline, "gauges do not recover");
        }
        place.drained().await;
        assert_eq!(inbox.get("/readyz").0, 200);
    }
    let effects = "SELECT CAST(SUM(events) AS BIGINT) FROM inbox.stamps";
    assert_eq!(place.count(effects).await, 3);
}
