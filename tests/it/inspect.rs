//! `examples/inspect.rs`, run as its users run it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::arithmetic_side_effects,
    reason = "helpers of tests may fail as tests do, which clippy.toml cannot say"
)]

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::serde_json::{Value, json};
use edexa_webhooks::testing::{self, EventBuilder};
use edexa_webhooks::{Action, StampStatus};

const SAMPLES_EXPLAINED: &str = r#"edeXa's success sample
  outcome succeeded: it says that the stamp is on the chain
  event   succeed stamp "6475c02029b5bab6d2f2c6dc" in transaction "0x3b7d586651f386c0d415fa1349b9ec0be07b78c86"
  key     6475c02029b5bab6d2f2c6dc:succeed
  warning malformed-tx-id at /data/txId: expected `0x` and 64 hex digits on the public chain, found "0x3b7d586651f386c0d415fa1349b9ec0be07b78"…
  warning malformed-hash at /data/hash: expected a digest in hex or base64, found "6d6db6c12243mdhfrehrdfghju76"
edeXa's failure sample
  outcome failed: it says that no transaction could be provided
  event   failed stamp "6475d6153b1b98c0686866cd" of hash "6d6db6agfgdfgffggffgggsg1ed"
  key     6475d6153b1b98c0686866cd:failed
"#;

#[test]
fn no_argument_explains_both_documented_samples() {
    let run = inspect(&[], b"");
    run.has(0, SAMPLES_EXPLAINED, "");
}

#[test]
fn a_file_is_explained_under_its_name() {
    let body = TempFile::new("body.json", testing::FAILED);
    let explained = format!(
        "{body}\n{}",
        after("edeXa's failure sample\n", SAMPLES_EXPLAINED)
    );
    inspect(&[body.arg()], b"").has(0, &explained, "");
}

#[test]
fn standard_input_is_a_hyphen() {
    let explained = format!(
        "-\n{}",
        after("edeXa's failure sample\n", SAMPLES_EXPLAINED)
    );
    inspect(&["-"], testing::FAILED.as_bytes()).has(0, &explained, "");
}

#[test]
fn several_files_are_explained_in_their_order_and_the_worst_decides() {
    let invalid = TempFile::new("invalid.json", &invalid_body());
    let refused = TempFile::new("refused.json", "[]");
    let valid = TempFile::new("valid.json", testing::FAILED);

    let run = inspect(&[refused.arg(), invalid.arg(), valid.arg()], b"");
    assert_eq!(run.status, 2, "{run:?}");
    let headings: Vec<_> = run.stdout.lines().filter(|l| !l.starts_with(' ')).collect();
    assert_eq!(headings, [refused.arg(), invalid.arg(), valid.arg()]);
    assert_eq!(inspect(&[invalid.arg(), valid.arg()], b"").status, 1);
}

#[test]
fn an_invalid_event_shows_every_finding_and_exits_1() {
    inspect(&["-"], invalid_body().as_bytes()).has(
        1,
        "-\n  outcome invalid: the event breaks a rule of severity error
  event   succeed stamp \"\" of hash \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"
  key     :succeed
  error status-mismatch at /data/status: expected 1 with the action `succeed`, found 2
  error missing-tx-id at /data/txId: expected a transaction id with the action `succeed`, found none
  error empty-identity at /data/_id: expected a string that is not blank or a placeholder, found \"\"
  warning empty-field at /data/code: expected a string that is not empty, found \"\"
",
        "",
    );
}

#[test]
fn an_unknown_action_is_an_outcome() {
    let event = EventBuilder::failed().action("revoked").to_json().unwrap();
    let run = inspect(&["-"], event.as_bytes());
    assert_eq!(run.status, 0, "{run:?}");
    assert_contains(
        &run.stdout,
        "  outcome unknown: the action is newer than this crate\n",
    );
    assert_contains(
        &run.stdout,
        "  warning unknown-action at /action: expected `succeed` or `failed`",
    );
}

