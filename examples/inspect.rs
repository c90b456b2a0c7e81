//! Explains webhook bodies: the event, its outcome and every finding, or why a body is
//! refused and where.
//!
//! ```text
//! cargo run --example inspect                             both documented samples
//! cargo run --example inspect -- body.json                one body
//! cargo run --example inspect -- --lines deliveries.log   one body per line
//! cargo run --example inspect -- --help                   all options
//! cargo install --path . --example inspect                to have it as a command
//! ```

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, IsTerminal, Read, Write};
use std::process::ExitCode;

use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::serde_json::{Value, json};
use edexa_webhooks::{FileName, Findings, Outcome, ParseError, Rule, Severity, WebhookEvent};

const USAGE: &str = "\
Explains bStamp webhook bodies: the event and its outcome, or why a body is refused.

Usage: inspect [OPTIONS] [FILE]...

Arguments:
  [FILE]...  A file with one body, or - for standard input. Without a FILE, explains
             the two bodies that edeXa documents

Options:
      --lines  Read each line of a FILE as a body. Show the invalid and refused ones,
               then counts of outcomes and findings
      --json   Print one JSON object for each body. The counts of --lines go to
               standard error
  -h, --help   Print this help

Exit status (the highest one of all bodies):
   0  Every body is valid
   1  A body breaks a rule of severity error
   2  A body cannot be parsed
  64  The usage is wrong
  66  A FILE cannot be read
  74  The output cannot be written
";
const WRONG_USAGE: u8 = 64;
const UNREADABLE: u8 = 66;
const UNWRITABLE: u8 = 74;

const SUCCEEDED: &str = include_str!("../src/testing/succeeded.json");
const FAILED: &str = include_str!("../src/testing/failed.json");

fn main() -> ExitCode {
    let options = match Options::parse(env::args_os().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            complain(&format_args!("{message}; try --help"));
            return WRONG_USAGE.into();
        }
    };
    let out = io::stdout().lock();
    let no_colour = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let mut inspector = Inspector {
        options: &options,
        coloured: out.is_terminal() && !no_colour,
        out,
        status: 0,
        counts: Counts::default(),
    };
    match inspector.run() {
        // Whoever closed the pipe (`head`, say) has seen enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain(&error);
            UNWRITABLE.into()
        }
        _ => inspector.status.into(),
    }
}

/// Unlike `eprintln!`, does not panic where standard error is closed.
fn complain(message: &dyn fmt::Display) {
    let _ = writeln!(io::stderr(), "inspect: {message}");
}

#[derive(Default)]
struct Options {
    lines: bool,
    json: bool,
    help: bool,
    files: Vec<OsString>,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut options = Self::default();
        while let Some(arg) = args.next() {
            match arg.to_str() {
                Some("--lines") => options.lines = true,
                Some("--json") => options.json = true,
                Some("--help" | "-h") => options.help = true,
                Some("--") => options.files.extend(args.by_ref()),
                Some("-") => options.files.push(arg),
                _ if arg.as_encoded_bytes().starts_with(b"-") => {
                    return Err(format!("unknown option {arg:?}"));
                }
                _ => options.files.push(arg),
            }
        }
        if options.lines && options.files.is_empty() && !options.help {
            return Err("--lines needs a FILE, or - for standard input".to_owned());
        }
        Ok(options)
    }
}

/// A body and what it is.
struct Report<'a> {
    /// A file's name is untrusted as well: `Display` of this type escapes it.
    source: FileName,
    body: &'a [u8],
    read: Result<WebhookEvent, ParseError>,
    findings: Findings,
    status: u8,
    kind: &'static str,
    meaning: &'static str,
}

impl<'a> Report<'a> {
    fn new(source: &str, body: &'a [u8]) -> Self {
        let read = WebhookEvent::from_slice(body);
        let (status, kind, meaning) = match read.as_ref().map(WebhookEvent::outcome) {
            Ok(Ok(Outcome::Succeeded(_))) => {
                (0, "succeeded", "it says that the stamp is on the chain")
            }
            Ok(Ok(Outcome::Failed(_))) => {
                (0, "failed", "it says that no transaction could be provided")
            }
            Ok(Ok(Outcome::Unknown(_))) => (0, "unknown", "the action is newer than this crate"),
            Ok(Err(_)) => (1, "invalid", "the event breaks a rule of severity error"),
            Err(error) => (2, error.category().code(), "the body is not an event"),
        };
        Self {
            source: source.into(),
            body,
            findings: read.as_ref().map(WebhookEvent::check).unwrap_or_default(),
            read,
            status,
            kind,
            meaning,
        }
    }
}

