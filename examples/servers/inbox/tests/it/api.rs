//! A stand-in for the API on loopback, which misbehaves as a test has it.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use edexa_webhooks::record::StampRecord;
use edexa_webhooks::serde_json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What it does with the next request.
#[derive(Clone)]
pub(crate) enum Behaviour {
    Says(u16, String),
    /// Never answers.
    Hangs,
}

pub(crate) struct Api {
    pub(crate) url: String,
    behaviour: Arc<Mutex<Behaviour>>,
    requests: Arc<Mutex<Vec<String>>>,
    server: JoinHandle<()>,
}

impl Api {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/bstamp/", listener.local_addr().unwrap());
        let behaviour = Arc::new(Mutex::new(Behaviour::Hangs));
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let (acts, seen) = (Arc::clone(&behaviour), Arc::clone(&requests));
        let answer = async move |request: Request| {
            let (head, body) = request.into_parts();
            let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
            let token = head.headers.get("authorization");
            let token = token.map_or("", |token| token.to_str().unwrap());
            let body = String::from_utf8_lossy(&body);
            let line = format!("{} {} {token} {body}", head.method, head.uri);
            seen.lock().unwrap().push(line.trim().to_owned());
            let acts = acts.lock().unwrap().clone();
            Ok::<Response, Infallible>(match acts {
                Behaviour::Says(status, body) => {
                    let status = axum::http::StatusCode::from_u16(status).unwrap();
                    (status, body).into_response()
                }
                Behaviour::Hangs => std::future::pending().await,
            })
        };
        let router = Router::new().fallback(answer);
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url,
            behaviour,
            requests,
            server,
        }
    }

    pub(crate) fn says(&self, status: u16, body: impl Into<String>) {
        *self.behaviour.lock().unwrap() = Behaviour::Says(status, body.into());
    }

    pub(crate) fn knows(&self, record: &StampRecord) {
        let record = serde_json::to_string(record).unwrap();
        self.says(
            200,
            format!(r#"{{"status":200,"message":"ok","data":{record}}}"#),
        );
    }

    pub(crate) fn hangs(&self) {
        *self.behaviour.lock().unwrap() = Behaviour::Hangs;
    }

    /// What it was asked so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.server.abort();
    }
}
