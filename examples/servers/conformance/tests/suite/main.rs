//! The suite passes the test server as it is, and notices every break of it, by
//! the right row and for the right reason.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

use std::collections::BTreeSet;
use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use conformance::{Outcome, Suite};

mod server;

/// The program under test is this one.
#[test]
fn is_the_server_if_told_so() {
    if env::var_os("MUTANT").is_some() {
        server::run();
    }
}

const SERVER: [&str; 3] = ["is_the_server_if_told_so", "--exact", "--nocapture"];

fn suite(mutant: &str) -> Suite {
    Suite::new(env::current_exe().unwrap())
        .args(&SERVER.map(Into::into))
        .env("MUTANT", mutant)
}

#[test]
fn the_unbroken_server_passes() {
    assert_eq!(suite("none").run(), Vec::<String>::new());
}

#[test]
fn a_url_gets_every_row_that_needs_no_program() {
    let mut server = Command::new(env::current_exe().unwrap());
    server.args(SERVER).stdout(Stdio::piped());
    server.envs([("MUTANT", "none"), ("WEBHOOK_TOKEN", "100%")]);
    server.envs([("BIND_ADDR", "127.0.0.1:0"), ("BODY_TIMEOUT_MS", "1000")]);
    let mut server = server.spawn().unwrap();
    let lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let mut lines = lines.map(Result::unwrap);
    let line = lines.find(|line| line.starts_with("listening on "));
    let url = line.unwrap().split_off(13) + "/webhooks/edexa/100%25";
    let suite = Command::new(env!("CARGO_BIN_EXE_conformance"))
        .args(["--url", &url])
        .output();
    server.kill().unwrap();
    server.wait().unwrap();
    let (table, status) = suite.map(|output| (output.stdout, output.status)).unwrap();
    let table = String::from_utf8(table).unwrap();
    assert!(
        table.ends_with("\n155 passed, 0 failed, 24 not run\n"),
        "{table}"
    );
    assert_eq!(status.code(), Some(0));
}

#[test]
fn no_program_fails() {
    let outcome = Suite::new("no-such-program").run_only("the documented success");
    let reason = "No such file or directory (os error 2)".into();
    assert_eq!(outcome, Outcome::Failed(reason));
}

#[test]
fn other_words_fail_unless_any_are_right() {
    let (row, suite) = ("three broken error rules", suite("the first error only"));
    assert!(matches!(suite.run_only(row), Outcome::Failed(_)));
    assert_eq!(suite.any_words().run_only(row), Outcome::Passed);
}

#[test]
fn a_row_that_must_fail() {
    let of = |mutant, name: &str| suite(mutant).fails(vec![name.into()]).run_only(name);
    let name = "CONNECT, and a method that nobody knows";
    assert_eq!(of("the method is not looked at", name), Outcome::Passed);
    let reason = "it must fail, and passes".into();
    assert_eq!(of("none", name), Outcome::Failed(reason));
    assert_eq!(of("the method is not looked at", "PUT"), Outcome::Passed);
}

#[test]
fn a_row_that_must_fail_is_there() {
    let mut suite = Command::new(env!("CARGO_BIN_EXE_conformance"));
    let output = suite.args(["--fails", "PULL", "true"]).output().unwrap();
    let message = "conformance: --fails: there is no row \"PULL\"\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), message);
    assert_eq!(output.status.code(), Some(64));
}

