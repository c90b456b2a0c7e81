//! A receiver without a framework that can be broken in one place: the variable
//! `MUTANT` names it.

use std::env;
use std::net::{TcpListener, TcpStream};
use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

mod endpoint;
mod http;

use http::Client;

pub(crate) struct Settings {
    token: String,
    body_timeout: Duration,
}

static STOPPING: AtomicBool = AtomicBool::new(false);

fn stopping() -> bool {
    STOPPING.load(Ordering::SeqCst)
}

/// The place to break.
fn mutant() -> &'static str {
    static MUTANT: OnceLock<String> = OnceLock::new();
    MUTANT.get_or_init(|| env::var("MUTANT").unwrap_or_default())
}

fn broken(place: &str) -> bool {
    mutant() == place
}

fn millis(name: &str) -> Duration {
    let number = env::var(name).unwrap().parse();
    if broken("any time limit will do") {
        return Duration::from_millis(number.unwrap_or_default());
    }
    Duration::from_millis(number.unwrap_or_else(|error| {
        eprintln!("{name}: {error}");
        exit(1)
    }))
}

pub(crate) fn run() -> ! {
    let Some(token) = token() else {
        if !broken("silent without a token") {
            eprintln!("set WEBHOOK_TOKEN");
        }
        exit(i32::from(!broken("exit status 0 without a token")));
    };
    let body_timeout = millis("BODY_TIMEOUT_MS");
    if broken("does not listen") {
        eprintln!("this is all");
        exit(1);
    }
    let listener = TcpListener::bind(env::var("BIND_ADDR").unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    let handled: &[i32] = if broken("SIGINT not handled") {
        &[SIGTERM]
    } else {
        &[SIGTERM, SIGINT]
    };
    let mut signals = Signals::new(handled).unwrap();
    println!("listening on http://{address}");
    let (heard, told) = mpsc::channel();
    thread::spawn(move || {
        for _ in signals.forever() {
            if !(stopping() && broken("hears one signal only")) {
                let _ = heard.send(());
            }
        }
    });
    thread::spawn(move || {
        let _ = told.recv();
        if broken("exits at once") {
            exit(0);
        }
        STOPPING.store(true, Ordering::SeqCst);
        if !broken("goes on accepting") {
            // Wakes the loop below.
            let _ = TcpStream::connect(address);
        }
        let grace = if broken("no grace period") {
            Duration::from_secs(3600)
        } else {
            millis("SHUTDOWN_GRACE_MS")
        };
        let again = told.recv_timeout(grace).is_ok();
        exit(i32::from(again && !broken("exit status 0 at once")));
    });
    let settings = Settings {
        token,
        body_timeout,
    };
    serve(listener, &settings);
    exit(i32::from(broken("exit status 1 at the end")))
}

fn token() -> Option<String> {
    match env::var("WEBHOOK_TOKEN") {
        Err(_) if broken("starts without a token") => Some(String::new()),
        Ok(empty) if empty.is_empty() && !broken("starts with an empty token") => None,
        other => other.ok(),
    }
}

/// Serves connections until it is told to stop, and then those it has.
fn serve(listener: TcpListener, settings: &Settings) {
    thread::scope(|scope| {
        for stream in listener.incoming() {
            if stopping() && !broken("goes on accepting") {
                break;
            }
            let Ok(stream) = stream else {
                // Out of file handles.
                thread::sleep(Duration::from_millis(20));
                continue;
            };
            if broken("one client at a time") {
                converse(stream, settings);
            } else {
                scope.spawn(|| converse(stream, settings));
            }
        }
        drop(listener);
    });
}

/// One connection, from its first request to its end.
fn converse(stream: TcpStream, settings: &Settings) {
    let mut client = Client::new(stream);
    while let Some(request) = client.request() {
        let Some(reply) = endpoint::receive(settings, &request, &mut client) else {
            return;
        };
        let goes_on = reply.keep_alive && !request.http_1_0;
        if client.send(&request, &reply).is_err() {
            return;
        }
        if !goes_on || broken("closes after each answer") {
            if broken("leaves the connection open") {
                client.idle();
            }
            return;
        }
    }
}
