//! Each rule that needs no clock, broken alone, and the nearest event that keeps
//! it.

use edexa_webhooks::chrono::TimeDelta;
use edexa_webhooks::testing::EventBuilder;
use edexa_webhooks::{Action, Rule, StampStatus};

use super::{assert_check, time};

const FORTY: &str = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
const SIXTY_FOUR_HEX: &str = "9F86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

#[test]
fn a_status_belongs_to_its_action() {
    let finding = |message| [(Rule::StatusMismatch, "/data/status", message)];
    assert_check(
        EventBuilder::succeeded().status(StampStatus::Failed),
        &finding("expected 1 with the action `succeed`, found 2"),
    );
    assert_check(
        EventBuilder::failed().status(StampStatus::Succeeded),
        &finding("expected 2 with the action `failed`, found 1"),
    );
}

#[test]
fn a_final_action_has_a_final_status() {
    for (event, message) in [
        (
            EventBuilder::succeeded(),
            "expected 1 or 2 with the action `succeed`, found 0",
        ),
        (
            EventBuilder::failed(),
            "expected 1 or 2 with the action `failed`, found 0",
        ),
    ] {
        let event = event.status(StampStatus::Pending);
        assert!(event.clone().build().outcome().is_ok());
        assert_check(event, &[(Rule::StatusPending, "/data/status", message)]);
    }
}

#[test]
fn an_unknown_status_contradicts_no_action() {
    for event in [EventBuilder::succeeded(), EventBuilder::failed()] {
        for (status, message) in [
            (3, "expected 0, 1 or 2, found 3"),
            (-7, "expected 0, 1 or 2, found -7"),
        ] {
            let event = event.clone().status(StampStatus::from(status));
            assert!(event.clone().build().outcome().is_ok());
            assert_check(event, &[(Rule::UnknownStatus, "/data/status", message)]);
        }
    }
}

#[test]
fn success_carries_a_transaction() {
    assert_check(
        EventBuilder::succeeded().without_tx_id(),
        &[(
            Rule::MissingTxId,
            "/data/txId",
            "expected a transaction id with the action `succeed`, found none",
        )],
    );
    for (placeholder, found) in [
        ("", ""),
        (" ", " "),
        ("\t\u{3000}\n", "\\t\\u{3000}\\n"),
        ("0x", "0x"),
        (" 0X\n", " 0X\\n"),
        ("null", "null"),
        (" NULL ", " NULL "),
        ("undefined", "undefined"),
        ("UndefinED", "UndefinED"),
    ] {
        let message =
            format!("expected a transaction id with the action `succeed`, found \"{found}\"");
        let event = EventBuilder::succeeded().tx_id(placeholder);
        assert_check(
            event,
            &[(Rule::MissingTxId, "/data/txId", message.as_str())],
        );
        // Where there is none, there is none.
        assert_check(EventBuilder::failed().tx_id(placeholder), &[]);
    }
    for invisible in ["\u{200b}", " \u{feff}", "\u{2800}", "\0"] {
        let event = EventBuilder::succeeded().tx_id(invisible).build();
        let invalid = event.outcome().unwrap_err();
        assert_eq!(invalid.redacted(), "error missing-tx-id at /data/txId");
    }
}

#[test]
fn what_looks_like_a_placeholder_may_be_a_transaction() {
    for tx_id in [
        "0", "x", "00x", "0x0", "nul", "null.", "n ull", "undefine", "none",
    ] {
        let event = EventBuilder::succeeded().tx_id(tx_id).build();
        assert!(event.validate().is_ok(), "{tx_id:?}");
        assert!(event.check().contains(Rule::MalformedTxId), "{tx_id:?}");
        let event = EventBuilder::failed().tx_id(tx_id).build();
        assert!(event.check().contains(Rule::UnexpectedTxId), "{tx_id:?}");
    }
}

