//! Where to post, and whether that is allowed.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Client, Url, redirect};

use crate::error::Error;

/// An address to post to, resolved once: what was checked is what is called.
#[derive(Clone, Debug)]
pub struct Target {
    pub(crate) url: Url,
    addresses: Vec<SocketAddr>,
}

impl Target {
    /// Parses and resolves an address. Blocks while the host's name is looked up.
    ///
    /// # Errors
    ///
    /// Not an address, or one outside loopback without `allow_remote`: one such
    /// address of the host is enough.
    pub fn resolve(to: &str, allow_remote: bool) -> Result<Self, Error> {
        let url = Url::parse(to).map_err(|_| Error::NotHttp)?;
        match url.scheme() {
            "http" => {}
            "https" if cfg!(feature = "tls") => {}
            "https" => return Err(Error::NoTls),
            _ => return Err(Error::NotHttp),
        }
        let addresses = url.socket_addrs(|| None).map_err(Error::Unresolved)?;
        let mut ips = addresses.iter().map(|address| address.ip().to_canonical());
        match ips.find(|ip| !ip.is_loopback()) {
            Some(ip) if !allow_remote => Err(Error::Remote(ip)),
            _ => Ok(Self { url, addresses }),
        }
    }

    /// A client that nothing leads past the check above: no proxy, no redirect,
    /// no second look-up.
    pub(crate) fn client(&self, timeout: Duration) -> reqwest::Result<Client> {
        let builder = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(timeout);
        match self.url.domain() {
            Some(name) => builder.resolve_to_addrs(name, &self.addresses),
            None => builder,
        }
        .build()
    }
}
