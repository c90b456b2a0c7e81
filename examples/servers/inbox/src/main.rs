//! The command line of the inbox: see the library, or `inbox --help`.

use std::io::{self, ErrorKind, Write};
use std::process::{self, ExitCode};
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand};
use inbox::Result;
use inbox::handler::handle;
use inbox::hands;
use inbox::look::{self, Answer};
use inbox::settings::Settings;
use inbox::store::Store;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

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
        /// Whatever the API says, for this reason
        #[arg(long, value_name = "REASON", value_parser = NonEmptyStringValueParser::new())]
        believe: Option<String>,
    },
    /// Other content under the keys of events: what differs
    Conflicts,
    /// Bodies that were refused and that nobody has decided on
    Refused {
        #[command(subcommand)]
        command: Option<RefusedCommand>,
    },
    /// Writes a copy of SQLite's file, or prints the command for PostgreSQL
    Backup {
        /// Where to, with nothing there yet
        file: String,
    },
    /// Has the API send events to a URL
    Register {
        /// The public https address of this inbox, with the token
        #[arg(long)]
        url: String,
        /// What the API's list of webhooks shows
        #[arg(long, default_value = "inbox")]
        description: String,
        /// Prints what would be sent
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Subcommand)]
enum RefusedCommand {
    /// The latest; what is done without a command
    List,
    /// One with its reasons
    Show {
        /// As the list names it
        digest: String,
    },
    /// Makes one an event
    Accept(Decision),
    /// Takes one off the list
    Discard(Decision),
}

#[derive(Args)]
struct Decision {
    /// As the list names it
    digest: String,
    /// Why, which is kept
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    reason: String,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = Runtime::new().map_err(Into::into).and_then(|runtime| {
        let ended = runtime.block_on(run(cli));
        // SQLite's threads end in that time. A question to the API may not.
        runtime.shutdown_timeout(Duration::from_secs(1));
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

async fn run(cli: Cli) -> Result<()> {
    let settings = cli.settings;
    let answer = match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => return serve(settings).await,
        Command::Register {
            url,
            description,
            dry_run,
        } => hands::register(&settings, url, description, dry_run).await?,
        command => {
            let store = Store::open(&settings).await?;
            let answer = look(&store, command).await;
            store.close().await;
            answer?
        }
    };
    let text = if cli.json {
        answer.to_json()
    } else {
        answer.to_text()
    };
    match io::stdout().write_all(text.as_bytes()) {
        // Whoever closed the pipe (`head`, say) has seen enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// What a command says of what there is, or does to it.
async fn look(store: &Store, command: Command) -> Result<Answer> {
    use RefusedCommand::{Accept, Discard, List, Show};
    match command {
        Command::Show { key } => look::show(store, &key).await,
        Command::Release { key, believe } => hands::release(store, &key, believe.as_deref()).await,
        Command::Conflicts => hands::conflicts(store).await,
        Command::Refused { command } => match command.unwrap_or(List) {
            List => hands::refused(store).await,
            Show { digest } => look::show(store, &digest).await,
            Accept(Decision { digest, reason }) => hands::accept(store, &digest, &reason).await,
            Discard(Decision { digest, reason }) => hands::discard(store, &digest, &reason).await,
        },
        Command::Backup { file } => hands::backup(store, &file).await,
        _ => Ok(look::status(store).await?),
    }
}

async fn serve(settings: Settings) -> Result<()> {
    let log = tracing_subscriber::fmt().with_writer(io::stderr);
    // Otherwise who logs on a full disk panics.
    log.log_internal_errors(false).init();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut told =
        async move || tokio::select! { _ = terminate.recv() => (), _ = interrupt.recv() => () };
    let stop = async move {
        told().await;
        // Whoever says it twice does not want to wait.
        tokio::spawn(async move {
            told().await;
            process::exit(1)
        });
    };
    inbox::serve(settings, handle, stop).await
}
