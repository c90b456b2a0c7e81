//! The suite passes the test server as it is, and notices every break of it, by
//! the right row and for the right reason.

use std::collections::BTreeSet;
use std::time::Duration;

use conformance::{Suite, cases};

fn suite(mutant: &str) -> Suite {
    Suite::new(env!("CARGO_BIN_EXE_test-server")).env("MUTANT", mutant)
}

#[test]
fn the_unbroken_server_passes() {
    conformance::run(env!("CARGO_BIN_EXE_test-server"));
}

#[test]
#[should_panic(expected = "the documented success: No such file or directory")]
fn a_failure_is_a_panic() {
    conformance::run("no-such-program");
}

#[track_caller]
fn assert_noticed(suite: &Suite, row: &str, reason: &str) {
    let noticed = suite.run_only(row).map(|failure| failure.reason);
    assert!(
        noticed.as_ref().is_some_and(|text| text.contains(reason)),
        "expected a failure with {reason:?}, got {noticed:?}"
    );
}

/// Each line is a test: a break, the row that notices it, and a part of what the
/// row says.
macro_rules! breaks {
    ($module:ident, $suite:expr; $($test:ident: $mutant:literal, $row:literal, $reason:literal;)*) => {
        mod $module {
            use super::{assert_noticed, suite};
            $(
                #[test]
                fn $test() {
                    assert_noticed(&$suite(suite($mutant)), $row, $reason);
                }
            )*
            pub(super) const ROWS: &[&str] = &[$($row),*];
        }
    };
}

breaks! { answers, std::convert::identity;
    ack_body: "200 with a body", "the documented success", r#"expected the body "", got "OK""#;
    failures: "refuses failures", "the documented failure", "got 409";
    redeliveries: "refuses redeliveries", "the documented success, delivered again", "got 409";
    unknown_actions: "refuses unknown actions", "an unknown action", "got 409";
    unknown_keys: "refuses unknown keys", "unknown keys", "got 409";
    unknown_types: "refuses unknown types", "an unknown type", "got 409";
    refusal_200: "200 after a refusal", "damaged: cut-off", "expected status [400], got 200";
    shape_400: "400 for 422", "damaged: missing-key", "expected status [422], got 400";
    rules: "rules are not checked", "a broken error rule", "expected status [422], got 200";
    first_error: "the first error only", "three broken error rules", "expected the body";
    no_errors: "a problem without errors", "damaged: batch", "expected the body";
    media_type: "application/json for problems", "damaged: text-for-number", r#"got ["application/json"]"#;
    charset: "a charset for problems", "damaged: key-twice", "charset=utf-8";
    two_media_types: "two media types", "damaged: empty", r#""text/plain"]"#;
    utf8: "UTF-8 is not checked", "damaged: not-utf-8", "expected status [400], got 200";
    byte_order_mark: "a byte order mark is skipped", "damaged: byte-order-mark", "got 200";
    json_only: "application/json only", "no Content-Type", "got 415";
    json_only_with_charset: "application/json only", "Content-Type: application/json; charset=utf-8", "got 415";
    gzip: "gzip is decoded", "Content-Encoding: gzip", "expected status [415], got 200";
    coding_unseen: "Content-Encoding is not looked at", "Content-Encoding: x-unheard-of", "got 400";
    first_coding: "the first Content-Encoding only", "Content-Encoding: identity and gzip", "got 400";
    last_coding: "the last Content-Encoding only", "Content-Encoding: gzip and identity", "got";
    coding_list: "identity anywhere in the list", "Content-Encoding: identity, gzip", "got 400";
    coding_case: "identity in lower case only", "Content-Encoding: Identity", "got 415";
    coding_first: "Content-Encoding before the token", "Content-Encoding: gzip for a wrong token", "got 415";
    length_first: "length before the token", "a body over the limit for a wrong token", "got 413";
}

breaks! { paths, std::convert::identity;
    any_token: "any token", "a wrong token", "expected status [404], got 200";
    any_case: "the token in any case", "a wrong token of the right length", "got 200";
    part: "a part of the token is enough", "the start of the token", "got 200";
    start: "the token's start is enough", "the token and more", "got 200";
    not_decoded: "the token is not decoded", "a token percent-encoded", "got 404";
    decoded_twice: "the token is decoded twice", "a token percent-encoded twice", "got 200";
    plus_for_space: "a space is a plus", "a space for a plus", "got 200";
    space_for_plus: "a plus is a space", "the documented success", "got 404";
    query_kept: "the query is a part of the token", "a token with a query after it", "got 404";
    query_token: "a token in the query", "the token in the query", "got 200";
    zero_byte: "the token ends at a zero byte", "a token with a zero byte", "got 200";
    ascii: "the token is ASCII", "a token that is not UTF-8", "got 200";
    broken_escape: "broken escapes are dropped", "a token with a broken escape", "got 200";
    segments: "segments after the token are dropped", "a segment after the token", "got 200";
    redirect: "redirects a slash", "a slash after the token", "got 308";
    any_path: "the path is not looked at", "POST /webhooks/other/Zm9v+YmFy_-~=", "got 200";
    methods: "404 to other methods", "GET", "expected status [405], got 404";
    put: "the method is not looked at", "PUT", "expected status [405], got 200";
    no_allow: "no Allow", "DELETE", "expected `allow: POST`, got []";
    allow: "Allow names GET too", "HEAD", r#"expected `allow: POST`, got ["GET, POST"]"#;
}

