//! The bStamp API: what it says of a stamp, and where it sends events.

use std::time::Duration;

use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::record::{Answer, ApiFailure, Registration, StampRecord};
use edexa_webhooks::{StampHash, serde_json};
use ureq::http::{HeaderValue, Response, Uri};
use ureq::{Agent, Body, Proxy};

use crate::settings::Settings;

/// A longer hash does not fit into a URL, and is none.
const LONGEST_HASH: usize = 1000;

/// The API, as one user asks it.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it holds a secret")]
pub struct Api {
    agent: Agent,
    base: String,
    authorization: String,
    user_id: String,
}

/// What the API says of a hash.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// Its record.
    Record(Box<StampRecord>),
    /// It knows no such hash.
    NotFound(String),
    /// Nothing about the hash: ask again later.
    Trouble(String),
}

impl Api {
    /// The API that is set, if one is.
    ///
    /// # Errors
    ///
    /// One of URL and token is missing, or the token would cross the network in the
    /// clear.
    pub fn new(settings: &Settings) -> Result<Option<Self>, String> {
        let (url, token) = (&settings.edexa_api_url, &settings.edexa_api_token);
        if url.is_empty() && token.is_empty() {
            return Ok(None);
        }
        if url.is_empty() || token.is_empty() {
            return Err("set both EDEXA_API_URL and EDEXA_API_TOKEN, or neither".into());
        }
        let uri = url.parse::<Uri>().ok();
        let uri = uri.filter(|uri| uri.query().is_none());
        let scheme = uri.as_ref().and_then(Uri::scheme_str);
        let host = uri.as_ref().and_then(Uri::host);
        let is_https = scheme == Some("https");
        let is_here = matches!(host, Some("localhost" | "127.0.0.1" | "[::1]"));
        if !(is_https || is_here && scheme == Some("http")) {
            return Err("EDEXA_API_URL is no https URL without a query".into());
        }
        let authorization = format!("Bearer {token}");
        // Otherwise it would look as if the API did not answer.
        if HeaderValue::from_str(&authorization).is_err() {
            return Err("EDEXA_API_TOKEN holds what no header may, such as a line break".into());
        }
        let agent = Agent::config_builder()
            .timeout_global(Some(Duration::from_millis(settings.api_timeout_ms)))
            .http_status_as_error(false)
            // One that the environment names would see the token.
            .proxy(Proxy::try_from_env().filter(|_| is_https))
            // The API redirects nothing: whatever does is something else.
            .max_redirects(0)
            .build();
        Ok(Some(Self {
            agent: agent.into(),
            base: url.trim_end_matches('/').to_owned(),
            authorization,
            user_id: settings.edexa_user_id.clone(),
        }))
    }

    /// Asks for the record of a hash, and waits for the answer.
    #[must_use]
    pub fn ask(&self, hash: &StampHash) -> Said {
        if hash.as_str().len() > LONGEST_HASH {
            return Said::NotFound("the hash is too long to ask about".into());
        }
        let mut request = self
            .agent
            .get(format!("{}/hash", self.base))
            .query("id", hash.as_str())
            .header("Authorization", &self.authorization);
        if !self.user_id.is_empty() {
            request = request.query("userId", &self.user_id);
        }
        let (http, body) = match request.call().and_then(read) {
            Ok(answer) => answer,
            Err(error) => return Said::Trouble(format!("the API does not answer: {error}")),
        };
        let answer = Answer::<StampRecord>::from_slice(&body).map(Answer::into_result);
        match answer {
            Ok(Ok(record)) if http == 200 => Said::Record(Box::new(record)),
            // A proxy may say 404 too. The API says it in the body.
            Ok(Err(failure @ ApiFailure::NotFound { .. })) if http == 200 || http == 404 => {
                Said::NotFound(failure.to_string())
            }
            Ok(Err(failure)) => Said::Trouble(failure.to_string()),
            Ok(Ok(_)) => Said::Trouble(format!("the API answered a record with HTTP {http}")),
            Err(error) => Said::Trouble(format!(
                "the API answered something else with HTTP {http}: {error}"
            )),
        }
    }

    /// Registers a URL: what the API answered.
    ///
    /// # Errors
    ///
    /// The API refuses it, or does not answer: what it said, as it came.
    pub fn register(&self, registration: &Registration) -> Result<String, String> {
        let sent = self
            .agent
            .post(format!("{}/api/webhooks", self.base))
            .header("Authorization", &self.authorization)
            .header("Content-Type", "application/json")
            .send(registration.to_json());
        let (http, body) = sent
            .and_then(read)
            .map_err(|error| format!("the API does not answer: {error}"))?;
        let text = String::from_utf8_lossy(&body).into_owned();
        let status = serde_json::from_slice::<serde_json::Value>(&body);
        let status = status
            .ok()
            .and_then(|answer| answer.get("status")?.as_i64());
        if (200..300).contains(&http) && status.is_some_and(|status| (200..300).contains(&status)) {
            Ok(text)
        } else {
            Err(format!("the API refused it with HTTP {http}: {text}"))
        }
    }
}

/// The HTTP status and the body, which is held to what any answer needs.
fn read(mut response: Response<Body>) -> Result<(u16, Vec<u8>), ureq::Error> {
    let body = response.body_mut().with_config();
    let body = body.limit(MAX_BODY_BYTES as u64).read_to_vec()?;
    Ok((response.status().as_u16(), body))
}
