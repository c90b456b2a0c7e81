//! The name of the stamped file.

use crate::escape::{changes, is_hidden};
use crate::macros::text_newtype;

text_newtype! {
    /// The name of the stamped file, wire key `data.name`. Any Unicode.
    ///
    /// Never trust it. It may be `../../etc/passwd`, contain markup, break a log line, or look
    /// like another name. Never store a file under it.
    ///
    /// The rule [`unsafe-name`](crate::guide::rules#unsafe-name) reports the names that are no
    /// plain file names. `Display` escapes a name for a log. For HTML, SQL or a shell, escape
    /// it yourself.
    ///
    /// That it is a file's name is *inferred* from edeXa's failure sample: the documentation
    /// describes it with `userId`'s words.
    ///
    /// ```
    /// use edexa_webhooks::FileName;
    ///
    /// let name = FileName::from("invoice\u{202e}fdp.exe");
    /// assert_eq!(name.to_string(), "invoice\\u{202e}fdp.exe");
    /// assert_eq!(name.as_str(), "invoice\u{202e}fdp.exe");
    /// ```
    pub struct FileName;
}

impl FileName {
    /// Whether the name is a plain one, on Windows too, that shows what it is.
    pub(crate) fn is_plain(&self) -> bool {
        let name = self.as_str();
        !name.is_empty()
            && !changes(name).any(|c| matches!(c, '/' | '\\' | ':') || is_hidden(c))
            && !name.ends_with(['.', ' '])
            && !is_device(name)
    }
}

/// Whether Windows takes a name for a device: so it does whatever follows a dot.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.trim_end().to_ascii_uppercase();
    let numbered = |port| {
        stem.strip_prefix(port).is_some_and(|digit| {
            matches!(digit, "¹" | "²" | "³") || matches!(digit.as_bytes(), [b'1'..=b'9'])
        })
    };
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem.as_str())
        || numbered("COM")
        || numbered("LPT")
}
