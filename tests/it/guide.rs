//! The guide's pages and pictures say what the code says.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test, or a helper of one, fails by panicking"
)]

use std::time::Duration;

use edexa_webhooks::delivery::{ACK_STATUS, REDELIVERY_HORIZON, RETRY_DELAYS};
use edexa_webhooks::testing::EventBuilder;
use edexa_webhooks::{Category, ParseError, Rejection, WebhookEvent};

use crate::markdown;
use crate::support::seconds;

const INDEX: &str = include_str!("../../src/guide/index.md");
const DELIVERY: &str = include_str!("../../src/delivery.rs");
const RECEIVING: &str = include_str!("../../src/guide/receiving.md");
const PAGES: &[(&str, &str)] = &[
    ("receiving", RECEIVING),
    ("storing", include_str!("../../src/guide/storing.md")),
    ("trust", include_str!("../../src/guide/trust.md")),
    ("redelivery", include_str!("../../src/guide/redelivery.md")),
    ("rules", include_str!("../../src/validate/table.rs")),
    ("testing", include_str!("../../src/guide/testing.md")),
    ("upgrading", include_str!("../../src/guide/upgrading.md")),
    ("compared", include_str!("../../src/guide/compared.md")),
];

/// How long edeXa's retries may go on, as people say it: `31 h 35 min`.
fn spoken(duration: Duration) -> String {
    let minutes = duration.as_secs() / 60;
    assert_eq!(duration, Duration::from_secs(60 * minutes), "whole minutes");
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// When each retry comes if the delays follow one another, and if each counts
/// from the first attempt.
fn retries() -> Vec<(Duration, Duration)> {
    let mut total = Duration::ZERO;
    let times = RETRY_DELAYS.iter().map(|delay| {
        total += *delay;
        (total, *delay)
    });
    times.collect()
}

/// One body for each category of errors.
fn refused() -> [(Category, ParseError); 4] {
    let too_large = WebhookEvent::from_slice_with_limit(b"{}", 1);
    let read = |body: &[u8]| WebhookEvent::from_slice(body).unwrap_err();
    [
        (Category::TooLarge, too_large.unwrap_err()),
        (Category::Encoding, read(b"\xff")),
        (Category::Syntax, read(b"{")),
        (Category::Data, read(b"{}")),
    ]
}

/// What a refusal of this category is answered with.
fn status(category: Category) -> u16 {
    let mut refused = refused().into_iter();
    let (_, error) = refused.find(|(of, _)| *of == category).unwrap();
    assert_eq!(error.category(), category);
    Rejection::from(error).http_status()
}

fn invalid_status() -> u16 {
    let event = EventBuilder::succeeded().without_tx_id().build();
    Rejection::from(event.validate().unwrap_err()).http_status()
}

#[test]
fn the_retry_table_is_the_schedule() {
    let docs: Vec<&str> = DELIVERY
        .lines()
        .filter_map(|l| l.strip_prefix("///"))
        .collect();
    let rows = markdown::tables(&docs.join("\n").replace("\n ", "\n"));
    let expected = retries()
        .into_iter()
        .enumerate()
        .map(|(nth, (one, other))| {
            [
                (nth + 1).to_string(),
                seconds(RETRY_DELAYS[nth]),
                spoken(one),
                spoken(other),
            ]
        });
    assert_eq!(rows, expected.collect::<Vec<_>>());
    let hours = REDELIVERY_HORIZON.as_secs() / 3_600;
    let promise = format!("to {hours} hours");
    assert!(RECEIVING.contains(&promise), "{promise}");
}

/// What a page says of the wire it says with a source that the index lists.
#[test]
fn every_source_is_one_of_the_index() {
    let sources = markdown::destinations(INDEX);
    for (name, page) in PAGES {
        for link in markdown::destinations(page) {
            if link.starts_with("https://") {
                assert!(sources.contains(&link), "{name}: {link}");
            }
        }
    }
}

/// What the picture says under a mark of its own.
fn marked(picture: &str, mark: &str) -> Vec<String> {
    let mark = format!(" {mark}=\"");
    let values = picture.split(&mark).skip(1);
    let values = values.filter_map(|rest| rest.split('"').next());
    values.map(str::to_owned).collect()
}

#[test]
fn the_pictures_have_the_schedule_and_the_answers() {
    let life = include_str!("../../src/guide/life.svg");
    let delays = RETRY_DELAYS.map(|delay| delay.as_secs().to_string());
    assert_eq!(marked(life, "data-seconds"), delays);
    let horizon = REDELIVERY_HORIZON.as_secs().to_string();
    assert_eq!(marked(life, "data-horizon"), [horizon]);

    let times = include_str!("../../src/guide/retries.svg");
    let readings = retries().into_iter().flat_map(|(one, other)| [one, other]);
    let readings = readings.map(|time| time.as_secs().to_string());
    assert_eq!(marked(times, "data-seconds"), readings.collect::<Vec<_>>());

    let way = include_str!("../../src/guide/way.svg");
    let statuses = refused().map(|(category, _)| status(category));
    let statuses = statuses.into_iter().chain([invalid_status(), ACK_STATUS]);
    let statuses = statuses.map(|status| status.to_string());
    assert_eq!(marked(way, "data-status"), statuses.collect::<Vec<_>>());
}
