//! One pass over unknown JSON that builds nothing.

use std::cell::Cell;
use std::fmt;

use serde::Deserializer;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::syntax::syntax_fault;
use crate::fault::{Fault, MAX_DEPTH};
use crate::scalar::NUMBER_TOKEN;

/// What is wrong with a JSON text, and at which byte of it.
pub(crate) struct Flaw {
    pub(crate) fault: Fault,
    pub(crate) offset: usize,
}

/// Checks a JSON text that stands in `depth` levels of nesting for what the
/// grammar allows and no receiver can hold: lone surrogates, numbers beyond a
/// double, and nesting past the limit.
pub(crate) fn check(text: &str, depth: usize) -> Result<(), Flaw> {
    if is_plain_scalar(text) {
        return Ok(());
    }
    let exceeded = Cell::new(None);
    let mut reader = serde_json::Deserializer::from_str(text);
    let walked = Walk {
        depth,
        is_number: false,
        exceeded: &exceeded,
    }
    .deserialize(&mut reader)
    .and_then(|()| reader.end());
    walked.map_err(|error| {
        let (fault, offset) = syntax_fault(&error, text);
        Flaw {
            fault: exceeded.take().unwrap_or(fault),
            offset,
        }
    })
}

/// Whether a text is a short, plain scalar: a literal, an integer, or a string
/// of printable ASCII without escapes. Most values are, and a body of many small
/// ones would pay for a walk through each.
fn is_plain_scalar(text: &str) -> bool {
    match text.as_bytes() {
        b"true" | b"false" | b"null" | b"0" => true,
        [b'1'..=b'9', digits @ ..] => digits.len() < 300 && digits.iter().all(u8::is_ascii_digit),
        [b'"', inside @ .., b'"'] => inside
            .iter()
            .all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')),
        _ => false,
    }
}

#[derive(Clone, Copy)]
struct Walk<'a> {
    depth: usize,
    /// Whether the value is the digits of a number (see `NUMBER_TOKEN`).
    is_number: bool,
    /// The limit that ended the walk, if one of this crate's own did.
    exceeded: &'a Cell<Option<Fault>>,
}

impl Walk<'_> {
    fn within<E: de::Error>(self) -> Result<Self, E> {
        match self.depth.checked_add(1) {
            Some(depth) if depth <= MAX_DEPTH => Ok(Self {
                depth,
                is_number: false,
                ..self
            }),
            _ => Err(self.refuse(Fault::TooDeep)),
        }
    }

    fn refuse<E: de::Error>(&self, fault: Fault) -> E {
        let error = E::custom(&fault);
        self.exceeded.set(Some(fault));
        error
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        if self.is_number {
            let number = serde_json::from_str::<Number>(text);
            if number.is_ok_and(|number| !number.as_f64().is_some_and(f64::is_finite)) {
                return Err(self.refuse(Fault::number_out_of_range()));
            }
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let inner = self.within()?;
        while seq.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut key = map.next_key_seed(IsNumberToken)?;
        if key == Some(true) {
            map.next_value_seed(Walk {
                is_number: true,
                ..self
            })?;
            key = map.next_key_seed(IsNumberToken)?;
            if key.is_none() {
                return Ok(());
            }
        }
        let inner = self.within()?;
        while key.is_some() {
            map.next_value_seed(inner)?;
            key = map.next_key_seed(IsNumberToken)?;
        }
        Ok(())
    }
}

/// Whether the next key is [`NUMBER_TOKEN`].
struct IsNumberToken;

impl<'de> DeserializeSeed<'de> for IsNumberToken {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<bool, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for IsNumberToken {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<bool, E> {
        Ok(key == NUMBER_TOKEN)
    }
}
