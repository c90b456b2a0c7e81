//! Connections: who sends nothing is not waited for.

use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::warn;

/// What a connection may hold of a request that is not read yet.
const BUFFER: usize = 64 * 1024;

/// Serves until `stopped` says so, and then the requests that are there already.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    head_timeout: Duration,
    mut stopped: watch::Receiver<bool>,
) {
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_buf_size(BUFFER);
    let in_flight = GracefulShutdown::new();
    // Dropped, and so ended, with this function.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let _ = stream.set_nodelay(true);
                    let service = TowerToHyperService::new(router.clone());
                    let connection = server.serve_connection(TokioIo::new(stream), service);
                    // An error here is a client that went away.
                    connections.spawn(in_flight.watch(connection));
                }
                Err(error) => {
                    // Out of file handles, most likely: trying again at once
                    // would spin.
                    warn!(%error, "cannot accept");
                    sleep(Duration::from_secs(1)).await;
                }
            },
            Some(_ended) = connections.join_next() => {}
            _ = stopped.changed() => break,
        }
    }
    drop(listener);
    in_flight.shutdown().await;
}
