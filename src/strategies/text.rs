//! Texts, in the forms that the wire documents and in none.

use proptest::collection::vec;
use proptest::prelude::*;

/// Any text, of letters that a log obeys too.
pub(super) fn any_text() -> BoxedStrategy<String> {
    vec(any::<char>(), 0..12)
        .prop_map(|chars| chars.into_iter().collect())
        .boxed()
}

pub(super) fn some_text() -> BoxedStrategy<String> {
    any_text()
        .prop_map(|text| {
            if text.is_empty() {
                "1".to_owned()
            } else {
                text
            }
        })
        .boxed()
}

/// A form, or any text at all.
pub(super) fn mostly(form: impl Strategy<Value = String> + 'static) -> BoxedStrategy<String> {
    prop_oneof![3 => form, 1 => any_text()].boxed()
}

pub(super) fn object_id() -> BoxedStrategy<String> {
    "[0-9a-f]{24}|[0-9A-F]{24}".boxed()
}

pub(super) fn uuid() -> BoxedStrategy<String> {
    "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}".boxed()
}

pub(super) fn tx_id(is_private: bool) -> BoxedStrategy<String> {
    if is_private {
        "[0-9a-f]{64}".boxed()
    } else {
        "0x([0-9a-f]{64}|[0-9A-F]{64})".boxed()
    }
}

/// A digest of a known length, in hex or in base64.
pub(super) fn digest() -> BoxedStrategy<String> {
    prop_oneof![
        "[0-9a-f]{64}",
        "[0-9a-f]{32}|[0-9a-f]{40}|[0-9A-F]{56}|[0-9A-F]{96}|[0-9a-f]{128}",
        "[0-9A-Za-z+/]{43}=?|[0-9A-Za-z_-]{86}(==)?",
    ]
    .boxed()
}

pub(super) fn plain_name() -> BoxedStrategy<String> {
    "[a-z0-9 éß日]{0,8}(\\.[a-z]{3})?".boxed()
}

pub(super) fn known_type() -> BoxedStrategy<String> {
    "[0-4]".boxed()
}
