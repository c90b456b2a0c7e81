//! The receiver's side of the webhooks, as OpenAPI 3.1.

use edexa_webhooks::delivery::{MAX_BODY_BYTES, RETRY_DELAYS};
use edexa_webhooks::testing::{EventBuilder, FAILED, SUCCEEDED};
use edexa_webhooks::{EventName, Rejection, StampStatus, WebhookEvent};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use crate::written;

/// What is in `openapi.json`.
#[must_use]
pub fn openapi() -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let event = written(&generator.subschema_for::<WebhookEvent>());
    let problem = written(&generator.subschema_for::<Rejection>());
    let answers = answers();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "edeXa bStamp webhooks",
            "summary": "What edeXa's bStamp service posts, and what a receiver answers.",
            "description": introduction(),
            "contact": {
                "name": "The authors of edexa-webhooks",
                "url": "https://docs.rs/edexa-webhooks",
            },
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
            "version": crate_version(),
        },
        "servers": [{
            "url": "https://{host}/webhooks/edexa/{secret}",
            "description": "Your endpoint: the URL that you register at edeXa.",
            "variables": {
                "host": {
                    "description": "The public name of your server.",
                    "default": "receiver.invalid",
                },
                "secret": {
                    "description": "A random string of 128 bits or more, which keeps strangers out.",
                    "default": "secret",
                },
            },
        }],
        "tags": [{
            "name": TAG,
            "description": "What happened to a stamp.",
        }],
        "security": [],
        "webhooks": {
            (SUCCESS.name.as_str()): webhook(&SUCCESS, &event, &answers),
            (FAILURE.name.as_str()): webhook(&FAILURE, &event, &answers),
        },
        "components": {
            "schemas": schemas(&mut generator),
            "responses": responses(&answers, &problem),
        },
    })
}

fn introduction() -> String {
    let delays = RETRY_DELAYS.map(|delay| delay.as_secs().to_string());
    format!(
        "The webhooks of edeXa's bStamp service, as a receiver sees them. Written by the \
         authors of the Rust crate `edexa-webhooks`, not by edeXa.\n\n\
         The payload is what edeXa's webhook documentation says. What it does not state, \
         and follows from its samples and its client applications, is marked *inferred*.\n\n\
         edeXa documents no signature, no shared secret and no timestamp header: anybody \
         who knows the URL can post an event.\n\n\
         edeXa documents that it expects the answer 200 to every event, and that a request \
         which gets no answer is sent again, after {} seconds. The other answers are those \
         of `edexa-webhooks`. What they do to these retries is not documented.",
        delays.join(", ")
    )
}

/// That of the crate, which these files describe.
fn crate_version() -> &'static str {
    let manifest = include_str!("../../Cargo.toml");
    let mut lines = manifest.lines();
    lines
        .find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        .expect("the crate has a version")
}

fn schemas(generator: &mut SchemaGenerator) -> Map<String, Value> {
    let schemas = generator.take_definitions(true);
    let written = schemas.into_iter().map(|(name, schema)| {
        let schema = schemars::Schema::try_from(schema).expect("a definition is a schema");
        (name, written(&schema))
    });
    written.collect()
}

const TAG: &str = "stamps";

struct Webhook {
    name: EventName,
    operation_id: &'static str,
    summary: &'static str,
    sample: &'static str,
}

const SUCCESS: Webhook = Webhook {
    name: EventName::HashSuccess,
    operation_id: "hashSuccess",
    summary: "A stamp is on the chain, and the event carries its transaction id.",
    sample: SUCCEEDED,
};

const FAILURE: Webhook = Webhook {
    name: EventName::HashFailure,
    operation_id: "hashFailure",
    summary: "No transaction id could be provided for a stamp.",
    sample: FAILED,
};

