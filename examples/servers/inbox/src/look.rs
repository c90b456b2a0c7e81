//! What there is, for people and for programs: `status`, `show`, `release`.

use std::error::Error;
use std::fmt::Write;

use edexa_webhooks::WebhookEvent;
use edexa_webhooks::chrono::{DateTime, SecondsFormat};
use edexa_webhooks::serde_json::{self, Value, json};

use crate::legible;
use crate::store::{Store, indexed, now};

/// How many of each kind `status` names: the latest.
const LISTED: i64 = 20;
/// How many characters of a value a person is shown.
const SHOWN: usize = 300;

/// What a command has to say: names and values, in order.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer(Vec<(&'static str, Value)>);

/// How much there is, and what waits for somebody: events set aside, conflicts
/// and refused bodies.
///
/// # Errors
///
/// The database cannot be read.
pub async fn status(store: &Store) -> sqlx::Result<Answer> {
    let (pending, done, set_aside, oldest): (i64, i64, i64, Option<i64>) = sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM events WHERE state = 'pending'), \
         (SELECT COUNT(*) FROM events WHERE state = 'done'), \
         (SELECT COUNT(*) FROM events WHERE state = 'set-aside'), \
         (SELECT MIN(received_at) FROM events WHERE state = 'pending')",
    )
    .fetch_one(&store.pool)
    .await?;
    let (conflicts, refused): (i64, i64) =
        sqlx::query_as("SELECT (SELECT COUNT(*) FROM conflicts), (SELECT COUNT(*) FROM refused)")
            .fetch_one(&store.pool)
            .await?;
    let list = async |statement| -> sqlx::Result<Vec<(String, i64, String, i64)>> {
        let rows = sqlx::query_as(statement).bind(LISTED);
        rows.fetch_all(&store.pool).await
    };
    let aside = list(
        "SELECT key, attempts, last_error, received_at FROM events \
         WHERE state = 'set-aside' ORDER BY received_at DESC LIMIT $1",
    );
    let conflicting = list(
        "SELECT key, times, digest, received_at FROM conflicts \
         ORDER BY received_at DESC LIMIT $1",
    );
    let refusals = list(
        "SELECT digest, times, codes, received_at FROM refused \
         ORDER BY received_at DESC LIMIT $1",
    );
    let set_aside_keys = aside.await?.into_iter().map(|(key, attempts, error, at)| {
        json!({"key": key, "attempts": attempts, "last_error": error, "received_at": time(at)})
    });
    let conflicting = conflicting.await?.into_iter().map(|(key, times, digest, at)| {
        json!({"key": key, "times": times, "digest": digest, "received_at": time(at)})
    });
    let refusals = refusals.await?.into_iter().map(|(digest, times, codes, at)| {
        json!({"digest": digest, "times": times, "codes": codes, "received_at": time(at)})
    });
    Ok(Answer(vec![
        ("unprocessed", pending.into()),
        ("oldest_unprocessed", oldest.map(time).into()),
        ("done", done.into()),
        ("set_aside", set_aside.into()),
        ("conflicts", conflicts.into()),
        ("refused", refused.into()),
        ("latest_set_aside", set_aside_keys.collect()),
        ("latest_conflicts", conflicting.collect()),
        ("latest_refused", refusals.collect()),
    ]))
}

/// An event by its key, or a refused body by its digest.
///
/// # Errors
///
/// There is neither, or the database cannot be read.
pub async fn show(store: &Store, key: &str) -> Result<Answer, Box<dyn Error>> {
    let key = indexed(key);
    if let Some(answer) = show_event(store, &key).await? {
        return Ok(answer);
    }
    let refused = show_refused(store, &key).await?;
    refused.ok_or_else(|| format!("no event and no refused body {}", legible(&key)).into())
}

type EventRow = (Vec<u8>, i64, String, i64, String, i64, i64, Option<String>);

async fn show_event(store: &Store, key: &str) -> sqlx::Result<Option<Answer>> {
    let found: Option<EventRow> = sqlx::query_as(
        "SELECT body, received_at, findings, redeliveries, state, attempts, next_attempt_at, \
         last_error FROM events WHERE key = $1",
    )
    .bind(key)
    .fetch_optional(&store.pool)
    .await?;
    let Some((body, received, findings, redeliveries, state, attempts, next, error)) = found else {
        return Ok(None);
    };
    let conflicts: Vec<(String, i64, i64, Vec<u8>)> = sqlx::query_as(
        "SELECT digest, times, received_at, body FROM conflicts WHERE key = $1 \
         ORDER BY received_at LIMIT $2",
    )
    .bind(key)
    .bind(LISTED)
    .fetch_all(&store.pool)
    .await?;
    let conflicts = conflicts.into_iter().map(|(digest, times, at, body)| {
        json!({"digest": digest, "times": times, "received_at": time(at), "event": event(&body)})
    });
    Ok(Some(Answer(vec![
        ("key", key.into()),
        ("state", state.as_str().into()),
        ("received_at", time(received)),
        ("redeliveries", redeliveries.into()),
        ("attempts", attempts.into()),
        (
            "next_attempt_at",
            (state == "pending").then(|| time(next)).into(),
        ),
        ("last_error", error.into()),
        ("event", event(&body)),
        (
            "findings",
            serde_json::from_str(&findings).unwrap_or_default(),
        ),
        ("conflicts", conflicts.collect()),
    ])))
}

