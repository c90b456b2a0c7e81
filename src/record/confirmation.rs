//! An event compared with what the API says.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::receipt::StampReceipt;
use super::stamp_record::StampRecord;
use crate::escape::quote_up_to;
use crate::event::WebhookEvent;
use crate::names::names;
use crate::stamp::Stamp;
use crate::stamp::hash::StampHash;
use crate::stamp::stamp_type::StampType;
use crate::stamp::tx_id::TxId;

/// The result of comparing an event with a record or a receipt.
///
/// ```
/// use edexa_webhooks::record::Verdict;
/// use edexa_webhooks::testing::{EventBuilder, record_of};
///
/// let event = EventBuilder::succeeded().build();
/// let mut record = record_of(&event);
/// assert_eq!(event.confirm(&record).verdict(), Verdict::Confirmed);
///
/// record.tx_id = None;
/// assert_eq!(event.confirm(&record).verdict(), Verdict::Silent);
///
/// record.tx_id = Some("0x1".into());
/// assert_eq!(event.confirm(&record).verdict(), Verdict::Contradicted);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Verdict {
    /// The values that decide agree (`hash` and `txId`, or `_id` and `hash` for a receipt),
    /// and nothing contradicts.
    Confirmed,
    /// A value contradicts. Do not act on the event, and show it to a person.
    Contradicted,
    /// Nothing contradicts, but the API lacks a value that decides, or the event is one
    /// that is never confirmed. Ask again later.
    Silent,
}

names! {
    /// `confirmed`, `contradicted` or `silent`.
    Verdict::as_str {
        Confirmed = "confirmed",
        Contradicted = "contradicted",
        Silent = "silent",
    }
}

/// One key on which an event and the API say different things.
///
/// The values are as they came, of any length: personal data may be among them.
/// `Display` quotes a short piece of each.
///
/// ```
/// use edexa_webhooks::testing::{EventBuilder, record_of};
///
/// let event = EventBuilder::succeeded().build();
/// let mut record = record_of(&event);
/// record.code = Some("abcdef".into());
/// let confirmation = event.confirm(&record);
/// assert_eq!(
///     confirmation.contradicts()[0].to_string(),
///     "/data/code: the event says \"bd5c9e\", the API \"abcdef\"",
/// );
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Contradiction {
    /// The key in the event, as a JSON pointer.
    pub pointer: &'static str,
    /// What the event says; `None` for a failure, which has no transaction.
    pub event: Option<String>,
    /// What the API says.
    pub record: String,
}

/// `/data/txId: the event says "0x3b7d…", the API "0x9f86…"`.
impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the event says ", self.pointer)?;
        match &self.event {
            Some(event) => write!(f, "{}", quote_up_to(SHOWN_CHARS, event))?,
            None => f.write_str("none")?,
        }
        write!(f, ", the API {}", quote_up_to(SHOWN_CHARS, &self.record))
    }
}

/// Long enough for a hash in any form that occurs, so that what differs is shown.
const SHOWN_CHARS: usize = 90;

impl Serialize for Contradiction {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map([
            ("pointer", Some(self.pointer)),
            ("event", self.event.as_deref()),
            ("record", Some(&self.record)),
        ])
    }
}

/// A verdict with its reasons, each named by the key in the event, as a JSON pointer.
///
/// Serializes as `{"verdict", "agrees", "contradicts", "silent"}`.
///
/// ```
/// use edexa_webhooks::testing::{EventBuilder, record_of};
///
/// let event = EventBuilder::succeeded().build();
/// assert_eq!(
///     event.confirm(&record_of(&event)).to_string(),
///     "confirmed: agrees on /data/hash, /data/txId, /data/type, /data/code, \
///      /data/isPrivateBc; silent on /data/_id, /data/userId, /data/blockchainId, \
///      /data/status, /data/createdAt, /data/updatedAt",
/// );
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Confirmation {
    verdict: Verdict,
    agrees: Vec<&'static str>,
    contradicts: Vec<Contradiction>,
    silent: Vec<&'static str>,
}

impl Confirmation {
    /// What the comparison comes to.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The keys on which both say the same.
    #[must_use]
    pub fn agrees(&self) -> &[&'static str] {
        &self.agrees
    }

