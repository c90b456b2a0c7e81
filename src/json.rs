//! Unknown JSON as text: taken from any format, checked in one pass, and
//! written again.

mod check;
mod read;
mod syntax;
mod write;

pub(crate) use check::check;
pub(crate) use read::TextSeed;
pub(crate) use syntax::{offset_of, syntax_fault};
pub(crate) use write::JsonText;
