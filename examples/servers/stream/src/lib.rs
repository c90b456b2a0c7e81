//! A bStamp webhook endpoint for more than one machine: a replicated log in
//! front of the inbox.
//!
//! ```text
//! stream setup && WEBHOOK_TOKEN=change-me stream receive
//! DATABASE_URL=postgres://… stream apply
//! ```
//!
//! The log is a stream of NATS. [`receive`] publishes each body, and answers 200 once a quorum of the log's servers
//! has it. [`apply`] stores what is in the log in the inbox's tables, and processes it as
//! the inbox does. [`message`] says what a body is called in the log.

pub mod apply;
pub mod log;
pub mod message;
pub mod receive;
pub mod settings;

/// An error that ends the program.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
