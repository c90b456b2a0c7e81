//! The SQL of the guide's page `storing`, run on SQLite as it stands there.

use edexa_webhooks::record::Verdict;
use edexa_webhooks::testing::{self, EventBuilder, FAILED, record_of};
use edexa_webhooks::{Extra, Fingerprint, IdempotencyKey, Outcome, Relation, WebhookEvent};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

const PAGE: &str = include_str!("../../../src/guide/storing.md");

/// What stands between the fences.
fn statements() -> [String; 3] {
    let mut blocks: Vec<String> = Vec::new();
    let mut is_inside = false;
    for line in PAGE.lines().map(str::trim) {
        match line {
            "```sql" => {
                is_inside = true;
                blocks.push(String::new());
            }
            "```" => is_inside = false,
            _ if is_inside => blocks.last_mut().unwrap().extend([line, "\n"]),
            _ => {}
        }
    }
    blocks.try_into().unwrap()
}

fn database() -> Connection {
    let [tables, ..] = statements();
    let database = Connection::open_in_memory().unwrap();
    database.execute_batch(&tables).unwrap();
    database
}

/// How an event stands to what is stored, and whether its effect has happened now.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stored {
    New { effect: bool },
    Redelivery,
    Conflict { others: u32 },
}

use Stored::{Conflict, New, Redelivery};

fn store(transaction: &Transaction<'_>, event: &WebhookEvent) -> Stored {
    let [_, insert, effect] = statements();
    let (key, fingerprint) = (event.idempotency_key(), event.fingerprint());
    let row = params![
        key.as_str(),
        fingerprint.as_str(),
        event.to_json().unwrap(),
        "2023-05-30T09:21:47Z",
    ];
    let others = transaction.query_row(&insert, row, |row| row.get(0));
    match others.optional().unwrap() {
        None => Redelivery,
        Some(0) => {
            let Ok(Outcome::Succeeded(stamp)) = event.outcome() else {
                return New { effect: false };
            };
            let spelled = (stamp.hash.normalized(), stamp.tx_id.normalized());
            let (Some(hash), Some(tx_id)) = spelled else {
                return New { effect: false };
            };
            let row = params![hash, tx_id];
            let effects = transaction.execute(&effect, row).unwrap();
            New {
                effect: effects == 1,
            }
        }
        Some(others) => Conflict { others },
    }
}

fn receive(database: &mut Connection, body: &str) -> Stored {
    let begin = TransactionBehavior::Immediate;
    let transaction = database.transaction_with_behavior(begin).unwrap();
    let stored = store(&transaction, &body.parse().unwrap());
    transaction.commit().unwrap();
    stored
}

fn count(database: &Connection, table: &str) -> u32 {
    let query = format!("SELECT count(*) FROM {table}");
    database.query_row(&query, [], |row| row.get(0)).unwrap()
}

#[test]
fn one_statement_tells_new_redelivery_and_conflict_apart() {
    let mut database = database();
    let event = EventBuilder::succeeded().build();
    for (nth, body) in testing::redeliveries(&event).iter().enumerate() {
        let expected = if nth == 0 {
            New { effect: true }
        } else {
            Redelivery
        };
        assert_eq!(receive(&mut database, body), expected);
    }
    let conflict = testing::conflict(&event);
    assert_eq!(receive(&mut database, &conflict), Conflict { others: 1 });
    assert_eq!(receive(&mut database, &conflict), Redelivery);
    let third = EventBuilder::succeeded().code("third").to_json().unwrap();
    assert_eq!(receive(&mut database, &third), Conflict { others: 2 });
    assert_eq!(
        (count(&database, "events"), count(&database, "stamped")),
        (3, 1)
    );
    // Another action of the same stamp, and another stamp.
    let failed = EventBuilder::failed().to_json().unwrap();
    assert_eq!(receive(&mut database, &failed), New { effect: false });
    assert_eq!(receive(&mut database, FAILED), New { effect: false });
}

#[test]
fn an_effect_that_does_not_commit_has_not_happened() {
    let mut database = database();
    let event = EventBuilder::succeeded().build();
    let transaction = database.transaction().unwrap();
    assert_eq!(store(&transaction, &event), New { effect: true });
    transaction.rollback().unwrap();
    let body = event.to_json().unwrap();
    assert_eq!(receive(&mut database, &body), New { effect: true });
}

#[test]
fn an_invented_id_has_no_second_effect() {
    let mut database = database();
    let digits = "5a".repeat(32);
    let event = EventBuilder::succeeded().tx_id(format!("0x{digits}"));
    let record = record_of(&event.clone().build());
    let invented = event.clone().stamp_id("6475c02029b5bab6d2f2c6dd");
    let spelled = invented.clone().tx_id(digits.to_uppercase()).stamp_id("7");
    let effects = [event, invented, spelled].map(|event| {
        let event = event.build();
        assert_eq!(event.confirm(&record).verdict(), Verdict::Confirmed);
        receive(&mut database, &event.to_json().unwrap())
    });
    let expected = [true, false, false].map(|effect| New { effect });
    assert_eq!(effects, expected);
    assert_eq!(count(&database, "stamped"), 1);
}

#[test]
fn what_is_stored_without_personal_data_still_knows_its_redelivery() {
    let mut database = database();
    assert_eq!(receive(&mut database, FAILED), New { effect: false });
    let body: String = database
        .query_row("SELECT body FROM events", [], |row| row.get(0))
        .unwrap();
    let mut event: WebhookEvent = body.parse().unwrap();
    event.data.name = None;
    event.data.user_id = "".into();
    event.data.extra = Extra::new();
    database
        .execute("UPDATE events SET body = ?1", [event.to_json().unwrap()])
        .unwrap();
    assert_eq!(receive(&mut database, FAILED), Redelivery);
    let read = "SELECT key, fingerprint, body FROM events";
    let texts: (String, String, String) = database
        .query_row(read, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap();
    let first: WebhookEvent = FAILED.parse().unwrap();
    assert_eq!(
        texts.0.parse::<IdempotencyKey>().unwrap(),
        first.idempotency_key()
    );
    assert_eq!(texts.1.parse::<Fingerprint>().unwrap(), first.fingerprint());
    let loaded: WebhookEvent = texts.2.parse().unwrap();
    assert_eq!(loaded.relation_to(&first), Relation::Conflict);
}