#[track_caller]
fn assert_noticed(suite: &Suite, row: &str, reason: &str) {
    let outcome = suite.run_only(row);
    let noticed = matches!(&outcome, Outcome::Failed(text) if text.contains(reason));
    assert!(
        noticed,
        "expected a failure with {reason:?}, got {outcome:?}"
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
    refusal_200: "200 after a refusal", "damaged: cut-off", "expected status [400], got 200";
    rules: "rules are not checked", "a broken error rule", "expected status [422], got 200";
    first_error: "the first error only", "three broken error rules", "expected the body";
    charset: "a charset for problems", "damaged: key-twice", "charset=utf-8";
    utf8: "UTF-8 is not checked", "damaged: not-utf-8", "expected status [400], got 200";
    coding_unseen: "Content-Encoding is not looked at", "Content-Encoding: x-unheard-of", "got 400";
    first_coding: "the first Content-Encoding only", "Content-Encoding: identity and gzip", "got 400";
    last_coding: "the last Content-Encoding only", "Content-Encoding: gzip and identity", "got";
    coding_list: "identity anywhere in the list", "Content-Encoding: identity, gzip", "got 400";
    coding_first: "Content-Encoding before the token", "Content-Encoding: gzip for a wrong token", "got 415";
    length_first: "length before the token", "a body over the limit for a wrong token", "got 413";
}

breaks! { paths, std::convert::identity;
    any_case: "the token in any case", "the token in upper case", "got 200";
    start: "the token's start is enough", "the token and more", "got 200";
    not_decoded: "the token is not decoded", "a token percent-encoded", "got 404";
    decoded_twice: "the token is decoded twice", "a token percent-encoded twice", "got 200";
    plus_for_space: "a space is a plus", "a space for a plus", "got 200";
    zero_byte: "the token ends at a zero byte", "a token with a zero byte", "got 200";
    ascii: "the token is ASCII", "a token that is not UTF-8 is a wrong token", "%FF: expected 404 as for a guess, got 422";
    says_utf_8: "says what does not decode", "a token that is not UTF-8 is a wrong token", "got 404: not UTF-8";
    broken_escape: "broken escapes are dropped", "a token with a broken escape is a wrong token", "%zz: expected 404 as for a guess, got 422";
    other_length: "the length is enough", "a wrong token of the right length", "got 200";
    any_path: "the path is not looked at", "the token under another path", "got 200";
    methods: "404 to other methods", "GET", "expected status [405], got 404";
    put: "the method is not looked at", "PUT", "expected status [405], got 200";
    no_allow: "no Allow", "DELETE", "expected `allow: POST`, got []";
}

breaks! { connections, std::convert::identity;
    no_chunks: "chunks are dropped", "a body in one chunk, and at the limit in many", "got 400";
    length_required: "411 to chunks", "one connection for many requests", "got 411";
    framing_counts: "framing counts", "a body in one chunk, and at the limit in many", "got 413";
    extensions: "no chunk extensions", "chunks of one byte, extensions and trailers", "got 400";
    short_read: "a short read is the body", "a body that comes byte by byte", "got 400";
    any_method: "the method is not looked at", "CONNECT, and a method that nobody knows", "got 200";
    no_length: "411 without a length", "neither a length nor chunks", "expected status [400], got 411";
    http_1_0: "no HTTP/1.0", "an HTTP/1.0 client", "got 500";
    closes: "closes after each answer", "one connection for many requests", "the connection ended";
    unread: "an unread body is the next request", "a request after a body left unread", "got 405";
    limit_above: "a limit of one byte more", "a body one byte over the limit", "got 200";
    aborts: "aborts on a length it cannot read", "a length beyond 64 bits", "the connection ended";
    short_length: "what has come is the body", "a client gone before the announced length", "got status 200";
    short_chunks: "what has come is the body", "a client gone before the last chunk", "got status 200";
    late: "200 to who is late", "a hundred clients that stop are cut off", "got status 200";
    dies: "dies of a client gone", "a client gone before the announced length", "no longer answers";
}

breaks! { lives, std::convert::identity;
    no_start: "does not listen", "an HTTP/1.0 client", "it does not listen: this is all";
    no_token: "starts without a token", "no WEBHOOK_TOKEN, no start", "it listens";
    empty_token: "starts with an empty token", "an empty WEBHOOK_TOKEN, no start", "it listens";
    exit_0: "exit status 0 without a token", "no WEBHOOK_TOKEN, no start", "other than 0, got exit status: 0";
    silent: "silent without a token", "an empty WEBHOOK_TOKEN, no start", "a message about WEBHOOK_TOKEN, got";
    no_number: "any time limit will do", "a time limit that is no number is named", "it listens";
    cut_off: "exit status 0 at once", "SIGTERM twice ends it at once", "other than 0";
    exit_1: "exit status 1 at the end", "SIGTERM ends it, with a client that is idle", "got exit status: 1";
    sigint: "SIGINT not handled", "SIGINT ends it, with a client that is idle", "got signal: 2";
    sigterm_at_once: "exits at once", "SIGTERM lets whole requests be answered", "the connection ended";
    sigint_at_once: "exits at once", "SIGINT lets whole requests be answered", "the connection ended";
    logs_twice: "logs twice", "one log line for an event", "got 2";
    refusals: "refusals are not logged", "one log line for a refused body", "got 0";
    path: "logs the path", "the token is not logged", "the log holds the token";
    unlogged: "its log must be written", "a log that cannot be written costs no answer", "the connection ended";
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
    huge: "waits for what is too large", "a huge length announced, none sent", "no answer in time";
    started: "waits for what is too large", "too much announced, and its start sent", "no answer in time";
    accepts: "goes on accepting", "SIGTERM lets whole requests be answered", "it still takes connections";
    sigterm_silent: "no grace period", "SIGTERM ends it, with a client that sent nothing", "the process goes on";
    sigterm_half_a_head: "no grace period", "SIGTERM ends it, with a client that sent half a head", "the process goes on";
    sigterm_head: "no grace period", "SIGTERM ends it, with a client that sent a head", "the process goes on";
    sigterm_half_a_body: "no grace period", "SIGTERM ends it, with a client that sent half a body", "the process goes on";
    sigterm_idle: "no grace period", "SIGTERM ends it, with a client that is idle", "the process goes on";
    sigterm_crowded: "no grace period", "SIGTERM ends it, with more clients than file handles", "the process goes on";
    sigint_crowded: "no grace period", "SIGINT ends it, with more clients than file handles", "the process goes on";
    sigint_silent: "no grace period", "SIGINT ends it, with a client that sent nothing", "the process goes on";
    sigint_half_a_head: "no grace period", "SIGINT ends it, with a client that sent half a head", "the process goes on";
    sigint_head: "no grace period", "SIGINT ends it, with a client that sent a head", "the process goes on";
    sigint_half_a_body: "no grace period", "SIGINT ends it, with a client that sent half a body", "the process goes on";
    sigint_idle: "no grace period", "SIGINT ends it, with a client that is idle", "the process goes on";
    sigterm_twice: "hears one signal only", "SIGTERM twice ends it at once", "the process goes on";
    sigint_twice: "hears one signal only", "SIGINT twice ends it at once", "the process goes on";
}

/// Every ordinary row can fail: no answer passes them all.
#[test]
fn one_answer_for_everything_fails_the_others() {
    let mut failing = BTreeSet::new();
    let mut all = BTreeSet::new();
    for mutant in ["always 200", "always 500"] {
        suite(mutant).each_case(|row, outcome| {
            all.insert(row.to_owned());
            if outcome != Outcome::Passed {
                failing.insert(row.to_owned());
            }
        });
    }
    assert_eq!(failing, all);
}

#[test]
fn every_other_row_has_a_break_and_a_name_of_its_own() {
    let mut cases = 0;
    suite("none").each_case(|_, _| cases += 1);
    let rows = suite("none").rows();
    let names: BTreeSet<&String> = rows.iter().collect();
    assert_eq!(names.len(), rows.len());
    let broken = [
        answers::ROWS,
        paths::ROWS,
        connections::ROWS,
        lives::ROWS,
        waits::ROWS,
    ]
    .concat();
    let unbroken: Vec<_> = rows[cases..]
        .iter()
        .filter(|row| !broken.contains(&row.as_str()))
        .collect();
    assert!(unbroken.is_empty(), "{unbroken:?}");
}

#[test]
fn urls() {
    let refused = |url| Suite::url(url).unwrap_err();
    let form = "expected http://HOST:PORT/PATH/TOKEN";
    for url in [
        "",
        "https://127.0.0.1/a",
        "127.0.0.1:1/a",
        "http://127.0.0.1:1",
        "http://127.0.0.1:1/a/",
        "http://127.0.0.1:1/a?b",
    ] {
        assert_eq!(refused(url), form, "{url}");
    }
    for url in [
        "http://127.0.0.1/a",
        "http://[::1]:3000/a/b/c",
        "http://localhost:1/%61",
    ] {
        assert!(Suite::url(url).is_ok(), "{url}");
    }
}
