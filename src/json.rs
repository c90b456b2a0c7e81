//! JSON as text (RFC 8259): the one reader and the one writer of it, and the way
//! from and to any other format.

mod canonical;
mod entries;
mod from_serde;
mod reader;
mod to_serde;
mod write;

pub(crate) use canonical::Canonical;
pub(crate) use entries::{Entries, lower};
pub(crate) use from_serde::write_serde;
pub(crate) use reader::{Broken, Found, Read, Reader};
pub(crate) use to_serde::Meaning;
pub(crate) use write::{push_scalar, push_string};