    /// The keys on which they say different things.
    #[must_use]
    pub fn contradicts(&self) -> &[Contradiction] {
        &self.contradicts
    }

    /// The keys of the event on which the API says nothing.
    #[must_use]
    pub fn silent(&self) -> &[&'static str] {
        &self.silent
    }
}

/// `confirmed: agrees on /data/hash, /data/txId; silent on /data/_id`, in one line.
impl fmt::Display for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contradicts = self.contradicts.iter().map(ToString::to_string);
        let mut reasons: Vec<String> = contradicts.collect();
        if !self.agrees.is_empty() {
            reasons.push(format!("agrees on {}", self.agrees.join(", ")));
        }
        if !self.silent.is_empty() {
            reasons.push(format!("silent on {}", self.silent.join(", ")));
        }
        write!(f, "{}: {}", self.verdict, reasons.join("; "))
    }
}

impl Serialize for Confirmation {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = to.serialize_map(Some(4))?;
        object.serialize_entry("verdict", self.verdict.as_str())?;
        object.serialize_entry("agrees", &self.agrees)?;
        object.serialize_entry("contradicts", &self.contradicts)?;
        object.serialize_entry("silent", &self.silent)?;
        object.end()
    }
}

impl WebhookEvent {
    /// Compares the event with the API's record of the stamp.
    ///
    /// [`Confirmed`](Verdict::Confirmed) is a success whose `hash` and `txId` the record
    /// has too, if nothing contradicts it. Never confirmed are
    ///
    /// - a failure: a transaction in the record contradicts it, and a record without
    ///   one says nothing, since a stamp that is pending has none either;
    /// - an unknown action, a status of 0, and an event that is not
    ///   [valid](Self::validate);
    /// - a transaction that is not hexadecimal digits, or zeros alone: no chain has it.
    ///
    /// A record of another hash contradicts.
    ///
    /// # What it does not say
    ///
    /// The record has no `_id`. Whoever knows the hash and the transaction of a stamp,
    /// which are public, can post both under an `_id` of their own, and that is confirmed
    /// too. So let an effect happen once for each hash and transaction, or ask that a
    /// [receipt matches](Self::matches) as well.
    ///
    /// # How values are compared
    ///
    /// Hashes in hexadecimal of either case, in base64 (digests of 32 bytes or more), and
    /// in base64 of hexadecimal; transactions without white space around them, hexadecimal
    /// digits with or without `0x` and in either case; the rest as text.
    /// [`StampHash::normalized`] and [`TxId::normalized`] give the one spelling. A blank
    /// string in the record says nothing. That a record's keys mean what the event's do is
    /// *inferred* from their names.
    #[must_use]
    pub fn confirm(&self, record: &StampRecord) -> Confirmation {
        let (stamp, at) = (&self.data, Stamp::AT);
        let mut found = Confirmation::new();
        found.hash(stamp, &record.hash);
        found.transaction(self, record.transaction());
        found.text(
            at.stamp_type,
            Some(stamp.stamp_type.as_str()),
            record.stamp_type.as_ref().map(StampType::as_str),
        );
        found.text(at.code, Some(&stamp.code), record.code.as_deref());
        found.text(at.name, stamp.name.as_deref(), record.file_name.as_deref());
        found.flag(at.is_esign, stamp.is_esign, record.is_esign);
        found.flag(
            at.is_private_bc,
            Some(stamp.is_private_bc),
            record.is_private_bc,
        );
        found.silent.push(at.id);
        let may_be_confirmed = self.is_succeeded()
            && !stamp.status.is_pending()
            && stamp.transaction().is_some_and(TxId::is_hex)
            && self.validate().is_ok();
        found.decide(stamp, may_be_confirmed.then_some([at.hash, at.tx_id]))
    }

