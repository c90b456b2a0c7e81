//! Counts the instructions of each task, as a ratio to the first of its group,
//! and fails if one has grown by more than 3 % over `instructions.txt`.
//!
//! Needs valgrind. `--update` writes the file anew.

use std::process::{Command, ExitCode};

use edexa_webhooks_benches::groups;

/// How far a ratio may grow.
const BOUND: f64 = 1.03;

/// How often a task runs under valgrind: enough that a run's own start, which is
/// not counted, has filled every cache of the allocator.
const TIMES: usize = 100;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.txt");

/// The groups that stand for the targets.
const GROUPS: [&str; 12] = [
    "read: success",
    "read: failure, compact",
    "read: 64 unknown keys",
    "write: success",
    "compare: one blank more",
    "compare: keys in another order",
    "refuse: encoding",
    "refuse: syntax",
    "refuse: malformed time",
    "refuse: missing key",
    "hostile: small keys",
    "hostile: small keys, the first again at the end",
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--run", group, task] => run(group, task),
        ["--update"] => {
            std::fs::write(FILE, measure_all()).expect("the file can be written");
            ExitCode::SUCCESS
        }
        [] => compare(&measure_all()),
        _ => {
            eprintln!("usage: instructions [--update]");
            ExitCode::from(64)
        }
    }
}

/// One line for each task: ratio, group, task.
fn measure_all() -> String {
    let mut lines = String::new();
    for group in groups()
        .iter()
        .filter(|group| GROUPS.contains(&group.name.as_str()))
    {
        let mut base = None;
        for task in &group.tasks {
            // The peers may change with every release of a compiler.
            if task.name.starts_with("hand-written, ") || task.name == "serde_json::Value" {
                continue;
            }
            let count = count(&group.name, task.name);
            let ratio = count / *base.get_or_insert(count);
            let line = format!("{ratio:.4}\t{}\t{}\n", group.name, task.name);
            print!("{line}");
            lines.push_str(&line);
        }
    }
    lines
}

fn compare(measured: &str) -> ExitCode {
    let before = std::fs::read_to_string(FILE).expect("instructions.txt is there");
    let mut code = ExitCode::SUCCESS;
    for line in measured.lines() {
        let (ratio, task) = parse(line);
        match before.lines().map(parse).find(|(_, other)| *other == task) {
            Some((bound, _)) if ratio <= bound * BOUND => {}
            Some((bound, _)) => {
                eprintln!("{task}: {ratio:.4} is more than 3 % over {bound:.4}");
                code = ExitCode::FAILURE;
            }
            None => {
                eprintln!("{task}: not in instructions.txt; run with --update");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}

fn parse(line: &str) -> (f64, &str) {
    let (ratio, task) = line.split_once('\t').expect("ratio, tab, task");
    (ratio.parse().expect("a ratio"), task)
}

/// The instructions of one task, counted in a process of its own.
fn count(group: &str, task: &str) -> f64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(["--collect-atstart=no", "--toggle-collect=*measured*"])
        .arg(std::env::current_exe().expect("this program has a path"))
        .args(["--run", group, task])
        // Without it, what glibc does with what was freed differs from run to run.
        .env("GLIBC_TUNABLES", "glibc.malloc.mxfast=0")
        .output()
        .expect("valgrind runs");
    let log = String::from_utf8_lossy(&output.stderr);
    let count = log
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .unwrap_or_else(|| panic!("valgrind counted nothing:\n{log}"));
    count.1.trim().parse().expect("a count")
}

fn run(group: &str, task: &str) -> ExitCode {
    for known in groups().iter().filter(|known| known.name == group) {
        for known in known.tasks.iter().filter(|known| known.name == task) {
            (known.run)();
            measured(&known.run);
        }
    }
    ExitCode::SUCCESS
}

/// What valgrind counts, known to it by its name.
#[inline(never)]
fn measured(task: &dyn Fn()) {
    for _ in 0..TIMES {
        task();
    }
}
