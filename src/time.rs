//! Times of the payload.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use serde::de::Deserializer;
use serde::ser::Serializer;
use serde_with::{DeserializeAs, SerializeAs};

use crate::error::WriteError;
use crate::field::{Field, Scalar, deserialize_text};
use crate::json::Found;

/// Reads and writes times as the payload has them, for `DateTime<Utc>` fields of
/// your own types.
///
/// **Read:** RFC 3339 in ASCII, with an upper-case `T` between date and time:
/// `2023-05-30T09:21:36.966Z`, `2023-05-30T11:21:36+02:00`. The offset is
/// required and applied, and may be `z` for `Z`; the year in UTC is 0000 to 9999.
/// A fraction may have any number of digits, of which those past nanoseconds are
/// dropped. A second of 60, in any minute, is a leap second.
///
/// **Written:** in UTC with `Z`, and with the fewest digits of a fraction that lose
/// nothing: `.61Z`, and none for a whole second.
///
/// edeXa's samples have milliseconds and `Z` throughout (documentation); that
/// other forms of RFC 3339 may come is *inferred*.
///
/// # Errors
///
/// Reading refuses `2023-05-30` (no time), `2023-05-30T09:21:36` (no offset),
/// `2023-05-30 09:21:36Z` (no `T`), `2023-02-30T00:00:00Z` (no such day),
/// `0000-01-01T00:00:00+01:00` (a year before 0000 in UTC) and `1685438496`
/// (no string). Writing refuses a year outside 0000 to 9999.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use edexa_webhooks::WireTime;
/// use serde_with::{DeserializeAs, SerializeAs};
///
/// #[derive(serde::Deserialize, serde::Serialize)]
/// struct Row {
///     #[serde(
///         deserialize_with = "WireTime::deserialize_as",
///         serialize_with = "WireTime::serialize_as"
///     )]
///     seen: DateTime<Utc>,
/// }
///
/// let row: Row = serde_json::from_str(r#"{"seen":"2023-05-30T11:21:36+02:00"}"#)?;
/// assert_eq!(serde_json::to_string(&row)?, r#"{"seen":"2023-05-30T09:21:36Z"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct WireTime;

impl SerializeAs<DateTime<Utc>> for WireTime {
    fn serialize_as<S: Serializer>(time: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
        Field::serialize(time, to)
    }
}

impl<'de> DeserializeAs<'de, DateTime<Utc>> for WireTime {
    fn deserialize_as<D: Deserializer<'de>>(from: D) -> Result<DateTime<Utc>, D::Error> {
        deserialize_text(from)
    }
}

impl Scalar for DateTime<Utc> {
    const EXPECTED: &'static str = "an RFC 3339 time such as \"2023-05-30T09:21:36.966Z\"";

    fn from_found(found: &Found<'_>) -> Option<Self> {
        found.text().and_then(parse)
    }

    fn to_found(&self) -> Result<Found<'_>, WriteError> {
        format(self).map(|text| Found::Text(text.into()))
    }
}

fn parse(text: &str) -> Option<DateTime<Utc>> {
    parse_fixed(text.as_bytes()).or_else(|| parse_any(text))
}

/// The one form that edeXa sends, `YYYY-MM-DDTHH:MM:SS.mmmZ`: read here in a
/// fraction of the time that the general form takes.
fn parse_fixed(text: &[u8]) -> Option<DateTime<Utc>> {
    #[rustfmt::skip]
    let &[
        y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T',
        h1, h2, b':', n1, n2, b':', s1, s2, b'.', f1, f2, f3, b'Z',
    ] = text
    else {
        return None;
    };
    let year = i32::try_from(number([y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number([m1, m2])?, number([d1, d2])?)?
        .and_hms_milli_opt(
            number([h1, h2])?,
            number([n1, n2])?,
            number([s1, s2])?,
            number([f1, f2, f3])?,
        )
        .map(|time| time.and_utc())
}

/// The number that decimal digits write.
fn number<const DIGITS: usize>(digits: [u8; DIGITS]) -> Option<u32> {
    digits.into_iter().try_fold(0_u32, |number, digit| {
        let digit = char::from(digit).to_digit(10)?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

fn parse_any(text: &str) -> Option<DateTime<Utc>> {
    if !text.is_ascii() || text.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    let time = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    is_in_range(&time).then_some(time)
}

fn format(time: &DateTime<Utc>) -> Result<String, WriteError> {
    if !is_in_range(time) {
        return Err(WriteError::YEAR);
    }
    let time = time.naive_utc();
    // chrono keeps a leap second as the second before it, with more nanoseconds.
    let (second, nanos) = match time.nanosecond().checked_sub(1_000_000_000) {
        Some(nanos) => (time.second().saturating_add(1), nanos),
        None => (time.second(), time.nanosecond()),
    };
    let mut text = *b"YYYY-MM-DDThh:mm:ss.nnnnnnnnn";
    for (place, mut value) in [
        (0..4, time.year().unsigned_abs()),
        (5..7, time.month()),
        (8..10, time.day()),
        (11..13, time.hour()),
        (14..16, time.minute()),
        (17..19, second),
        (20..29, nanos),
    ] {
        for digit in text.get_mut(place).unwrap_or_default().iter_mut().rev() {
            *digit = b'0' | u8::try_from(value % 10).unwrap_or(0);
            value /= 10;
        }
    }
    let text = std::str::from_utf8(&text).unwrap_or_default();
    Ok([text.trim_end_matches('0').trim_end_matches('.'), "Z"].concat())
}

fn is_in_range(time: &DateTime<Utc>) -> bool {
    (0..=9999).contains(&time.year())
}
