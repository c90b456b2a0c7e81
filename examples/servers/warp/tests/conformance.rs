//! Every row of the suite, against this receiver.
//!
//! The suite is in the folder beside this one. If you have copied this folder, take
//! `examples/servers/conformance` of the repository, and say where it is:
//! `CONFORMANCE=/where/it/is cargo test`.

use std::{env, process::Command};

#[test]
fn conforms() {
    let suite = env::var("CONFORMANCE").unwrap_or("../conformance".into()) + "/Cargo.toml";
    let mut run = Command::new(env!("CARGO"));
    run.args(["run", "--quiet", "--manifest-path", &suite, "--"]);
    run.args(["--exact", env!("CARGO_BIN_EXE_receiver-warp")]);
    let output = run.output().unwrap();
    let rows = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{rows}{error}(the suite: {suite})");
}
