//! An event in a log: one line, clipped, with nothing that a terminal obeys.

use edexa_webhooks::WebhookEvent;
use edexa_webhooks::testing::{EventBuilder, FAILED, SUCCEEDED};
use serde_json::json;

#[track_caller]
fn assert_shown(event: EventBuilder, line: &str) {
    assert_eq!(event.build().to_string(), line);
}

#[test]
fn the_documented_samples_in_one_line() {
    let show = |body: &str| body.parse::<WebhookEvent>().unwrap().to_string();
    assert_eq!(
        show(SUCCEEDED),
        r#"succeed stamp "6475c02029b5bab6d2f2c6dc" in transaction "0x3b7d586651f386c0d415fa1349b9ec0be07b78c86""#
    );
    assert_eq!(
        show(FAILED),
        r#"failed stamp "6475d6153b1b98c0686866cd" of hash "6d6db6agfgdfgffggffgggsg1ed""#
    );
}

#[test]
fn a_whole_transaction_id_fits() {
    assert_shown(
        EventBuilder::succeeded(),
        "succeed stamp \"6475c02029b5bab6d2f2c6dc\" in transaction \
         \"0x3b7d586651f386c0d415fa1349b9ec0be07b78c86f52b1e0a4d9c37e6815af02\"",
    );
}

#[test]
fn without_a_transaction_the_hash_is_shown() {
    let line = r#"succeed stamp "1" of hash "abc""#;
    let event = EventBuilder::succeeded().stamp_id("1").hash("abc");
    assert_shown(event.clone().without_tx_id(), line);
    for placeholder in ["", " ", "0X", "Null", "\tundefined\n"] {
        assert_shown(event.clone().tx_id(placeholder), line);
    }
    let line = r#"succeed stamp "1" in transaction "0x1""#;
    assert_shown(event.tx_id("0x1"), line);
}

#[test]
fn each_text_is_clipped_at_66_characters() {
    let (fits, long) = ("é".repeat(66), "é".repeat(67));
    let event = EventBuilder::failed().action("a").stamp_id("b").hash("c");
    for (text, shown) in [
        (fits.clone(), format!("\"{fits}\"")),
        (long, format!("\"{fits}\"…")),
        // What was clipped differs from what ends so.
        (format!("{}…", &fits[2..]), format!("\"{}…\"", &fits[2..])),
    ] {
        assert_shown(
            event.clone().action(text.as_str()),
            &format!("{shown} stamp \"b\" of hash \"c\""),
        );
        assert_shown(
            event.clone().stamp_id(text.as_str()),
            &format!("\"a\" stamp {shown} of hash \"c\""),
        );
        assert_shown(
            event.clone().hash(text.as_str()),
            &format!("\"a\" stamp \"b\" of hash {shown}"),
        );
        assert_shown(
            event.clone().tx_id(text.as_str()),
            &format!("\"a\" stamp \"b\" in transaction {shown}"),
        );
    }
}

#[test]
fn each_text_is_escaped() {
    let event = EventBuilder::failed()
        .action("\n")
        .stamp_id("\u{1b}[2J")
        .hash("\u{202e}");
    assert_shown(
        event.clone(),
        r#""\n" stamp "\u{1b}[2J" of hash "\u{202e}""#,
    );
    assert_shown(
        event.tx_id("\u{85}\0"),
        r#""\n" stamp "\u{1b}[2J" in transaction "\u{85}\0""#,
    );
}

#[test]
fn a_forged_id_or_action_stays_in_its_quotation() {
    let tx_id = "0x3b7d586651f386c0d415fa1349b9ec0be07b78c8";
    let id = format!("6475c02029b5bab6d2f2c6dc in transaction {tx_id}");
    assert_shown(
        EventBuilder::failed().stamp_id(id.as_str()).hash("h"),
        &format!("failed stamp \"{}\"… of hash \"h\"", &id[..66]),
    );
    let action = r#"succeed stamp "1" in transaction "2""#;
    assert_shown(
        EventBuilder::failed()
            .action(action)
            .stamp_id("1")
            .hash("h"),
        r#""succeed stamp \"1\" in transaction \"2\"" stamp "1" of hash "h""#,
    );
}

/// Controls of C0 and C1, line separators, marks of direction, the invisible.
const HOSTILE: &str =
    "\0\u{7}\t\n\r\u{1b}[2J\u{7f}\u{85}\u{9b}\u{200b}\u{200f}\u{2028}\u{202e}\u{2066}\u{feff}";

fn hostile() -> EventBuilder {
    EventBuilder::succeeded()
        .webhook_id(HOSTILE)
        .action_id(HOSTILE)
        .action(HOSTILE)
        .stamp_id(HOSTILE)
        .user_id(HOSTILE)
        .client_id(HOSTILE)
        .name(HOSTILE)
        .blockchain_id(HOSTILE)
        .tx_id(HOSTILE)
        .hash(HOSTILE)
        .stamp_type(HOSTILE)
        .code(HOSTILE)
        .extra(HOSTILE, &json!({ HOSTILE: HOSTILE }))
        .stamp_extra(HOSTILE, &json!([HOSTILE]))
}

#[track_caller]
fn assert_harmless(shown: &str) {
    let raw: Vec<char> = shown
        .chars()
        .filter(|c| HOSTILE.contains(*c) && !c.is_ascii_graphic())
        .collect();
    assert!(raw.is_empty(), "{raw:?} in {shown:?}");
}

#[test]
fn nothing_hostile_is_shown_raw() {
    let builder = hostile();
    assert_harmless(&format!("{builder:?}"));
    let event = builder.build();
    assert_harmless(&event.to_string());
    assert_harmless(&format!("{event:?}"));
    assert_harmless(&format!("{:?}", event.outcome()));
    assert_harmless(&format!("{:?}", event.idempotency_key()));
    assert_harmless(event.idempotency_key().as_str());
    let findings = event.check();
    assert_harmless(&format!("{findings:?}"));
    assert!(findings.len() > 8);
    for finding in &findings {
        assert_harmless(&finding.to_string());
    }
}

#[test]
fn debug_on_several_lines_breaks_only_its_own() {
    let shown = format!("{:#?}", hostile().build());
    assert_harmless(&shown.replace('\n', ""));
    let harmless = format!("{:#?}", hostile().name("a").build());
    assert_eq!(shown.lines().count(), harmless.lines().count());
}
