//! What a JSON text means, in any format.

use std::cell::RefCell;
use std::vec;

use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::found::Found;
use super::reader::{Read, Reader};

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

/// A JSON text on the way through a serializer.
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
        read(&mut self.0.borrow_mut().reader).map_err(|error| S::Error::custom(error.kind))
    }

    /// The length of the array or object that starts here.
    fn length(&self) -> usize {
        self.0.borrow_mut().lengths.next().unwrap_or(0) as usize
    }
}

impl Serialize for Next<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.read::<_, S>(Reader::scalar)? {
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
            scalar => scalar.serialize(to),
        }
    }
}

/// A value that is no array and no object.
impl Serialize for Found<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Found::Text(text) => to.serialize_str(text),
            Found::Bool(value) => to.serialize_bool(*value),
            Found::Signed(value) => to.serialize_i64(*value),
            Found::Unsigned(value) => to.serialize_u64(*value),
            Found::Float(value) => to.serialize_f64(*value),
            Found::Json(json) => Meaning(json).serialize(to),
            Found::Null | Found::Array | Found::Object | Found::Bytes => to.serialize_unit(),
        }
    }
}

/// How many entries each array and object of a JSON text has, in the order in which
/// they start. Four bytes each, since a hostile text may have one for every three bytes.
fn lengths(json: &str) -> Vec<u32> {
    let brackets = json.bytes().filter(|byte| matches!(byte, b'[' | b'{'));
    let mut lengths = Vec::with_capacity(brackets.count());
    // What is kept is JSON, so that all of it is read.
    let _ = push_lengths(&mut Reader::new(json, 0), &mut lengths);
    lengths
}

fn push_lengths(reader: &mut Reader<'_>, lengths: &mut Vec<u32>) -> Read<()> {
    if !matches!(reader.peek(), Some(b'[' | b'{')) {
        return reader.skip_value();
    }
    let at = lengths.len();
    lengths.push(0);
    let length = reader.entries(|reader| push_lengths(reader, lengths))?;
    if let Some(entry) = lengths.get_mut(at) {
        *entry = u32::try_from(length).unwrap_or(u32::MAX);
    }
    Ok(())
}
