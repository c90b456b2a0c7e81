//! The rules, one table.

use std::fmt;

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident, $code:literal, $severity:ident, $description:literal;)*) => {
        /// A rule that an event may break.
        ///
        /// | code | severity | what must be so |
        /// | --- | --- | --- |
        $(#[doc = concat!(
            "| [`", $code, "`](crate::guide::rules#", $code, ") | ",
            stringify!($severity), " | ", $description, " |",
        )])*
        ///
        /// Each code leads to what to do about it.
        ///
        /// Rules are ordered as in this table. *Inferred* are that ids are
        /// `ObjectId`s (`malformed-object-id`, `id-clock-drift`), what the numbers
        /// in `type` mean (`unknown-type`), and how long retries may go on
        /// (`past-redelivery-horizon`).
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[non_exhaustive]
        pub enum Rule {
            $(
                #[doc = concat!("`", $code, "`, ", stringify!($severity), ": ", $description, ".")]
                $(#[$doc])*
                $name,
            )*
        }

        impl Rule {
            /// Every rule, errors first.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The rule's stable code, such as `status-mismatch`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// How much it matters that the rule is broken.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$name => Severity::$severity,)*
                }
            }

            /// What is true of an event that keeps the rule.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self {
                    $(Self::$name => $description,)*
                }
            }
        }
    };
}

rules! {
    StatusMismatch, "status-mismatch", Error,
        "`succeed` does not have status 2, nor `failed` status 1";
    MissingTxId, "missing-tx-id", Error,
        "`succeed` carries a `txId` that is not blank and no placeholder (`0x`, `null`, `undefined`)";
    EmptyIdentity, "empty-identity", Error,
        "`_id` and `hash` are not empty";
    OversizedIdentity, "oversized-identity", Error,
        "`_id` and `action` make an idempotency key of at most 255 bytes";
    StatusPending, "status-pending", Warning,
        "`succeed` and `failed` do not have status 0";
    EmptyField, "empty-field", Warning,
        "`webhookId`, `actionId`, `userId` and `code` are not empty";
    TimeReversed, "time-reversed", Warning,
        "`updatedAt` is not before `createdAt`";
    UnexpectedTxId, "unexpected-tx-id", Warning,
        "`failed` carries no `txId`";
    MissingBlockchainId, "missing-blockchain-id", Warning,
        "`succeed` carries a `blockchainId`";
    UnknownAction, "unknown-action", Warning,
        "`action` is `succeed` or `failed`";
    UnknownStatus, "unknown-status", Warning,
        "`status` is 0, 1 or 2";
    UnknownType, "unknown-type", Warning,
        "`type` is `\"0\"` to `\"4\"`";
    MalformedObjectId, "malformed-object-id", Warning,
        "`webhookId`, `actionId` and `_id` are 24 hex digits";
    MalformedTxId, "malformed-tx-id", Warning,
        "`txId` is `0x` and 64 hex digits on the public chain, 64 hex digits on a private one, not all of them 0";
    MalformedHash, "malformed-hash", Warning,
        "`hash` is a digest of 16, 20, 28, 32, 48 or 64 bytes in hex, in base64, or in the base64 of its hex; 64 characters are hex";
    MalformedBlockchainId, "malformed-blockchain-id", Warning,
        "`blockchainId` is a UUID";
    UnsafeName, "unsafe-name", Warning,
        "`name` is a plain file name: not empty, without `/`, `\\`, `:` and hidden characters, without a dot or a blank at its end, and no device of Windows (`CON`, `nul.txt`)";
    IdClockDrift, "id-clock-drift", Warning,
        "the second inside `_id` is within 5 seconds of `createdAt`";
    FutureTimestamp, "future-timestamp", Warning,
        "`createdAt` and `updatedAt` are at most 300 seconds later than now";
    PastRedeliveryHorizon, "past-redelivery-horizon", Warning,
        "`updatedAt` is at most 114,000 seconds earlier than now: the last possible retry, and 300 seconds of clock skew";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// How much it matters that a rule is broken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Severity {
    /// Odd, but the event still says one thing: worth a line in a log.
    Warning,
    /// The event contradicts itself or names nothing: there is no outcome to
    /// act on.
    Error,
}

impl Severity {
    /// `error` or `warning`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
