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

pub mod handler;
pub mod look;
pub mod process;
pub mod receive;
pub mod settings;
pub mod store;

use std::error::Error;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::process::{Handler, Worker};
use crate::receive::Inbox;
use crate::settings::Settings;
use crate::store::Store;

/// Receives and processes until `stop` completes and the requests in flight are
/// answered.
///
/// # Errors
///
/// There is no token, the database cannot be opened, or the socket fails.
pub async fn serve(
    settings: Settings,
    handler: Handler,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Box<dyn Error>> {
    if settings.webhook_token.is_empty() {
        return Err("set WEBHOOK_TOKEN to the secret part of the webhook's URL".into());
    }
    let store = Store::create(&settings).await?;
    let wake = Arc::new(Notify::new());
    // Dropped, and so ended, with this function: a transaction that is cut short
    // is rolled back, and its event is there for the next start.
    let mut tasks = JoinSet::new();
    for _ in 0..settings.workers {
        let worker = Worker::new(store.clone(), handler, &settings);
        tasks.spawn(worker.work(Arc::clone(&wake)));
    }
    tasks.spawn(process::prune(store.clone()));
    let listener = TcpListener::bind(&settings.bind_addr).await?;
    let inbox = Inbox::new(settings, store, wake)?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, receive::router(inbox))
        .with_graceful_shutdown(stop)
        .await?;
    Ok(())
}

/// Makes a text safe to show and to store: control, bidirectional and invisible
/// characters escaped.
fn legible(text: &str) -> String {
    // The crate escapes what its types display, and any text may be a file's name.
    edexa_webhooks::FileName::from(text).to_string()
}
