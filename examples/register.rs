//! Prints the body of the call that registers a URL for both events.
//!
//! ```sh
//! cargo run --example register -- https://example.com/webhooks/edexa/SECRET "stamps of the archive" |
//!     curl --data @- --header 'Content-Type: application/json' \
//!         --header "Authorization: Bearer $EDEXA_API_TOKEN" https://api-edexagw.edexa.com/bstamp/api/webhooks
//! ```

use std::process::ExitCode;

use edexa_webhooks::EventName;
use edexa_webhooks::record::Registration;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(description), None) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        eprintln!("usage: register URL DESCRIPTION");
        return ExitCode::from(64);
    };
    let events = [EventName::HashSuccess, EventName::HashFailure];
    match Registration::new(url, description, events) {
        Ok(registration) => {
            println!("{}", registration.to_json());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("register: {error}");
            ExitCode::FAILURE
        }
    }
}
