//! Where a test's inbox stores, and what stands there.

use std::sync::Arc;
use std::time::Duration;

use inbox::handler::handle;
use inbox::metrics::Metrics;
use inbox::process::{Handler, Worker};
use inbox::settings::{Database, Retries};
use inbox::store::Store;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::postgres::Postgres;
use crate::running::Running;

/// A database of a test's own.
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) store: Store,
    _folder: Option<TempDir>,
    _server: Option<Arc<Postgres>>,
}

/// One of each kind.
pub(crate) async fn places() -> Vec<Place> {
    let mut places = vec![Place::sqlite().await];
    places.extend(Place::postgres().await);
    places
}

impl Place {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("inbox.db").display());
        Self {
            _folder: Some(folder),
            ..Self::at(url).await
        }
    }

    pub(crate) async fn postgres() -> Option<Self> {
        let server = Postgres::shared().await?;
        Some(Self {
            _server: Some(Arc::clone(&server)),
            ..Self::at(server.database().await).await
        })
    }

    pub(crate) async fn at(url: String) -> Self {
        let database = Database {
            url: url.clone(),
            timeout: Duration::from_secs(30),
            max_pages: None,
        };
        Self {
            url,
            store: Store::create(&database).await.unwrap(),
            _folder: None,
            _server: None,
        }
    }

    pub(crate) fn serve(&self) -> Running {
        Running::start(&[("DATABASE_URL", &self.url)])
    }

    /// Takes events with a handler, and sets one aside after three attempts.
    pub(crate) fn worker(&self, handler: Handler) -> Worker {
        Worker {
            store: self.store.clone(),
            handler,
            retries: Retries {
                first: Duration::from_secs(1),
                max_attempts: 3,
            },
            metrics: Metrics::new().unwrap(),
        }
    }

    pub(crate) fn example(&self) -> Worker {
        self.worker(handle)
    }

    /// The integers of the first row.
    pub(crate) async fn row<T>(&self, query: &str) -> T
    where
        T: for<'r> sqlx::FromRow<'r, sqlx::any::AnyRow> + Send + Unpin,
    {
        let row = sqlx::query_as(query).fetch_one(&self.store.pool).await;
        row.unwrap()
    }

    pub(crate) async fn count(&self, query: &str) -> i64 {
        let (count,) = self.row(query).await;
        count
    }

    pub(crate) async fn execute(&self, statement: &str) {
        let done = sqlx::query(statement).execute(&self.store.pool).await;
        done.unwrap();
    }

    /// Waits until a query gives a number.
    #[track_caller]
    pub(crate) fn until(&self, query: &'static str, expected: i64) -> impl Future<Output = ()> {
        let deadline = Instant::now() + Duration::from_secs(240);
        async move {
            loop {
                let count = self.count(query).await;
                if count == expected {
                    return;
                }
                assert!(
                    Instant::now() < deadline,
                    "{query}: {count}, not {expected}"
                );
                sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Waits until no event is left to be processed.
    pub(crate) async fn drained(&self) {
        self.until("SELECT COUNT(*) FROM events WHERE state = 'pending'", 0)
            .await;
    }
}
