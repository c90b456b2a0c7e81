//! The webhook's route, and an accept loop that does not spin.

use std::{io, time::Duration};

use poem::http::uri::Scheme;
use poem::listener::{Acceptor, TcpAcceptor};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{EndpointExt, Route, Server};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use crate::{Settings, answer};

pub(crate) async fn until(
    stop: impl Future<Output = ()>,
    socket: TcpListener,
    settings: Settings,
) -> io::Result<()> {
    let app = Route::new().at("/webhooks/edexa/:token", answer);
    let server = Server::new_with_acceptor(Patient(TcpAcceptor::from_tokio(socket)?));
    let running = server.run_with_graceful_shutdown(app.data(settings), stop, None);
    running.await
}

struct Patient(TcpAcceptor);

impl Acceptor for Patient {
    type Io = TcpStream;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.0.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(TcpStream, LocalAddr, RemoteAddr, Scheme)> {
        let accepted = self.0.accept().await;
        if accepted.is_err() {
            // Out of file handles, most likely, and poem tries again at once.
            sleep(Duration::from_secs(1)).await;
        }
        accepted
    }
}
