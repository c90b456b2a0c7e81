//! Where the rows are sent, and how long to wait.

use std::ffi::OsString;
use std::mem;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;

use crate::answer::{Answer, Expected};
use crate::wire::Checked;

/// The token that every program is given. It holds what form decoding and careless
/// URL handling would change.
const TOKEN: &str = "Zm9v+YmFy_-~=";

/// What is under test.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    pub(crate) subject: Subject,
    host: String,
    /// Where a webhook belongs.
    pub(crate) path: String,
    prefix: String,
    token: String,
    pub(crate) deadline: Duration,
    pub(crate) exact: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Subject {
    Program(Program),
    Server(SocketAddr),
}

#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: Vec<(String, String)>,
}

impl Bench {
    pub(crate) fn of_program(path: PathBuf) -> Self {
        let (args, env) = (Vec::new(), Vec::new());
        Self {
            subject: Subject::Program(Program { path, args, env }),
            host: "localhost".into(),
            path: format!("/webhooks/edexa/{TOKEN}"),
            prefix: "/webhooks/edexa/".into(),
            token: TOKEN.into(),
            deadline: Duration::from_secs(20),
            exact: true,
        }
    }

    pub(crate) fn of_url(url: &str) -> Checked<Self> {
        const FORM: &str = "expected http://HOST:PORT/PATH/TOKEN";
        let rest = url.strip_prefix("http://").ok_or(FORM)?;
        let (host, path) = rest.split_once('/').ok_or(FORM)?;
        let (prefix, token) = path.rsplit_once('/').unwrap_or(("", path));
        let token = percent_decode_str(token).decode_utf8()?;
        if token.is_empty() || path.contains(['?', '#']) {
            return Err(FORM.into());
        }
        let port = host.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
        let mut addresses = match port {
            Some(Ok(_)) => host.to_socket_addrs()?,
            _ => format!("{host}:80").to_socket_addrs()?,
        };
        let address = addresses.next().ok_or("the host has no address")?;
        Ok(Self {
            subject: Subject::Server(address),
            host: host.into(),
            path: format!("/{path}"),
            prefix: format!("/{prefix}/").replace("//", "/"),
            token: token.into(),
            ..Self::of_program(PathBuf::new())
        })
    }

    pub(crate) fn with_env(&self, env: &[(&str, &str)]) -> Self {
        let mut bench = self.clone();
        if let Subject::Program(program) = &mut bench.subject {
            let env = env.iter().map(|&(name, value)| (name.into(), value.into()));
            program.env.extend(env);
        }
        bench
    }

    /// The program as a shell starts it after this command.
    pub(crate) fn by_shell(&self, first: &str) -> Self {
        let mut bench = self.clone();
        if let Subject::Program(program) = &mut bench.subject {
            let script = format!("{first}\nexec \"$0\" \"$@\"");
            let path = mem::replace(&mut program.path, "sh".into());
            let words = ["-c".into(), script.into(), path.into_os_string()];
            program.args.splice(..0, words);
        }
        bench
    }

    pub(crate) fn program(&self) -> Checked<&Program> {
        match &self.subject {
            Subject::Program(program) => Ok(program),
            Subject::Server(_) => Err("there is no program to start".into()),
        }
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// The token with every byte percent-encoded.
    pub(crate) fn escaped_token(&self) -> String {
        let escapes = self.token.bytes().map(|byte| format!("%{byte:02X}"));
        escapes.collect::<Vec<_>>().concat()
    }

    /// The path of the webhook for a token as it stands in the URL.
    pub(crate) fn path_of(&self, token: &str) -> String {
        format!("{}{token}", self.prefix)
    }

    /// The head of a request.
    pub(crate) fn head(&self, method: &str, path: &str, headers: &[&str]) -> String {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.host);
        for header in headers {
            text.push_str(header);
            text.push_str("\r\n");
        }
        text.push_str("\r\n");
        text
    }

    /// The head of a POST where it belongs.
    pub(crate) fn post(&self, headers: &[&str]) -> String {
        self.head("POST", &self.path, headers)
    }

    /// A whole POST whose length is announced.
    pub(crate) fn post_body(&self, body: &[u8]) -> Vec<u8> {
        let length = format!("Content-Length: {}", body.len());
        [self.post(&[&length]).as_bytes(), body].concat()
    }

    pub(crate) fn check(&self, expected: &Expected, answer: &Answer) -> Checked {
        Ok(expected.check(answer, self.exact)?)
    }

    pub(crate) fn acknowledged(&self, answer: &Answer) -> Checked {
        self.check(&Expected::ack(), answer)
    }
}
