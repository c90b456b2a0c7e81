//! What came back, and what should have.

use edexa_webhooks::{Rejection, WebhookEvent};

/// What a receiver answered.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers as they came.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// All values of a header.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        let named = self
            .headers
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }
}

/// What a receiver must answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expected {
    statuses: &'static [u16],
    allow: Option<&'static str>,
    body: Body,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Body {
    Any,
    Empty,
    Problem(String),
}

impl Expected {
    /// 200 with an empty body.
    pub(crate) const fn ack() -> Self {
        Self {
            statuses: &[200],
            allow: None,
            body: Body::Empty,
        }
    }

    /// One of these statuses with any body.
    pub(crate) const fn status(statuses: &'static [u16]) -> Self {
        Self {
            statuses,
            allow: None,
            body: Body::Any,
        }
    }

    /// 405, saying what is allowed.
    pub(crate) const fn only_post() -> Self {
        Self {
            statuses: &[405],
            allow: Some("POST"),
            body: Body::Any,
        }
    }

    /// The problem details that the crate makes of this body.
    pub(crate) fn refusal(statuses: &'static [u16], body: &[u8]) -> Self {
        // A body that the crate accepts leaves a text that no answer equals.
        let problem = refuse(body).map_or_else(String::new, |why| why.to_problem_json());
        Self {
            statuses,
            allow: None,
            body: Body::Problem(problem),
        }
    }

    /// 413 with the problem details for a limit that is the server's own.
    pub(crate) fn too_large() -> Self {
        let limit = edexa_webhooks::delivery::MAX_BODY_BYTES;
        Self {
            statuses: &[413],
            allow: None,
            body: Body::Problem(Rejection::too_large(limit).to_problem_json()),
        }
    }

    /// Compares status, media type, `Allow` and body.
    ///
    /// # Errors
    ///
    /// What was expected and what was answered.
    pub fn check(&self, answer: &Answer) -> Result<(), String> {
        let status = answer.status;
        if !self.statuses.contains(&status) {
            let text = String::from_utf8_lossy(&answer.body);
            let statuses = self.statuses;
            return Err(format!(
                "expected status {statuses:?}, got {status}: {text}"
            ));
        }
        if let Some(allow) = self.allow {
            header(answer, "allow", allow)?;
        }
        match &self.body {
            Body::Any => Ok(()),
            Body::Empty => same_body("", answer),
            Body::Problem(problem) => {
                header(answer, "content-type", Rejection::CONTENT_TYPE)?;
                same_body(problem, answer)
            }
        }
    }
}

fn header(answer: &Answer, name: &str, expected: &str) -> Result<(), String> {
    let values = answer.values(name);
    if values == [expected] {
        return Ok(());
    }
    Err(format!("expected `{name}: {expected}`, got {values:?}"))
}

fn same_body(expected: &str, answer: &Answer) -> Result<(), String> {
    if answer.body == expected.as_bytes() {
        return Ok(());
    }
    let body = String::from_utf8_lossy(&answer.body);
    Err(format!("expected the body {expected:?}, got {body:?}"))
}

/// What the crate says of a body, if it refuses it.
pub(crate) fn refuse(body: &[u8]) -> Option<Rejection> {
    match WebhookEvent::from_slice(body) {
        Err(error) => Some(error.into()),
        Ok(event) => event.outcome().err().map(Rejection::from),
    }
}
