//! Strategies for what is made up from random bytes.

use arbitrary::Unstructured;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::arbitrary_impls::json;

/// What a function makes of random bytes. Fewer and smaller bytes are simpler.
pub(super) fn made_up<T: Clone + std::fmt::Debug + 'static>(
    make: fn(&mut Unstructured<'_>) -> arbitrary::Result<T>,
    otherwise: T,
) -> BoxedStrategy<T> {
    vec(any::<u8>(), 0..1_500)
        .prop_map(move |bytes| make(&mut Unstructured::new(&bytes)).unwrap_or(otherwise.clone()))
        .boxed()
}

/// The JSON text of a value that nests a few levels deep.
pub(super) fn json_value() -> BoxedStrategy<String> {
    made_up(json::value, "null".to_owned())
}
