//! The schemas of types that no table defines.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::{Described, impl_json_schema, open, text};
use crate::error::Category;
#[cfg(feature = "sha2")]
use crate::event::fingerprint::Fingerprint;
use crate::event::idempotency::IdempotencyKey;
use crate::event::name::EventName;
use crate::record::answer::OK;
use crate::record::envelope::Envelope;
use crate::record::registration::Form;
use crate::record::registration::fields::{Description, Events, Url};
use crate::record::{Answer, MetaData, Registration};
use crate::rejection::Rejection;
use crate::stamp::status::StampStatus;
use crate::time::WireTime;
use crate::validate::{Rule, Severity};

impl_json_schema! {
    /// An integer of 64 bits. A schema takes `1.0` for one, and the parser does
    /// not.
    StampStatus named "StampStatus", inline: false, |_| open(
        &[
            "How far the stamp has come, wire key `data.status`: any integer from -2^63 to \
             2^63 - 1, written without fraction and exponent.",
            "",
            "Source of the three known values: edeXa's webhook documentation.",
        ],
        &[
            (StampStatus::Pending.code(), &["Waiting for the response."]),
            (StampStatus::Succeeded.code(), &["Response received, success."]),
            (StampStatus::Failed.code(), &["Response received, error or unsuccessful."]),
        ],
        json_schema!({
            "type": "integer",
            "format": "int64",
            "minimum": i64::MIN,
            "maximum": i64::MAX,
        }),
    )
}

impl_json_schema! {
    /// Unknown keys are allowed, as in reading.
    Registration named "Registration", inline: false, |generator| Form::json_schema(generator)
}

/// The data is described only with status 200, since without it anything may be there.
impl<T: JsonSchema> JsonSchema for Answer<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Answer_for_{}", T::schema_name()).into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("edexa_webhooks::Answer<{}>", T::schema_id()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Envelope::json_schema(generator);
        schema.insert("title".to_owned(), Self::schema_name().into());
        let is_ok = json!({ "properties": { "status": { "const": OK } } });
        schema.insert("if".to_owned(), is_ok);
        let data = generator.subschema_for::<T>();
        let has_data = json!({ "properties": { "data": data }, "required": ["data"] });
        schema.insert("then".to_owned(), has_data);
        schema
    }
}

/// Every day of the calendar, in the subset of regular expressions that JSON
/// Schema recommends. A second of 60 is a leap second.
const TIME_PATTERN: &str = concat!(
    "^(",
    "[0-9]{4}-(",
    "(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])",
    "|(0[469]|11)-(0[1-9]|[12][0-9]|30)",
    "|02-(0[1-9]|1[0-9]|2[0-8])",
    ")",
    "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29",
    ")",
    "T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)([.][0-9]+)?",
    "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$",
);

impl_json_schema! {
    /// The payload's form of times, for fields of your own types:
    /// `#[schemars(with = "WireTime")]`.
    ///
    /// The pattern matches every string that is read. It cannot say that the year is in 0000
    /// to 9999 after the offset is applied. There is no `format`: validators that assert
    /// `date-time` refuse leap seconds, and typify's types do not compile with both.
    WireTime named "WireTime", inline: false, |_| json_schema!({
        "description":
            "An RFC 3339 time with an upper-case `T`, such as \
             `2023-05-30T09:21:36.966Z`, in UTC within the years 0000 to 9999. The \
             fraction may have any number of digits, of which those past nanoseconds are \
             dropped. A second of 60, in any minute, is a leap second.\n\n\
             edeXa's samples have milliseconds and `Z` throughout; that other forms of \
             RFC 3339 may come is *inferred*.",
        "type": "string",
        "pattern": TIME_PATTERN,
    })
}