#[test]
fn a_refused_body_shows_the_place() {
    #[track_caller]
    fn refused(body: &[u8], explained: &str) {
        inspect(&["-"], body).has(2, &format!("-\n{explained}"), "");
    }

    refused(
        "{\"webhookId\":\"請求書\",\"action\":false}".as_bytes(),
        r#"  outcome refused (data): the body is not an event
  error   /action: expected a string, found the boolean false at line 1 column 29
        1 | {"webhookId":"請求書","action":false}
          |                                ^
  read    webhook "請求書"
"#,
    );
    refused(
        b"{\n  \"action\": succeed\n}",
        r#"  outcome refused (syntax): the body is not an event
  error   /action: expected a value, found `s` at line 2 column 13
        2 |   "action": succeed
          |             ^
"#,
    );
    refused(
        b"",
        "  outcome refused (syntax): the body is not an event
  error   expected a value, found the end at line 1 column 1
        1 | 
          | ^
",
    );
    refused(
        b"{\"action\": \"failed\"\n",
        r#"  outcome refused (syntax): the body is not an event
  error   expected `,` or `}`, found the end at line 2 column 1
        2 | 
          | ^
  read    action "failed"
"#,
    );
    refused(
        b"\xef\xbb\xbf{}",
        r"  outcome refused (encoding): the body is not an event
  error   expected JSON, found a byte order mark at line 1 column 1
        1 | \u{feff}{}
          | ^
",
    );
}

#[test]
fn hostile_bytes_are_shown_escaped() {
    inspect(
        &["-"],
        b"{\"webhookId\": \"\xc2\xad\xff\xfe\x1b[31m\x9b\"}\r",
    )
    .has(
        2,
        r#"-
  outcome refused (encoding): the body is not an event
  error   /webhookId: expected UTF-8, found the byte 0xff at line 1 column 17
        1 | {"webhookId": "\u{ad}\xff\xfe\u{1b}[31m\x9b"}\r
          |                      ^
"#,
        "",
    );
}

#[test]
fn hostile_values_are_shown_escaped() {
    let hostile = "../\u{1b}[2J\u{202e}gnp.\n";
    let event = EventBuilder::failed()
        .name(hostile)
        .stamp_id("\u{9b}2J\u{2028}")
        .to_json()
        .unwrap();
    let run = inspect(&["-"], event.as_bytes());
    assert_contains(
        &run.stdout,
        "event   failed stamp \"\\u{9b}2J\\u{2028}\" of hash",
    );
    assert_contains(
        &run.stdout,
        "warning unsafe-name at /data/name: expected a plain file name, found \"../\\u{1b}[2J\\u{202e}gnp.\\n\"\n",
    );
    assert_harmless(&run.stdout);

    let run = inspect(&["--json", "-"], event.as_bytes());
    assert_harmless(&run.stdout);
}

