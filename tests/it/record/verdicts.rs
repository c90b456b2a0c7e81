//! Events held against records and receipts.

use edexa_webhooks::record::{Confirmation, StampReceipt, StampRecord, Verdict};
use edexa_webhooks::testing::{EventBuilder, receipt_of, record_of};
use edexa_webhooks::{StampStatus, WebhookEvent};
use serde_json::{Value, json};

use Verdict::{Confirmed, Contradicted, Silent};

const SHA_256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const TX_ID: &str = "0x3b7d586651f386c0d415fa1349b9ec0be07b78c86f52b1e0a4d9c37e6815af02";

fn record(json: &Value) -> StampRecord {
    serde_json::from_value(json.clone()).unwrap()
}

fn success() -> WebhookEvent {
    EventBuilder::succeeded()
        .name("a.pdf")
        .is_esign(false)
        .build()
}

/// A record that says everything, with one key changed.
fn with(key: &str, value: Value) -> StampRecord {
    let mut json = serde_json::to_value(record_of(&success())).unwrap();
    json[key] = value;
    record(&json)
}

#[track_caller]
fn assert_verdict(
    event: &WebhookEvent,
    record: &StampRecord,
    verdict: Verdict,
    contradicts: &[&str],
) {
    assert_found(&event.confirm(record), verdict, contradicts);
}

#[track_caller]
fn assert_found(confirmation: &Confirmation, verdict: Verdict, contradicts: &[&str]) {
    let found = confirmation.contradicts().iter().map(|c| c.pointer);
    assert_eq!(
        (confirmation.verdict(), found.collect::<Vec<_>>().as_slice()),
        (verdict, contradicts),
        "{confirmation}"
    );
}

#[test]
fn a_success_is_confirmed_by_hash_and_transaction() {
    let only = |json: Value| record(&json);
    assert_verdict(&success(), &record_of(&success()), Confirmed, &[]);
    assert_verdict(
        &success(),
        &only(json!({ "hash": SHA_256, "txid": TX_ID })),
        Confirmed,
        &[],
    );
    assert_verdict(&success(), &only(json!({ "hash": SHA_256 })), Silent, &[]);
    for nothing in ["", " ", "0x", "null"] {
        assert_verdict(&success(), &with("txid", nothing.into()), Silent, &[]);
    }
}

#[test]
fn each_key_can_contradict() {
    for (key, value, pointer) in [
        ("hash", json!("another"), "/data/hash"),
        ("txid", json!(TX_ID.replace('3', "4")), "/data/txId"),
        ("type", json!("3"), "/data/type"),
        ("code", json!("BD5C9E"), "/data/code"),
        ("filename", json!("b.pdf"), "/data/name"),
        ("isEsign", json!(true), "/data/isEsign"),
        ("isPrivateBc", json!(true), "/data/isPrivateBc"),
    ] {
        assert_verdict(&success(), &with(key, value), Contradicted, &[pointer]);
    }
}

#[test]
fn what_the_record_lacks_is_silence() {
    for key in ["type", "code", "filename", "isEsign", "isPrivateBc"] {
        for nothing in [json!(null), json!("")] {
            if nothing == json!("") && key.starts_with("is") {
                continue;
            }
            assert_verdict(&success(), &with(key, nothing), Confirmed, &[]);
        }
    }
}

#[test]
fn what_the_event_does_not_say_is_not_compared() {
    let event = EventBuilder::succeeded().build();
    assert_verdict(&event, &with("filename", json!("b.pdf")), Confirmed, &[]);
}

#[test]
fn hashes_are_one_in_each_form() {
    for hash in [
        &SHA_256.to_uppercase(),
        "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
        "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg",
        "OWY4NmQwODE4ODRjN2Q2NTlhMmZlYWEwYzU1YWQwMTVhM2JmNGYxYjJiMGI4MjJjZDE1ZDZjMTViMGYwMGEwOA==",
    ] {
        assert_verdict(&success(), &with("hash", hash.into()), Confirmed, &[]);
    }
    // A text that is no digest counts as it is.
    let event = EventBuilder::succeeded().hash("Order-7").build();
    let record = |hash: &str| record(&json!({ "hash": hash, "txid": TX_ID }));
    assert_verdict(&event, &record("Order-7"), Confirmed, &[]);
    assert_verdict(&event, &record("order-7"), Contradicted, &["/data/hash"]);
}

