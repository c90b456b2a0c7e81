//! The README's tables and commands say what the code says.

use std::time::Duration;

use edexa_webhooks::{Rule, delivery};

use crate::support::seconds;

const README: &str = include_str!("../../README.md");
const MANIFEST: &str = include_str!("../../Cargo.toml");

/// The rows of the only table in the README that has this header.
#[track_caller]
fn table(header: &str) -> Vec<&'static str> {
    assert_eq!(README.matches(header).count(), 1, "tables headed {header}");
    let (_, below) = README.split_once(header).unwrap_or_default();
    let mut lines = below.trim_start().lines();
    let rule = lines.next().unwrap_or_default();
    assert!(rule.starts_with("| ---"), "under {header}: {rule}");
    lines.take_while(|line| line.starts_with('|')).collect()
}

/// The name in backticks in the first cell of each row.
fn names(rows: &[&'static str]) -> Vec<&'static str> {
    rows.iter()
        .filter_map(|row| row.split('`').nth(1))
        .collect()
}

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
fn the_rule_table_is_the_rules() {
    let rules: Vec<_> = Rule::ALL
        .iter()
        .map(|rule| {
            format!(
                "| `{}` | {} | {} |",
                rule.code(),
                rule.severity(),
                rule.description(),
            )
        })
        .collect();
    assert_eq!(table("| code | severity | what must be so |"), rules);
}

#[test]
fn the_readme_names_the_schedule() {
    let delays = delivery::RETRY_DELAYS.map(|delay| seconds(delay).replace(" s", ""));
    let [first @ .., last] = &delays;
    let schedule = format!("after {} and {last} seconds.", first.join(", "));
    let horizon = format!(
        "{}econds after the first",
        seconds(delivery::REDELIVERY_HORIZON)
    );
    let text = README.replace('\n', " ");
    assert!(text.contains(&schedule), "{schedule}");
    assert!(text.contains(&horizon), "{horizon}");
    assert!(text.contains("(*inferred*): 31 hours and 35 minutes."));
    assert_eq!(
        delivery::REDELIVERY_HORIZON,
        Duration::from_secs((31 * 60 + 35) * 60)
    );
}

#[test]
fn the_feature_table_is_the_manifests_features() {
    let rows = table("| feature | default | what it adds |");
    let mut features = names(&rows);
    features.push("default");
    features.sort_unstable();
    assert_eq!(manifest_keys("features"), features);
    assert!(
        MANIFEST.contains("\ndefault = []\n"),
        "no feature by default"
    );
}

#[test]
fn the_dependency_table_is_the_manifests_dependencies() {
    let mut dependencies = names(&table("| package | used for |"));
    assert_eq!(
        dependencies,
        ["chrono", "serde", "serde_json", "serde_with", "thiserror"]
    );
    dependencies.extend([
        "arbitrary",
        "http",
        "proptest",
        "schemars",
        "sha2",
        "subtle",
    ]);
    dependencies.sort_unstable();
    assert_eq!(manifest_keys("dependencies"), dependencies);
}

#[test]
fn the_readme_names_the_two_commands() {
    assert!(README.contains("```sh\ncargo run --example inspect\ncargo test\n```"));
}

#[test]
fn the_readme_names_the_versions() {
    let rust = env!("CARGO_PKG_RUST_VERSION");
    assert!(README.contains(&format!("\nRust {rust}, ")), "Rust {rust}");
    let minor = concat!(
        env!("CARGO_PKG_VERSION_MAJOR"),
        ".",
        env!("CARGO_PKG_VERSION_MINOR")
    );
    assert!(
        README.contains(&format!("\nedexa-webhooks = \"{minor}\"\n")),
        "{minor}"
    );
}
