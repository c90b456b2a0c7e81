//! What may be under a key that the crate does not know.

use arbitrary::{Arbitrary as _, Result, Unstructured};

use crate::testing::unknown::{KEYS_SEEN_ELSEWHERE, SPELLINGS, made_unknown};

/// How deep the values nest.
const LEVELS: usize = 4;

/// A key that no object of the payload has a field for.
pub(super) fn unknown_key(u: &mut Unstructured<'_>) -> Result<String> {
    let key = if u.arbitrary()? {
        (*u.choose(KEYS_SEEN_ELSEWHERE)?).to_owned()
    } else {
        u.arbitrary()?
    };
    Ok(made_unknown(key))
}

/// The JSON text of a value.
pub(crate) fn value(u: &mut Unstructured<'_>) -> Result<String> {
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
