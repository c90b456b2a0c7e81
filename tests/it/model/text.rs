//! What every string newtype has: any text goes in, and comes out exactly.

use std::any::type_name;
use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::ops::Deref;
use std::str::FromStr;

use edexa_webhooks::{
    ActionId, BlockchainId, ClientId, FileName, StampCode, StampHash, StampId, TxId, UserId,
    WebhookId,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::assert_refuses;

trait Text:
    for<'a> From<&'a str>
    + From<String>
    + From<Box<str>>
    + Into<String>
    + FromStr<Err = Infallible>
    + AsRef<str>
    + Borrow<str>
    + PartialEq<str>
    + for<'a> PartialEq<&'a str>
    + PartialEq<String>
    + Deref<Target = str>
    + Serialize
    + DeserializeOwned
    + Display
    + Debug
    + Clone
    + Hash
    + Ord
{
    fn exact(&self) -> &str;
    fn has_no_text(&self) -> bool;
    fn equals_on_the_right(text: &str, value: &Self) -> bool;
}

macro_rules! newtypes {
    ($($name:ident)*) => {
        $(impl Text for $name {
            fn exact(&self) -> &str {
                self.as_str()
            }

            fn has_no_text(&self) -> bool {
                self.is_empty()
            }

            fn equals_on_the_right(text: &str, value: &Self) -> bool {
                let (by_value, by_reference) = (*text == *value, text == *value);
                assert_eq!(by_value, by_reference, "{text:?} == {value:?}");
                by_value
            }
        })*

        macro_rules! for_each_newtype {
            ($check:ident) => { $($check::<$name>();)* };
        }
    };
}

newtypes! {
    WebhookId ActionId StampId UserId ClientId BlockchainId FileName StampCode StampHash TxId
}

/// Texts that a type may be tempted to tidy up.
const TEXTS: [&str; 9] = [
    "",
    " 1 ",
    "0",
    "6475C02029B5BAB6D2F2C6DC",
    "6475c02029b5bab6d2f2c6dc",
    "naïve/文件.png",
    "a\"b\\c",
    "\u{feff}line\r\nbreak\0",
    "\u{202e}gnp.exe",
];

fn comes_out_as_it_went_in<T: Text>() {
    let name = type_name::<T>();
    for text in TEXTS {
        let value = T::from(text);
        assert_eq!(value.exact(), text, "{name}");
        assert_eq!(AsRef::<str>::as_ref(&value), text, "{name}");
        assert_eq!(Borrow::<str>::borrow(&value), text, "{name}");
        assert_eq!(T::from(text.to_owned()), value, "{name}");
        assert_eq!(text.parse(), Ok(value.clone()), "{name}");
        assert_eq!(value.has_no_text(), text.is_empty(), "{name} {text:?}");
        assert_eq!(Into::<String>::into(value), text, "{name}");
    }
}

#[test]
fn any_text_comes_out_as_it_went_in() {
    for_each_newtype!(comes_out_as_it_went_in);
}

fn compares_and_orders_as_its_text<T: Text>() {
    let name = type_name::<T>();
    for left in TEXTS {
        let value = T::from(left);
        for right in TEXTS {
            let is_equal = left == right;
            assert_eq!(value == *right, is_equal, "{name} {left:?} {right:?}");
            assert_eq!(value == right, is_equal, "{name} {left:?} {right:?}");
            assert_eq!(T::equals_on_the_right(right, &value), is_equal, "{name}");
            let other = T::from(right);
            assert_eq!(value == other, is_equal, "{name} {left:?} {right:?}");
            assert_eq!(value.cmp(&other), left.cmp(right), "{name}");
            assert_eq!(
                value.partial_cmp(&other),
                left.partial_cmp(right),
                "{name} {left:?} {right:?}"
            );
        }
    }
}

#[test]
fn each_compares_and_orders_as_its_text() {
    for_each_newtype!(compares_and_orders_as_its_text);
}

fn is_found_in_a_map_by_its_text<T: Text>() {
    let name = type_name::<T>();
    let values = || TEXTS.into_iter().map(T::from).zip(TEXTS);
    let (hashed, sorted) = (
        values().collect::<HashMap<T, &str>>(),
        values().collect::<BTreeMap<T, &str>>(),
    );
    for text in TEXTS {
        assert_eq!(hashed.get(text), Some(&text), "{name}");
        assert_eq!(sorted.get(text), Some(&text), "{name}");
    }
    assert_eq!(hashed.get("another"), None, "{name}");
    assert_eq!(sorted.get("another"), None, "{name}");
}

#[test]
fn each_is_found_in_a_map_by_its_text() {
    for_each_newtype!(is_found_in_a_map_by_its_text);
}

fn shows_escapes_and_the_whole_text<T: Text>() {
    let name = type_name::<T>();
    for (text, shown) in [
        ("", ""),
        ("646f1d74d3397a4********", "646f1d74d3397a4********"),
        ("naïve 文件.png", "naïve 文件.png"),
        ("a\tb\r\nc", "a\\tb\\r\\nc"),
        ("\0\u{1b}[31m\u{7f}\u{85}", "\\0\\u{1b}[31m\\u{7f}\\u{85}"),
        ("\u{202e}gnp\u{2066}.exe", "\\u{202e}gnp\\u{2066}.exe"),
        (
            "a\u{200b}b\u{2028}\u{feff}",
            "a\\u{200b}b\\u{2028}\\u{feff}",
        ),
    ] {
        assert_eq!(T::from(text).to_string(), shown, "{name}");
    }
    for unit in ["x", "\n"] {
        let text = unit.repeat(70_000);
        let shown = T::from(text.as_str()).to_string();
        assert_eq!(shown, text.replace('\n', "\\n"), "{name}");
    }
    assert_eq!(format!("[{:>4}]", T::from("2")), "[   2]", "{name}");
}

#[test]
fn display_escapes_and_never_shortens() {
    for_each_newtype!(shows_escapes_and_the_whole_text);
}

fn debug_is_escaped<T: Text>() {
    let shown = format!("{:?}", T::from("a\n\u{202e}\u{1b}\u{85}"));
    let name = type_name::<T>().rsplit(':').next().unwrap_or_default();
    assert_eq!(shown, format!(r#"{name}("a\n\u{{202e}}\u{{1b}}\u{{85}}")"#));
}

#[test]
fn debug_escapes_too() {
    for_each_newtype!(debug_is_escaped);
}

fn is_a_json_string<T: Text>() {
    let name = type_name::<T>();
    for text in TEXTS {
        let json = serde_json::to_string(&T::from(text)).unwrap();
        assert_eq!(json, serde_json::to_string(text).unwrap(), "{name}");
        assert_eq!(serde_json::from_str::<T>(&json).unwrap(), text, "{name}");
    }
    let escaped: T = serde_json::from_str(r#""\u0061\ud83d\ude00""#).unwrap();
    assert_eq!(escaped, "a😀", "{name}");
    for (json, message) in [
        ("1", "invalid type: integer `1`, expected a string"),
        ("true", "invalid type: boolean `true`, expected a string"),
        ("null", "invalid type: null, expected a string"),
        ("[]", "invalid type: sequence, expected a string"),
        ("{}", "invalid type: map, expected a string"),
    ] {
        assert_refuses::<T>(json, message);
    }
}

#[test]
fn each_is_a_json_string_and_nothing_else() {
    for_each_newtype!(is_a_json_string);
}

#[test]
fn from_each_kind_of_text_and_compared_with_each() {
    fn check<T: Text>()
    where
        String: PartialEq<T>,
    {
        for text in ["", "a", "\u{202e}\"é"] {
            let value = T::from(text);
            assert_eq!(value, T::from(text.to_owned()));
            assert_eq!(value, T::from(Box::<str>::from(text)));
            assert_eq!(value, text.to_owned());
            assert_eq!(text.to_owned(), value);
            assert_ne!(value, format!("{text}x"));
            assert_eq!(&*value, text);
            assert_eq!(Some(value).as_deref(), Some(text));
        }
        assert_eq!(None::<T>.as_deref(), None);
    }
    check::<ActionId>();
    check::<BlockchainId>();
    check::<ClientId>();
    check::<FileName>();
    check::<StampCode>();
    check::<StampHash>();
    check::<StampId>();
    check::<TxId>();
    check::<UserId>();
    check::<WebhookId>();
}