/// Why a file is not inspected to its end.
enum Stop {
    Unreadable(io::Error),
    Unwritable(io::Error),
}

struct Inspector<'a, W> {
    options: &'a Options,
    out: W,
    coloured: bool,
    status: u8,
    counts: Counts,
}

impl<W: Write> Inspector<'_, W> {
    /// Fails only where the output cannot be written.
    fn run(&mut self) -> io::Result<()> {
        let options = self.options;
        if options.help {
            return self.out.write_all(USAGE.as_bytes());
        }
        if options.files.is_empty() {
            self.inspect("edeXa's success sample", SUCCEEDED.as_bytes())?;
            self.inspect("edeXa's failure sample", FAILED.as_bytes())?;
        }
        for file in &options.files {
            let name = file.to_string_lossy();
            match self.inspect_file(file, &name) {
                Ok(()) => {}
                Err(Stop::Unwritable(error)) => return Err(error),
                Err(Stop::Unreadable(error)) => {
                    complain(&format_args!("{}: {error}", FileName::from(&*name)));
                    self.status = self.status.max(UNREADABLE);
                }
            }
        }
        match (options.lines, options.json) {
            (true, true) => write!(io::stderr(), "{}", self.counts),
            (true, false) => write!(self.out, "{}", self.counts),
            (false, _) => Ok(()),
        }
    }

    fn inspect_file(&mut self, file: &OsStr, name: &str) -> Result<(), Stop> {
        let mut input = open(file).map_err(Stop::Unreadable)?;
        let mut body = Vec::new();
        if !self.options.lines {
            let read = input.take(ENOUGH).read_to_end(&mut body);
            read.map_err(Stop::Unreadable)?;
            return self.inspect(name, &body).map_err(Stop::Unwritable);
        }
        for number in 1_u64.. {
            if !read_line(&mut input, &mut body).map_err(Stop::Unreadable)? {
                break;
            }
            let source = format!("{name}:{number}");
            self.inspect(&source, &body).map_err(Stop::Unwritable)?;
        }
        Ok(())
    }

    fn inspect(&mut self, source: &str, body: &[u8]) -> io::Result<()> {
        let report = Report::new(source, body);
        self.status = self.status.max(report.status);
        self.counts.add(&report);
        match (self.options.json, self.options.lines) {
            (true, _) => writeln!(self.out, "{}", to_json(&report)),
            (false, true) if report.status == 0 => Ok(()),
            (false, _) => self.explain(&report),
        }
    }

    fn explain(&mut self, report: &Report<'_>) -> io::Result<()> {
        let source = self.paint(BOLD, &report.source);
        writeln!(self.out, "{source}")?;
        let colour = if report.status == 0 { GREEN } else { RED };
        let outcome = outcome_name(report.status, report.kind);
        let meaning = format!("{outcome}: {}", report.meaning);
        self.field(colour, "outcome", &meaning)?;
        match &report.read {
            Ok(event) => {
                self.field(FAINT, "event", event)?;
                self.field(FAINT, "key", &clip(&event.idempotency_key()))?;
            }
            Err(error) => self.explain_error(error, report.body)?,
        }
        for finding in &report.findings {
            let colour = match finding.severity() {
                Severity::Error => RED,
                _ => YELLOW,
            };
            let finding = self.paint(colour, finding);
            writeln!(self.out, "  {finding}")?;
        }
        Ok(())
    }

    fn explain_error(&mut self, error: &ParseError, body: &[u8]) -> io::Result<()> {
        let message = error.to_string();
        self.field(RED, "error", &message)?;
        if let Some((text, before)) = excerpt(body, error.line(), error.column()) {
            let (line, caret) = (error.line(), self.paint(RED, &"^"));
            writeln!(self.out, "{line:>9} | {text}")?;
            writeln!(self.out, "{:9} | {:before$}{caret}", "", "")?;
        }
        match error.salvaged().to_string() {
            read if read.is_empty() => Ok(()),
            read => self.field(FAINT, "read", &read),
        }
    }

    fn field(&mut self, colour: &str, label: &str, value: &dyn fmt::Display) -> io::Result<()> {
        let label = self.paint(colour, &format_args!("{label:7}"));
        writeln!(self.out, "  {label} {value}")
    }

    fn paint(&self, colour: &str, text: &dyn fmt::Display) -> String {
        if self.coloured {
            format!("\x1b[{colour}m{text}\x1b[0m")
        } else {
            text.to_string()
        }
    }
}

