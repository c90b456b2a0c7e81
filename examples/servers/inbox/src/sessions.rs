//! Connections that are used one after the other.

use std::time::Duration;

use sqlx::{AnyConnection, Connection};
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// After how long a connection is asked whether it still answers, before it is used.
const IDLE: Duration = Duration::from_secs(1);
/// After how long it is replaced: a network may have forgotten it, and whoever asked it would wait.
const OLD: Duration = Duration::from_secs(60);

/// Places for connections. Only a connection whose work has succeeded comes back to its place:
/// nobody knows what one is at whose work failed or was given up. A pool of sqlx's takes back a
/// transaction that was begun and given up, and waits without a limit for a connection that
/// goes silent meanwhile.
pub(crate) struct Sessions {
    /// How many there may be.
    pub(crate) size: u16,
    places: Semaphore,
    idle: Mutex<Vec<(AnyConnection, Instant)>>,
}

impl Sessions {
    pub(crate) fn new(size: u16) -> Self {
        Self {
            size,
            places: Semaphore::new(size.into()),
            idle: Mutex::default(),
        }
    }

    /// A place, which is free again once this is dropped.
    pub(crate) async fn place(&self) -> sqlx::Result<SemaphorePermit<'_>> {
        let place = self.places.acquire().await;
        place.map_err(|_closed| sqlx::Error::PoolClosed)
    }

    /// The connection that was used last, if it still answers.
    pub(crate) async fn take(&self) -> Option<AnyConnection> {
        let (mut connection, used) = self.idle.lock().await.pop()?;
        let idle = used.elapsed();
        let answers = idle < IDLE || idle < OLD && connection.ping().await.is_ok();
        answers.then_some(connection)
    }

    pub(crate) async fn give_back(&self, connection: AnyConnection) {
        self.idle.lock().await.push((connection, Instant::now()));
    }

    /// Closes all connections, those in use once they are given back.
    pub(crate) async fn close(&self) {
        let _all = self.places.acquire_many(self.size.into()).await;
        self.places.close();
        for (connection, _) in self.idle.lock().await.drain(..) {
            let _ = connection.close().await;
        }
    }
}
