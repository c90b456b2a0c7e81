//! Strategies for what is made up from random bytes.

use std::fmt::Debug;

use arbitrary::{Arbitrary, Unstructured};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::arbitrary_impls::json;

/// What a function makes of random bytes. Fewer and smaller bytes are simpler.
pub(super) fn made_up<T: Debug + 'static>(
    make: fn(&mut Unstructured<'_>) -> arbitrary::Result<T>,
) -> BoxedStrategy<T> {
    vec(any::<u8>(), 0..1_500)
        .prop_filter_map("bytes of which nothing can be made", move |bytes| {
            make(&mut Unstructured::new(&bytes)).ok()
        })
        .boxed()
}

/// What the feature `arbitrary` makes of random bytes.
pub(super) fn any_made_up<T: for<'a> Arbitrary<'a> + Debug + 'static>() -> BoxedStrategy<T> {
    made_up(|u| T::arbitrary(u))
}

/// The JSON text of a value that nests a few levels deep.
pub(super) fn json_value() -> BoxedStrategy<String> {
    made_up(json::value)
}
