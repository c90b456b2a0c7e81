//! Ways to damage a body, by name.

use super::body::Body;
use crate::error::Category;
use crate::event::WebhookEvent;
use crate::limits::{MAX_BODY_BYTES, MAX_DEPTH};
use crate::names::names;
use crate::rejection;
use crate::stamp::Stamp;

/// Each way: its name in a test's output, what a reader must say of
/// it, and how it is done.
macro_rules! damages {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $category:ident $pointer:literal, $apply:expr;)*) => {
        /// A way to damage the body of an event, so that no event is left.
        ///
        /// [`apply`](Self::apply) does it to an event of yours. What a reader must
        /// say is known beforehand: [`category`](Self::category),
        /// [`pointer`](Self::pointer) and [`http_status`](Self::http_status).
        ///
        /// ```
        /// use edexa_webhooks::testing::{Damage, EventBuilder};
        /// use edexa_webhooks::{Rejection, WebhookEvent};
        ///
        /// let event = EventBuilder::succeeded().build();
        /// for damage in Damage::ALL {
        ///     let error = WebhookEvent::from_slice(&damage.apply(&event)).unwrap_err();
        ///     assert_eq!(error.pointer(), damage.pointer(), "{damage}");
        ///     assert_eq!(Rejection::from(error).http_status(), damage.http_status(), "{damage}");
        /// }
        /// ```
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[non_exhaustive]
        pub enum Damage {
            $(
                $(#[$doc])*
                #[doc = concat!("\n\n`", $name, "`: ", stringify!($category), " at `\"", $pointer, "\"`.")]
                $variant,
            )*
        }

        impl Damage {
            /// Every way.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The category of the error that it causes.
            #[must_use]
            pub const fn category(self) -> Category {
                match self {
                    $(Self::$variant => Category::$category,)*
                }
            }

            /// The JSON pointer (RFC 6901) of the error that it causes.
            #[must_use]
            pub const fn pointer(self) -> &'static str {
                match self {
                    $(Self::$variant => $pointer,)*
                }
            }

            /// The damaged body of an event.
            ///
            /// What a reader must say of it holds for every event whose own body is
            /// accepted and takes less than half of [`MAX_BODY_BYTES`], since some ways
            /// double it.
            #[must_use]
            pub fn apply(self, event: &WebhookEvent) -> Vec<u8> {
                let body = Body::of(event);
                match self {
                    $(Self::$variant => Vec::from($apply(body)),)*
                }
            }
        }

        names! {
            /// A stable name in kebab case.
            Damage::name { $($variant = $name,)* }
        }
    };
}

