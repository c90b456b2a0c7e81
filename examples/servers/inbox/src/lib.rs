//! A bStamp webhook endpoint that loses nothing it has acknowledged and does
//! nothing twice.
//!
//! ```text
//! WEBHOOK_TOKEN=change-me cargo run -p inbox
//! ```
//!
//! [`receive`] stores each event before it answers 200, [`process`] hands each
//! to a [`handler`] in the transaction that marks it done, and [`look`] shows
//! what there is. The handler is what you replace.

pub mod api;
mod ask;
pub mod batch;
pub mod database;
pub mod dialect;
pub mod handler;
pub mod hands;
mod health;
mod lease;
mod listen;
pub mod look;
pub mod page;
pub mod process;
pub mod prune;
mod queue;
pub mod receive;
mod sessions;
pub mod settings;
pub mod store;
mod tables;
mod writer;

use std::error::Error;
use std::io::{self, Write};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::warn;

use crate::api::Api;
use crate::batch::Handler;
use crate::dialect::Dialect;
use crate::process::Worker;
use crate::settings::Settings;
use crate::store::Store;
use crate::writer::Writer;

/// How many characters of a text somebody is shown.
const SHOWN: usize = 500;

/// What may fail in more than one way.
pub type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// Receives and processes until `stop` completes, and then until the requests and
/// batches in flight have ended, or the drain deadline has passed.
///
/// # Errors
///
/// There is no token that a URL may hold, the socket fails, or the database cannot be opened.
pub async fn serve(
    settings: Settings,
    handler: Handler,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    settings.check_token()?;
    let api = Api::new(&settings)?;
    // Before anything is processed: a handler that ends the process each time leaves
    // senders waiting in the socket, and not before a closed door.
    let listener = TcpListener::bind(&settings.bind_addr).await?;
    let page = page::bind(&settings).await?;
    let mut stop = pin!(stop);
    let store = tokio::select! {
        store = Store::create(&settings) => store?,
        () = &mut stop => return Ok(()),
    };
    let (wake, (stopping, stopped)) = (Arc::new(Notify::new()), watch::channel(false));
    let mut tasks = JoinSet::new();
    let writer = Writer::start(&store, &wake, &mut tasks);
    let router = receive::router(settings.clone(), store.clone(), writer)?;
    let head_timeout = Duration::from_millis(settings.head_timeout_ms);
    let listen = |listener, router| listen::serve(listener, router, head_timeout, stopped.clone());
    if let Some(listener) = page {
        say("page on", &listener)?;
        tasks.spawn(listen(listener, page::router(store.clone())));
    }
    say("listening on", &listener)?;
    tasks.spawn(listen(listener, router));
    work(&store, handler, api, &settings, &wake, &stopped, &mut tasks);
    stop.await;
    stopping.send_replace(true);
    let ended = async { while tasks.join_next().await.is_some() {} };
    let drain = Duration::from_millis(settings.shutdown_grace_ms);
    if timeout(drain, ended).await.is_err() {
        warn!("work was cut off: it is undone, and done again");
    }
    // Not waited for: a handler may block its thread.
    tasks.abort_all();
    if timeout(drain, store.close()).await.is_err() {
        warn!("the database was not closed");
    }
    Ok(())
}

/// Says where it is, to whoever listens.
fn say(what: &str, listener: &TcpListener) -> io::Result<()> {
    let address = listener.local_addr()?;
    let _ = writeln!(io::stdout(), "{what} http://{address}");
    Ok(())
}

/// Starts what is done with stored events: workers, questions to the API, pruning. All end
/// when `stopped` says so. `wake` is told of new events.
pub fn work(
    store: &Store,
    handler: Handler,
    api: Option<Api>,
    settings: &Settings,
    wake: &Arc<Notify>,
    stopped: &watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) {
    // One that asks is enough, and what it asks about at once is limited.
    let workers = if api.is_some() {
        1
    } else {
        store.of_workers.size
    };
    if api.is_none() {
        warn!("events are not confirmed: EDEXA_API_URL and EDEXA_API_TOKEN are not set");
    }
    let worker = Worker::new(store, handler, api, settings);
    for _ in 0..workers {
        tasks.spawn(worker.clone().work(Arc::clone(wake), stopped.clone()));
    }
    // No worker waits for it, and it waits for no handler. SQLite has one writer.
    let pruning = match store.dialect {
        Dialect::Sqlite => store.clone(),
        Dialect::Postgres => store.by(&store.of_looks),
    };
    tasks.spawn(prune::prune_on(pruning, stopped.clone()));
}

/// Makes a text safe to show and to store: control, bidirectional and invisible
/// characters escaped.
fn legible(text: &str) -> String {
    // The crate escapes what its types display, and any text may be a file's name.
    edexa_webhooks::FileName::from(text).to_string()
}

/// A text as it is stored and shown: legible, and clipped.
fn clipped(text: &str) -> String {
    let text = legible(text);
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned() + "…",
        None => text,
    }
}
