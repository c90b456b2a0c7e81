//! A server that has said where it listens.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

pub(crate) const TOKEN: &str = "change-me";

/// Starts a program that listens on this address, and waits for the line that says so.
pub(crate) fn listening(program: &mut Command, address: &str) -> (Child, SocketAddr) {
    let errors = tempfile::NamedTempFile::new().unwrap();
    let mut child = program
        .env("WEBHOOK_TOKEN", TOKEN)
        .env("BIND_ADDR", address)
        .stdout(Stdio::piped())
        .stderr(errors.reopen().unwrap())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = loop {
        let line = lines.next();
        let said = || fs::read_to_string(errors.path()).unwrap();
        assert!(line.is_some(), "it ended before it listened: {}", said());
        if let Some(address) = line.unwrap().unwrap().strip_prefix("listening on http://") {
            break address.parse().unwrap();
        }
    };
    (child, address)
}
