//! Times that are none, and every form that is one.

use edexa_webhooks::Category::Data;
use edexa_webhooks::chrono::SecondsFormat;

use crate::support::{assert_accepted, assert_refused, with};

const MALFORMED: [&str; 44] = [
    "",
    " ",
    "now",
    "1685438496",
    "1685438496966",
    "2023",
    "2023-05-30",
    "2023-05-30T",
    "2023-05-30Z",
    "09:21:36.966Z",
    // No offset, or half of one.
    "2023-05-30T09:21:36",
    "2023-05-30T09:21:36.966",
    "2023-05-30T09:21:36+",
    "2023-05-30T09:21:36+02",
    "2023-05-30T09:21:36+0200",
    "2023-05-30T09:21:36+2:00",
    "2023-05-30T09:21:36+02:60",
    "2023-05-30T09:21:36+24:00",
    "2023-05-30T09:21:36\u{2212}02:00",
    "2023-05-30T09:21:36 Z",
    "2023-05-30T09:21:36UTC",
    "2023-05-30T09:21:36ZZ",
    // Something else than `T` between date and time.
    "2023-05-30 09:21:36Z",
    "2023-05-30t09:21:36Z",
    "2023-05-30_09:21:36Z",
    // Not enough digits, or other ones.
    "2023-5-30T09:21:36Z",
    "23-05-30T09:21:36Z",
    "2023-05-30T9:21:36Z",
    "2023-05-30T09:21Z",
    "20230530T092136Z",
    "2023-05-30T09:21:36.Z",
    "2023-05-30T09:21:36,966Z",
    "2023-05-30T09:21:3\u{666}Z",
    // No such day or hour.
    "2023-02-29T00:00:00Z",
    "2023-13-01T00:00:00Z",
    "2023-00-01T00:00:00Z",
    "2023-01-00T00:00:00Z",
    "2023-05-30T24:00:00Z",
    "2023-05-30T09:60:00Z",
    "2023-05-30T09:21:61Z",
    // Space around.
    " 2023-05-30T09:21:36Z",
    "2023-05-30T09:21:36Z ",
    // Years that four digits cannot write.
    "-001-05-30T09:21:36Z",
    "+12023-05-30T09:21:36Z",
];

#[track_caller]
fn assert_malformed(time: &str) {
    for (key, pointer, at) in [
        ("createdAt", "/data/createdAt", (18, 18)),
        ("updatedAt", "/data/updatedAt", (19, 18)),
    ] {
        let message = format!(
            "expected an RFC 3339 time such as \"2023-05-30T09:21:36.966Z\", \
             found the string \"{time}\""
        );
        let body = with(key, &format!("\"{time}\""));
        assert_refused(body, Data, pointer, at, &message);
    }
}

#[test]
fn a_time_is_malformed() {
    for time in MALFORMED {
        assert_malformed(time);
    }
}

#[test]
fn a_year_is_out_of_range_once_the_offset_is_applied() {
    assert_malformed("0000-01-01T00:00:00+00:01");
    assert_malformed("0000-01-01T22:59:59.999999999+23:00");
    assert_malformed("9999-12-31T23:59:59-00:01");
    assert_malformed("9999-12-31T01:00:00-23:00");
}

#[track_caller]
fn assert_time(text: &str, utc: &str) {
    for key in ["createdAt", "updatedAt"] {
        let stamp = assert_accepted(with(key, &format!("\"{text}\""))).data;
        let time = match key {
            "createdAt" => stamp.created_at,
            _ => stamp.updated_at,
        };
        assert_eq!(time.to_rfc3339_opts(SecondsFormat::Nanos, true), utc);
    }
}

#[test]
fn a_fraction_may_have_any_number_of_digits() {
    assert_time("2023-05-30T09:21:36Z", "2023-05-30T09:21:36.000000000Z");
    assert_time("2023-05-30T09:21:36.9Z", "2023-05-30T09:21:36.900000000Z");
    assert_time("2023-05-30T09:21:36.966Z", "2023-05-30T09:21:36.966000000Z");
    let nanos = "2023-05-30T09:21:36.966123456Z";
    assert_time(nanos, nanos);
    assert_time("2023-05-30T09:21:36.9661234569999Z", nanos);
    let digits = "9".repeat(400);
    let text = format!("2023-05-30T09:21:36.{digits}+00:00");
    assert_time(&text, "2023-05-30T09:21:36.999999999Z");
}

#[test]
fn an_offset_is_applied() {
    let utc = "2023-05-30T09:21:36.000000000Z";
    assert_time("2023-05-30T11:21:36+02:00", utc);
    assert_time("2023-05-30T03:51:36-05:30", utc);
    assert_time("2023-05-30T09:21:36+00:00", utc);
    assert_time("2023-05-30T09:21:36-00:00", utc);
    assert_time("2023-05-31T09:20:36+23:59", utc);
    let first = "0000-01-01T00:00:00.000000000Z";
    assert_time("0000-01-01T23:00:00+23:00", first);
    assert_time(first, first);
    let last = "9999-12-31T23:59:59.999999999Z";
    assert_time("9999-12-31T00:59:59.999999999-23:00", last);
    assert_time(last, last);
}

#[test]
fn a_leap_day_and_a_leap_second_are_times() {
    assert_time("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000000Z");
    assert_time("2016-12-31T23:59:60Z", "2016-12-31T23:59:60.000000000Z");
}

#[test]
fn an_escape_is_read_before_the_time() {
    let utc = "2023-05-30T09:21:36.000000000Z";
    assert_time(r"2023\u002d05-30\u005409:21:36Z", utc);
}
