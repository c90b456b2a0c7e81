//! Laws and helpers, over events and bodies that nobody thought of.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use edexa_webhooks::chrono::DateTime;
use edexa_webhooks::serde_json::{self, Value};
use edexa_webhooks::strategies::{any_event, coherent_event, wire_body};
use edexa_webhooks::{
    Action, EventName, IdempotencyKey, Rejection, Relation, Rule, StampId, StampStatus, StampType,
    WebhookEvent, delivery,
};
use proptest::prelude::*;
use proptest::sample::select;

use crate::fuzz_checks;

/// What fails goes to `tests/fixtures/regressions` by hand, with a name.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Events of which many are about one stamp, with one of few actions and
/// contents.
fn related_event() -> impl Strategy<Value = WebhookEvent> {
    let id = select(["6475c02029b5bab6d2f2c6dc", "6475C02029B5BAB6D2F2C6DC", ""].as_slice());
    let action = select(["succeed", "failed", "revoked"].as_slice());
    let code = select(["a", "b"].as_slice());
    let webhook_id = select(["1", "2"].as_slice());
    let tx_id = select([None, None, Some(" Null "), Some("0x1")].as_slice());
    let metas = [
        "1.0",
        "10e-1",
        "[1]",
        "null",
        r#"{"a":0,"b":1}"#,
        r#"{"b":1,"a":2,"\u0061":0}"#,
    ];
    let meta = proptest::option::of(select(metas.to_vec()));
    let millis = select([0, 1, 2].as_slice());
    let parts = (id, action, code, webhook_id, tx_id, meta, millis);
    parts.prop_map(|(id, action, code, webhook_id, tx_id, meta, millis)| {
        let mut event = edexa_webhooks::testing::EventBuilder::failed()
            .stamp_id(id)
            .action(action)
            .code(code)
            .webhook_id(webhook_id)
            .build();
        event.data.tx_id = tx_id.map(Into::into);
        event.data.updated_at += edexa_webhooks::chrono::TimeDelta::milliseconds(millis);
        if let Some(json) = meta {
            event.data.extra.insert("metaData", json).unwrap();
        }
        event
    })
}

/// The same event, or another.
fn related_pair() -> impl Strategy<Value = (WebhookEvent, WebhookEvent)> {
    (related_event(), related_event(), any::<[bool; 4]>()).prop_map(|(a, mut b, same)| {
        if same[0] {
            b.data.id = a.data.id.clone();
            b.action = a.action.clone();
        }
        if same[1] {
            b.data.code = a.data.code.clone();
            b.data.updated_at = a.data.updated_at;
        }
        if same[2] {
            b.data.extra = a.data.extra.clone();
        }
        if same[3] {
            b.data.tx_id = a.data.tx_id.clone();
        }
        (a, b)
    })
}

/// The ids that [`related_event`] picks are one if they are equal but for their case.
fn key_parts(event: &WebhookEvent) -> (String, &str) {
    (event.data.id.as_str().to_lowercase(), event.action.as_str())
}

mod strategies {
    use super::*;

    proptest! {
        #![proptest_config(cases(128))]

        #[test]
        fn any_event_can_be_sent(event in any_event()) {
            let json = event.to_json().unwrap();
            prop_assert_eq!(WebhookEvent::from_slice(json.as_bytes()), Ok(event));
        }

        #[test]
        fn a_coherent_event_breaks_no_rule(event in coherent_event()) {
            prop_assert!(event.check().is_empty(), "{}", event.check());
            prop_assert!(!event.action.is_unknown() && event.outcome().is_ok());
        }
    }