damages! {
    /// Nothing at all.
    Empty = "empty", Syntax "", |_| "";
    /// White space alone.
    Blank = "blank", Syntax "", |_| " \r\n\t";
    /// The last byte is lost.
    CutOff = "cut-off", Syntax "", |body: Body| { let mut text = body.write(); text.pop(); text };
    /// The end is lost, from the middle of a string.
    CutInText = "cut-in-text", Syntax "/data/hash", |body| up_to(body, Stamp::AT.hash, "\"a");
    /// The end is lost, from the middle of a literal on.
    CutInLiteral = "cut-in-literal", Syntax "/data/isEsign", |body| up_to(body, Stamp::AT.is_esign, "tru");
    /// A bracket follows the event.
    TrailingBracket = "trailing-bracket", Syntax "", |body: Body| body.write() + "]";
    /// A NUL follows the event.
    TrailingNul = "trailing-nul", Syntax "", |body: Body| body.write() + "\0";
    /// The event twice, as in a stream.
    TwoBodies = "two-bodies", Syntax "", |body: Body| [body.write(), body.write()].join("\n");
    /// The guard that keeps scripts from reading JSON.
    LeadingText = "leading-text", Syntax "", |body: Body| [")]}',", &body.write()].join("\n");
    /// The body of an HTML form.
    Form = "form", Syntax "", |body: Body| format!("payload={}", body.write());
    /// Markup, such as the error page of a proxy.
    Markup = "markup", Syntax "", |_| "<!DOCTYPE html>\n<title>502 Bad Gateway</title>\n";
    /// A terminal escape, to clear the screen of whoever looks at a log.
    TerminalEscape = "terminal-escape", Syntax "", |body: Body| format!("\u{1b}[2J{}", body.write());

    /// A comma before a closing bracket.
    TrailingComma = "trailing-comma", Syntax "", |body| with(body, LATER, "1,");
    /// No comma between two keys.
    MissingComma = "missing-comma", Syntax "", |body| with(body, LATER, r#"1 "later": 1"#);
    /// No colon after a key.
    MissingColon = "missing-colon", Syntax "/data/hash", |body| with(body, STAMP_LATER, r#"1,"hash""#);
    /// A bracket of the wrong kind.
    WrongBracket = "wrong-bracket", Syntax "", |body| with(body, LATER, "1]");
    /// A comment.
    Comment = "comment", Syntax "", |body: Body| format!("/* an event */ {}", body.write());
    /// Apostrophes for quotation marks.
    Apostrophes = "apostrophes", Syntax "", |body: Body| body.write().replace('"', "'");
    /// A key without quotation marks.
    BareKey = "bare-key", Syntax "", |body| with(body, LATER, "1,later: 1");
    /// A space that JSON does not have.
    NoBreakSpace = "no-break-space", Syntax "", |body: Body| format!("\u{a0}{}", body.write());

    /// A byte order mark before the event.
    ByteOrderMark = "byte-order-mark", Encoding "", |body: Body| format!("\u{feff}{}", body.write());
    /// UTF-16 with a byte order mark.
    Utf16 = "utf-16", Encoding "", |body: Body| utf16("\u{feff}", &body);
    /// UTF-16 without a byte order mark.
    Utf16WithoutMark = "utf-16-without-mark", Syntax "", |body: Body| utf16("", &body);
    /// What starts as gzip does.
    Gzip = "gzip", Encoding "", |body: Body| [b"\x1f\x8b\x08\0\0\0\0\0", body.write().as_bytes()].concat();
    /// A byte that UTF-8 never has.
    NotUtf8 = "not-utf-8", Encoding "/data/name", |body| with(body, Stamp::AT.name, b"\"a\xffb\"");
    /// A string in Latin-1.
    Latin1 = "latin-1", Encoding "/data/name", |body| with(body, Stamp::AT.name, b"\"caf\xe9\"");
    /// A character in more bytes than it needs, to slip past a filter.
    Overlong = "overlong", Encoding "/data/name", |body| with(body, Stamp::AT.name, b"\"..\xc0\xaf\"");
    /// A surrogate as bytes.
    SurrogateBytes = "surrogate-bytes", Encoding "/data/name", |body| with(body, Stamp::AT.name, b"\"\xed\xa0\x80\"");
    /// Half of a character, where a longer text was cut.
    CutCharacter = "cut-character", Encoding "/data/name", |body| with(body, Stamp::AT.name, b"\"\xe2\x82\"");

    /// A line break as it is, inside a string.
    RawControl = "raw-control", Syntax "/data/name", |body| with(body, Stamp::AT.name, "\"a\nb\"");
    /// An escape that JSON does not have.
    UnknownEscape = "unknown-escape", Syntax "/data/name", |body| with(body, Stamp::AT.name, r#""\x41""#);
    /// An escape of too few digits.
    ShortEscape = "short-escape", Syntax "/data/name", |body| with(body, Stamp::AT.name, r#""\u004""#);
    /// Half of a surrogate pair, as an escape.
    LoneSurrogate = "lone-surrogate", Syntax "/data/name", |body| with(body, Stamp::AT.name, r#""\ud800""#);
    /// The same in a key that no reader knows.
    LoneSurrogateInKey = "lone-surrogate-in-key", Syntax "/data", |body| with(body, STAMP_LATER, r#"1,"\udc00":1"#);

    /// A number that starts with a zero.
    LeadingZero = "leading-zero", Syntax "/data/status", |body| with(body, Stamp::AT.status, "01");
    /// A number with a plus sign.
    PlusSign = "plus-sign", Syntax "/data/status", |body| with(body, Stamp::AT.status, "+1");
    /// A number that ends in a point.
    TrailingPoint = "trailing-point", Syntax "/data/status", |body| with(body, Stamp::AT.status, "1.");
    /// No number, as JavaScript writes it.
    NotANumber = "not-a-number", Syntax "/data/status", |body| with(body, Stamp::AT.status, "NaN");
    /// A number beyond the range of a double, under a key that no reader knows.
    NumberBeyondDouble = "number-beyond-double", Syntax "/data", |body| with(body, STAMP_LATER, "1e400");
    /// A literal in capitals.
    CapitalLiteral = "capital-literal", Syntax "/data/isPrivateBc", |body| with(body, Stamp::AT.is_private_bc, "False");
    /// JavaScript's `undefined`.
    Undefined = "undefined", Syntax "/data/name", |body| with(body, Stamp::AT.name, "undefined");
    /// One level of nesting more than a reader goes down, under a key that it does
    /// not know.
    TooDeep = "too-deep", Syntax "/data", |body| with(body, STAMP_LATER, ["[", "]"].map(|bracket| bracket.repeat(MAX_DEPTH - 1)).concat());
    /// One byte more than [`MAX_BODY_BYTES`].
    TooLarge = "too-large", TooLarge "", |body: Body| { let mut bytes = body.write().into_bytes(); bytes.resize(MAX_BODY_BYTES + 1, b' '); bytes };

    /// A known key twice.
    KeyTwice = "key-twice", Data "/action", |body| with(body, LATER, r#"1,"action":"failed""#);
    /// A known key twice, once escaped.
    EscapedKeyTwice = "escaped-key-twice", Data "/action", |body| with(body, LATER, r#"1,"\u0061ction":"failed""#);
    /// A known key of `data` twice.
    StampKeyTwice = "stamp-key-twice", Data "/data/status", |body| with(body, STAMP_LATER, r#"1,"status":1"#);
    /// The key `data` twice.
    DataTwice = "data-twice", Data "/data", |body| with(body, LATER, r#"1,"data":{}"#);
    /// A key that no reader knows, twice.
    UnknownKeyTwice = "unknown-key-twice", Data "/data", |body| with(body, STAMP_LATER, r#"1,"later":2"#);

    /// An array that holds the event.
    Batch = "batch", Data "", |body: Body| format!("[{}]", body.write());
    /// A string that holds the event.
    JsonInString = "json-in-string", Data "", |body: Body| super::body::quoted(&body.write());
    /// `null`.
    Null = "null", Data "", |_| "null";
    /// The values of `data` in an array.
    DataIsArray = "data-is-array", Data "/data", data_as_array;
    /// `data` is a string that holds JSON.
    DataIsString = "data-is-string", Data "/data", |body| with(body, WebhookEvent::AT.data, r#""{}""#);
    /// A required key is missing.
    MissingKey = "missing-key", Data "/webhookId", |body| without(body, WebhookEvent::AT.webhook_id);
    /// A required key of `data` is missing.
    MissingStampKey = "missing-stamp-key", Data "/data/hash", |body| without(body, Stamp::AT.hash);
    /// `data` is missing.
    MissingData = "missing-data", Data "/data", |body| without(body, WebhookEvent::AT.data);
    /// `null` under a required key.
    NullUnderRequiredKey = "null-under-required-key", Data "/data/_id", |body| with(body, Stamp::AT.id, "null");
    /// A number instead of a string.
    NumberForText = "number-for-text", Data "/data/hash", |body| with(body, Stamp::AT.hash, "6475");
    /// A string instead of a number.
    TextForNumber = "text-for-number", Data "/data/status", |body| with(body, Stamp::AT.status, "\"1\"");
    /// A string instead of a boolean.
    TextForBoolean = "text-for-boolean", Data "/data/isPrivateBc", |body| with(body, Stamp::AT.is_private_bc, "\"false\"");
    /// An object instead of a string.
    ObjectForText = "object-for-text", Data "/action", |body| with(body, WebhookEvent::AT.action, "{\"succeed\":true}");
    /// A fraction where an integer belongs.
    FractionalStatus = "fractional-status", Data "/data/status", |body| with(body, Stamp::AT.status, "1.5");
    /// An integer of more than 64 bits.
    StatusBeyond64Bits = "status-beyond-64-bits", Data "/data/status", |body| with(body, Stamp::AT.status, "9223372036854775808");
    /// Seconds since 1970 where a time as text belongs.
    TimeAsNumber = "time-as-number", Data "/data/createdAt", |body| with(body, Stamp::AT.created_at, "1685438496");
    /// A time that does not say its offset from UTC.
    TimeWithoutOffset = "time-without-offset", Data "/data/createdAt", |body| with(body, Stamp::AT.created_at, "\"2023-05-30T09:21:36.966\"");
    /// A day that no calendar has.
    NoSuchDay = "no-such-day", Data "/data/updatedAt", |body| with(body, Stamp::AT.updated_at, "\"2023-02-30T09:21:36.966Z\"");
}

impl Damage {
    /// What [`Rejection`](crate::Rejection) answers: 400, 413 or 422.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        rejection::status_of(self.category())
    }
}

/// Keys that no reader knows.
const LATER: &str = "/later";
const STAMP_LATER: &str = "/data/later";

/// The body around the value of a key, which is the last one in its object.
fn around(mut body: Body, pointer: &str) -> (String, String) {
    // No JSON has the character, so it is there once.
    body.put(pointer, "\0");
    let text = body.write();
    let around = text.split_once('\0').unwrap_or_default();
    (around.0.to_owned(), around.1.to_owned())
}

/// The body with other bytes for the value of a key.
fn with(body: Body, pointer: &str, bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let (start, end) = around(body, pointer);
    [start.as_bytes(), bytes.as_ref(), end.as_bytes()].concat()
}

/// The body up to the value of a key, and the start of another one.
fn up_to(body: Body, pointer: &str, start: &str) -> String {
    around(body, pointer).0 + start
}

fn without(mut body: Body, pointer: &str) -> String {
    body.take(pointer);
    body.write()
}

fn data_as_array(mut body: Body) -> Vec<u8> {
    let values: Vec<_> = body.data.drain(..).map(|(_, json)| json).collect();
    let array = format!("[{}]", values.join(","));
    with(body, WebhookEvent::AT.data, array)
}

/// Letters beyond ASCII become question marks: without a mark their bytes would not be
/// UTF-8, which is another error.
fn utf16(mark: &str, body: &Body) -> Vec<u8> {
    let text = body.write().replace(|c: char| !c.is_ascii(), "?");
    let units = mark.encode_utf16().chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}
