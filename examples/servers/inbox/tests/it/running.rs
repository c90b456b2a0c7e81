//! The program, running.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use deliver::{Parser, Plan, Report};
use rustix::process::{Pid, Signal, kill_process};

use crate::listening::{TOKEN, listening};

/// An inbox that is killed when it is no longer looked at.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    program: (PathBuf, Vec<String>),
    env: Vec<(String, String)>,
    child: Child,
}

impl Running {
    pub(crate) fn start(env: &[(&str, &str)]) -> Self {
        Self::start_program((env!("CARGO_BIN_EXE_inbox").into(), Vec::new()), env)
    }

    /// Starts a test of this program that serves.
    pub(crate) fn start_test(name: &str, env: &[(&str, &str)]) -> Self {
        let args = ["--ignored", "--exact", "--nocapture", name].map(Into::into);
        Self::start_program((std::env::current_exe().unwrap(), args.into()), env)
    }

    fn start_program(program: (PathBuf, Vec<String>), env: &[(&str, &str)]) -> Self {
        let env = env.iter().map(|&(name, value)| (name.into(), value.into()));
        let env: Vec<(String, String)> = env.collect();
        let (child, address) = listening(&mut command(&program, &env), "127.0.0.1:0");
        Self {
            address,
            program,
            env,
            child,
        }
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Kills it with SIGKILL and starts it again at the same address.
    pub(crate) fn kill_and_restart(&mut self) {
        self.kill();
        self.restart();
    }

    /// Starts it again at the same address once it has ended.
    pub(crate) fn restart(&mut self) {
        self.ended();
        let mut command = command(&self.program, &self.env);
        (self.child, self.address) = listening(&mut command, &self.address.to_string());
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub(crate) fn ended(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Ends it as an operator would.
    pub(crate) fn terminate(mut self) {
        self.signal(Signal::TERM);
        assert!(self.ended().success());
    }

    pub(crate) fn webhook(&self) -> String {
        format!("http://{}/webhooks/edexa/{TOKEN}", self.address)
    }

    /// Status and body.
    pub(crate) fn post(&self, body: impl AsRef<[u8]>) -> (u16, String) {
        answer(agent().post(self.webhook()).send(body.as_ref()))
    }

    /// Posts without waiting for much.
    pub(crate) fn try_post(&self, body: &str) {
        let _ = agent().post(self.webhook()).send(body);
    }

    /// Status and body.
    pub(crate) fn post_to(&self, path: &str, body: &str) -> (u16, String) {
        answer(
            agent()
                .post(format!("http://{}{path}", self.address))
                .send(body),
        )
    }

    /// Status and body.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        answer(agent().get(format!("http://{}{path}", self.address)).call())
    }

    pub(crate) async fn deliver(&self, args: &str) -> Report {
        deliver(&self.webhook(), args).await
    }
}

/// Sends as edeXa does: its delays are from 30 milliseconds to 8.64 seconds.
pub(crate) async fn deliver(to: &str, args: &str) -> Report {
    deliver_within(to, 0.0001, args).await
}

/// The same, with edeXa's delays times `scale`.
pub(crate) async fn deliver_within(to: &str, scale: f64, args: &str) -> Report {
    let fixed = ["deliver", "--to", to, "--quiet"];
    let mut plan = Plan::try_parse_from(fixed.into_iter().chain(args.split_whitespace())).unwrap();
    plan.time_scale = scale;
    let report = deliver::run(plan, std::future::pending()).await;
    report.unwrap()
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into()
}

fn answer(result: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> (u16, String) {
    let mut response = result.unwrap();
    let body = response.body_mut().read_to_string().unwrap();
    (response.status().as_u16(), body)
}

fn command((program, args): &(PathBuf, Vec<String>), env: &[(String, String)]) -> Command {
    let mut command = Command::new(program);
    command
        .args(args)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null());
    for (name, value) in env {
        command.env(name, value);
    }
    command
}

/// Runs a command against a database: exit status, standard output and error.
pub(crate) fn inbox(url: &str, args: &[&str]) -> (i32, String, String) {
    let env = [("DATABASE_URL".to_owned(), url.to_owned())];
    let program = (env!("CARGO_BIN_EXE_inbox").into(), Vec::new());
    let Output {
        status,
        stdout,
        stderr,
    } = command(&program, &env).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// What it says when it does not start.
pub(crate) fn serve_in_vain(url: &str, args: &[&str]) -> String {
    let program = (env!("CARGO_BIN_EXE_inbox").into(), Vec::new());
    let mut command = command(&program, &[]);
    command
        .args(["--database-url", url, "--bind-addr", "127.0.0.1:0"])
        .args(args)
        .env("WEBHOOK_TOKEN", TOKEN);
    let output = command.output().unwrap();
    assert_eq!(
        (output.status.code(), &*output.stdout),
        (Some(1), &b""[..]),
        "{url}"
    );
    String::from_utf8(output.stderr).unwrap()
}
