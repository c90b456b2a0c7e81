//! Values under the keys of an object, made up.

use arbitrary::{Result, Unstructured};

/// Makes up the value of one field of an object from the table of its keys.
macro_rules! change_by_key {
    ($name:ident { $($field:ident = $key:literal,)* }) => {
        #[allow(dead_code, reason = "some objects are not made up")]
        impl $name {
            /// Makes up the value under the nth key, or the unknown ones.
            pub(crate) fn change(
                &mut self,
                nth: usize,
                u: &mut arbitrary::Unstructured<'_>,
            ) -> arbitrary::Result<()> {
                match Self::KEYS.get(nth) {
                    $(Some(&$key) => {
                        self.$field = $crate::arbitrary_impls::made_up::MadeUp::made_up(u)?;
                    })*
                    _ => {
                        self.extra = $crate::arbitrary_impls::made_up::MadeUp::made_up(u)?;
                        for key in Self::KEYS {
                            self.extra.remove(key);
                        }
                    }
                }
                Ok(())
            }

            /// With up to three values made up.
            pub(crate) fn with_changes(
                mut self,
                u: &mut arbitrary::Unstructured<'_>,
            ) -> arbitrary::Result<Self> {
                for _ in 0..u.int_in_range(0..=3)? {
                    let nth = u.int_in_range(0..=Self::KEYS.len())?;
                    self.change(nth, u)?;
                }
                Ok(self)
            }
        }
    };
}
pub(crate) use change_by_key;

/// A value under a key, made up.
pub(crate) trait MadeUp: Sized {
    fn made_up(u: &mut Unstructured<'_>) -> Result<Self>;
}

impl<T: MadeUp> MadeUp for Option<T> {
    fn made_up(u: &mut Unstructured<'_>) -> Result<Self> {
        let is_there: bool = u.arbitrary()?;
        is_there.then(|| T::made_up(u)).transpose()
    }
}
