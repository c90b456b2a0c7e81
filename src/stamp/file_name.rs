//! The name of the stamped file.

use crate::macros::text_newtype;

text_newtype! {
    /// The name of the stamped file, wire key `data.name`. Any Unicode.
    ///
    /// Never trust it: it may be a path, hold control characters, or be made to
    /// look like another name. To store a file, pick a name of your own. That it
    /// is a file's name is *inferred* from edeXa's failure sample: the
    /// documentation describes it with `userId`'s words.
    pub struct FileName;
}
