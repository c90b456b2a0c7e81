//! What an endpoint for bStamp webhooks answers, checked through real sockets.
//!
//! A receiver's own test is a few lines, which start the program, send it every row,
//! stop it, and fail with all rows that went wrong:
//!
//! ```no_run
//! # const PROGRAM: &str = "";
//! // env!("CARGO_BIN_EXE_inbox")
//! let failures = conformance::Suite::new(PROGRAM).run();
//! assert!(failures.is_empty(), "{failures:#?}");
//! ```
//!
//! The command line does the same for a program or a URL: see the README.

mod answer;
mod bench;
mod case;
mod lambda;
mod process;
mod rows;
mod suite;
mod wire;

pub use suite::{Outcome, Suite};
