//! Unknown JSON as text: taken from any format, checked in one pass, and
//! written again.

use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::ser::{self, SerializeMap, SerializeSeq};
use serde::{Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::fault::{Fault, MAX_DEPTH, Report};
use crate::scalar::NUMBER_TOKEN;

mod check;
mod syntax;

pub(crate) use check::check;
pub(crate) use syntax::syntax_fault;

/// The name by which serde_json knows a request for the text of a value.
///
/// Should serde_json ever change it, values are rebuilt from what they mean,
/// as they are for every other format: only their spelling would be lost.
const RAW_VALUE_TOKEN: &str = "$serde_json::private::RawValue";

/// Appends the text of the next value to a buffer.
///
/// serde_json hands over the text itself. Any other self-describing format is
/// read for what it means, and that is written down as JSON.
pub(crate) struct TextSeed<'a, R> {
    pub(crate) text: &'a mut String,
    /// How many levels of nesting the value stands in.
    pub(crate) depth: usize,
    pub(crate) report: &'a R,
}

impl<'de, R: Report> DeserializeSeed<'de> for TextSeed<'_, R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_newtype_struct(RAW_VALUE_TOKEN, self)
    }
}

impl<'de, R: Report> Visitor<'de> for TextSeed<'_, R> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    /// serde_json's answer: a map of one entry that holds the text.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let start = self.text.len();
        if map.next_key_seed(IsToken(RAW_VALUE_TOKEN))? != Some(true) {
            return Err(de::Error::invalid_type(Unexpected::Map, &self));
        }
        map.next_value_seed(Append(self.text))?;
        let appended = self.text.get(start..).unwrap_or_default();
        check(appended, self.depth).map_err(|flaw| self.report.report(flaw.fault))
    }

    /// The answer of every other format.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<(), D::Error> {
        Rebuild {
            text: self.text,
            depth: self.depth,
            report: self.report,
        }
        .deserialize(inner)
    }
}

/// Whether the next key is the one given.
struct IsToken(&'static str);

impl<'de> DeserializeSeed<'de> for IsToken {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_identifier(self)
    }
}

impl Visitor<'_> for IsToken {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

/// Appends a string as it is.
struct Append<'a>(&'a mut String);

impl<'de> DeserializeSeed<'de> for Append<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Append<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        self.0.push_str(text);
        Ok(())
    }
}

/// Writes down as JSON what a value of another format means.
struct Rebuild<'a, R> {
    text: &'a mut String,
    depth: usize,
    report: &'a R,
}

impl<R: Report> Rebuild<'_, R> {
    fn write<E: de::Error>(self, value: &(impl Serialize + ?Sized)) -> Result<(), E> {
        self.text
            .push_str(&serde_json::to_string(value).map_err(E::custom)?);
        Ok(())
    }

    fn refuse<E: de::Error>(&self, found: Unexpected<'_>) -> E {
        self.report
            .report(Fault::mismatch("a value that JSON can write", found))
    }

    /// The same, one level deeper.
    fn within<E: de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_add(1) {
            Some(depth) if depth <= MAX_DEPTH => Ok(Self { depth, ..self }),
            _ => Err(self.report.report(Fault::TooDeep)),
        }
    }

    fn again(&mut self) -> Rebuild<'_, R> {
        Rebuild {
            text: self.text,
            depth: self.depth,
            report: self.report,
        }
    }

    /// The rest of a map whose first key was read already.
    fn entries<'de, A: MapAccess<'de>>(
        mut self,
        first: String,
        mut map: A,
    ) -> Result<(), A::Error> {
        let mut next = Some(first);
        let mut separator = '{';
        while let Some(key) = next {
            self.text.push(separator);
            self.again().write(&key)?;
            self.text.push(':');
            map.next_value_seed(self.again())?;
            separator = ',';
            next = map.next_key()?;
        }
        self.text.push('}');
        Ok(())
    }
}

impl<'de, R: Report> DeserializeSeed<'de> for Rebuild<'_, R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, R: Report> Visitor<'de> for Rebuild<'_, R> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON can write")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        if value.is_finite() {
            self.write(&value)
        } else {
            Err(self.refuse(Unexpected::Float(value)))
        }
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<(), E> {
        self.write(value)
    }

    fn visit_bytes<E: de::Error>(self, value: &[u8]) -> Result<(), E> {
        Err(self.refuse(Unexpected::Bytes(value)))
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.write(&())
    }

    fn visit_none<E: de::Error>(self) -> Result<(), E> {
        self.write(&())
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<(), D::Error> {
        self.deserialize(inner)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<(), D::Error> {
        self.deserialize(inner)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut inner = self.within()?;
        inner.text.push('[');
        let mut end = inner.text.len();
        while seq.next_element_seed(inner.again())?.is_some() {
            end = inner.text.len();
            inner.text.push(',');
        }
        inner.text.truncate(end);
        inner.text.push(']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some(first) = map.next_key::<String>()? else {
            self.within()?.text.push_str("{}");
            return Ok(());
        };
        if first == NUMBER_TOKEN {
            let digits: String = map.next_value()?;
            return match serde_json::from_str::<serde_json::Number>(&digits) {
                Ok(number) if number.as_f64().is_some_and(f64::is_finite) => self.write(&number),
                Ok(_) => Err(self.report.report(Fault::number_out_of_range())),
                Err(_) => Err(self.refuse(Unexpected::Map)),
            };
        }
        self.within()?.entries(first, map)
    }
}

/// Unknown JSON on its way out: serde_json gets the text as it is, any other
/// format what the text means.
pub(crate) struct JsonText<'a>(pub(crate) &'a str);

impl Serialize for JsonText<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if speaks_serde_json::<S>() {
            let raw: &RawValue = serde_json::from_str(self.0).map_err(ser::Error::custom)?;
            raw.serialize(to)
        } else {
            let value: Value = serde_json::from_str(self.0).map_err(ser::Error::custom)?;
            Meaning(&value).serialize(to)
        }
    }
}

/// Whether a serializer ends in serde_json, which alone understands a
/// `RawValue`: to every other format that is a struct with a private name.
///
/// The error type is what serde's own wrappers (flatten, tags) pass through.
fn speaks_serde_json<S: Serializer>() -> bool {
    std::any::type_name::<S::Error>() == std::any::type_name::<serde_json::Error>()
}

/// A value without the private map as which serde_json, built with its feature
/// `arbitrary_precision`, writes numbers to every format.
struct Meaning<'a>(&'a Value);

impl Serialize for Meaning<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Number(number) => {
                if let Some(value) = number.as_i64() {
                    to.serialize_i64(value)
                } else if let Some(value) = number.as_u64() {
                    to.serialize_u64(value)
                } else {
                    to.serialize_f64(number.as_f64().unwrap_or(f64::NAN))
                }
            }
            Value::Array(items) => {
                let mut seq = to.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(&Meaning(item))?;
                }
                seq.end()
            }
            Value::Object(entries) => {
                let mut map = to.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, &Meaning(value))?;
                }
                map.end()
            }
            scalar => scalar.serialize(to),
        }
    }
}
