//! What may stand under a key that the crate does not know.

use arbitrary::{Arbitrary as _, Result, Unstructured};

use crate::place::Place;

/// How deep the values nest.
const LEVELS: usize = 4;

/// A key that no object of the payload has a field for.
pub(super) fn unknown_key(u: &mut Unstructured<'_>) -> Result<String> {
    const SEEN_ELSEWHERE: [&str; 4] = ["originalDocHash", "metaData", "filename", "username"];
    let mut key: String = if u.arbitrary()? {
        (*u.choose(&SEEN_ELSEWHERE)?).to_owned()
    } else {
        u.arbitrary()?
    };
    if Place::in_envelope(&key).or(Place::in_stamp(&key)).is_some() {
        key.push('2');
    }
    Ok(key)
}

/// The text of a JSON value.
pub(super) fn value(u: &mut Unstructured<'_>) -> Result<String> {
    let mut json = String::new();
    push_value(u, LEVELS, &mut json)?;
    Ok(json)
}

fn push_value(u: &mut Unstructured<'_>, levels: usize, json: &mut String) -> Result<()> {
    let inner = levels.checked_sub(1);
    match (u.int_in_range(0..=5)?, inner) {
        (0, _) => json.push_str(u.choose(SPELLINGS)?),
        (1, _) => json.push_str(&i64::arbitrary(u)?.to_string()),
        (2, _) => {
            // serde_json reads longer fractions one step off now and then, unless
            // its feature `float_roundtrip` is on.
            let sixteenths: i32 = u.arbitrary()?;
            json.push_str(&(f64::from(sixteenths) / 16.0).to_string());
        }
        (4, Some(inner)) => {
            push_list(u, '[', ']', json, |u, json| push_value(u, inner, json))?;
        }
        (5, Some(inner)) => push_list(u, '{', '}', json, |u, json| {
            push_text(u, json)?;
            json.push(':');
            push_value(u, inner, json)
        })?,
        _ => push_text(u, json)?,
    }
    Ok(())
}

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

fn push_list<'a>(
    u: &mut Unstructured<'a>,
    open: char,
    close: char,
    json: &mut String,
    mut push_item: impl FnMut(&mut Unstructured<'a>, &mut String) -> Result<()>,
) -> Result<()> {
    json.push(open);
    for nth in 0..u.int_in_range(0..=3)? {
        if nth > 0 {
            json.push_str(u.choose(&[",", " , "])?);
        }
        push_item(u, json)?;
    }
    json.push(close);
    Ok(())
}

/// serde_json takes an object with one of its private keys for something else.
fn push_text(u: &mut Unstructured<'_>, json: &mut String) -> Result<()> {
    let text = u.arbitrary::<&str>()?.replace("$serde_json", "serde_json");
    json.push_str(&serde_json::Value::from(text).to_string());
    Ok(())
}
