//! The guide's pages and pictures say what the code says.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test, or a helper of one, fails by panicking"
)]

use std::time::Duration;

use edexa_webhooks::delivery::{ACK_STATUS, MAX_BODY_BYTES, REDELIVERY_HORIZON, RETRY_DELAYS};
use edexa_webhooks::testing::EventBuilder;
use edexa_webhooks::{Category, ParseError, Rejection, Rule, Severity, WebhookEvent};

use crate::markdown;
use crate::support::seconds;

const MODULES: &str = include_str!("../../src/guide.rs");
const INDEX: &str = include_str!("../../src/guide/index.md");
const RULES: &str = include_str!("../../src/guide/rules.md");
const RECEIVING: &str = include_str!("../../src/guide/receiving.md");
const REDELIVERY: &str = include_str!("../../src/guide/redelivery.md");
const TRUST: &str = include_str!("../../src/guide/trust.md");
const PAGES: &[(&str, &str)] = &[
    ("receiving", RECEIVING),
    ("trust", TRUST),
    ("redelivery", REDELIVERY),
    ("storing", include_str!("../../src/guide/storing.md")),
    ("rules", RULES),
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
fn the_index_names_every_page() {
    let modules = MODULES.lines().filter_map(|line| {
        let name = line.strip_prefix("pub mod ")?;
        Some(name.strip_suffix(" {}").unwrap())
    });
    let modules: Vec<&str> = modules.collect();
    let pages: Vec<&str> = PAGES.iter().map(|(name, _)| *name).collect();
    assert_eq!(modules, pages);
    let named = markdown::tables(INDEX);
    let named = named.iter().map(|row| row[1].trim_matches(['[', '`', ']']));
    assert_eq!(named.take(pages.len()).collect::<Vec<_>>(), pages);
}

#[test]
fn the_rules_page_has_a_section_for_each_rule() {
    let sections = RULES.split("\n### `").skip(1);
    let codes: Vec<&str> = sections.filter_map(|s| s.split('`').next()).collect();
    let rules: Vec<&str> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    assert_eq!(codes, rules);
    assert_eq!(RULES.matches("\n### ").count(), rules.len(), "no other");
}

#[test]
fn errors_and_warnings_stand_apart() {
    let (errors, warnings) = RULES.split_once("\n# Warnings\n").unwrap();
    for rule in Rule::ALL {
        let part = match rule.severity() {
            Severity::Error => errors,
            _ => warnings,
        };
        assert!(part.contains(&format!("\n### `{rule}`\n")), "{rule}");
    }
}

/// The examples are run as doctests; here is seen that each is about its rule.
#[test]
fn each_rule_says_what_it_means_shows_its_message_and_what_to_do() {
    for (section, rule) in RULES.split("\n### `").skip(1).zip(Rule::ALL) {
        let (_, section) = section.split_once("`\n\n").unwrap();
        let means = format!("{}.\n", rule.description());
        assert!(section.starts_with(&means), "{rule}: {means}");
        let parts: Vec<&str> = section.split("\n```\n").collect();
        assert_eq!(parts.len(), 3, "{rule}: one example");
        let message = format!("\"{} {rule} at /", rule.severity());
        assert!(parts[1].contains(&message), "{rule}: {message}");
        assert!(parts[1].contains("assert_eq!("), "{rule}");
        assert!(parts[2].trim_start().starts_with("**Do:** "), "{rule}");
    }
}

#[test]
fn the_answers_are_the_codes() {
    let too_large = Rejection::too_large(MAX_BODY_BYTES).http_status();
    assert_eq!(status(Category::TooLarge), too_large);
    let expected = [
        ("an event", ACK_STATUS),
        (
            "the same event again, an unknown action, unknown keys",
            ACK_STATUS,
        ),
        (
            "not UTF-8, or with a byte order mark",
            status(Category::Encoding),
        ),
        (
            "not JSON, or JSON that receivers disagree about",
            status(Category::Syntax),
        ),
        ("over the limit", status(Category::TooLarge)),
        ("JSON, but not an event", status(Category::Data)),
        ("an event that breaks an error rule", invalid_status()),
        ("a wrong token in the path", 404),
        ("another method", 405),
        ("a client that is too slow", 408),
        ("another `Content-Encoding`", 415),
        ("your store is down", 503),
    ];
    let rows = markdown::tables(RECEIVING);
    let answers = rows.iter().take(expected.len()).map(|row| {
        let status: u16 = row[1].get(..3).unwrap().parse().unwrap();
        (row[0].as_str(), status)
    });
    assert_eq!(answers.collect::<Vec<_>>(), expected);
}

#[test]
fn the_retry_table_is_the_schedule() {
    let rows = markdown::tables(REDELIVERY);
    let rows = rows.iter().filter(|row| row.len() == 4);
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
    assert_eq!(
        rows.cloned().collect::<Vec<_>>(),
        expected.collect::<Vec<_>>()
    );
}

#[test]
fn the_pages_name_the_horizon() {
    let (one_after_another, from_the_first) = *retries().last().unwrap();
    assert_eq!(one_after_another, REDELIVERY_HORIZON);
    let rows = markdown::tables(REDELIVERY);
    assert_eq!(rows[0][1], spoken(one_after_another));
    assert_eq!(rows[1][1], spoken(from_the_first));
    for (name, page) in [("trust", TRUST), ("redelivery", REDELIVERY)] {
        let horizon = format!("{}econds", seconds(REDELIVERY_HORIZON));
        assert!(page.replace('\n', " ").contains(&horizon), "{name}");
    }
    let hours = REDELIVERY_HORIZON.as_secs() / 3_600;
    assert!(RECEIVING.contains(&format!("up to {hours} hours")));
}

#[test]
fn each_rule_says_where_it_comes_from() {
    let sources = [
        "([success page])",
        "(crate::guide#sources)",
        "*inferred*",
        "this crate's",
    ];
    for (section, rule) in RULES.split("\n### `").skip(1).zip(Rule::ALL) {
        let (before_the_example, _) = section.split_once("\n```\n").unwrap();
        let has_source = sources.iter().any(|s| before_the_example.contains(s));
        assert!(has_source, "{rule}");
    }
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
