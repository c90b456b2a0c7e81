//! Hands for the person on call: what is refused or in conflict, a registration, a
//! backup.

use std::error::Error;

use edexa_webhooks::EventName::{HashFailure, HashSuccess};
use edexa_webhooks::WebhookEvent;
use edexa_webhooks::record::Registration;
use edexa_webhooks::serde_json::{Map, Value};
use sqlx::Connection;

use crate::api::Api;
use crate::dialect::{Dialect, bind};
use crate::legible;
use crate::look::{self, Answer, rows};
use crate::settings::Settings;
use crate::store::{Accepted, Entry, Store, indexed, stored_key};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Registers a URL for both events, or says what would be sent.
///
/// # Errors
///
/// The URL or the description is none, no API is set, or it refuses.
pub async fn register(
    settings: &Settings,
    url: String,
    description: String,
    is_dry: bool,
) -> Result<Answer> {
    let registration = Registration::new(url, description, [HashSuccess, HashFailure])?;
    let name = if is_dry { "would_send" } else { "sent" };
    let sent = (name.into(), registration.to_json().into());
    if is_dry {
        return Ok(Answer(vec![sent]));
    }
    let api = Api::new(settings)?.ok_or("set EDEXA_API_URL and EDEXA_API_TOKEN")?;
    let answered = tokio::task::spawn_blocking(move || api.register(&registration)).await?;
    let answered = answered.map_err(|error| crate::clipped(&error))?;
    Ok(Answer(vec![sent, ("answered".into(), answered.into())]))
}

/// The latest bodies under the keys of other events.
///
/// # Errors
///
/// The database cannot be read.
pub async fn conflicts(store: &Store) -> Result<Answer> {
    let conflicts = "SELECT c.key, c.digest, c.times, c.received_at, \
         e.body AS first, c.body AS other FROM inbox.conflicts AS c \
         LEFT JOIN inbox.events AS e ON e.key = c.key ORDER BY c.received_at DESC LIMIT 100";
    let mut conflicts = rows(store, conflicts, "").await?;
    for Answer(fields) in &mut conflicts {
        if let [.., (_, Value::Object(first)), (_, Value::Object(other))] = &mut **fields {
            only_differences(first, other);
        }
    }
    let mut answer = Answer::default();
    answer.list("conflicts", conflicts);
    Ok(answer)
}

/// Leaves what a person has to compare.
fn only_differences(first: &mut Map<String, Value>, other: &mut Map<String, Value>) {
    first.retain(|key, value| match (value, other.get_mut(key)) {
        (Value::Object(value), Some(Value::Object(other))) => {
            only_differences(value, other);
            true
        }
        (value, Some(same)) if *value == *same => {
            other.remove(key);
            false
        }
        _ => true,
    });
}

/// The latest refused bodies that nobody has decided on.
///
/// # Errors
///
/// The database cannot be read.
pub async fn refused(store: &Store) -> Result<Answer> {
    let refused = "SELECT digest, codes, times, received_at, salvaged FROM inbox.refused \
         WHERE digest NOT IN (SELECT digest FROM inbox.decisions) ORDER BY received_at DESC LIMIT 100";
    let mut answer = Answer::default();
    answer.list("refused", rows(store, refused, "").await?);
    Ok(answer)
}

