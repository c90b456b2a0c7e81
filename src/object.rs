//! The objects of the payload: one table each, from which their struct, reader and
//! writer follow.

pub(crate) mod deserialize;
pub(crate) mod read;
pub(crate) mod write;

/// Defines an object of the payload from the table of its keys: a line for each, with
/// its field, its type and its key. `Option` makes a key optional.
///
/// It expands to
///
/// - the struct, with the fields as they are in the table, and `extra`;
/// - a partial one, in which every field may be missing: [`Partial`](crate::field::Partial);
/// - `KEYS`, and `AT`, the JSON pointer of each key under the name of its field;
/// - with the features, its schema, and made-up values for its fields;
/// - `Field`, which makes the struct of a partial one, and writes it;
/// - `Serialize` and `Deserialize`.
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

            #[allow(dead_code, reason = "it is asked of one object")]
            pub(crate) fn without_extra(&self) -> Self {
                Self {
                    $($field: self.$field.clone(),)*
                    extra: $crate::extra::Extra::new(),
                }
            }

            /// The JSON text under a known key, unless it is not written.
            #[cfg(any(feature = "sha2", feature = "testing"))]
            #[allow(dead_code, reason = "it is asked of some objects")]
            pub(crate) fn written(&self, key: &str) -> Result<Option<String>, $crate::error::WriteError> {
                use $crate::field::Field as _;

                let mut json = String::new();
                match key {
                    $($key if self.$field.is_written() => self.$field.write(&mut json)?,)*
                    _ => return Ok(None),
                }
                Ok(Some(json))
            }
        }

        #[cfg(feature = "arbitrary")]
        $crate::arbitrary_impls::made_up::change_by_key!($name { $($field = $key,)* });

        #[cfg(feature = "schemars")]
        $crate::json_schema::describe! {
            $name [$($object_doc)*] { $([$($doc)*] $type = $key,)* }
        }

        impl $crate::object::read::Entries for $partial {
            fn read_in_order(
                &mut self,
                reader: &mut $crate::json::Reader<'_>,
            ) -> $crate::json::Read<bool> {
                use $crate::object::read::read_field;

                $(if reader.take_key(concat!("\"", $key, "\""))
                    && !read_field(reader, concat!($at, "/", $key), &mut self.$field)?
                {
                    return Ok(false);
                })*
                Ok(true)
            }

            fn slot(&mut self, key: &str) -> Option<(&'static str, &mut dyn $crate::field::Slot)> {
                match key {
                    $($key => Some((concat!($at, "/", $key), &mut self.$field)),)*
                    _ => None,
                }
            }

            fn extra(&mut self) -> &mut $crate::extra::Extra {
                &mut self.extra
            }
        }

        impl $crate::field::Partial for $partial {
            fn read_next(
                reader: &mut $crate::json::Reader<'_>,
                to: &mut Option<Self>,
            ) -> $crate::json::Read<()> {
                let partial = to.insert(Self::default());
                partial.start = reader.at;
                $crate::object::read::read_object(reader, $at, partial)
            }
        }

        impl $crate::field::Field for $name {
            type Partial = $partial;

            const EXPECTED: &'static str = $crate::object::read::EXPECTED;

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
                let Some(partial) = partial else {
                    return Some(key);
                };
                None$(.or_else(|| {
                    <$type as $crate::field::Field>::first_missing(
                        partial.$field.as_ref(),
                        $crate::field::Missing {
                            pointer: concat!($at, "/", $key),
                            expected: <$type as $crate::field::Field>::EXPECTED,
                            at: partial.start,
                        },
                    )
                }))*
            }

            fn is_written(&self) -> bool {
                true
            }

            fn write(&self, json: &mut String) -> Result<(), $crate::error::WriteError> {
                let start = json.len();
                $($crate::object::write::write_field(json, concat!(",\"", $key, "\":"), &self.$field)?;)*
                $crate::object::write::write_rest(json, start, &self.extra, Self::KEYS)
            }

            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap as _;

                let written = [$(self.$field.is_written()),*];
                let written = written.iter().filter(|is_written| **is_written).count();
                let mut map = to.serialize_map(Some(written.saturating_add(self.extra.len())))?;
                $(if self.$field.is_written() {
                    map.serialize_entry($key, &$crate::object::write::Serialized(&self.$field))?;
                })*
                $crate::object::write::serialize_rest(map, &self.extra, Self::KEYS)
            }
        }

        /// Writes the keys that are there: of unknown ones, what their values mean.
        /// Integers of 64 bits are exact, every other number is the nearest double, which
        /// may take more characters than the number that was read: `1e15` becomes
        /// `1000000000000000.0`.
        ///
        /// # Errors
        ///
        /// It holds what cannot have been read: under `extra`, a key that has a field of
        /// its own, or a time whose year is not in 0000 to 9999.
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                $crate::field::Field::serialize(self, to)
            }
        }

        /// Reads an object of any size as a part of something else, from any format that
        /// describes itself (JSON, CBOR, YAML). Under an unknown key, a number that the
        /// format does not show as an integer of 64 bits is kept as the nearest double.
        ///
        /// An error names its place in its message, as the pointer that it has in a whole
        /// body: `/data/hash`.
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::object::deserialize::deserialize(from, $at)
            }
        }
    };
}
pub(crate) use object;
