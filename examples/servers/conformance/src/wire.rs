//! HTTP by hand, for what an ordinary client would not send.

use std::error::Error;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use crate::answer::Answer;

pub(crate) type Checked<T = ()> = Result<T, Box<dyn Error>>;

/// A connection that reads answers one after another.
pub(crate) struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
    bodiless: bool,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr, deadline: Duration) -> Checked<Self> {
        let stream = TcpStream::connect_timeout(&address, deadline)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(deadline))?;
        stream.set_write_timeout(Some(deadline))?;
        Ok(Self {
            stream,
            unread: Vec::new(),
            bodiless: false,
        })
    }

    /// Sends as much as the receiver takes. If it has hung up, the answer or its
    /// absence shows why.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> Checked {
        self.offer(bytes).map(drop)
    }

    /// Sends; false if the receiver has hung up.
    pub(crate) fn offer(&mut self, bytes: impl AsRef<[u8]>) -> Checked<bool> {
        match self.stream.write_all(bytes.as_ref()) {
            Ok(()) => Ok(true),
            Err(error) if is_end(error.kind()) => Ok(false),
            Err(error) if is_timeout(error.kind()) => {
                Err("the receiver neither reads nor hangs up".into())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Says that nothing more will be sent.
    pub(crate) fn finish_sending(&mut self) -> Checked {
        Ok(self.stream.shutdown(Shutdown::Write)?)
    }

    /// The next final answer.
    pub(crate) fn answer(&mut self) -> Checked<Answer> {
        self.answer_to("POST")
    }

    /// The next final answer. One to HEAD has no body.
    pub(crate) fn answer_to(&mut self, method: &str) -> Checked<Answer> {
        self.bodiless = method == "HEAD";
        loop {
            match self.next()? {
                Some(interim) if interim.status < 200 => {}
                Some(answer) => return Ok(answer),
                None => return Err("the connection ended without an answer".into()),
            }
        }
    }

    /// The next answer, final or not; none if the connection ends first.
    pub(crate) fn next(&mut self) -> Checked<Option<Answer>> {
        loop {
            let mut headers = [httparse::EMPTY_HEADER; 64];
            let mut head = httparse::Response::new(&mut headers);
            if let httparse::Status::Complete(len) = head.parse(&self.unread)? {
                let mut answer = Answer {
                    status: head.code.unwrap_or_default(),
                    ..Answer::default()
                };
                for header in head.headers.iter() {
                    let value = String::from_utf8_lossy(header.value);
                    answer.headers.push((header.name.into(), value.into()));
                }
                self.take(len);
                answer.body = self.body(&answer)?;
                return Ok(Some(answer));
            }
            if !self.fill()? {
                if self.unread.is_empty() {
                    return Ok(None);
                }
                return Err("the connection ended within an answer's head".into());
            }
        }
    }

    /// Waits for the end of the connection, with nothing before it.
    pub(crate) fn end(&mut self) -> Checked {
        match self.next()? {
            None => Ok(()),
            Some(answer) => Err(format!("expected the end, got status {}", answer.status).into()),
        }
    }

    fn body(&mut self, answer: &Answer) -> Checked<Vec<u8>> {
        if answer.status < 200 || [204, 304].contains(&answer.status) || self.bodiless {
            return Ok(Vec::new());
        }
        if let [len] = answer.values("content-length")[..] {
            return self.exactly(len.parse()?);
        }
        if answer.values("transfer-encoding") == ["chunked"] {
            return self.chunks();
        }
        while self.fill()? {}
        Ok(std::mem::take(&mut self.unread))
    }

    fn chunks(&mut self) -> Checked<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let (line, len) = loop {
                match httparse::parse_chunk_size(&self.unread) {
                    Ok(httparse::Status::Complete(found)) => break found,
                    Ok(httparse::Status::Partial) if self.fill()? => {}
                    _ => return Err("a broken chunk in the answer".into()),
                }
            };
            self.take(line);
            body.extend(self.exactly(usize::try_from(len)?)?);
            self.exactly(2)?;
            if len == 0 {
                return Ok(body);
            }
        }
    }

    fn exactly(&mut self, len: usize) -> Checked<Vec<u8>> {
        while self.unread.len() < len {
            if !self.fill()? {
                return Err("the connection ended within an answer's body".into());
            }
        }
        Ok(self.take(len))
    }

    fn take(&mut self, len: usize) -> Vec<u8> {
        self.unread.drain(..len).collect()
    }

    /// Reads what there is; false at the end of the connection, however it ends.
    fn fill(&mut self) -> Checked<bool> {
        let mut piece = [0; 4096];
        match uninterrupted(|| self.stream.read(&mut piece)) {
            Ok(len) => {
                self.unread.extend(piece.iter().take(len));
                Ok(len > 0)
            }
            Err(error) if is_end(error.kind()) => Ok(false),
            Err(error) if is_timeout(error.kind()) => Err("no answer in time".into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the connection ends or is answered within a moment.
    pub(crate) fn stirs_within(&mut self, moment: Duration) -> Checked<bool> {
        let usual = self.stream.read_timeout()?;
        self.stream.set_read_timeout(Some(moment))?;
        let peeked = uninterrupted(|| self.stream.peek(&mut [0]));
        self.stream.set_read_timeout(usual)?;
        match peeked {
            Ok(_) => Ok(true),
            Err(error) if is_timeout(error.kind()) => Ok(false),
            Err(error) if is_end(error.kind()) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }
}

/// A read under a time limit ends early when the process was stopped for a moment.
fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            ended => return ended,
        }
    }
}

fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

fn is_end(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe
    )
}

/// A body in chunks of this size, without the last, empty chunk.
pub(crate) fn chunked(body: &[u8], size: usize) -> Vec<u8> {
    let mut text = Vec::new();
    for chunk in body.chunks(size) {
        text.extend(format!("{:x}\r\n", chunk.len()).bytes());
        text.extend(chunk);
        text.extend(b"\r\n");
    }
    text
}

/// The last, empty chunk.
pub(crate) const LAST_CHUNK: &str = "0\r\n\r\n";
