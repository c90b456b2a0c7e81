//! What to send where, and how: the command line's options.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use clap::builder::RangedU64ValueParser;

use crate::run::ATTEMPTS;

/// Delivers webhook bodies to a receiver the way edeXa does.
///
/// A delivery that is not answered 200 is sent again after 300, 1800, 3600,
/// 21600 and 86400 seconds. edeXa documents this for a request that got no
/// answer; that any other answer has the same effect is inferred.
#[derive(Parser, Clone, Debug)]
#[command(
    name = "deliver",
    version,
    after_help = "Exit status: 0 if everything \
was acknowledged, 1 if not, 64 for wrong usage, 66 for a file that cannot be read."
)]
#[non_exhaustive]
pub struct Plan {
    /// Where to: an http address on this machine
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// What: `succeeded` and `failed` are the bodies that edeXa documents
    #[arg(long, value_name = "succeeded|failed|FILE", num_args = 1.., default_value = "succeeded")]
    pub event: Vec<PathBuf>,
    /// Posts what an attacker would who knows the URL alone: successes of the right shape, with plausible ids, of somebody else's hash
    #[arg(long, conflicts_with = "event")]
    pub forge: bool,
    /// How many deliveries, each with an idempotency key of its own; one of each event unless given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub count: Option<u32>,
    /// How many at once, those that wait for a retry included
    #[arg(long, value_name = "N", default_value = "1", value_parser = ranged(1024))]
    pub concurrency: usize,
    /// How likely an acknowledged delivery is sent once more, 0 to 1
    #[arg(long, value_name = "P", default_value = "0", value_parser = fraction)]
    pub duplicate_rate: f64,
    /// Multiplies the delays of the schedule, 0 to 1: 0.0001 makes a day 8.64 seconds
    #[arg(long, value_name = "X", default_value = "1", value_parser = fraction)]
    pub time_scale: f64,
    /// Gives up after this many attempts
    #[arg(long, value_name = "N", default_value_t = ATTEMPTS, value_parser = ranged(ATTEMPTS))]
    pub attempts: usize,
    /// How long an attempt waits for its answer
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub timeout: Duration,
    /// Decides which deliveries are sent once more
    #[arg(long, value_name = "N", default_value = "0")]
    pub seed: u64,
    /// Posts to other machines too
    #[arg(long)]
    pub allow_remote: bool,
    /// Shows no progress
    #[arg(long)]
    pub quiet: bool,
}

fn ranged(max: usize) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=max as u64)
}

fn fraction(text: &str) -> Result<f64, &'static str> {
    text.parse()
        .ok()
        .filter(|number| (0.0..=1.0).contains(number))
        .ok_or("not a number from 0 to 1")
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    text.parse()
        .ok()
        .and_then(|number| Duration::try_from_secs_f64(number).ok())
        .filter(|time| !time.is_zero())
        .ok_or("not a number of seconds above 0")
}
