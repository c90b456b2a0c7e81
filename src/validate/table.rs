//! The rules as one table: `Rule` and the guide's page are made from it.

/// Calls the given macro with the table. Each row has: the variant and its code; what must
/// be so; why, with its source; an event that breaks the rule, the call that notices it,
/// and what the call says; and what to do.
macro_rules! rules {
    ($($then:tt)::+) => { $($then)::+! {
errors {
    StatusMismatch "status-mismatch"
        must "`succeed` does not have status 2, nor `failed` status 1"
        why "The action and the status say opposite things. Both statuses are documented ([success page]). That they belong to the actions is *inferred*."
        event "EventBuilder::succeeded().status(2)"
        finds "outcome().unwrap_err()" "error status-mismatch at /data/status: expected 1 with the action `succeed`, found 2"
        do_ "Park the event. Ask the API which of the two is true.";
    MissingTxId "missing-tx-id"
        must "`succeed` carries a `txId` that is not blank and no placeholder (`0x`, `null`, `undefined`)"
        why "A success carries the transaction id ([success page]). Programs write the placeholders by mistake (*inferred*). Their case does not count."
        event "EventBuilder::succeeded().without_tx_id()"
        finds "outcome().unwrap_err()" "error missing-tx-id at /data/txId: expected a transaction id with the action `succeed`, found none"
        do_ "Park the event. Ask the API for the transaction.";
    EmptyIdentity "empty-identity"
        must "`_id` and `hash` are not empty"
        why "The event does not say which stamp it is about. Both keys have a value in edeXa's samples ([success page]). That they are never empty is *inferred*."
        event r#"EventBuilder::succeeded().hash("")"#
        finds "outcome().unwrap_err()" "error empty-identity at /data/hash: expected a string that is not empty, found \"\""
        do_ "Park the event. With a `hash`, ask the API about it. Without one, find out who sent the event.";
    OversizedIdentity "oversized-identity"
        must "`_id` and `action` make an idempotency key of at most 255 bytes"
        why "A key then fits into an index of any database. The limit is this crate's. edeXa's samples make keys of at most 32 bytes ([success page])."
        event r#"EventBuilder::succeeded().stamp_id("7".repeat(248))"#
        finds "outcome().unwrap_err()" "error oversized-identity at /data/_id: expected an idempotency key of at most 255 bytes, found 256"
        do_ "Park the event, and do not index its key. No id of edeXa's looks like this.";
}
warnings {
    StatusPending "status-pending"
        must "`succeed` and `failed` do not have status 0"
        why "Status 0 means that the stamp waits for a response ([success page]), but the action reports one."
        event "EventBuilder::failed().status(0)"
        finds "check()" "warning status-pending at /data/status: expected 1 or 2 with the action `failed`, found 0"
        do_ "Nothing now. The action decides the outcome.";
    EmptyField "empty-field"
        must "`webhookId`, `actionId`, `userId` and `code` are not empty"
        why "They have a value in edeXa's samples ([success page]). That they are never empty is *inferred*."
        event r#"EventBuilder::failed().code("")"#
        finds "check()" "warning empty-field at /data/code: expected a string that is not empty, found \"\""
        do_ "Nothing now. If you use the field as a key, stop doing so.";
    TimeReversed "time-reversed"
        must "`updatedAt` is not before `createdAt`"
        why "`createdAt` is when the hash was stamped, and `updatedAt` is the last change after it ([success page])."
        event "EventBuilder::failed().updated_at(DateTime::UNIX_EPOCH)"
        finds "check()" "warning time-reversed at /data/updatedAt: expected a time not before `createdAt`, 2023-05-30T09:21:36.966Z, found 1970-01-01T00:00:00Z"
        do_ "Milliseconds: nothing, but do not use `stamping_duration`, which is negative. Hours: suspect a forgery, see [Trust](crate::guide::trust).";
    UnexpectedTxId "unexpected-tx-id"
        must "`failed` carries no `txId`"
        why "A failure means that there is no transaction id ([failure page](crate::guide#sources))."
        event r#"EventBuilder::failed().tx_id(format!("0x{}", "5a".repeat(32)))"#
        finds "check()" "warning unexpected-tx-id at /data/txId: expected no transaction id with the action `failed`, found \"0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a\"…"
        do_ "Look the transaction up before you stamp the file again. The stamp may be on the chain.";
    MissingBlockchainId "missing-blockchain-id"
        must "`succeed` carries a `blockchainId`"
        why "The success sample has one ([success page]). That every success has one is *inferred*."
        event "EventBuilder::succeeded().without_blockchain_id()"
        finds "check()" "warning missing-blockchain-id at /data/blockchainId: expected an id with the action `succeed`, found none"
        do_ "Nothing. The `txId` proves the stamp.";
    UnknownAction "unknown-action"
        must "`action` is `succeed` or `failed`"
        why "These two are documented ([success page]). The event's outcome is [`Outcome::Unknown`](crate::Outcome::Unknown)."
        event r#"EventBuilder::failed().action("revoked")"#
        finds "check()" "warning unknown-action at /action: expected `succeed` or `failed`, found \"revoked\""
        do_ "Answer 200 and keep the body. Look for a newer version of this crate.";
    UnknownStatus "unknown-status"
        must "`status` is 0, 1 or 2"
        why "These three are documented ([success page])."
        event "EventBuilder::failed().status(256)"
        finds "check()" "warning unknown-status at /data/status: expected 0, 1 or 2, found 256"
        do_ "Nothing now. The action decides the outcome. Look for a newer version of this crate.";
    UnknownType "unknown-type"
        must "`type` is `\"0\"` to `\"4\"`"
        why "What the numbers mean is *inferred* from edeXa's desktop application."
        event r#"EventBuilder::failed().stamp_type("5")"#
        finds "check()" "warning unknown-type at /data/type: expected \"0\" to \"4\", found \"5\""
        do_ "Nothing. Do not decide anything by `type`.";
    MalformedObjectId "malformed-object-id"
        must "`webhookId`, `actionId` and `_id` are 24 hex digits"
        why "All ids that edeXa shows have this form. That they are MongoDB `ObjectId`s is *inferred*."
        event r#"EventBuilder::failed().webhook_id("7")"#
        finds "check()" "warning malformed-object-id at /webhookId: expected 24 hex digits, found \"7\""
        do_ "One event: ask the API about the stamp, since it may be a forgery. Every event: edeXa has changed its ids, and nothing breaks.";
    MalformedTxId "malformed-tx-id"
        must "`txId` is `0x` and 64 hex digits on the public chain, 64 hex digits on a private one, not all of them 0"
        why "Source: [edeXa's client applications](crate::guide#sources). The success sample breaks it, because its `txId` is shortened."
        event r#"EventBuilder::succeeded().tx_id("0x3b7d58")"#
        finds "check()" "warning malformed-tx-id at /data/txId: expected `0x` and 64 hex digits on the public chain, found \"0x3b7d58\""
        do_ "Look the transaction up before you show it to anybody. If only the `0x` is wrong, `isPrivateBc` may be wrong too.";
    MalformedHash "malformed-hash"
        must "`hash` is a digest of 16, 20, 28, 32, 48 or 64 bytes in hex, in base64, or in the base64 of its hex; 64 characters are hex"
        why "`hash` is what the user sent, and may be any string ([success page]). The success sample breaks this rule."
        event r#"EventBuilder::failed().hash("invoice 7")"#
        finds "check()" "warning malformed-hash at /data/hash: expected a digest in hex or base64, found \"invoice 7\""
        do_ "Compare it with the hash that you sent. If you stamp other strings than digests, ignore this rule.";
    MalformedBlockchainId "malformed-blockchain-id"
        must "`blockchainId` is a UUID"
        why "It is one in the success sample ([success page]). That it always is one is *inferred*."
        event r#"EventBuilder::succeeded().blockchain_id("7")"#
        finds "check()" "warning malformed-blockchain-id at /data/blockchainId: expected a UUID, found \"7\""
        do_ "Nothing now. Store it as a string, not as a UUID.";
    UnsafeName "unsafe-name"
        must "`name` is a plain file name: not empty, without `/`, `\\`, `:` and hidden characters, without a dot or a blank at its end, and no device of Windows (`CON`, `nul.txt`)"
        why "That `name` is the name of the user's file is *inferred* from the failure sample."
        event r#"EventBuilder::failed().name("../../etc/passwd")"#
        finds "check()" "warning unsafe-name at /data/name: expected a plain file name, found \"../../etc/passwd\""
        do_ "Make sure that your code never uses `name` as a path. It need not be an attack: see [Trust](crate::guide::trust#strings-are-hostile).";
    IdClockDrift "id-clock-drift"
        must "the second inside `_id` is within 5 seconds of `createdAt`"
        why "The first eight digits of an `ObjectId` are a time. In both samples it is the second of `createdAt` (*inferred*)."
        event r#"EventBuilder::failed().stamp_id("6475c02a29b5bab6d2f2c6dc")"#
        finds "check()" "warning id-clock-drift at /data/_id: expected an id made within 5 s of `createdAt`, 2023-05-30T09:21:36.966Z, found one of 2023-05-30T09:21:46Z"
        do_ "Seconds: nothing. Hours: somebody may have changed a real event. Ask the API.";
    FutureTimestamp "future-timestamp"
        must "`createdAt` and `updatedAt` are at most 300 seconds later than now"
        why "Needs a clock: `check_at`. The 300 seconds are this crate's allowance for wrong clocks."
        event r#"EventBuilder::failed().updated_at("2023-05-30T10:21:36Z".parse::<DateTime<Utc>>()?)"#
        finds "check_at(event.data.created_at)" "warning future-timestamp at /data/updatedAt: expected a time at most 300 s later than now, 2023-05-30T09:21:36.966Z, found 2023-05-30T10:21:36Z"
        do_ "Look at your own clock first (`timedatectl`). If it is right, see [Trust](crate::guide::trust).";
    PastRedeliveryHorizon "past-redelivery-horizon"
        must "`updatedAt` is at most 114,000 seconds earlier than now: the last possible retry, and 300 seconds of clock skew"
        why "Needs a clock: `check_at`. How long edeXa retries is *inferred*: [`REDELIVERY_HORIZON`](crate::delivery::REDELIVERY_HORIZON)."
        event "EventBuilder::failed()"
        finds "check_at(event.data.updated_at + Duration::from_secs(114_001))" "warning past-redelivery-horizon at /data/updatedAt: expected a time at most 114000 s earlier than now, 2023-05-31T17:01:47.610Z, found 2023-05-30T09:21:46.610Z"
        do_ "Pass the time of arrival to `check_at`, not the time at which your queue is read. A known key is a harmless duplicate. For an unknown one, ask the API.";
}
    } };
}

pub(crate) use rules;