/// How often each outcome and each finding came up: the worst outcome last.
#[derive(Default)]
struct Counts {
    outcomes: BTreeMap<(u8, &'static str), u64>,
    rules: BTreeMap<Rule, u64>,
}

impl Counts {
    fn add(&mut self, report: &Report<'_>) {
        increment(&mut self.outcomes, (report.status, report.kind));
        for finding in &report.findings {
            increment(&mut self.rules, finding.rule);
        }
    }
}

fn increment<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K) {
    let count = counts.entry(key).or_default();
    *count = count.saturating_add(1);
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>9} bodies", self.outcomes.values().sum::<u64>())?;
        for ((status, kind), count) in &self.outcomes {
            writeln!(f, "{count:>9}   {}", outcome_name(*status, kind))?;
        }
        writeln!(f, "{:>9} findings", self.rules.values().sum::<u64>())?;
        for (rule, count) in &self.rules {
            writeln!(f, "{count:>9}   {} {rule}", rule.severity())?;
        }
        Ok(())
    }
}

fn outcome_name(status: u8, kind: &str) -> String {
    match status {
        2 => format!("refused ({kind})"),
        _ => kind.to_owned(),
    }
}

const FAINT: &str = "2";
const BOLD: &str = "1";
const RED: &str = "1;31";
const GREEN: &str = "32";
const YELLOW: &str = "33";

/// One byte more than a body may have: enough to see that it is too large.
const ENOUGH: u64 = MAX_BODY_BYTES as u64 + 1;

fn open(file: &OsStr) -> io::Result<Box<dyn BufRead>> {
    Ok(match file.to_str() {
        Some("-") => Box::new(io::stdin().lock()),
        _ => Box::new(BufReader::new(File::open(file)?)),
    })
}

/// Reads the next line without its end, or the start of an overlong one; says
/// whether there was one.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let read = input.take(ENOUGH).read_until(b'\n', line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() > MAX_BODY_BYTES {
        input.skip_until(b'\n')?;
    }
    Ok(read > 0)
}

fn to_json(report: &Report<'_>) -> Value {
    let error = report.read.as_ref().err().map(|error| {
        json!({
            "category": error.category().code(),
            "pointer": error.pointer(),
            "line": error.line(),
            "column": error.column(),
            "message": error.message(),
        })
    });
    json!({
        "source": report.source.to_string(),
        "outcome": (report.status == 0).then_some(report.kind),
        "findings": report.findings,
        "error": error,
    })
}

/// The crate's types escape what they show, but do not shorten it.
fn clip(value: &impl fmt::Display) -> String {
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// How many characters of a line are shown on each side of a place.
const SIDE: usize = 36;

/// A line around a place in it, and how many terminal columns lie before that.
fn excerpt(body: &[u8], line: usize, column: usize) -> Option<(String, usize)> {
    let mut lines = body.split(|byte| *byte == b'\n');
    let line = lines.nth(line.checked_sub(1)?)?;
    let place = column.checked_sub(1)?;
    let start = place.saturating_sub(SIDE);
    let mut symbols = symbols(line).skip(start);

    let mut text = if start > 0 { "…" } else { "" }.to_owned();
    text.extend(symbols.by_ref().take(place.saturating_sub(start)));
    // East Asian characters and emoji take two columns, most others one.
    let columns = |c| if c < '\u{2e80}' { 1 } else { 2 };
    let before = text.chars().map(columns).sum();
    text.extend(symbols.by_ref().take(SIDE));
    text.extend(symbols.next().map(|_| "…"));
    Some((text, before))
}

/// The characters of a line, and the bytes that are none, each made visible.
fn symbols(line: &[u8]) -> impl Iterator<Item = String> {
    line.utf8_chunks().flat_map(|chunk| {
        let characters = chunk.valid().chars().map(|c| match c {
            '"' | '\'' | '\\' => c.to_string(),
            _ => c.escape_debug().to_string(),
        });
        let bytes = chunk.invalid().iter();
        characters.chain(bytes.map(|byte| format!("\\x{byte:02x}")))
    })
}
