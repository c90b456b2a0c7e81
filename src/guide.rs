#![doc = include_str!("guide/index.md")]
#![doc = include_str!("guide/life.svg")]

#[doc = include_str!("guide/receiving.md")]
#[doc = include_str!("guide/way.svg")]
pub mod receiving {}

#[doc = include_str!("guide/trust.md")]
#[cfg_attr(feature = "http", doc = "[`screen`]: crate::screen")]
#[doc = ""]
#[doc = include_str!("guide/trust.svg")]
pub mod trust {}

#[doc = include_str!("guide/redelivery.md")]
#[doc = include_str!("guide/retries.svg")]
pub mod redelivery {}

#[doc = include_str!("guide/storing.md")]
pub mod storing {}

#[doc = include_str!("guide/rules.md")]
pub mod rules {}

#[doc = include_str!("guide/upgrading.md")]
pub mod upgrading {}

#[doc = include_str!("guide/compared.md")]
pub mod compared {}