    /// Compares the event with what the API answered when you stamped the hash.
    ///
    /// [`Confirmed`](Verdict::Confirmed) if `_id` and `hash` agree and nothing
    /// contradicts, unless `_id` is blank or a placeholder, or `hash` is empty. It then says
    /// that the stamp is one of yours, not that it is on the chain: that is for
    /// [`confirm`](Self::confirm).
    #[must_use]
    pub fn matches(&self, receipt: &StampReceipt) -> Confirmation {
        let (stamp, at) = (&self.data, Stamp::AT);
        let mut found = Confirmation::new();
        let is_same = stamp.id.folded() == receipt.id.folded();
        found.note(at.id, is_same, Some(stamp.id.as_str()), receipt.id.as_str());
        found.hash(stamp, &receipt.hash);
        // The API may have had none yet, and a failure has none to compare.
        let transaction = receipt.tx_id.as_ref().filter(|id| !id.is_placeholder());
        if transaction.is_none() || !self.is_failed() {
            found.transaction(self, transaction);
        }
        found.text(at.code, Some(&stamp.code), receipt.code.as_deref());
        found.text(at.name, stamp.name.as_deref(), receipt.file_name.as_deref());
        // A receipt has none of these.
        found.silent.push(at.stamp_type);
        found.flag(at.is_esign, stamp.is_esign, None);
        found.silent.push(at.is_private_bc);
        // An empty hash agrees with none.
        found.decide(stamp, stamp.is_named().then_some([at.id, at.hash]))
    }
}

fn says_something(text: &&str) -> bool {
    !text.trim().is_empty()
}

/// What a comparison adds, one field after the other.
impl Confirmation {
    const fn new() -> Self {
        Self {
            verdict: Verdict::Silent,
            agrees: Vec::new(),
            contradicts: Vec::new(),
            silent: Vec::new(),
        }
    }

    fn note(&mut self, pointer: &'static str, is_same: bool, event: Option<&str>, record: &str) {
        if is_same {
            self.agrees.push(pointer);
        } else {
            self.contradicts.push(Contradiction {
                pointer,
                event: event.map(str::to_owned),
                record: record.to_owned(),
            });
        }
    }

    fn hash(&mut self, stamp: &Stamp, record: &StampHash) {
        let pointer = Stamp::AT.hash;
        if !says_something(&record.as_str()) {
            return self.silent.push(pointer);
        }
        let is_same = stamp.hash.folded() == record.folded();
        self.note(pointer, is_same, Some(&stamp.hash), record);
    }

    fn transaction(&mut self, event: &WebhookEvent, record: Option<&TxId>) {
        let pointer = Stamp::AT.tx_id;
        // A failure claims that there is none, whatever it carries.
        let claimed = event.data.transaction().filter(|_| !event.is_failed());
        match (claimed, record) {
            (Some(claimed), Some(record)) => {
                let is_same = claimed.folded() == record.folded();
                self.note(pointer, is_same, Some(claimed.as_str()), record.as_str());
            }
            (None, Some(record)) if event.is_failed() => {
                self.note(pointer, false, None, record.as_str());
            }
            // An action that is not known may well have no transaction.
            (None, Some(_)) => {}
            (_, None) => self.silent.push(pointer),
        }
    }

    /// Nothing is compared that the event does not say.
    fn text(&mut self, pointer: &'static str, event: Option<&str>, record: Option<&str>) {
        match (event.filter(says_something), record.filter(says_something)) {
            (Some(event), Some(record)) => self.note(pointer, event == record, Some(event), record),
            (Some(_), None) => self.silent.push(pointer),
            (None, _) => {}
        }
    }

    fn flag(&mut self, pointer: &'static str, event: Option<bool>, record: Option<bool>) {
        let text = |flag| if flag { "true" } else { "false" };
        self.text(pointer, event.map(text), record.map(text));
    }

    /// The verdict, if these keys decide on it.
    fn decide(mut self, stamp: &Stamp, deciding: Option<[&'static str; 2]>) -> Self {
        let at = Stamp::AT;
        if !self.contradicts.is_empty() {
            self.verdict = Verdict::Contradicted;
        } else if deciding.is_some_and(|keys| keys.iter().all(|key| self.agrees.contains(key))) {
            self.verdict = Verdict::Confirmed;
        }
        // What neither a record nor a receipt has.
        self.silent.push(at.user_id);
        let optional = [
            stamp.client_id.as_ref().map(|_| at.client_id),
            stamp.blockchain_id.as_ref().map(|_| at.blockchain_id),
        ];
        self.silent.extend(optional.into_iter().flatten());
        self.silent
            .extend([at.status, at.created_at, at.updated_at]);
        self
    }
}
