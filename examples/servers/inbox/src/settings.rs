//! What the environment sets.

use std::env;
use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `BIND_ADDR`: where to listen, `127.0.0.1:3000` if unset.
    pub address: String,
    /// How to receive.
    pub receiving: Receiving,
    /// Where to store.
    pub database: Database,
    /// `WORKERS`: how many events are processed at once, 2 if unset.
    pub workers: usize,
    /// When to try again.
    pub retries: Retries,
}

/// How to receive.
#[derive(Clone, Debug)]
pub struct Receiving {
    /// `WEBHOOK_TOKEN`: the secret part of the URL.
    pub token: Token,
    /// `BODY_TIMEOUT_MS`: how long reading one body may take, 10000 if unset.
    pub body_timeout: Duration,
    /// `STORE_TIMEOUT_MS`: see [`Database::timeout`].
    pub store_timeout: Duration,
    /// `REFUSED`: what a sender is told of a body that is refused, `reject` if
    /// unset.
    pub refused: Refused,
}

/// A secret that `Debug` does not show.
#[derive(Clone)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(_)")
    }
}

/// What a sender is told of a body that is stored and refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// 400 or 422, which may keep edeXa's retries coming (*inferred*).
    Reject,
    /// 200: the body is stored, and nothing is lost.
    Park,
}

impl FromStr for Refused {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "reject" => Ok(Self::Reject),
            "park" => Ok(Self::Park),
            _ => Err("expected reject or park"),
        }
    }
}

/// Where to store.
#[derive(Clone)]
pub struct Database {
    /// `DATABASE_URL`: `sqlite:FILE` or `postgres://…`, `sqlite:inbox.db` if unset.
    pub url: String,
    /// `STORE_TIMEOUT_MS`: how long a statement may take, and the wait for a
    /// connection before it; 5000 if unset.
    pub timeout: Duration,
    /// `SQLITE_MAX_PAGES`: how large SQLite's file may grow, in pages of 4096
    /// bytes; as SQLite has it if unset.
    pub max_pages: Option<u32>,
}

/// Without the URL, which may hold a password.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}

/// When an event that its handler failed on is tried again.
#[derive(Clone, Copy, Debug)]
pub struct Retries {
    /// `RETRY_MS`: the first delay, 1000 if unset. Each is four times the one
    /// before, up to an hour.
    pub first: Duration,
    /// `MAX_ATTEMPTS`: after how many an event is set aside, 10 if unset.
    pub max_attempts: i64,
}

impl Settings {
    /// Reads the environment.
    ///
    /// # Errors
    ///
    /// No `WEBHOOK_TOKEN`, or a value that is not what its variable takes.
    pub fn from_env() -> Result<Self, Box<dyn Error>> {
        let token = env::var("WEBHOOK_TOKEN").unwrap_or_default();
        if token.is_empty() {
            return Err("set WEBHOOK_TOKEN to the secret part of the webhook's URL".into());
        }
        let database = Database::from_env()?;
        Ok(Self {
            address: variable("BIND_ADDR", "127.0.0.1:3000".into())?,
            receiving: Receiving {
                token: Token(token),
                body_timeout: millis("BODY_TIMEOUT_MS", 10_000)?,
                store_timeout: database.timeout,
                refused: variable("REFUSED", Refused::Reject)?,
            },
            database,
            workers: variable("WORKERS", 2)?,
            retries: Retries {
                first: millis("RETRY_MS", 1_000)?,
                max_attempts: variable("MAX_ATTEMPTS", 10)?,
            },
        })
    }
}

impl Database {
    /// Reads the environment.
    ///
    /// # Errors
    ///
    /// A value that is not what its variable takes.
    pub fn from_env() -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            url: variable("DATABASE_URL", "sqlite:inbox.db".into())?,
            timeout: millis("STORE_TIMEOUT_MS", 5_000)?,
            max_pages: match variable("SQLITE_MAX_PAGES", 0)? {
                0 => None,
                pages => Some(pages),
            },
        })
    }
}

fn millis(name: &str, default: u64) -> Result<Duration, Box<dyn Error>> {
    variable(name, default).map(Duration::from_millis)
}

fn variable<T: FromStr<Err: fmt::Display>>(name: &str, default: T) -> Result<T, Box<dyn Error>> {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .map_err(|error| format!("{name}: {error}").into()),
        Err(env::VarError::NotPresent) => Ok(default),
        Err(error) => Err(format!("{name}: {error}").into()),
    }
}
