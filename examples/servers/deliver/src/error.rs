//! Why a run does not even start.

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;

/// Why nothing was posted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The target is not a URL, or not one of HTTP.
    #[error("--to: not an http address")]
    NotHttp,
    /// The target is one of `https`, and this build has no TLS.
    #[error("--to: https needs a build with `--features tls`")]
    NoTls,
    /// The target's host has no address.
    #[error("--to: cannot resolve the host: {0}")]
    Unresolved(#[source] io::Error),
    /// At least one of the host's addresses is not a loopback address.
    #[error("--to: {0} is not a loopback address; --allow-remote posts to it all the same")]
    Remote(IpAddr),
    /// A file of `--event` cannot be read.
    #[error("{0:?}: {1}")]
    Unreadable(PathBuf, #[source] io::Error),
    /// The HTTP client cannot be set up.
    #[error("{0}")]
    Client(#[from] reqwest::Error),
}

impl Error {
    /// 66 for a file that cannot be read, 64 for any other wrong usage.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::Unreadable(..) => 66,
            Self::Client(_) => 1,
            _ => 64,
        }
    }
}
