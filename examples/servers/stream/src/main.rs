//! The command line: see the library, or `stream --help`.

use std::{io, process, time::Duration};

use clap::{Parser, Subcommand};
use stream::settings::Options;
use stream::{Error, apply, log, receive};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

/// bStamp events into a replicated log, and from there into the inbox's tables.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    settings: Options,
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
async fn main() -> Result<(), Error> {
    let Cli { command, settings } = Cli::parse();
    let log = tracing_subscriber::fmt().with_writer(io::stderr);
    // Otherwise who logs on a full disk panics.
    log.log_internal_errors(false).init();
    let grace = Duration::from_millis(settings.inbox.shutdown_grace_ms);
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    let mut told = async move || tokio::select! { _ = term.recv() => (), _ = int.recv() => () };
    let stop = async move {
        told().await;
        // Clients that send nothing would hold it up for ever.
        tokio::spawn(async move { process::exit(timeout(grace, told()).await.is_ok().into()) });
    };
    match command {
        Command::Setup => log::setup(&settings).await,
        Command::Receive => receive::receive(settings, stop).await,
        Command::Apply => apply::apply(&settings, inbox::handler::handle, stop).await,
    }
}
