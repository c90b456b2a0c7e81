//! The shapes that the model's small types share.

/// A string newtype for a value of the payload that may be any string.
macro_rules! text_newtype {
    ($(#[doc = $doc:literal])* pub struct $name:ident;) => {
        $(#[doc = $doc])*
        ///
        /// `Display` escapes control, bidirectional and invisible characters,
        /// and shortens nothing; `as_str` is exact.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(Box<str>);

        impl $name {
            /// The string, as it was received.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether the string is empty.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        $crate::macros::from_text!($name: |text| Self(text.into()));

        /// So that `as_deref` gives a `&str` of an optional field.
        impl std::ops::Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        $crate::macros::borrow_text!($name);
        $crate::macros::text_traits!($name);
        $crate::macros::any_text!($name);

        #[cfg(feature = "schemars")]
        $crate::json_schema::impl_json_schema! {
            /// Any string.
            $name named stringify!($name), inline: true, |_| {
                $crate::json_schema::text(&[$($doc),*])
            }
        }
    };
}

/// What every type has that is written as a string: it needs `as_str` and
/// [`Scalar`](crate::field::Scalar).
macro_rules! text_traits {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&$crate::escape::Escaped(self.as_str()), f)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        $crate::macros::equal_to_text!($name: str, &str, String);

        $crate::macros::serde_text!($name);
    };
}

/// A string in every format: it needs what [`text_traits`] does.
macro_rules! serde_text {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                $crate::field::deserialize_text(from)
            }
        }
    };
}

/// Conversions from what holds a string.
macro_rules! from_text {
    ($name:ident: |$text:ident| $new:expr) => {
        $crate::macros::from_text!($name: |$text| $new; &str, String, Box<str>);
    };
    ($name:ident: |$text:ident| $new:expr; $($type:ty),*) => {$(
        impl From<$type> for $name {
            fn from($text: $type) -> Self {
                $new
            }
        }
    )*};
}

macro_rules! equal_to_text {
    ($name:ident: $($text:ty),*) => {$(
        impl PartialEq<$text> for $name {
            fn eq(&self, other: &$text) -> bool {
                self.as_str() == AsRef::<str>::as_ref(other)
            }
        }

        impl PartialEq<$name> for $text {
            fn eq(&self, other: &$name) -> bool {
                other == self
            }
        }
    )*};
}

/// What is read from any string: it needs `as_str` and `From<&str>`.
macro_rules! any_text {
    ($name:ident) => {
        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(text.into())
            }
        }

        $crate::macros::text_scalar!($name as "a string", |text| Some(text.into()));
    };
}

/// What is under a key as a string: it needs `as_str`.
macro_rules! text_scalar {
    ($name:ident as $expected:literal, $from_text:expr) => {
        impl $crate::field::Scalar for $name {
            const EXPECTED: &'static str = $expected;

            fn from_found(found: &$crate::json::Found<'_>) -> Option<Self> {
                found.text().and_then($from_text)
            }

            fn to_found(&self) -> Result<$crate::json::Found<'_>, $crate::error::WriteError> {
                Ok($crate::json::Found::of_text(self.as_str()))
            }
        }
    };
}

/// What is read only from some strings: it needs `as_str` and `from_text`, which gives
/// `None` for the others.
macro_rules! parsed_text {
    ($name:ident as $expected:literal, $(#[$doc:meta])* or else $error:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
        #[error("expected {}, found {found}", $expected)]
        #[non_exhaustive]
        pub struct $error {
            found: String,
        }

        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::from_text(text).ok_or_else(|| $error {
                    found: $crate::escape::quote(text).to_string(),
                })
            }
        }

        $crate::macros::text_scalar!($name as $expected, Self::from_text);
    };
}

/// For types that are equal, ordered and hashed as their text is.
macro_rules! borrow_text {
    ($name:ident) => {
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0.into()
            }
        }
    };
}

/// An enum over the strings that are documented today, open to what it may say
/// tomorrow. The unknown variant's content is private, so that it can never
/// hold a known string.
macro_rules! open_text_enum {
    (
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $($(#[doc = $known_doc:literal])* $known:ident = $wire:literal,)*
        }
        $(#[$unknown_doc:meta])*
        pub struct $unknown:ident;
    ) => {
        $(#[doc = $doc])*
        ///
        /// Ordered by the string, so that a value which a later
        /// version of this crate learns to name keeps its place. `Display`
        /// escapes control, bidirectional and invisible characters; `as_str` is
        /// exact.
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[doc = $known_doc])* $known,)*
            /// A value that this version of the crate does not know, kept as it
            /// arrived.
            Unknown($unknown),
        }

        $(#[$unknown_doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $unknown(Box<str>);

        impl $unknown {
            /// The string, as it was received.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $unknown {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&$crate::escape::Escaped(&self.0), f)
            }
        }

        impl $name {
            /// The values that are documented today.
            #[cfg(feature = "arbitrary")]
            pub(crate) const KNOWN: &'static [&'static str] = &[$($wire),*];

            /// The string, as it was received.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$known => $wire,)*
                    Self::Unknown(unknown) => unknown.as_str(),
                }
            }

            /// The string, or `unknown` for every value that this version of
            /// the crate does not know: a label for metrics that strangers cannot
            /// multiply.
            #[must_use]
            pub const fn label(&self) -> &'static str {
                match self {
                    $(Self::$known => $wire,)*
                    Self::Unknown(_) => "unknown",
                }
            }

            /// Whether this version of the crate does not know the value.
            #[must_use]
            pub const fn is_unknown(&self) -> bool {
                matches!(self, Self::Unknown(_))
            }
        }

        $crate::macros::from_text!($name: |text| match AsRef::<str>::as_ref(&text) {
            $($wire => Self::$known,)*
            _ => Self::Unknown($unknown(text.into())),
        });

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        $crate::macros::text_traits!($name);
        $crate::macros::any_text!($name);

        #[cfg(feature = "schemars")]
        $crate::json_schema::impl_json_schema! {
            /// Any string; the known values are named.
            $name named stringify!($name), inline: false, |_| {
                $crate::json_schema::open_text(
                    &[$($doc),*],
                    &[$(($wire, &[$($known_doc),*])),*],
                )
            }
        }
    };
}

pub(crate) use {
    any_text, borrow_text, equal_to_text, from_text, open_text_enum, parsed_text, serde_text,
    text_newtype, text_scalar, text_traits,
};
