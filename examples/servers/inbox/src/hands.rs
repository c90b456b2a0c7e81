//! Hands for the person on call: what is refused or in conflict, a registration, a
//! backup.

use std::error::Error;

use edexa_webhooks::EventName::{HashFailure, HashSuccess};
use edexa_webhooks::WebhookEvent;
use edexa_webhooks::record::Registration;
use edexa_webhooks::serde_json::{Map, Value};

use crate::Result;
use crate::api::Api;
use crate::dialect::Dialect;
use crate::look::{Answer, latest, list};
use crate::settings::Settings;
use crate::store::{Accepted, Entry, Store, indexed};
use crate::{clipped, legible};

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
    let answered = answered.map_err(|error| clipped(&error))?;
    Ok(Answer(vec![sent, ("answered".into(), answered.into())]))
}

/// The latest bodies under the keys of other events.
///
/// # Errors
///
/// The database cannot be read.
pub async fn conflicts(store: &Store) -> Result<Answer> {
    let columns = "key, digest, times, received_at, earlier, body AS event";
    let mut conflicts = latest(store, "conflicts", columns, 100).await?;
    for Answer(fields) in &mut conflicts {
        if let [.., (_, Value::Object(earlier)), (_, Value::Object(event))] = &mut **fields {
            only_differences(earlier, event);
        }
    }
    Ok(Answer(vec![list("conflicts", conflicts)]))
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
    let columns = "digest, reason AS codes, times, received_at, salvaged";
    let refused = latest(store, "refused", columns, 100).await?;
    Ok(Answer(vec![list("refused", refused)]))
}

/// Makes a refused body an event, without asking the API: somebody has looked.
///
/// # Errors
///
/// No such body waits, it is no event, or another one is there under its key.
pub async fn accept(store: &Store, digest: &str, reason: &str) -> Result<Answer> {
    let body = "SELECT body FROM inbox.shown_refused WHERE digest = $1 AND decision IS NULL";
    let body = store.dialect.sql(body);
    let body = sqlx::query_scalar(&body).bind(digest);
    let body: Option<Vec<u8>> = body.fetch_optional(&store.pool).await?;
    let body = body.ok_or_else(|| no_such_body(digest))?;
    let entry = Entry::event(&WebhookEvent::from_slice(&body)?, body.into());
    let key = entry.key.clone();
    if store.write(&[entry]).await? == [Accepted::Conflicting] {
        let key = legible(&key);
        return Err(format!("another event has the key {key}: this one is a conflict now").into());
    }
    let believe = "UPDATE inbox.events SET confirmation = 'accepted by hand: ' || $2 \
         WHERE key = $1 AND confirmation IS NULL";
    change(store, believe, &[&key, reason]).await?;
    decide(store, digest, "accepted", reason).await?;
    Ok(Answer(vec![("accepted".into(), key.into())]))
}

/// Writes down what somebody decided on a refused body. It stays, with the reason.
///
/// # Errors
///
/// No such body waits.
pub async fn decide(store: &Store, digest: &str, decision: &str, reason: &str) -> Result<Answer> {
    let decide = "INSERT INTO inbox.decisions (digest, reason, decision, decided_at) \
         SELECT digest, $2, $3, {now} FROM inbox.refused WHERE digest = $1 \
         ON CONFLICT (digest) DO NOTHING";
    match change(store, decide, &[digest, reason, decision]).await? {
        0 => Err(no_such_body(digest)),
        _ => Ok(Answer(vec![(decision.into(), digest.into())])),
    }
}

/// Changes rows of a key, with a reason: how many there were.
async fn change(store: &Store, statement: &str, values: &[&str]) -> sqlx::Result<u64> {
    let statement = store.dialect.sql(statement);
    let query = sqlx::query(&statement);
    let query = values
        .iter()
        .fold(query, |query, value| query.bind(clipped(value)));
    let changed = query.execute(&store.pool).await?;
    Ok(changed.rows_affected())
}

fn no_such_body(digest: &str) -> Box<dyn Error + Send + Sync> {
    format!("no refused body {} waits", legible(digest)).into()
}

/// Makes an event that is set aside due at once, with all its attempts before it. With a
/// reason it is processed whatever the API says: somebody has compared, and another event
/// may have had the effect of the same hash.
///
/// # Errors
///
/// There is no such event, or the database cannot be written.
pub async fn release(store: &Store, key: &str, believe: Option<&str>) -> Result<Answer> {
    let (key, reason) = (indexed(key), believe.unwrap_or_default());
    let release = "UPDATE inbox.events SET state = 'pending', attempts = 0, silent_since = NULL, \
         next_attempt_at = {now}, confirmation = CASE $2 WHEN '' THEN confirmation \
         ELSE 'believed by hand: ' || $2 END WHERE key = $1 AND state = 'set-aside'";
    match change(store, release, &[&key, reason]).await? {
        0 => Err(format!("no event {} is set aside", legible(&key)).into()),
        _ => Ok(Answer(vec![("released".into(), key.into())])),
    }
}

/// Writes a whole copy of SQLite's file, or says how PostgreSQL does it.
///
/// # Errors
///
/// The file is there, or cannot be written.
pub async fn backup(store: &Store, file: &str) -> Result<Answer> {
    if store.dialect == Dialect::Postgres {
        let file = file.replace('\'', r"'\''");
        let command =
            format!("pg_dump --format=custom --schema=inbox --file='{file}' \"$DATABASE_URL\"");
        return Ok(Answer(vec![("run".into(), command.into())]));
    }
    if std::fs::exists(file)? {
        return Err(format!("{} is there already", legible(file)).into());
    }
    let copy = sqlx::query("VACUUM INTO $1").bind(file);
    copy.execute(&store.pool).await?;
    let size = std::fs::metadata(file)?.len();
    Ok(Answer(vec![
        ("backup".into(), file.into()),
        ("bytes".into(), Value::from(size)),
    ]))
}
