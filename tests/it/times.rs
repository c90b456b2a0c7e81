//! The wire's times, through a type of a user's that carries some.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on ends by panicking"
)]

use edexa_webhooks::WireTime;
use edexa_webhooks::chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::{As, DeserializeAs, SerializeAs};

#[derive(Deserialize, Serialize, PartialEq, Debug)]
struct Row {
    #[serde(
        deserialize_with = "WireTime::deserialize_as",
        serialize_with = "WireTime::serialize_as"
    )]
    at: DateTime<Utc>,
}

fn read(text: &str) -> serde_json::Result<DateTime<Utc>> {
    serde_json::from_value(json!({ "at": text })).map(|row: Row| row.at)
}

fn write(at: DateTime<Utc>) -> serde_json::Result<String> {
    let written = serde_json::to_value(Row { at })?;
    Ok(written["at"].as_str().unwrap().to_owned())
}

/// An instant from a count of seconds since 1970 and of nanoseconds.
fn instant(seconds: i64, nanos: u32) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, nanos).unwrap()
}

/// The second of edeXa's success sample: 2023-05-30T09:21:36Z.
const SAMPLE: i64 = 1_685_438_496;

#[track_caller]
fn reads(text: &str, seconds: i64, nanos: u32) {
    match read(text) {
        Ok(at) => assert_eq!(at, instant(seconds, nanos), "{text}"),
        Err(error) => panic!("{text}: {error}"),
    }
}

#[track_caller]
fn refuses(text: &str) {
    assert_eq!(
        read(text).unwrap_err().to_string(),
        format!(
            "expected an RFC 3339 time such as \"2023-05-30T09:21:36.966Z\", \
             found the string \"{text}\""
        )
    );
}

/// Reads the text and writes it: what comes out, and that it means the same.
#[track_caller]
fn rewrites(text: &str, expected: &str) {
    let at = read(text).unwrap();
    let written = write(at).unwrap();
    assert_eq!(written, expected);
    assert_eq!(read(&written).unwrap(), at);
}

mod reading {
    use super::*;

    #[test]
    fn the_documented_form() {
        reads("2023-05-30T09:21:36.966Z", SAMPLE, 966_000_000);
        reads("2023-05-30T09:21:46.610Z", 1_685_438_506, 610_000_000);
        reads("2023-05-30T10:55:17.315Z", 1_685_444_117, 315_000_000);
        reads("2023-05-30T10:55:20.142Z", 1_685_444_120, 142_000_000);
    }

    /// RFC 3339 lets `z` stand for `Z`.
    #[test]
    fn a_lower_case_z() {
        reads("2023-05-30T09:21:36z", SAMPLE, 0);
        reads("2023-05-30T09:21:36.966z", SAMPLE, 966_000_000);
    }

    #[test]
    fn a_fraction_of_any_length() {
        reads("2023-05-30T09:21:36Z", SAMPLE, 0);
        let digits = "123456789987";
        let nanos = [
            100_000_000,
            120_000_000,
            123_000_000,
            123_400_000,
            123_450_000,
            123_456_000,
            123_456_700,
            123_456_780,
            123_456_789,
            123_456_789,
            123_456_789,
            123_456_789,
        ];
        for (len, nanos) in (1..=12).zip(nanos) {
            let text = format!("2023-05-30T09:21:36.{}Z", &digits[..len]);
            reads(&text, SAMPLE, nanos);
        }
        let nines = "9".repeat(5_000);
        reads(
            &format!("2023-05-30T09:21:36.{nines}Z"),
            SAMPLE,
            999_999_999,
        );
        reads("2023-05-30T09:21:36.0000000009Z", SAMPLE, 0);
    }

    #[test]
    fn an_offset_which_is_applied() {
        for text in [
            "2023-05-30T09:21:36+00:00",
            "2023-05-30T09:21:36-00:00",
            "2023-05-30T11:21:36+02:00",
            "2023-05-30T14:51:36+05:30",
            "2023-05-30T09:22:36+00:01",
            "2023-05-31T09:20:36+23:59",
            "2023-05-29T09:22:36-23:59",
            "2023-05-29T23:21:36-10:00",
        ] {
            reads(text, SAMPLE, 0);
        }
        reads("2023-05-30T11:21:36.966+02:00", SAMPLE, 966_000_000);
    }

    #[test]
    fn days_that_the_calendar_has() {
        reads("1970-01-01T00:00:00Z", 0, 0);
        reads("1969-12-31T23:59:59.999Z", -1, 999_000_000);
        reads("2024-02-29T00:00:00Z", 1_709_164_800, 0);
        reads("2000-02-29T00:00:00Z", 951_782_400, 0);
    }

    /// The first and the last instant of the years 0000 to 9999.
    const FIRST: i64 = -62_167_219_200;
    const LAST: i64 = 253_402_300_799;

