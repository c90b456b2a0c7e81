//! The pictures: facts, and what makes them legible.

use std::time::Duration;

use edexa_webhooks::Category;
use edexa_webhooks::delivery::{ACK_STATUS, MAX_BODY_BYTES, REDELIVERY_HORIZON, RETRY_DELAYS};
use roxmltree::{Document, Node};

use super::{invalid_status, refused, retries, spoken, status};
use crate::support::seconds;

const LIFE: &str = include_str!("../../../src/guide/life.svg");
const WAY: &str = include_str!("../../../src/guide/way.svg");
const RETRIES: &str = include_str!("../../../src/guide/retries.svg");
const ALL: [(&str, &str); 3] = [("life", LIFE), ("way", WAY), ("retries", RETRIES)];

/// How long the docs tell to remember keys.
const REMEMBERED: Duration = Duration::from_secs(7 * 86_400);

/// Where one minute stands on the time line, and how far ten are from it.
const MINUTE_AT: f64 = 64.0;
const TENFOLD: f64 = 112.0;

#[track_caller]
fn parse(picture: &str) -> Document<'_> {
    Document::parse(picture).unwrap()
}

/// All elements that have an attribute.
fn with<'a, 'b>(picture: &'b Document<'a>, attribute: &'b str) -> Vec<Node<'b, 'a>> {
    let nodes = picture.descendants();
    nodes.filter(|node| node.has_attribute(attribute)).collect()
}

