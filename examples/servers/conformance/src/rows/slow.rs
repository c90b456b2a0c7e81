//! Clients that stop in mid-body, or go away there.

use std::time::{Duration, Instant};

use super::{BODY, Rows, halves};
use crate::bench::Bench;
use crate::process::Running;
use crate::wire::{Checked, Connection, chunked};

pub(super) const ROWS: Rows = &[
    (
        "a hundred clients that stop, and others meanwhile",
        others_meanwhile,
    ),
    (
        "a client gone before the announced length",
        gone_before_length,
    ),
    (
        "a client gone before the last chunk",
        gone_before_last_chunk,
    ),
];

/// Where the server's time limit is short.
pub(super) const HURRIED_ROWS: Rows = &[
    ("a hundred clients that stop are cut off", cut_off),
    ("a client that drips is cut off", dripping),
];

const CLIENTS: usize = 100;

/// Clients that have sent the head and half of the body, by either framing.
fn stopped(bench: &Bench, receiver: &Running) -> Checked<Vec<Connection>> {
    let (half, _) = halves();
    let length = format!("Content-Length: {}", BODY.len());
    let mut clients = Vec::new();
    for index in 0..CLIENTS {
        let mut client = receiver.connect(bench)?;
        if index % 2 == 0 {
            client.send(bench.post(&[&length]))?;
            client.send(half)?;
        } else {
            client.send(bench.post(&["Transfer-Encoding: chunked"]))?;
            client.send(chunked(half, 100))?;
        }
        clients.push(client);
    }
    Ok(clients)
}

fn others_meanwhile(bench: &Bench, receiver: &Running) -> Checked {
    let clients = stopped(bench, receiver)?;
    receiver.still_answers(bench)?;
    drop(clients);
    Ok(())
}

fn cut_off(bench: &Bench, receiver: &Running) -> Checked {
    for mut client in stopped(bench, receiver)? {
        ends_unacknowledged(&mut client, &[408])?;
    }
    Ok(())
}

/// The limit is on the whole body: a byte now and then does not renew it.
fn dripping(bench: &Bench, receiver: &Running) -> Checked {
    let mut client = receiver.connect(bench)?;
    client.send(bench.post(&["Content-Length: 60000"]))?;
    let pause = Duration::from_millis(20);
    let start = Instant::now();
    while start.elapsed() < bench.deadline {
        if !client.offer(" ")? || client.stirs_within(pause)? {
            return ends_unacknowledged(&mut client, &[408]);
        }
    }
    Err("the receiver waits on and on".into())
}

/// What has come is a whole event, and still not the body that was announced.
fn gone_before_length(bench: &Bench, receiver: &Running) -> Checked {
    let length = format!("Content-Length: {}", BODY.len().saturating_add(1));
    gone(bench, receiver, &length, BODY)
}

fn gone_before_last_chunk(bench: &Bench, receiver: &Running) -> Checked {
    let cut = [chunked(BODY, BODY.len()).as_slice(), b"0"].concat();
    gone(bench, receiver, "Transfer-Encoding: chunked", &cut)
}

fn gone(bench: &Bench, receiver: &Running, framing: &str, body: &[u8]) -> Checked {
    let mut client = receiver.connect(bench)?;
    client.send(bench.post(&[framing]))?;
    client.send(body)?;
    client.finish_sending()?;
    ends_unacknowledged(&mut client, &[400, 408])
}

/// The connection ends, at most with one of these answers before.
fn ends_unacknowledged(client: &mut Connection, statuses: &[u16]) -> Checked {
    match client.next()? {
        None => Ok(()),
        Some(answer) if statuses.contains(&answer.status) => client.end(),
        Some(answer) => Err(format!("expected the end, got status {}", answer.status).into()),
    }
}