    #[test]
    fn the_years_0000_to_9999_in_utc() {
        reads("0000-01-01T00:00:00Z", FIRST, 0);
        reads("0000-01-01T01:00:00+01:00", FIRST, 0);
        reads("9999-12-31T23:59:59Z", LAST, 0);
        reads("9999-12-31T23:59:59.999999999Z", LAST, 999_999_999);
        reads("9999-12-31T22:59:59-01:00", LAST, 0);
        // Within the years by what they say, and outside in UTC.
        refuses("0000-01-01T00:00:00+00:01");
        refuses("0000-01-01T00:59:59.999+01:00");
        refuses("9999-12-31T23:59:00-00:01");
        refuses("9999-12-31T23:00:00-01:00");
    }

    #[test]
    fn a_leap_second() {
        let at = |day, nanos| {
            let day: NaiveDate = day;
            day.and_hms_nano_opt(23, 59, 59, nanos).unwrap().and_utc()
        };
        let day = NaiveDate::from_ymd_opt(2016, 12, 31).unwrap();
        let leap = read("2016-12-31T23:59:60Z").unwrap();
        assert_eq!(leap, at(day, 1_000_000_000));
        assert!(leap > read("2016-12-31T23:59:59.999999999Z").unwrap());
        assert!(leap < read("2017-01-01T00:00:00Z").unwrap());
        assert_eq!(
            read("2016-12-31T23:59:60.5Z").unwrap(),
            at(day, 1_500_000_000)
        );
        assert_eq!(read("2017-01-01T01:59:60+02:00").unwrap(), leap);
        refuses("2016-12-31T23:59:61Z");
        refuses("2016-12-31T23:60:60Z");
        refuses("2016-12-31T24:59:60Z");
    }

    /// When leap seconds fall is for tables to say, so a 61st second passes in
    /// any minute, and the last one of the last year is still in that year.
    #[test]
    fn a_second_60_in_any_minute() {
        let late = read("2023-05-30T09:21:60Z").unwrap();
        assert_eq!(late.timestamp(), 1_685_438_519);
        assert!(late > read("2023-05-30T09:21:59.999999999Z").unwrap());
        assert!(late < read("2023-05-30T09:22:00Z").unwrap());
        let last = read("9999-12-31T23:59:60.999999999Z").unwrap();
        assert_eq!(last.timestamp(), LAST);
    }

    #[test]
    fn refuses_what_is_not_a_whole_time() {
        for text in [
            "",
            "Z",
            "now",
            "2023",
            "2023-05-30",
            "2023-05-30T",
            "2023-05-30TZ",
            "2023-05-30T09Z",
            "2023-05-30T09:21Z",
            "2023-05-30T09:21:Z",
            "09:21:36Z",
            "T09:21:36Z",
            "1685438496",
            "1685438496966",
            "2023-W22-2T09:21:36Z",
            "2023-150T09:21:36Z",
            "20230530T092136Z",
            "Tue, 30 May 2023 09:21:36 GMT",
        ] {
            refuses(text);
        }
    }

    #[test]
    fn refuses_a_time_without_an_offset() {
        for text in [
            "2023-05-30T09:21:36",
            "2023-05-30T09:21:36.966",
            "2023-05-30T09:21:36 ",
            "2023-05-30T09:21:36+",
            "2023-05-30T09:21:36+02",
            "2023-05-30T09:21:36+02:",
            "2023-05-30T09:21:36+02:0",
            "2023-05-30T09:21:36+0200",
            "2023-05-30T09:21:36+2:00",
            "2023-05-30T09:21:36+24:00",
            "2023-05-30T09:21:36-24:00",
            "2023-05-30T09:21:36+99:99",
            "2023-05-30T09:21:36+00:60",
            "2023-05-30T09:21:36UTC",
            "2023-05-30T09:21:36GMT",
            "2023-05-30T09:21:36Z+00:00",
        ] {
            refuses(text);
        }
    }

    #[test]
    fn refuses_other_separators() {
        for text in [
            "2023-05-30 09:21:36Z",
            "2023-05-30t09:21:36Z",
            "2023-05-30_09:21:36Z",
            "2023-05-3009:21:36Z",
            "2023/05/30T09:21:36Z",
            "2023-05-30T09-21-36Z",
            "2023-05-30T09.21.36Z",
            "2023-05-30T09:21:36,966Z",
            "2023-05-30T09:21:36.Z",
            "2023-05-30T09:21:36.9.6Z",
            "2023-05-30T09:21:36.-66Z",
            "2023-05-30T09:21:36. 966Z",
        ] {
            refuses(text);
        }
    }

