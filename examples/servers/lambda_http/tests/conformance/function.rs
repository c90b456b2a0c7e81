//! The receiver's program, served by a stand-in for Lambda's Runtime API: the
//! program asks it for an event, and posts the response back.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use conformance::TOKEN;
use edexa_webhooks::serde_json::{self, Value};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_receiver-lambda-http");

/// Long enough for anything that should happen at once.
const DEADLINE: Duration = Duration::from_secs(20);

/// A function that waits for events.
pub(crate) struct Function {
    child: Child,
    log: Option<JoinHandle<String>>,
    connections: Receiver<TcpStream>,
}

impl Function {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut child = Command::new(PROGRAM)
            .env_remove("RUST_LOG")
            .env("WEBHOOK_TOKEN", TOKEN)
            .env(
                "AWS_LAMBDA_RUNTIME_API",
                listener.local_addr().unwrap().to_string(),
            )
            .env("AWS_LAMBDA_FUNCTION_NAME", "receiver-lambda-http")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = thread::spawn(move || {
            let mut log = String::new();
            stderr.read_to_string(&mut log).unwrap();
            log
        });
        let (found, connections) = mpsc::channel();
        thread::spawn(move || {
            for connection in listener.incoming() {
                if found.send(connection.unwrap()).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            log: Some(log),
            connections,
        }
    }

    /// One event, and the response to it.
    #[track_caller]
    pub(crate) fn call(&mut self, event: &Value) -> Value {
        let mut next = self.request();
        let (line, _) = next.read();
        assert_eq!(line, "GET /2018-06-01/runtime/invocation/next HTTP/1.1");
        next.answer(
            "200 OK",
            "lambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n\
             lambda-runtime-deadline-ms: 33240000000000\r\n\
             lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-central-1:123456789012:function:receiver\r\n",
            &event.to_string(),
        );
        let mut response = self.request();
        let (line, body) = response.read();
        assert_eq!(
            line,
            "POST /2018-06-01/runtime/invocation/8476a536-e9f4-11e8-9739-2dfe598c3fcd/response HTTP/1.1"
        );
        response.answer("202 Accepted", "", "");
        serde_json::from_slice(&body).unwrap()
    }

    #[track_caller]
    fn request(&self) -> Request {
        Request(BufReader::new(
            self.connections.recv_timeout(DEADLINE).unwrap(),
        ))
    }

    /// Ends the program and gives what it logged.
    pub(crate) fn log(mut self) -> String {
        self.child.kill().unwrap();
        self.log.take().unwrap().join().unwrap()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request of the program, the only one on its connection.
struct Request(BufReader<TcpStream>);

impl Request {
    /// Its first line and its body.
    fn read(&mut self) -> (String, Vec<u8>) {
        self.0.get_ref().set_read_timeout(Some(DEADLINE)).unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.0.read_line(&mut head).unwrap(), 0, "cut off: {head:?}");
        }
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.0.read_exact(&mut body).unwrap();
        (head.lines().next().unwrap().into(), body)
    }

    fn answer(mut self, status: &str, headers: &str, body: &str) {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
        );
        let stream = self.0.get_mut();
        stream.write_all((head + body).as_bytes()).unwrap();
    }
}
