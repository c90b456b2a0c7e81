//! What the environment sets.

use std::num::NonZeroU16;
use std::time::Duration;

use clap::{Parser, ValueEnum};

/// Everything that can be set, by options or by environment variables of the same
/// names.
#[derive(Parser, Clone)]
#[expect(missing_debug_implementations, reason = "it holds secrets")]
pub struct Settings {
    /// The secret part of the URL: long, random, letters and digits. Set it in the
    /// environment: a command line is there for all to see
    #[arg(long, env, hide_env_values = true)]
    #[arg(default_value = "", hide_default_value = true)]
    pub webhook_token: String,
    /// Where to listen; port 0 takes a free one
    #[arg(long, env, default_value = "127.0.0.1:3000")]
    pub bind_addr: String,
    /// Where a page for a browser on this machine is, such as 127.0.0.1:3001
    #[arg(long, env, default_value = "", hide_default_value = true)]
    pub page_addr: String,
    /// How long a client may take to send the head of a request
    #[arg(long, env, default_value = "10000")]
    pub head_timeout_ms: u64,
    /// How long reading one body may take
    #[arg(long, env, default_value = "10000")]
    pub body_timeout_ms: u64,
    /// How long requests and batches may take to end once it is told to stop
    #[arg(long, env, default_value = "10000")]
    pub shutdown_grace_ms: u64,
    /// Where to store: `sqlite:FILE` or `postgres://…`
    #[arg(long, env, default_value = "sqlite:inbox.db", hide_env_values = true)]
    pub database_url: String,
    /// How long storing one body may take, and any other statement
    #[arg(long, env, default_value = "5000")]
    pub store_timeout_ms: u64,
    /// How large SQLite's file may grow, in pages of 4096 bytes
    #[arg(long, env, default_value = "4294967294", hide_default_value = true)]
    pub sqlite_max_pages: u32,
    /// What is answered to a body that is stored and refused
    #[arg(long, env, default_value = "reject")]
    pub refused: Refused,
    /// How many connections store what is received; SQLite uses one
    #[arg(long, env, default_value = "2")]
    pub writers: NonZeroU16,
    /// How many connections process events; SQLite uses one
    #[arg(long, env, default_value = "2")]
    pub workers: NonZeroU16,
    /// How many events are processed in one transaction at most
    #[arg(long, env, default_value = "256")]
    pub batch: NonZeroU16,
    /// How long the handler may take for a batch
    #[arg(long, env, default_value = "10000")]
    pub handler_timeout_ms: u64,
    /// The delay after a first failed attempt; each is four times the one before,
    /// up to an hour
    #[arg(long, env, default_value = "1000")]
    pub retry_ms: u64,
    /// After how many failed attempts an event is set aside
    #[arg(long, env, default_value = "10")]
    pub max_attempts: i64,
    /// The bStamp API that is asked before an event has its effect, for V2 with `v2`
    /// at the end. Without it, events are not confirmed
    #[arg(long, env, default_value = "", hide_default_value = true)]
    pub edexa_api_url: String,
    /// The API's token. Set it in the environment
    #[arg(long, env, hide_env_values = true)]
    #[arg(default_value = "", hide_default_value = true)]
    pub edexa_api_token: String,
    /// The user to ask for, which V2 needs
    #[arg(long, env, default_value = "", hide_default_value = true)]
    pub edexa_user_id: String,
    /// How long the API may take for an answer
    #[arg(long, env, default_value = "10000")]
    pub api_timeout_ms: u64,
    /// How many questions the API is asked at once
    #[arg(long, env, default_value = "4")]
    pub api_at_once: NonZeroU16,
    /// How long the record may be silent on a success before it is set aside: a day
    #[arg(long, env, default_value = "86400000")]
    pub api_silent_ms: u64,
}

/// What is answered to a body that is stored and refused.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// 400 or 422, which may keep edeXa's retries coming (inferred)
    Reject,
    /// 200: the body is stored, and nothing is lost
    Park,
}

impl Settings {
    /// Refuses a token that no sender's URL holds, as that of a file which ends in a line break:
    /// every delivery would be answered 404.
    ///
    /// # Errors
    ///
    /// It is empty, or there is white space in it.
    pub fn check_token(&self) -> Result<(), &'static str> {
        let token = &self.webhook_token;
        if token.is_empty() || token.contains(char::is_whitespace) {
            return Err(
                "set WEBHOOK_TOKEN to the secret part of the webhook's URL, \
                 without white space",
            );
        }
        Ok(())
    }

    /// How long any statement of the inbox itself may take.
    #[must_use]
    pub fn store_timeout(&self) -> Duration {
        Duration::from_millis(self.store_timeout_ms)
    }

    /// How many connections to PostgreSQL there are: one more to look and to prune.
    pub(crate) fn connections(&self) -> u32 {
        let writers = u32::from(self.writers.get());
        writers
            .saturating_add(self.workers.get().into())
            .saturating_add(1)
    }
}
