//! The binary: requests, table, exit status.

use std::io::Read;
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use edexa_webhooks::testing;

use crate::server::{Reply, Server};

const BAD_GATEWAY: Reply = Reply::Status("502 Bad Gateway");
const OK: Reply = Reply::Status("200 OK");

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deliver"));
    command.args(args);
    command
}

fn deliver(server: &Server, args: &[&str]) -> Output {
    let url = server.url();
    let always = ["--to", &url, "--time-scale", "0.0000001"];
    command(&[&always, args].concat()).output().unwrap()
}

fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The rows of the table that count something, without their padding.
fn counts(output: &Output) -> String {
    let text = utf8(&output.stdout);
    let counts = text.split("latency").next().unwrap().lines();
    let rows = counts.map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "));
    let rows: Vec<String> = rows.filter(|row| !row.ends_with(" 0")).collect();
    rows.join(", ")
}

#[track_caller]
fn assert_end(output: &Output, status: i32, rows: &str) {
    assert_eq!(counts(output), rows);
    assert_eq!(output.status.code(), Some(status));
}

#[track_caller]
fn refused(args: &[&str], status: i32, message: &str) {
    let output = command(args).output().unwrap();
    assert_eq!(output.status.code(), Some(status));
    assert_eq!(output.stdout, b"");
    let text = utf8(&output.stderr);
    assert!(text.contains(message), "{text}");
}

#[test]
fn retries_the_same_body_until_200() {
    let server = Server::start(|n| match n {
        0 => Reply::Status("503 Service Unavailable"),
        1 => Reply::Nothing,
        2 => Reply::Status("202 Accepted"),
        _ => OK,
    });
    let output = deliver(&server, &[]);
    let (table, latencies) = utf8(&output.stdout)
        .split_once("latency of an answer in ms\n")
        .unwrap();
    let labels: Vec<&str> = latencies.lines().map(|line| line[..8].trim()).collect();
    assert_eq!(labels, ["min", "median", "p99", "max"]);
    assert_eq!(
        table,
        "\
deliveries                      1
sent again                      0
acknowledged                    1
  on attempt 4                  1
given up                        0
interrupted                     0
attempts                        4
  200                           1
  202                           1
  503                           1
  broken connection             1
"
    );
    assert_eq!(
        utf8(&output.stderr),
        "deliver: first retry: 503, again in 30µs\ndeliver: 1 of 1\n"
    );
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(server.bodies(4), [testing::SUCCEEDED.as_bytes(); 4]);
}

#[test]
fn gives_up_after_six_attempts() {
    let server = Server::start(|_| BAD_GATEWAY);
    let output = deliver(&server, &["--event", "failed"]);
    assert_end(&output, 1, "deliveries 1, given up 1, attempts 6, 502 6");
    let progress = "deliver: first retry: 502, again in 30µs\ndeliver: 1 of 1\n";
    assert_eq!(utf8(&output.stderr), progress);
    assert_eq!(server.bodies(6), [testing::FAILED.as_bytes(); 6]);
}

#[test]
fn one_of_each_event_unless_counted() {
    let server = Server::start(|_| OK);
    let output = deliver(&server, &["--event", "failed", "succeeded"]);
    assert_eq!(output.status.code(), Some(0));
    for event in [testing::FAILED, testing::SUCCEEDED] {
        let request = server.requests.recv().unwrap();
        assert_eq!(request.line, "POST /hook HTTP/1.1");
        assert_eq!(request.content_type.as_deref(), Some("application/json"));
        assert_eq!(request.body, event.as_bytes());
    }
}

#[test]
fn duplicates_follow_what_they_repeat() {
    let server = Server::start(|_| OK);
    let output = deliver(&server, &["--count", "3", "--duplicate-rate", "1"]);
    assert_end(
        &output,
        0,
        "deliveries 3, sent again 3, acknowledged 6, on attempt 1 6, attempts 6, 200 6",
    );
    let bodies = server.bodies(6);
    for pair in bodies.chunks(2) {
        assert_eq!(pair[0], pair[1]);
    }
    assert_ne!(bodies[0], bodies[2]);
    assert_ne!(bodies[2], bodies[4]);
}

#[test]
fn a_duplicate_must_be_acknowledged_too() {
    let server = Server::start(|n| if n == 0 { OK } else { BAD_GATEWAY });
    let output = deliver(&server, &["--duplicate-rate", "1"]);
    assert_end(
        &output,
        1,
        "deliveries 1, sent again 1, acknowledged 1, on attempt 1 1, given up 1, attempts 7, 200 1, 502 6",
    );
}