    /// One strategy's values under a fixed seed, to count what is among them.
    fn samples<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, count: usize) -> Vec<T> {
        use proptest::strategy::ValueTree;
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        (0..count)
            .map(|_| strategy.new_tree(&mut runner).unwrap().current())
            .collect()
    }

    #[test]
    fn events_are_of_every_kind() {
        let events = samples(any_event(), 600);
        let count = |is: fn(&WebhookEvent) -> bool| events.iter().filter(|e| is(e)).count();
        for (kind, found) in [
            ("without findings", count(|e| e.check().is_empty())),
            ("with findings", count(|e| !e.check().is_empty())),
            ("without outcome", count(|e| e.outcome().is_err())),
            ("of another action", count(|e| e.action.is_unknown())),
            ("with unknown keys", count(|e| !e.extra.is_empty())),
        ] {
            assert!(found >= 15, "{found} of {} events are {kind}", events.len());
        }
        for rule in Rule::ALL {
            // Two need a clock, and no text is that long.
            let is_never = [
                Rule::FutureTimestamp,
                Rule::PastRedeliveryHorizon,
                Rule::OversizedIdentity,
            ];
            let is_found = events.iter().any(|event| event.check().contains(*rule));
            assert_eq!(is_found, !is_never.contains(rule), "{rule}");
        }
    }

    /// Seconds from the instant in the stamp's id to `createdAt`.
    #[test]
    fn clocks_drift_both_ways() {
        let events = samples(coherent_event(), 100);
        let drift = |event: &WebhookEvent| {
            let made_at = event.data.id.timestamp().unwrap();
            event.data.created_at.timestamp() - made_at.timestamp()
        };
        let drifts: BTreeSet<i64> = events.iter().map(drift).collect();
        assert_eq!(drifts, (-5..=5).collect());
    }

    #[test]
    fn bodies_are_of_every_kind() {
        let read: Vec<_> = samples(wire_body(), 400)
            .iter()
            .map(|body| WebhookEvent::from_slice(body))
            .collect();
        let accepted = read.iter().filter(|read| read.is_ok()).count();
        assert!((100..300).contains(&accepted), "{accepted} accepted");
        for (category, at_least) in [("data", 40), ("syntax", 40), ("encoding", 10)] {
            let errors = read.iter().filter_map(|read| read.as_ref().err());
            let found = errors.filter(|e| e.category().code() == category).count();
            assert!(found >= at_least, "{found} of {category}");
        }
    }
}

mod bodies {
    use super::*;

    proptest! {
        #![proptest_config(cases(256))]

        /// Never a panic; short and harmless errors; problem details that are
        /// JSON.
        #[test]
        fn are_read_or_refused_with_all_laws_kept(body in wire_body()) {
            fuzz_checks::parse(&body);
        }

        #[test]
        fn are_read_alike_by_every_entry_point(body in wire_body()) {
            fuzz_checks::agree(&body);
        }

        #[test]
        fn come_out_as_they_went_in(body in wire_body()) {
            fuzz_checks::roundtrip(&body);
        }
    }
}

mod keys {
    use super::*;

    proptest! {
        #![proptest_config(cases(256))]

        #[test]
        fn are_equal_for_equal_stamp_and_action_alone(a in related_event(), b in related_event()) {
            let same_key = a.idempotency_key() == b.idempotency_key();
            prop_assert_eq!(same_key, key_parts(&a) == key_parts(&b));
            prop_assert_eq!(same_key, a.is_redelivery_of(&b) || a.conflicts_with(&b));
        }

        /// Wherever a text is cut in two, the key differs.
        #[test]
        fn do_not_confuse_where_the_id_ends(event in any_event(), text in "[:%a-c]{0,6}", at in 0..6_usize) {
            let mut keys = Vec::new();
            for at in [0, at.min(text.len()), text.len()] {
                let mut event = event.clone();
                event.data.id = text[..at].into();
                event.action = text[at..].into();
                keys.push((at, event.idempotency_key()));
            }
            for (a, a_key) in &keys {
                for (b, b_key) in &keys {
                    prop_assert_eq!(a == b, a_key == b_key);
                }
            }
        }

        #[test]
        fn come_back_from_text_and_json(event in any_event()) {
            let key = event.idempotency_key();
            let read: IdempotencyKey = key.as_str().parse().unwrap();
            prop_assert_eq!(&read, &key);
            let json = serde_json::to_string(&key).unwrap();
            prop_assert_eq!(&serde_json::from_str::<IdempotencyKey>(&json).unwrap(), &key);
            let plain = |c: char| c.is_ascii_alphanumeric() || "-._~%:".contains(c);
            prop_assert!(key.as_str().chars().all(plain));
        }

        #[test]
        fn fit_an_index_if_the_event_is_accepted(
            event in coherent_event(),
            id in "[a:é日😀]{1,90}",
            action in select(["succeed", "failed", "é", "revoked::"].as_slice()),
        ) {
            let mut event = event;
            event.data.id = id.into();
            event.action = action.into();
            let bytes = event.idempotency_key().as_str().len();
            let is_oversized = event.check().contains(Rule::OversizedIdentity);
            prop_assert_eq!(is_oversized, bytes > 255, "{} bytes", bytes);
            prop_assert!(bytes <= 255 || event.outcome().is_err());
        }

        /// A text is refused, or it is the key of some event.
        #[test]
        fn are_all_made_by_some_event(text in "([a-c]|%[0-9A-Fa-f]{2}|[:%. é]){0,6}(:succeed)?") {
            let Ok(key) = text.parse::<IdempotencyKey>() else { return Ok(()) };
            let decode = |part: &str| {
                let mut bytes = Vec::new();
                let mut rest = part;
                while let Some(first) = rest.chars().next() {
                    let taken = if first == '%' { 3 } else { 1 };
                    bytes.push(match first {
                        '%' => u8::from_str_radix(&rest[1..3], 16).unwrap(),
                        _ => rest.as_bytes()[0],
                    });
                    rest = &rest[taken..];
                }
                String::from_utf8(bytes).unwrap()
            };
            let (id, action) = key.as_str().split_once(':').unwrap();
            let event = edexa_webhooks::testing::EventBuilder::failed()
                .stamp_id(decode(id))
                .action(decode(action))
                .build();
            prop_assert_eq!(event.idempotency_key(), key);
        }
    }
}

