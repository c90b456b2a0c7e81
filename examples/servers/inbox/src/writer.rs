//! Bodies that wait at the same time, stored in one commit.

use std::sync::Arc;

use tokio::sync::{Mutex, Notify, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::error;

use crate::dialect::is_outage;
use crate::store::{Accepted, Entry, Store};

/// How many bodies are stored in one commit at most. With twice as many senders, half of
/// them are read and answered while the others are stored.
const BATCH: usize = 32;
type Waiting = (Entry, oneshot::Sender<Accepted>);

/// The way to the store.
#[derive(Clone)]
pub(crate) struct Writer {
    store: Store,
    queue: mpsc::Sender<Waiting>,
}

impl Writer {
    /// Starts as many tasks as there are connections. They end when no writer is
    /// left. `wake` is notified of what there is to process.
    pub(crate) fn start(store: &Store, wake: &Arc<Notify>, tasks: &mut JoinSet<()>) -> Self {
        let (queue, waiting) = mpsc::channel(BATCH);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..store.sessions.size {
            let (store, waiting, wake) = (store.clone(), Arc::clone(&waiting), Arc::clone(wake));
            tasks.spawn(async move {
                while let Some(batch) = take(&waiting).await {
                    write(&store, batch).await;
                    wake.notify_one();
                }
            });
        }
        Self {
            store: store.clone(),
            queue,
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
}

/// The bodies that wait: as many as a commit may have.
async fn take(waiting: &Mutex<mpsc::Receiver<Waiting>>) -> Option<Vec<Waiting>> {
    let mut batch = Vec::new();
    let taken = waiting.lock().await.recv_many(&mut batch, BATCH).await;
    (taken > 0).then_some(batch)
}

/// Who waits for what is not stored sees its end dropped.
async fn write(store: &Store, batch: Vec<Waiting>) {
    let mut parts = vec![batch];
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
            Err(error) => error!(%error, "no store"),
        }
    }
}
