//! The README names what there is.

const README: &str = include_str!("../../README.md");
const MANIFEST: &str = include_str!("../../Cargo.toml");

/// The keys of a table of `Cargo.toml`, which `cargo package` may have turned
/// from lines of one table into tables of their own.
fn manifest_keys(table: &str) -> Vec<&'static str> {
    let (own, nested) = (format!("[{table}]"), format!("[{table}."));
    let mut keys = Vec::new();
    let mut inside = false;
    for line in MANIFEST.lines() {
        if line.starts_with('[') {
            inside = line == own;
            keys.extend(
                line.strip_prefix(&nested)
                    .map(|key| key.trim_end_matches(']')),
            );
        } else if inside && line.starts_with(|c: char| c.is_ascii_lowercase()) {
            keys.extend(line.split_once(" = ").map(|(key, _)| key));
        }
    }
    keys.sort_unstable();
    keys
}

#[test]
fn the_list_of_features_has_every_one_and_none_is_on_by_default() {
    let (_, list) = README.split_once("\n## Features\n").unwrap();
    let (list, _) = list.split_once("\n## ").unwrap();
    let lines = list.lines().filter_map(|line| line.strip_prefix("- `"));
    let mut features: Vec<_> = lines.filter_map(|line| line.split('`').next()).collect();
    features.push("default");
    features.sort_unstable();
    assert_eq!(manifest_keys("features"), features);
    assert!(MANIFEST.contains("\ndefault = []\n"));
}

#[test]
fn the_two_commands_and_the_version_of_rust_are_named() {
    assert!(README.contains("```sh\ncargo run --example inspect\ncargo test\n```"));
    let rust = env!("CARGO_PKG_RUST_VERSION");
    assert!(README.contains(&format!("\nRust {rust}, ")), "Rust {rust}");
}
