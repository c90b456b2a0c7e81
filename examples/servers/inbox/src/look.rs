//! What there is, for people and for programs.

use std::fmt::Write;
use std::time::Duration;

use edexa_webhooks::WebhookEvent;
use edexa_webhooks::chrono::{DateTime, SecondsFormat};
use edexa_webhooks::serde_json::{self, Map, Value};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Column, Row};

use crate::Result;
use crate::store::{Store, indexed};
use crate::{clipped, legible};

/// What a command has to say: names and values, in order.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Answer(pub(crate) Vec<(String, Value)>);

/// How much there is, and the latest that wait for somebody: events set aside,
/// conflicts and refused bodies.
///
/// # Errors
///
/// The database cannot be read.
pub async fn status(store: &Store) -> sqlx::Result<Answer> {
    let mut status = rows(store, "SELECT * FROM inbox.status", &[]).await?;
    let mut answer = status.pop().unwrap_or_default();
    for kind in ["set_aside", "conflicts", "refused"] {
        let columns = "key, digest, times, received_at, reason, body AS name";
        let latest = latest(store, kind, columns, 20).await?;
        answer.0.push(list(&format!("latest_{kind}"), latest));
    }
    Ok(answer)
}

/// The latest of a kind that wait for somebody.
pub(crate) async fn latest(
    store: &Store,
    kind: &str,
    columns: &str,
    most: u8,
) -> sqlx::Result<Vec<Answer>> {
    let latest = format!(
        "SELECT {columns} FROM inbox.waiting WHERE kind = $1 \
         ORDER BY received_at DESC LIMIT {most}"
    );
    rows(store, &latest, &[kind]).await
}

/// An event by its key, or a refused body by its digest.
///
/// # Errors
///
/// There is neither, or the database cannot be read.
pub async fn show(store: &Store, key: &str) -> Result<Answer> {
    let key = indexed(key);
    let event = "SELECT * FROM inbox.shown_event WHERE key = $1";
    if let Some(mut answer) = rows(store, event, &[&key]).await?.pop() {
        let conflicts = "SELECT digest, times, received_at, body AS event FROM inbox.conflicts \
             WHERE key = $1 ORDER BY received_at LIMIT 20";
        let conflicts = rows(store, conflicts, &[&key]).await?;
        answer.0.push(list("conflicts", conflicts));
        return Ok(answer);
    }
    let refused = "SELECT * FROM inbox.shown_refused WHERE digest = $1";
    let refused = rows(store, refused, &[&key]).await?.pop();
    refused.ok_or_else(|| format!("no event and no refused body {}", legible(&key)).into())
}

/// What a query finds.
pub(crate) async fn rows(store: &Store, query: &str, values: &[&str]) -> sqlx::Result<Vec<Answer>> {
    let query = store.dialect.sql(query);
    let query = sqlx::query(&query);
    let query = values.iter().fold(query, |query, value| query.bind(*value));
    let look = async |connection: &mut AnyConnection| query.fetch_all(connection).await;
    let rows = store.by(&store.of_looks).run(Duration::MAX, look).await?;
    let answer = |row: &AnyRow| {
        let names = row.columns().iter().map(Column::name);
        Answer(names.map(|name| (name.into(), value(row, name))).collect())
    };
    Ok(rows.iter().map(answer).collect())
}

/// What a column holds, by its type and its name.
fn value(row: &AnyRow, name: &str) -> Value {
    let time = |number: i64| DateTime::from_timestamp_micros(number).unwrap_or_default();
    if let Ok(number) = row.try_get::<Option<i64>, _>(name) {
        let at = number.filter(|_| name.ends_with("_at"));
        let at = at.map(|at| time(at).to_rfc3339_opts(SecondsFormat::Micros, true));
        return at.map_or(number.into(), Value::from);
    }
    if let Ok(text) = row.try_get::<String, _>(name) {
        return match name {
            "problem" => serde_json::from_str(&text).unwrap_or_default(),
            _ => text.into(),
        };
    }
    let body: Vec<u8> = row.try_get(name).unwrap_or_default();
    let value = match (WebhookEvent::from_slice(&body), name) {
        (Ok(event), "name") => Ok(event
            .data
            .name
            .map_or(Value::Null, |name| name.as_str().into())),
        (Ok(event), "findings") => {
            let received = row.try_get("received_at").unwrap_or_default();
            serde_json::to_value(event.check_at(time(received)))
        }
        (Ok(event), "event" | "earlier") => serde_json::to_value(event),
        _ => Ok(String::from_utf8_lossy(&body).into()),
    };
    value.unwrap_or_default()
}

impl Answer {
    /// A value a line, without what is `null`: escaped, and clipped.
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
        let object = Value::from(Map::from_iter(self.0.clone())).to_string();
        let units = object.encode_utf16().map(|unit| match u8::try_from(unit) {
            Ok(byte @ b' '..=b'~') => char::from(byte).to_string(),
            _ => format!("\\u{unit:04x}"),
        });
        units.collect::<String>() + "\n"
    }
}

pub(crate) fn list(name: &str, answers: Vec<Answer>) -> (String, Value) {
    let list = answers
        .into_iter()
        .map(|answer| Value::from(Map::from_iter(answer.0)));
    (name.into(), list.collect())
}

fn lines(text: &mut String, name: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (field, value) in fields {
                lines(text, &clipped(&format!("{name}.{field}")), value);
            }
        }
        Value::Array(values) => {
            for value in values {
                lines(text, name, value);
            }
        }
        value => {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "{name:<32} {}", shown(value));
        }
    }
}

/// A value as a person is shown it.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => clipped(text),
        value => clipped(&value.to_string()),
    }
}