#[test]
fn transactions_are_one_with_and_without_0x_in_either_case() {
    let bare = TX_ID.trim_start_matches("0x");
    for tx_id in [
        bare,
        &bare.to_uppercase(),
        &format!("0X{bare}"),
        &format!(" {TX_ID}"),
    ] {
        assert_verdict(&success(), &with("txid", tx_id.into()), Confirmed, &[]);
    }
    // As edeXa's documentation shortened it.
    let event: WebhookEvent = edexa_webhooks::testing::SUCCEEDED.parse().unwrap();
    let mut same = record_of(&event);
    same.tx_id = Some("3B7D586651F386C0D415FA1349B9EC0BE07B78C86".into());
    assert_verdict(&event, &same, Confirmed, &[]);
    same.tx_id = Some("3B7D586651F386C0D415FA1349B9EC0BE07B78C8".into());
    assert_verdict(&event, &same, Contradicted, &["/data/txId"]);
    // What is not hexadecimal counts as it is.
    let event = EventBuilder::succeeded().tx_id("tx-a").build();
    let mut other = record_of(&event);
    other.tx_id = Some("TX-A".into());
    assert_verdict(&event, &other, Contradicted, &["/data/txId"]);
}

#[test]
fn a_failure_is_never_confirmed() {
    let failure = EventBuilder::failed().build();
    assert_verdict(&failure, &record_of(&failure), Silent, &[]);
    let mut has_transaction = record_of(&failure);
    has_transaction.tx_id = Some(TX_ID.into());
    assert_verdict(&failure, &has_transaction, Contradicted, &["/data/txId"]);
    // Not even by the transaction that it names itself.
    let odd = EventBuilder::failed().tx_id(TX_ID).build();
    assert_verdict(&odd, &has_transaction, Contradicted, &["/data/txId"]);
    has_transaction.tx_id = None;
    assert_verdict(&odd, &has_transaction, Silent, &[]);
}

#[test]
fn an_event_that_claims_no_valid_success_is_never_confirmed() {
    let start = EventBuilder::succeeded;
    for event in [
        start().action("revoked"),
        start().status(StampStatus::Pending),
        start().status(StampStatus::Failed),
        start().hash(""),
        start().stamp_id(""),
        start().stamp_id("é".repeat(100)),
    ] {
        let event = event.build();
        assert_verdict(&event, &record_of(&event), Silent, &[]);
    }
    let event = start().status(3).build();
    assert_verdict(&event, &record_of(&event), Confirmed, &[]);
}

#[test]
fn a_record_says_nothing_of_the_id() {
    let invented = EventBuilder::succeeded()
        .stamp_id("6475c02029b5bab6d2f2ffff")
        .build();
    let confirmation = invented.confirm(&record_of(&success()));
    assert_eq!(confirmation.verdict(), Confirmed);
    assert!(confirmation.silent().contains(&"/data/_id"));
    assert_eq!(
        invented.matches(&receipt_of(&success())).verdict(),
        Contradicted
    );
}

#[track_caller]
fn assert_matches(
    event: &WebhookEvent,
    receipt: &StampReceipt,
    verdict: Verdict,
    contradicts: &[&str],
) {
    assert_found(&event.matches(receipt), verdict, contradicts);
}

#[test]
fn a_receipt_says_whose_stamp_it_is() {
    let (success, failure) = (success(), EventBuilder::failed().build());
    let receipt = receipt_of(&success);
    assert_matches(&success, &receipt, Confirmed, &[]);
    assert_matches(&failure, &receipt_of(&failure), Confirmed, &[]);

    let changed = |change: fn(&mut StampReceipt)| {
        let mut receipt = receipt.clone();
        change(&mut receipt);
        receipt
    };
    let upper_case = changed(|receipt| receipt.id = receipt.id.to_uppercase().into());
    assert_matches(&success, &upper_case, Confirmed, &[]);
    let same = changed(|receipt| receipt.tx_id = Some(TX_ID.to_uppercase().into()));
    assert_matches(&success, &same, Confirmed, &[]);
    for (receipt, pointer) in [
        (
            changed(|receipt| receipt.id = "6475c02029b5bab6d2f2ffff".into()),
            "/data/_id",
        ),
        (
            changed(|receipt| receipt.hash = "another".into()),
            "/data/hash",
        ),
        (
            changed(|receipt| receipt.tx_id = Some("0x1".into())),
            "/data/txId",
        ),
        (
            changed(|receipt| receipt.code = Some("000000".into())),
            "/data/code",
        ),
        (
            changed(|receipt| receipt.file_name = Some("b.pdf".into())),
            "/data/name",
        ),
    ] {
        assert_matches(&success, &receipt, Contradicted, &[pointer]);
    }
    // A failure has no transaction to compare.
    let other = changed(|r| (r.file_name, r.tx_id) = (None, Some(TX_ID.into())));
    assert_matches(&failure, &other, Confirmed, &[]);
    assert_matches(&failure, &changed(|r| r.file_name = None), Confirmed, &[]);
}

