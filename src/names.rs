//! Enums whose variants have names.

/// A method that gives the name of a variant, and `Display`, which writes it.
macro_rules! names {
    (
        $(#[$doc:meta])*
        $name:ident::$method:ident { $($variant:ident = $text:literal,)* }
    ) => {
        impl $name {
            $(#[$doc])*
            #[must_use]
            pub const fn $method(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.$method())
            }
        }
    };
}

pub(crate) use names;
