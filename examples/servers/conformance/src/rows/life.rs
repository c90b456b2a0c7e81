//! Starting, ending, and what is left in the log.

use std::time::{Duration, Instant};

use edexa_webhooks::testing::EventBuilder;
use rustix::process::Signal;

use super::{BODY, Rows, acknowledged, halves, post, post_body};
use crate::answer::{Expected, refuse};
use crate::case::{TOKEN, escaped_token, webhook_path};
use crate::process::{Bench, BodyTimeout, Running};
use crate::wire::{Checked, Connection, head};

pub(super) const ROWS: Rows = &[
    ("no WEBHOOK_TOKEN, no start", no_token),
    ("an empty WEBHOOK_TOKEN, no start", empty_token),
    ("SIGTERM ends it, idle connections or not", terminate),
    ("SIGINT ends it, idle connections or not", interrupt),
    ("SIGTERM lets a request in flight finish", in_flight),
    (
        "SIGTERM does not wait for a client that stopped",
        stopped_client,
    ),
    ("one log line for an event", log_of_an_event),
    ("one log line for a refused body", log_of_a_refusal),
    ("the token is not logged", log_without_token),
    ("no control characters in the log", log_without_controls),
];

fn no_token(bench: &Bench) -> Checked {
    refuses_to_start(bench, None)
}

fn empty_token(bench: &Bench) -> Checked {
    refuses_to_start(bench, Some(""))
}

fn refuses_to_start(bench: &Bench, token: Option<&str>) -> Checked {
    let mut process = bench.spawn(token, BodyTimeout::Patient)?;
    if process.listening.recv_timeout(bench.deadline).is_ok() {
        return Err("it listens".into());
    }
    let (status, log) = process.end(bench.deadline)?;
    if status.code().is_none_or(|code| code == 0) {
        return Err(format!("expected an exit status other than 0, got {status}").into());
    }
    if !log.contains("WEBHOOK_TOKEN") {
        return Err(format!("expected a message about WEBHOOK_TOKEN, got {log:?}").into());
    }
    Ok(())
}

fn terminate(bench: &Bench) -> Checked {
    ends_on(bench, Signal::TERM)
}

fn interrupt(bench: &Bench) -> Checked {
    ends_on(bench, Signal::INT)
}

fn ends_on(bench: &Bench, signal: Signal) -> Checked {
    let receiver = bench.start(BodyTimeout::Patient)?;
    let mut idle = receiver.connect(bench)?;
    idle.send(post_body(BODY))?;
    acknowledged(&idle.answer()?)?;
    receiver.stop(bench, signal)?;
    idle.end()
}

fn in_flight(bench: &Bench) -> Checked {
    let mut receiver = bench.start(BodyTimeout::Patient)?;
    let (first, second) = halves();
    let mut client = waiting_client(bench, &receiver)?;
    client.send(first)?;
    receiver.process.signal(Signal::TERM)?;
    until_refused(bench, &receiver)?;
    client.send(second)?;
    acknowledged(&client.answer()?)?;
    let (status, log) = receiver.process.end(bench.deadline)?;
    match status.code() {
        Some(0) => client.end(),
        _ => Err(format!("expected exit status 0, got {status}: {log}").into()),
    }
}

/// A client that was told to go on, so that its request is in flight for sure.
fn waiting_client(bench: &Bench, receiver: &Running) -> Checked<Connection> {
    let mut client = receiver.connect(bench)?;
    let length = format!("Content-Length: {}", BODY.len());
    client.send(post(&[&length, "Expect: 100-continue"]))?;
    client.next()?;
    Ok(client)
}

/// Waits until no new connection is served.
fn until_refused(bench: &Bench, receiver: &Running) -> Checked {
    let pause = Duration::from_millis(20);
    let start = Instant::now();
    while start.elapsed() < bench.deadline {
        let Ok(mut connection) = receiver.connect(bench) else {
            return Ok(());
        };
        connection.stirs_within(pause)?;
    }
    Err("it still takes connections".into())
}

fn stopped_client(bench: &Bench) -> Checked {
    let receiver = bench.start(BodyTimeout::Hurried)?;
    let _client = waiting_client(bench, &receiver)?;
    receiver.stop(bench, Signal::TERM)?;
    Ok(())
}

/// Posts a body and gives what was logged from start to end.
fn log_of(bench: &Bench, body: &[u8], expected: &Expected) -> Checked<String> {
    let receiver = bench.start(BodyTimeout::Patient)?;
    let mut client = receiver.connect(bench)?;
    client.send(post_body(body))?;
    expected.check(&client.answer()?)?;
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
        let log = log_of(bench, event.to_json()?.as_bytes(), &Expected::ack())?;
        one_line_with(&log, key.as_str())?;
    }
    Ok(())
}

fn log_of_a_refusal(bench: &Bench) -> Checked {
    let broken_rules = EventBuilder::failed().action("succeed").to_json()?;
    let bodies: [(&'static [u16], &[u8]); 3] = [
        (&[400], b"{"),
        (&[422], b"[]"),
        (&[422], broken_rules.as_bytes()),
    ];
    for (statuses, body) in bodies {
        let log = log_of(bench, body, &Expected::refusal(statuses, body))?;
        let rejection = refuse(body).ok_or("the crate accepts the body")?;
        one_line_with(&log, &rejection.to_string())?;
    }
    Ok(())
}

fn log_without_token(bench: &Bench) -> Checked {
    let receiver = bench.start(BodyTimeout::Patient)?;
    let escaped = escaped_token();
    let longer = format!("{TOKEN}=");
    for (method, token) in [
        ("POST", TOKEN),
        ("POST", &escaped),
        ("POST", &longer),
        ("GET", TOKEN),
    ] {
        let mut client = receiver.connect(bench)?;
        client.send(head(method, &webhook_path(token), &["Content-Length: 2"]))?;
        client.send("[]")?;
        client.answer()?;
    }
    let log = receiver.stop(bench, Signal::TERM)?;
    if log.contains(TOKEN) || log.contains(&escaped) {
        return Err(format!("the log holds the token: {log}").into());
    }
    Ok(())
}

fn log_without_controls(bench: &Bench) -> Checked {
    let odd = "\u{1b}[2J\u{7}\r\n\u{202e}";
    let event = EventBuilder::failed().action(odd).hash(odd).stamp_id(odd);
    let log = log_of(bench, event.to_json()?.as_bytes(), &Expected::ack())?;
    match log
        .chars()
        .find(|&char| char.is_control() && char != '\n' || char == '\u{202e}')
    {
        None => Ok(()),
        Some(char) => Err(format!("the log holds {char:?}: {log:?}").into()),
    }
}
