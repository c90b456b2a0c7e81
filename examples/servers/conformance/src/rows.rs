//! The rows that need more than one request sent whole.

use edexa_webhooks::testing;

use crate::bench::Bench;
use crate::process::{Limits, Running};
use crate::wire::{Checked, Connection};

mod framing;
mod life;
mod limits;
mod paths;
mod shutdown;
mod slow;

/// One row: its name, and the check that starts a server for itself.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) needs: Needs,
    pub(crate) check: Box<dyn Fn(&Bench) -> Checked>,
}

/// What a row cannot do without.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Nothing,
    Program,
    ExactWords,
}

impl Row {
    fn new(name: &str, needs: Needs, check: impl Fn(&Bench) -> Checked + 'static) -> Self {
        let (name, check) = (name.into(), Box::new(check));
        Self { name, needs, check }
    }
}

/// A file's rows about a server that listens, and goes on after each.
type Rows = &'static [(&'static str, fn(&Bench, &Running) -> Checked)];

/// A file's rows about a program.
type ProgramRows = &'static [ProgramRow];
type ProgramRow = (&'static str, fn(&Bench) -> Checked);

pub(crate) fn all() -> Vec<Row> {
    let mut all = Vec::new();
    for (limits, rows) in [
        (Limits::PATIENT, paths::ROWS),
        (Limits::PATIENT, framing::ROWS),
        (Limits::PATIENT, limits::ROWS),
        (Limits::PATIENT, slow::ROWS),
        (Limits::HURRIED, slow::HURRIED_ROWS),
    ] {
        for &(name, check) in rows {
            all.push(Row::new(name, Needs::Nothing, move |bench| {
                let receiver = bench.start(limits)?;
                check(bench, &receiver)?;
                receiver.still_answers(bench)
            }));
        }
    }
    let program = |&(name, check): &ProgramRow| Row::new(name, Needs::Program, check);
    let words = |&(name, check): &ProgramRow| Row::new(name, Needs::ExactWords, check);
    all.extend(life::ROWS.iter().map(program));
    all.extend(life::EXACT_ROWS.iter().map(words));
    all.extend(shutdown::rows());
    all
}

const BODY: &[u8] = testing::SUCCEEDED.as_bytes();

/// The body in two parts.
fn halves() -> (&'static [u8], &'static [u8]) {
    BODY.split_at(BODY.len() / 2)
}

/// A client whose head the receiver has read, and whose body it waits for.
fn asked_for_the_body(bench: &Bench, receiver: &Running) -> Checked<Connection> {
    let mut connection = receiver.connect(bench)?;
    let length = format!("Content-Length: {}", BODY.len());
    connection.send(bench.post(&[&length, "Expect: 100-continue"]))?;
    match connection.next()? {
        Some(interim) if interim.status == 100 => Ok(connection),
        other => Err(format!("expected status 100, got {other:?}").into()),
    }
}