#[test]
fn id_and_action_fit_a_key() {
    let mismatch = |event: EventBuilder| -> Vec<_> {
        let Err(invalid) = event.build().validate() else {
            return Vec::new();
        };
        let findings = invalid.iter();
        findings
            .map(|finding| {
                assert_eq!(finding.rule, Rule::OversizedIdentity);
                (finding.pointer, finding.message.clone())
            })
            .collect()
    };
    let message = "expected an idempotency key of at most 255 bytes, found";
    // `:succeed` and `:failed` take 8 bytes and 7, `é` and a colon 6 and 3.
    for (start, id, bytes) in [
        (EventBuilder::succeeded(), "a".repeat(247), 255),
        (EventBuilder::succeeded(), "a".repeat(248), 256),
        (EventBuilder::failed(), "a".repeat(248), 255),
        (EventBuilder::failed(), "a".repeat(249), 256),
        (EventBuilder::succeeded(), "é".repeat(41), 254),
        (EventBuilder::succeeded(), "é".repeat(42), 260),
        (EventBuilder::succeeded(), "é".repeat(20_000), 120_008),
        (
            EventBuilder::succeeded(),
            format!("{}a", ":".repeat(82)),
            255,
        ),
        (
            EventBuilder::succeeded(),
            format!("{}aa", ":".repeat(82)),
            256,
        ),
    ] {
        let event = start.stamp_id(id.as_str());
        let key = event.clone().build().idempotency_key();
        assert_eq!(key.as_str().len(), bytes);
        let expected = if bytes > 255 {
            vec![("/data/_id", format!("{message} {bytes}"))]
        } else {
            vec![]
        };
        assert_eq!(mismatch(event), expected, "{bytes}");
    }
    let both = EventBuilder::failed()
        .stamp_id("a".repeat(130))
        .action("a".repeat(130));
    assert_eq!(mismatch(both), [("/data/_id", format!("{message} 261"))]);
    // The fewest bytes that are too many: each takes three.
    let escaped = |id, action| {
        EventBuilder::failed()
            .stamp_id(":".repeat(id))
            .action(":".repeat(action))
    };
    assert_eq!(mismatch(escaped(42, 42)), []);
    assert_eq!(
        mismatch(escaped(43, 42)),
        [("/data/_id", format!("{message} 256"))]
    );
    let action = |bytes| EventBuilder::failed().action("a".repeat(bytes));
    assert_eq!(mismatch(action(230)), []);
    assert_eq!(
        mismatch(action(231)),
        [("/action", format!("{message} 256"))]
    );
}

#[test]
fn a_stamp_is_named() {
    for start in [EventBuilder::succeeded(), EventBuilder::failed()] {
        for (id, shown) in [
            ("", ""),
            (" \t", " \\t"),
            ("\u{200b}", "\\u{200b}"),
            ("0x", "0x"),
            (" Null", " Null"),
            ("undefined", "undefined"),
        ] {
            let event = start.clone().stamp_id(id).build();
            let expected = "expected a string that is not blank or a placeholder";
            assert_eq!(
                event.validate().unwrap_err().to_string(),
                format!("error empty-identity at /data/_id: {expected}, found \"{shown}\""),
            );
        }
        for id in ["null1", "0", "-"] {
            assert!(start.clone().stamp_id(id).build().validate().is_ok());
        }
        let message = "expected a string that is not empty, found \"\"";
        let event = start.clone().hash("");
        assert_check(event, &[(Rule::EmptyIdentity, "/data/hash", message)]);
    }
}

#[test]
fn the_other_required_texts_are_not_empty() {
    let message = "expected a string that is not empty, found \"\"";
    for start in [EventBuilder::succeeded(), EventBuilder::failed()] {
        for (event, pointer) in [
            (start.clone().webhook_id(""), "/webhookId"),
            (start.clone().action_id(""), "/actionId"),
            (start.clone().user_id(""), "/data/userId"),
            (start.clone().code(""), "/data/code"),
        ] {
            assert_check(event, &[(Rule::EmptyField, pointer, message)]);
        }
    }
    let blank = EventBuilder::succeeded().user_id(" ").code(" ");
    assert_check(blank, &[]);
}

#[test]
fn optional_texts_may_be_empty_but_a_blockchain_id_has_a_form() {
    assert_check(EventBuilder::failed().tx_id("").client_id(""), &[]);
    assert_check(
        EventBuilder::succeeded().blockchain_id(""),
        &[(
            Rule::MalformedBlockchainId,
            "/data/blockchainId",
            "expected a UUID, found \"\"",
        )],
    );
}

#[test]
fn a_stamp_is_not_updated_before_it_is_created() {
    let created_at = time("2023-05-30T09:21:36.966Z");
    let event = |updated_at| {
        EventBuilder::succeeded()
            .created_at(created_at)
            .updated_at(updated_at)
    };
    assert_check(event(created_at), &[]);
    let just_before = created_at
        .checked_sub_signed(TimeDelta::nanoseconds(1))
        .unwrap();
    assert_check(
        event(just_before),
        &[(
            Rule::TimeReversed,
            "/data/updatedAt",
            "expected a time not before `createdAt`, 2023-05-30T09:21:36.966Z, found 2023-05-30T09:21:36.965999999Z",
        )],
    );
}