#[test]
fn long_values_are_clipped() {
    let id = "a".repeat(MAX_BODY_BYTES / 2);
    let clipped = format!("{}…\n", "a".repeat(80));

    let event = EventBuilder::failed().stamp_id(&*id).to_json().unwrap();
    let run = inspect(&["-"], event.as_bytes());
    assert_contains(&run.stdout, &format!("  key     {clipped}"));
    assert!(run.stdout.len() < 1_000, "{run:?}");

    let cut = format!(r#"{{"webhookId": "{id}""#);
    let run = inspect(&["-"], cut.as_bytes());
    let quoted = format!("  read    webhook \"{}\"…\n", "a".repeat(40));
    assert_contains(&run.stdout, &quoted);
    assert!(run.stdout.len() < 1_000, "{run:?}");
}

#[test]
fn a_long_line_is_clipped_around_the_place() {
    let (left, right) = ("l".repeat(5_000), "r".repeat(5_000));
    let body = format!(r#"{{"{left}": 0, "action": [], "{right}": 0}}"#);
    inspect(&["-"], body.as_bytes()).has(
        2,
        &format!(
            "-
  outcome refused (data): the body is not an event
  error   /action: expected a string, found an array at line 1 column 5019
        1 | …{}\": 0, \"action\": [], \"{}…
          | {}^
",
            "l".repeat(20),
            "r".repeat(31),
            " ".repeat(37),
        ),
        "",
    );
}

#[test]
fn a_body_over_the_limit_is_refused_unread() {
    let explained = "-
  outcome refused (too-large): the body is not an event
  error   expected at most 65536 bytes, found more
";
    let body = padded(MAX_BODY_BYTES);
    assert_eq!(inspect(&["-"], body.as_bytes()).status, 0);
    let body = padded(MAX_BODY_BYTES + 1);
    inspect(&["-"], body.as_bytes()).has(2, explained, "");
    inspect(&["-"], &vec![b' '; 3 * MAX_BODY_BYTES]).has(2, explained, "");
}

#[cfg(target_os = "linux")]
#[test]
fn an_endless_body_is_not_read_to_its_end() {
    let run = inspect(&["/dev/zero"], b"");
    assert_eq!(run.status, 2, "{run:?}");
    assert_contains(&run.stdout, "expected at most 65536 bytes, found more");
}

#[test]
fn lines_are_bodies_and_are_counted() {
    let log = [
        one_line(testing::SUCCEEDED),
        one_line(testing::FAILED) + "\r",
        invalid_body(),
        padded(MAX_BODY_BYTES),
        padded(MAX_BODY_BYTES + 1),
        padded(5 * MAX_BODY_BYTES),
        String::new(),
        r#"{"action": 1}"#.to_owned(),
        EventBuilder::failed().action("revoked").to_json().unwrap(),
        one_line(testing::SUCCEEDED),
    ]
    .join("\n");
    let invalid = inspect(&["-"], invalid_body().as_bytes()).stdout;
    let too_large = "refused (too-large): the body is not an event
  error   expected at most 65536 bytes, found more\n";
    let expected = format!(
        r#"-:3
{}-:5
  outcome {too_large}-:6
  outcome {too_large}-:7
  outcome refused (syntax): the body is not an event
  error   expected a value, found the end at line 1 column 1
        1 | 
          | ^
-:8
  outcome refused (data): the body is not an event
  error   /action: expected a string, found the number 1 at line 1 column 12
        1 | {{"action": 1}}
          |            ^
       10 bodies
        1   failed
        3   succeeded
        1   unknown
        1   invalid
        1   refused (data)
        1   refused (syntax)
        2   refused (too-large)
        9 findings
        1   error status-mismatch
        1   error missing-tx-id
        1   error empty-identity
        1   warning empty-field
        1   warning unknown-action
        2   warning malformed-tx-id
        2   warning malformed-hash
"#,
        after("-\n", &invalid),
    );
    inspect(&["--lines", "-"], log.as_bytes()).has(2, &expected, "");
    inspect(&["--lines", "-"], format!("{log}\n").as_bytes()).has(2, &expected, "");
}

#[test]
fn lines_of_several_files_are_counted_together() {
    let one = TempFile::new("one.log", &(one_line(testing::FAILED) + "\n"));
    let two = TempFile::new("two.log", &format!("{}\n[]\n", one_line(testing::FAILED)));
    inspect(&[one.arg(), "--lines", two.arg()], b"").has(
        2,
        &format!(
            "{two}:2
  outcome refused (data): the body is not an event
  error   expected an object, found an array at line 1 column 1
        1 | []
          | ^
        3 bodies
        2   failed
        1   refused (data)
        0 findings
"
        ),
        "",
    );
}

#[test]
fn an_empty_log_has_no_bodies() {
    let nothing = "        0 bodies\n        0 findings\n";
    inspect(&["--lines", "-"], b"").has(0, nothing, "");
}

#[test]
fn json_has_one_object_for_each_body() {
    let run = inspect(&["--json"], b"");
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(
        run.objects(),
        [
            json!({
                "source": "edeXa's success sample",
                "outcome": "succeeded",
                "findings": [
                    {
                        "code": "malformed-tx-id",
                        "severity": "warning",
                        "pointer": "/data/txId",
                        "message": "expected `0x` and 64 hex digits on the public chain, found \"0x3b7d586651f386c0d415fa1349b9ec0be07b78\"…",
                    },
                    {
                        "code": "malformed-hash",
                        "severity": "warning",
                        "pointer": "/data/hash",
                        "message": "expected a digest in hex or base64, found \"6d6db6c12243mdhfrehrdfghju76\"",
                    },
                ],
                "error": null,
            }),
            json!({
                "source": "edeXa's failure sample",
                "outcome": "failed",
                "findings": [],
                "error": null,
            }),
        ],
    );
}

#[test]
fn json_of_lines_has_every_body_and_leaves_the_counts_to_standard_error() {
    let contradictory = EventBuilder::succeeded().status(StampStatus::Failed);
    let log = [
        EventBuilder::failed().to_json().unwrap(),
        EventBuilder::failed()
            .action(Action::from("revoked"))
            .hash("")
            .to_json()
            .unwrap(),
        contradictory.to_json().unwrap(),
        "{\"action\": \"failed\", \"data\": {\"status\": 1.5}}".to_owned(),
        padded(MAX_BODY_BYTES + 1),
    ]
    .join("\n");
    let run = inspect(&["--json", "--lines", "-"], log.as_bytes());

    assert_eq!(run.status, 2, "{run:?}");
    let objects = run.objects();
    let outcomes: Vec<_> = objects.iter().map(|object| &object["outcome"]).collect();
    let none = &Value::Null;
    assert_eq!(outcomes, [&json!("failed"), none, none, none, none]);
    assert_eq!(
        objects[2],
        json!({
            "source": "-:3",
            "outcome": null,
            "findings": [{
                "code": "status-mismatch",
                "severity": "error",
                "pointer": "/data/status",
                "message": "expected 1 with the action `succeed`, found 2",
            }],
            "error": null,
        }),
    );
    assert_eq!(
        objects[3],
        json!({
            "source": "-:4",
            "outcome": null,
            "findings": [],
            "error": {
                "category": "data",
                "pointer": "/data/status",
                "line": 1,
                "column": 41,
                "message": "expected an integer from -2^63 to 2^63 - 1, found the number 1.5",
            },
        }),
    );
    assert_eq!(
        objects[4]["error"],
        json!({
            "category": "too-large",
            "pointer": "",
            "line": 0,
            "column": 0,
            "message": "expected at most 65536 bytes, found more",
        }),
    );
    assert_eq!(
        run.stderr,
        "        5 bodies
        1   failed
        2   invalid
        1   refused (data)
        1   refused (too-large)
        3 findings
        1   error status-mismatch
        1   error empty-identity
        1   warning unknown-action
",
    );
}

#[test]
fn wrong_usage_exits_64_and_reads_nothing() {
    let body = TempFile::new("refused.json", "[]");
    inspect(&[body.arg(), "--line"], b"").has(
        64,
        "",
        "inspect: unknown option \"--line\"; try --help\n",
    );
    inspect(&["-\u{1b}[2J"], b"").has(
        64,
        "",
        "inspect: unknown option \"-\\u{1b}[2J\"; try --help\n",
    );
    inspect(&["--json", "--lines"], b"").has(
        64,
        "",
        "inspect: --lines needs a FILE, or - for standard input; try --help\n",
    );
}

#[test]
fn help_says_what_each_exit_status_means() {
    let run = inspect(&["--help"], b"");
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(
        run.stdout
            .contains("\nUsage: inspect [OPTIONS] [FILE]...\n")
    );
    for status in [0, 1, 2, 64, 66, 74] {
        assert_contains(&run.stdout, &format!("\n  {status:>2}  "));
    }
    assert_eq!(inspect(&["-h", "--lines"], b"").stdout, run.stdout);
}

#[test]
fn a_file_that_cannot_be_read_exits_66_and_the_others_are_still_explained() {
    let refused = TempFile::new("refused.json", "[]");
    let missing = refused.sibling("missing.json");
    for mode in [&["--json"][..], &["--lines"], &[]] {
        let args = [mode, &["--", &missing, refused.arg()]].concat();
        let run = inspect(&args, b"");
        assert_eq!(run.status, 66, "{run:?}");
        assert!(
            run.stderr.starts_with(&format!("inspect: {missing}: ")),
            "{run:?}"
        );
        assert_contains(&run.stdout, "expected an object, found an array");
    }
}

#[test]
fn a_directory_cannot_be_read() {
    let directory = std::env::temp_dir();
    let directory = directory.to_str().unwrap();
    for args in [&[directory][..], &["--lines", directory]] {
        let run = inspect(args, b"");
        assert_eq!(run.status, 66, "{run:?}");
        assert!(
            run.stderr.starts_with(&format!("inspect: {directory}: ")),
            "{run:?}"
        );
    }
}

#[test]
fn after_two_hyphens_everything_is_a_file() {
    let run = inspect(&["--", "--lines"], b"");
    assert_eq!(run.status, 66, "{run:?}");
    assert!(run.stderr.starts_with("inspect: --lines: "), "{run:?}");
}

#[cfg(unix)]
#[test]
fn a_hostile_file_name_is_shown_escaped() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let body = TempFile::new("a\n\u{1b}[31m\u{202e}\u{9b}2J.json", "[]");
    let shown = "a\\n\\u{1b}[31m\\u{202e}\\u{9b}2J.json";
    for args in [
        &[body.arg()][..],
        &["--json", body.arg()],
        &["--lines", body.arg()],
    ] {
        let run = inspect(args, b"");
        assert_harmless(&run.stdout);
        assert_contains(&run.stdout.replace("\\\\", "\\"), shown);
    }

    let not_utf8 = OsStr::from_bytes(b"missing\xff\n");
    let run = run(Command::new(program()).arg(not_utf8), b"");
    assert_eq!(run.status, 66);
    assert!(
        run.stderr.starts_with("inspect: missing\u{fffd}\\n: "),
        "{run:?}"
    );
}

#[test]
fn a_pipe_gets_no_colours() {
    let run = inspect(&["-"], b"[]");
    assert!(!run.stdout.contains('\u{1b}'), "{run:?}");
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let log = "[]\n".repeat(1_000_000);
    let mut child = start(Command::new(program()).args(["--lines", "-"]));
    let mut stdin = child.stdin.take().unwrap();
    let feeder = thread::spawn(move || stdin.write_all(log.as_bytes()));

    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 5]).unwrap();
    drop(stdout);

    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(2));
    assert!(feeder.join().unwrap().is_err(), "it read on for nobody");
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_cannot_be_written_exits_74() {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = Command::new(program()).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(74));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("inspect: "), "{stderr}");
}

