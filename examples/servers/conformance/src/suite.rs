//! Runs the rows.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::bench::{Bench, Subject};
use crate::case::{Case, cases};
use crate::lambda;
use crate::process::{Limits, Running};
use crate::rows::{self, Needs, Row};
use crate::wire::Checked;

/// What became of a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Everything was answered as it should be.
    Passed,
    /// What was expected and what happened.
    Failed(String),
    /// Why it cannot be run.
    NotRun(&'static str),
}

/// The rows, about to be run.
#[derive(Clone, Debug)]
pub struct Suite {
    bench: Bench,
    lambda: bool,
    fails: Vec<String>,
}

/// How long a row that must fail is given.
const FAILS_WITHIN: Duration = Duration::from_secs(2);

impl Suite {
    /// The suite for a program that listens.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            bench: Bench::of_program(program.into()),
            lambda: false,
            fails: Vec::new(),
        }
    }

    /// The suite for a server that runs: `http://HOST:PORT/PATH/TOKEN`.
    ///
    /// # Errors
    ///
    /// Another form of URL, and a host that has no address.
    pub fn url(url: &str) -> Result<Self, String> {
        let bench = Bench::of_url(url).map_err(|error| error.to_string())?;
        Ok(Self {
            bench,
            ..Self::new("")
        })
    }

    /// The program is a function for AWS Lambda.
    #[must_use]
    pub fn lambda(mut self) -> Self {
        self.lambda = true;
        self
    }

    /// Gives the program arguments.
    #[must_use]
    pub fn args(mut self, args: &[OsString]) -> Self {
        if let Subject::Program(program) = &mut self.bench.subject {
            program.args.extend_from_slice(args);
        }
        self
    }

    /// Gives the program one more environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.bench = self.bench.with_env(&[(name, value)]);
        self
    }

    /// Refusals need not be worded as the crate words them.
    #[must_use]
    pub fn any_words(mut self) -> Self {
        self.bench.exact = false;
        self
    }

    /// Rows that must fail, and pass if they do. Those that wait have two seconds.
    #[must_use]
    pub fn fails(self, fails: Vec<String>) -> Self {
        Self { fails, ..self }
    }

    /// How long to wait for anything that should happen at once.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.bench.deadline = deadline;
        self
    }

    /// The names of the rows.
    #[must_use]
    pub fn rows(&self) -> Vec<String> {
        let cases = cases(&self.bench).into_iter().map(|case| case.name);
        cases
            .chain(rows::all().into_iter().map(|row| row.name))
            .collect()
    }

    /// Runs every row and gives those that failed, with the reason.
    #[must_use]
    pub fn run(&self) -> Vec<String> {
        let mut failures = Vec::new();
        self.each(|row, outcome| {
            if let Outcome::Failed(reason) = outcome {
                failures.push(format!("{row}: {reason}"));
            }
        });
        failures
    }

    /// Runs one row by its name; no such row is a failure too. An ordinary one
    /// comes after those before it.
    #[must_use]
    pub fn run_only(&self, name: &str) -> Outcome {
        if let Some(row) = rows::all().into_iter().find(|row| row.name == name) {
            return self.outcome(&row);
        }
        let mut found = Outcome::Failed("no such row".into());
        self.each_case(|row, outcome| {
            if row == name {
                found = outcome;
            }
        });
        found
    }

    /// Runs every row and reports each as it ends.
    pub fn each(&self, mut report: impl FnMut(&str, Outcome)) {
        if self.lambda {
            return lambda::each(&self.bench, |row, outcome| {
                report(row, self.turned(row, outcome));
            });
        }
        self.each_case(&mut report);
        for row in rows::all() {
            report(&row.name, self.outcome(&row));
        }
    }

    /// Runs the ordinary rows. One server answers all.
    pub fn each_case(&self, mut report: impl FnMut(&str, Outcome)) {
        let mut receiver = None;
        for case in &cases(&self.bench) {
            let outcome = Outcome::from(self.run_case(case, &mut receiver));
            if outcome != Outcome::Passed {
                // What one case broke does not fail the next.
                receiver = None;
            }
            report(&case.name, self.turned(&case.name, outcome));
        }
    }

    fn run_case(&self, case: &Case, receiver: &mut Option<Running>) -> Checked {
        let bench = &self.bench;
        let running = match receiver {
            Some(running) => running,
            None => receiver.insert(bench.start(Limits::PATIENT)?),
        };
        let mut headers: Vec<String> = Vec::new();
        if case.method == "POST" || !case.body.is_empty() {
            headers.push(format!("content-length: {}", case.body.len()));
        }
        for (name, value) in &case.headers {
            headers.push(format!("{name}: {value}"));
        }
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let path = case.path.as_ref().unwrap_or(&bench.path);
        let mut connection = running.connect(bench)?;
        connection.send(bench.head(case.method, path, &headers))?;
        connection.send(&case.body)?;
        bench.check(&case.expected, &connection.answer_to(case.method)?)
    }

    fn outcome(&self, row: &Row) -> Outcome {
        match (row.needs, &self.bench.subject) {
            (Needs::Program | Needs::ExactWords, Subject::Server(_)) => {
                Outcome::NotRun("it needs a program to start")
            }
            (Needs::ExactWords, _) if !self.bench.exact => {
                Outcome::NotRun("it looks for the words of the Rust crate")
            }
            _ if self.fails.contains(&row.name) => {
                let hurried = self.clone().deadline(FAILS_WITHIN);
                self.turned(&row.name, (row.check)(&hurried.bench).into())
            }
            _ => Outcome::from((row.check)(&self.bench)),
        }
    }

    /// The outcome of a row, the other way round if it must fail.
    fn turned(&self, row: &str, outcome: Outcome) -> Outcome {
        match outcome {
            _ if !self.fails.iter().any(|name| name == row) => outcome,
            Outcome::Passed => Outcome::Failed("it must fail, and passes".into()),
            Outcome::Failed(_) => Outcome::Passed,
            Outcome::NotRun(_) => outcome,
        }
    }
}

impl From<Checked> for Outcome {
    fn from(checked: Checked) -> Self {
        match checked {
            Ok(()) => Self::Passed,
            Err(error) => Self::Failed(error.to_string()),
        }
    }
}