async fn show_refused(store: &Store, digest: &str) -> sqlx::Result<Option<Answer>> {
    let found: Option<(Vec<u8>, i64, i64, String, String)> = sqlx::query_as(
        "SELECT body, times, received_at, problem, salvaged FROM refused WHERE digest = $1",
    )
    .bind(digest)
    .fetch_optional(&store.pool)
    .await?;
    let answer =
        |(body, times, received, problem, salvaged): (Vec<u8>, i64, i64, String, String)| {
            Answer(vec![
                ("digest", digest.into()),
                ("state", "refused".into()),
                ("received_at", time(received)),
                ("times", times.into()),
                (
                    "problem",
                    serde_json::from_str(&problem).unwrap_or_default(),
                ),
                (
                    "salvaged",
                    (!salvaged.is_empty()).then_some(salvaged).into(),
                ),
                ("body", String::from_utf8_lossy(&body).into()),
            ])
        };
    Ok(found.map(answer))
}

/// Makes an event that is set aside due at once, with all its attempts before it.
///
/// # Errors
///
/// There is no such event, or the database cannot be written.
pub async fn release(store: &Store, key: &str) -> Result<Answer, Box<dyn Error>> {
    let key = indexed(key);
    let released = sqlx::query(
        "UPDATE events SET state = 'pending', attempts = 0, next_attempt_at = $2 \
         WHERE key = $1 AND state = 'set-aside'",
    )
    .bind(&key)
    .bind(now().timestamp_micros())
    .execute(&store.pool)
    .await?;
    if released.rows_affected() == 0 {
        return Err(format!("no event {} is set aside", legible(&key)).into());
    }
    Ok(Answer(vec![("released", key.into())]))
}

fn event(body: &[u8]) -> Value {
    let event = WebhookEvent::from_slice(body).ok();
    event
        .and_then(|event| serde_json::to_value(event).ok())
        .unwrap_or_else(|| String::from_utf8_lossy(body).into())
}

fn time(micros: i64) -> Value {
    let time = DateTime::from_timestamp_micros(micros);
    time.map(|time| time.to_rfc3339_opts(SecondsFormat::Micros, true))
        .into()
}

impl Answer {
    /// A value a line, without what is empty: escaped, and clipped to 300
    /// characters.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.0 {
            lines(&mut text, name, value);
        }
        text
    }

    /// All of it as one line of JSON in ASCII, which no terminal takes amiss.
    #[must_use]
    pub fn to_json(&self) -> String {
        let object: serde_json::Map<_, _> = self
            .0
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        let mut text = String::new();
        for char in Value::from(object).to_string().chars() {
            if matches!(char, ' '..='~') {
                text.push(char);
                continue;
            }
            for unit in char.encode_utf16(&mut [0; 2]) {
                // Writing to a `String` cannot fail.
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
        text.push('\n');
        text
    }
}

fn lines(text: &mut String, name: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (field, value) in fields {
                lines(text, &format!("{name}.{}", legible(field)), value);
            }
        }
        Value::Array(values) => {
            for value in values {
                let nested =
                    |object: &serde_json::Map<_, Value>| object.values().any(Value::is_object);
                if value.as_object().is_some_and(nested) {
                    lines(text, name, value);
                } else {
                    line(text, name, value);
                }
            }
        }
        value => line(text, name, value),
    }
}

fn line(text: &mut String, name: &str, value: &Value) {
    // Writing to a `String` cannot fail.
    let _ = writeln!(text, "{name:<32} {}", one_line(value));
}

fn one_line(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let legible = legible(text);
            match legible.char_indices().nth(SHOWN) {
                Some((end, _)) => format!("{}…", legible.get(..end).unwrap_or_default()),
                None => legible,
            }
        }
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| {
                let (name, value) = (legible(name), one_line(value));
                format!("{name} {value}")
            });
            fields.collect::<Vec<_>>().join(", ")
        }
        value => legible(&value.to_string()),
    }
}
