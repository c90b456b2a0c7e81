//! The command line of the inbox: see the library, or `inbox --help`.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use inbox::handler::handle;
use inbox::look;
use inbox::settings::Settings;
use inbox::store::Store;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// Stores bStamp events before it acknowledges them, and processes each once.
#[derive(Parser)]
#[command(name = "inbox", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
    /// Answers with one JSON object
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Receives and processes; what is done without a command
    Serve,
    /// How much there is, and what waits for somebody
    Status,
    /// An event by its idempotency key, or a refused body by its digest
    Show {
        /// As `status` and the log name it
        key: String,
    },
    /// Has an event that was set aside processed again
    Release {
        /// As `status` and the log name it
        key: String,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = Runtime::new().map_err(Into::into).and_then(|runtime| {
        let ended = runtime.block_on(run(cli));
        // A question to the API that is still open is not waited for.
        runtime.shutdown_background();
        ended
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "inbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), Box<dyn Error + Send + Sync>> {
    let command = cli.command.unwrap_or(Command::Serve);
    if matches!(command, Command::Serve) {
        return serve(cli.settings).await;
    }
    let store = Store::open(&cli.settings).await?;
    let answer = match command {
        Command::Serve | Command::Status => look::status(&store).await?,
        Command::Show { key } => look::show(&store, &key).await?,
        Command::Release { key } => look::release(&store, &key).await?,
    };
    let text = if cli.json {
        answer.to_json()
    } else {
        answer.to_text()
    };
    // Whoever closed the pipe (`head`, say) has seen enough.
    let _ = io::stdout().write_all(text.as_bytes());
    Ok(())
}

async fn serve(settings: Settings) -> Result<(), Box<dyn Error + Send + Sync>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (stop, stopped) = oneshot::channel();
    tokio::spawn(async move {
        let mut stop = Some(stop);
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            match stop.take() {
                Some(stop) => drop(stop.send(())),
                // Whoever says it twice does not want to wait.
                None => std::process::exit(1),
            }
        }
    });
    inbox::serve(settings, handle, async { drop(stopped.await) }).await
}
