//! The rows that need more than one request sent whole.

use edexa_webhooks::testing;

use crate::answer::{Answer, Expected};
use crate::case::{Case, TOKEN, cases, webhook_path};
use crate::client::Client;
use crate::process::{Bench, Running};
use crate::wire::{Checked, head};

mod framing;
mod life;
mod limits;
mod slow;

/// One row: its name, and the check that starts a receiver for itself.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) check: fn(&Bench) -> Checked,
}

pub(crate) fn all() -> impl Iterator<Item = Row> {
    [framing::ROWS, limits::ROWS, slow::ROWS, life::ROWS]
        .into_iter()
        .flatten()
        .map(|&(name, check)| Row { name, check })
}

/// A file's rows.
type Rows = &'static [(&'static str, fn(&Bench) -> Checked)];

/// The head of a POST where it belongs.
fn post(headers: &[&str]) -> String {
    head("POST", &webhook_path(TOKEN), headers)
}

/// A whole POST whose length is announced.
fn post_body(body: &[u8]) -> Vec<u8> {
    let length = format!("Content-Length: {}", body.len());
    let mut request = post(&[&length]).into_bytes();
    request.extend(body);
    request
}

fn acknowledged(answer: &Answer) -> Checked {
    Ok(Expected::ack().check(answer)?)
}

/// The server goes on: another client gets its answer.
fn still_answers(bench: &Bench, receiver: &Running) -> Checked {
    let client = Client::new(receiver.address, bench.deadline);
    let case = documented();
    let answer = client
        .send(&case)
        .map_err(|error| format!("the server no longer answers: {error}"))?;
    acknowledged(&answer)
}

/// The case of the documented success.
fn documented() -> Case {
    let mut all = cases();
    all.swap_remove(0)
}

const BODY: &[u8] = testing::SUCCEEDED.as_bytes();

/// The body in two parts.
fn halves() -> (&'static [u8], &'static [u8]) {
    BODY.split_at(BODY.len() / 2)
}
