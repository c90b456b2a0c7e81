//! Bodies that wait at the same time, stored in one commit.

use std::sync::{Arc, Mutex as Shared, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, Notify, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tracing::error;

use crate::dialect::is_outage;
use crate::store::{Accepted, Entry, Store};

/// How many bodies are stored in one commit at most.
const BATCH: usize = 64;
/// How many bytes of bodies it has before it takes no more.
const BYTES: usize = 1 << 20;
/// For how long one write says that the next one is possible.
const FRESH: Duration = Duration::from_secs(1);

type Waiting = (Entry, oneshot::Sender<Accepted>);

/// The way to the store.
#[derive(Clone)]
pub(crate) struct Writer {
    store: Store,
    queue: mpsc::Sender<Waiting>,
    /// When something was stored.
    written: Arc<Shared<Option<Instant>>>,
}

impl Writer {
    /// Starts as many tasks as there are connections. They end when no writer is
    /// left. `wake` is notified of what there is to process.
    pub(crate) fn start(store: &Store, wake: &Arc<Notify>, tasks: &mut JoinSet<()>) -> Self {
        let (queue, waiting) = mpsc::channel(BATCH);
        let waiting = Arc::new(Mutex::new(waiting));
        let written = Arc::new(Shared::new(None));
        for _ in 0..store.receiving.options().get_max_connections() {
            let (store, waiting, wake) = (store.clone(), Arc::clone(&waiting), Arc::clone(wake));
            let written = Arc::clone(&written);
            tasks.spawn(async move {
                while let Some(batch) = take(&waiting).await {
                    let all = write(&store, batch).await;
                    wake.notify_one();
                    let now = all.then(Instant::now);
                    *written.lock().unwrap_or_else(PoisonError::into_inner) = now;
                }
            });
        }
        Self {
            store: store.clone(),
            queue,
            written,
        }
    }

    /// Stores one thing: nothing if the store fails or takes too long.
    pub(crate) async fn write(&self, entry: Entry) -> Option<Accepted> {
        let written = async {
            let (answer, answered) = oneshot::channel();
            self.queue.send((entry, answer)).await.ok()?;
            answered.await.ok()
        };
        timeout(self.store.limit, written).await.ok()?
    }

    /// Whether writing is possible: by what was just written, or by trying.
    pub(crate) async fn is_ready(&self) -> bool {
        let written = *self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.is_some_and(|written| written.elapsed() < FRESH) {
            return true;
        }
        let tried = self.store.probe().await;
        tried
            .inspect_err(|error| error!(%error, "not ready"))
            .is_ok()
    }
}

/// The bodies that wait: as many as a commit may have.
async fn take(waiting: &Mutex<mpsc::Receiver<Waiting>>) -> Option<Vec<Waiting>> {
    let mut waiting = waiting.lock().await;
    let mut next = waiting.recv().await;
    let (mut batch, mut bytes) = (Vec::new(), 0_usize);
    while let Some(entry) = next {
        bytes = bytes.saturating_add(entry.0.body.len());
        batch.push(entry);
        next = if batch.len() < BATCH && bytes < BYTES {
            waiting.try_recv().ok()
        } else {
            None
        };
    }
    (!batch.is_empty()).then_some(batch)
}

/// Whether all of it was stored; who waits for what was not sees its end dropped.
async fn write(store: &Store, batch: Vec<Waiting>) -> bool {
    let (mut parts, mut all) = (vec![batch], true);
    while let Some(mut part) = parts.pop() {
        // Whoever was answered 503 meanwhile sends it again.
        part.retain(|(_, answer)| !answer.is_closed());
        let entries: Vec<_> = part.iter().map(|(entry, _)| entry.clone()).collect();
        match store.write(&entries).await {
            Ok(accepted) => {
                for ((_, answer), accepted) in part.into_iter().zip(accepted) {
                    let _ = answer.send(accepted);
                }
            }
            // One of them may be what the database does not take.
            Err(error) if part.len() > 1 && !is_outage(&error) => {
                let half = part.split_off(part.len() / 2);
                parts.extend([half, part]);
            }
            Err(error) => {
                error!(%error, "no store");
                all = false;
            }
        }
    }
    all
}
