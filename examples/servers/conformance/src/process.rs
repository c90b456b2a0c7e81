//! Starting, signalling and ending a receiver.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver as Incoming};
use std::thread;
use std::time::Duration;

use edexa_webhooks::testing;
use rustix::process::{Pid, Signal, kill_process};

use crate::bench::{Bench, Subject};
use crate::wire::{Checked, Connection};

/// How long reading a body may take, and ending: so long that no row waits for it,
/// or so short that a row can.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    body_ms: u32,
    grace_ms: u32,
}

impl Limits {
    /// Nothing is waited for but the end.
    pub(crate) const PATIENT: Self = Self::new(60_000, 300);
    /// A body is cut off soon.
    pub(crate) const HURRIED: Self = Self::new(300, 300);

    pub(crate) const fn new(body_ms: u32, grace_ms: u32) -> Self {
        Self { body_ms, grace_ms }
    }
}

/// How long a program may take to listen, on a busy machine too.
const START: Duration = Duration::from_secs(20);

impl Bench {
    /// A server that listens: a new one, or the one that was there.
    pub(crate) fn start(&self, limits: Limits) -> Checked<Running> {
        if let Subject::Server(address) = self.subject {
            let process = None;
            return Ok(Running { address, process });
        }
        let mut process = self.spawn(Some(self.token()), limits)?;
        let address = match process.listening.recv_timeout(START) {
            Ok(address) => address.parse()?,
            Err(_) => return Err(format!("it does not listen: {}", process.kill()).into()),
        };
        let process = Some(process);
        Ok(Running { address, process })
    }

    /// Starts the program without waiting until it listens.
    pub(crate) fn spawn(&self, token: Option<&str>, limits: Limits) -> Checked<Process> {
        let program = self.program()?;
        let mut command = Command::new(&program.path);
        command
            .args(&program.args)
            .env_remove("RUST_LOG")
            .env_remove("WEBHOOK_TOKEN")
            .env("BIND_ADDR", "127.0.0.1:0")
            .env("BODY_TIMEOUT_MS", limits.body_ms.to_string())
            .env("SHUTDOWN_GRACE_MS", limits.grace_ms.to_string())
            .envs(program.env.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(token) = token {
            command.env("WEBHOOK_TOKEN", token);
        }
        let mut child = command.spawn()?;
        let (Some(stdout), Some(mut stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err("a piped process has its pipes".into());
        };

        let (found, listening) = mpsc::channel();
        thread::spawn(move || {
            // Reading goes on after the line, so that the pipe never fills.
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some(address) = line.strip_prefix("listening on http://") {
                    let _ = found.send(address.to_owned());
                }
            }
        });
        let (ended, log) = mpsc::channel();
        thread::spawn(move || {
            let mut text = Vec::new();
            let _ = stderr.read_to_end(&mut text);
            let _ = ended.send(String::from_utf8_lossy(&text).into_owned());
        });
        Ok(Process {
            child,
            listening,
            log,
        })
    }
}

/// A process that is killed when it is no longer looked at.
pub(crate) struct Process {
    child: Child,
    /// Gives the address, or hangs up when standard output ends.
    pub(crate) listening: Incoming<String>,
    /// Gives all of standard error once it ends.
    log: Incoming<String>,
}

impl Process {
    /// Waits for the end of the process: how it ended and what it logged.
    pub(crate) fn end(&mut self, deadline: Duration) -> Checked<(ExitStatus, String)> {
        let Ok(log) = self.log.recv_timeout(deadline) else {
            return Err("the process goes on".into());
        };
        Ok((self.child.wait()?, log))
    }

    pub(crate) fn kill(&mut self) -> String {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.log.recv().unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that listens.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    process: Option<Process>,
}

impl Running {
    pub(crate) fn connect(&self, bench: &Bench) -> Checked<Connection> {
        Connection::open(self.address, bench.deadline)
    }

    /// The server goes on: another client gets its answer.
    pub(crate) fn still_answers(&self, bench: &Bench) -> Checked {
        let answer = || {
            let mut client = self.connect(bench)?;
            client.send(bench.post_body(testing::SUCCEEDED.as_bytes()))?;
            client.answer()
        };
        let answer = answer().map_err(|error| format!("the server no longer answers: {error}"))?;
        bench.acknowledged(&answer)
    }

    pub(crate) fn signal(&self, signal: Signal) -> Checked {
        let process = self.process.as_ref().ok_or("there is no process")?;
        Ok(kill_process(Pid::from_child(&process.child), signal)?)
    }

    /// Waits for the end of the process: how it ended and what it logged.
    pub(crate) fn end(&mut self, bench: &Bench) -> Checked<(ExitStatus, String)> {
        let process = self.process.as_mut().ok_or("there is no process")?;
        process.end(bench.deadline)
    }

    /// Ends the receiver as an operator would, and gives its log.
    pub(crate) fn stop(mut self, bench: &Bench, signal: Signal) -> Checked<String> {
        self.signal(signal)?;
        let (status, log) = self.end(bench)?;
        match status.code() {
            Some(0) => Ok(log),
            _ => Err(format!("expected exit status 0, got {status}: {log}").into()),
        }
    }
}
