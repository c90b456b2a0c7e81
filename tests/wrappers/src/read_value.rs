//! A program that depends on the crate, and reads something else: any JSON, from its
//! standard input, on a thread of 2 MiB.

use std::io::{self, Read};
use std::thread;

use edexa_webhooks as _;
use serde_json::Value;

fn main() {
    let mut json = Vec::new();
    io::stdin().read_to_end(&mut json).unwrap();
    let read = move || drop(serde_json::from_slice::<Value>(&json).unwrap());
    let thread = thread::Builder::new().stack_size(2 * 1024 * 1024);
    thread.spawn(read).unwrap().join().unwrap();
}
