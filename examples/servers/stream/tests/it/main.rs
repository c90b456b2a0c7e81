//! The stream from outside: its answers, the inbox's tables behind it, and what is left of
//! both when something fails.
//!
//! `STREAM_LOAD=full` runs the faults in full.

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

mod applied;
mod cluster;
mod faults;
mod received;
mod speed;
mod world;

// The inbox's tests start the same server.
#[path = "../../../inbox/tests/it/listening.rs"]
mod listening;
#[path = "../../../inbox/tests/it/postgres.rs"]
mod postgres;
