//! A body as entries, to be changed before it is written.

use crate::event::WebhookEvent;
use crate::json::{Read, Reader};

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
        let json = event.to_json().unwrap_or_default();
        let mut outer = entries(&json);
        let data = outer.iter_mut().find(|(key, _)| key == "data");
        Self {
            data: data
                .map(|(_, json)| entries(&std::mem::take(json)))
                .unwrap_or_default(),
            outer,
            space: "",
        }
    }

    pub(crate) fn write(&self) -> String {
        let data = write_object(&self.data, self.space, |json| json);
        write_object(&self.outer, self.space, |json| {
            if json.is_empty() { &data } else { json }
        })
    }

    /// The entries of the object that holds a pointer's key, and that key.
    pub(crate) fn object<'p>(&mut self, pointer: &'p str) -> (&mut Vec<Entry>, &'p str) {
        match pointer.rsplit_once('/') {
            Some(("/data", key)) => (&mut self.data, key),
            Some((_, key)) => (&mut self.outer, key),
            None => (&mut self.outer, pointer),
        }
    }

    /// Takes the entry of a known key away.
    pub(crate) fn take(&mut self, pointer: &str) -> Option<Entry> {
        let (entries, key) = self.object(pointer);
        let at = entries.iter().position(|(other, _)| other == key)?;
        Some(entries.remove(at))
    }

    /// Gives a known key another value, and the last place in its object.
    pub(crate) fn put(&mut self, pointer: &str, json: &str) {
        self.take(pointer);
        let (entries, key) = self.object(pointer);
        entries.push((key.to_owned(), json.to_owned()));
    }
}

/// The entries of an object.
pub(crate) fn entries(object: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut reader = Reader::new(object, 0);
    // An event that cannot be written has none.
    let _ = push_entries(&mut reader, &mut entries);
    entries
}

fn push_entries(reader: &mut Reader<'_>, entries: &mut Vec<Entry>) -> Read<()> {
    let mut is_more = reader.open()?;
    while is_more {
        let key = reader.key()?.into_owned();
        reader.colon()?;
        let start = reader.at;
        reader.skip_value()?;
        entries.push((key, reader.since(start).to_owned()));
        is_more = reader.comma_follows(b'}')?;
    }
    Ok(())
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
