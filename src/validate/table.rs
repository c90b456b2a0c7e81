//! The rules as one table: `Rule` and the guide's page are made from it.

/// Calls the given macro with the table. Each row has: why the rule exists, with the source;
/// the variant and its code; what must be so; what to do otherwise; an event that
/// breaks the rule, the call that notices it, and what the call says.
macro_rules! rules {
    ($($then:tt)::+) => { $($then)::+! {
"# Errors" Error {
    /// The action and the status say opposite things. Both statuses are documented ([success
    /// page]). That they belong to the actions is *inferred*. `confirm` is silent on an event
    /// that breaks an error rule, so compare `record.transaction()` yourself.
    StatusMismatch "status-mismatch"
        must "`succeed` does not have status 2, nor `failed` status 1"
        otherwise "Park the event ([how](crate::guide::receiving#reject-or-park)), and ask the API for its record ([how](crate::guide::trust#which-check-to-use)). The record has the event's `txId`: the stamp succeeded. It has none: ask again in an hour, and then stamp again. It has another: show it to a person."
        event "EventBuilder::succeeded().status(2)"
        finds "outcome().unwrap_err()" "error status-mismatch at /data/status: expected 1 with the action `succeed`, found 2";
    /// A success carries the transaction id ([success page]). Programs write the
    /// placeholders by mistake (*inferred*), in upper or lower case.
    MissingTxId "missing-tx-id"
        must "`succeed` has a `txId` that is neither blank nor a placeholder (`0x`, `null`, `undefined`)"
        otherwise "Park the event. Ask the API for the transaction."
        event "EventBuilder::succeeded().without_tx_id()"
        finds "outcome().unwrap_err()" "error missing-tx-id at /data/txId: expected a transaction id with the action `succeed`, found none";
    /// The event does not say which stamp it is about. Both keys have a value in edeXa's
    /// samples ([success page]). That they are never empty is *inferred*.
    EmptyIdentity "empty-identity"
        must "`_id` is neither blank nor a placeholder (`0x`, `null`, `undefined`), and `hash` is not empty"
        otherwise "Park the event. With a `hash`, ask the API about it. Without one, find out who sent the event."
        event r#"EventBuilder::succeeded().hash("")"#
        finds "outcome().unwrap_err()" "error empty-identity at /data/hash: expected a string that is not empty, found \"\"";
    /// So the idempotency key fits into an index of any database. The limit is this
    /// crate's, not edeXa's. edeXa's samples make keys of at most 32 bytes ([success
    /// page]).
    OversizedIdentity "oversized-identity"
        must "`_id` and `action` make an idempotency key of at most 255 bytes"
        otherwise "Park the event, and do not index its key. No id of edeXa's looks like this."
        event r#"EventBuilder::succeeded().stamp_id("7".repeat(248))"#
        finds "outcome().unwrap_err()" "error oversized-identity at /data/_id: expected an idempotency key of at most 255 bytes, found 256";
}
"# Warnings" Warning {
    /// Status 0 means that the stamp waits for a response ([success page]), but the action
    /// reports one.
    StatusPending "status-pending"
        must "`succeed` and `failed` do not have status 0"
        otherwise "Nothing now. The action decides the outcome. `confirm` never confirms such a success: compare the record's `txId` yourself."
        event "EventBuilder::failed().status(0)"
        finds "check()" "warning status-pending at /data/status: expected 1 or 2 with the action `failed`, found 0";
    /// They have a value in edeXa's samples ([success page]). That they are never empty is
    /// *inferred*.
    EmptyField "empty-field"
        must "`webhookId`, `actionId`, `userId` and `code` are not empty"
        otherwise "Nothing now. If you use the field as a key, stop doing so."
        event r#"EventBuilder::failed().code("")"#
        finds "check()" "warning empty-field at /data/code: expected a string that is not empty, found \"\"";
    /// `createdAt` is when the hash was stamped, and `updatedAt` is the last change after it
    /// ([success page]).
    TimeReversed "time-reversed"
        must "`updatedAt` is not before `createdAt`"
        otherwise "If it is milliseconds, do nothing, but `stamping_duration` is negative. If it is minutes or more, suspect a forgery: see [Trust](crate::guide::trust)."
        event "EventBuilder::failed().updated_at(DateTime::UNIX_EPOCH)"
        finds "check()" "warning time-reversed at /data/updatedAt: expected a time not before `createdAt`, 2023-05-30T09:21:36.966Z, found 1970-01-01T00:00:00Z";
    /// A failure means that there is no transaction id ([failure
    /// page](crate::guide#sources)).
    UnexpectedTxId "unexpected-tx-id"
        must "`failed` carries no `txId`"
        otherwise "Look the transaction up before you stamp the file again. The stamp may be on the chain."
        event r#"EventBuilder::failed().tx_id(format!("0x{}", "5a".repeat(32)))"#
        finds "check()" "warning unexpected-tx-id at /data/txId: expected no transaction id with the action `failed`, found \"0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a\"…";
    /// The success sample has one ([success page]). That every success has one is *inferred*.
    MissingBlockchainId "missing-blockchain-id"
        must "`succeed` carries a `blockchainId`"
        otherwise "Nothing. The outcome needs only the `txId`."
        event "EventBuilder::succeeded().without_blockchain_id()"
        finds "check()" "warning missing-blockchain-id at /data/blockchainId: expected an id with the action `succeed`, found none";
    /// These two are documented ([success page]). The event's outcome is
    /// [`Outcome::Unknown`](crate::Outcome::Unknown).
    UnknownAction "unknown-action"
        must "`action` is `succeed` or `failed`"
        otherwise "Answer 200 and keep the body. Look for a newer version of this crate."
        event r#"EventBuilder::failed().action("revoked")"#
        finds "check()" "warning unknown-action at /action: expected `succeed` or `failed`, found \"revoked\"";
    /// These three are documented ([success page]).
    UnknownStatus "unknown-status"
        must "`status` is 0, 1 or 2"
        otherwise "Nothing now. The action decides the outcome. Look for a newer version of this crate."
        event "EventBuilder::failed().status(256)"
        finds "check()" "warning unknown-status at /data/status: expected 0, 1 or 2, found 256";
    /// What the numbers mean is *inferred* from edeXa's desktop application.
    UnknownType "unknown-type"
        must "`type` is `\"0\"` to `\"4\"`"
        otherwise "Nothing. Do not decide anything by `type`."
        event r#"EventBuilder::failed().stamp_type("5")"#
        finds "check()" "warning unknown-type at /data/type: expected \"0\" to \"4\", found \"5\"";
    /// All ids that edeXa shows have this form. That they are MongoDB `ObjectId`s is
    /// *inferred*.
    MalformedObjectId "malformed-object-id"
        must "`webhookId`, `actionId` and `_id` are 24 hex digits"
        otherwise "One event: ask the API about the stamp, since it may be a forgery. Every event: edeXa has changed its ids, and nothing breaks."
        event r#"EventBuilder::failed().webhook_id("7")"#
        finds "check()" "warning malformed-object-id at /webhookId: expected 24 hex digits, found \"7\"";
    /// Source: [edeXa's client applications](crate::guide#sources). The success sample breaks
    /// it, because its `txId` is shortened.
    MalformedTxId "malformed-tx-id"
        must "`txId` is `0x` and 64 hex digits on the public chain, 64 hex digits on a private one, not all of them 0"
        otherwise "Look the transaction up before you show it to anybody. If only the `0x` is missing or extra, `isPrivateBc` may be the wrong one."
        event r#"EventBuilder::succeeded().tx_id("0x3b7d58")"#
        finds "check()" "warning malformed-tx-id at /data/txId: expected `0x` and 64 hex digits on the public chain, found \"0x3b7d58\"";
    /// `hash` is what the user sent, and may be any string ([success page]). The success
    /// sample breaks this rule.
    MalformedHash "malformed-hash"
        must "`hash` is a digest of 16, 20, 28, 32, 48 or 64 bytes in hex, in base64, or in the base64 of its hex; a string of 64 characters, or of hex digits alone, must be the digest in hex"
        otherwise "Compare it with the hash that you sent. If you stamp other strings than digests, ignore this rule."
        event r#"EventBuilder::failed().hash("invoice 7")"#
        finds "check()" "warning malformed-hash at /data/hash: expected a digest in hex or base64, found \"invoice 7\"";
    /// It is one in the success sample ([success page]). That it always is one is *inferred*.
    MalformedBlockchainId "malformed-blockchain-id"
        must "`blockchainId` is a UUID"
        otherwise "Nothing now. Store it as a string, not as a UUID."
        event r#"EventBuilder::succeeded().blockchain_id("7")"#
        finds "check()" "warning malformed-blockchain-id at /data/blockchainId: expected a UUID, found \"7\"";
    /// That `name` is the name of the user's file is *inferred* from the failure sample.
    UnsafeName "unsafe-name"
        must "`name` is a plain file name: not empty, without `/`, `\\`, `:` and invisible characters, without a dot or a space at its end, and no reserved Windows name (`CON`, `nul.txt`)"
        otherwise "Make sure that your code never uses `name` as a path. It need not be an attack: see [`FileName`](crate::FileName)."
        event r#"EventBuilder::failed().name("../../etc/passwd")"#
        finds "check()" "warning unsafe-name at /data/name: expected a plain file name, found \"../../etc/passwd\"";
    /// The first 8 digits of an `ObjectId` are a time. In both samples it equals
    /// `createdAt` to the second (*inferred*).
    IdClockDrift "id-clock-drift"
        must "the time in the first 8 digits of `_id` is within 5 seconds of `createdAt`"
        otherwise "If it is seconds, do nothing. If it is minutes or more, somebody may have changed a real event: ask the API."
        event r#"EventBuilder::failed().stamp_id("6475c02a29b5bab6d2f2c6dc")"#
        finds "check()" "warning id-clock-drift at /data/_id: expected an id made within 5 s of `createdAt`, 2023-05-30T09:21:36.966Z, found one of 2023-05-30T09:21:46Z";
    /// Needs a clock: `check_at`. The 300 seconds are this crate's tolerance for clock
    /// skew.
    FutureTimestamp "future-timestamp"
        must "`createdAt` and `updatedAt` are at most 300 seconds later than now"
        otherwise "Look at your own clock first (`timedatectl`). If it is right, see [Trust](crate::guide::trust)."
        event r#"EventBuilder::failed().updated_at("2023-05-30T10:21:36Z".parse::<DateTime<Utc>>()?)"#
        finds "check_at(event.data.created_at)" "warning future-timestamp at /data/updatedAt: expected a time at most 300 s later than now, 2023-05-30T09:21:36.966Z, found 2023-05-30T10:21:36Z";
    /// Needs a clock: `check_at`. How long edeXa retries is *inferred*:
    /// [`REDELIVERY_HORIZON`](crate::delivery::REDELIVERY_HORIZON).
    PastRedeliveryHorizon "past-redelivery-horizon"
        must "`updatedAt` is at most 114,000 seconds earlier than now: the last possible retry, and 300 seconds of clock skew"
        otherwise "Pass the time of arrival to `check_at`, not the time at which your queue is read. If you have the event already, it is a redelivery: do nothing. If not, ask the API."
        event "EventBuilder::failed()"
        finds "check_at(event.data.updated_at + Duration::from_secs(114_001))" "warning past-redelivery-horizon at /data/updatedAt: expected a time at most 114000 s earlier than now, 2023-05-31T17:01:47.610Z, found 2023-05-30T09:21:46.610Z";
}
    } };
}

pub(crate) use rules;