impl_json_schema! {
    /// Both documented spellings of both names.
    EventName named "EventName", inline: false, |_| json_schema!({
        "description":
            "The name of an event that one subscribes to at edeXa. It is not part of the \
             payload. edeXa's webhook documentation says `hash.success` and \
             `hash.failure`, its JavaScript SDK `hash.succeed` and `hash.failed`.",
        "type": "string",
        "enum": ([EventName::as_str, EventName::sdk_name].map(|name| EventName::ALL.map(name)).concat()),
    })
}

/// Types of other crates, and types that are not described by themselves.
macro_rules! described {
    ($($name:ty as $schema:ty;)*) => {$(
        impl Described for $name {
            type Schema = $schema;
        }
    )*};
}

described! {
    bool as Self;
    i64 as Self;
    DateTime<Utc> as WireTime;
    MetaData as Value;
    Url as String;
    Description as String;
    Events as Vec<EventName>;
}

impl_json_schema! {
    /// The pattern holds for every key. It does not say that what is encoded is
    /// UTF-8.
    IdempotencyKey named "IdempotencyKey", inline: true, |_| json_schema!({
        "description":
            "What tells events apart: `STAMP:ACTION`, both percent-encoded. Equal for \
             every redelivery of an event, different for different stamps and for success \
             and failure of one stamp (*inferred*).",
        "type": "string",
        "pattern": format!("^{KEY_PART}:{KEY_PART}$"),
        "examples": ["6475c02029b5bab6d2f2c6dc:succeed"],
    })
}

/// Letters, digits, `-`, `.`, `_` and `~`, and every other byte in two upper-case
/// hex digits.
const KEY_PART: &str = concat!(
    "([A-Za-z0-9._~-]",
    "|%([0189A-F][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[B-DF]))*",
);

#[cfg(feature = "sha2")]
impl_json_schema! {
    /// The version, and 64 hexadecimal digits.
    Fingerprint named "Fingerprint", inline: true, |_| json_schema!({
        "description":
            "What a store compares in place of two whole events: a digest of `data`.",
        "type": "string",
        "pattern": "^v1:[0-9A-Fa-f]{64}$",
    })
}

impl_json_schema! {
    /// The problem details that [`to_problem_json`](Rejection::to_problem_json)
    /// writes, under the name `ProblemDetails`.
    Rejection named "ProblemDetails", inline: false, |_| {
        let rules = Rule::ALL.iter().filter(|rule| rule.severity() == Severity::Error);
        let codes = CATEGORIES.map(Category::code).into_iter().chain(rules.map(|rule| rule.code()));
        let codes: Vec<_> = codes.map(|code| format!("`{code}`")).collect();
        let code = format!("What is wrong: {}. More may come.", codes.join(", "));
        json_schema!({
            "description": "Why a request is refused: problem details (RFC 9457).",
            "type": "object",
            "properties": {
                "type": {
                    "description": "What kind of problem it is: the status says it all.",
                    "type": "string",
                    "const": "about:blank",
                },
                "title": text(&["What HTTP calls the status."]),
                "status": {
                    "description": "The HTTP status.",
                    "type": "integer",
                    "enum": [400, 404, 405, 408, 411, 413, 415, 422],
                },
                "detail": text(&["Why, in a few words."]),
                "errors": {
                    "description":
                        "The one error that ended the reading, or every rule that the \
                         event breaks; none with 404, 405, 408, 411 and 415.",
                    "type": "array",
                    "items": {
                        "title": "Problem",
                        "type": "object",
                        "properties": {
                            "code": text(&[&code]),
                            "pointer": {
                                "description":
                                    "Where, as a JSON pointer (RFC 6901). Empty for the \
                                     body itself.",
                                "type": "string",
                                "format": "json-pointer",
                            },
                            "detail": text(&["What was expected, and what was found."]),
                        },
                        "required": ["code", "pointer", "detail"],
                        "additionalProperties": true,
                    },
                },
            },
            "required": ["type", "title", "status", "detail", "errors"],
            "additionalProperties": true,
        })
    }
}

const CATEGORIES: [Category; 4] = [
    Category::TooLarge,
    Category::Encoding,
    Category::Syntax,
    Category::Data,
];
