//! The ordinary rows for a function on AWS Lambda: a stand-in for the Runtime API,
//! which the program asks for an event, and to which it posts the response.
//!
//! `function_url.json` is written after AWS's documentation of the payload format 2.0,
//! for a function URL without authentication. An HTTP API of API Gateway leaves out
//! what is `null` in it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use edexa_webhooks::serde_json::{self, Value};
use edexa_webhooks::testing;

use crate::answer::{Answer, refuse};
use crate::bench::Bench;
use crate::case::{Case, cases};
use crate::suite::Outcome;
use crate::wire::Checked;

pub(crate) fn each(bench: &Bench, mut report: impl FnMut(&str, Outcome)) {
    let mut function = None;
    for case in &cases(bench) {
        let outcome = Outcome::from(check(bench, case, &mut function));
        if outcome != Outcome::Passed {
            function = None;
        }
        report(&case.name, outcome);
    }
    report(
        "the token is not logged",
        Outcome::from(token_is_not_logged(bench)),
    );
    let name = "no WEBHOOK_TOKEN, no start";
    report(name, Outcome::from(no_token(bench)));
}

fn check(bench: &Bench, case: &Case, running: &mut Option<Function>) -> Checked {
    let function = match running {
        Some(function) => function,
        None => running.insert(Function::start(bench)?),
    };
    for (form, body) in forms(&case.body) {
        for nulls in [true, false] {
            let event = event(bench, case, body.clone(), nulls)?;
            let answer = answer(&function.call(&event)?)?;
            let checked = bench.check(&case.expected, &answer);
            checked.map_err(|error| format!("{form}: {error}"))?;
        }
    }
    Ok(())
}

/// How a body can stand in an event: as it is if it is text, and in base64. AWS
/// decides by the media type. An empty one is not there at all.
fn forms(body: &[u8]) -> Vec<(&'static str, Option<Body>)> {
    if body.is_empty() {
        return vec![("no body", None)];
    }
    let mut forms = vec![("base64", Some((true, STANDARD.encode(body))))];
    if let Ok(text) = std::str::from_utf8(body) {
        forms.push(("plain", Some((false, text.into()))));
    }
    forms
}

/// Whether it is in base64, and its text.
type Body = (bool, String);

fn event(bench: &Bench, case: &Case, body: Option<Body>, nulls: bool) -> Checked<Value> {
    let mut event: Value = serde_json::from_str(include_str!("function_url.json"))?;
    let right = bench.right_path();
    let path = case.path.as_ref().unwrap_or(&right);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut set = |pointer: &str, value: Value| {
        if let Some(place) = event.pointer_mut(pointer) {
            *place = value;
        }
    };
    set("/rawPath", path.into());
    set("/rawQueryString", query.into());
    set("/requestContext/http/path", path.into());
    set("/requestContext/http/method", case.method.into());
    if let Some((is_base64, text)) = body {
        set("/body", text.into());
        set("/isBase64Encoded", is_base64.into());
    }
    if let Some(headers) = event.pointer_mut("/headers").and_then(Value::as_object_mut) {
        for (name, value) in &case.headers {
            // AWS joins headers of one name.
            let joined = match headers.get(*name).and_then(Value::as_str) {
                Some(first) => format!("{first},{value}"),
                None => (*value).into(),
            };
            headers.insert((*name).into(), joined.into());
        }
        headers.insert("content-length".into(), case.body.len().to_string().into());
    }
    if let (false, Some(members)) = (nulls, event.as_object_mut()) {
        members.retain(|_, value| !value.is_null());
    }
    Ok(event)
}

/// What AWS makes of a function's response.
fn answer(response: &Value) -> Checked<Answer> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let headers = response.pointer("/headers").and_then(Value::as_object);
    let headers = headers.ok_or("a response without headers")?.iter();
    let status = response.pointer("/statusCode").and_then(Value::as_u64);
    let body = response.pointer("/body").map(text).unwrap_or_default();
    let is_base64 = response.pointer("/isBase64Encoded") == Some(&Value::Bool(true));
    Ok(Answer {
        status: status.ok_or("a response without a status")?.try_into()?,
        headers: headers
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
        body: if is_base64 {
            STANDARD.decode(body)?
        } else {
            body.into()
        },
    })
}