#[test]
fn the_seed_decides_whatever_the_concurrency() {
    let sent = |seed: &str, concurrency: &str| {
        let server = Server::start(|_| OK);
        let args = ["--count", "200", "--duplicate-rate", "0.3"];
        let more = ["--seed", seed, "--concurrency", concurrency];
        let output = deliver(&server, &[args, more].concat());
        assert_eq!(output.status.code(), Some(0));
        let mut bodies: Vec<_> = server.requests.try_iter().map(|r| r.body).collect();
        bodies.sort();
        bodies
    };
    let alone = sent("1", "1");
    assert!((230..=290).contains(&alone.len()), "{}", alone.len());
    assert_eq!(sent("1", "16"), alone);
    assert_ne!(sent("1000", "1"), alone);
}

#[test]
fn redirects_are_not_followed() {
    let elsewhere = Server::start(|_| OK);
    let location = format!("302 Found\r\nlocation: {}", elsewhere.url()).leak();
    let server = Server::start(|_| Reply::Status(location));
    let output = deliver(&server, &["--attempts", "1"]);
    assert!(counts(&output).ends_with("attempts 1, 302 1"));
    assert_eq!(output.status.code(), Some(1));
    assert!(elsewhere.requests.try_recv().is_err());
}

#[test]
fn proxies_are_not_used() {
    let proxy = Server::start(|_| OK);
    let server = Server::start(|_| OK);
    let output = command(&["--to", &server.url()])
        .env("http_proxy", proxy.url())
        .env("ALL_PROXY", proxy.url())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(proxy.requests.try_recv().is_err());
}

#[test]
fn no_answer_in_time_is_a_failure() {
    let server = Server::start(|_| Reply::Silence);
    let output = deliver(&server, &["--timeout", "0.05", "--attempts", "2"]);
    assert_end(
        &output,
        1,
        "deliveries 1, given up 1, attempts 2, no answer in time 2",
    );
}

#[test]
fn no_connection_is_a_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let output = command(&["--to", &url, "--time-scale", "0"])
        .output()
        .unwrap();
    assert_end(
        &output,
        1,
        "deliveries 1, given up 1, attempts 6, no connection 6",
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_with_the_table() {
    let server = Server::start(|_| BAD_GATEWAY);
    let mut child = command(&["--to", &server.url(), "--count", "3"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    server.requests.recv().unwrap();
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(sent.success());
    let mut text = String::new();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_to_string(&mut text).unwrap();
    let rows: Vec<&str> = text.lines().take(5).collect();
    assert_eq!(rows[0], "deliveries                      3");
    assert_eq!(rows[4], "interrupted                     3");
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn wrong_usage_is_64() {
    refused(&[], 64, "--to <URL>");
    refused(
        &["--to", "http://192.0.2.1/"],
        64,
        "deliver: --to: 192.0.2.1 is not",
    );
    let to = ["--to", "http://127.0.0.1:9/"];
    for (option, value, message) in [
        ("--count", "0", "0 is not in 1.."),
        ("--concurrency", "0", "0 is not in 1..=1024"),
        ("--attempts", "7", "7 is not in 1..=6"),
        ("--duplicate-rate", "1.5", "not a number from 0 to 1"),
        ("--time-scale", "NaN", "not a number from 0 to 1"),
        ("--timeout", "0", "not a number of seconds above 0"),
        ("--bogus", "1", "unexpected argument '--bogus'"),
    ] {
        refused(&[&to[..], &[option, value]].concat(), 64, message);
    }
}

#[test]
fn an_unreadable_file_is_66() {
    let server = Server::start(|_| OK);
    let args = [
        "--to",
        &server.url(),
        "--event",
        "succeeded",
        "none\u{1b}[2J.json",
    ];
    refused(
        &args,
        66,
        "deliver: \"none\\u{1b}[2J.json\": No such file or directory (os error 2)\n",
    );
    assert!(server.requests.try_recv().is_err());
}

#[test]
fn quiet_shows_the_table_only() {
    let server = Server::start(|n| if n == 0 { BAD_GATEWAY } else { OK });
    let output = deliver(&server, &["--quiet"]);
    assert_eq!(utf8(&output.stderr), "");
    assert!(counts(&output).contains("on attempt 2 1"));
}

#[cfg(target_os = "linux")]
#[test]
fn progress_that_cannot_be_written_costs_no_delivery() {
    let server = Server::start(|n| if n == 0 { BAD_GATEWAY } else { OK });
    let full = std::fs::File::options().write(true).open("/dev/full");
    let output = command(&["--to", &server.url(), "--time-scale", "0"])
        .stderr(full.unwrap())
        .output()
        .unwrap();
    assert_end(
        &output,
        0,
        "deliveries 1, acknowledged 1, on attempt 2 1, attempts 2, 200 1, 502 1",
    );
}

#[test]
fn help_is_no_failure() {
    let output = command(&["--help"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let text = utf8(&output.stdout);
    assert!(text.contains("Exit status: 0 if everything was acknowledged"));
}
