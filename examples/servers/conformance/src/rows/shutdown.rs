//! Ending, whatever the clients do.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{BODY, Needs, Row, asked_for_the_body, halves};
use crate::bench::Bench;
use crate::process::{Limits, Running};
use crate::wire::{Checked, Connection};

/// A client that keeps a connection open.
#[derive(Clone, Copy)]
enum Client {
    Silent,
    HalfAHead,
    Head,
    HalfABody,
    Idle,
}

pub(super) fn rows() -> Vec<Row> {
    let clients = [
        (Client::Silent, "sent nothing"),
        (Client::HalfAHead, "sent half a head"),
        (Client::Head, "sent a head"),
        (Client::HalfABody, "sent half a body"),
        (Client::Idle, "is idle"),
    ];
    let mut rows = Vec::new();
    for (name, signal) in [("SIGTERM", Signal::TERM), ("SIGINT", Signal::INT)] {
        for (client, what) in clients {
            let name = format!("{name} ends it, with a client that {what}");
            rows.push(Row::new(&name, Needs::Program, move |bench| {
                ends(bench, signal, client)
            }));
        }
        let crowded = format!("{name} ends it, with more clients than file handles");
        rows.push(Row::new(&crowded, Needs::Program, move |bench| {
            ends_crowded(bench, signal)
        }));
        let whole = format!("{name} lets whole requests be answered");
        rows.push(Row::new(&whole, Needs::Program, move |bench| {
            in_flight(bench, signal)
        }));
        let twice = format!("{name} twice ends it at once");
        rows.push(Row::new(&twice, Needs::Program, move |bench| {
            at_once(bench, signal)
        }));
    }
    rows
}

impl Client {
    fn connect(self, bench: &Bench, receiver: &Running) -> Checked<Connection> {
        let mut connection = match self {
            Self::Head | Self::HalfABody => asked_for_the_body(bench, receiver)?,
            _ => receiver.connect(bench)?,
        };
        match self {
            Self::Silent | Self::Head => {}
            Self::HalfAHead => connection.send("POST / HT")?,
            Self::HalfABody => connection.send(halves().0)?,
            Self::Idle => {
                connection.send(bench.post_body(BODY))?;
                bench.acknowledged(&connection.answer()?)?;
            }
        }
        // Who comes later is answered: so this one was noticed.
        receiver.still_answers(bench)?;
        Ok(connection)
    }
}

/// The body has a minute, so it is the grace period that ends it.
fn ends(bench: &Bench, signal: Signal, client: Client) -> Checked {
    let receiver = bench.start(Limits::PATIENT)?;
    let _client = client.connect(bench, &receiver)?;
    receiver.stop(bench, signal)?;
    Ok(())
}

/// It cannot accept, and hears the signal all the same. Most backlogs hold 100.
fn ends_crowded(bench: &Bench, signal: Signal) -> Checked {
    let few = bench.by_shell("ulimit -n 64");
    let receiver = few.start(Limits::PATIENT)?;
    let mut clients = Vec::new();
    for _ in 0..100 {
        clients.push(receiver.connect(bench)?);
    }
    receiver.stop(bench, signal)?;
    Ok(())
}

fn in_flight(bench: &Bench, signal: Signal) -> Checked {
    let mut receiver = bench.start(Limits::new(60_000, 10_000))?;
    let other = Client::HalfAHead.connect(bench, &receiver)?;
    let mut client = Client::HalfABody.connect(bench, &receiver)?;
    receiver.signal(signal)?;
    until_refused(bench, &receiver)?;
    client.send(halves().1)?;
    bench.acknowledged(&client.answer()?)?;
    drop(other);
    match receiver.end(bench)? {
        (status, _) if status.success() => client.end(),
        (status, log) => Err(format!("expected exit status 0, got {status}: {log}").into()),
    }
}

fn at_once(bench: &Bench, signal: Signal) -> Checked {
    let mut receiver = bench.start(Limits::new(60_000, 600_000))?;
    let _client = Client::HalfABody.connect(bench, &receiver)?;
    receiver.signal(signal)?;
    until_refused(bench, &receiver)?;
    receiver.signal(signal)?;
    match receiver.end(bench)? {
        (status, log) if status.success() => {
            Err(format!("expected an exit status other than 0: {log}").into())
        }
        _ => Ok(()),
    }
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
