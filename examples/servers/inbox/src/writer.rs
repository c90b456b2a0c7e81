//! Bodies that wait at the same time, stored in one commit.

use std::sync::{Arc, Mutex as Shared, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, Notify, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tracing::error;

use crate::dialect::is_outage;
use crate::settings::Settings;
use crate::store::{Accepted, Entry, Store};

/// How many bodies are stored in one commit at most.
const BATCH: usize = 64;
/// For how long one write says that the next one is possible.
const FRESH: Duration = Duration::from_secs(1);

struct Waiting {
    entry: Entry,
    answer: oneshot::Sender<Accepted>,
}

/// The way to the store.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Waiting>,
    /// When the last commit was tried, and whether it was made.
    last: Arc<Shared<(Instant, bool)>>,
    limit: Duration,
}

impl Writer {
    /// Starts as many tasks as there are connections. They end when no writer is
    /// left. `wake` is notified of what there is to process.
    pub(crate) fn start(
        store: &Store,
        settings: &Settings,
        wake: &Arc<Notify>,
        tasks: &mut JoinSet<()>,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(BATCH);
        let waiting = Arc::new(Mutex::new(waiting));
        let last = Arc::new(Shared::new((Instant::now(), false)));
        for _ in 0..settings.writers {
            let (store, waiting, wake) = (store.clone(), Arc::clone(&waiting), Arc::clone(wake));
            let last = Arc::clone(&last);
            tasks.spawn(async move {
                loop {
                    let mut batch = Vec::new();
                    if waiting.lock().await.recv_many(&mut batch, BATCH).await == 0 {
                        return;
                    }
                    // Whoever was answered 503 meanwhile sends it again.
                    batch.retain(|waiting: &Waiting| !waiting.answer.is_closed());
                    let written = write(&store, batch).await;
                    wake.notify_one();
                    *last.lock().unwrap_or_else(PoisonError::into_inner) =
                        (Instant::now(), written);
                }
            });
        }
        Self {
            queue,
            last,
            limit: settings.store_timeout(),
        }
    }

    /// Stores one thing: nothing if the store fails or takes too long.
    pub(crate) async fn write(&self, entry: Entry) -> Option<Accepted> {
        let written = async {
            let (answer, answered) = oneshot::channel();
            let waiting = Waiting { entry, answer };
            self.queue.send(waiting).await.ok()?;
            answered.await.ok()
        };
        timeout(self.limit, written).await.ok().flatten()
    }

    /// Whether writing is possible: by what was just written, or by trying.
    pub(crate) async fn is_ready(&self) -> bool {
        let (at, written) = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if written && at.elapsed() < FRESH {
            return true;
        }
        self.write(Entry::Probe).await.is_some()
    }
}

/// Whether all of it was stored; who waits for what was not sees its end dropped.
async fn write(store: &Store, batch: Vec<Waiting>) -> bool {
    let (entries, answers): (Vec<_>, Vec<_>) = batch
        .into_iter()
        .map(|waiting| (waiting.entry, waiting.answer))
        .unzip();
    match store.write(&entries).await {
        Ok(accepted) => {
            for (answer, accepted) in answers.into_iter().zip(accepted) {
                let _ = answer.send(accepted);
            }
            true
        }
        // One of them may be what the database does not take.
        Err(error) if entries.len() > 1 && !is_outage(&error) => {
            let mut all = true;
            for (entry, answer) in entries.into_iter().zip(answers) {
                match store.write(&[entry]).await.as_deref() {
                    Ok(&[accepted]) => drop(answer.send(accepted)),
                    _ => all = false,
                }
            }
            error!(%error, "stored one by one");
            all
        }
        Err(error) => {
            error!(%error, "no store");
            false
        }
    }
}
