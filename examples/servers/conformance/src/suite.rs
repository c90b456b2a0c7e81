//! Runs the rows.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use crate::case::{Case, cases};
use crate::client::Client;
use crate::process::{Bench, BodyTimeout, Running};
use crate::rows::{self, Row};
use crate::wire::Checked;

/// A row that went wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The name of the row.
    pub row: String,
    /// What was expected and what happened.
    pub reason: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.row, self.reason)
    }
}

/// The rows, about to be run against one program.
#[derive(Clone, Debug)]
pub struct Suite {
    bench: Bench,
}

impl Suite {
    /// The suite for a receiver's program.
    #[must_use]
    pub fn new(program: impl AsRef<Path>) -> Self {
        Self {
            bench: Bench {
                program: program.as_ref().into(),
                env: Vec::new(),
                deadline: Duration::from_secs(20),
            },
        }
    }

    /// Gives the program one more environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.bench.env.push((name.into(), value.into()));
        self
    }

    /// How long to wait for anything that should happen at once.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.bench.deadline = deadline;
        self
    }

    /// The names of the rows that need more than one request sent whole. The
    /// others are [`cases`].
    #[must_use]
    pub fn wire_rows() -> Vec<&'static str> {
        rows::all().map(|row| row.name).collect()
    }

    /// Runs every row, prints each, and gives those that failed.
    #[must_use]
    pub fn run(&self) -> Vec<Failure> {
        let mut failures = self.run_cases();
        failures.extend(rows::all().filter_map(|row| self.run_row(&row)));
        failures
    }

    /// Runs one row by its name; no such row is a failure too. A case comes
    /// after those before it.
    #[must_use]
    pub fn run_only(&self, name: &str) -> Option<Failure> {
        if let Some(row) = rows::all().find(|row| row.name == name) {
            return self.run_row(&row);
        }
        if cases().iter().any(|case| case.name == name) {
            let mut failures = self.run_cases().into_iter();
            return failures.find(|failure| failure.row == name);
        }
        report(name, Err("no such row".into()))
    }

    /// Runs the [`cases`] only. One receiver answers all, over connections that
    /// are kept alive.
    #[must_use]
    pub fn run_cases(&self) -> Vec<Failure> {
        let mut receiver = None;
        let mut failures = Vec::new();
        for case in &cases() {
            let outcome = self.run_case(case, &mut receiver);
            if let Some(failure) = report(&case.name, outcome) {
                // What one case broke does not fail the next.
                receiver = None;
                failures.push(failure);
            }
        }
        failures
    }

    fn run_case(&self, case: &Case, receiver: &mut Option<(Running, Client)>) -> Checked {
        let (_, client) = if let Some(started) = receiver {
            started
        } else {
            let running = self.bench.start(BodyTimeout::Patient)?;
            let client = Client::new(running.address, self.bench.deadline);
            receiver.insert((running, client))
        };
        Ok(case.expected.check(&client.send(case)?)?)
    }

    fn run_row(&self, row: &Row) -> Option<Failure> {
        report(row.name, (row.check)(&self.bench))
    }
}

fn report(row: &str, outcome: Checked) -> Option<Failure> {
    let Err(error) = outcome else {
        println!("ok      {row}");
        return None;
    };
    println!("FAILED  {row}: {error}");
    Some(Failure {
        row: row.into(),
        reason: error.to_string(),
    })
}
