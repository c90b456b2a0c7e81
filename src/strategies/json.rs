//! What may stand under a key that the crate does not know.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::text;
use crate::extra::Extra;
use crate::testing::body::quoted;
use crate::testing::unknown::{KEYS_SEEN_ELSEWHERE, SPELLINGS, made_unknown};

pub(super) fn extra() -> BoxedStrategy<Extra> {
    vec((unknown_key(), value()), 0..3)
        .prop_map(|entries| {
            let mut extra = Extra::new();
            for (key, json) in entries {
                // Well-formed and shallow, so that it is always let in.
                let _ = extra.insert(&key, &json);
            }
            extra
        })
        .boxed()
}

/// A key that no object of the payload has a field for.
fn unknown_key() -> BoxedStrategy<String> {
    prop_oneof![
        select(KEYS_SEEN_ELSEWHERE).prop_map(str::to_owned),
        text::any_text().prop_map(made_unknown),
    ]
    .boxed()
}

/// The text of a JSON value that nests a few levels deep.
pub(super) fn value() -> BoxedStrategy<String> {
    // Sixteenths: serde_json reads longer fractions one step off now and then,
    // unless its feature `float_roundtrip` is on.
    let leaf = prop_oneof![
        select(SPELLINGS).prop_map(str::to_owned),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<i32>().prop_map(|number| (f64::from(number) / 16.0).to_string()),
        text::any_text().prop_map(|text| quoted(&text)),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        let entry = (text::any_text(), inner.clone());
        let entries = entry.prop_map(|(key, json)| format!("{}: {json}", quoted(&key)));
        prop_oneof![
            vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            vec(entries, 0..4).prop_map(|entries| format!("{{{}}}", entries.join(", "))),
        ]
    })
    .boxed()
}
