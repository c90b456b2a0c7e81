//! What users take for granted of every public type.

use std::error::Error;
use std::fmt::{Debug, Display};

use edexa_webhooks::testing::EventBuilder;
use edexa_webhooks::{
    Action, ActionId, BlockchainId, Category, ClientId, EventName, Extra, FailedStamp, FileName,
    Finding, Findings, IdempotencyKey, Invalid, InvalidEventName, InvalidIdempotencyKey, Outcome,
    ParseError, Rejection, Rule, Salvaged, Severity, Stamp, StampCode, StampHash, StampId,
    StampStatus, StampType, SucceededStamp, TxId, UnknownAction, UnknownStampType, UnknownStatus,
    UserId, WebhookEvent, WebhookId, WireTime,
};

macro_rules! each {
    ($check:ident: $($name:ty,)*) => { $($check::<$name>();)* };
}

fn travels<T: Send + Sync + Unpin + 'static>() {}
fn is_a_value<T: Clone + Eq + Debug>() {}
fn is_small<T: Copy>() {}
fn is_shown<T: Display>() {}
fn is_an_error<T: Error + Clone + Send + Sync + 'static>() {}

#[test]
fn every_type_travels_between_threads() {
    each! { travels:
        Action, ActionId, BlockchainId, Category, ClientId, EventBuilder, EventName, Extra,
        FailedStamp<'static>, FileName, Finding, Findings, IdempotencyKey, Invalid,
        InvalidIdempotencyKey, Outcome<'static>, ParseError, Rejection, Rule, Salvaged, Severity,
        Stamp, StampCode, StampHash, StampId, StampStatus, StampType, SucceededStamp<'static>,
        TxId, UnknownAction, InvalidEventName, UnknownStampType, UnknownStatus, UserId,
        WebhookEvent, WebhookId, WireTime,
    }
}

#[test]
fn every_type_is_a_value() {
    each! { is_a_value:
        Action, ActionId, BlockchainId, Category, ClientId, EventBuilder, EventName, Extra,
        FailedStamp<'static>, FileName, Finding, Findings, IdempotencyKey, Invalid,
        InvalidIdempotencyKey, Outcome<'static>, ParseError, Rejection, Rule, Salvaged, Severity,
        Stamp, StampCode, StampHash, StampId, StampStatus, StampType, SucceededStamp<'static>,
        TxId, UnknownAction, InvalidEventName, UnknownStampType, UnknownStatus, UserId,
        WebhookEvent, WebhookId,
    }
}

#[test]
fn the_small_types_are_copied() {
    each! { is_small:
        Category, EventName, FailedStamp<'static>, Outcome<'static>, Rule, Severity, StampStatus,
        SucceededStamp<'static>, UnknownStatus,
    }
}

#[test]
fn whatever_goes_to_a_log_is_shown() {
    each! { is_shown:
        Action, Category, EventName, Finding, Findings, IdempotencyKey, Invalid, ParseError,
        Rejection, Rule, Severity, StampStatus, StampType, UnknownAction, UnknownStampType,
        UnknownStatus, WebhookEvent,
    }
}

#[test]
fn every_error_is_one() {
    each! { is_an_error:
        Invalid, InvalidIdempotencyKey, ParseError, Rejection, InvalidEventName,
    }
}