#[test]
fn failure_carries_no_transaction() {
    let tx_id = format!("0x{SIXTY_FOUR_HEX}");
    assert_check(
        EventBuilder::failed().tx_id(tx_id.as_str()),
        &[(
            Rule::UnexpectedTxId,
            "/data/txId",
            "expected no transaction id with the action `failed`, found \"0x9F86d081884c7d659a2feaa0c55ad015a3bf4f\"…",
        )],
    );
    assert_check(
        EventBuilder::failed().is_private_bc(true).tx_id("\n1"),
        &[
            (
                Rule::UnexpectedTxId,
                "/data/txId",
                "expected no transaction id with the action `failed`, found \"\\n1\"",
            ),
            (
                Rule::MalformedTxId,
                "/data/txId",
                "expected 64 hex digits on a private chain, found \"\\n1\"",
            ),
        ],
    );
}

#[test]
fn success_carries_a_blockchain_id() {
    assert_check(
        EventBuilder::succeeded().without_blockchain_id(),
        &[(
            Rule::MissingBlockchainId,
            "/data/blockchainId",
            "expected an id with the action `succeed`, found none",
        )],
    );
}

#[test]
fn an_action_is_one_of_two() {
    for (action, found) in [
        ("revoked", "revoked"),
        ("", ""),
        ("Succeed", "Succeed"),
        ("a\u{202e}\n", "a\\u{202e}\\n"),
    ] {
        let message = format!("expected `succeed` or `failed`, found \"{found}\"");
        let finding = [(Rule::UnknownAction, "/action", message.as_str())];
        for start in [EventBuilder::succeeded(), EventBuilder::failed()] {
            assert_check(start.action(action), &finding);
        }
    }
    let long = format!("{FORTY}x");
    assert_check(
        EventBuilder::failed().action(long.as_str()),
        &[(
            Rule::UnknownAction,
            "/action",
            &format!("expected `succeed` or `failed`, found \"{FORTY}\"…"),
        )],
    );
}

#[test]
fn a_status_is_one_of_three() {
    let revoked = || EventBuilder::failed().action("revoked");
    let unknown_action = (
        Rule::UnknownAction,
        "/action",
        "expected `succeed` or `failed`, found \"revoked\"",
    );
    for status in [0, 1, 2] {
        assert_check(
            revoked().status(StampStatus::from(status)),
            &[unknown_action],
        );
    }
    for (status, message) in [
        (-1, "expected 0, 1 or 2, found -1"),
        (3, "expected 0, 1 or 2, found 3"),
        (i64::MAX, "expected 0, 1 or 2, found 9223372036854775807"),
    ] {
        assert_check(
            revoked().status(StampStatus::from(status)),
            &[
                unknown_action,
                (Rule::UnknownStatus, "/data/status", message),
            ],
        );
    }
}

#[test]
fn a_type_is_one_of_five() {
    for known in ["0", "1", "2", "3", "4"] {
        assert_check(EventBuilder::succeeded().stamp_type(known), &[]);
    }
    for (unknown, message) in [
        ("5", "expected \"0\" to \"4\", found \"5\""),
        ("", "expected \"0\" to \"4\", found \"\""),
        ("00", "expected \"0\" to \"4\", found \"00\""),
    ] {
        assert_check(
            EventBuilder::succeeded().stamp_type(unknown),
            &[(Rule::UnknownType, "/data/type", message)],
        );
    }
}

#[test]
fn three_ids_are_object_ids() {
    let start = EventBuilder::succeeded;
    for (id, message) in [
        ("1", "expected 24 hex digits, found \"1\""),
        (
            "6475c02029b5bab6d2f2c6d",
            "expected 24 hex digits, found \"6475c02029b5bab6d2f2c6d\"",
        ),
        (
            "6475c02029b5bab6d2f2c6dc0",
            "expected 24 hex digits, found \"6475c02029b5bab6d2f2c6dc0\"",
        ),
        (
            "6475c02029b5bab6d2f2c6dg",
            "expected 24 hex digits, found \"6475c02029b5bab6d2f2c6dg\"",
        ),
    ] {
        for (event, pointer) in [
            (start().webhook_id(id), "/webhookId"),
            (start().action_id(id), "/actionId"),
            (start().stamp_id(id), "/data/_id"),
        ] {
            assert_check(event, &[(Rule::MalformedObjectId, pointer, message)]);
        }
        assert_check(start().user_id(id).client_id(id), &[]);
    }
    // A blank id is not an empty one, but that of a stamp is none.
    let message = "expected 24 hex digits, found \" \"";
    assert_check(
        start().webhook_id(" "),
        &[(Rule::MalformedObjectId, "/webhookId", message)],
    );
    let no_identity = "expected a string that is not blank or a placeholder, found \" \"";
    assert_check(
        start().stamp_id(" "),
        &[
            (Rule::EmptyIdentity, "/data/_id", no_identity),
            (Rule::MalformedObjectId, "/data/_id", message),
        ],
    );
    let upper_case = "6475C02029B5BAB6D2F2C6DC";
    let event = start().webhook_id(upper_case).action_id(upper_case);
    assert_check(event.stamp_id(upper_case), &[]);
}

