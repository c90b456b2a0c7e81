//! A body as entries, to be changed before it is written.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::event::WebhookEvent;
use crate::place::Place;

/// A key and the JSON text of its value.
pub(crate) type Entry = (String, String);

/// The entries of both objects of an event's body. The entry `data` has no text:
/// that is where the inner entries go.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) outer: Vec<Entry>,
    pub(crate) data: Vec<Entry>,
    /// What stands wherever white space may.
    pub(crate) space: &'static str,
}

impl Body {
    /// The body of an event, which is empty if the event cannot be written.
    pub(crate) fn of(event: &WebhookEvent) -> Self {
        let json = serde_json::to_string(event).unwrap_or_default();
        let mut outer = entries(&json);
        let data = outer.iter_mut().find(|(key, _)| key == Place::Data.key());
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

    /// The entries of the object in which a place's key stands.
    pub(crate) fn object(&mut self, place: Place) -> &mut Vec<Entry> {
        match place.object() {
            Place::Data => &mut self.data,
            _ => &mut self.outer,
        }
    }

    /// Takes the entry of a known key away.
    pub(crate) fn take(&mut self, place: Place) -> Option<Entry> {
        let entries = self.object(place);
        let at = entries.iter().position(|(key, _)| key == place.key())?;
        Some(entries.remove(at))
    }

    /// Gives a known key another value, and the last place in its object.
    pub(crate) fn put(&mut self, place: Place, json: &str) {
        self.take(place);
        let entry = (place.key().to_owned(), json.to_owned());
        self.object(place).push(entry);
    }
}

/// The entries of an object by their keys.
pub(crate) fn entries(object: &str) -> Vec<Entry> {
    let entries: BTreeMap<String, &RawValue> = serde_json::from_str(object).unwrap_or_default();
    let entries = entries.into_iter();
    entries
        .map(|(key, json)| (key, json.get().to_owned()))
        .collect()
}

/// A text as a JSON string.
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
