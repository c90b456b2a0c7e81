//! JSON Schema (draft 2020-12) of the payload: the feature
//! `schemars`.
//!
//! No schema here refuses what the parser accepts. What the parser refuses of an
//! event besides, because a schema cannot say it, is listed in `schema/README.md`
//! and shown by the tests beside it.
//!
//! A type that is one string is described where it is used, so that code
//! generators make plain strings of it. Objects, open values and times are
//! definitions of their own.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use crate::field::{Field, Missing};

mod types;

/// Implements `schemars::JsonSchema` for a type of this crate.
macro_rules! impl_json_schema {
    (
        $(#[$doc:meta])*
        $name:ident named $title:expr, inline: $inline:literal, |$generator:pat_param| $schema:expr
    ) => {
        impl $crate::json_schema::Described for $name {
            type Schema = Self;
        }

        $(#[$doc])*
        #[cfg_attr(docsrs, doc(cfg(feature = "schemars")))]
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                $inline
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                $title.into()
            }

            fn schema_id() -> std::borrow::Cow<'static, str> {
                concat!("edexa_webhooks::", stringify!($name)).into()
            }

            fn json_schema($generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let mut schema: schemars::Schema = $schema;
                schema.insert("title".to_owned(), $title.into());
                schema
            }
        }
    };
}
pub(crate) use impl_json_schema;

/// Describes an object from the table of its keys.
macro_rules! describe {
    ($name:ident [$($object_doc:literal)*] { $([$($doc:literal)*] $type:ty = $key:literal,)* }) => {
        $crate::json_schema::impl_json_schema! {
            /// An object of the payload. Unknown keys are allowed, as in reading.
            $name named stringify!($name), inline: false, |generator| {
                let (mut properties, mut required) = <(serde_json::Map<_, _>, Vec<_>)>::default();
                $($crate::json_schema::add_property::<$type>(
                    &mut properties,
                    &mut required,
                    $key,
                    &[$($doc),*],
                    generator,
                );)*
                $crate::json_schema::object(&[$($object_doc),*], &properties, &required)
            }
        }
    };
}
pub(crate) use describe;

/// The type whose schema describes what is under a key.
pub(crate) trait Described {
    type Schema: schemars::JsonSchema;
}

impl<T: Described> Described for Option<T> {
    type Schema = Option<T::Schema>;
}

/// Any string, described by its type's doc comment.
pub(crate) fn text(doc: &[&str]) -> Schema {
    json_schema!({ "description": prose(doc), "type": "string" })
}

/// A string of which some values have a meaning. Described by doc comments.
pub(crate) fn open_text(doc: &[&str], known: &[(&str, &[&str])]) -> Schema {
    open(doc, known, json_schema!({ "type": "string" }))
}

/// A value of which some have a meaning and others may get one: its type alone, and the
/// known values as `examples` and in the description.
///
/// Beside `const`s in an `anyOf`, typify makes an enum of them that refuses its own
/// samples, and json-schema-to-typescript makes a plain `string` of them anyway.
fn open<V: Into<Value> + Copy>(doc: &[&str], known: &[(V, &[&str])], mut schema: Schema) -> Schema {
    let examples: Vec<Value> = known.iter().map(|(value, _)| (*value).into()).collect();
    let lines = examples.iter().zip(known).map(|(value, (_, doc))| {
        let doc = prose(doc);
        let meaning = doc.split_once(": ").map_or(&*doc, |(_, meaning)| meaning);
        format!("- `{value}`: {meaning}\n")
    });
    let description = format!(
        "{}\n\nKnown values:\n\n{}\nOthers may come: accept and keep them.",
        prose(doc),
        lines.collect::<String>(),
    );
    schema.insert("description".to_owned(), description.into());
    schema.insert("examples".to_owned(), examples.into());
    schema
}

/// What a doc comment tells those who do not write Rust: its paragraphs up to the
/// first example or heading, but for those that link to an item.
fn prose(doc: &[&str]) -> String {
    let paragraphs: Vec<_> = doc
        .split(|line| line.trim().is_empty())
        .map(|lines| lines.iter().map(|line| line.trim()).collect::<Vec<_>>())
        .map(|lines| lines.join(" "))
        .take_while(|paragraph| !paragraph.starts_with("```") && !paragraph.starts_with('#'))
        .filter(|paragraph| !paragraph.contains("[`"))
        .map(|paragraph| unlinked(&paragraph))
        .collect();
    paragraphs.join("\n\n")
}

/// A string with the labels of links into these docs for the links.
fn unlinked(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](crate::") {
        let (start, label) = before.rsplit_once('[').unwrap_or((before, ""));
        plain.extend([start, label]);
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    plain + rest
}

/// Adds the key of a field to those of its object. Where its type says nothing of itself, or
/// names another key, the field's doc comment does.
pub(crate) fn add_property<T: Field + Described>(
    properties: &mut Map<String, Value>,
    required: &mut Vec<Value>,
    key: &str,
    doc: &[&str],
    generator: &mut SchemaGenerator,
) {
    let mut schema = generator.subschema_for::<T::Schema>();
    let says = schema.get("description").and_then(Value::as_str);
    let is_of_key = |text: &str| {
        [".", "`"]
            .iter()
            .any(|at| text.contains(&format!("{at}{key}`")))
    };
    if says.is_none_or(|text| text.contains(" key `") && !is_of_key(text)) {
        let doc = prose(doc).replace(&format!(" (`{key}`)"), "");
        schema.insert("description".to_owned(), doc.into());
    }
    properties.insert(key.to_owned(), schema.into());
    let missing = T::first_missing(None, Missing::default());
    required.extend(missing.map(|_| key.into()));
}

/// An object of the payload, described by its doc comment.
pub(crate) fn object(doc: &[&str], properties: &Map<String, Value>, required: &[Value]) -> Schema {
    let doc = prose(doc);
    let mut paragraphs = doc.split("\n\n");
    let what = paragraphs.next().unwrap_or_default();
    let source = paragraphs.find(|paragraph| paragraph.starts_with("Source:"));
    let source = source.unwrap_or(
        "Source: edeXa's webhook documentation. It documents no signature: whoever knows the \
         URL can post one. That keys are required is *inferred*, because both of its samples \
         have them.",
    );
    let description = format!(
        "{what}\n\n{source} What it does not state is marked *inferred*. Where a key is not \
         required, `null` means the same as a missing key. Duplicate keys are an error. Keys \
         that are not named here are to be kept.",
    );
    json_schema!({
        "description": description,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": true,
    })
}

#[cfg(test)]
mod tests {
    use super::prose;

    #[test]
    fn prose_joins_the_lines_of_a_paragraph() {
        assert_eq!(prose(&[" One", " line.", "", " Two."]), "One line.\n\nTwo.");
    }

    #[test]
    fn prose_ends_at_an_example_or_a_heading() {
        assert_eq!(
            prose(&[" One.", "", " ```", " code", " ```", "", " Two."]),
            "One."
        );
        assert_eq!(prose(&[" One.", "", " # Errors", "", " Two."]), "One.");
    }

    #[test]
    fn prose_has_the_labels_of_links_to_pages() {
        let doc = [" One, [as", " told](crate::guide), and [two](crate::a#b)."];
        assert_eq!(prose(&doc), "One, as told, and two.");
    }

    #[test]
    fn prose_leaves_out_what_links_to_an_item() {
        let doc = [" One.", "", " See [`Two`]", " there.", "", " Three."];
        assert_eq!(prose(&doc), "One.\n\nThree.");
    }
}
