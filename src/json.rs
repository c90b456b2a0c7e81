//! JSON as text (RFC 8259): the one reader and the one writer of it, and the way
//! from and to any other format.

pub(crate) mod buffer;
mod canonical;
mod double;
mod found;
mod from_serde;
mod plain;
mod reader;
mod to_serde;
mod write;

pub(crate) use canonical::Canonical;
pub(crate) use found::Found;
pub(crate) use from_serde::write_serde;
pub(crate) use reader::{Read, Reader};
pub(crate) use to_serde::Meaning;
pub(crate) use write::{push_scalar, push_string};