/// Makes a refused body an event, without asking the API: somebody has looked.
///
/// # Errors
///
/// No such body waits, it is no event, or another one is there under its key.
pub async fn accept(store: &Store, digest: &str, reason: &str) -> Result<Answer> {
    let body = "SELECT body FROM inbox.refused \
         WHERE digest = $1 AND digest NOT IN (SELECT digest FROM inbox.decisions)";
    let body = store.database.dialect.sql(body);
    let body = sqlx::query_scalar(&body).bind(digest);
    let body: Option<Vec<u8>> = body.fetch_optional(&store.database.pool).await?;
    let body = body.ok_or_else(|| no_such_body(digest))?;
    let event = WebhookEvent::from_slice(&body)?;
    let (key, now) = (stored_key(&event.idempotency_key()), store.clock.now());
    let stored = store
        .write(&[Entry::event(&event, body.into(), now)])
        .await?;
    if stored == [Accepted::Conflicting] {
        let key = legible(&key);
        return Err(format!("another event has the key {key}: this one is a conflict now").into());
    }
    let believe = "UPDATE inbox.events SET confirmation = $2 \
         WHERE key = $1 AND confirmation IS NULL";
    let believe = store.database.dialect.sql(believe);
    let confirmation = format!("accepted by hand: {}", crate::clipped(reason));
    let believe = bind!(sqlx::query(&believe), &key, confirmation);
    believe.execute(&store.database.pool).await?;
    decide(store, digest, "accepted", reason).await?;
    Ok(Answer(vec![("accepted".into(), key.into())]))
}

/// Says that a refused body is of no use. It stays, with the reason.
///
/// # Errors
///
/// No such body waits.
pub async fn discard(store: &Store, digest: &str, reason: &str) -> Result<Answer> {
    decide(store, digest, "discarded", reason).await?;
    Ok(Answer(vec![("discarded".into(), digest.into())]))
}

async fn decide(store: &Store, digest: &str, decision: &str, reason: &str) -> Result<()> {
    let decide = "INSERT INTO inbox.decisions (digest, decision, reason, decided_at) \
         SELECT digest, $2, $3, {now} FROM inbox.refused WHERE digest = $1 \
         ON CONFLICT (digest) DO NOTHING";
    let decide = store.database.dialect.sql(decide);
    let decide = bind!(
        sqlx::query(&decide),
        digest,
        decision,
        crate::clipped(reason)
    );
    match decide.execute(&store.database.pool).await?.rows_affected() {
        0 => Err(no_such_body(digest)),
        _ => Ok(()),
    }
}

fn no_such_body(digest: &str) -> Box<dyn Error + Send + Sync> {
    format!("no refused body {} waits", legible(digest)).into()
}

/// Has an event that was set aside processed, whatever the API says: somebody has
/// compared. Another event may have had the effect of the same hash.
///
/// # Errors
///
/// No such event is set aside.
pub async fn believe(store: &Store, key: &str, reason: &str) -> Result<Answer> {
    let believe = "UPDATE inbox.events SET confirmation = $2 \
         WHERE key = $1 AND state = 'set-aside'";
    let believe = store.database.dialect.sql(believe);
    let confirmation = format!("believed by hand: {}", crate::clipped(reason));
    let believe = bind!(sqlx::query(&believe), indexed(key), confirmation);
    believe.execute(&store.database.pool).await?;
    look::release(store, key).await
}

/// Writes a whole copy of SQLite's file, or says how PostgreSQL does it.
///
/// # Errors
///
/// The file is there, or cannot be written.
pub async fn backup(store: &Store, file: &str) -> Result<Answer> {
    if store.database.dialect == Dialect::Postgres {
        let file = file.replace('\'', r"'\''");
        let command =
            format!("pg_dump --format=custom --schema=inbox --file='{file}' \"$DATABASE_URL\"");
        return Ok(Answer(vec![("run".into(), command.into())]));
    }
    if std::fs::exists(file)? {
        return Err(format!("{} is there already", legible(file)).into());
    }
    // Not the pool's time limit: a large file takes its time.
    let mut connection = store.database.pool.acquire().await?.detach();
    let copy = sqlx::query("VACUUM INTO $1").bind(file);
    let copied = copy.execute(&mut connection).await;
    connection.close().await?;
    copied?;
    let size = std::fs::metadata(file)?.len();
    Ok(Answer(vec![
        ("backup".into(), file.into()),
        ("bytes".into(), Value::from(size)),
    ]))
}
