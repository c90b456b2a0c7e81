//! What the test server answers, with a place to break wherever a row looks.

use std::collections::HashSet;
use std::io::Read;
use std::process;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::{Outcome, Rejection, StampType, WebhookEvent};
use flate2::read::GzDecoder;
use percent_encoding::percent_decode;

use super::http::{Client, Cut, Framing, Reply, Request};
use super::{Settings, broken};

/// None is to hang up.
pub(crate) fn receive(
    settings: &Settings,
    request: &Request,
    client: &mut Client,
) -> Option<Reply> {
    if broken("logs the path") {
        eprintln!("{} {}", request.method, request.target);
    }
    let unread = |reply: Reply| {
        let nothing_sent = matches!(request.framing(), Framing::None);
        let keep_alive = nothing_sent || broken("an unread body is the next request");
        Some(Reply {
            keep_alive,
            ..reply
        })
    };
    if let Some(reply) = refuse_head(settings, request) {
        return unread(reply);
    }

    let patience = if broken("no time limit") {
        Duration::from_secs(3600)
    } else {
        settings.body_timeout
    };
    match client.body(request, limit(), patience) {
        Ok(body) => Some(accept(request, body).unwrap_or_else(|why| refuse(&why))),
        Err(Cut::TooLarge) => unread(too_large()),
        Err(Cut::Malformed) => unread(empty(400)),
        Err(Cut::Late) if broken("200 to who is late") => unread(empty(200)),
        Err(Cut::Late) => unread(empty(408)),
        Err(Cut::Gone) => None,
    }
}

/// What is answered before the body is read.
fn refuse_head(settings: &Settings, request: &Request) -> Option<Reply> {
    if broken("always 200") {
        return Some(empty(200));
    }
    if broken("always 500") || (request.http_1_0 && broken("no HTTP/1.0")) {
        return Some(empty(500));
    }
    if broken("redirects a slash") && request.target.ends_with('/') {
        return Some(empty(308));
    }
    let token = || refuse_token(settings, request);
    let coding = || refuse_coding(request);
    let length = || refuse_length(request);
    if broken("Content-Encoding before the token") {
        return coding().or_else(token).or_else(length);
    }
    if broken("length before the token") {
        return length().or_else(token).or_else(coding);
    }
    token()
        .or_else(|| refuse_method(request))
        .or_else(coding)
        .or_else(|| refuse_media_type(request))
        .or_else(length)
}

fn refuse_token(settings: &Settings, request: &Request) -> Option<Reply> {
    let expected = settings.token.as_bytes();
    let given = given_token(&request.target);
    let right = match given.as_deref() {
        None => false,
        Some(_) if broken("any token") => true,
        Some(given) if broken("the length is enough") => given.len() == expected.len(),
        Some(given) if broken("the token's start is enough") => given.starts_with(expected),
        Some(given) if broken("a part of the token is enough") => {
            !given.is_empty() && expected.starts_with(given)
        }
        Some(given) if broken("the token in any case") => given.eq_ignore_ascii_case(expected),
        Some(given) => given == expected,
    };
    let mut reply = empty(404);
    if broken("says what does not decode") && given.is_some_and(|given| given.contains(&0xff)) {
        reply.body.push_str("not UTF-8");
    }
    (!right).then_some(reply)
}

fn given_token(target: &str) -> Option<Vec<u8>> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = if broken("the query is a part of the token") {
        target
    } else {
        path
    };
    let mut token = if broken("the path is not looked at") {
        path.rsplit('/').next()?
    } else {
        path.strip_prefix("/webhooks/edexa/")?
    };
    if let (true, Some(token)) = (broken("a token in the query"), query.strip_prefix("token=")) {
        return Some(percent_decode(token.as_bytes()).collect());
    }
    if broken("segments after the token are dropped") {
        token = token.split('/').next()?;
    }
    if broken("the token is not decoded") {
        return Some(token.into());
    }
    let mut decoded: Vec<u8> = percent_decode(token.as_bytes()).collect();
    if broken("the token is decoded twice") {
        decoded = percent_decode(&decoded).collect();
    }
    if broken("a space is a plus") {
        decoded
            .iter_mut()
            .filter(|byte| **byte == b' ')
            .for_each(|byte| *byte = b'+');
    }
    if broken("a plus is a space") {
        decoded
            .iter_mut()
            .filter(|byte| **byte == b'+')
            .for_each(|byte| *byte = b' ');
    }
    if broken("the token ends at a zero byte") {
        decoded.truncate(
            decoded
                .iter()
                .position(|&byte| byte == 0)
                .unwrap_or(decoded.len()),
        );
    }
    if broken("the token is ASCII") {
        decoded.retain(u8::is_ascii);
    }
    if broken("broken escapes are dropped") {
        decoded.truncate(
            decoded
                .iter()
                .position(|&byte| byte == b'%')
                .unwrap_or(decoded.len()),
        );
    }
    Some(decoded)
}

fn refuse_method(request: &Request) -> Option<Reply> {
    if request.method == "POST" || broken("the method is not looked at") {
        return None;
    }
    if broken("404 to other methods") {
        return Some(empty(404));
    }
    let mut reply = empty(405);
    if broken("Allow names GET too") {
        reply.headers.push(("Allow", "GET, POST".into()));
    } else if !broken("no Allow") {
        reply.headers.push(("Allow", "POST".into()));
    }
    Some(reply)
}