/// All texts in an element, one after another.
fn text(node: Node<'_, '_>) -> String {
    let texts = node.descendants().filter(Node::is_text);
    let texts = texts.filter_map(|text| text.text());
    texts
        .map(str::trim_end)
        .filter(|t| !t.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[track_caller]
fn number<T: std::str::FromStr>(node: Node<'_, '_>, attribute: &str) -> T {
    let value = node.attribute(attribute);
    let value = value.unwrap_or_else(|| panic!("no {attribute}"));
    value
        .parse()
        .ok()
        .unwrap_or_else(|| panic!("{attribute}={value}"))
}

#[test]
fn the_life_has_the_schedule_and_the_answer() {
    let life = parse(LIFE);
    let shown = with(&life, "data-retry");
    let shown: Vec<(usize, u64, String)> = shown
        .into_iter()
        .map(|node| {
            (
                number(node, "data-retry"),
                number(node, "data-seconds"),
                text(node),
            )
        })
        .collect();
    let expected = RETRY_DELAYS.iter().enumerate().map(|(nth, delay)| {
        let nth = nth + 1;
        (
            nth,
            delay.as_secs(),
            format!("retry {nth}, after {}", seconds(*delay)),
        )
    });
    assert_eq!(shown, expected.collect::<Vec<_>>());

    let horizon = with(&life, "data-horizon")[0];
    assert_eq!(
        number::<u64>(horizon, "data-horizon"),
        REDELIVERY_HORIZON.as_secs()
    );
    assert_eq!(
        text(horizon),
        format!(
            "the last at most {} after the first (inferred)",
            seconds(REDELIVERY_HORIZON)
        ),
    );

    let answer = with(&life, "data-status")[0];
    assert_eq!(number::<u16>(answer, "data-status"), ACK_STATUS);
    assert!(text(answer).starts_with(&ACK_STATUS.to_string()));

    let told = text(
        life.descendants()
            .find(|n| n.has_tag_name(SVG_DESC))
            .unwrap(),
    );
    for delay in RETRY_DELAYS {
        assert!(
            told.contains(seconds(delay).trim_end_matches(" s")),
            "{delay:?}"
        );
    }
    assert!(told.contains(&format!(
        "{}econds after the first",
        seconds(REDELIVERY_HORIZON)
    )));
}

const SVG_DESC: &str = "desc";

#[test]
fn the_way_has_an_exit_for_each_category() {
    let way = parse(WAY);
    let shown = with(&way, "data-category");
    let shown: Vec<(String, u16, String)> = shown
        .into_iter()
        .map(|node| {
            let category = node.attribute("data-category").unwrap();
            (category.to_owned(), number(node, "data-status"), text(node))
        })
        .collect();
    let expected = refused().map(|(category, _)| {
        let status = status(category);
        (category.to_string(), status, format!("{category} {status}"))
    });
    assert_eq!(shown, expected);

    let invalid = with(&way, "data-invalid")[0];
    assert_eq!(number::<u16>(invalid, "data-status"), invalid_status());
    assert!(text(invalid).starts_with(&format!("Invalid {}", invalid_status())));

    let answers = with(&way, "data-status");
    let answer = *answers.last().unwrap();
    assert_eq!(number::<u16>(answer, "data-status"), ACK_STATUS);
    assert_eq!(text(answer), format!("answer {ACK_STATUS}"));
}

#[test]
fn the_way_has_the_limits() {
    let way = text(parse(WAY).root());
    let (thousands, rest) = (MAX_BODY_BYTES / 1_000, MAX_BODY_BYTES % 1_000);
    assert!(way.contains(&format!("at most {thousands},{rest} bytes")));
    assert!(way.contains("at most 64 levels"));
    let too_deep = format!("{{\"x\":{}", "[".repeat(64));
    let error = edexa_webhooks::WebhookEvent::from_slice(too_deep.as_bytes()).unwrap_err();
    assert_eq!(error.category(), Category::Syntax);
    assert_eq!(
        error.message(),
        "expected at most 64 levels of nesting, found more"
    );
}

#[test]
fn the_way_ends_in_each_outcome() {
    let way = parse(WAY);
    let outcomes = with(&way, "data-outcome");
    let outcomes = outcomes
        .iter()
        .map(|node| node.attribute("data-outcome").unwrap());
    assert_eq!(
        outcomes.collect::<Vec<_>>(),
        ["Succeeded", "Failed", "Unknown"]
    );
}

/// Where a moment after the first attempt stands on the time line.
fn place(seconds: u64) -> f64 {
    let minutes = Duration::from_secs(seconds).as_secs_f64() / 60.0;
    TENFOLD.mul_add(minutes.log10(), MINUTE_AT)
}

#[track_caller]
fn assert_at(node: Node<'_, '_>, attribute: &str, seconds: u64) {
    let at: f64 = number(node, attribute);
    assert!((at - place(seconds)).abs() < 0.1, "{seconds} s at {at}");
}

#[test]
fn the_time_line_has_both_readings_in_their_places() {
    let line = parse(RETRIES);
    let shown = with(&line, "data-reading");
    let readings = retries()
        .into_iter()
        .enumerate()
        .flat_map(|(nth, (one, other))| [("chained", nth + 1, one), ("offset", nth + 1, other)]);
    let readings: Vec<(&str, usize, Duration)> = readings.collect();
    assert_eq!(shown.len(), readings.len());
    for (node, (reading, nth, at)) in shown.into_iter().zip(readings) {
        assert_eq!(node.attribute("data-reading"), Some(reading));
        assert_eq!(number::<usize>(node, "data-retry"), nth);
        assert_eq!(number::<u64>(node, "data-seconds"), at.as_secs());
        assert_eq!(text(node), spoken(at), "{reading} {nth}");
        let dot = node.children().find(|n| n.has_tag_name("circle")).unwrap();
        assert_at(dot, "cy", at.as_secs());
    }
}

#[test]
fn the_time_line_has_a_scale() {
    let line = parse(RETRIES);
    for (tick, name) in with(&line, "data-tick")
        .into_iter()
        .zip(["1 min", "10 min", "1 h", "10 h", "1 d", "7 d"])
    {
        assert_eq!(text(tick), name);
        let mark = tick.children().find(|n| n.has_tag_name("line")).unwrap();
        assert_at(mark, "y1", number(tick, "data-tick"));
    }
    let remembered = with(&line, "data-remember")[0];
    assert_eq!(
        number::<u64>(remembered, "data-remember"),
        REMEMBERED.as_secs()
    );
    assert!(REMEMBERED > REDELIVERY_HORIZON);
}

#[test]
fn each_is_one_block_of_html() {
    for (name, picture) in ALL {
        assert!(picture.starts_with("<figure"), "{name}");
        assert!(picture.ends_with("</figure>\n"), "{name}");
        assert!(
            picture.lines().all(|line| !line.trim().is_empty()),
            "{name}: a blank line ends it"
        );
    }
}

/// For who does not see it.
#[test]
fn each_has_a_title_and_a_description() {
    for (name, picture) in ALL {
        let picture = parse(picture);
        let svg = picture
            .descendants()
            .find(|n| n.has_tag_name("svg"))
            .unwrap();
        assert_eq!(svg.attribute("role"), Some("img"), "{name}");
        let labels = svg.attribute("aria-labelledby").unwrap().split(' ');
        let tags = labels.map(|id| {
            let node = svg
                .children()
                .find(|n| n.attribute("id") == Some(id))
                .unwrap();
            assert!(!text(node).is_empty(), "{name}: {id}");
            node.tag_name().name()
        });
        assert_eq!(tags.collect::<Vec<_>>(), ["title", "desc"], "{name}");
    }
}

/// Light, dark and ayu: no colour of its own.
#[test]
fn each_takes_its_colours_from_the_page() {
    for (name, picture) in ALL {
        for node in parse(picture).descendants() {
            for attribute in ["fill", "stroke"] {
                let colour = node.attribute(attribute).unwrap_or("none");
                let from_page =
                    ["none", "currentColor"].contains(&colour) || colour.starts_with("var(--");
                assert!(from_page, "{name}: {attribute}={colour}");
            }
        }
    }
}

/// At 400 pixels rustdoc leaves 358 for the page.
#[test]
fn each_can_be_read_on_a_phone() {
    for (name, picture) in ALL {
        let picture = parse(picture);
        let svg = picture
            .descendants()
            .find(|n| n.has_tag_name("svg"))
            .unwrap();
        let view = svg.attribute("viewBox").unwrap();
        assert!(view.starts_with("0 0 360 "), "{name}: {view}");
        let style = svg.attribute("style").unwrap();
        assert!(style.contains("max-width: 100%"), "{name}: {style}");
        for node in with(&picture, "font-size") {
            assert!(number::<u32>(node, "font-size") >= 12, "{name}");
        }
    }
}
