//! Bodies: valid, changed in one place, and noise.

use arbitrary::{Arbitrary as _, Result, Unstructured};

use crate::arbitrary_impls::json;
use crate::testing::body::Body;
use crate::testing::{FAILED, SUCCEEDED};

/// What may arrive as the body of a request.
pub(super) fn any_body(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    match u.int_in_range(0..=7)? {
        0..=1 if u.ratio(1, 5)? => Ok(u.choose(&[SUCCEEDED, FAILED])?.as_bytes().to_vec()),
        0..=1 => spelled(u, |_| {}),
        2..=3 => with_another_entry(u),
        4..=5 => with_another_byte(u),
        _ => noise(u),
    }
}

/// An event's body, its keys in any order and with any white space. A function changes it
/// before that. What decides comes before the event, which may use up the bytes.
fn spelled(u: &mut Unstructured<'_>, change: impl FnOnce(&mut Body)) -> Result<Vec<u8>> {
    let (space, ranks) = (
        u.choose(&["", " ", "\n  ", "\r\n\t"])?,
        <[u8; 32]>::arbitrary(u)?,
    );
    let mut body = Body::of(&u.arbitrary()?);
    change(&mut body);
    let mut rank = ranks.into_iter().cycle();
    body.outer.sort_by_cached_key(|_| rank.next());
    body.data.sort_by_cached_key(|_| rank.next());
    body.space = space;
    Ok(body.write().into_bytes())
}

/// A key is missing, or there twice, or has another value.
fn with_another_entry(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let (change, is_outer, nth) = (u.int_in_range(0..=7)?, u.ratio(1, 4)?, u.arbitrary()?);
    let other = match change {
        // What every key refuses.
        4 => (*u.choose(&["1e400", r#""\ud800""#])?).to_owned(),
        _ => json::value(u)?,
    };
    spelled(u, |body| {
        let entries = if is_outer {
            &mut body.outer
        } else {
            &mut body.data
        };
        let nth = usize::checked_rem(nth, entries.len()).unwrap_or_default();
        entries.rotate_left(nth);
        match (change, entries.pop()) {
            (0..=1, _) | (_, None) => {}
            (2..=3, Some(entry)) => entries.extend([entry.clone(), entry]),
            (_, Some((key, _))) => entries.push((key, other)),
        }
    })
}

/// A byte is changed, removed or put in, or the end is cut off.
fn with_another_byte(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let (change, at, byte): (u8, usize, u8) = u.arbitrary()?;
    let mut bytes = spelled(u, |_| {})?;
    let at = at.checked_rem(bytes.len()).unwrap_or_default();
    match (change % 4, bytes.get_mut(at)) {
        (0, _) => bytes.truncate(at),
        (1, _) => bytes.insert(at, byte),
        (2, Some(_)) => drop(bytes.remove(at)),
        (_, found) => found
            .into_iter()
            .for_each(|found| *found ^= 1 << (byte % 8)),
    }
    Ok(bytes)
}

fn noise(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    const MARKS: &[u8] = b"[]{}\",:0123456789abcdefghijklmnopqrstuvwxyz\\ ";
    match u.int_in_range(0..=3)? {
        0 => {
            let bytes = u.int_in_range(0..=256)?.min(u.len());
            u.bytes(bytes).map(<[u8]>::to_vec)
        }
        1 => json::value(u).map(String::into_bytes),
        2 => (0..u.int_in_range(0..=64)?)
            .map(|_| u.choose(MARKS).copied())
            .collect(),
        _ => Ok(u
            .choose(&["[", "{\"a\":"])?
            .repeat(u.int_in_range(0..=199)?)
            .into_bytes()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    /// The body of the event that is made of no bytes.
    fn unchanged() -> Vec<u8> {
        spelled(&mut Unstructured::new(&[]), |_| {}).unwrap()
    }

    fn with_byte(change: u8, byte: u8) -> Vec<u8> {
        let bytes = [&[change][..], &5_usize.to_le_bytes(), &[byte]].concat();
        with_another_byte(&mut Unstructured::new(&bytes)).unwrap()
    }

    #[test]
    fn a_byte_changes_as_it_is_told() {
        let body = unchanged();
        assert_eq!(body[..8], *b"{\"webhoo");
        assert_eq!(with_byte(0, 0), b"{\"web");
        assert_eq!(with_byte(1, b'~'), [b"{\"web~", &body[5..]].concat());
        assert_eq!(with_byte(2, 0), [b"{\"web", &body[6..]].concat());
        assert_eq!(with_byte(3, 0), [b"{\"webi", &body[6..]].concat());
        assert_eq!(with_byte(7, 9), [b"{\"webj", &body[6..]].concat());
    }

    /// How often the first key is there, and its last value.
    fn with_entry(change: u8) -> (usize, String) {
        let bytes = [&[change, 0][..], &1_usize.to_le_bytes(), &[1]].concat();
        let body = with_another_entry(&mut Unstructured::new(&bytes)).unwrap();
        let body = String::from_utf8(body).unwrap();
        let values: Vec<_> = body.split(r#""webhookId":"#).skip(1).collect();
        let value = values.last().and_then(|rest| rest.split([',', '}']).next());
        (values.len(), value.unwrap_or_default().to_owned())
    }

    #[test]
    fn an_entry_changes_as_it_is_told() {
        let id = r#""000000000000000000000000""#;
        assert_eq!(with_entry(0), (0, String::new()));
        assert_eq!(with_entry(1), (0, String::new()));
        assert_eq!(with_entry(2), (2, id.to_owned()));
        assert_eq!(with_entry(3), (2, id.to_owned()));
        assert_eq!(with_entry(4), (1, r#""\ud800""#.to_owned()));
        assert_eq!(with_entry(5), (1, "0".to_owned()));
    }

    #[test]
    fn entries_are_in_the_order_of_their_ranks() {
        let bytes = [[0, 3, 2, 1].as_slice(), &[9; 28], &[0]].concat();
        let body = spelled(&mut Unstructured::new(&bytes), |_| {}).unwrap();
        let start = r#"{"action":"failed","actionId":"000000000000000000000000","webhookId":"#;
        assert!(body.starts_with(start.as_bytes()), "{body:?}");
        let bytes = [1].repeat(33);
        let body = spelled(&mut Unstructured::new(&bytes), |_| {}).unwrap();
        assert!(body.starts_with(b" { \"webhookId\" :"), "{body:?}");
    }
}
