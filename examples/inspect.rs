//! Says what webhook bodies are: event, outcome and every finding, or why a body
//! is refused and where.
//!
//! ```text
//! cargo run --example inspect                          both documented samples
//! cargo run --example inspect -- body.json             one body
//! cargo run --example inspect -- --lines deliveries    a log with one body per line
//! cargo run --example inspect -- --help                everything else
//! ```

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, IsTerminal, Read, Write};
use std::process::ExitCode;

use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::serde_json::json;
use edexa_webhooks::{
    Category, FileName, Findings, Outcome, ParseError, Rule, Salvaged, Severity, WebhookEvent,
};

const USAGE: &str = "\
Usage: inspect [--lines] [--json] [FILE]...

Says what bStamp webhook bodies are. A FILE holds one body; - is standard input;
without a FILE, the two samples of edeXa's webhook documentation are explained.

  --lines  each line of a FILE is a body (an empty line is an empty body); only
           invalid and refused ones are shown; ends with a count by outcome and
           by finding
  --json   one JSON object per body; the count of --lines goes to standard error
  --help   this text

Exit status, the highest wins:
   0  every body is valid
   1  a body breaks a rule of severity error
   2  a body cannot be parsed
  64  wrong usage
  66  a FILE cannot be read
  74  the output cannot be written
";

const USAGE_ERROR: u8 = 64;
const UNREADABLE: u8 = 66;
const UNWRITABLE: u8 = 74;

const SAMPLES: [(&str, &str); 2] = [
    (
        "edeXa's success sample",
        include_str!("../src/testing/succeeded.json"),
    ),
    (
        "edeXa's failure sample",
        include_str!("../src/testing/failed.json"),
    ),
];

fn main() -> ExitCode {
    let mut out = io::stdout().lock();
    let (written, status) = match Options::parse(env::args_os().skip(1)) {
        Err(message) => {
            complain(&format!("{message}; try --help"));
            (Ok(()), USAGE_ERROR)
        }
        Ok(options) if options.help => (out.write_all(USAGE.as_bytes()), 0),
        Ok(options) => {
            let mut inspector = Inspector::new(out, &options);
            (inspector.run(&options.files), inspector.status)
        }
    };
    match written {
        // Whoever closed the pipe (`head`, say) has seen enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain(&error);
            UNWRITABLE.into()
        }
        _ => status.into(),
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

/// What became of a body, in the order in which they are counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Succeeded,
    Failed,
    Unknown,
    Invalid,
    Refused(&'static str),
}

impl Verdict {
    fn of(read: &Result<WebhookEvent, ParseError>) -> Self {
        match read.as_ref().map(WebhookEvent::outcome) {
            Ok(Ok(Outcome::Succeeded(_))) => Self::Succeeded,
            Ok(Ok(Outcome::Failed(_))) => Self::Failed,
            Ok(Ok(Outcome::Unknown(_))) => Self::Unknown,
            Ok(Err(_)) => Self::Invalid,
            Err(error) => Self::Refused(error.category().code()),
        }
    }

    const fn outcome(self) -> Option<&'static str> {
        match self {
            Self::Succeeded => Some("succeeded"),
            Self::Failed => Some("failed"),
            Self::Unknown => Some("unknown"),
            Self::Invalid | Self::Refused(_) => None,
        }
    }

    const fn status(self) -> u8 {
        match self {
            Self::Succeeded | Self::Failed | Self::Unknown => 0,
            Self::Invalid => 1,
            Self::Refused(_) => 2,
        }
    }

    const fn explanation(self) -> &'static str {
        match self {
            Self::Succeeded => "the stamp is on the chain",
            Self::Failed => "no transaction could be provided",
            Self::Unknown => "the action is newer than this crate",
            Self::Invalid => "the event breaks a rule of severity error",
            Self::Refused(_) => "the body cannot be read as an event",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(category) => write!(f, "refused ({category})"),
            valid_or_not => f.write_str(valid_or_not.outcome().unwrap_or("invalid")),
        }
    }
}

struct Inspector<W> {
    out: W,
    lines: bool,
    json: bool,
    coloured: bool,
    status: u8,
    verdicts: BTreeMap<Verdict, u64>,
    rules: BTreeMap<Rule, u64>,
}

