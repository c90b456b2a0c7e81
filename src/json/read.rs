//! The text of a value, from any self-describing format.

use std::fmt;

use serde::de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserializer, Serialize};
use serde_json::Number;

use super::scan;
use crate::fault::{Fault, MAX_DEPTH, Report};
use crate::grow;
use crate::token;

/// Appends the next value to a buffer, as JSON.
///
/// serde_json hands over the text itself. Any other format is read for what the
/// value means, and that is written down.
pub(crate) struct TextSeed<'a, R> {
    text: &'a mut String,
    depth: usize,
    report: &'a R,
    /// Whether a map may be the answer to a request for the text.
    is_asked: bool,
}

impl<'a, R: Report> TextSeed<'a, R> {
    /// For a value that stands in `depth` levels of nesting.
    pub(crate) const fn new(text: &'a mut String, depth: usize, report: &'a R) -> Self {
        Self {
            text,
            depth,
            report,
            is_asked: false,
        }
    }

    fn write<E: de::Error>(self, value: &(impl Serialize + ?Sized)) -> Result<(), E> {
        let text = serde_json::to_string(value).map_err(E::custom)?;
        self.text.push_str(&text);
        Ok(())
    }

    fn refuse<E: de::Error>(&self, found: Unexpected<'_>) -> E {
        self.report
            .report(Fault::mismatch("a value that JSON can write", found))
    }

    /// The same, for a value inside this one.
    fn within<E: de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_add(1) {
            Some(depth) if depth <= MAX_DEPTH => Ok(Self { depth, ..self }),
            _ => Err(self.report.report(Fault::TooDeep)),
        }
    }

    fn again(&mut self) -> TextSeed<'_, R> {
        TextSeed::new(self.text, self.depth, self.report)
    }

    fn number<E: de::Error>(self, digits: &str) -> Result<(), E> {
        match serde_json::from_str::<Number>(digits) {
            Ok(number) if number.as_f64().is_some() => self.write(&number),
            Ok(_) => Err(self.report.report(Fault::number_out_of_range())),
            Err(_) => Err(self.refuse(Unexpected::Map)),
        }
    }

    /// Refuses a map with more in it than the entry that was read, since formats
    /// other than JSON may take the rest for entries of the map around it.
    fn only_entry<'de, A: MapAccess<'de>>(&self, map: &mut A) -> Result<(), A::Error> {
        match map.next_key::<IgnoredAny>()? {
            Some(_) => Err(self.refuse(Unexpected::Map)),
            None => Ok(()),
        }
    }

    /// An object of which the first key was read already.
    fn entries<'de, A: MapAccess<'de>>(
        mut self,
        first: String,
        mut map: A,
    ) -> Result<(), A::Error> {
        let mut next = Some(first);
        let mut separator = '{';
        while let Some(key) = next {
            if token::is_private(&key) {
                return Err(self.report.report(Fault::private_key()));
            }
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

impl<'de, R: Report> DeserializeSeed<'de> for TextSeed<'_, R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        if token::reads_with_serde_json::<D>() {
            let asked = Self {
                is_asked: true,
                ..self
            };
            from.deserialize_newtype_struct(token::RAW_VALUE, asked)
        } else {
            from.deserialize_any(self)
        }
    }
}

impl<'de, R: Report> Visitor<'de> for TextSeed<'_, R> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that JSON can write")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let is_asked = self.is_asked;
        match map.next_key_seed(FirstKey { is_asked })? {
            Some(First::RawValue) => {
                let start = self.text.len();
                map.next_value_seed(Append(self.text))?;
                self.only_entry(&mut map)?;
                let appended = self.text.get(start..).unwrap_or_default();
                scan(appended, self.depth).map_err(|broken| self.report.report(broken.fault))
            }
            Some(First::Number) => {
                let digits: String = map.next_value()?;
                self.only_entry(&mut map)?;
                self.number(&digits)
            }
            Some(First::Other(key)) => self.within()?.entries(key, map),
            None => {
                self.within()?.text.push_str("{}");
                Ok(())
            }
        }
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

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<(), E> {
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
        inner.deserialize_any(self)
    }

    /// What was buffered answers with the value itself.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<(), D::Error> {
        inner.deserialize_any(Self {
            is_asked: false,
            ..self
        })
    }
}

/// What the first key of a map says of the map.
enum First {
    /// The text of a value follows.
    RawValue,
    /// The digits of a number follow.
    Number,
    /// It is an object.
    Other(String),
}

struct FirstKey {
    is_asked: bool,
}

impl<'de> DeserializeSeed<'de> for FirstKey {
    type Value = First;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<First, D::Error> {
        from.deserialize_string(self)
    }
}

impl Visitor<'_> for FirstKey {
    type Value = First;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key that is a string")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<First, E> {
        Ok(match key {
            token::RAW_VALUE if self.is_asked => First::RawValue,
            _ if token::is_number(key) => First::Number,
            _ => First::Other(key.to_owned()),
        })
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
        grow::push_str(self.0, text);
        Ok(())
    }
}
