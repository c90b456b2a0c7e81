//! The objects of the wire: one table each, from which their struct, reader and
//! writer follow.

use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};

use crate::error::{ErrorKind, WriteError};
use crate::extra::Extra;
use crate::field::{Field, Missing, Slot};
use crate::json::{Meaning, Read, Reader, push_string};

/// An object that is being read. It outlives the reading, so that what was read
/// before an error can be salvaged.
pub(crate) trait Partial {
    /// Where the object stands, as a JSON pointer.
    fn pointer(&self) -> &'static str;

    /// The pointer of a known key, and where its value goes.
    fn slot(&mut self, key: &str) -> Option<(&'static str, &mut dyn Slot)>;

    /// Where the object starts, and its unknown keys.
    fn rest(&mut self) -> (&mut usize, &mut Extra);

    /// The first required key, in the order of the table, that is not there.
    fn first_missing(&self) -> Option<Missing>;
}

/// Defines an object of the wire from the table of its keys: a line for each, with
/// its field, its type and its key. `Option` makes a key optional.
///
/// It expands to
///
/// - the struct, with the fields as they stand in the table, and `extra`;
/// - a partial one, in which every field may be missing: [`Partial`];
/// - `KEYS`, and `AT`, the JSON pointer of each key under the name of its field;
/// - with the features, its schema, and made-up values for its fields;
/// - [`Field`], which makes the struct of a partial one, and writes it.
macro_rules! object {
    (
        $(#[doc = $object_doc:literal])*
        pub struct $name:ident at $at:literal, read as $partial:ident, pointers $places:ident {
            $($(#[doc = $doc:literal])* pub $field:ident: $type:ty = $key:literal,)*
        }
    ) => {
        $(#[doc = $object_doc])*
        #[derive(Clone, PartialEq, Eq, Debug)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[doc = $doc])* pub $field: $type,)*
            /// Every other key of the object.
            pub extra: $crate::extra::Extra,
        }

        #[derive(Default)]
        pub(crate) struct $partial {
            start: usize,
            $(pub(crate) $field: Option<<$type as $crate::field::Field>::Partial>,)*
            extra: $crate::extra::Extra,
        }

        #[allow(dead_code, reason = "no rule names some of them")]
        pub(crate) struct $places {
            $(pub(crate) $field: &'static str,)*
        }

        impl $name {
            pub(crate) const KEYS: &'static [&'static str] = &[$($key),*];

            #[allow(dead_code, reason = "nothing is compared with some objects")]
            pub(crate) const AT: $places = $places {
                $($field: concat!($at, "/", $key),)*
            };

            /// Whether a known key must be there.
            #[cfg(feature = "testing")]
            #[allow(dead_code, reason = "it is asked of one object")]
            pub(crate) fn requires(key: &str) -> bool {
                let missing = $crate::field::Missing::default();
                match key {
                    $($key => <$type as $crate::field::Field>::first_missing(None, missing).is_some(),)*
                    _ => false,
                }
            }
        }

        #[cfg(feature = "arbitrary")]
        $crate::arbitrary_impls::made_up::change_by_key!($name { $($field = $key,)* });

        #[cfg(feature = "schemars")]
        $crate::json_schema::describe! {
            $name [$($object_doc)*] { $([$($doc)*] $type = $key,)* }
        }

        impl $crate::object::Partial for $partial {
            fn pointer(&self) -> &'static str {
                $at
            }

            fn slot(&mut self, key: &str) -> Option<(&'static str, &mut dyn $crate::field::Slot)> {
                match key {
                    $($key => Some((concat!($at, "/", $key), &mut self.$field)),)*
                    _ => None,
                }
            }

            fn rest(&mut self) -> (&mut usize, &mut $crate::extra::Extra) {
                (&mut self.start, &mut self.extra)
            }

            fn first_missing(&self) -> Option<$crate::field::Missing> {
                None$(.or_else(|| {
                    <$type as $crate::field::Field>::first_missing(
                        self.$field.as_ref(),
                        $crate::field::Missing {
                            pointer: concat!($at, "/", $key),
                            expected: <$type as $crate::field::Field>::EXPECTED,
                            at: self.start,
                        },
                    )
                }))*
            }
        }

        impl $crate::field::Slot for Option<$partial> {
            fn read(&mut self, reader: &mut $crate::json::Reader<'_>) -> $crate::json::Read<()> {
                if self.is_some() {
                    return reader.duplicate();
                }
                $crate::object::read_object(reader, self.insert($partial::default()))
            }
        }

        impl $crate::field::Field for $name {
            type Partial = $partial;

            const EXPECTED: &'static str = $crate::object::EXPECTED;

            fn finish(partial: &mut Option<$partial>) -> Option<Self> {
                let partial = partial.as_mut()?;
                Some(Self {
                    $($field: $crate::field::Field::finish(&mut partial.$field)?,)*
                    extra: std::mem::take(&mut partial.extra),
                })
            }

            fn first_missing(
                partial: Option<&$partial>,
                key: $crate::field::Missing,
            ) -> Option<$crate::field::Missing> {
                partial.map_or(Some(key), $crate::object::Partial::first_missing)
            }

            fn is_written(&self) -> bool {
                true
            }

            fn write(&self, json: &mut String) -> Result<(), $crate::error::WriteError> {
                let start = json.len();
                $($crate::object::write_field(json, concat!(",\"", $key, "\":"), &self.$field)?;)*
                $crate::object::write_rest(json, start, &self.extra, Self::KEYS)
            }

            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;

                let written = [$(self.$field.is_written()),*];
                let written = written.iter().filter(|is_written| **is_written).count();
                let mut map = to.serialize_map(Some(written.saturating_add(self.extra.len())))?;
                $(if self.$field.is_written() {
                    map.serialize_entry($key, &$crate::object::Serialized(&self.$field))?;
                })*
                $crate::object::serialize_rest(map, &self.extra, Self::KEYS)
            }
        }
    };
}
pub(crate) use object;

pub(crate) const EXPECTED: &str = "an object";

/// Reads the next value into a partial object.
pub(crate) fn read_object(reader: &mut Reader<'_>, partial: &mut dyn Partial) -> Read<()> {
    let (start, pointer) = (reader.at, partial.pointer());
    reader.pointer = pointer;
    *partial.rest().0 = start;
    if reader.peek() != Some(b'{') {
        let found = reader.scalar()?;
        return reader.refuse_at(start, found.mismatch(EXPECTED));
    }
    // Where each so many unknown keys start.
    let mut marks = Vec::new();
    let mut is_more = reader.open()?;
    while is_more {
        let start_of_key = reader.at;
        let key = reader.key()?;
        if let Some((pointer_of_key, slot)) = partial.slot(&key) {
            reader.pointer = pointer_of_key;
            reader.colon()?;
            slot.read(reader)?;
            reader.pointer = pointer;
        } else {
            reader.colon()?;
            let (value, extra) = (reader.at, partial.rest().1);
            if extra.len() % MARKED == 0 {
                marks.push(start_of_key);
            }
            reader.skip_value()?;
            extra.push(&key, reader.since(value));
        }
        is_more = reader.comma_follows(b'}')?;
    }
    let Err((kind, nth)) = partial.rest().1.check() else {
        return Ok(());
    };
    reader.at = marks.get(nth / MARKED).copied().unwrap_or(start);
    let at = nth_unknown(reader, partial, nth % MARKED);
    reader.refuse_at(at.unwrap_or(start), kind)
}

/// How many unknown keys apart the marks are.
const MARKED: usize = 32;

/// Where the nth value stands that is under an unknown key, from the next key on.
fn nth_unknown(
    reader: &mut Reader<'_>,
    partial: &mut dyn Partial,
    mut nth: usize,
) -> Option<usize> {
    loop {
        let key = reader.key().ok()?;
        reader.colon().ok()?;
        if partial.slot(&key).is_none() {
            if nth == 0 {
                return Some(reader.at);
            }
            nth = nth.saturating_sub(1);
        }
        reader.skip_value().ok()?;
        reader.comma_follows(b'}').ok().filter(|is_more| *is_more)?;
    }
}

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

/// Reads a text that is one object of the wire and stands in `depth` levels of
/// nesting. What was read before an error stays in the partial object.
pub(crate) fn read_text<T: Field>(
    text: &str,
    depth: usize,
    partial: &mut Option<T::Partial>,
) -> Read<T>
where
    Option<T::Partial>: Slot,
{
    let mut reader = Reader::new(text, depth);
    reader.skip_space();
    partial.read(&mut reader)?;
    reader.pointer = "";
    reader.end()?;
    finish(&mut reader, partial)
}

/// Makes an object of what was read, or names the first key that is missing.
pub(crate) fn finish<T: Field>(
    reader: &mut Reader<'_>,
    partial: &mut Option<T::Partial>,
) -> Read<T> {
    let mut missing = Missing::default();
    match T::first_missing(partial.as_ref(), missing) {
        Some(key) => missing = key,
        None => {
            if let Some(object) = T::finish(partial) {
                return Ok(object);
            }
        }
    }
    let Missing {
        pointer,
        expected,
        at,
    } = missing;
    reader.pointer = pointer;
    reader.refuse_at(at, ErrorKind::Missing { expected })
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
