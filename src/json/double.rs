//! Doubles as decimal digits: the fewest that read as the double.
//!
//! Of two that are equally near, the even ones, as in other languages. serde_json sees
//! to that, and std does not.

use std::fmt::Write as _;

/// Appends the double nearest to a JSON number, in the form of
/// [`Canonical`](super::Canonical): `1.5e0`, and `0e0` for both zeros.
pub(super) fn push_scientific(text: &mut String, number: &str) {
    let (sign, digits, exponent) = nearest(number);
    let (first, rest) = digits.split_at_checked(1).unwrap_or(("0", ""));
    let point = if rest.is_empty() { "" } else { "." };
    text.extend([sign, first, point, rest]);
    let exponent = exponent.saturating_add_unsigned(rest.len());
    // Writing to a `String` cannot fail.
    let _ = write!(text, "e{exponent}");
}

/// Appends the double nearest to a JSON number in a form that no other double has, and
/// that is never longer than the number: `1.5`, and `.` for both zeros.
pub(super) fn push_short(text: &mut String, number: &str) {
    let (sign, digits, exponent) = nearest(number);
    let point = exponent.saturating_add_unsigned(digits.len());
    let at = usize::try_from(point).ok();
    if let Some((whole, part)) = at.and_then(|at| digits.split_at_checked(at)) {
        text.extend([sign, whole, ".", part]);
        return;
    }
    // Counted from that end of the digits which is nearer to the point: it is the shorter one.
    let power = if exponent > 0 { exponent } else { point };
    // Writing to a `String` cannot fail.
    let _ = write!(text, "{sign}{digits}e{power}");
}

/// The sign of the double nearest to a JSON number, none for zero, and its [`decimal`].
fn nearest(number: &str) -> (&str, String, isize) {
    let (mut digits, mut exponent) = decimal(number);
    // No two numbers of so few digits are the same double, unless it is subnormal.
    let is_shortest = digits.len() <= 15 && (-300..=300).contains(&exponent);
    if !is_shortest {
        let double: f64 = number.parse().unwrap_or_default();
        (digits, exponent) = decimal(&to_string(double));
    }
    let is_negative = number.starts_with('-') && !digits.is_empty();
    (if is_negative { "-" } else { "" }, digits, exponent)
}

fn to_string(double: f64) -> String {
    serde_json::to_string(&double).unwrap_or_default()
}

/// A double in the fewest bytes, so that what is written is never longer than what was
/// read.
pub(super) fn shortest(double: f64) -> String {
    if double == 0.0 {
        // JSON has no integer that is a negative zero.
        let zero = if double.is_sign_negative() {
            "-0"
        } else {
            "0.0"
        };
        return zero.to_owned();
    }
    let plain = format!("{double:?}");
    let (digits, exponent) = decimal(&to_string(double));
    let sign = if double < 0.0 { "-" } else { "" };
    let without_point = format!("{sign}{digits}e{exponent}");
    if without_point.len() < plain.len() {
        without_point
    } else {
        plain
    }
}

/// The digits of a JSON number from the first to the last that is not zero, so none of
/// zero, without the sign; and the power of ten that the last of them counts. One that
/// does not fit is the largest, which no double has.
fn decimal(number: &str) -> (String, isize) {
    let mut digits = String::with_capacity(number.len());
    let (mut exponent, mut is_fraction) = (0_isize, false);
    for (at, byte) in number.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => {
                exponent = exponent.saturating_sub(is_fraction.into());
                if byte != b'0' || !digits.is_empty() {
                    digits.push(byte.into());
                }
            }
            b'.' => is_fraction = true,
            b'e' | b'E' => {
                let power = number.get(at.saturating_add(1)..).unwrap_or_default();
                exponent = exponent.saturating_add(power.parse().unwrap_or(isize::MAX));
                break;
            }
            _ => {}
        }
    }
    let len = digits.trim_end_matches('0').len();
    if len == 0 {
        return (String::new(), 0);
    }
    exponent = exponent.saturating_add_unsigned(digits.len().saturating_sub(len));
    digits.truncate(len);
    (digits, exponent)
}
