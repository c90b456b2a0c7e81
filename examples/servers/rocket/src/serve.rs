//! The webhook's route for every method, and what Rocket is told to leave alone.

use std::collections::HashSet;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use rocket::config::{Config, LogLevel, Shutdown};
use rocket::fairing::AdHoc;
use rocket::http::Method;
use rocket::route::{Handler, Outcome};
use rocket::{Build, Data, Request, Rocket, Route};

use crate::{convert, receive};

#[derive(Clone)]
pub(crate) struct Webhook {
    pub(crate) secret: &'static str,
    pub(crate) patience: Duration,
}

#[rocket::async_trait]
impl Handler for Webhook {
    async fn handle<'r>(&self, request: &'r Request<'_>, body: Data<'r>) -> Outcome<'r> {
        let answer = receive(self.secret, self.patience, request, body).await;
        Outcome::Success(answer.unwrap_or_else(|rejection| convert::refuse(&rejection)))
    }
}

pub(crate) fn rocket(address: SocketAddr, webhook: &Webhook) -> Rocket<Build> {
    use Method::{Connect, Delete, Get, Head, Options, Patch, Post, Put, Trace};
    let config = Config {
        address: address.ip(),
        port: address.port(),
        // Rocket's own log holds paths, and with them the token.
        log_level: LogLevel::Off,
        shutdown: Shutdown {
            ctrlc: false,
            signals: HashSet::new(),
            // `main` has the grace period. Rocket would wait for all of its own.
            grace: u32::MAX,
            ..Shutdown::default()
        },
        ..Config::default()
    };
    let methods = [Connect, Delete, Get, Head, Options, Patch, Post, Put, Trace];
    let route = |method| Route::new(method, "/webhooks/edexa/<token>", webhook.clone());
    rocket::custom(config)
        .mount("/", methods.map(route))
        .attach(AdHoc::on_liftoff("address", |rocket| {
            Box::pin(async move {
                let config = rocket.config();
                let address = SocketAddr::new(config.address, config.port);
                let _ = writeln!(io::stdout(), "listening on http://{address}");
            })
        }))
}
