//! What a JSON text means, in any format.

use std::cell::RefCell;
use std::vec;

use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::reader::{Found, Read, Reader};
use crate::grow;

/// A JSON text, serialized as what it means: integers of 64 bits exactly, every
/// other number as the nearest double.
pub(crate) struct Meaning<'a>(pub(crate) &'a str);

impl Serialize for Meaning<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let walk = Walk {
            reader: Reader::new(self.0, 0),
            lengths: lengths(self.0).into_iter(),
        };
        Next(&RefCell::new(walk)).serialize(to)
    }
}

/// A text on the way through a serializer.
struct Walk<'t> {
    reader: Reader<'t>,
    /// How many entries each array and object has that is still to come: formats
    /// may ask for it before they take the first.
    lengths: vec::IntoIter<u32>,
}

/// The next value of the text.
struct Next<'a, 't>(&'a RefCell<Walk<'t>>);

impl<'t> Next<'_, 't> {
    fn read<T, S: Serializer>(
        &self,
        read: impl FnOnce(&mut Reader<'t>) -> Read<T>,
    ) -> Result<T, S::Error> {
        read(&mut self.0.borrow_mut().reader).map_err(|broken| S::Error::custom(broken.fault))
    }

    fn length(&self) -> usize {
        let length = self.0.borrow_mut().lengths.next();
        length.unwrap_or_default() as usize
    }
}

impl Serialize for Next<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.read::<_, S>(Reader::scalar)? {
            Found::Text(text) => to.serialize_str(&text),
            Found::Bool(value) => to.serialize_bool(value),
            Found::Signed(value) => to.serialize_i64(value),
            Found::Unsigned(value) => to.serialize_u64(value),
            Found::Float(value) => to.serialize_f64(value),
            Found::Null | Found::Bytes => to.serialize_unit(),
            Found::Array => {
                let mut seq = to.serialize_seq(Some(self.length()))?;
                let mut is_more = self.read::<_, S>(Reader::open)?;
                while is_more {
                    seq.serialize_element(self)?;
                    is_more = self.read::<_, S>(|reader| reader.comma_follows(b']'))?;
                }
                seq.end()
            }
            Found::Object => {
                let mut map = to.serialize_map(Some(self.length()))?;
                let mut is_more = self.read::<_, S>(Reader::open)?;
                while is_more {
                    let key = self.read::<_, S>(Reader::key)?;
                    self.read::<_, S>(Reader::colon)?;
                    map.serialize_entry(&key, self)?;
                    is_more = self.read::<_, S>(|reader| reader.comma_follows(b'}'))?;
                }
                map.end()
            }
        }
    }
}

/// How many entries each array and object of a text has, in the order in which
/// they start.
fn lengths(json: &str) -> Vec<u32> {
    let mut lengths = Vec::new();
    // What is written is JSON, so that all of it is read.
    let _ = push_lengths(&mut Reader::new(json, 0), &mut lengths);
    lengths
}

fn push_lengths(reader: &mut Reader<'_>, lengths: &mut Vec<u32>) -> Read<()> {
    let closing = match reader.peek() {
        Some(b'[') => b']',
        Some(b'{') => b'}',
        _ => return reader.skip_value(),
    };
    let at = lengths.len();
    grow::push(lengths, 0);
    let mut length: u32 = 0;
    let mut is_more = reader.open()?;
    while is_more {
        if closing == b'}' {
            reader.skip_key()?;
        }
        push_lengths(reader, lengths)?;
        length = length.saturating_add(1);
        is_more = reader.comma_follows(closing)?;
    }
    if let Some(entry) = lengths.get_mut(at) {
        *entry = length;
    }
    Ok(())
}
