//! Every way of damaging a body: its name, and that it is the way it says.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use edexa_webhooks::WebhookEvent;
use edexa_webhooks::delivery::MAX_BODY_BYTES;
use edexa_webhooks::testing::{Damage, EventBuilder};

#[test]
fn names_are_those_of_the_variants_in_kebab_case() {
    let names: BTreeSet<_> = Damage::ALL.iter().map(|damage| damage.name()).collect();
    assert_eq!(names.len(), Damage::ALL.len());
    for damage in Damage::ALL {
        let letters = damage.name().replace('-', "");
        assert_eq!(format!("{damage:?}").to_lowercase(), letters);
        assert_eq!(damage.to_string(), damage.name());
    }
}

#[test]
fn each_does_what_its_name_says() {
    let event = EventBuilder::succeeded().build();
    let ways: Vec<_> = MESSAGES.iter().map(|(damage, _)| *damage).collect();
    assert_eq!(ways, Damage::ALL);
    for (damage, message) in MESSAGES {
        let error = WebhookEvent::from_slice(&damage.apply(&event)).unwrap_err();
        assert_eq!(error.message(), *message, "{damage}");
    }
}

#[test]
fn a_body_of_less_than_half_of_the_limit_is_damaged_as_it_says() {
    // Each is two bytes of JSON.
    for letter in ["\u{e9}", "\\"] {
        let named = |name: &str| EventBuilder::succeeded().name(name);
        let room = MAX_BODY_BYTES / 2 - 1 - named("").to_json().unwrap().len();
        let event = named(&(letter.repeat(room / 2) + &"a".repeat(room % 2))).build();
        assert_eq!(event.to_json().unwrap().len(), MAX_BODY_BYTES / 2 - 1);
        for damage in Damage::ALL {
            let error = WebhookEvent::from_slice(&damage.apply(&event)).unwrap_err();
            let found = (error.category(), error.pointer());
            assert_eq!(found, (damage.category(), damage.pointer()), "{damage}");
        }
    }
}

#[test]
fn as_much_is_damaged_as_it_takes() {
    let event = EventBuilder::succeeded().build();
    let body = |damage: Damage| damage.apply(&event);
    assert_eq!(body(Damage::Empty), b"");
    assert_eq!(body(Damage::TooLarge).len(), 65_537);
    assert!(WebhookEvent::from_slice(&body(Damage::TooLarge)[..65_536]).is_ok());
    let deep = String::from_utf8(body(Damage::TooDeep)).unwrap();
    let shallower = deep.replacen("[[", "[", 1).replacen("]]", "]", 1);
    assert!(shallower.parse::<WebhookEvent>().is_ok());
    let whole = [&body(Damage::CutOff)[..], b"}"].concat();
    assert_eq!(WebhookEvent::from_slice(&whole).as_ref(), Ok(&event));
    let batch = String::from_utf8(body(Damage::Batch)).unwrap();
    assert_eq!(batch[1..batch.len() - 1].parse().as_ref(), Ok(&event));
}

