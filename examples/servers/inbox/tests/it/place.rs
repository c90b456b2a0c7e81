//! Where a test's inbox stores, and what stands there.

use std::sync::Arc;
use std::time::Duration;

use deliver::Parser;
use edexa_webhooks::WebhookEvent;
use inbox::batch::Handler;
use inbox::handler::handle;
use inbox::process::Worker;
use inbox::settings::Settings;
use inbox::store::{Accepted, Entry, Store};
use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, AnyPool};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::postgres::Postgres;
use crate::running::Running;

/// A database of a test's own.
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) store: Store,
    /// For what a test asks and changes.
    pub(crate) pool: AnyPool,
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
        let store = Store::create(&settings(&url, &[])).await.unwrap();
        Self {
            store,
            pool: pool(&url),
            url,
            _folder: None,
            _server: None,
        }
    }

    pub(crate) fn serve(&self) -> Running {
        Running::start(&[("DATABASE_URL", &self.url)])
    }

    /// Takes events with a handler, and sets one aside after so many attempts.
    pub(crate) fn worker(&self, handler: Handler, max_attempts: &str) -> Worker {
        self.worker_with(handler, &["--max-attempts", max_attempts])
    }

    pub(crate) fn worker_with(&self, handler: Handler, args: &[&str]) -> Worker {
        Worker::new(&self.store, handler, None, &settings(&self.url, args))
    }

    pub(crate) fn example(&self) -> Worker {
        self.worker(handle, "3")
    }

    /// The first row.
    pub(crate) async fn row<T>(&self, query: &str) -> T
    where
        T: for<'r> sqlx::FromRow<'r, sqlx::any::AnyRow> + Send + Unpin,
    {
        let query = self.store.dialect.sql(query);
        let row = sqlx::query_as(&query).fetch_one(&self.pool);
        row.await.unwrap()
    }

    /// All rows of one column.
    pub(crate) async fn column(&self, query: &str) -> Vec<String> {
        let query = self.store.dialect.sql(query);
        let column = sqlx::query_scalar(&query).fetch_all(&self.pool);
        column.await.unwrap()
    }

    pub(crate) async fn count(&self, query: &str) -> i64 {
        let (count,) = self.row(query).await;
        count
    }

    pub(crate) async fn execute(&self, statement: &str) {
        let statement = self.store.dialect.sql(statement);
        let done = sqlx::query(&statement).execute(&self.pool);
        done.await.unwrap();
    }

    /// What a query says of the session by which what is received is stored.
    pub(crate) async fn setting(&self, query: &str) -> String {
        let ask =
            async |session: &mut AnyConnection| sqlx::query_scalar(query).fetch_one(session).await;
        let limit = Duration::from_secs(5);
        self.store.run::<_, sqlx::Error>(limit, ask).await.unwrap()
    }

    /// As before the first start.
    pub(crate) async fn without_tables(&self) {
        if self.url.starts_with("postgres") {
            return self.execute("DROP SCHEMA inbox CASCADE").await;
        }
        for view in ["status", "waiting", "shown_event", "shown_refused"] {
            self.execute(&format!("DROP VIEW inbox.{view}")).await;
        }
        for table in [
            "redeliveries",
            "events",
            "leases",
            "conflicts",
            "refused",
            "probe",
            "clock",
            "effects",
            "decisions",
            "stamps",
            "version",
        ] {
            self.execute(&format!("DROP TABLE inbox.{table}")).await;
        }
    }

    /// The address for another role of PostgreSQL's, and its name.
    pub(crate) async fn guest(&self, with: &str) -> (String, String) {
        let (server, database) = self.url.rsplit_once('/').unwrap();
        let guest = format!("guest_{database}");
        self.execute(&format!("CREATE ROLE {guest} LOGIN {with}"))
            .await;
        let server = server.replace("inbox@", &format!("{guest}@"));
        (format!("{server}/{database}"), guest)
    }

    /// The database's time in microseconds.
    pub(crate) async fn now(&self) -> i64 {
        self.count("SELECT {now}").await
    }

    pub(crate) async fn write(&self, entry: Entry) -> Accepted {
        self.store.write(&[entry]).await.unwrap()[0]
    }

    pub(crate) async fn accept(&self, body: impl Into<String>) -> Accepted {
        let body = body.into();
        let event: WebhookEvent = body.parse().unwrap();
        self.write(Entry::event(&event, body.into())).await
    }

    /// Waits until no event is left to be processed.
    pub(crate) async fn drained(&self) {
        let deadline = Instant::now() + Duration::from_secs(240);
        loop {
            let waiting = "SELECT COUNT(*) FROM inbox.events WHERE state = 'pending'";
            match self.count(waiting).await {
                0 => return,
                count => assert!(Instant::now() < deadline, "{count} events wait"),
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// One connection.
pub(crate) fn pool(url: &str) -> AnyPool {
    let options = AnyPoolOptions::new().max_connections(1);
    options.connect_lazy(url).unwrap()
}

pub(crate) fn settings(url: &str, args: &[&str]) -> Settings {
    let fixed = [
        "inbox",
        "--store-timeout-ms",
        "30000",
        "--database-url",
        url,
    ];
    Settings::parse_from(fixed.iter().chain(args))
}