#[test]
fn the_reasons_are_one_line_and_data() {
    let mut record = record_of(&success());
    record.tx_id = Some("0x1\" agrees".into());
    record.file_name = None;
    record.code = Some(format!("{}\u{202e}", "x".repeat(50)).into());
    let confirmation = success().confirm(&record);
    assert_eq!(
        confirmation.to_string(),
        "contradicted: /data/txId: the event says \
         \"0x3b7d586651f386c0d415fa1349b9ec0be07b78c86f52b1e0a4d9c37e6815af02\", the API \"0x1\\\" agrees\"; /data/code: the event says \"bd5c9e\", the API \
         \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\\u{202e}\"; agrees on /data/hash, /data/type, \
         /data/isEsign, /data/isPrivateBc; silent on /data/name, /data/_id, /data/userId, \
         /data/blockchainId, /data/status, /data/createdAt, /data/updatedAt",
    );
    let json = serde_json::to_value(&confirmation).unwrap();
    assert_eq!(json["verdict"], "contradicted");
    assert_eq!(
        json["contradicts"][0],
        json!({ "pointer": "/data/txId", "event": TX_ID, "record": "0x1\" agrees" }),
    );

    let failure = EventBuilder::failed().build();
    let mut record = record_of(&failure);
    record.tx_id = Some("0x1".into());
    let line = failure.confirm(&record).to_string();
    assert!(
        line.starts_with("contradicted: /data/txId: the event says none, the API \"0x1\"; "),
        "{line}"
    );
}

/// Words that base64 could write, and that differ in bits which it does not use.
#[test]
fn words_are_no_digests() {
    for (event, record) in [
        ("invoice-2023-00000017A", "invoice-2023-00000017B"),
        ("2023053010552000000012", "2023053010552000000013"),
        ("202305301055200000000000001", "202305301055200000000000002"),
        (
            "Rechnung20230530Nr0000000000000000004A",
            "Rechnung20230530Nr0000000000000000004B",
        ),
        ("order/2023/00000000017", "order_2023_00000000017"),
        ("6d6db6agfgdfgffggffgggsg1ed", "6d6db6agfgdfgffggffgggsg1ef"),
        (
            "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg",
            "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgh",
        ),
    ] {
        let event = EventBuilder::succeeded().hash(event).build();
        let (mut other, mut receipt) = (record_of(&event), receipt_of(&event));
        (other.hash, receipt.hash) = (record.into(), record.into());
        assert_verdict(&event, &other, Contradicted, &["/data/hash"]);
        assert_matches(&event, &receipt, Contradicted, &["/data/hash"]);
    }
    // 48 bytes, in base64 as long as 32 in hexadecimal.
    let event = EventBuilder::succeeded().hash("51".repeat(48)).build();
    let mut same = record_of(&event);
    same.hash = "UVFR".repeat(16).into();
    assert_verdict(&event, &same, Confirmed, &[]);
}

#[test]
fn what_confirm_takes_for_the_same_has_one_spelling() {
    let digits = "5a".repeat(32);
    for tx_id in [
        format!("0X{digits}"),
        format!(" 0x{digits}"),
        digits.clone(),
    ] {
        let event = EventBuilder::succeeded().tx_id(tx_id.as_str()).build();
        assert_verdict(&event, &record_of(&event), Confirmed, &[]);
        assert_eq!(event.data.tx_id.unwrap().normalized().unwrap(), digits);
    }
    // No transaction: as it is, but for white space around it.
    let mut event = EventBuilder::succeeded().tx_id(" Tx-1\n").build();
    assert_eq!(
        event.data.tx_id.as_ref().unwrap().normalized().unwrap(),
        "Tx-1"
    );
    let record = record_of(&event);
    event.data.tx_id = Some("Tx-1".into());
    let confirmation = event.confirm(&record);
    assert!(
        confirmation.agrees().contains(&"/data/txId"),
        "{confirmation}"
    );
}

