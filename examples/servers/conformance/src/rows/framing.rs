//! How a body is framed, and what the connection is good for after it.

use super::{BODY, Rows, acknowledged, documented, post, post_body, still_answers};
use crate::answer::Expected;
use crate::case::{Case, TOKEN, padded, webhook_path};
use crate::client::Client;
use crate::process::{Bench, BodyTimeout};
use crate::wire::{Checked, LAST_CHUNK, chunked, head};
use edexa_webhooks::delivery::MAX_BODY_BYTES;

pub(super) const ROWS: Rows = &[
    ("an ordinary client that sends chunks", ordinary_chunks),
    ("a chunked body exactly at the limit", chunks_at_the_limit),
    ("chunks of one byte, extensions and trailers", odd_chunks),
    ("a body that comes byte by byte", byte_by_byte),
    ("neither a length nor chunks", no_framing),
    ("CONNECT, and a method that nobody knows", odd_methods),
    ("an HTTP/1.0 client", http_1_0),
    ("Expect: 100-continue", expect_continue),
    ("one connection for many requests", kept_alive),
    ("a request after a body left unread", after_unread_body),
];

fn ordinary_chunks(bench: &Bench) -> Checked {
    let receiver = bench.start(BodyTimeout::Patient)?;
    let client = Client::new(receiver.address, bench.deadline);
    acknowledged(&client.send_chunked(&documented())?)
}

fn chunks_at_the_limit(bench: &Bench) -> Checked {
    let receiver = bench.start(BodyTimeout::Patient)?;
    let client = Client::new(receiver.address, bench.deadline);
    let body = padded(MAX_BODY_BYTES);
    acknowledged(&client.send_chunked(&Case {
        body,
        ..documented()
    })?)
}

fn odd_chunks(bench: &Bench) -> Checked {
    let receiver = bench.start(BodyTimeout::Patient)?;
    let mut connection = receiver.connect(bench)?;
    connection.send(post(&["Transfer-Encoding: chunked", "Trailer: X-Sum"]))?;
    for byte in BODY {
        let mut chunk = b"001;part=\"one\"\r\n".to_vec();
        chunk.extend([*byte, b'\r', b'\n']);
        connection.send(chunk)?;
    }
    connection.send("0\r\nX-Sum: 1\r\n\r\n")?;
    acknowledged(&connection.answer()?)
}

fn byte_by_byte(bench: &Bench) -> Checked {
    let receiver = bench.start(BodyTimeout::Patient)?;
    let mut connection = receiver.connect(bench)?;
    for byte in post_body(BODY) {
        connection.send([byte])?;
    }
    acknowledged(&connection.answer()?)
}

/// That is a request without a body.
fn no_framing(bench: &Bench) -> Checked {
    let receiver = bench.start(BodyTimeout::Patient)?;
    let mut connection = receiver.connect(bench)?;
    connection.send(post(&[]))?;
    Ok(Expected::refusal(&[400], b"").check(&connection.answer()?)?)
}

/// Servers differ in how they refuse these.
fn odd_methods(bench: &Bench) -> Checked {
    let receiver = bench.start(BodyTimeout::Patient)?;
    let length = format!("Content-Length: {}", BODY.len());
    for method in ["CONNECT", "BREW"] {
        let mut connection = receiver.connect(bench)?;
        connection.send(head(method, &webhook_path(TOKEN), &[&length]))?;
        connection.send(BODY)?;
        Expected::status(&[400, 404, 405, 501]).check(&connection.answer()?)?;
    }
    still_answers(bench, &receiver)
}

fn http_1_0(bench: &Bench) -> Checked {
    let receiver = bench.start(BodyTimeout::Patient)?;
    let mut connection = receiver.connect(bench)?;
    let path = webhook_path(TOKEN);
    let length = BODY.len();
    connection.send(format!(
        "POST {path} HTTP/1.0\r\nContent-Length: {length}\r\n\r\n"
    ))?;
    connection.send(BODY)?;
    acknowledged(&connection.answer()?)?;
    connection.end()
}

fn expect_continue(bench: &Bench) -> Checked {
    let receiver = bench.start(BodyTimeout::Patient)?;
    let mut connection = receiver.connect(bench)?;
    let length = format!("Content-Length: {}", BODY.len());
    connection.send(post(&[&length, "Expect: 100-continue"]))?;
    match connection.next()? {
        Some(interim) if interim.status == 100 => {}
        other => return Err(format!("expected status 100, got {other:?}").into()),
    }
    connection.send(BODY)?;
    acknowledged(&connection.answer()?)
}

/// Answers that have read the body leave the connection usable.
fn kept_alive(bench: &Bench) -> Checked {
    let receiver = bench.start(BodyTimeout::Patient)?;
    let mut connection = receiver.connect(bench)?;
    let refused = |statuses, body: &[u8]| (body.to_vec(), Expected::refusal(statuses, body));
    let exchanges = [
        (BODY.to_vec(), Expected::ack()),
        refused(&[400], b"not JSON"),
        refused(&[422], b"{}"),
        (padded(MAX_BODY_BYTES), Expected::ack()),
        refused(&[400], b""),
        (BODY.to_vec(), Expected::ack()),
    ];
    for (body, expected) in &exchanges {
        connection.send(post_body(body))?;
        expected.check(&connection.answer()?)?;
        connection.send(post(&["Transfer-Encoding: chunked"]))?;
        connection.send(chunked(body, 1000))?;
        connection.send(LAST_CHUNK)?;
        expected.check(&connection.answer()?)?;
    }
    Ok(())
}

/// A body that nobody reads must not be taken for the next request.
fn after_unread_body(bench: &Bench) -> Checked {
    let receiver = bench.start(BodyTimeout::Patient)?;
    let disguised = head("GET", &webhook_path(TOKEN), &[]);
    let length = format!("Content-Length: {}", disguised.len());
    let mut connection = receiver.connect(bench)?;
    connection.send(head("POST", &webhook_path("guess"), &[&length]))?;
    connection.send(disguised)?;
    Expected::status(&[404]).check(&connection.answer()?)?;
    // The receiver may read that body and go on, or hang up.
    connection.send(post_body(BODY))?;
    if let Some(answer) = connection.next()? {
        acknowledged(&answer)?;
    }
    still_answers(bench, &receiver)
}
