//! Hands for the person on call: what is refused or in conflict, a registration, a
//! backup.

use std::fs::{self, File};
use std::time::Duration;

use edexa_webhooks::EventName::{HashFailure, HashSuccess};
use edexa_webhooks::WebhookEvent;
use edexa_webhooks::record::Registration;
use edexa_webhooks::serde_json::{Map, Value};
use sqlx::AnyConnection;

use crate::Result;
use crate::api::Api;
use crate::dialect::{Dialect, query};
use crate::look::{Answer, latest, list};
use crate::settings::Settings;
use crate::store::{Entry, Store, indexed, insert};
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

/// Makes a refused body an event, without asking the API: somebody has looked. No worker sees
/// it before that is decided.
///
/// # Errors
///
/// No such body waits, it is no event, or there is one under its key.
pub async fn accept(store: &Store, digest: &str, reason: &str) -> Result<Answer> {
    let accept = async |transaction: &mut AnyConnection| -> Result<String> {
        decided(transaction, digest, "accepted", reason).await?;
        let body = "SELECT {body} FROM inbox.refused WHERE digest = $1";
        let (body,): (Vec<u8>,) = query!(fetch_one, transaction, body, digest)?;
        let entry = Entry::event(&WebhookEvent::from_slice(&body)?, body.into());
        let (key, new) = (entry.key.clone(), insert(transaction, &[entry]).await?);
        if new.is_empty() {
            return Err(format!("there is an event {} already", legible(&key)).into());
        }
        let believe = "UPDATE inbox.events SET confirmation = 'accepted by hand: ' || $2 \
             WHERE key = $1";
        query!(execute, transaction, believe, &key, clipped(reason))?;
        Ok(key)
    };
    let key = store.transact(store.limit, "", accept).await?;
    Ok(Answer(vec![("accepted".into(), key.into())]))
}

/// Takes a refused body off the list. It stays, with the reason.
///
/// # Errors
///
/// No such body waits.
pub async fn discard(store: &Store, digest: &str, reason: &str) -> Result<Answer> {
    let discard = async |connection: &mut AnyConnection| {
        decided(connection, digest, "discarded", reason).await
    };
    store.run(store.limit, discard).await?;
    Ok(Answer(vec![("discarded".into(), digest.into())]))
}

/// Writes down what somebody decides on a refused body that nobody has decided on.
async fn decided(
    connection: &mut AnyConnection,
    digest: &str,
    decision: &str,
    reason: &str,
) -> Result<()> {
    let decide = "INSERT INTO inbox.decisions (digest, decision, reason, decided_at) \
         SELECT digest, $2, $3, {now} FROM inbox.refused WHERE digest = $1 \
         ON CONFLICT (digest) DO NOTHING";
    match query!(
        execute,
        connection,
        decide,
        digest,
        decision,
        clipped(reason)
    )? {
        0 => Err(format!("no refused body {} waits", legible(digest)).into()),
        _ => Ok(()),
    }
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
    let release = async |connection: &mut AnyConnection| {
        query!(execute, connection, release, &key, clipped(reason))
    };
    match store.run(store.limit, release).await? {
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
    // Its own, so that it may be removed.
    let created = File::create_new(file);
    created.map_err(|error| format!("{}: {error}", legible(file)))?;
    let copy =
        async |connection: &mut AnyConnection| query!(execute, connection, "VACUUM INTO $1", file);
    if let Err(error) = store.run(Duration::MAX, copy).await {
        // A part is no backup, and the next one finds nothing there.
        let _ = fs::remove_file(file);
        return Err(error.into());
    }
    let size = fs::metadata(file)?.len();
    Ok(Answer(vec![
        ("backup".into(), file.into()),
        ("bytes".into(), Value::from(size)),
    ]))
}
