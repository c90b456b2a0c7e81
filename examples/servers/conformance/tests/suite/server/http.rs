//! As much of HTTP/1 as the suite needs.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process;
use std::time::{Duration, Instant};

use super::{broken, stopping};

pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) http_1_0: bool,
    headers: Vec<(String, Vec<u8>)>,
}

impl Request {
    pub(crate) fn values(&self, name: &str) -> Vec<&[u8]> {
        let headers = self.headers.iter();
        let named = headers.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_slice()).collect()
    }

    fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.values(name).first()?).ok()
    }

    pub(crate) fn framing(&self) -> Framing {
        if self.text("transfer-encoding") == Some("chunked") {
            return Framing::Chunked;
        }
        match self.text("content-length") {
            None => Framing::None,
            Some(text) => text.parse().map_or(Framing::Malformed, Framing::Length),
        }
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Framing {
    None,
    Length(u64),
    Chunked,
    Malformed,
}

/// Why there is no body.
pub(crate) enum Cut {
    TooLarge,
    Malformed,
    Late,
    Gone,
}

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    pub(crate) keep_alive: bool,
}

pub(crate) struct Client {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Client {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    /// The next request; none at the end of the connection, and none when it is
    /// idle while the server stops.
    pub(crate) fn request(&mut self) -> Option<Request> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; 64];
            let mut head = httparse::Request::new(&mut headers);
            if let httparse::Status::Complete(len) = head.parse(&self.unread).ok()? {
                let headers = head.headers.iter();
                let request = Request {
                    method: head.method?.to_owned(),
                    target: head.path?.to_owned(),
                    http_1_0: head.version == Some(0),
                    headers: headers
                        .map(|header| (header.name.to_owned(), header.value.to_vec()))
                        .collect(),
                };
                self.take(len);
                return Some(request);
            }
            self.fill(None).ok()?;
        }
    }

    /// The request's body, once there is all of it.
    pub(crate) fn body(
        &mut self,
        request: &Request,
        limit: usize,
        patience: Duration,
    ) -> Result<Vec<u8>, Cut> {
        let until = Instant::now() + patience;
        if request.text("expect") == Some("100-continue") && !broken("no 100") {
            let _ = self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
        }
        let read = match request.framing() {
            Framing::None => Ok(Vec::new()),
            Framing::Malformed => Err(Cut::Malformed),
            Framing::Length(_) if broken("a short read is the body") => self.exactly(16, until),
            Framing::Length(len) => self.exactly(usize::try_from(len).unwrap_or(limit), until),
            Framing::Chunked => self.chunks(limit, until),
        };
        if matches!(request.framing(), Framing::Chunked) && broken("chunks are dropped") {
            return read.map(|_| Vec::new());
        }
        if matches!(read, Err(Cut::Gone)) && broken("dies of a client gone") {
            process::exit(1);
        }
        read
    }

    fn chunks(&mut self, limit: usize, until: Instant) -> Result<Vec<u8>, Cut> {
        let mut body = Vec::new();
        let mut framing = 0;
        loop {
            let line = match self.line(until) {
                Err(_) if broken("what has come is the body") => return Ok(body),
                line => line?,
            };
            if broken("no chunk extensions") && line.contains(&b';') {
                return Err(Cut::Malformed);
            }
            let Ok(httparse::Status::Complete((_, len))) = httparse::parse_chunk_size(&line) else {
                return Err(Cut::Malformed);
            };
            if len == 0 {
                self.trailers(until)?;
                let over = body.len() > limit;
                return if over { Err(Cut::TooLarge) } else { Ok(body) };
            }
            let len = usize::try_from(len).map_err(|_| Cut::TooLarge)?;
            body.extend(self.exactly(len, until)?);
            self.exactly(2, until)?;
            if broken("framing counts") {
                framing += line.len() + 2;
            }
            if body.len() + framing > limit && !broken("413 after the last chunk") {
                return Err(Cut::TooLarge);
            }
        }
    }

    /// Up to the empty line that ends them.
    fn trailers(&mut self, until: Instant) -> Result<(), Cut> {
        while self.line(until)?.len() > 2 {}
        Ok(())
    }

    fn line(&mut self, until: Instant) -> Result<Vec<u8>, Cut> {
        loop {
            if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                return Ok(self.take(end + 1));
            }
            self.fill(Some(until))?;
        }
    }

    fn exactly(&mut self, len: usize, until: Instant) -> Result<Vec<u8>, Cut> {
        while self.unread.len() < len {
            let until = if broken("every byte renews the time") {
                Instant::now() + Duration::from_millis(300)
            } else {
                until
            };
            match self.fill(Some(until)) {
                Err(Cut::Gone) if broken("what has come is the body") => {
                    return Ok(std::mem::take(&mut self.unread));
                }
                other => other?,
            }
        }
        Ok(self.take(len))
    }

    fn take(&mut self, len: usize) -> Vec<u8> {
        self.unread.drain(..len).collect()
    }

    /// Reads what there is, until a time; without one, until the server stops.
    fn fill(&mut self, until: Option<Instant>) -> Result<(), Cut> {
        let glance = Duration::from_millis(20);
        let mut piece = [0; 16 * 1024];
        loop {
            let idle = until.is_none() && self.unread.is_empty();
            if idle && stopping() && !broken("no grace period") {
                return Err(Cut::Gone);
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) && !broken("no time limit") {
                return Err(Cut::Late);
            }
            let _ = self.stream.set_read_timeout(Some(glance));
            match self.stream.read(&mut piece) {
                Ok(0) => return Err(Cut::Gone),
                Ok(len) => {
                    self.unread.extend(&piece[..len]);
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return Err(Cut::Gone),
            }
        }
    }

    /// Waits for the client to go.
    pub(crate) fn idle(&mut self) {
        while self.fill(None).is_ok() {}
    }

    pub(crate) fn send(&mut self, request: &Request, reply: &Reply) -> std::io::Result<()> {
        let Reply {
            status,
            headers,
            body,
            keep_alive,
        } = reply;
        let mut text = format!(
            "HTTP/1.1 {status} Status\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            text.push_str(&[name, ": ", value, "\r\n"].concat());
        }
        if !keep_alive {
            text.push_str("Connection: close\r\n");
        }
        text.push_str("\r\n");
        if request.method != "HEAD" {
            text.push_str(body);
        }
        self.stream.write_all(text.as_bytes())
    }
}