    #[test]
    fn refuses_fields_out_of_range_or_of_another_width() {
        for text in [
            "2023-00-30T09:21:36Z",
            "2023-13-30T09:21:36Z",
            "2023-05-00T09:21:36Z",
            "2023-05-32T09:21:36Z",
            "2023-02-29T09:21:36Z",
            "2023-02-30T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2023-04-31T00:00:00Z",
            "2023-05-30T24:00:00Z",
            "2023-05-30T25:21:36Z",
            "2023-05-30T09:60:36Z",
            "2023-05-30T09:21:61Z",
            "2023-5-30T09:21:36Z",
            "2023-05-3T09:21:36Z",
            "2023-05-30T9:21:36Z",
            "2023-05-30T09:1:36Z",
            "2023-05-30T09:21:6Z",
            "2023-05-30T009:21:36Z",
            "23-05-30T09:21:36Z",
            "-023-05-30T09:21:36Z",
            "+023-05-30T09:21:36Z",
            "-2023-05-30T09:21:36Z",
            "+2023-05-30T09:21:36Z",
            "10000-01-01T00:00:00Z",
            "+10000-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
        ] {
            refuses(text);
        }
    }

    #[test]
    fn refuses_white_space_and_what_follows() {
        for text in [
            " 2023-05-30T09:21:36Z",
            "2023-05-30T09:21:36Z ",
            "2023-05-30T 09:21:36Z",
            "2023-05-30T09:21:36 Z",
            "2023-05-30T09:21:36 +02:00",
            "2023-05-30T09: 21:36Z",
            "2023-05-30T09:21:36ZZ",
            "2023-05-30T09:21:36Zx",
            "2023-05-30T09:21:36.966Z/P1D",
            "2023-05-30T09:21:36Z[UTC]",
        ] {
            refuses(text);
        }
    }

    /// Digits, a minus sign and an offset's sign that are not ASCII.
    #[test]
    fn refuses_what_is_not_ascii() {
        for text in [
            "2023-05-30T09:21:3٦Z",
            "２023-05-30T09:21:36Z",
            "2023-05-30T09:21:36\u{2212}02:00",
            "2023\u{2010}05-30T09:21:36Z",
            "2023-05-30\u{422}09:21:36Z",
        ] {
            refuses(text);
        }
    }

    #[test]
    fn quotes_a_short_and_escaped_piece_of_what_it_refuses() {
        let error = read(&format!("\u{1b}\n\u{202e}{}", "x".repeat(100)));
        assert_eq!(
            error.unwrap_err().to_string(),
            format!(
                "expected an RFC 3339 time such as \"2023-05-30T09:21:36.966Z\", \
                 found the string \"\\u{{1b}}\\n\\u{{202e}}{}\"…",
                "x".repeat(37)
            )
        );
    }

    #[test]
    fn refuses_what_is_no_string() {
        for (value, found) in [
            (json!(null), "null"),
            (json!(true), "boolean `true`"),
            (json!(["2023-05-30T09:21:36Z"]), "sequence"),
            (json!({"$date": "2023-05-30T09:21:36Z"}), "map"),
        ] {
            let row = serde_json::from_value::<Row>(json!({ "at": value }));
            let expected = "expected an RFC 3339 time such as \"2023-05-30T09:21:36.966Z\"";
            let message = format!("invalid type: {found}, {expected}");
            assert_eq!(row.unwrap_err().to_string(), message);
        }
    }
}

mod writing {
    use super::*;

    #[test]
    fn chooses_the_shortest_fraction_that_loses_nothing() {
        for (nanos, fraction) in [
            (0, ""),
            (1_000_000, ".001"),
            (100_000_000, ".1"),
            (999_000_000, ".999"),
            (1_000, ".000001"),
            (123_456_000, ".123456"),
            (100_001_000, ".100001"),
            (1, ".000000001"),
            (123_456_789, ".123456789"),
            (999_999_999, ".999999999"),
            (1_001, ".000001001"),
        ] {
            assert_eq!(
                write(instant(SAMPLE, nanos)).unwrap(),
                format!("2023-05-30T09:21:36{fraction}Z")
            );
        }
    }

    #[test]
    fn is_in_utc_with_a_z() {
        rewrites("2023-05-30T09:21:36.966Z", "2023-05-30T09:21:36.966Z");
        rewrites("2023-05-30T11:21:36+02:00", "2023-05-30T09:21:36Z");
        rewrites("2023-05-30T00:30:00-23:59", "2023-05-31T00:29:00Z");
        rewrites("2023-05-30T09:21:36.9Z", "2023-05-30T09:21:36.9Z");
        rewrites("2023-05-30T09:21:36.9660Z", "2023-05-30T09:21:36.966Z");
        rewrites("2023-05-30T09:21:36.9661Z", "2023-05-30T09:21:36.9661Z");
        rewrites(
            "2023-05-30T09:21:36.1234567891Z",
            "2023-05-30T09:21:36.123456789Z",
        );
    }

