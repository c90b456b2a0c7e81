//! The shapes that the schemas share.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

/// Any string, described by its type's doc comment.
pub(crate) fn text(doc: &[&str]) -> Schema {
    json_schema!({ "description": prose(doc), "type": "string" })
}

/// A string of which some values have a meaning. Described by doc comments.
pub(crate) fn open_text(doc: &[&str], known: &[(&str, &[&str])]) -> Schema {
    let known = known.iter().map(|(wire, doc)| (json!(wire), prose(doc)));
    let other = json_schema!({ "type": "string" });
    open(&prose(doc), known, other)
}

/// A value of which some have a meaning and others may get one.
///
/// The known ones are `const`s with a description each, beside the one schema
/// that accepts them all. Validators then accept every value, and generators make
/// a union of the known ones with a plain string or integer.
pub(super) fn open(
    description: &str,
    known: impl Iterator<Item = (Value, String)>,
    mut other: Schema,
) -> Schema {
    let wire_type = other.get("type").cloned();
    let known = known.map(
        |(value, meaning)| json!({ "description": meaning, "type": &wire_type, "const": value }),
    );
    let mut any_of: Vec<_> = known.collect();
    let rest = "Any other value: kept as it is, whatever it may come to mean.";
    other.insert("description".to_owned(), rest.into());
    any_of.push(other.into());
    json_schema!({ "description": description, "anyOf": any_of })
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

/// A text with the labels of links into these docs for the links.
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

/// One key of an object, and what may stand under it.
pub(super) struct Property {
    pointer: &'static str,
    schema: Schema,
    is_required: bool,
}

impl Property {
    fn key(&self) -> &'static str {
        self.pointer.rsplit_once('/').map_or("", |(_, key)| key)
    }
}

pub(super) fn required<T: JsonSchema>(
    generator: &mut SchemaGenerator,
    pointer: &'static str,
) -> Property {
    let mut schema = generator.subschema_for::<T>();
    if let Some(description) = description_at(pointer) {
        schema.insert("description".to_owned(), description.into());
    }
    Property {
        pointer,
        schema,
        is_required: true,
    }
}

/// A key that may be absent or hold `null`.
pub(super) fn optional<T: JsonSchema>(
    generator: &mut SchemaGenerator,
    pointer: &'static str,
) -> Property {
    Property {
        is_required: false,
        ..required::<Option<T>>(generator, pointer)
    }
}

/// What a key holds of which the type does not say it.
fn description_at(pointer: &'static str) -> Option<&'static str> {
    Some(match pointer {
        "/data/isEsign" => "Whether the file carries an electronic signature.",
        "/data/isPrivateBc" => "Whether the chain is a private one; otherwise it is public.",
        "/data/createdAt" => "When the hash was stamped.",
        "/data/updatedAt" => "When the stamp last changed.",
        _ => return None,
    })
}

pub(super) fn object<const KEYS: usize>(description: &str, properties: [Property; KEYS]) -> Schema {
    let required = properties.iter().filter(|property| property.is_required);
    let required: Vec<_> = required.map(Property::key).collect();
    let properties = properties.into_iter();
    let properties: Map<String, Value> = properties
        .map(|property| (property.key().to_owned(), property.schema.into()))
        .collect();
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