breaks! { connections, std::convert::identity;
    no_chunks: "chunks are dropped", "an ordinary client that sends chunks", "got 400";
    length_required: "411 to chunks", "one connection for many requests", "got 411";
    framing_counts: "framing counts", "a chunked body exactly at the limit", "got 413";
    extensions: "no chunk extensions", "chunks of one byte, extensions and trailers", "got 400";
    short_read: "a short read is the body", "a body that comes byte by byte", "got 400";
    any_method: "the method is not looked at", "CONNECT, and a method that nobody knows", "got 200";
    no_length: "411 without a length", "neither a length nor chunks", "expected status [400], got 411";
    http_1_0: "no HTTP/1.0", "an HTTP/1.0 client", "got 500";
    closes: "closes after each answer", "one connection for many requests", "the connection ended";
    unread: "an unread body is the next request", "a request after a body left unread", "got 405";
    limit_above: "a limit of one byte more", "a body one byte over the limit", "got 200";
    limit_below: "a limit of one byte less", "a body exactly at the limit", "got 413";
    two_megabytes: "a limit of 2 MB", "a body one byte over the limit", "got 200";
    lengths: "lengths of 32 bits", "a huge length announced, none sent", "expected status [413], got 400";
    aborts: "aborts on a length it cannot read", "a length beyond 64 bits", "the connection ended";
    short_length: "what has come is the body", "a client gone before the announced length", "got status 200";
    short_chunks: "what has come is the body", "a client gone before the last chunk", "got status 200";
    late: "200 to who is late", "a hundred clients that stop are cut off", "got status 200";
    dies: "dies of a client gone", "a client gone before the announced length", "no longer answers";
}

breaks! { lives, std::convert::identity;
    no_start: "does not listen", "an HTTP/1.0 client", "it does not listen: Error: \"this is all\"";
    no_token: "starts without a token", "no WEBHOOK_TOKEN, no start", "it listens";
    empty_token: "starts with an empty token", "an empty WEBHOOK_TOKEN, no start", "it listens";
    exit_0: "exit status 0 without a token", "no WEBHOOK_TOKEN, no start", "other than 0, got exit status: 0";
    silent: "silent without a token", "an empty WEBHOOK_TOKEN, no start", "a message about WEBHOOK_TOKEN, got";
    exit_1: "exit status 1 at the end", "SIGTERM ends it, idle connections or not", "got exit status: 1";
    sigint: "SIGINT not handled", "SIGINT ends it, idle connections or not", "got signal: 2";
    at_once: "exits at once", "SIGTERM lets a request in flight finish", "the connection ended";
    logs_nothing: "logs nothing", "one log line for an event", "got 0";
    logs_twice: "logs twice", "one log line for an event", "got 2";
    refusals: "refusals are not logged", "one log line for a refused body", "got 0";
    path: "logs the path", "the token is not logged", "the log holds the token";
    raw: "logs as it came", "no control characters in the log", "the log holds";
}

/// What only shows when nothing happens for a while: a short while, since the
/// unbroken server is not waited for here.
fn hurried(suite: conformance::Suite) -> Suite {
    suite.deadline(Duration::from_secs(1))
}

breaks! { waits, super::hurried;
    no_100: "no 100", "Expect: 100-continue", "no answer in time";
    announced: "waits for what is too large", "one byte too many announced, none sent", "no answer in time";
    client_waits: "waits for what is too large", "too much announced by a client that waits", "no answer in time";
    last_chunk: "413 after the last chunk", "chunks one byte over the limit, and no end", "no answer in time";
    endless: "413 after the last chunk", "chunks that never end", "the receiver reads on and on";
    one_at_a_time: "one client at a time", "a hundred clients that stop, and others meanwhile", "no longer answers";
    no_time_limit: "no time limit", "a hundred clients that stop are cut off", "no answer in time";
    stays_open: "leaves the connection open", "a hundred clients that stop are cut off", "no answer in time";
    drips: "every byte renews the time", "a client that drips is cut off", "the receiver waits on and on";
    idle: "waits for idle connections", "SIGTERM ends it, idle connections or not", "the process goes on";
    stopped: "no time limit", "SIGTERM does not wait for a client that stopped", "the process goes on";
    accepts: "goes on accepting", "SIGTERM lets a request in flight finish", "it still takes connections";
}

/// Every case can fail: no answer passes them all.
#[test]
fn one_answer_for_everything_fails_the_others() {
    let failing = |mutant| -> BTreeSet<String> {
        let failures = suite(mutant).run_cases().into_iter();
        failures.map(|failure| failure.row).collect()
    };
    let both = &failing("always 200") | &failing("always 500");
    let all = cases().into_iter().map(|case| case.name).collect();
    assert_eq!(both, all);
}

#[test]
fn no_two_rows_share_a_name() {
    let mut names: Vec<String> = cases().into_iter().map(|case| case.name).collect();
    names.extend(Suite::wire_rows().into_iter().map(str::to_owned));
    let different: BTreeSet<&String> = names.iter().collect();
    assert_eq!(different.len(), names.len());
}

#[test]
fn every_other_row_has_a_break() {
    let broken = [
        answers::ROWS,
        paths::ROWS,
        connections::ROWS,
        lives::ROWS,
        waits::ROWS,
    ]
    .concat();
    let unbroken: Vec<_> = Suite::wire_rows()
        .into_iter()
        .filter(|row| !broken.contains(row))
        .collect();
    assert!(unbroken.is_empty(), "{unbroken:?}");
}
