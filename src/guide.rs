#![doc = include_str!("guide/index.md")]
#![doc = include_str!("guide/life.svg")]

#[doc = include_str!("guide/receiving.md")]
pub mod receiving {}

#[doc = include_str!("guide/storing.md")]
pub mod storing {}

#[doc = include_str!("guide/trust.md")]
#[cfg_attr(feature = "http", doc = "[`screen`]: fn@crate::screen")]
#[cfg_attr(
    not(feature = "http"),
    doc = "[`screen`]: https://docs.rs/edexa-webhooks/latest/edexa_webhooks/fn.screen.html"
)]
#[doc = ""]
#[doc = include_str!("guide/trust.svg")]
pub mod trust {}

#[doc = include_str!("guide/redelivery.md")]
#[doc = include_str!("guide/retries.svg")]
pub mod redelivery {}

/// A row for each rule, from the table of `Rule`.
macro_rules! rules {
    ($($heading:literal $_s:ident {$(
        $(#[$_d:meta])*
        $name:ident $code:literal must $must:literal otherwise $otherwise:literal
        event $_e:literal finds $_f:literal $_m:literal;
    )*})*) => {
        #[doc = include_str!("guide/rules.md")]
        $(
            #[doc = concat!("\n", $heading, "\n\n| rule | if an event breaks it |\n| --- | --- |")]
            $(#[doc = concat!(
                "| <a id=\"", $code, "\"></a>[`", $code, "`](crate::Rule::", stringify!($name),
                "): ", $must, " | ", $otherwise, " |",
            )])*
        )*
        pub mod rules {}
    };
}

crate::validate::rules!(rules);

#[doc = include_str!("guide/testing.md")]
#[doc = ""]
#[cfg_attr(feature = "testing", doc = "[`testing`]: crate::testing")]
#[cfg_attr(
    not(feature = "testing"),
    doc = "[`testing`]: https://docs.rs/edexa-webhooks/latest/edexa_webhooks/testing/index.html"
)]
pub mod testing {}

#[doc = include_str!("guide/upgrading.md")]
pub mod upgrading {}

#[doc = include_str!("guide/compared.md")]
pub mod compared {}
