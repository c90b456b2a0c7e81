//! Bodies that are too long, or say that they are.

use edexa_webhooks::delivery::MAX_BODY_BYTES;

use super::{Rows, halves};
use crate::answer::Expected;
use crate::bench::Bench;
use crate::case::padded;
use crate::process::Running;
use crate::wire::{Checked, chunked};

pub(super) const ROWS: Rows = &[
    (
        "one byte too many announced, none sent",
        |bench, receiver| refused_unread(bench, receiver, &["Content-Length: 65537"], b""),
    ),
    ("a huge length announced, none sent", |bench, receiver| {
        refused_unread(
            bench,
            receiver,
            &["Content-Length: 9223372036854775807"],
            b"",
        )
    }),
    (
        "too much announced by a client that waits",
        |bench, receiver| {
            let headers = ["Content-Length: 1000000000", "Expect: 100-continue"];
            refused_unread(bench, receiver, &headers, b"")
        },
    ),
    (
        "too much announced, and its start sent",
        |bench, receiver| {
            refused_unread(bench, receiver, &["Content-Length: 1000000000"], halves().0)
        },
    ),
    ("a length beyond 64 bits", beyond_64_bits),
    ("chunks one byte over the limit, and no end", chunks_over),
    ("chunks that never end", endless_chunks),
];

/// The receiver's time limit is long, so an answer shows that it did not wait.
fn refused_unread(bench: &Bench, receiver: &Running, headers: &[&str], start: &[u8]) -> Checked {
    let mut connection = receiver.connect(bench)?;
    connection.send(bench.post(headers))?;
    connection.send(start)?;
    bench.check(&Expected::too_large(), &connection.answer()?)
}

fn beyond_64_bits(bench: &Bench, receiver: &Running) -> Checked {
    let mut connection = receiver.connect(bench)?;
    connection.send(bench.post(&["Content-Length: 99999999999999999999999"]))?;
    bench.check(&Expected::status(&[400, 413]), &connection.answer()?)?;
    Ok(())
}

fn chunks_over(bench: &Bench, receiver: &Running) -> Checked {
    let mut connection = receiver.connect(bench)?;
    connection.send(bench.post(&["Transfer-Encoding: chunked"]))?;
    let body = padded(MAX_BODY_BYTES.saturating_add(1));
    connection.send(chunked(&body, 8192))?;
    bench.check(&Expected::too_large(), &connection.answer()?)?;
    Ok(())
}

/// Far more than any buffer on the way holds.
const ENDLESS: usize = 64 * 1024 * 1024;

fn endless_chunks(bench: &Bench, receiver: &Running) -> Checked {
    let mut connection = receiver.connect(bench)?;
    connection.send(bench.post(&["Transfer-Encoding: chunked"]))?;
    let piece = chunked(&padded(MAX_BODY_BYTES), MAX_BODY_BYTES);
    for _ in 0..ENDLESS / MAX_BODY_BYTES {
        if !connection.offer(&piece)? {
            return Ok(());
        }
    }
    Err("the receiver reads on and on".into())
}
