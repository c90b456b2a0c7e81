//! Starting, signalling and ending a receiver.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver as Incoming};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::case::TOKEN;
use crate::wire::{Checked, Connection};

/// How long reading a body may take, in milliseconds: so long that no row waits
/// for it, or so short that a row can.
#[derive(Clone, Copy)]
pub(crate) enum BodyTimeout {
    Patient,
    Hurried,
}

impl BodyTimeout {
    const fn millis(self) -> &'static str {
        match self {
            Self::Patient => "60000",
            Self::Hurried => "300",
        }
    }
}

/// What to start, and how long to wait for anything.
#[derive(Clone, Debug)]
pub(crate) struct Bench {
    pub(crate) program: PathBuf,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) deadline: Duration,
}

/// How long a program may take to listen, on a busy machine too.
const START: Duration = Duration::from_secs(20);

impl Bench {
    pub(crate) fn start(&self, timeout: BodyTimeout) -> Checked<Running> {
        let mut process = self.spawn(Some(TOKEN), timeout)?;
        match process.listening.recv_timeout(START) {
            Ok(address) => Ok(Running {
                address: address.parse()?,
                process,
            }),
            Err(_) => Err(format!("it does not listen: {}", process.kill()).into()),
        }
    }

    /// Starts the program without waiting until it listens.
    pub(crate) fn spawn(&self, token: Option<&str>, timeout: BodyTimeout) -> Checked<Process> {
        let mut command = Command::new(&self.program);
        command
            .env_remove("RUST_LOG")
            .env_remove("WEBHOOK_TOKEN")
            .env("BIND_ADDR", "127.0.0.1:0")
            .env("BODY_TIMEOUT_MS", timeout.millis())
            .envs(self.env.iter().cloned())
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
    pub(crate) fn signal(&self, signal: Signal) -> Checked {
        Ok(kill_process(Pid::from_child(&self.child), signal)?)
    }

    /// Waits for the end of the process: how it ended and what it logged.
    pub(crate) fn end(&mut self, deadline: Duration) -> Checked<(ExitStatus, String)> {
        let Ok(log) = self.log.recv_timeout(deadline) else {
            return Err("the process goes on".into());
        };
        Ok((self.child.wait()?, log))
    }

    fn kill(&mut self) -> String {
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

/// A receiver that listens.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) process: Process,
}

impl Running {
    pub(crate) fn connect(&self, bench: &Bench) -> Checked<Connection> {
        Connection::open(self.address, bench.deadline)
    }

    /// Ends the receiver as an operator would, and gives its log.
    pub(crate) fn stop(mut self, bench: &Bench, signal: Signal) -> Checked<String> {
        self.process.signal(signal)?;
        let (status, log) = self.process.end(bench.deadline)?;
        match status.code() {
            Some(0) => Ok(log),
            _ => Err(format!("expected exit status 0, got {status}: {log}").into()),
        }
    }
}