mod redelivery {
    use super::*;

    proptest! {
        #![proptest_config(cases(256))]

        #[test]
        fn is_an_equivalence(a in related_event(), b in related_event(), c in related_event()) {
            prop_assert!(a.is_redelivery_of(&a));
            prop_assert_eq!(a.is_redelivery_of(&b), b.is_redelivery_of(&a));
            if a.is_redelivery_of(&b) && b.is_redelivery_of(&c) {
                prop_assert!(a.is_redelivery_of(&c));
            }
        }

        #[test]
        fn is_one_of_three_relations_that_are_symmetric((a, b) in related_pair()) {
            let relation = a.relation_to(&b);
            prop_assert_eq!(b.relation_to(&a), relation);
            prop_assert_eq!(a.is_redelivery_of(&b), relation == Relation::Redelivery);
            prop_assert_eq!(a.conflicts_with(&b), relation == Relation::Conflict);
            let same_key = a.idempotency_key() == b.idempotency_key();
            prop_assert_eq!(same_key, relation != Relation::Unrelated);
        }

        /// A store compares fingerprints in place of events.
        #[test]
        fn is_what_equal_fingerprints_of_one_key_tell((a, b) in related_pair()) {
            let same_fingerprint = a.fingerprint() == b.fingerprint();
            if a.idempotency_key() == b.idempotency_key() {
                prop_assert_eq!(same_fingerprint, a.is_redelivery_of(&b));
            }
        }

        #[test]
        fn survives_what_is_written_and_read(event in any_event()) {
            let again: WebhookEvent = event.to_json().unwrap().parse().unwrap();
            prop_assert_eq!(again.relation_to(&event), Relation::Redelivery);
            prop_assert_eq!(again.fingerprint(), event.fingerprint());
        }

        #[test]
        fn is_blind_to_the_envelopes_ids_and_keys(event in any_event(), other in any_event()) {
            let mut again = event.clone();
            again.webhook_id = other.webhook_id;
            again.action_id = other.action_id;
            again.extra = other.extra;
            prop_assert!(again.is_redelivery_of(&event));
        }

        #[test]
        fn is_not_blind_to_data(event in any_event(), other in any_event()) {
            let mut forged = event.clone();
            forged.data = other.data;
            forged.data.id = event.data.id.clone();
            prop_assert_eq!(forged.conflicts_with(&event), forged.data != event.data);
        }
    }

    #[test]
    fn attempts_are_ordered() {
        let delays = delivery::RETRY_DELAYS;
        assert!(delays.is_sorted_by(|a, b| a < b));
        assert_eq!(
            delays.iter().sum::<std::time::Duration>(),
            delivery::REDELIVERY_HORIZON
        );
    }
}

