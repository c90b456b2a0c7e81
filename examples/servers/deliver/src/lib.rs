//! A sender that behaves like edeXa: posts webhook bodies to a receiver and
//! sends each one again, on edeXa's documented schedule, until it is answered
//! 200.
//!
//! ```text
//! cargo run -p deliver -- --to http://127.0.0.1:3000/webhooks/edexa/TOKEN --time-scale 0.0001
//! ```
//!
//! edeXa documents retries only for a request that got *no answer*. That any
//! answer other than 200 is retried too is inferred, and so is the
//! `application/json` that goes with each body.
//!
//! A receiver's tests do the same without the command line's process:
//!
//! ```no_run
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use deliver::{Parser, Plan};
//!
//! let args = ["deliver", "--to", "http://127.0.0.1:3000/hook", "--count", "1000", "--quiet"];
//! let report = deliver::run(Plan::try_parse_from(args)?, std::future::pending()).await?;
//! assert!(report.is_complete(), "{report}");
//! # Ok(())
//! # }
//! ```

mod bodies;
mod error;
mod plan;
mod progress;
mod report;
mod run;
mod target;

pub use bodies::Bodies;
/// For [`Plan`]'s `try_parse_from`.
pub use clap::Parser;
pub use error::Error;
pub use plan::Plan;
pub use report::{Answer, Report};
pub use run::{ATTEMPTS, run, schedule};
pub use target::Target;
