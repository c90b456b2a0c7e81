//! The command line: every row, and a table.

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use conformance::{Outcome, Suite};

/// Sends every row to an endpoint for bStamp webhooks and says what went wrong.
///
/// A program is started and stopped many times, with `WEBHOOK_TOKEN`, `BIND_ADDR`,
/// `BODY_TIMEOUT_MS` and `SHUTDOWN_GRACE_MS` set. It prints `listening on
/// http://ADDRESS` once it does. Behind a URL, the rows about starting, stopping and
/// logging are not run.
#[derive(Parser)]
#[command(
    version,
    after_help = "Exit status: 0 if every row that was run passed, 1 if not, 64 for wrong usage."
)]
struct Cli {
    /// The webhook of a server that runs: http, the secret last
    #[arg(long, value_name = "http://HOST:PORT/PATH/TOKEN", value_parser = Suite::url)]
    #[arg(conflicts_with = "program")]
    url: Option<Suite>,
    /// The program is a function for AWS Lambda
    #[arg(long, requires = "program")]
    lambda: bool,
    /// Refusals must be worded as the Rust crate words them, in the log too
    #[arg(long)]
    exact: bool,
    /// How long to wait for anything that should happen at once
    #[arg(long, value_name = "SECONDS", default_value = "20", value_parser = clap::value_parser!(u64).range(1..))]
    deadline: u64,
    /// A row that must fail
    #[arg(long, value_name = "ROW")]
    fails: Vec<String>,
    /// The program to start, and its arguments
    #[arg(required_unless_present = "url", trailing_var_arg = true)]
    program: Vec<OsString>,
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 64 } else { 0 });
        }
    };
    let suite = match (cli.url, cli.program.split_first()) {
        (Some(suite), _) => suite,
        (None, Some((program, args))) if cli.lambda => Suite::new(program).args(args).lambda(),
        (None, Some((program, args))) => Suite::new(program).args(args),
        (None, None) => return ExitCode::from(64),
    };
    let suite = suite.deadline(Duration::from_secs(cli.deadline));
    let suite = if cli.exact { suite } else { suite.any_words() };
    let rows = suite.rows();
    if let Some(name) = cli.fails.iter().find(|name| !rows.contains(name)) {
        eprintln!("conformance: --fails: there is no row {name:?}");
        return ExitCode::from(64);
    }
    let suite = suite.fails(cli.fails);
    let mut counts = [0_usize; 3];
    suite.each(|row, outcome| {
        let (count, line) = match outcome {
            Outcome::Passed => (0, format!("ok      {row}")),
            Outcome::Failed(reason) => (1, format!("FAILED  {row}: {reason}")),
            Outcome::NotRun(reason) => (2, format!("-       {row}: {reason}")),
        };
        println!("{line}");
        if let Some(count) = counts.get_mut(count) {
            *count = count.saturating_add(1);
        }
    });
    let [passed, failed, not_run] = counts;
    println!("{passed} passed, {failed} failed, {not_run} not run");
    ExitCode::from(u8::from(failed > 0))
}