mod order {
    use super::*;

    /// Neither is the later word.
    fn is_tie(a: &WebhookEvent, b: &WebhookEvent) -> bool {
        !a.supersedes(b) && !b.supersedes(a)
    }

    proptest! {
        #![proptest_config(cases(512))]

        #[test]
        fn is_a_strict_weak_one_of_the_events_of_a_stamp(
            a in related_event(), b in related_event(), c in related_event(),
        ) {
            let (mut b, mut c) = (b, c);
            b.data.id = a.data.id.clone();
            c.data.id = a.data.id.clone();
            prop_assert!(!a.supersedes(&a));
            prop_assert!(!(a.supersedes(&b) && b.supersedes(&a)));
            if a.supersedes(&b) && b.supersedes(&c) {
                prop_assert!(a.supersedes(&c));
            }
            if is_tie(&a, &b) && is_tie(&b, &c) {
                prop_assert!(is_tie(&a, &c));
            }
            // By time, and of two at one instant, success is the later word.
            let later = a.data.updated_at > b.data.updated_at;
            let same = a.data.updated_at == b.data.updated_at;
            let wins = a.is_succeeded() && !b.is_succeeded();
            prop_assert_eq!(a.supersedes(&b), later || same && wins);
        }

        #[test]
        fn is_of_one_stamp_alone(a in related_event(), b in related_event()) {
            if !a.same_stamp(&b) {
                prop_assert!(is_tie(&a, &b));
            }
        }
    }
}

mod values {
    use super::*;

    proptest! {
        #![proptest_config(cases(256))]

        #[test]
        fn ids_keep_their_instant(seconds: u32, rest in "[0-9a-fA-F]{16}") {
            let instant = DateTime::from_timestamp(seconds.into(), 0);
            for id in [format!("{seconds:08x}{rest}"), format!("{seconds:08X}{rest}")] {
                let id = StampId::from(id);
                prop_assert_eq!(id.timestamp(), instant);
                let json = serde_json::to_string(&id).unwrap();
                prop_assert_eq!(serde_json::from_str::<StampId>(&json).unwrap().timestamp(), instant);
            }
        }

        #[test]
        fn only_object_ids_have_an_instant(text in "[0-9a-fg]{22,26}") {
            let is_object_id = text.len() == 24 && !text.contains('g');
            let id = StampId::from(text);
            prop_assert_eq!(id.timestamp().is_some(), is_object_id);
            prop_assert_eq!(id.is_object_id(), is_object_id);
        }

        #[test]
        fn unknown_ones_survive_every_path(
            event in any_event(),
            action: String,
            stamp_type: String,
            status: i64,
        ) {
            let mut event = event;
            event.action = Action::from(action.as_str());
            event.data.stamp_type = StampType::from(stamp_type.as_str());
            event.data.status = StampStatus::from(status);
            let json = serde_json::to_string(&event).unwrap();
            let value = serde_json::to_value(&event).unwrap();
            let mut cbor = Vec::new();
            ciborium::into_writer(&event, &mut cbor).unwrap();
            for read in [
                WebhookEvent::from_slice(json.as_bytes()).unwrap(),
                json.parse().unwrap(),
                serde_json::from_str(&json).unwrap(),
                value.try_into().unwrap(),
                ciborium::from_reader(cbor.as_slice()).unwrap(),
            ] {
                prop_assert_eq!(read.action.as_str(), &action);
                prop_assert_eq!(read.data.stamp_type.as_str(), &stamp_type);
                prop_assert_eq!(read.data.status.code(), status);
            }
        }

        #[test]
        fn unknown_keys_keep_their_text(event in any_event()) {
            let json = event.to_json().unwrap();
            let read: WebhookEvent = json.parse().unwrap();
            for (read, sent) in [(&read.extra, &event.extra), (&read.data.extra, &event.data.extra)] {
                prop_assert!(read.iter().eq(sent.iter()), "{json}");
            }
        }

        #[test]
        fn order_is_that_of_the_wire(a: String, b: String, m: i64, n: i64) {
            for a in [a.as_str(), "succeed", "failed"] {
                prop_assert_eq!(Action::from(a).cmp(&Action::from(b.as_str())), a.cmp(&b));
            }
            for m in [m, 0, 1, 2] {
                prop_assert_eq!(StampStatus::from(m).cmp(&StampStatus::from(n)), m.cmp(&n));
            }
        }

        #[test]
        fn event_names_are_four(name in "hash\\.(success|succeed|failure|failed|x)|[a-z.]{0,12}") {
            match name.parse::<EventName>() {
                Ok(read) => {
                    prop_assert!(name.starts_with("hash."));
                    prop_assert_eq!(read.action().event_name(), Some(read));
                }
                Err(error) => prop_assert_eq!(
                    error.to_string(),
                    format!(
                        "expected `hash.success`, `hash.succeed`, `hash.failure` or `hash.failed`, \
                         found \"{name}\""
                    )
                ),
            }
        }
    }
}

