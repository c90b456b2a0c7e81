//! A body as entries, to be changed before it is written.

use crate::event::WebhookEvent;
use crate::extra::Extra;
use crate::stamp::Stamp;

/// A key and the JSON text of its value.
pub(crate) type Entry = (String, String);

/// The entries of both objects of an event's body. The entry `data` has no text:
/// that is where the inner entries go.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) outer: Vec<Entry>,
    pub(crate) data: Vec<Entry>,
    /// What is written wherever white space may be.
    pub(crate) space: &'static str,
}

impl Body {
    /// The body of an event, which is empty if the event cannot be written.
    pub(crate) fn of(event: &WebhookEvent) -> Self {
        let (mut outer, mut data) = (Vec::new(), Vec::new());
        if event.to_json().is_ok() {
            let written = |key: &str| match key {
                "data" => Some(String::new()),
                _ => event.written(key).ok()?,
            };
            outer = entries(WebhookEvent::KEYS, written, &event.extra);
            let written = |key: &str| event.data.written(key).ok()?;
            data = entries(Stamp::KEYS, written, &event.data.extra);
        }
        let space = "";
        Self { outer, data, space }
    }

    pub(crate) fn write(&self) -> String {
        if self.outer.is_empty() {
            return String::new();
        }
        let data = write_object(&self.data, self.space, |json| json);
        write_object(&self.outer, self.space, |json| {
            if json.is_empty() { &data } else { json }
        })
    }

    /// The entries of the object that holds a pointer's key, and that key.
    fn object<'p>(&mut self, pointer: &'p str) -> (&mut Vec<Entry>, &'p str) {
        match pointer.strip_prefix("/data/") {
            Some(key) => (&mut self.data, key),
            None => (&mut self.outer, pointer.trim_start_matches('/')),
        }
    }

    /// Takes the entry of a key away.
    pub(crate) fn take(&mut self, pointer: &str) {
        let (entries, key) = self.object(pointer);
        entries.retain(|(other, _)| other != key);
    }

    /// Gives a key another value, and the last place in its object.
    pub(crate) fn put(&mut self, pointer: &str, json: &str) {
        self.take(pointer);
        let (entries, key) = self.object(pointer);
        entries.push((key.to_owned(), json.to_owned()));
    }
}

/// The entries of an object: the known keys that are written, and the unknown ones.
fn entries(keys: &[&str], written: impl Fn(&str) -> Option<String>, extra: &Extra) -> Vec<Entry> {
    let known = keys
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), written(key)?)));
    let unknown = extra
        .iter()
        .map(|(key, json)| (key.to_owned(), json.to_owned()));
    known.chain(unknown).collect()
}

/// A string as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn write_object<'a>(
    entries: &'a [Entry],
    space: &str,
    value: impl Fn(&'a str) -> &'a str,
) -> String {
    let entries: Vec<_> = entries
        .iter()
        .map(|(key, json)| {
            let (key, json) = (quoted(key), value(json));
            format!("{space}{key}{space}:{space}{json}{space}")
        })
        .collect();
    format!("{space}{{{}}}{space}", entries.join(","))
}
