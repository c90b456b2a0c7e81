//! Bodies that are too long, or say that they are.

use edexa_webhooks::delivery::MAX_BODY_BYTES;

use super::{BODY, Rows};
use crate::answer::Expected;
use crate::bench::Bench;
use crate::case::padded;
use crate::process::Limits;
use crate::wire::{Checked, chunked};

pub(super) const ROWS: Rows = &[
    ("one byte too many announced, none sent", announced),
    ("a huge length announced, none sent", announced_huge),
    (
        "too much announced by a client that waits",
        announced_and_waiting,
    ),
    (
        "too much announced, and its start sent",
        announced_and_started,
    ),
    ("a length beyond 64 bits", beyond_64_bits),
    ("chunks one byte over the limit, and no end", chunks_over),
    ("chunks that never end", endless_chunks),
];

/// The receiver's time limit is long, so an answer shows that it did not wait.
fn refused_unread(bench: &Bench, headers: &[&str], start: &[u8]) -> Checked {
    let receiver = bench.start(Limits::PATIENT)?;
    let mut connection = receiver.connect(bench)?;
    connection.send(bench.post(headers))?;
    connection.send(start)?;
    bench.check(&Expected::too_large(), &connection.answer()?)?;
    receiver.still_answers(bench)
}

fn announced(bench: &Bench) -> Checked {
    let length = format!("Content-Length: {}", MAX_BODY_BYTES.saturating_add(1));
    refused_unread(bench, &[&length], b"")
}

fn announced_huge(bench: &Bench) -> Checked {
    refused_unread(bench, &["Content-Length: 9223372036854775807"], b"")
}

fn announced_and_waiting(bench: &Bench) -> Checked {
    let headers = ["Content-Length: 1000000000", "Expect: 100-continue"];
    refused_unread(bench, &headers, b"")
}

fn announced_and_started(bench: &Bench) -> Checked {
    let (start, _) = BODY.split_at(20);
    refused_unread(bench, &["Content-Length: 1000000000"], start)
}

fn beyond_64_bits(bench: &Bench) -> Checked {
    let receiver = bench.start(Limits::PATIENT)?;
    let mut connection = receiver.connect(bench)?;
    connection.send(bench.post(&["Content-Length: 99999999999999999999999"]))?;
    bench.check(&Expected::status(&[400, 413]), &connection.answer()?)?;
    receiver.still_answers(bench)
}

fn chunks_over(bench: &Bench) -> Checked {
    let receiver = bench.start(Limits::PATIENT)?;
    let mut connection = receiver.connect(bench)?;
    connection.send(bench.post(&["Transfer-Encoding: chunked"]))?;
    let body = padded(MAX_BODY_BYTES.saturating_add(1));
    connection.send(chunked(&body, 8192))?;
    bench.check(&Expected::too_large(), &connection.answer()?)?;
    receiver.still_answers(bench)
}

/// Far more than any buffer on the way holds.
const ENDLESS: usize = 64 * 1024 * 1024;

fn endless_chunks(bench: &Bench) -> Checked {
    let receiver = bench.start(Limits::PATIENT)?;
    let mut connection = receiver.connect(bench)?;
    connection.send(bench.post(&["Transfer-Encoding: chunked"]))?;
    let piece = chunked(&padded(MAX_BODY_BYTES), MAX_BODY_BYTES);
    for _ in 0..ENDLESS / MAX_BODY_BYTES {
        if !connection.offer(&piece)? {
            return receiver.still_answers(bench);
        }
    }
    Err("the receiver reads on and on".into())
}
