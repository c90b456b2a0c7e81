//! Whatever arrives, written down as JSON text.

use std::fmt;

use serde::Deserializer;
use serde::de::{self, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, Visitor};

use super::double::shortest;
use super::found::Found;
use super::reader::Reader;
use super::write::{push_scalar, push_string};
use crate::error::ErrorKind;
use crate::limits::MAX_DEPTH;

/// The text of what arrives, and what there is in it that JSON cannot write. The
/// text ends before that.
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) refused: Option<ErrorKind>,
    /// How many arrays and objects are open.
    depth: usize,
}

/// Writes what a deserializer holds, as far as it is read without an error.
///
/// A number is written as what it is shown as: an integer of 64 bits as such, every
/// other one as the nearest double.
pub(crate) fn write_serde<'de, D: Deserializer<'de>>(from: D) -> (Written, Result<(), D::Error>) {
    let mut written = Written {
        // Twice a documented sample.
        text: String::with_capacity(1024),
        refused: None,
        depth: 0,
    };
    let result = written.deserialize(from);
    (written, result)
}

const EXPECTED: &str = "a value that JSON can write";

impl Written {
    /// Opens an array or an object, and one level more than there may be: the map
    /// may be a number, and else the reader refuses it.
    fn open<E: de::Error>(&mut self, bracket: char) -> Result<(), E> {
        self.text.push(bracket);
        if self.depth > MAX_DEPTH {
            return self.refuse(ErrorKind::TooDeep);
        }
        self.depth = self.depth.saturating_add(1);
        Ok(())
    }

    /// Closes it, where its entries end.
    fn close(&mut self, end: usize, bracket: char) {
        self.text.truncate(end);
        self.text.push(bracket);
        self.depth = self.depth.saturating_sub(1);
    }

    fn refuse<T, E: de::Error>(&mut self, kind: ErrorKind) -> Result<T, E> {
        let error = E::custom(&kind);
        self.refused = Some(kind);
        Err(error)
    }

    fn put<E: de::Error>(&mut self, found: &Found<'_>) -> Result<(), E> {
        let is_json = match found {
            Found::Float(value) => value.is_finite(),
            Found::Bytes => false,
            _ => true,
        };
        if !is_json {
            return self.refuse(found.mismatch(EXPECTED));
        }
        push_scalar(&mut self.text, found);
        Ok(())
    }
}

/// Appends the next value to the text.
impl<'de> DeserializeSeed<'de> for &mut Written {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Written {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let start = self.text.len();
        self.open('{')?;
        let mut end = self.text.len();
        // A key that is no string is written as what it is, for the reader to refuse.
        while map.next_key_seed(&mut *self)?.is_some() {
            self.text.push(':');
            map.next_value_seed(&mut *self)?;
            end = self.text.len();
            self.text.push(',');
        }
        self.close(end, '}');
        if let Some(number) = shown_number(self.text.get(start..).unwrap_or_default()) {
            self.text.truncate(start);
            self.text.push_str(&number);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.open('[')?;
        let mut end = self.text.len();
        while seq.next_element_seed(&mut *self)?.is_some() {
            end = self.text.len();
            self.text.push(',');
        }
        self.close(end, ']');
        Ok(())
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        self.put(&Found::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
        self.put(&Found::Signed(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
        self.put(&Found::Unsigned(value))
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<(), E> {
        self.put(&Found::number(&value.to_string()))
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<(), E> {
        self.put(&Found::number(&value.to_string()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        self.put(&Found::Float(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<(), E> {
        push_string(&mut self.text, value);
        Ok(())
    }

    fn visit_bytes<E: de::Error>(self, _: &[u8]) -> Result<(), E> {
        self.put(&Found::Bytes)
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.put(&Found::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<(), E> {
        self.put(&Found::Null)
    }

    /// A CBOR tag, say.
    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        self.refuse(ErrorKind::Mismatch {
            expected: EXPECTED,
            found: "a tag or a variant".to_owned(),
        })
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<(), D::Error> {
        self.deserialize(inner)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<(), D::Error> {
        self.deserialize(inner)
    }
}

/// The number that an object represents.
///
/// Another crate of the program may have switched on serde_json's feature
/// `arbitrary_precision`. serde_json then shows a number that is no integer of 64
/// bits as a map of one entry, the digits as a string. What is not such a number is
/// an object, as it is without the feature.
fn shown_number(object: &str) -> Option<String> {
    let digits = object
        .strip_prefix("{\"$serde_json::private::Number\":\"")?
        .strip_suffix("\"}")?;
    let has_arbitrary_precision = serde_json::from_str::<serde_json::Number>("1e400").is_ok();
    let mut reader = Reader::new(digits, 0);
    let is_number = reader.skip_number().is_ok() && reader.at == digits.len();
    if !(has_arbitrary_precision && is_number) {
        return None;
    }
    match Found::number(digits) {
        Found::Float(double) if double.is_finite() => Some(shortest(double)),
        // Beyond a double: the reader refuses it, with its place.
        Found::Float(_) => Some(digits.to_owned()),
        _ => None,
    }
}
