//! Whether it lives, whether it can do its work, and how much of it waits.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use metrics::gauge;
use sqlx::AnyConnection;
use tracing::error;

use crate::dialect::query;
use crate::receive::Inbox;

pub(crate) fn router() -> Router<Inbox> {
    Router::new()
        .route("/livez", get(StatusCode::OK))
        .route("/readyz", get(ready))
        .route("/healthz", get(ready))
        .route("/metrics", get(metrics))
}

/// 200 while what is received can be stored.
async fn ready(State(inbox): State<Inbox>) -> StatusCode {
    match inbox.store.probe().await {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            error!(%error, "not ready");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// The counters of this process, and what waits in the store: `NaN` while that
/// cannot be asked.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
async fn metrics(State(inbox): State<Inbox>) -> String {
    let store = &inbox.store;
    let waiting = "SELECT COALESCE({now} - oldest_received_at, 0), set_aside FROM inbox.status";
    let waiting = async |connection: &mut AnyConnection| query!(fetch_one, connection, waiting);
    let waiting: sqlx::Result<(i64, i64)> =
        store.by(&store.of_looks).run(store.limit, waiting).await;
    let waiting = waiting.inspect_err(|error| error!(%error, "no gauges"));
    let (age, set_aside) = waiting.map_or((f64::NAN, f64::NAN), |(age, set_aside)| {
        // A clock that was ahead may have dated an event into the future.
        (age.max(0) as f64 / 1e6, set_aside as f64)
    });
    gauge!("inbox_oldest_unprocessed_seconds").set(age);
    gauge!("inbox_set_aside").set(set_aside);
    inbox.metrics.render()
}
