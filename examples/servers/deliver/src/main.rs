//! The command line of `deliver`: see the library, or `deliver --help`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use deliver::{Plan, run};

const USAGE: u8 = 64;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let plan = match Plan::try_parse() {
        Ok(plan) => plan,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { USAGE } else { 0 });
        }
    };
    match run(plan, interrupt()).await {
        Ok(report) => {
            let _ = write!(io::stdout(), "{report}");
            ExitCode::from(u8::from(!report.is_complete()))
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "deliver: {error}");
            ExitCode::from(error.exit_status())
        }
    }
}

async fn interrupt() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
