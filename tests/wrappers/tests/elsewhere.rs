//! The crate changes nothing outside itself: a program that depends on it parses
//! everything else as it did before.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

fn metadata() -> Value {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version=1",
            "--no-deps",
            "--manifest-path",
            manifest,
        ])
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"][0].clone()
}

/// Whatever is switched on here is switched on for all of a user's program.
#[test]
fn what_the_crate_asks_of_its_dependencies() {
    let package = metadata();
    let dependencies = package["dependencies"].as_array().unwrap().iter();
    let asked: Value = dependencies
        .filter(|dependency| dependency["kind"].is_null())
        .map(|asks| {
            json!([
                asks["name"],
                asks["features"],
                asks["uses_default_features"]
            ])
        })
        .collect();
    let expected = json!([
        ["arbitrary", [], false],
        ["chrono", ["std"], false],
        ["http", [], true],
        ["proptest", ["std"], false],
        ["schemars", [], false],
        ["serde", ["std"], false],
        ["serde_json", ["std"], false],
        ["serde_with", ["alloc"], false],
        ["sha2", [], false],
        ["subtle", [], false],
        ["thiserror", [], true],
    ]);
    assert_eq!(asked, expected);
    // Never, whatever the list becomes: see the next test.
    assert!(!asked.to_string().contains("raw_value"));
    // `name/feature` would ask for more.
    let features = package["features"].to_string();
    assert!(!features.contains('/'), "{features}");
}

/// 120 arrays around an object whose one string holds the same again. Where serde_json
/// has its feature `raw_value`, it reads that string as JSON, each time with a limit on
/// nesting that starts anew.
fn arrays_in_strings(layers: usize) -> String {
    let mut json = "[]".to_owned();
    for _ in 0..layers {
        let string = json.replace('\\', "\\u005c").replace('"', "\\u0022");
        let object = format!("{{\"$serde_json::private::RawValue\":\"{string}\"}}");
        json = ["[".repeat(120), object, "]".repeat(120)].concat();
    }
    json
}

#[test]
fn a_value_that_hides_its_depth_in_strings_is_parsed_without_overflow() {
    let json = arrays_in_strings(101);
    assert!(
        (128_000..130_000).contains(&json.len()),
        "{} bytes",
        json.len()
    );
    // An overflow ends the process.
    let mut child = Command::new(env!("CARGO_BIN_EXE_read_value"))
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(json.as_bytes())
        .unwrap();
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
}