#[test]
fn the_api_is_not_silent_on_a_transaction_that_only_it_has() {
    let record = record_of(&EventBuilder::succeeded().build());
    let at = "/data/txId";
    for event in [
        EventBuilder::succeeded().without_tx_id(),
        EventBuilder::succeeded().tx_id("null"),
        EventBuilder::failed().action("revoked"),
    ] {
        let event = event.build();
        let confirmation = event.confirm(&record);
        assert_eq!(confirmation.verdict(), Verdict::Silent);
        assert!(!confirmation.silent().contains(&at), "{confirmation}");
        let confirmation = event.confirm(&record_of(&event));
        assert!(confirmation.silent().contains(&at), "{confirmation}");
    }
    let event = EventBuilder::failed().build();
    let mut receipt = receipt_of(&event);
    receipt.tx_id = record.tx_id;
    let confirmation = event.matches(&receipt);
    assert_eq!(confirmation.verdict(), Verdict::Confirmed);
    assert!(!confirmation.silent().contains(&at), "{confirmation}");
}

#[test]
fn a_receipt_is_silent_on_what_it_has_no_key_for() {
    let event = EventBuilder::failed()
        .is_esign(true)
        .client_id("2")
        .blockchain_id("7")
        .build();
    assert_eq!(
        event.matches(&receipt_of(&event)).to_string(),
        "confirmed: agrees on /data/_id, /data/hash, /data/code; silent on \
         /data/txId, /data/type, /data/isEsign, /data/isPrivateBc, /data/userId, \
         /data/clientId, /data/blockchainId, /data/status, /data/createdAt, /data/updatedAt",
    );
}

#[test]
fn what_is_no_transaction_confirms_nothing() {
    let zeros = "0".repeat(64);
    for tx_id in [
        &zeros,
        &format!("0x{zeros}"),
        "0x0",
        "0",
        "none",
        "nil",
        "N/A",
        "-",
        "false",
        "{}",
        "\u{200b}",
    ] {
        let event = EventBuilder::succeeded().tx_id(tx_id).build();
        assert_verdict(&event, &record_of(&event), Silent, &[]);
    }
}

#[test]
fn what_differs_is_shown() {
    let mut record = record_of(&success());
    record.tx_id = Some(TX_ID.replace("af02", "af03").into());
    let line = success().confirm(&record).to_string();
    assert!(
        line.contains("af02\", the API \"0x") && line.contains("af03\";"),
        "{line}"
    );

    let failure = EventBuilder::failed().tx_id(TX_ID).build();
    let line = failure.confirm(&record_of(&failure)).to_string();
    assert!(
        line.starts_with("contradicted: /data/txId: the event says none, the API \"0x3b"),
        "{line}"
    );
    assert_matches(&failure, &receipt_of(&failure), Confirmed, &[]);
}

#[test]
fn an_empty_name_on_either_side_says_nothing() {
    let event = EventBuilder::succeeded().code("").name(" ").build();
    let mut record = record_of(&event);
    (record.code, record.file_name) = (Some("x".into()), Some("y".into()));
    assert_verdict(&event, &record, Confirmed, &[]);
    assert_verdict(&success(), &with("filename", " ".into()), Confirmed, &[]);
    let nameless = EventBuilder::succeeded().stamp_id("").hash("").build();
    assert_matches(&nameless, &receipt_of(&nameless), Silent, &[]);
}

#[test]
fn an_empty_hash_of_the_api_says_nothing() {
    for nothing in ["", " "] {
        assert_verdict(&success(), &with("hash", nothing.into()), Silent, &[]);
        let mut receipt = receipt_of(&success());
        receipt.hash = nothing.into();
        assert_matches(&success(), &receipt, Silent, &[]);
    }
}

#[test]
fn a_receipt_of_no_stamp_confirms_nothing() {
    for event in ["", " ", "\u{200b}", "Null", "undefined"]
        .map(|id| EventBuilder::succeeded().stamp_id(id).build())
        .into_iter()
        .chain([EventBuilder::succeeded().hash("").build()])
    {
        assert_matches(&event, &receipt_of(&event), Silent, &[]);
    }
}

#[test]
fn an_unknown_action_without_a_transaction_contradicts_none() {
    let event = EventBuilder::succeeded().action("revoked").without_tx_id();
    assert_verdict(&event.build(), &record_of(&success()), Silent, &[]);
}