fn token_is_not_logged(bench: &Bench) -> Checked {
    let mut function = Function::start(bench)?;
    for mut case in cases(bench).into_iter().take(1) {
        for (body, token) in [
            (testing::SUCCEEDED, "="),
            (testing::SUCCEEDED, ""),
            ("{", ""),
        ] {
            case.path = Some(bench.path(&[bench.token(), token].concat()));
            let body = Some((false, body.into()));
            function.call(&event(bench, &case, body, true)?)?;
        }
    }
    let log = function.log()?;
    if log.contains(bench.token()) || log.contains('\u{1b}') {
        return Err(format!("the log holds the token, or colours: {log:?}").into());
    }
    let refused = refuse(b"{")
        .ok_or("the crate accepts the body")?
        .to_string();
    let found = log.lines().filter(|line| line.contains(&refused)).count();
    if bench.exact && found != 1 {
        return Err(format!("expected one line with {refused:?}, got {found}: {log}").into());
    }
    Ok(())
}

fn no_token(bench: &Bench) -> Checked {
    for token in [None, Some("")] {
        let mut command = command(bench)?;
        command.env_remove("WEBHOOK_TOKEN");
        command.envs(token.map(|token| ("WEBHOOK_TOKEN", token)));
        let output = command.output()?;
        let log = String::from_utf8_lossy(&output.stderr);
        if output.status.code().is_none_or(|code| code == 0) || !log.contains("WEBHOOK_TOKEN") {
            let status = output.status;
            return Err(format!("expected a failure that names it, got {status}: {log:?}").into());
        }
    }
    Ok(())
}

fn command(bench: &Bench) -> Checked<Command> {
    let program = bench.program()?;
    let mut command = Command::new(&program.path);
    command
        .args(&program.args)
        .env_remove("RUST_LOG")
        .env("AWS_LAMBDA_FUNCTION_NAME", "receiver")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9")
        .envs(program.env.iter().cloned())
        .stdin(Stdio::null());
    Ok(command)
}

/// A function that waits for events.
struct Function {
    child: Child,
    log: Option<JoinHandle<String>>,
    connections: Receiver<TcpStream>,
    bench: Bench,
}

impl Function {
    fn start(bench: &Bench) -> Checked<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let mut child = command(bench)?
            .env("WEBHOOK_TOKEN", bench.token())
            .env("AWS_LAMBDA_RUNTIME_API", listener.local_addr()?.to_string())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stderr = child.stderr.take().ok_or("a piped process has its pipes")?;
        let log = thread::spawn(move || {
            let mut log = Vec::new();
            let _ = stderr.read_to_end(&mut log);
            String::from_utf8_lossy(&log).into_owned()
        });
        let (found, connections) = mpsc::channel();
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                if found.send(connection).is_err() {
                    return;
                }
            }
        });
        let (log, bench) = (Some(log), bench.clone());
        Ok(Self {
            child,
            log,
            connections,
            bench,
        })
    }

    /// One event, and the response to it.
    fn call(&mut self, event: &Value) -> Checked<Value> {
        let mut next = self.request()?;
        next.read("GET /2018-06-01/runtime/invocation/next HTTP/1.1")?;
        next.answer(
            "200 OK",
            "lambda-runtime-aws-request-id: 8476a536\r\n\
             lambda-runtime-deadline-ms: 33240000000000\r\n\
             lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-central-1:123456789012:function:receiver\r\n",
            &event.to_string(),
        )?;
        let mut response = self.request()?;
        let body =
            response.read("POST /2018-06-01/runtime/invocation/8476a536/response HTTP/1.1")?;
        response.answer("202 Accepted", "", "")?;
        Ok(serde_json::from_slice(&body)?)
    }

    fn request(&self) -> Checked<Request> {
        let stream = self.connections.recv_timeout(self.bench.deadline)?;
        stream.set_read_timeout(Some(self.bench.deadline))?;
        Ok(Request(BufReader::new(stream)))
    }

    /// Ends the program and gives what it logged.
    fn log(mut self) -> Checked<String> {
        self.child.kill()?;
        let log = self.log.take().ok_or("asked for twice")?;
        log.join().map_err(|_| "the log cannot be read".into())
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
    /// Its body, if this is its first line.
    fn read(&mut self, line: &str) -> Checked<Vec<u8>> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head)? == 0 {
                return Err(format!("cut off: {head:?}").into());
            }
        }
        if head.lines().next() != Some(line) {
            return Err(format!("expected {line:?}, got {head:?}").into());
        }
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(Ok(0), str::parse)?];
        self.0.read_exact(&mut body)?;
        Ok(body)
    }

    fn answer(mut self, status: &str, headers: &str, body: &str) -> Checked {
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
        );
        Ok(self.0.get_mut().write_all((head + body).as_bytes())?)
    }
}