impl<W: Write + IsTerminal> Inspector<W> {
    fn new(out: W, options: &Options) -> Self {
        let no_colour = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            coloured: out.is_terminal() && !no_colour,
            out,
            lines: options.lines,
            json: options.json,
            status: 0,
            verdicts: BTreeMap::new(),
            rules: BTreeMap::new(),
        }
    }

    /// Fails only where the output cannot be written.
    fn run(&mut self, files: &[OsString]) -> io::Result<()> {
        if files.is_empty() {
            for (source, body) in SAMPLES {
                self.inspect(source, body.as_bytes())?;
            }
        }
        for file in files {
            let name = file.to_string_lossy();
            match open(file) {
                Ok(input) if self.lines => self.inspect_lines(&name, input)?,
                Ok(input) => self.inspect_whole(&name, input)?,
                Err(error) => self.give_up(&name, &error),
            }
        }
        match (self.lines, self.json) {
            (true, true) => write!(io::stderr(), "{}", self.counts()),
            (true, false) => write!(self.out, "{}", self.counts()),
            (false, _) => Ok(()),
        }
    }

    fn inspect_whole(&mut self, name: &str, input: impl BufRead) -> io::Result<()> {
        let mut body = Vec::new();
        match input.take(ENOUGH).read_to_end(&mut body) {
            Ok(_) => self.inspect(name, &body),
            Err(error) => {
                self.give_up(name, &error);
                Ok(())
            }
        }
    }

    fn inspect_lines(&mut self, name: &str, mut input: impl BufRead) -> io::Result<()> {
        let mut body = Vec::new();
        for number in 1_u64.. {
            match read_line(&mut input, &mut body) {
                Ok(true) => self.inspect(&format!("{name}:{number}"), &body)?,
                Ok(false) => break,
                Err(error) => {
                    self.give_up(name, &error);
                    break;
                }
            }
        }
        Ok(())
    }

    fn give_up(&mut self, name: &str, error: &io::Error) {
        complain(&format!("{}: {error}", FileName::from(name)));
        self.status = self.status.max(UNREADABLE);
    }

    fn inspect(&mut self, source: &str, body: &[u8]) -> io::Result<()> {
        let read = WebhookEvent::from_slice(body);
        let findings = read.as_ref().map(WebhookEvent::check).unwrap_or_default();
        let verdict = Verdict::of(&read);

        self.status = self.status.max(verdict.status());
        increment(&mut self.verdicts, verdict);
        for finding in &findings {
            increment(&mut self.rules, finding.rule);
        }

        if self.json {
            self.write_json(source, verdict, &findings, read.as_ref().err())
        } else if self.lines && verdict.status() == 0 {
            Ok(())
        } else {
            self.explain(source, verdict, &findings, &read, body)
        }
    }

    fn write_json(
        &mut self,
        source: &str,
        verdict: Verdict,
        findings: &Findings,
        error: Option<&ParseError>,
    ) -> io::Result<()> {
        let error = error.map(|error| {
            json!({
                "category": error.category().code(),
                "pointer": error.pointer(),
                "line": error.line(),
                "column": error.column(),
                "message": too_large(error).unwrap_or_else(|| error.message()),
            })
        });
        let object = json!({
            "source": source,
            "outcome": verdict.outcome(),
            "findings": findings,
            "error": error,
        });
        writeln!(self.out, "{}", ascii(&object.to_string()))
    }

    fn explain(
        &mut self,
        source: &str,
        verdict: Verdict,
        findings: &Findings,
        read: &Result<WebhookEvent, ParseError>,
        body: &[u8],
    ) -> io::Result<()> {
        let source = self.paint(BOLD, &FileName::from(source));
        writeln!(self.out, "{source}")?;
        if let Ok(event) = read {
            self.field("event", PLAIN, event)?;
            self.field("key", PLAIN, &clip(&event.idempotency_key()))?;
        }
        let colour = if verdict.status() == 0 { GREEN } else { RED };
        let explanation = verdict.explanation();
        self.field("outcome", colour, &format!("{verdict}: {explanation}"))?;
        for finding in findings {
            let (severity, rule) = (finding.severity(), finding.rule);
            let colour = match severity {
                Severity::Error => RED,
                _ => YELLOW,
            };
            let what = format!("{rule} at {}: {}", finding.pointer, finding.message);
            self.field(severity.as_str(), colour, &what)?;
        }
        match read {
            Ok(_) => Ok(()),
            Err(error) => self.explain_error(error, body),
        }
    }

    fn explain_error(&mut self, error: &ParseError, body: &[u8]) -> io::Result<()> {
        let message = too_large(error).unwrap_or_else(|| error.to_string());
        self.field("error", RED, &message)?;
        if let Some(excerpt) = Excerpt::around(body, error.line(), error.column()) {
            let (number, caret) = (error.line(), self.paint(RED, &"^"));
            writeln!(self.out, "{number:>9} | {}", excerpt.text)?;
            writeln!(self.out, "{:9} | {:2$}{caret}", "", "", excerpt.caret)?;
        }
        match salvaged(error.salvaged()).as_str() {
            "" => Ok(()),
            ids => self.field("before", PLAIN, &ids),
        }
    }

    fn field(&mut self, label: &str, colour: &str, value: &dyn fmt::Display) -> io::Result<()> {
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

    fn counts(&self) -> String {
        let mut text = format!("{:>9} bodies\n", self.verdicts.values().sum::<u64>());
        for (verdict, count) in &self.verdicts {
            text.push_str(&format!("{count:>9}   {verdict}\n"));
        }
        text.push_str(&format!(
            "{:>9} findings\n",
            self.rules.values().sum::<u64>()
        ));
        for (rule, count) in &self.rules {
            text.push_str(&format!("{count:>9}   {} {rule}\n", rule.severity()));
        }
        text
    }
}

