//! The command line: see the library, or `stream --help`.

use std::io::{self, Write};
use std::process::{self, ExitCode};
use std::time::Duration;

use clap::{Parser, Subcommand};
use stream::settings::Settings;
use stream::{Error, apply, log, receive};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// bStamp events into a replicated log, and from there into the inbox's tables.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Subcommand)]
enum Command {
    /// Makes the stream in the log, or checks the one that is there
    Setup,
    /// Publishes what it receives, and answers 200 once a quorum has it
    Receive,
    /// Stores what is in the log in the inbox's tables, and processes it
    Apply,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Cli { command, settings } = Cli::parse();
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    match run(command, settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "stream: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command, settings: Settings) -> Result<(), Error> {
    let stop = stop(settings.inbox.shutdown_grace_ms)?;
    match command {
        Command::Setup => {
            let described = log::setup(&settings).await?;
            Ok(writeln!(io::stdout(), "{described}")?)
        }
        Command::Receive => receive::receive(settings, stop).await,
        Command::Apply => apply::apply(&settings, inbox::handler::handle, stop).await,
    }
}

/// Completes on a first signal. A second one, and the end of the grace period, end the
/// process.
fn stop(grace_ms: u64) -> Result<impl Future<Output = ()> + Send + 'static, Error> {
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    let mut told = async move || tokio::select! { _ = term.recv() => (), _ = int.recv() => () };
    let (stop, stopped) = oneshot::channel();
    tokio::spawn(async move {
        told().await;
        let _ = stop.send(());
        // Clients that send nothing would hold it up for ever.
        let again = timeout(Duration::from_millis(grace_ms), told()).await;
        process::exit(again.is_ok().into());
    });
    Ok(async move { drop(stopped.await) })
}