/// Breaks three error rules and one of severity warning.
fn invalid_body() -> String {
    EventBuilder::failed()
        .action(Action::Succeeded)
        .blockchain_id("2d4cf0b1-a3ee-4580-97f4-86bf937190fe")
        .stamp_id("")
        .code("")
        .to_json()
        .unwrap()
}

/// A valid body of this many bytes.
fn padded(len: usize) -> String {
    let body = EventBuilder::succeeded().to_json().unwrap();
    let padding = " ".repeat(len - body.len());
    body + &padding
}

fn one_line(body: &str) -> String {
    body.replace('\n', "")
}

#[track_caller]
fn after<'a>(start: &str, text: &'a str) -> &'a str {
    text.split_once(start).expect(start).1
}

#[track_caller]
fn assert_contains(text: &str, part: &str) {
    assert!(text.contains(part), "{part:?} is not in {text:?}");
}

/// Nothing that a terminal obeys or hides, newlines apart.
#[track_caller]
fn assert_harmless(text: &str) {
    let harmful = |c: char| {
        c != '\n'
            && (c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    };
    assert!(!text.contains(harmful), "{text:?}");
}

#[derive(Debug)]
struct Run {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Run {
    #[track_caller]
    fn has(&self, status: i32, stdout: &str, stderr: &str) {
        assert_eq!(self.stdout, stdout);
        assert_eq!(self.stderr, stderr);
        assert_eq!(self.status, status);
    }

    #[track_caller]
    fn objects(&self) -> Vec<Value> {
        let parse = |line: &str| line.parse().expect("one object in each line");
        self.stdout.lines().map(parse).collect()
    }
}

#[track_caller]
fn inspect(args: &[&str], stdin: &[u8]) -> Run {
    run(Command::new(program()).args(args), stdin)
}

#[track_caller]
fn run(command: &mut Command, stdin: &[u8]) -> Run {
    let mut child = start(command);
    let mut pipe = child.stdin.take().unwrap();
    let output = thread::scope(|scope| {
        // It may end without reading all of its input.
        scope.spawn(move || pipe.write_all(stdin).ok());
        child.wait_with_output().unwrap()
    });
    Run {
        status: output.status.code().expect("not ended by a signal"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[track_caller]
fn start(command: &mut Command) -> process::Child {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The example, which `cargo test` builds along with this test.
#[track_caller]
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let program = profile
        .join("examples")
        .join(format!("inspect{}", std::env::consts::EXE_SUFFIX));
    assert!(program.exists(), "not built: cargo build --example inspect");
    program
}

/// A file in a directory of its own, which goes when this does.
struct TempFile {
    directory: PathBuf,
    path: String,
}

impl TempFile {
    #[track_caller]
    fn new(name: &str, content: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory =
            std::env::temp_dir().join(format!("edexa-webhooks-{}-{count}", process::id()));
        fs::create_dir(&directory).unwrap();
        let path = directory.join(name).to_str().unwrap().to_owned();
        fs::write(&path, content).unwrap();
        Self { directory, path }
    }

    fn arg(&self) -> &str {
        &self.path
    }

    #[track_caller]
    fn sibling(&self, name: &str) -> String {
        self.directory.join(name).to_str().unwrap().to_owned()
    }
}

impl std::fmt::Display for TempFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}
