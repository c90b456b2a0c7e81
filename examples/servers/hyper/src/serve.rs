//! What a framework does: accepts connections, and serves each in a task of its own.

use std::convert::Infallible;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::time::sleep;

/// Serves until it is told to stop, and gives the connections that are left.
/// The head of a request may take as long as its body.
pub(crate) async fn until<F>(
    told: impl Future,
    listener: TcpListener,
    patience: Duration,
    receive: impl Fn(Request<Incoming>) -> F + Copy + Send + 'static,
) -> GracefulShutdown
where
    F: Future<Output = Response<String>> + Send,
{
    let in_flight = GracefulShutdown::new();
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(patience);
    let mut told = std::pin::pin!(told);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut told => return in_flight,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file handles, most likely: trying again at once would spin.
            sleep(Duration::from_secs(1)).await;
            continue;
        };
        let service = service_fn(move |request| {
            let answer = receive(request);
            async { Ok::<_, Infallible>(answer.await) }
        });
        let connection = server.serve_connection(TokioIo::new(stream), service);
        // An error here is a client that went away.
        tokio::spawn(in_flight.watch(connection));
    }
}
