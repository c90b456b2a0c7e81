//! A server on loopback that gives the answers it is told, one a connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// What a request gets.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reply {
    /// The rest of a status line, and headers after it.
    Status(&'static str),
    /// The connection is closed.
    Nothing,
    /// The connection is kept open.
    Silence,
}

/// One request as it came.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) line: String,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) requests: Receiver<Request>,
}

impl Server {
    /// Answers the nth request with `reply(n)`, counted from 0.
    pub(crate) fn start(reply: impl Fn(usize) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = mpsc::channel();
        thread::spawn(move || {
            let mut kept = Vec::new();
            for (n, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                // Told before it is answered, so that whoever has the answer can
                // count on it.
                if sender.send(read(&stream)).is_err() {
                    return;
                }
                match reply(n) {
                    Reply::Status(status) => {
                        let head = "content-length: 0\r\nconnection: close";
                        write!(stream, "HTTP/1.1 {status}\r\n{head}\r\n\r\n").unwrap();
                    }
                    Reply::Nothing => {}
                    Reply::Silence => kept.push(stream),
                }
            }
        });
        Self { address, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Every body so far: complete once the sender has ended.
    #[track_caller]
    pub(crate) fn bodies(&self, expected: usize) -> Vec<Vec<u8>> {
        let bodies: Vec<_> = self.requests.try_iter().map(|r| r.body).collect();
        assert_eq!(bodies.len(), expected);
        bodies
    }
}

fn read(stream: &TcpStream) -> Request {
    let mut reader = BufReader::new(stream);
    let mut lines = reader.by_ref().lines().map(Result::unwrap);
    let line = lines.next().unwrap();
    let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let header = |name: &str| {
        let headers = headers.iter().filter_map(|line| line.split_once(": "));
        let mut values = headers.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        values.next().map(|(_, value)| value.to_owned())
    };
    let length: usize = header("content-length").unwrap().parse().unwrap();
    let content_type = header("content-type");
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Request {
        line,
        content_type,
        body,
    }
}
