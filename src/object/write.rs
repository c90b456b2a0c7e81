//! From an object to text, and to any other format.

use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};

use crate::error::WriteError;
use crate::extra::Extra;
use crate::field::Field;
use crate::json::{Meaning, push_string};

/// Writes a field behind its key, which comes with all that JSON puts around it.
pub(crate) fn write_field(
    json: &mut String,
    key: &str,
    value: &impl Field,
) -> Result<(), WriteError> {
    if value.is_written() {
        json.push_str(key);
        value.write(json)?;
    }
    Ok(())
}

/// Writes the unknown keys after the known ones, and makes an object of all that was
/// written from a byte on.
pub(crate) fn write_rest(
    json: &mut String,
    start: usize,
    extra: &Extra,
    known: &[&str],
) -> Result<(), WriteError> {
    for (key, value) in extra {
        if known.contains(&key) {
            return Err(WriteError::known_key(key));
        }
        json.push(',');
        push_string(json, key);
        json.push(':');
        json.push_str(value);
    }
    // In place of the first comma.
    let is_empty = json.len() == start;
    json.replace_range(start..start.saturating_add(usize::from(!is_empty)), "{");
    json.push('}');
    Ok(())
}

/// The JSON text of an object.
pub(crate) fn to_json(object: &impl Field, bytes: usize) -> Result<String, WriteError> {
    // More than the keys and values of the documented samples take.
    let mut json = String::with_capacity(bytes.saturating_add(768));
    object.write(&mut json)?;
    Ok(json)
}

/// A field on its way to a serializer.
pub(crate) struct Serialized<'a, T>(pub(crate) &'a T);

impl<T: Field> Serialize for Serialized<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

/// Serializes the unknown keys after the known ones.
pub(crate) fn serialize_rest<M: SerializeMap>(
    mut map: M,
    extra: &Extra,
    known: &[&str],
) -> Result<M::Ok, M::Error> {
    for (key, json) in extra {
        if known.contains(&key) {
            return Err(M::Error::custom(WriteError::known_key(key)));
        }
        map.serialize_entry(key, &Meaning(json))?;
    }
    map.end()
}
