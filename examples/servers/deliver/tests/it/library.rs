//! The report as a receiver's tests use it.

use std::net::TcpListener;

use deliver::{Parser, Plan, Report};

use crate::server::{Reply, Server};

async fn report(url: &str) -> Report {
    let args = ["deliver", "--to", url, "--attempts", "1", "--quiet"];
    let plan = Plan::try_parse_from(args).unwrap();
    deliver::run(plan, std::future::pending()).await.unwrap()
}

#[tokio::test]
async fn latencies_are_those_of_the_table() {
    let server = Server::start(|_| Reply::Status("200 OK"));
    let report = report(&server.url()).await;
    for (share, name) in [(0.5, "median"), (0.99, "p99")] {
        let micros = report.latency(share).unwrap().as_micros();
        let row = format!("  {name:<18} {:>8}.{:03}\n", micros / 1000, micros % 1000);
        let table = report.to_string();
        assert!(table.contains(&row), "{row}{table}");
    }
}

#[tokio::test]
async fn without_an_answer_there_is_no_latency() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", closed.local_addr().unwrap());
    drop(closed);
    assert_eq!(report(&url).await.latency(0.99), None);
}
