//! What the benches measure: bodies, peers, and the tasks that pair them.

mod bodies;
mod events;
pub mod hand;
mod hostile;
mod tasks;

pub use bodies::Body;
pub use tasks::{Group, Task, groups};
