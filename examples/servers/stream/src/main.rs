//! The command line: see the library, or `stream --help`.

use std::process::{self, ExitCode};
use std::time::Duration;

use clap::Parser;
use stream::{Error, apply, log, receive, settings};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// bStamp events into a replicated log, and from there into the inbox's tables.
#[derive(Parser)]
#[command(version)]
enum Cli {
    /// Makes the stream in the log, or checks the one that is there
    Setup(settings::Setup),
    /// Publishes what it receives, and answers 200 once a quorum has it
    Receive(settings::Receive),
    /// Stores what is in the log in the inbox's tables, and processes it
    Apply(Box<settings::Apply>),
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stream: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), Error> {
    match cli {
        Cli::Setup(settings) => {
            println!("{}", log::setup(&settings).await?);
            Ok(())
        }
        Cli::Receive(settings) => {
            let stop = stop(settings.shutdown_grace_ms)?;
            receive::receive(settings, stop).await
        }
        Cli::Apply(settings) => {
            let stop = stop(settings.inbox.shutdown_grace_ms)?;
            apply::apply(*settings, inbox::handler::handle, stop).await
        }
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
