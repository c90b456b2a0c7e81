//! What the environment sets.

use clap::Args;

/// Where the log is.
#[derive(Args, Clone, Debug)]
pub struct Log {
    /// Servers of the cluster: `nats://USER:PASSWORD@HOST:PORT`, or `tls://…`
    #[arg(
        long,
        env,
        default_value = "nats://127.0.0.1:4222",
        hide_env_values = true
    )]
    #[arg(value_delimiter = ',')]
    pub nats_url: Vec<String>,
    /// The stream's name, and how its subjects begin
    #[arg(long, env, default_value = "edexa")]
    pub nats_stream: String,
}

/// What `setup` makes, or expects to find.
#[derive(Args, Clone, Debug)]
pub struct Setup {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub log: Log,
    /// Over how many subjects the stamps are spread
    #[arg(long, env, default_value = "8", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub shards: u32,
    /// On how many servers each message is [default: 3, or 1 if there are fewer servers]
    #[arg(long, env)]
    pub replicas: Option<usize>,
    /// How much the log may hold, in bytes, before it takes no more
    #[arg(long, env, default_value = "1073741824")]
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    pub max_bytes: i64,
    /// For how long the log knows the id of a message, in seconds
    #[arg(long, env, default_value = "600")]
    pub duplicate_window: u64,
}

/// What `receive` does.
#[derive(Args, Clone)]
#[expect(missing_debug_implementations, reason = "it holds a secret")]
pub struct Receive {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub log: Log,
    /// Over how many subjects the stamps are spread: not more than `setup` made
    #[arg(long, env, default_value = "8", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub shards: u32,
    /// The secret part of the URL: long, random, letters and digits. Set it in the
    /// environment: a command line is there for all to see
    #[arg(
        long,
        env,
        default_value = "",
        hide_default_value = true,
        hide_env_values = true
    )]
    pub webhook_token: String,
    /// Where to listen; port 0 takes a free one
    #[arg(long, env, default_value = "127.0.0.1:3000")]
    pub bind_addr: String,
    /// How long reading one body may take
    #[arg(long, env, default_value = "10000")]
    pub body_timeout_ms: u64,
    /// How long requests may take to end once it is told to stop
    #[arg(long, env, default_value = "10000")]
    pub shutdown_grace_ms: u64,
    /// How long the log may take to acknowledge a body
    #[arg(long, env, default_value = "5000")]
    pub publish_timeout_ms: u64,
}

/// What `apply` does.
#[derive(Args, Clone)]
#[expect(missing_debug_implementations, reason = "it holds secrets")]
pub struct Apply {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub log: Log,
    /// Which one this is of several that share the subjects, from 0 on
    #[arg(long, env, default_value = "0")]
    pub instance: usize,
    /// How many there are
    #[arg(long, env, default_value = "1")]
    pub instances: usize,
    /// The inbox's: its database, and how events are processed
    #[command(flatten)]
    pub inbox: inbox::settings::Settings,
}
