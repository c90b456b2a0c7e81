//! One effect for each hash and its transaction, whichever event has it.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD as STANDARD, BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD};
use edexa_webhooks::WebhookEvent;
use edexa_webhooks::testing::EventBuilder;
use inbox::handler::handle;
use inbox::hands;
use inbox::process::Step;
use sqlx::AnyConnection;

use crate::ask::{BELIEVED, Case, KEY, NONE, NOT_FOUND, SET_ASIDE, record, succeeded};
use crate::batch::Handled;
use crate::place::places;

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    let bytes = digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16));
    bytes.collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn a_public_hash_under_an_invented_id_has_no_second_effect() {
    for case in Case::each(&[]).await {
        case.api.knows(&record());
        case.accept(&succeeded()).await;
        assert_eq!(case.ask().await, BELIEVED);
        let tx_id = succeeded().data.tx_id.unwrap().to_string();
        let bare = tx_id.trim_start_matches("0x").to_owned();
        let hash = succeeded().data.hash.to_string();
        let spelled = [
            (hash.clone(), tx_id),
            (hash.to_uppercase(), format!("0x{}", bare.to_uppercase())),
            (URL_SAFE_NO_PAD.encode(&hash), bare.clone()),
            (STANDARD.encode(bytes_of(&hash)), bare),
        ];
        for (number, (hash, tx_id)) in spelled.into_iter().enumerate() {
            let id = format!("aaaaaaaaaaaaaaaaaaaaaaa{number}");
            let invented = EventBuilder::succeeded().stamp_id(id.clone());
            case.accept(&invented.hash(hash).tx_id(tx_id).build()).await;
            assert_eq!(case.ask().await, SET_ASIDE);
            let (state, error, _) = case.event(&format!("{id}:succeed")).await;
            assert_eq!(state, "set-aside");
            let reason = format!("its hash and transaction had their effect with {KEY}");
            assert_eq!(error, reason);
        }
        assert_eq!(case.effects().await, 1);
    }
}

/// What a person has decided on has its effect, and no other event has it again.
#[tokio::test]
async fn an_event_that_is_believed_has_the_effect_of_its_hash() {
    for case in Case::each(&["--api-silent-ms", "0"]).await {
        case.api.says(404, NOT_FOUND);
        case.accept(&succeeded()).await;
        assert_eq!(case.ask().await, SET_ASIDE);
        let release = hands::release(&case.place.store, KEY, Some("compared"));
        release.await.unwrap();
        assert_eq!(case.ask().await, BELIEVED);
        case.api.knows(&record());
        let id = "aaaaaaaaaaaaaaaaaaaaaaaa";
        let invented = EventBuilder::succeeded().stamp_id(id).build();
        case.accept(&invented).await;
        assert_eq!(case.ask().await, SET_ASIDE);
        assert_eq!(case.effects().await, 1);
        let release = hands::release(
            &case.place.store,
            "aaaaaaaaaaaaaaaaaaaaaaaa:succeed",
            Some("compared"),
        );
        release.await.unwrap();
        assert_eq!(case.ask().await, BELIEVED);
        assert_eq!(case.effects().await, 2);
    }
}

/// As it stands in `ON-CALL.md`.
#[tokio::test]
async fn an_event_takes_the_place_of_a_forgery() {
    let page = include_str!("../../ON-CALL.md");
    let start = page.find("UPDATE inbox.events SET confirmation").unwrap();
    let by_hand = page[start..].split("```").next().unwrap();
    for case in Case::each(&[]).await {
        let forged = EventBuilder::succeeded().tx_id(format!("0x{}", "1".repeat(64)));
        case.accept(&forged.build()).await;
        case.api.knows(&record());
        assert_eq!(case.ask().await, SET_ASIDE);
        case.accept(&succeeded()).await;
        let digests = case.place.column("SELECT digest FROM inbox.conflicts");
        let digest = digests.await.concat();
        let by_hand = by_hand.replace("KEY", KEY).replace("DIGEST", &digest);
        let conflicts = "SELECT COUNT(*) FROM inbox.conflicts";
        // While it is not set aside, nothing is lost by it.
        for (state, left) in [("pending", 1), ("set-aside", 0)] {
            let set = format!("UPDATE inbox.events SET state = '{state}'");
            case.place.execute(&set).await;
            for statement in by_hand.split_terminator(";\n") {
                case.place.execute(statement).await;
            }
            assert_eq!(case.place.count(conflicts).await, left);
        }
        hands::release(&case.place.store, KEY, None).await.unwrap();
        assert_eq!(case.ask().await, BELIEVED);
        let tx_id = case.place.column("SELECT tx_id FROM inbox.stamps").await;
        assert_eq!(tx_id, [succeeded().data.tx_id.unwrap().to_string()]);
    }
}

/// Fails for the genuine one.
fn picky<'a>(transaction: &'a mut AnyConnection, events: &'a [WebhookEvent]) -> Handled<'a> {
    Box::pin(async move {
        let is_genuine = |event: &WebhookEvent| event.idempotency_key().as_str() == KEY;
        if events.iter().any(is_genuine) {
            return Err("picky".into());
        }
        handle(transaction, events).await
    })
}

/// In the batch that failed, it was another one's.
#[tokio::test]
async fn an_effect_that_is_had_after_all_leaves_no_reason() {
    for place in places().await {
        let case = Case::with(place, picky, &[]).await;
        case.api.knows(&record());
        case.accept(&succeeded()).await;
        let id = "aaaaaaaaaaaaaaaaaaaaaaaa";
        case.accept(&EventBuilder::succeeded().stamp_id(id).build())
            .await;
        let step = Step {
            done: 1,
            retried: 1,
            ..NONE
        };
        assert_eq!(case.ask().await, step);
        let (state, error, _) = case.event(&format!("{id}:succeed")).await;
        assert_eq!((&*state, &*error), ("done", ""));
    }
}

#[tokio::test]
async fn an_effect_that_failed_is_free_again() {
    for case in Case::each(&["--max-attempts", "1"]).await {
        case.api.knows(&record());
        case.accept(&succeeded()).await;
        case.place
            .execute("ALTER TABLE inbox.stamps RENAME TO away")
            .await;
        assert_eq!(case.ask().await, SET_ASIDE);
        let effects = "SELECT COUNT(*) FROM inbox.effects";
        assert_eq!(case.place.count(effects).await, 0);
    }
}