    #[test]
    fn keeps_a_leap_second() {
        rewrites("2016-12-31T23:59:60Z", "2016-12-31T23:59:60Z");
        rewrites("2016-12-31T23:59:60.25Z", "2016-12-31T23:59:60.25Z");
        rewrites("2016-12-31T23:59:60.000001Z", "2016-12-31T23:59:60.000001Z");
    }

    fn start_of(year: i32) -> DateTime<Utc> {
        let day = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        day.and_hms_opt(0, 0, 0).unwrap().and_utc()
    }

    #[test]
    fn reaches_from_year_0000_to_9999() {
        let nano = TimeDelta::nanoseconds(1);
        let (first, past) = (start_of(0), start_of(10_000));
        let last = past.checked_sub_signed(nano).unwrap();
        let before = first.checked_sub_signed(nano).unwrap();

        assert_eq!(write(first).unwrap(), "0000-01-01T00:00:00Z");
        assert_eq!(write(last).unwrap(), "9999-12-31T23:59:59.999999999Z");
        for at in [
            before,
            past,
            start_of(-1),
            start_of(12_345),
            DateTime::<Utc>::MIN_UTC,
            DateTime::<Utc>::MAX_UTC,
        ] {
            assert_eq!(
                write(at).unwrap_err().to_string(),
                "expected a year from 0000 to 9999, found another one"
            );
        }
    }

    #[test]
    fn refuses_such_a_year_in_an_event_too() {
        let event = edexa_webhooks::testing::EventBuilder::succeeded().updated_at(start_of(10_000));
        assert_eq!(
            event.to_json().unwrap_err().to_string(),
            "expected a year from 0000 to 9999, found another one"
        );
    }

    #[test]
    fn is_what_reading_takes_back() {
        let steps = (0..400_u32).map(|step| {
            let seconds = i64::from(step)
                .wrapping_mul(788_923_149)
                .wrapping_sub(62_167_219_200);
            instant(seconds, step.wrapping_mul(2_654_435_761) % 1_000_000_000)
        });
        for at in steps {
            let written = write(at).unwrap();
            assert_eq!(read(&written).unwrap(), at, "{written}");
        }
    }
}

mod as_an_adapter {
    use super::*;

    #[derive(Deserialize, Serialize, PartialEq, Debug)]
    struct Log {
        #[serde(with = "As::<Option<WireTime>>")]
        last: Option<DateTime<Utc>>,
        #[serde(with = "As::<Vec<WireTime>>")]
        all: Vec<DateTime<Utc>>,
    }

    #[test]
    fn it_goes_into_options_and_lists() {
        let value = json!({
            "last": null,
            "all": ["2023-05-30T09:21:36Z", "1970-01-01T00:00:00.001Z"],
        });
        let log: Log = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(log.last, None);
        assert_eq!(log.all, [instant(SAMPLE, 0), instant(0, 1_000_000)]);
        assert_eq!(serde_json::to_value(&log).unwrap(), value);

        let value = json!({ "last": "1970-01-01T00:00:00Z", "all": [] });
        let log: Log = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(log.last, Some(DateTime::UNIX_EPOCH));
        assert_eq!(serde_json::to_value(&log).unwrap(), value);
    }

    #[test]
    fn it_works_in_another_format() {
        let row = Row {
            at: instant(SAMPLE, 966_000_000),
        };
        let mut bytes = Vec::new();
        ciborium::into_writer(&row, &mut bytes).unwrap();
        let text = b"2023-05-30T09:21:36.966Z";
        assert!(bytes.windows(text.len()).any(|window| window == text));
        assert_eq!(ciborium::from_reader::<Row, _>(&bytes[..]).unwrap(), row);
    }

    #[test]
    fn its_errors_tell_the_place_in_a_text() {
        let error = serde_json::from_str::<Row>("{\n  \"at\": \"2023-05-30\"}").unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected an RFC 3339 time such as \"2023-05-30T09:21:36.966Z\", \
             found the string \"2023-05-30\" at line 2 column 20"
        );
        assert_eq!((error.line(), error.column()), (2, 20));
    }

    #[test]
    fn it_is_how_an_event_reads_and_writes_its_times() {
        let body = edexa_webhooks::testing::FAILED
            .replace("2023-05-30T10:55:17.315Z", "2023-05-30T12:55:17.3+02:00");
        let event: edexa_webhooks::WebhookEvent = body.parse().unwrap();
        assert_eq!(event.data.created_at, instant(1_685_444_117, 300_000_000));
        let written: Value = serde_json::to_value(&event).unwrap();
        assert_eq!(written["data"]["createdAt"], "2023-05-30T10:55:17.3Z");
    }
}
