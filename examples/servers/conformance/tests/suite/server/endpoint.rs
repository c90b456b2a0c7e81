//! What the test server answers, with a place to break wherever a row looks.

use std::io::{self, Write};
use std::process;
use std::time::Duration;

use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::{Outcome, Rejection, WebhookEvent};
use percent_encoding::percent_decode;

use super::http::{Client, Cut, Framing, Reply, Request};
use super::{Settings, broken, mutant};

/// None is to hang up.
pub(crate) fn receive(
    settings: &Settings,
    request: &Request,
    client: &mut Client,
) -> Option<Reply> {
    if broken("logs the path") {
        log(&format!("{} {}", request.method, request.target));
    }
    let unread = |mut reply: Reply| {
        let nothing_sent = matches!(request.framing(), Framing::None);
        reply.keep_alive = nothing_sent || broken("an unread body is the next request");
        Some(reply)
    };
    if let Some(reply) = refuse_head(settings, request) {
        return unread(reply);
    }
    let patience = match mutant() {
        "no time limit" => Duration::from_secs(3600),
        _ => settings.body_timeout,
    };
    match client.body(request, limit(), patience) {
        Ok(body) => Some(accept(&body).unwrap_or_else(|why| refuse(&why))),
        Err(Cut::TooLarge) => unread(too_large()),
        Err(Cut::Malformed) => unread(empty(400)),
        Err(Cut::Late) if broken("200 to who is late") => unread(empty(200)),
        Err(Cut::Late) => unread(empty(408)),
        Err(Cut::Gone) => None,
    }
}

/// What is answered before the body is read.
fn refuse_head(settings: &Settings, request: &Request) -> Option<Reply> {
    let token = || refuse_token(settings, request);
    let coding = || refuse_coding(request);
    let length = || refuse_length(request);
    match mutant() {
        "always 200" => return Some(empty(200)),
        "always 500" => return Some(empty(500)),
        "no HTTP/1.0" if request.http_1_0 => return Some(empty(500)),
        "Content-Encoding before the token" => return coding().or_else(token).or_else(length),
        "length before the token" => return length().or_else(token).or_else(coding),
        _ => {}
    }
    token()
        .or_else(|| refuse_method(request))
        .or_else(coding)
        .or_else(length)
}

fn refuse_token(settings: &Settings, request: &Request) -> Option<Reply> {
    let expected = settings.token.as_bytes();
    let given = given_token(&request.target).unwrap_or_default();
    let right = match mutant() {
        "the length is enough" => given.len() == expected.len(),
        "the token's start is enough" => given.starts_with(expected),
        "the token in any case" => given.eq_ignore_ascii_case(expected),
        _ => given == expected,
    };
    let mut reply = empty(404);
    if broken("says what does not decode") && given.contains(&0xff) {
        reply.body.push_str("not UTF-8");
    }
    (!right).then_some(reply)
}

fn given_token(target: &str) -> Option<Vec<u8>> {
    let path = target.split('?').next()?;
    let token = match mutant() {
        "the path is not looked at" => path.rsplit('/').next()?,
        "the token is not decoded" => return Some(path.rsplit('/').next()?.into()),
        _ => path.strip_prefix("/webhooks/edexa/")?,
    };
    let mut decoded: Vec<u8> = percent_decode(token.as_bytes()).collect();
    let end = |end| decoded.iter().position(|byte| *byte == end);
    match mutant() {
        "the token is decoded twice" => decoded = percent_decode(&decoded).collect(),
        "the token is ASCII" => decoded.retain(u8::is_ascii),
        "the token ends at a zero byte" => decoded.truncate(end(0).unwrap_or(decoded.len())),
        "broken escapes are dropped" => decoded.truncate(end(b'%').unwrap_or(decoded.len())),
        "a space is a plus" => {
            let spaces = decoded.iter_mut().filter(|byte| **byte == b' ');
            spaces.for_each(|byte| *byte = b'+');
        }
        _ => {}
    }
    Some(decoded)
}

fn refuse_method(request: &Request) -> Option<Reply> {
    let mut reply = empty(405);
    reply.headers.push(("Allow", "POST".into()));
    if request.method == "POST" || broken("the method is not looked at") {
        return None;
    }
    match mutant() {
        "404 to other methods" => Some(empty(404)),
        "no Allow" => Some(empty(405)),
        _ => Some(reply),
    }
}

fn refuse_coding(request: &Request) -> Option<Reply> {
    let codings = request.values("content-encoding");
    let mut identities = codings.iter().map(|coding| match mutant() {
        "identity anywhere in the list" => coding.starts_with(b"identity"),
        _ => coding.eq_ignore_ascii_case(b"identity"),
    });
    let right = match mutant() {
        "Content-Encoding is not looked at" => true,
        "the first Content-Encoding only" => identities.next().unwrap_or(true),
        "the last Content-Encoding only" => identities.next_back().unwrap_or(true),
        _ => identities.all(|identity| identity),
    };
    (!right).then(|| empty(415))
}

fn limit() -> usize {
    MAX_BODY_BYTES + usize::from(broken("a limit of one byte more"))
}

fn refuse_length(request: &Request) -> Option<Reply> {
    match request.framing() {
        Framing::Chunked if broken("411 to chunks") => Some(empty(411)),
        Framing::None if broken("411 without a length") => Some(empty(411)),
        Framing::Malformed if broken("aborts on a length it cannot read") => process::abort(),
        Framing::Length(_) if broken("waits for what is too large") => None,
        Framing::Length(len) if len > limit() as u64 => Some(too_large()),
        _ => None,
    }
}

fn accept(body: &[u8]) -> Result<Reply, Rejection> {
    let lossy = String::from_utf8_lossy(body);
    let body = match mutant() {
        "UTF-8 is not checked" => lossy.as_bytes(),
        _ => body,
    };
    let event = WebhookEvent::from_slice_with_limit(body, limit())?;
    match mutant() {
        "rules are not checked" => Outcome::Unknown(&event),
        _ => event.outcome()?,
    };
    let key = event.idempotency_key();
    match mutant() {
        "logs as it came" => log(&format!("{key} {}", event.action.as_str())),
        "logs twice" => log(&format!("{key}\n{key} {event}")),
        _ => log(&format!("{key} {event}")),
    }
    let mut reply = empty(200);
    if broken("200 with a body") {
        reply.body.push_str("OK");
    }
    Ok(reply)
}

fn refuse(rejection: &Rejection) -> Reply {
    if !broken("refusals are not logged") {
        log(&format!("refused: {rejection}"));
    }
    problem(rejection)
}

/// What cannot be written is lost.
fn log(line: &str) {
    let written = writeln!(io::stderr(), "{line}");
    assert!(written.is_ok() || !broken("its log must be written"));
}

fn too_large() -> Reply {
    problem(&Rejection::too_large(MAX_BODY_BYTES))
}

fn problem(rejection: &Rejection) -> Reply {
    let mut reply = empty(rejection.http_status());
    reply.body = rejection.to_problem_json();
    let mut media_type = Rejection::CONTENT_TYPE.to_owned();
    match mutant() {
        "200 after a refusal" => reply.status = 200,
        "a charset for problems" => media_type.push_str("; charset=utf-8"),
        "the first error only" => {
            let first = reply.body.split("},{").next().unwrap_or_default();
            reply.body = format!("{first}}}]}}");
        }
        _ => {}
    }
    reply.headers.push(("Content-Type", media_type));
    reply
}

fn empty(status: u16) -> Reply {
    Reply {
        status,
        headers: Vec::new(),
        body: String::new(),
        keep_alive: true,
    }
}