mod findings {
    use super::*;

    /// The same value in another order of keys, and with white space.
    fn respelled(value: &Value, ranks: &[u8], space: &str) -> String {
        let Value::Object(entries) = value else {
            return value.to_string();
        };
        let mut entries: Vec<_> = entries.iter().zip(ranks.iter().cycle()).collect();
        entries.sort_by_key(|(_, rank)| **rank);
        let entries: Vec<_> = entries
            .into_iter()
            .map(|((key, value), _)| {
                let (key, value) = (Value::from(key.as_str()), respelled(value, ranks, space));
                format!("{space}{key}{space}:{space}{value}{space}")
            })
            .collect();
        format!("{{{}}}", entries.join(","))
    }

    proptest! {
        #![proptest_config(cases(128))]

        #[test]
        fn do_not_depend_on_key_order_or_white_space(
            event in any_event(),
            ranks in proptest::collection::vec(any::<u8>(), 24),
            space in "[ \\t\\r\\n]{0,3}",
        ) {
            let body = respelled(&serde_json::to_value(&event).unwrap(), &ranks, &space);
            let read: WebhookEvent = body.parse().unwrap();
            prop_assert_eq!(crate::reference::meaning(&read), crate::reference::meaning(&event));
            prop_assert_eq!(read.check(), event.check());
            let now = event.data.updated_at;
            prop_assert_eq!(read.check_at(now), event.check_at(now));
        }

        #[test]
        fn name_the_one_thing_that_was_changed(
            event in coherent_event(),
            nth in 0..fuzz_checks::CHANGES.len(),
        ) {
            fuzz_checks::assert_change_is_found(event, nth);
        }

        #[test]
        fn of_an_error_rule_make_problem_details(event in any_event()) {
            let Err(invalid) = event.outcome() else { return Ok(()) };
            let count = invalid.iter().count();
            let rejection = Rejection::from(invalid);
            let problem: Value = serde_json::from_str(&rejection.to_problem_json()).unwrap();
            prop_assert_eq!(problem["errors"].as_array().unwrap().len(), count);
            prop_assert_eq!(&problem["status"], 422);
        }

        /// Warnings of the clock come and go as time passes, each in its turn.
        #[test]
        fn of_the_clock_depend_on_it_alone(event in coherent_event(), seconds in -200_000_i64..200_000) {
            let now = event.data.updated_at + edexa_webhooks::chrono::TimeDelta::seconds(seconds);
            let found = event.check_at(now);
            let pointers = |rule| found.iter().filter(move |f| f.rule == rule).map(|f| f.pointer);
            prop_assert_eq!(
                pointers(Rule::FutureTimestamp).any(|pointer| pointer == "/data/updatedAt"),
                seconds < -300
            );
            prop_assert_eq!(found.contains(Rule::PastRedeliveryHorizon), seconds > 113_700 + 300);
        }
    }
}

/// What a body's error shows is checked with `bodies`; here, what an event does.
mod shown {
    use super::*;

    proptest! {
        #![proptest_config(cases(128))]

        #[test]
        fn events_are_one_harmless_line(event in any_event()) {
            let shown = event.to_string();
            prop_assert!(!shown.contains(char::is_control), "{shown:?}");
            prop_assert!(shown.chars().count() < 3 * 66 * 10, "{shown}");
        }
    }

