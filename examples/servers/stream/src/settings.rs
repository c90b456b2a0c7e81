//! What the environment sets.

use std::num::{NonZeroU32, NonZeroUsize};

use clap::Args;

/// Everything that can be set, by options or by environment variables of the same
/// names.
#[derive(Args, Clone)]
#[expect(missing_debug_implementations, reason = "it holds secrets")]
pub struct Options {
    /// Servers of the log: `HOST:PORT`, or `tls://HOST:PORT`
    #[arg(long, env, default_value = "127.0.0.1:4222", value_delimiter = ',')]
    pub nats_url: Vec<String>,
    /// What the log's servers want to hear. Set it in the environment
    #[arg(long, env, default_value = "", hide_default_value = true)]
    #[arg(hide_env_values = true)]
    pub nats_token: String,
    /// The stream's name in the log, and how its subjects begin
    #[arg(long, env, default_value = "edexa")]
    pub nats_stream: String,
    /// Over how many subjects the stamps are spread
    #[arg(long, env, default_value = "8")]
    pub shards: NonZeroU32,
    /// `setup`: on how many servers each message is; 3 if there are three, or 1
    #[arg(long, env)]
    pub replicas: Option<usize>,
    /// `setup`: how many bytes the log may hold before it takes no more
    #[arg(long, env, default_value = "1073741824")]
    pub log_bytes: i64,
    /// `setup`: for how many seconds the log knows the id of a message
    #[arg(long, env, default_value = "600")]
    pub duplicate_window: u64,
    /// `apply`: which one this is of the instances that share the subjects, from 0 on
    #[arg(long, env, default_value = "0")]
    pub instance: usize,
    /// `apply`: how many there are
    #[arg(long, env, default_value = "1")]
    pub instances: NonZeroUsize,
    /// The inbox's: where to listen, the database, and how events are processed
    #[command(flatten)]
    pub inbox: inbox::settings::Settings,
}
