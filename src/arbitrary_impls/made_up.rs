//! Values under the keys of an object, made up.

use arbitrary::{Result, Unstructured};

/// Makes up the value of one field of an object from the table of its keys.
macro_rules! change_by_key {
    ($name:ident { $($field:ident = $key:literal,)* }) => {
        impl $name {
            /// Makes up the value under the nth key, or the unknown ones.
            #[allow(dead_code, reason = "some objects are not made up")]
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
        Ok(if u.arbitrary()? {
            Some(T::made_up(u)?)
        } else {
            None
        })
    }
}
