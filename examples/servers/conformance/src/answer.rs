//! What came back, and what should have.

use edexa_webhooks::{Rejection, WebhookEvent, delivery::MAX_BODY_BYTES};

/// What a receiver answered.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// All values of a header.
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        let headers = self.headers.iter();
        let named = headers.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// Its body, safe to print.
    pub(crate) fn shown(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let start: String = text.chars().take(400).collect();
        start.escape_debug().collect()
    }
}

/// What a receiver must answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Expected {
    statuses: &'static [u16],
    body: Body,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Body {
    Any,
    Empty,
    OnlyPost,
    Problem(Rejection),
}

impl Expected {
    /// 200 with an empty body.
    pub(crate) const fn ack() -> Self {
        let (statuses, body) = (&[200], Body::Empty);
        Self { statuses, body }
    }

    /// One of these statuses with any body.
    pub(crate) const fn status(statuses: &'static [u16]) -> Self {
        let body = Body::Any;
        Self { statuses, body }
    }

    /// 405, saying what is allowed.
    pub(crate) const fn only_post() -> Self {
        let (statuses, body) = (&[405], Body::OnlyPost);
        Self { statuses, body }
    }

    /// 413 with problem details.
    pub(crate) fn too_large() -> Self {
        Self::problem(Rejection::too_large(MAX_BODY_BYTES))
    }

    /// The problem details that the crate makes of this body. A body that the crate
    /// accepts must be acknowledged.
    pub(crate) fn of(body: &[u8]) -> Self {
        refuse(body).map_or_else(Self::ack, Self::problem)
    }

    fn problem(rejection: Rejection) -> Self {
        let statuses: &[u16] = match rejection.http_status() {
            400 => &[400],
            413 => &[413],
            _ => &[422],
        };
        let body = Body::Problem(rejection);
        Self { statuses, body }
    }

    /// Compares status, media type, `Allow` and, if `exact`, the body.
    ///
    /// # Errors
    ///
    /// What was expected and what was answered.
    pub(crate) fn check(&self, answer: &Answer, exact: bool) -> Result<(), String> {
        let (statuses, status) = (self.statuses, answer.status);
        if !statuses.contains(&status) {
            let body = answer.shown();
            return Err(format!(
                "expected status {statuses:?}, got {status}: {body}"
            ));
        }
        let body = match &self.body {
            Body::Any => return Ok(()),
            Body::OnlyPost => return header(answer, "allow", "POST"),
            Body::Empty => String::new(),
            Body::Problem(rejection) => {
                header(answer, "content-type", Rejection::CONTENT_TYPE)?;
                rejection.to_problem_json()
            }
        };
        if exact && answer.body != body.as_bytes() {
            let found = answer.shown();
            return Err(format!("expected the body {body:?}, got \"{found}\""));
        }
        Ok(())
    }
}

fn header(answer: &Answer, name: &str, expected: &str) -> Result<(), String> {
    let values = answer.values(name);
    if values == [expected] {
        return Ok(());
    }
    Err(format!("expected `{name}: {expected}`, got {values:?}"))
}

/// What the crate says of a body, if it refuses it.
pub(crate) fn refuse(body: &[u8]) -> Option<Rejection> {
    match WebhookEvent::from_slice(body) {
        Err(error) => Some(error.into()),
        Ok(event) => event.outcome().err().map(Rejection::from),
    }
}
