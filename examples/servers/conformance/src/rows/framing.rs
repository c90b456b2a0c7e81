//! How a body is framed, and what the connection is good for after it.

use super::{BODY, Rows, asked_for_the_body};
use crate::answer::Expected;
use crate::bench::Bench;
use crate::case::padded;
use crate::process::Running;
use crate::wire::{Checked, LAST_CHUNK, chunked};
use edexa_webhooks::delivery::MAX_BODY_BYTES;

pub(super) const ROWS: Rows = &[
    ("a body in one chunk, and at the limit in many", chunks),
    ("chunks of one byte, extensions and trailers", odd_chunks),
    ("a body that comes byte by byte", byte_by_byte),
    ("neither a length nor chunks", no_framing),
    ("CONNECT, and a method that nobody knows", odd_methods),
    ("an HTTP/1.0 client", http_1_0),
    ("Expect: 100-continue", expect_continue),
    ("one connection for many requests", kept_alive),
    ("a request after a body left unread", after_unread_body),
];

fn chunks(bench: &Bench, receiver: &Running) -> Checked {
    for (body, size) in [(BODY.to_vec(), BODY.len()), (padded(MAX_BODY_BYTES), 8192)] {
        let mut connection = receiver.connect(bench)?;
        connection.send(bench.post(&["Transfer-Encoding: chunked"]))?;
        connection.send(chunked(&body, size))?;
        connection.send(LAST_CHUNK)?;
        bench.acknowledged(&connection.answer()?)?;
    }
    Ok(())
}

fn odd_chunks(bench: &Bench, receiver: &Running) -> Checked {
    let mut connection = receiver.connect(bench)?;
    connection.send(bench.post(&["Transfer-Encoding: chunked", "Trailer: X-Sum"]))?;
    for byte in BODY {
        let mut chunk = b"001;part=\"one\"\r\n".to_vec();
        chunk.extend([*byte, b'\r', b'\n']);
        connection.send(chunk)?;
    }
    connection.send("0\r\nX-Sum: 1\r\n\r\n")?;
    bench.acknowledged(&connection.answer()?)
}

fn byte_by_byte(bench: &Bench, receiver: &Running) -> Checked {
    let mut connection = receiver.connect(bench)?;
    for byte in bench.post_body(BODY) {
        connection.send([byte])?;
    }
    bench.acknowledged(&connection.answer()?)
}

/// That is a request without a body.
fn no_framing(bench: &Bench, receiver: &Running) -> Checked {
    let mut connection = receiver.connect(bench)?;
    connection.send(bench.post(&[]))?;
    bench.check(&Expected::of(b""), &connection.answer()?)
}

/// Servers differ in how they refuse these: some hang up.
fn odd_methods(bench: &Bench, receiver: &Running) -> Checked {
    let length = format!("Content-Length: {}", BODY.len());
    for method in ["CONNECT", "BREW"] {
        let mut connection = receiver.connect(bench)?;
        connection.send(bench.head(method, &bench.path, &[&length]))?;
        connection.send(BODY)?;
        if let Some(answer) = connection.next()? {
            bench.check(&Expected::status(&[400, 404, 405, 501]), &answer)?;
        }
    }
    Ok(())
}

fn http_1_0(bench: &Bench, receiver: &Running) -> Checked {
    let mut connection = receiver.connect(bench)?;
    let head = bench.post(&[&format!("Content-Length: {}", BODY.len())]);
    connection.send(head.replace("HTTP/1.1", "HTTP/1.0"))?;
    connection.send(BODY)?;
    bench.acknowledged(&connection.answer()?)?;
    connection.end()
}

fn expect_continue(bench: &Bench, receiver: &Running) -> Checked {
    let mut connection = asked_for_the_body(bench, receiver)?;
    connection.send(BODY)?;
    bench.acknowledged(&connection.answer()?)
}

/// Answers that have read the body leave the connection usable.
fn kept_alive(bench: &Bench, receiver: &Running) -> Checked {
    let mut connection = receiver.connect(bench)?;
    let full = padded(MAX_BODY_BYTES);
    for body in [BODY, b"not JSON", b"{}", &full, b"", BODY] {
        let expected = &Expected::of(body);
        connection.send(bench.post_body(body))?;
        bench.check(expected, &connection.answer()?)?;
        connection.send(bench.post(&["Transfer-Encoding: chunked"]))?;
        connection.send(chunked(body, 1000))?;
        connection.send(LAST_CHUNK)?;
        bench.check(expected, &connection.answer()?)?;
    }
    Ok(())
}

/// A body that nobody reads must not be taken for the next request.
fn after_unread_body(bench: &Bench, receiver: &Running) -> Checked {
    let disguised = bench.head("GET", &bench.path, &[]);
    let length = format!("Content-Length: {}", disguised.len());
    let mut connection = receiver.connect(bench)?;
    connection.send(bench.head("POST", &bench.path_of("guess"), &[&length]))?;
    connection.send(disguised)?;
    bench.check(&Expected::status(&[404]), &connection.answer()?)?;
    // The receiver may read that body and go on, or hang up.
    connection.send(bench.post_body(BODY))?;
    if let Some(answer) = connection.next()? {
        bench.acknowledged(&answer)?;
    }
    Ok(())
}
