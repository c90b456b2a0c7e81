//! JSON as text: unknown values taken from any format, checked, and written
//! again; and what is wrong with a text that is not JSON.

use crate::fault::Fault;

mod read;
mod scan;
mod write;

pub(crate) use read::TextSeed;
pub(crate) use scan::{Scanner, scan};
pub(crate) use write::JsonText;

/// What is wrong with a text, and at which byte of it.
pub(crate) struct Broken {
    pub(crate) fault: Fault,
    pub(crate) at: usize,
}

impl Fault {
    pub(crate) const fn at(self, at: usize) -> Broken {
        Broken { fault: self, at }
    }
}
