//! Starting, ending, and what is left in the log.

use std::path::Path;

use edexa_webhooks::testing::EventBuilder;
use rustix::process::Signal;

use super::{BODY, ProgramRows};
use crate::answer::{Expected, refuse};
use crate::bench::Bench;
use crate::process::Limits;
use crate::wire::Checked;

pub(super) const ROWS: ProgramRows = &[
    ("no WEBHOOK_TOKEN, no start", |bench| {
        refuses_to_start(bench, None, "WEBHOOK_TOKEN")
    }),
    ("an empty WEBHOOK_TOKEN, no start", |bench| {
        refuses_to_start(bench, Some(""), "WEBHOOK_TOKEN")
    }),
    ("a time limit that is no number is named", |bench| {
        let bench = bench.with_env(&[("BODY_TIMEOUT_MS", "10s")]);
        refuses_to_start(&bench, Some(bench.token()), "BODY_TIMEOUT_MS")
    }),
    ("the token is not logged", log_without_token),
    ("no control characters in the log", log_without_controls),
    (
        "a log that cannot be written costs no answer",
        log_on_a_full_disk,
    ),
];

/// In the words of the Rust crate.
pub(super) const EXACT_ROWS: ProgramRows = &[
    ("one log line for an event", log_of_an_event),
    ("one log line for a refused body", log_of_a_refusal),
];

fn refuses_to_start(bench: &Bench, token: Option<&str>, variable: &str) -> Checked {
    let mut process = bench.spawn(token, Limits::PATIENT)?;
    if process.listening.recv_timeout(bench.deadline).is_ok() {
        return Err("it listens".into());
    }
    let (status, log) = process.end(bench.deadline)?;
    if status.code().is_none_or(|code| code == 0) {
        return Err(format!("expected an exit status other than 0, got {status}").into());
    }
    if !log.contains(variable) {
        return Err(format!("expected a message about {variable}, got {log:?}").into());
    }
    Ok(())
}

/// Posts a body and gives what was logged from start to end.
fn log_of(bench: &Bench, body: &[u8]) -> Checked<String> {
    let receiver = bench.start(Limits::PATIENT)?;
    let mut client = receiver.connect(bench)?;
    client.send(bench.post_body(body))?;
    bench.check(&Expected::of(body), &client.answer()?)?;
    receiver.stop(bench, Signal::TERM)
}

fn one_line_with(log: &str, text: &str) -> Checked {
    let lines = log.lines().filter(|line| line.contains(text)).count();
    if lines == 1 {
        return Ok(());
    }
    Err(format!("expected one line with {text:?}, got {lines}: {log}").into())
}

fn log_of_an_event(bench: &Bench) -> Checked {
    for event in [EventBuilder::succeeded(), EventBuilder::failed()] {
        let key = event.clone().build().idempotency_key();
        let log = log_of(bench, event.to_json()?.as_bytes())?;
        one_line_with(&log, key.as_str())?;
    }
    Ok(())
}

fn log_of_a_refusal(bench: &Bench) -> Checked {
    let broken_rules = EventBuilder::failed().action("succeed").to_json()?;
    for body in [b"{", b"[]".as_slice(), broken_rules.as_bytes()] {
        let rejection = refuse(body).ok_or("the crate accepts the body")?;
        one_line_with(&log_of(bench, body)?, &rejection.to_string())?;
    }
    Ok(())
}

fn log_without_token(bench: &Bench) -> Checked {
    let receiver = bench.start(Limits::PATIENT)?;
    let (token, escaped) = (bench.token(), bench.escaped_token());
    let longer = format!("{token}=");
    for (method, token) in [
        ("POST", token),
        ("POST", &escaped),
        ("POST", &longer),
        ("GET", token),
    ] {
        let mut client = receiver.connect(bench)?;
        client.send(bench.head(method, &bench.path_of(token), &["Content-Length: 2"]))?;
        client.send("[]")?;
        client.answer_to(method)?;
    }
    let log = receiver.stop(bench, Signal::TERM)?;
    if log.contains(token) || log.contains(&escaped) {
        return Err(format!("the log holds the token: {log}").into());
    }
    Ok(())
}

fn log_without_controls(bench: &Bench) -> Checked {
    let odd = "\u{1b}[2J\u{7}\r\n\u{202e}";
    let event = EventBuilder::failed().action(odd).hash(odd).stamp_id(odd);
    let log = log_of(bench, event.to_json()?.as_bytes())?;
    match log
        .chars()
        .find(|&char| char.is_control() && char != '\n' || char == '\u{202e}')
    {
        None => Ok(()),
        Some(char) => Err(format!("the log holds {char:?}: {log:?}").into()),
    }
}

fn log_on_a_full_disk(bench: &Bench) -> Checked {
    // As Linux has it; elsewhere there is no such thing.
    if !Path::new("/dev/full").exists() {
        return Ok(());
    }
    let receiver = bench.by_shell("exec 2>/dev/full").start(Limits::PATIENT)?;
    for body in [BODY, b"[]"] {
        let mut client = receiver.connect(bench)?;
        client.send(bench.post_body(body))?;
        bench.check(&Expected::of(body), &client.answer()?)?;
    }
    receiver.stop(bench, Signal::TERM).map(drop)
}
