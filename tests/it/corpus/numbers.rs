//! Numbers: those that JSON writes, those that a status holds, and those that
//! no receiver holds.

use edexa_webhooks::testing::Damage::{
    FractionalStatus, LeadingZero, MissingComma, NotANumber, NumberBeyondDouble, NumberForText,
    PlusSign, StatusBeyond64Bits, TrailingPoint,
};

use super::Place::{Action, Body, DataValue, IsEsign, Name, Status};
use super::{
    Accept, Data, Group, Place, Refuse, RefuseAt, Syntax, UNKNOWN, Verdict, all, assert_verdicts,
    group, values,
};

pub(super) fn groups() -> Vec<Group> {
    vec![
        group(number(Accept), INTEGERS.map(named)).known_as(&[NumberForText]),
        group(number(Refuse(Data)), OTHER_NUMBERS.map(named)).known_as(&[
            NumberForText,
            FractionalStatus,
            StatusBeyond64Bits,
        ]),
        group(number(Refuse(Data)), long_numbers()).known_as(&[StatusBeyond64Bits]),
        // Elsewhere a `Value` may say that it is the integer 0.
        group(all(&UNKNOWN, Accept), [("minus zero", "-0")]),
        group(values(Refuse(Syntax)), BEYOND_A_DOUBLE.map(named)).known_as(&[NumberBeyondDouble]),
        group(values(Refuse(Syntax)), NO_NUMBERS.map(named)).known_as(&[
            LeadingZero,
            PlusSign,
            TrailingPoint,
            NotANumber,
        ]),
        group(
            followed(RefuseAt(Syntax, "/data")),
            INTEGER_AND_MORE.map(named),
        )
        .known_as(&[MissingComma]),
        group(followed(Refuse(Data)), FRACTION_AND_MORE.map(named)).known_as(&[FractionalStatus]),
    ]
}

fn named(number: &str) -> (String, &str) {
    (format!("number {number}"), number)
}

fn number(status: Verdict) -> Vec<(Place, Verdict)> {
    let elsewhere = all(&[Body, DataValue, Name, Action, IsEsign], Refuse(Data));
    [elsewhere, all(&UNKNOWN, Accept), vec![(Status, status)]].concat()
}

/// A number is over, and then comes what may not follow it.
fn followed(status: Verdict) -> Vec<(Place, Verdict)> {
    let wrong_type = all(&[Body, DataValue, Name, Action, IsEsign], Refuse(Data));
    [
        wrong_type,
        all(&UNKNOWN, Refuse(Syntax)),
        vec![(Status, status)],
    ]
    .concat()
}

const INTEGERS: [&str; 15] = [
    "0",
    "1",
    "2",
    "3",
    "-1",
    "10",
    "-10",
    "1234567890",
    "2147483648",
    "-2147483649",
    "4294967296",
    "9007199254740993",
    "-9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
];

const OTHER_NUMBERS: [&str; 32] = [
    "-0.0",
    "0.0",
    "1.0",
    "-1.0",
    "2.0",
    "0e0",
    "0E0",
    "0e+0",
    "0E-0",
    "-0e0",
    "1e0",
    "1E0",
    "1e5",
    "1E+5",
    "1e-5",
    "1e00",
    "1e007",
    "0.1",
    "1.50",
    "-12.5e-3",
    "123456789.125",
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "18446744073709551616",
    "1e308",
    "1.7976931348623157e308",
    "-1.7976931348623157e308",
    "2.2250738585072014e-308",
    "5e-324",
    "1e-999",
    "-1e-99999999999999999999",
];

fn long_numbers() -> [(&'static str, String); 6] {
    [
        ("number of 40 digits", "1234567890".repeat(4)),
        ("number of 300 digits", "9".repeat(300)),
        ("number of 301 digits", "9".repeat(301)),
        ("number of 308 digits", "9".repeat(308)),
        ("fraction of 400 zeros", format!("0.{}1", "0".repeat(400))),
        ("fraction of 400 digits", format!("3.{}", "14".repeat(200))),
    ]
}

const BEYOND_A_DOUBLE: [&str; 9] = [
    "1e309",
    "-1e309",
    "1E+400",
    "1.8e308",
    "10e308",
    "0.1e310",
    "123456789e301",
    "1e99999999999999999999",
    "-1.0e4294967296",
];

const NO_NUMBERS: [&str; 36] = [
    "-",
    "+",
    "+1",
    "+0",
    "--1",
    "-+1",
    "- 1",
    "00",
    "01",
    "007",
    "-00",
    "-01",
    "-012.5",
    "1.",
    "-1.",
    "0.",
    ".5",
    "-.5",
    ".",
    "1.e1",
    "1.-1",
    "1e",
    "1E",
    "1e+",
    "1e-",
    "1e+-1",
    "1ee1",
    "1e.5",
    "1.x",
    "Infinity",
    "-Infinity",
    "-inf",
    "NaN",
    "-NaN",
    "\u{661}",
    "\u{ff11}",
];

const INTEGER_AND_MORE: [&str; 12] = [
    "0x10", "0b1", "0o7", "1_000", "1f", "1L", "1n", "1 000", "1/2", "1+1", "1-1", "1\u{661}",
];

const FRACTION_AND_MORE: [&str; 6] = ["1.2.3", "1e1.5", "1e1e1", "1.5f", "1.0-", "0.0.0"];

#[test]
fn numbers() {
    assert_verdicts(&groups());
}

#[test]
fn an_integer_of_309_digits_is_beyond_a_double() {
    let digits = "9".repeat(309);
    assert_verdicts(&[group(values(Refuse(Syntax)), [("309 digits", digits)])]);
}
