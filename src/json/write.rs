//! Unknown JSON on its way out, in any format.

use serde::ser::{self, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::token;

/// A JSON text: serde_json gets the text as it is, any other
/// format what the text means.
pub(crate) struct JsonText<'a>(pub(crate) &'a str);

impl Serialize for JsonText<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if token::writes_with_serde_json::<S>() {
            let raw: &RawValue = serde_json::from_str(self.0).map_err(ser::Error::custom)?;
            raw.serialize(to)
        } else {
            let value: Value = serde_json::from_str(self.0).map_err(ser::Error::custom)?;
            Meaning(&value).serialize(to)
        }
    }
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
