//! Each guarantee of the threat model names tests that hold it.
#![allow(
    clippy::unwrap_used,
    reason = "a test, or a helper of one, fails by panicking"
)]

use std::collections::BTreeSet;
use std::process::Command;

const SECURITY: &str = include_str!("../../SECURITY.md");

/// What the binary that runs this test says of its own tests.
#[track_caller]
fn tests(options: &[&str]) -> BTreeSet<String> {
    let binary = std::env::current_exe().unwrap();
    let options = [&["--list", "--format", "terse"], options].concat();
    let listed = Command::new(binary).args(options).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let names = listed
        .lines()
        .filter_map(|line| line.strip_suffix(": test"));
    names.map(str::to_owned).collect()
}

/// The rows of the table of guarantees, each as its two cells.
fn guarantees() -> Vec<(&'static str, &'static str)> {
    let (_, below) = SECURITY.split_once("| guarantee | held by |\n").unwrap();
    let rows = below.lines().take_while(|line| line.starts_with('|'));
    let cells = |row: &'static str| row.trim_matches(['|', ' ']).split_once(" | ");
    rows.skip(1).map(|row| cells(row).unwrap()).collect()
}

/// What stands in backticks and has the form of a path.
fn named(text: &'static str) -> impl Iterator<Item = &'static str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|name| name.contains("::") && !name.contains(['(', ' ']))
}

#[test]
fn every_test_that_the_threat_model_names_is_run() {
    let (all, ignored) = (tests(&[]), tests(&["--ignored"]));
    assert!(!all.is_empty(), "no tests are listed");
    for (_, tests) in guarantees() {
        for test in named(tests) {
            assert!(all.contains(test), "SECURITY.md names `{test}`");
            assert!(!ignored.contains(test), "`{test}` is not run");
        }
    }
}

#[test]
fn every_guarantee_names_a_test() {
    assert!(guarantees().len() >= 10);
    for (guarantee, tests) in guarantees() {
        assert!(named(tests).next().is_some(), "no test holds: {guarantee}");
    }
}

#[test]
fn nothing_else_in_the_threat_model_looks_like_a_test() {
    let in_table: usize = guarantees().iter().map(|(_, t)| named(t).count()).sum();
    let items = [
        "delivery::MAX_BODY_BYTES",
        "delivery::REDELIVERY_HORIZON",
        "Extra::get",
        "serde_json::Value",
        "$serde_json::private::RawValue",
    ];
    let elsewhere = named(SECURITY).filter(|name| !items.contains(name)).count();
    assert_eq!(elsewhere, in_table);
}
