//! The rules, made from their table.

use crate::names::names;

macro_rules! rule {
    ($($_h:literal $severity:ident {$(
        $(#[$why:meta])*
        $name:ident $code:literal must $must:literal otherwise $_o:literal
        event $event:literal finds $call:literal $finding:literal;
    )*})*) => {
        /// A rule that an event may break, errors first.
        ///
        /// Each variant says what must be so, why, and shows an event that breaks it. What to do
        /// then is in the guide: [Rules](crate::guide::rules). An event that breaks a rule gets
        /// a [`Finding`](crate::Finding).
        ///
        /// ```
        /// use edexa_webhooks::{Rule, Severity};
        ///
        /// assert_eq!(Rule::StatusMismatch.code(), "status-mismatch");
        /// assert_eq!(Rule::StatusMismatch.severity(), Severity::Error);
        /// ```
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[non_exhaustive]
        pub enum Rule {
            $($(
                #[doc = concat!(
                    "[`", $code, "`](crate::guide::rules#", $code, "), ",
                    stringify!($severity), ": ", $must, ".",
                )]
                #[doc = ""]
                $(#[$why])*
                #[doc = concat!(
                    "\n```\n",
                    "# use std::time::Duration;\n# use edexa_webhooks::chrono::{DateTime, Utc};\n",
                    "# use edexa_webhooks::testing::EventBuilder;\n",
                    "let event = ", $event, ".build();\n",
                    "assert_eq!(\n    event.", $call, ".to_string(),\n    ",
                    stringify!($finding), ",\n);\n# Ok::<(), Box<dyn std::error::Error>>(())\n```\n\n",
                    "[success page]: https://developer.edexa.network/docs/Plugins-Lego-Dapps/APIs/bStamp%20API/webhooks/success",
                )]
                $name,
            )*)*
        }

        impl Rule {
            /// Every rule, errors first.
            pub const ALL: &'static [Self] = &[$($(Self::$name),*),*];

            /// Whether a broken rule is an error or a warning.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self {
                    $($(Self::$name => Severity::$severity,)*)*
                }
            }

            /// What is true of an event that keeps the rule.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self {
                    $($(Self::$name => $must,)*)*
                }
            }
        }

        names! {
            /// The rule's stable code, such as `status-mismatch`.
            Rule::code { $($($name = $code,)*)* }
        }
    };
}

super::table::rules!(rule);

/// Whether a broken rule refuses the event.
///
/// ```
/// use edexa_webhooks::{Rule, Severity};
///
/// let errors = Rule::ALL.iter().filter(|rule| rule.severity() == Severity::Error);
/// assert_eq!(errors.count(), 4);
/// assert_eq!(Severity::Error.to_string(), "error");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Severity {
    /// Unusual, but the event has one meaning. Write it to the log.
    Warning,
    /// The event contradicts itself, or does not say which stamp it is about. It has no
    /// outcome to act on.
    Error,
}

names! {
    /// `error` or `warning`.
    Severity::as_str {
        Warning = "warning",
        Error = "error",
    }
}
