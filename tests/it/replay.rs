//! Every seed of the fuzz targets, and every input that ever failed one, goes
//! through the checks of all targets.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::{fs, panic};

use crate::fuzz_checks;

type Check = fn(&[u8]);

const TARGETS: [(&str, Check); 6] = [
    ("parse", fuzz_checks::parse),
    ("roundtrip", fuzz_checks::roundtrip),
    ("agree", fuzz_checks::agree),
    ("compare", fuzz_checks::compare),
    ("rules", fuzz_checks::rules),
    ("record", crate::record::checks::record),
];

/// The files of a folder but for what explains them, by name.
fn inputs(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut inputs: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_none_or(|extension| extension != "md"))
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect();
    inputs.sort();
    inputs
}

#[track_caller]
fn replay(folder: &str, at_least: usize) {
    let inputs = inputs(folder);
    assert!(inputs.len() >= at_least, "{} inputs", inputs.len());
    for (name, data) in inputs {
        for (target, check) in TARGETS {
            let ended = panic::catch_unwind(|| check(&data));
            assert!(ended.is_ok(), "{target} fails on {name}");
        }
    }
}

/// A package holds no seeds. It holds this file, which a clone does not.
#[test]
fn seeds() {
    let is_package = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("Cargo.toml.orig")
        .exists();
    if !is_package {
        replay("fuzz/seeds", 40);
    }
}

#[test]
fn what_ever_failed() {
    replay("tests/fixtures/regressions", 0);
}
