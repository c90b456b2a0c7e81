//! A server that has said where it listens.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

pub(crate) const TOKEN: &str = "change-me";

/// Starts a program that listens on this address, and waits for the line that says so.
pub(crate) fn listening(program: &mut Command, address: &str) -> (Child, SocketAddr) {
    let mut child = program
        .env("WEBHOOK_TOKEN", TOKEN)
        .env("BIND_ADDR", address)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = loop {
        let line = lines.next().unwrap().unwrap();
        if let Some(address) = line.strip_prefix("listening on http://") {
            break address.parse().unwrap();
        }
    };
    (child, address)
}
