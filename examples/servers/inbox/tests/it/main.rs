//! The inbox from outside: its answers, its tables, and what is left of both when
//! something fails.
//!
//! `INBOX_LOAD=full` runs the faults in full.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]
#![allow(
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]
#![allow(clippy::arithmetic_side_effects, reason = "counts of a test")]

mod api;
mod ask;
mod batch;
mod dropped;
mod effects;
mod faults;
mod hands;
mod health;
mod listening;
mod look;
mod page;
mod place;
mod postgres;
mod process;
mod prune;
mod random;
mod receive;
mod running;
mod stamps;
mod start;
mod stop;

#[test]
fn conforms() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("inbox.db").display());
    let suite = conformance::Suite::new(env!("CARGO_BIN_EXE_inbox")).env("DATABASE_URL", &url);
    let failures = suite.run();
    assert!(failures.is_empty(), "{failures:#?}");
}