fn webhook(webhook: &Webhook, event: &Value, answers: &[Answer]) -> Value {
    let sample: Value = serde_json::from_str(webhook.sample).expect("a sample is JSON");
    let responses = answers.iter().map(|answer| {
        let response = format!("#/components/responses/{}", answer.name);
        (answer.status.to_string(), json!({ "$ref": response }))
    });
    json!({
        "post": {
            "operationId": webhook.operation_id,
            "tags": [TAG],
            "summary": webhook.summary,
            "description": format!(
                "edeXa's webhook documentation calls this event `{}`. Its `action` is `{}`.",
                webhook.name,
                webhook.name.action(),
            ),
            "requestBody": {
                "description":
                    "edeXa documents no media type. That it is this one is *inferred*: a \
                     receiver should ask nothing of `Content-Type`.",
                "content": {
                    "application/json": {
                        "schema": event,
                        "examples": {
                            "documented": {
                                "summary": "The body that edeXa's webhook documentation shows.",
                                "value": sample,
                            },
                        },
                    },
                },
                "required": true,
            },
            "responses": responses.collect::<Map<_, _>>(),
        },
    })
}

/// What a receiver answers.
struct Answer {
    status: u16,
    name: &'static str,
    description: String,
    /// Problem details, by name, if the body has some.
    problems: Vec<(&'static str, Rejection)>,
}

impl Answer {
    fn without_body(status: u16, name: &'static str, description: &str) -> Self {
        Self {
            status,
            name,
            description: description.to_owned(),
            problems: Vec::new(),
        }
    }

    /// A refusal before the body is read.
    fn unread(status: u16, name: &'static str, description: &str, problem: Rejection) -> Self {
        Self {
            problems: vec![("refused", problem)],
            ..Self::without_body(status, name, description)
        }
    }
}

/// Without 405: another method is another operation.
fn answers() -> Vec<Answer> {
    vec![
        Answer::without_body(
            200,
            "Taken",
            "The event is stored: a new one, the same one again, or one that is newer than the \
             receiver.",
        ),
        Answer {
            status: 400,
            name: "NotJson",
            description:
                "Not UTF-8, not JSON, or JSON that parsers read differently: more than 64 \
                          levels of nesting, a number beyond the range of a double, or a lone \
                          surrogate."
                    .to_owned(),
            problems: vec![("cutOff", unread("{\"webhookId\": \"6475b0af"))],
        },
        Answer::unread(
            404,
            "WrongSecret",
            "A wrong secret in the path.",
            Rejection::not_found(),
        ),
        Answer::unread(
            408,
            "TooSlow",
            "The body did not arrive in time.",
            Rejection::request_timeout(),
        ),
        Answer::unread(
            411,
            "NoLength",
            "A body without `Content-Length`, from a receiver that needs one.",
            Rejection::length_required(),
        ),
        Answer {
            status: 413,
            name: "TooLarge",
            description: format!(
                "More bytes than the receiver's limit, which is {MAX_BODY_BYTES} where nothing \
                 else was chosen."
            ),
            problems: vec![("overTheLimit", Rejection::too_large(MAX_BODY_BYTES))],
        },
        Answer::unread(
            415,
            "Encoded",
            "A `Content-Encoding` other than `identity`.",
            Rejection::unsupported_encoding(),
        ),
        Answer {
            status: 422,
            name: "NotAnEvent",
            description: "JSON that is not an event, or an event that contradicts itself."
                .to_owned(),
            problems: vec![
                ("wrongType", unread("{\"webhookId\": 1}")),
                ("contradiction", contradiction()),
            ],
        },
        Answer::without_body(503, "StoreDown", "The receiver cannot store the body."),
    ]
}

fn unread(body: &str) -> Rejection {
    let read = body.parse::<WebhookEvent>();
    read.expect_err("this is no event").into()
}

fn contradiction() -> Rejection {
    let event = EventBuilder::succeeded()
        .status(StampStatus::Failed)
        .without_tx_id()
        .build();
    event.outcome().expect_err("two rules are broken").into()
}

fn responses(answers: &[Answer], schema: &Value) -> Map<String, Value> {
    let response = |answer: &Answer| {
        if answer.problems.is_empty() {
            return json!({ "description": answer.description });
        }
        let examples = answer.problems.iter().map(|(name, problem)| {
            let value = serde_json::to_value(problem).expect("problem details are JSON");
            ((*name).to_owned(), json!({ "value": value }))
        });
        let examples: Map<_, _> = examples.collect();
        json!({
            "description": answer.description,
            "content": {
                (Rejection::CONTENT_TYPE): { "schema": schema, "examples": examples },
            },
        })
    };
    let responses = answers.iter();
    responses
        .map(|answer| (answer.name.to_owned(), response(answer)))
        .collect()
}
