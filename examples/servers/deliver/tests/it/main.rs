//! `deliver` against a server that answers by script.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cli;
mod keys;
mod library;
mod server;
mod target;