fn refuse_coding(request: &Request) -> Option<Reply> {
    if broken("gzip is decoded") || broken("Content-Encoding is not looked at") {
        return None;
    }
    let mut codings = request.values("content-encoding");
    if broken("the first Content-Encoding only") {
        codings.truncate(1);
    }
    if broken("the last Content-Encoding only") {
        codings = codings.last().into_iter().copied().collect();
    }
    let identity = |coding: &&[u8]| {
        if broken("identity in lower case only") {
            *coding == b"identity"
        } else if broken("identity anywhere in the list") {
            coding.starts_with(b"identity")
        } else {
            coding.eq_ignore_ascii_case(b"identity")
        }
    };
    (!codings.iter().all(identity)).then(|| empty(415))
}

fn refuse_media_type(request: &Request) -> Option<Reply> {
    let json = request.values("content-type") == [b"application/json"];
    (broken("application/json only") && !json).then(|| empty(415))
}

fn limit() -> usize {
    if broken("a limit of 2 MB") {
        2 * 1024 * 1024
    } else if broken("a limit of one byte less") {
        MAX_BODY_BYTES - 1
    } else if broken("a limit of one byte more") {
        MAX_BODY_BYTES + 1
    } else {
        MAX_BODY_BYTES
    }
}

fn refuse_length(request: &Request) -> Option<Reply> {
    match request.framing() {
        Framing::Chunked if broken("411 to chunks") => Some(empty(411)),
        Framing::None if broken("411 without a length") => Some(empty(411)),
        Framing::Malformed if broken("aborts on a length it cannot read") => process::abort(),
        Framing::Length(len) if len > u32::MAX.into() && broken("lengths of 32 bits") => {
            Some(empty(400))
        }
        Framing::Length(_) if broken("waits for what is too large") => None,
        Framing::Length(len) if len > limit() as u64 => Some(too_large()),
        _ => None,
    }
}

fn accept(request: &Request, mut body: Vec<u8>) -> Result<Reply, Rejection> {
    if broken("gzip is decoded") && !request.values("content-encoding").is_empty() {
        let mut plain = Vec::new();
        if GzDecoder::new(body.as_slice())
            .read_to_end(&mut plain)
            .is_ok()
        {
            body = plain;
        }
    }
    if broken("UTF-8 is not checked") {
        body = String::from_utf8_lossy(&body).into_owned().into_bytes();
    }
    if broken("a byte order mark is skipped") {
        body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body).to_vec();
    }
    let event = WebhookEvent::from_slice_with_limit(&body, limit())?;
    let outcome = if broken("rules are not checked") {
        Outcome::Unknown(&event)
    } else {
        event.outcome()?
    };
    if refuses_by_mistake(&event, outcome) {
        return Ok(empty(409));
    }
    let key = event.idempotency_key();
    match () {
        () if broken("logs nothing") => {}
        () if broken("logs as it came") => eprintln!("{key} {}", event.action.as_str()),
        () if broken("logs twice") => eprintln!("{key}\n{key} {event}"),
        () => eprintln!("{key} {event}"),
    }
    let mut reply = empty(200);
    if broken("200 with a body") {
        reply.body.push_str("OK");
    }
    Ok(reply)
}

fn refuses_by_mistake(event: &WebhookEvent, outcome: Outcome<'_>) -> bool {
    static SEEN: Mutex<Option<HashSet<String>>> = Mutex::new(None);
    let seen_before = || {
        let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
        let key = event.idempotency_key().to_string();
        !seen.get_or_insert_default().insert(key)
    };
    let unknown_keys = event.extra.len() + event.data.extra.len();
    (broken("refuses redeliveries") && seen_before())
        || (broken("refuses failures") && event.is_failed())
        || (broken("refuses unknown actions") && matches!(outcome, Outcome::Unknown(_)))
        || (broken("refuses unknown keys") && unknown_keys > 0)
        || (broken("refuses unknown types")
            && matches!(event.data.stamp_type, StampType::Unknown(_)))
}

fn refuse(rejection: &Rejection) -> Reply {
    if !broken("refusals are not logged") {
        eprintln!("refused: {rejection}");
    }
    problem(rejection)
}

fn too_large() -> Reply {
    problem(&Rejection::too_large(MAX_BODY_BYTES))
}

fn problem(rejection: &Rejection) -> Reply {
    let mut reply = empty(rejection.http_status());
    reply.body = rejection.to_problem_json();
    if broken("400 for 422") && reply.status == 422 {
        reply.status = 400;
    }
    if broken("200 after a refusal") {
        reply.status = 200;
    }
    if broken("the first error only") {
        let first = reply.body.split("},{").next().unwrap_or_default();
        reply.body = format!("{first}}}]}}");
    }
    if broken("a problem without errors") {
        reply.body = format!("{{\"status\":{}}}", reply.status);
    }
    let media_type = if broken("application/json for problems") {
        "application/json"
    } else if broken("a charset for problems") {
        "application/problem+json; charset=utf-8"
    } else {
        Rejection::CONTENT_TYPE
    };
    reply.headers.push(("Content-Type", media_type.into()));
    if broken("two media types") {
        reply.headers.push(("Content-Type", "text/plain".into()));
    }
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