#[test]
fn a_transaction_id_has_the_form_of_its_chain() {
    let evm = format!("0x{SIXTY_FOUR_HEX}");
    let on = |is_private, tx_id: &str| {
        EventBuilder::succeeded()
            .is_private_bc(is_private)
            .tx_id(tx_id)
    };
    assert_check(on(false, &evm), &[]);
    assert_check(on(true, SIXTY_FOUR_HEX), &[]);
    for (event, message) in [
        (
            on(true, &evm),
            "expected 64 hex digits on a private chain, found \"0x9F86d081884c7d659a2feaa0c55ad015a3bf4f\"…",
        ),
        (
            on(false, SIXTY_FOUR_HEX),
            "expected `0x` and 64 hex digits on the public chain, found \"9F86d081884c7d659a2feaa0c55ad015a3bf4f1b\"…",
        ),
        (
            on(false, " 0x1"),
            "expected `0x` and 64 hex digits on the public chain, found \" 0x1\"",
        ),
        (
            on(false, &evm[..65]),
            "expected `0x` and 64 hex digits on the public chain, found \"0x9F86d081884c7d659a2feaa0c55ad015a3bf4f\"…",
        ),
        (
            on(true, &SIXTY_FOUR_HEX[..63]),
            "expected 64 hex digits on a private chain, found \"9F86d081884c7d659a2feaa0c55ad015a3bf4f1b\"…",
        ),
        (
            on(false, &format!("0x{}", "0".repeat(64))),
            "expected `0x` and 64 hex digits on the public chain, found \"0x00000000000000000000000000000000000000\"…",
        ),
        (
            on(true, &"0".repeat(64)),
            "expected 64 hex digits on a private chain, found \"0000000000000000000000000000000000000000\"…",
        ),
    ] {
        assert_check(event, &[(Rule::MalformedTxId, "/data/txId", message)]);
    }
    let almost_zero = format!("{}1", "0".repeat(63));
    assert_check(on(true, &almost_zero), &[]);
    assert_check(on(false, &format!("0x{almost_zero}")), &[]);
}

#[test]
fn a_transaction_id_has_a_form_with_every_action() {
    let event = EventBuilder::succeeded().action("revoked").tx_id("0x1");
    assert_check(
        event,
        &[
            (
                Rule::UnknownAction,
                "/action",
                "expected `succeed` or `failed`, found \"revoked\"",
            ),
            (
                Rule::MalformedTxId,
                "/data/txId",
                "expected `0x` and 64 hex digits on the public chain, found \"0x1\"",
            ),
        ],
    );
}

#[test]
fn a_hash_is_a_digest() {
    for digest in [
        SIXTY_FOUR_HEX,
        "d41d8cd98f00b204e9800998ecf8427e",
        "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
        "OWY4NmQwODE4ODRjN2Q2NTlhMmZlYWEwYzU1YWQwMTVhM2JmNGYxYjJiMGI4MjJjZDE1ZDZjMTViMGYwMGEwOA==",
    ] {
        assert_check(EventBuilder::failed().hash(digest), &[]);
    }
    for (hash, message) in [
        ("abc", "expected a digest in hex or base64, found \"abc\""),
        (" ", "expected a digest in hex or base64, found \" \""),
        (
            &SIXTY_FOUR_HEX[..63],
            "expected a digest in hex or base64, found \"9F86d081884c7d659a2feaa0c55ad015a3bf4f1b\"…",
        ),
        (
            &format!("{}O", &SIXTY_FOUR_HEX[..63]),
            "expected a digest in hex or base64, found \"9F86d081884c7d659a2feaa0c55ad015a3bf4f1b\"…",
        ),
    ] {
        assert_check(
            EventBuilder::failed().hash(hash),
            &[(Rule::MalformedHash, "/data/hash", message)],
        );
    }
}