    /// Texts that try to look like something else: escapes that stand there already, the
    /// line's own words, and what differs only where it is clipped.
    fn forged() -> impl Strategy<Value = String> {
        let piece = select(
            [
                "a",
                "\"",
                "\\",
                "\n",
                "\\n",
                "\u{202e}",
                "\\u{202e}",
                "…",
                "\"…",
                "succeed",
                " stamp ",
                "\" stamp \"",
                "\" of hash \"",
                "\" in transaction \"",
                "0x",
            ]
            .as_slice(),
        );
        let start = select([0_usize, 0, 0, 64, 65, 66, 67].as_slice());
        (start, proptest::collection::vec(piece, 0..4))
            .prop_map(|(start, pieces)| "x".repeat(start) + &pieces.concat())
    }

    fn forger() -> impl Strategy<Value = WebhookEvent> {
        let action = prop_oneof![Just("succeed".to_owned()), forged()];
        let tx_id = proptest::option::of(forged());
        (action, forged(), tx_id, forged()).prop_map(|(action, id, tx_id, hash)| {
            let mut event = edexa_webhooks::testing::EventBuilder::failed()
                .action(action)
                .stamp_id(id)
                .hash(hash)
                .build();
            event.data.tx_id = tx_id.map(Into::into);
            event
        })
    }

    /// The fields that are shown, as far as they are, and whether that is all of them.
    fn fields(event: &WebhookEvent) -> [(bool, String, bool); 3] {
        let clip = |is_other, text: &str| {
            let clipped: String = text.chars().take(66).collect();
            let is_whole = clipped == text;
            (is_other, clipped, is_whole)
        };
        let data = &event.data;
        let last = match data.transaction() {
            Some(tx_id) => clip(true, tx_id.as_str()),
            None => clip(false, data.hash.as_str()),
        };
        [
            clip(event.action.is_unknown(), event.action.as_str()),
            clip(false, data.id.as_str()),
            last,
        ]
    }

    proptest! {
        #![proptest_config(cases(2048))]

        #[test]
        fn equal_lines_mean_equal_fields(a in forger(), b in forger(), same in any::<[bool; 3]>()) {
            let mut b = b;
            if same[0] {
                b.action = a.action.clone();
            }
            if same[1] {
                b.data.id = a.data.id.clone();
            }
            if same[2] {
                b.data.hash = a.data.hash.clone();
                b.data.tx_id = a.data.tx_id.clone();
            }
            prop_assert_eq!(a.to_string() == b.to_string(), fields(&a) == fields(&b));
        }

        /// The nearest that there is: the id as it is shown, or clipped.
        #[test]
        fn an_id_is_not_mistaken_for_how_another_is_shown(a in forger(), nth in 0..6_usize) {
            let id = a.data.id.as_str();
            let clipped: String = id.chars().take(66).collect();
            let mut b = a.clone();
            b.data.id = match nth {
                0 => id.escape_debug().to_string(),
                1 => id.replace('\\', "\\\\"),
                2 => format!("{id}…"),
                3 => format!("{clipped}\"…"),
                4 => format!("{clipped}…"),
                _ => clipped,
            }.into();
            prop_assert_eq!(a.to_string() == b.to_string(), fields(&a) == fields(&b));
        }

        /// No text gets out of its quotation: outside of it stand the line's own words.
        #[test]
        fn no_text_imitates_the_words_around_it(event in forger()) {
            let shown = event.to_string();
            let (mut outside, mut chars, mut is_inside) = (String::new(), shown.chars(), false);
            while let Some(c) = chars.next() {
                match c {
                    '"' => {
                        is_inside = !is_inside;
                        outside.push('"');
                    }
                    '\\' if is_inside => drop(chars.next()),
                    _ if is_inside => {}
                    c => outside.push(c),
                }
            }
            let outside = outside.replace("\"\"…", "\"\"");
            let action = if event.action.is_unknown() { "\"\"" } else { event.action.as_str() };
            let last = if event.has_transaction() { "in transaction" } else { "of hash" };
            prop_assert_eq!(outside, format!("{action} stamp \"\" {last} \"\""));
        }
    }
}
