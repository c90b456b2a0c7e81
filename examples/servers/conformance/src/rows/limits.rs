//! Bodies that are too long, or say that they are.

use edexa_webhooks::delivery::MAX_BODY_BYTES;

use super::{Rows, post, still_answers};
use crate::answer::Expected;
use crate::case::padded;
use crate::process::{Bench, BodyTimeout};
use crate::wire::{Checked, chunked};

pub(super) const ROWS: Rows = &[
    ("one byte too many announced, none sent", announced),
    ("a huge length announced, none sent", announced_huge),
    (
        "too much announced by a client that waits",
        announced_and_waiting,
    ),
    ("a length beyond 64 bits", beyond_64_bits),
    ("chunks one byte over the limit, and no end", chunks_over),
    ("chunks that never end", endless_chunks),
];

/// The receiver's time limit is long, so an answer shows that it did not wait.
fn refused_unread(bench: &Bench, headers: &[&str]) -> Checked {
    let receiver = bench.start(BodyTimeout::Patient)?;
    let mut connection = receiver.connect(bench)?;
    connection.send(post(headers))?;
    Expected::too_large().check(&connection.answer()?)?;
    still_answers(bench, &receiver)
}

fn announced(bench: &Bench) -> Checked {
    let length = format!("Content-Length: {}", MAX_BODY_BYTES.saturating_add(1));
    refused_unread(bench, &[&length])
}

fn announced_huge(bench: &Bench) -> Checked {
    refused_unread(bench, &["Content-Length: 9223372036854775807"])
}

fn announced_and_waiting(bench: &Bench) -> Checked {
    let headers = ["Content-Length: 1000000000", "Expect: 100-continue"];
    refused_unread(bench, &headers)
}

fn beyond_64_bits(bench: &Bench) -> Checked {
    let receiver = bench.start(BodyTimeout::Patient)?;
    let mut connection = receiver.connect(bench)?;
    connection.send(post(&["Content-Length: 99999999999999999999999"]))?;
    Expected::status(&[400, 413]).check(&connection.answer()?)?;
    still_answers(bench, &receiver)
}

fn chunks_over(bench: &Bench) -> Checked {
    let receiver = bench.start(BodyTimeout::Patient)?;
    let mut connection = receiver.connect(bench)?;
    connection.send(post(&["Transfer-Encoding: chunked"]))?;
    let body = padded(MAX_BODY_BYTES.saturating_add(1));
    connection.send(chunked(&body, 8192))?;
    Expected::too_large().check(&connection.answer()?)?;
    still_answers(bench, &receiver)
}

/// Far more than any buffer on the way holds.
const ENDLESS: usize = 64 * 1024 * 1024;

fn endless_chunks(bench: &Bench) -> Checked {
    let receiver = bench.start(BodyTimeout::Patient)?;
    let mut connection = receiver.connect(bench)?;
    connection.send(post(&["Transfer-Encoding: chunked"]))?;
    let piece = chunked(&padded(MAX_BODY_BYTES), MAX_BODY_BYTES);
    for _ in 0..ENDLESS / MAX_BODY_BYTES {
        if !connection.offer(&piece)? {
            return still_answers(bench, &receiver);
        }
    }
    Err("the receiver reads on and on".into())
}
