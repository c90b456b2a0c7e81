//! The answers that every receiver gives, and three that Rocket cannot.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use conformance::{Suite, TOKEN};

const PROGRAM: &str = env!("CARGO_BIN_EXE_receiver-rocket");

/// The rows in which no byte of the body is sent. Rocket waits for 14 of them
/// before it calls anything of ours.
const WITHOUT_A_BODY: [&str; 3] = [
    "one byte too many announced, none sent",
    "a huge length announced, none sent",
    "too much announced by a client that waits",
];

#[test]
fn conforms() {
    let suite = Suite::new(PROGRAM);
    let mut failures = suite.run_cases();
    for row in Suite::wire_rows() {
        if !WITHOUT_A_BODY.contains(&row) {
            failures.extend(suite.run_only(row));
        }
    }
    let report: Vec<String> = failures.iter().map(ToString::to_string).collect();
    assert!(report.is_empty(), "\n{}\n", report.join("\n"));
}

/// A Rocket that answers these no longer needs the exception.
#[test]
fn says_nothing_before_the_body_starts() {
    let suite = Suite::new(PROGRAM).deadline(Duration::from_secs(5));
    for row in WITHOUT_A_BODY {
        let reason = suite.run_only(row).map(|failure| failure.reason);
        assert_eq!(reason.as_deref(), Some("no answer in time"), "{row}");
    }
}

#[test]
fn refuses_an_announced_length_once_the_body_starts() {
    let mut receiver = Command::new(PROGRAM)
        .env("WEBHOOK_TOKEN", TOKEN)
        .env("BIND_ADDR", "127.0.0.1:0")
        .env("BODY_TIMEOUT_MS", "60000")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let stdout = receiver.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap();

    let mut client = TcpStream::connect(address).unwrap();
    let limit = Some(Duration::from_secs(20));
    client.set_read_timeout(limit).unwrap();
    let head = format!("POST /webhooks/edexa/{TOKEN} HTTP/1.1\r\nHost: localhost\r\n");
    let length = "Content-Length: 1000000000\r\n\r\n";
    let start = r#"{"webhookId":""#;
    client
        .write_all([&head, length, start].concat().as_bytes())
        .unwrap();
    let mut status = [0; 12];
    let answered = client.read_exact(&mut status);
    receiver.kill().unwrap();
    receiver.wait().unwrap();
    answered.unwrap();
    assert_eq!(&status, b"HTTP/1.1 413");
}
