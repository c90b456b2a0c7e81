//! Values in the documented forms.

use arbitrary::{Result, Unstructured};
use chrono::{DateTime, Utc};

use crate::escape::is_hidden;
use crate::hex::encode;
use crate::stamp::file_name::FileName;

/// The hex digits of that many bytes, in either case.
pub(super) fn hex(u: &mut Unstructured<'_>, bytes: usize) -> Result<String> {
    let (is_upper, mut digits) = (u.arbitrary()?, vec![0; bytes]);
    u.fill_buffer(&mut digits)?;
    let text = encode(&digits);
    Ok(if is_upper { text.to_uppercase() } else { text })
}

pub(super) fn object_id(u: &mut Unstructured<'_>) -> Result<String> {
    hex(u, 12)
}

pub(super) fn uuid(u: &mut Unstructured<'_>) -> Result<String> {
    let groups = [hex(u, 4)?, hex(u, 2)?, hex(u, 2)?, hex(u, 2)?, hex(u, 6)?];
    Ok(groups.join("-"))
}

pub(super) fn tx_id(u: &mut Unstructured<'_>, is_private: bool) -> Result<String> {
    // Never all zeros, whatever the bytes are.
    let digits = hex(u, 31)? + *u.choose(&["01", "fe"])?;
    Ok(if is_private {
        digits
    } else {
        format!("0x{digits}")
    })
}

/// A digest of a known length, in hex or in base64. In base64, 48 bytes would be 64
/// characters, which are taken for hex.
pub(super) fn digest(u: &mut Unstructured<'_>) -> Result<String> {
    let bytes = *u.choose(&[16, 20, 28, 32, 48, 64])?;
    if bytes == 48 || u.arbitrary()? {
        return hex(u, bytes);
    }
    let mut text = String::new();
    for _ in 0..bytes.saturating_mul(4).div_ceil(3) {
        text.push(char::from(*u.choose(BASE64)?));
    }
    // Neither hex digits nor base64 of text, whatever the bytes are.
    text.replace_range(..1, "z");
    if u.arbitrary()? {
        while text.len() % 4 != 0 {
            text.push('=');
        }
    }
    Ok(text)
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) fn plain_name(u: &mut Unstructured<'_>) -> Result<String> {
    let text: &str = u.arbitrary()?;
    let chars = text.chars();
    let name: String = chars
        .filter(|c| !matches!(c, '/' | '\\' | ':') && !is_hidden(*c))
        .collect();
    let name = FileName::from(name);
    Ok(if name.is_plain() {
        name.into()
    } else {
        format!("a{}b", name.as_str())
    })
}

/// A string that is not empty.
pub(super) fn some_text(u: &mut Unstructured<'_>) -> Result<String> {
    let text: String = u.arbitrary()?;
    Ok(if text.is_empty() {
        "1".to_owned()
    } else {
        text
    })
}

/// A time that can be written: of the years 0000 to 9999.
pub(super) fn time(u: &mut Unstructured<'_>) -> Result<DateTime<Utc>> {
    let seconds = u.int_in_range(-62_167_219_200..=253_402_300_799)?;
    Ok(instant(seconds, nanos(u)?))
}

/// Mostly whole milliseconds, as edeXa sends them.
pub(super) fn nanos(u: &mut Unstructured<'_>) -> Result<u32> {
    Ok(if u.ratio(3, 4)? {
        u.int_in_range(0..=999_u32)?.saturating_mul(1_000_000)
    } else {
        u.int_in_range(0..=999_999_999)?
    })
}

pub(super) fn instant(seconds: i64, nanos: u32) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, nanos).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_name_is_no_folder() {
        // The last byte says how long the text is.
        for (bytes, name) in [
            (b"\x00".as_slice(), "ab"),
            (b"..\x02", "a..b"),
            (b"a:\x02", "a"),
        ] {
            let made = plain_name(&mut Unstructured::new(bytes));
            assert_eq!(made.as_deref(), Ok(name), "{bytes:?}");
        }
    }
}