#[test]
fn a_blockchain_id_is_a_uuid() {
    let uuid = "2D4CF0B1-a3ee-4580-97f4-86bf937190fe";
    for start in [EventBuilder::succeeded(), EventBuilder::failed()] {
        assert_check(start.clone().blockchain_id(uuid), &[]);
        assert_check(
            start.blockchain_id("2d4cf0b1a3ee458097f486bf937190fe"),
            &[(
                Rule::MalformedBlockchainId,
                "/data/blockchainId",
                "expected a UUID, found \"2d4cf0b1a3ee458097f486bf937190fe\"",
            )],
        );
    }
}

#[test]
fn a_name_is_a_plain_file_name() {
    for name in [
        "abc.png",
        "a b.png",
        ".env",
        " a",
        "文件.png",
        "e\u{301}",
        "a|c?",
        "console",
        "CONS",
        "CO",
        "a.con",
        "a.b",
        "COM",
        "COM0",
        "COM10",
        "COM⁴",
        "lpt.txt",
        "nul_.txt",
    ] {
        assert_check(EventBuilder::failed().name(name), &[]);
    }
    for (name, found) in [
        (".", "."),
        ("..", ".."),
        ("...", "..."),
        (".. ", ".. "),
        ("a.", "a."),
        ("a ", "a "),
        ("", ""),
        ("C:evil.exe", "C:evil.exe"),
        ("a:b", "a:b"),
        ("CON", "CON"),
        ("con.a.b", "con.a.b"),
        ("Prn", "Prn"),
        ("aux", "aux"),
        ("nul.txt", "nul.txt"),
        ("nul .txt", "nul .txt"),
        ("conin$", "conin$"),
        ("CONOUT$.x", "CONOUT$.x"),
        ("COM1", "COM1"),
        ("com9.txt", "com9.txt"),
        ("COM¹", "COM¹"),
        ("lpt²", "lpt²"),
        ("LPT³.a", "LPT³.a"),
        ("a/b", "a/b"),
        ("/", "/"),
        ("a\\b", "a\\\\b"),
        ("a\0", "a\\0"),
        ("a\nb", "a\\nb"),
        ("\u{1b}[2J", "\\u{1b}[2J"),
        ("a\u{85}", "a\\u{85}"),
        ("\u{202e}gnp.exe", "\\u{202e}gnp.exe"),
        ("a\u{200b}", "a\\u{200b}"),
        ("\u{feff}a", "\\u{feff}a"),
        ("a\u{a0}b", "a\\u{a0}b"),
        ("a\u{fe0f}", "a\\u{fe0f}"),
        ("a\u{2800}", "a\\u{2800}"),
    ] {
        let message = format!("expected a plain file name, found \"{found}\"");
        assert_check(
            EventBuilder::failed().name(name),
            &[(Rule::UnsafeName, "/data/name", &message)],
        );
    }
}

#[test]
fn the_clock_in_the_stamps_id_agrees_with_created_at() {
    let event = |created_at| {
        EventBuilder::succeeded()
            .stamp_id("6475c02029b5bab6d2f2c6dc")
            .created_at(time(created_at))
    };
    for created_at in [
        "2023-05-30T09:21:31Z",
        "2023-05-30T09:21:36Z",
        "2023-05-30T09:21:41Z",
        "2023-05-30T09:21:41.999Z",
    ] {
        assert_check(event(created_at), &[]);
    }
    for (created_at, message) in [
        (
            "2023-05-30T09:21:30.999Z",
            "expected an id made within 5 s of `createdAt`, 2023-05-30T09:21:30.999Z, found one of 2023-05-30T09:21:36Z",
        ),
        (
            "2023-05-30T09:21:42Z",
            "expected an id made within 5 s of `createdAt`, 2023-05-30T09:21:42Z, found one of 2023-05-30T09:21:36Z",
        ),
    ] {
        assert_check(
            event(created_at),
            &[(Rule::IdClockDrift, "/data/_id", message)],
        );
    }
}

#[test]
fn an_action_of_any_kind_keeps_its_warnings_apart_from_its_status() {
    let event = EventBuilder::succeeded().action(Action::Failed);
    assert_check(
        event,
        &[
            (
                Rule::StatusMismatch,
                "/data/status",
                "expected 2 with the action `failed`, found 1",
            ),
            (
                Rule::UnexpectedTxId,
                "/data/txId",
                "expected no transaction id with the action `failed`, found \"0x3b7d586651f386c0d415fa1349b9ec0be07b78\"…",
            ),
        ],
    );
}