#[rustfmt::skip]
const MESSAGES: &[(Damage, &str)] = &[
    (Damage::Empty, "expected a value, found the end"),
    (Damage::Blank, "expected a value, found the end"),
    (Damage::CutOff, "expected `,` or `}`, found the end"),
    (Damage::CutInText, "expected the rest of a string, found the end"),
    (Damage::CutInLiteral, "expected `true`, `false` or `null`, found the end"),
    (Damage::TrailingBracket, "expected the end, found `]`"),
    (Damage::TrailingNul, "expected the end, found U+0000"),
    (Damage::TwoBodies, "expected the end, found `{`"),
    (Damage::LeadingText, "expected a value, found `)`"),
    (Damage::Form, "expected a value, found `p`"),
    (Damage::Markup, "expected a value, found `<`"),
    (Damage::TerminalEscape, "expected a value, found U+001B"),
    (Damage::TrailingComma, "expected another entry after `,`, found `}`"),
    (Damage::MissingComma, "expected `,` or `}`, found `\"`"),
    (Damage::MissingColon, "expected `:`, found `}`"),
    (Damage::WrongBracket, "expected `,` or `}`, found `]`"),
    (Damage::Comment, "expected a value, found `/`"),
    (Damage::Apostrophes, "expected a key in double quotes, found `'`"),
    (Damage::BareKey, "expected a key in double quotes, found `l`"),
    (Damage::NoBreakSpace, "expected a value, found U+00A0"),
    (Damage::ByteOrderMark, "expected JSON, found a byte order mark"),
    (Damage::Utf16, "expected UTF-8, found the byte 0xff"),
    (Damage::Utf16WithoutMark, "expected a key in double quotes, found U+0000"),
    (Damage::Gzip, "expected UTF-8, found the byte 0x8b"),
    (Damage::NotUtf8, "expected UTF-8, found the byte 0xff"),
    (Damage::Latin1, "expected UTF-8, found the byte 0xe9"),
    (Damage::Overlong, "expected UTF-8, found the byte 0xc0"),
    (Damage::SurrogateBytes, "expected UTF-8, found the byte 0xed"),
    (Damage::CutCharacter, "expected UTF-8, found the byte 0xe2"),
    (Damage::RawControl, "expected control characters in a string to be escaped, found U+000A"),
    (Damage::UnknownEscape, "expected an escape that JSON knows, found `x`"),
    (Damage::ShortEscape, "expected four hex digits after `\\u`, found `\"`"),
    (Damage::LoneSurrogate, "expected surrogate escapes in pairs, found a lone one"),
    (Damage::LoneSurrogateInKey, "expected surrogate escapes in pairs, found a lone one"),
    (Damage::LeadingZero, "expected a number without leading zeros, found `1`"),
    (Damage::PlusSign, "expected a value, found `+`"),
    (Damage::TrailingPoint, "expected a digit, found `}`"),
    (Damage::NotANumber, "expected a value, found `N`"),
    (Damage::NumberBeyondDouble, "expected a number within the range of a double, found a larger one"),
    (Damage::CapitalLiteral, "expected a value, found `F`"),
    (Damage::Undefined, "expected a value, found `u`"),
    (Damage::TooDeep, "expected at most 64 levels of nesting, found more"),
    (Damage::TooLarge, "expected at most 65536 bytes, found more"),
    (Damage::KeyTwice, "duplicate key \"action\""),
    (Damage::EscapedKeyTwice, "duplicate key \"action\""),
    (Damage::StampKeyTwice, "duplicate key \"status\""),
    (Damage::DataTwice, "duplicate key \"data\""),
    (Damage::UnknownKeyTwice, "duplicate key \"later\""),
    (Damage::Batch, "expected an object, found an array"),
    (Damage::JsonInString, "expected an object, found the string \"{\\\"webhookId\\\":\\\"6475b0af7195267fd13bb3d1\\\",\"…"),
    (Damage::Null, "expected an object, found null"),
    (Damage::DataIsArray, "expected an object, found an array"),
    (Damage::DataIsString, "expected an object, found the string \"{}\""),
    (Damage::MissingKey, "expected a string, found no such key"),
    (Damage::MissingStampKey, "expected a string, found no such key"),
    (Damage::MissingData, "expected an object, found no such key"),
    (Damage::NullUnderRequiredKey, "expected a string, found null"),
    (Damage::NumberForText, "expected a string, found the number 6475"),
    (Damage::TextForNumber, "expected an integer from -2^63 to 2^63 - 1, found the string \"1\""),
    (Damage::TextForBoolean, "expected a boolean, found the string \"false\""),
    (Damage::ObjectForText, "expected a string, found an object"),
    (Damage::FractionalStatus, "expected an integer from -2^63 to 2^63 - 1, found the number 1.5"),
    (Damage::StatusBeyond64Bits, "expected an integer from -2^63 to 2^63 - 1, found the number 9223372036854775808"),
    (Damage::TimeAsNumber, "expected an RFC 3339 time such as \"2023-05-30T09:21:36.966Z\", found the number 1685438496"),
    (Damage::TimeWithoutOffset, "expected an RFC 3339 time such as \"2023-05-30T09:21:36.966Z\", found the string \"2023-05-30T09:21:36.966\""),
    (Damage::NoSuchDay, "expected an RFC 3339 time such as \"2023-05-30T09:21:36.966Z\", found the string \"2023-02-30T09:21:36.966Z\""),
];
