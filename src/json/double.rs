//! Doubles as decimal digits: the fewest that read as the double.
//!
//! Of two that are equally near, the even ones, as in other languages. serde_json sees
//! to that, and std does not.

/// A double in the form of [`Canonical`](super::Canonical): `1.5e0`, and `0e0` for both
/// zeros.
pub(super) fn scientific(double: f64) -> String {
    let (sign, digits, exponent) = decimal(double);
    let (first, rest) = digits.split_at_checked(1).unwrap_or(("0", ""));
    let sign = if first == "0" { "" } else { sign };
    let point = if rest.is_empty() { "" } else { "." };
    let exponent = exponent.saturating_add_unsigned(rest.len());
    format!("{sign}{first}{point}{rest}e{exponent}")
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
    let (sign, digits, exponent) = decimal(double);
    let without_point = format!("{sign}{digits}e{exponent}");
    if without_point.len() < plain.len() {
        without_point
    } else {
        plain
    }
}

/// The sign; the digits from the first to the last that is not zero, so none of zero; and
/// the power of ten that the last of them counts.
fn decimal(double: f64) -> (&'static str, String, isize) {
    let sign = if double.is_sign_negative() { "-" } else { "" };
    let text = serde_json::to_string(&double.abs()).unwrap_or_default();
    let (number, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let all = [whole, fraction].concat();
    let digits = all.trim_end_matches('0');
    if digits.is_empty() {
        return (sign, String::new(), 0);
    }
    let zeros = all.len().saturating_sub(digits.len());
    let exponent: isize = exponent.parse().unwrap_or_default();
    let exponent = exponent.saturating_add_unsigned(zeros);
    let exponent = exponent.saturating_sub_unsigned(fraction.len());
    (sign, digits.trim_start_matches('0').to_owned(), exponent)
}
