//! What may be under a key that the crate does not know.

use arbitrary::{Arbitrary as _, Result, Unstructured};

use crate::event::WebhookEvent;
use crate::stamp::Stamp;

/// Keys that edeXa's API shows on the same record elsewhere.
const KEYS_SEEN_ELSEWHERE: &[&str] = &["metaData", "originalDocHash", "filename", "username"];

/// Values in spellings that serializing does not make.
const SPELLINGS: &[&str] = &[
    "null",
    "true",
    "false",
    "-0",
    "1.50",
    "1E+2",
    "1e-400",
    "18446744073709551615",
    "123456789012345678901234567890",
    r#""\u00e9\/\ud83d\ude00\u0000""#,
    "[ ]",
    "{\n}",
];

/// A key that no object of the payload has a field for.
pub(super) fn unknown_key(u: &mut Unstructured<'_>) -> Result<String> {
    let mut key = if u.arbitrary()? {
        (*u.choose(KEYS_SEEN_ELSEWHERE)?).to_owned()
    } else {
        u.arbitrary()?
    };
    if [WebhookEvent::KEYS, Stamp::KEYS]
        .concat()
        .contains(&key.as_str())
    {
        key.push('2');
    }
    Ok(key)
}

/// The JSON text of a value that nests a few levels deep.
pub(crate) fn value(u: &mut Unstructured<'_>) -> Result<String> {
    value_of(u, 4)
}

fn value_of(u: &mut Unstructured<'_>, levels: usize) -> Result<String> {
    Ok(match (u.int_in_range(0..=5)?, levels.checked_sub(1)) {
        (0, _) => (*u.choose(SPELLINGS)?).to_owned(),
        (1, _) => i64::arbitrary(u)?.to_string(),
        // serde_json reads longer fractions one step off now and then, unless its feature
        // `float_roundtrip` is on.
        (2, _) => (f64::from(i32::arbitrary(u)?) / 16.0).to_string(),
        (4, Some(inner)) => format!("[{}]", list(u, |u| value_of(u, inner))?),
        (5, Some(inner)) => {
            let entries = list(u, |u| Ok([text(u)?, value_of(u, inner)?].join(":")))?;
            format!("{{{entries}}}")
        }
        _ => text(u)?,
    })
}

fn list<'a>(
    u: &mut Unstructured<'a>,
    item: impl Fn(&mut Unstructured<'a>) -> Result<String>,
) -> Result<String> {
    let mut list = String::new();
    for nth in 0..u.int_in_range(0..=3)? {
        if nth > 0 {
            list.push_str(u.choose(&[",", " , "])?);
        }
        list.push_str(&item(u)?);
    }
    Ok(list)
}

/// serde_json takes an object with one of its private keys for something else.
fn text(u: &mut Unstructured<'_>) -> Result<String> {
    let text = u.arbitrary::<&str>()?.replace("$serde_json", "serde_json");
    Ok(serde_json::Value::from(text).to_string())
}
