//! The report as a receiver's tests use it.

use deliver::{Parser, Plan};

use crate::server::{Reply, Server};

#[tokio::test]
async fn latencies_are_those_of_the_table() {
    let server = Server::start(|n| {
        if n == 0 {
            Reply::Nothing
        } else {
            Reply::Status("200 OK")
        }
    });
    let run = async || {
        let args = [
            "deliver",
            "--to",
            &server.url(),
            "--attempts",
            "1",
            "--quiet",
        ];
        let plan = Plan::try_parse_from(args).unwrap();
        deliver::run(plan, std::future::pending()).await.unwrap()
    };
    assert_eq!(run().await.latency(0.99), None);
    let report = run().await;
    for (share, name) in [(0.5, "median"), (0.99, "p99")] {
        let micros = report.latency(share).unwrap().as_micros();
        let row = format!("  {name:<18} {:>8}.{:03}\n", micros / 1000, micros % 1000);
        let table = report.to_string();
        assert!(table.contains(&row), "{row}{table}");
    }
}