const PLAIN: &str = "0";
const BOLD: &str = "1";
const RED: &str = "1;31";
const GREEN: &str = "32";
const YELLOW: &str = "33";

fn increment<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K) {
    let count = counts.entry(key).or_default();
    *count = count.saturating_add(1);
}

/// One byte more than a body may have: enough to see that it is too large.
const ENOUGH: u64 = MAX_BODY_BYTES as u64 + 1;

fn open(file: &OsStr) -> io::Result<Box<dyn BufRead>> {
    Ok(match file.to_str() {
        Some("-") => Box::new(io::stdin().lock()),
        _ => Box::new(BufReader::new(File::open(file)?)),
    })
}

/// Reads the next line without its end, or of an overlong one the start; says
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

/// A body over the limit is not read to its end, so its length, which the crate
/// would state, is not known here.
fn too_large(error: &ParseError) -> Option<String> {
    (error.category() == Category::TooLarge)
        .then(|| format!("expected at most {MAX_BODY_BYTES} bytes, found more"))
}

/// What a bad body can still be found by.
fn salvaged(read: &Salvaged) -> String {
    let named = [
        ("stamp", read.stamp_id.as_ref().map(clip)),
        ("action", read.action.as_ref().map(clip)),
        ("webhookId", read.webhook_id.as_ref().map(clip)),
        ("actionId", read.action_id.as_ref().map(clip)),
        ("txId", read.tx_id.as_ref().map(clip)),
        ("hash", read.hash.as_ref().map(clip)),
    ];
    let present = named
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name} {}", value?)));
    present.collect::<Vec<_>>().join(", ")
}

/// The crate's own types escape what they show, but do not shorten it.
fn clip(value: &impl fmt::Display) -> String {
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// JSON text in ASCII: exact, and safe to show on a terminal.
fn ascii(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        if matches!(c, ' '..='~') {
            safe.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    safe
}

/// The part of a line around a place in it, escaped.
struct Excerpt {
    text: String,
    /// How many terminal columns lie before the place.
    caret: usize,
}

impl Excerpt {
    /// How many terminal columns are shown on each side of the place.
    const SIDE: usize = 36;

    fn around(body: &[u8], line: usize, column: usize) -> Option<Self> {
        let line = body
            .split(|byte| *byte == b'\n')
            .nth(line.checked_sub(1)?)?;
        let place = column.checked_sub(1)?;
        let far = place.saturating_sub(Self::SIDE);
        let mut symbols = symbols(line).skip(far);
        let near: Vec<_> = symbols.by_ref().take(place.saturating_sub(far)).collect();
        let after: Vec<_> = symbols.take(Self::SIDE.saturating_add(1)).collect();

        let cut = near.len().saturating_sub(fitting(near.iter().rev()));
        let before: String = near.iter().skip(cut).map(String::as_str).collect();
        let kept = fitting(after.iter());
        let after_cut = if kept < after.len() { "…" } else { "" };
        let before_cut = if far > 0 || cut > 0 { "…" } else { "" };
        let after: String = after.iter().take(kept).map(String::as_str).collect();
        Some(Self {
            caret: columns(before_cut).saturating_add(columns(&before)),
            text: format!("{before_cut}{before}{after}{after_cut}"),
        })
    }
}

/// How many of these symbols fit on one side of the place.
fn fitting<'a>(symbols: impl Iterator<Item = &'a String>) -> usize {
    let mut used = 0_usize;
    symbols
        .take_while(|symbol| {
            used = used.saturating_add(columns(symbol));
            used <= Excerpt::SIDE
        })
        .count()
}

/// The characters of a line, and the bytes that are none, each made visible.
fn symbols(line: &[u8]) -> impl Iterator<Item = String> + '_ {
    line.utf8_chunks().flat_map(|chunk| {
        let characters = chunk.valid().chars().map(|c| match c {
            '"' | '\'' | '\\' => c.to_string(),
            _ => c.escape_debug().to_string(),
        });
        let bytes = chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}"));
        characters.chain(bytes)
    })
}

/// How many terminal columns a visible text takes: two for each character of the
/// East Asian scripts and the emoji, as near as a few ranges come.
fn columns(text: &str) -> usize {
    let wide = |c| {
        matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}'
            | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
    };
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}
