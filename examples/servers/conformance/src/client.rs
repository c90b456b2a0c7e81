//! An ordinary HTTP client, for the ordinary rows.

use std::net::SocketAddr;
use std::time::Duration;

use ureq::http::{Request, Response};
use ureq::{Agent, Body, SendBody};

use edexa_webhooks::delivery::MAX_BODY_BYTES;

use crate::answer::Answer;
use crate::case::Case;
use crate::wire::{Checked, Connection, head};

/// A client that reports every answer as it came.
pub(crate) struct Client {
    agent: Agent,
    address: SocketAddr,
    deadline: Duration,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, deadline: Duration) -> Self {
        let config = Agent::config_builder()
            .allow_non_standard_methods(true)
            .http_status_as_error(false)
            // A server may close the connection on which it left a body unread,
            // and that may show only after the next request was sent on it. A
            // row of its own reuses connections.
            .max_idle_connections(0)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(deadline))
            .build();
        Self {
            agent: Agent::new_with_config(config),
            address,
            deadline,
        }
    }

    /// Sends the case's request.
    pub(crate) fn send(&self, case: &Case) -> Checked<Answer> {
        if case.body.len() > MAX_BODY_BYTES {
            return self.send_oversized(case);
        }
        if case.body.is_empty() && case.method != "POST" {
            return collect(self.agent.run(self.request(case).body(())?)?);
        }
        collect(
            self.agent
                .run(self.request(case).body(case.body.as_slice())?)?,
        )
    }

    /// Sends the case's body in chunks.
    pub(crate) fn send_chunked(&self, case: &Case) -> Checked<Answer> {
        let mut body = case.body.as_slice();
        let body = SendBody::from_reader(&mut body);
        collect(self.agent.run(self.request(case).body(body)?)?)
    }

    fn request(&self, case: &Case) -> ureq::http::request::Builder {
        let uri = format!("http://{}{}", self.address, case.path);
        let mut request = Request::builder().method(case.method).uri(uri);
        for (name, value) in &case.headers {
            request = request.header(*name, *value);
        }
        request
    }

    /// By hand: the receiver may answer and hang up while the body is still
    /// being sent, and an ordinary client need not read on then.
    fn send_oversized(&self, case: &Case) -> Checked<Answer> {
        let mut headers = vec![format!("content-length: {}", case.body.len())];
        for (name, value) in &case.headers {
            headers.push(format!("{name}: {value}"));
        }
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let mut connection = Connection::open(self.address, self.deadline)?;
        connection.send(head(case.method, &case.path, &headers))?;
        connection.send(&case.body)?;
        connection.answer()
    }
}

fn collect(mut response: Response<Body>) -> Checked<Answer> {
    let mut answer = Answer {
        status: response.status().as_u16(),
        ..Answer::default()
    };
    for (name, value) in response.headers() {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        answer.headers.push((name.as_str().to_owned(), value));
    }
    answer.body = response.body_mut().read_to_vec()?;
    Ok(answer)
}
