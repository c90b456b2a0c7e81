//! The ordinary rows for a function on AWS Lambda: a stand-in for the Runtime API,
//! which the program asks for an event, and to which it posts the response.
//!
//! The events are written after AWS's documentation of the payload format 2.0, which
//! function URLs and HTTP APIs of API Gateway share.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use edexa_webhooks::serde_json::{self, Value, json};
use edexa_webhooks::testing;

use crate::answer::Answer;
use crate::bench::Bench;
use crate::case::{Case, cases};
use crate::process::{Limits, Process};
use crate::rows;
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
    let checked = token_is_not_logged(bench);
    report("the token is not logged", Outcome::from(checked));
    let bench = bench.with_env(&environment("127.0.0.1:9"));
    for row in rows::all() {
        if row.name.ends_with("no start") {
            report(&row.name, Outcome::from((row.check)(&bench)));
        }
    }
}

fn check(bench: &Bench, case: &Case, running: &mut Option<Function>) -> Checked {
    let function = match running {
        Some(function) => function,
        None => running.insert(Function::start(bench)?),
    };
    for (form, body) in forms(&case.body) {
        let event = event(bench, case, (form, body));
        let checked = bench.check(&case.expected, &answer(&function.call(&event)?)?);
        checked.map_err(|error| format!("{form}: {error}"))?;
    }
    Ok(())
}

/// How a body can stand in an event, and whether in base64: AWS decides by the media
/// type. An empty one is not there at all.
fn forms(body: &[u8]) -> Vec<(&'static str, Value)> {
    if body.is_empty() {
        return vec![("no body", Value::Null)];
    }
    let mut forms = vec![("base64", STANDARD.encode(body).into())];
    forms.extend(std::str::from_utf8(body).map(|text| ("plain", text.into())));
    forms
}

fn event(bench: &Bench, case: &Case, (form, body): (&str, Value)) -> Value {
    let path = case.path.as_ref().unwrap_or(&bench.path);
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut headers = BTreeMap::from([("content-length", case.body.len().to_string())]);
    for (name, value) in &case.headers {
        // AWS joins headers of one name.
        let joined = headers.get(name).map(|first| format!("{first},{value}"));
        headers.insert(name, joined.unwrap_or_else(|| (*value).into()));
    }
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "apiId": "a1b2c3d4e5",
            "http": {
                "method": case.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.7",
                "userAgent": "curl/8.5.0",
            },
            "stage": "$default",
            "time": "30/May/2023:09:21:53 +0000",
            "timeEpoch": 1_685_438_513_094_i64,
        },
        "body": body,
        "isBase64Encoded": form == "base64",
    })
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
        for (body, more) in [
            (testing::SUCCEEDED, "="),
            (testing::SUCCEEDED, ""),
            ("{", ""),
        ] {
            case.path = Some(bench.path_of(&[bench.token(), more].concat()));
            function.call(&event(bench, &case, ("plain", body.into())))?;
        }
    }
    let log = function.process.kill();
    if log.contains(bench.token()) || log.contains('\u{1b}') {
        return Err(format!("the log holds the token, or colours: {log:?}").into());
    }
    Ok(())
}

fn environment(api: &str) -> [(&str, &str); 4] {
    [
        ("AWS_LAMBDA_RUNTIME_API", api),
        ("AWS_LAMBDA_FUNCTION_NAME", "receiver"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
    ]
}

/// A function that waits for events.
struct Function {
    process: Process,
    connections: Receiver<TcpStream>,
    deadline: Duration,
}

impl Function {
    fn start(bench: &Bench) -> Checked<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let bench = bench.with_env(&environment(&listener.local_addr()?.to_string()));
        let process = bench.spawn(Some(bench.token()), Limits::PATIENT)?;
        let (found, connections) = mpsc::channel();
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                if found.send(connection).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            process,
            connections,
            deadline: bench.deadline,
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
        let stream = self.connections.recv_timeout(self.deadline)?;
        stream.set_read_timeout(Some(self.deadline))?;
        Ok(Request(BufReader::new(stream)))
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
