//! The one suite for all receivers: what an endpoint for bStamp webhooks
//! answers, checked through real sockets.
//!
//! A receiver's own test is one call, which starts the program, sends it every
//! row, stops it, and fails with all rows that went wrong:
//!
//! ```no_run
//! # const PROGRAM: &str = "";
//! // env!("CARGO_BIN_EXE_receiver-axum")
//! conformance::run(PROGRAM);
//! ```
//!
//! What a receiver does with its environment is a part of the contract:
//!
//! | variable | meaning |
//! | --- | --- |
//! | `WEBHOOK_TOKEN` | the secret part of the URL; it does not start without one |
//! | `BIND_ADDR` | where it listens, `127.0.0.1:3000` if unset; port 0 takes a free one |
//! | `BODY_TIMEOUT_MS` | how long reading one body may take, 10000 if unset |
//!
//! A receiver without a socket answers [`cases`] in its own way and compares
//! with [`Expected::check`].

mod answer;
mod case;
mod client;
mod process;
mod rows;
mod suite;
mod wire;

pub use answer::{Answer, Expected};
pub use case::{Case, TOKEN, cases};
pub use suite::{Failure, Suite};

/// Runs every row against the program and prints each.
///
/// # Panics
///
/// A row failed. The message holds all that did.
pub fn run(program: &str) {
    let failures = Suite::new(program).run();
    let report: Vec<String> = failures.iter().map(ToString::to_string).collect();
    assert!(report.is_empty(), "\n{}\n", report.join("\n"));
}
