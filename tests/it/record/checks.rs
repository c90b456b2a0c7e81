//! What must be true of any answer, and of any event held against any record.

use arbitrary::{Arbitrary, Unstructured};
use edexa_webhooks::WebhookEvent;
use edexa_webhooks::record::{
    Answer, AnswerData, ApiFailure, Registration, StampReceipt, StampRecord, Verdict,
};
use edexa_webhooks::testing::{answer_of, record_of};
use serde_json::Value;

/// Bytes as an answer, and as an event and a record.
pub(crate) fn record(data: &[u8]) {
    answer::<StampRecord>(data);
    answer::<StampReceipt>(data);
    let mut u = Unstructured::new(data);
    let (event, record): (Result<WebhookEvent, _>, Result<StampRecord, _>) =
        (u.arbitrary(), u.arbitrary());
    if let (Ok(event), Ok(record)) = (event, record) {
        verdict(&event, &record);
        verdict(&event, &record_of(&event));
    }
    if let Ok(receipt) = StampReceipt::arbitrary(&mut u) {
        comes_back(&receipt);
    }
    registration(data);
    if let Ok(made_up) = Registration::arbitrary(&mut u) {
        registration(made_up.to_json().as_bytes());
    }
}

/// What is read is accepted by `new`, and is written as it was read.
fn registration(data: &[u8]) {
    let Ok(registration) = Registration::from_slice(data) else {
        return;
    };
    let (url, description) = (registration.url(), registration.description());
    assert!(Registration::new(url, description, registration.events().to_vec()).is_ok());
    let again = Registration::from_slice(registration.to_json().as_bytes());
    assert_eq!(again.as_ref(), Ok(&registration));
    let written = serde_json::to_string(&registration).unwrap();
    serde_json::from_str::<Registration>(&written).unwrap();
}

fn answer<T>(data: &[u8])
where
    T: AnswerData + serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let Ok(answer) = Answer::<T>::from_slice(data) else {
        return;
    };
    let json: Value = serde_json::from_slice(data).unwrap();
    match answer.into_result() {
        Ok(data) => {
            assert_eq!(json["status"], 200);
            let written = serde_json::to_value(&data).unwrap();
            for (key, value) in written.as_object().unwrap() {
                if !value.is_number() && !value.is_array() && !value.is_object() {
                    assert_eq!(&json["data"][key], value, "{key}");
                }
            }
            comes_back(&data);
        }
        Err(failure) => {
            assert_eq!(json["status"].as_i64(), Some(failure.status()));
            assert_ne!(failure.status(), 200);
            let shown = failure.to_string();
            assert!(
                shown.len() < 600 && !shown.contains(char::is_control),
                "{shown:?}"
            );
            let is_other = matches!(failure, ApiFailure::Other { .. });
            assert_eq!(is_other, ![401, 404, 409].contains(&failure.status()));
        }
    }
}

/// What was read is written, and read again as the same. serde_json may read a double one
/// step off, so through it no more is asked than that it is read.
fn comes_back<T>(data: &T)
where
    T: AnswerData + serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let written = serde_json::to_string(data).unwrap();
    serde_json::from_str::<T>(&written).unwrap();
    let answer = answer_of(data);
    let again = Answer::<T>::from_slice_with_limit(answer.as_bytes(), usize::MAX).unwrap();
    assert_eq!(again.into_result().as_ref(), Ok(data));
}

pub(crate) fn verdict(event: &WebhookEvent, record: &StampRecord) {
    comes_back(record);
    let confirmation = event.confirm(record);
    let (agrees, silent) = (confirmation.agrees(), confirmation.silent());
    let contradicts: Vec<&str> = confirmation
        .contradicts()
        .iter()
        .map(|c| c.pointer)
        .collect();
    match confirmation.verdict() {
        Verdict::Confirmed => {
            assert!(
                event.is_succeeded() && event.validate().is_ok(),
                "{confirmation}"
            );
            assert!(agrees.contains(&"/data/hash") && agrees.contains(&"/data/txId"));
            assert!(contradicts.is_empty());
            assert!(record.transaction().is_some());
        }
        Verdict::Contradicted => assert!(!contradicts.is_empty(), "{confirmation}"),
        Verdict::Silent => assert!(contradicts.is_empty(), "{confirmation}"),
    }
    assert!(silent.contains(&"/data/_id"));
    // Each key has one place.
    let mut named = [agrees, silent, &contradicts].concat();
    let count = named.len();
    named.sort_unstable();
    named.dedup();
    assert_eq!(named.len(), count, "{confirmation}");
    let shown = confirmation.to_string();
    assert!(
        shown.len() < 6_000 && !shown.contains(char::is_control),
        "{shown:?}"
    );
    assert!(shown.starts_with(confirmation.verdict().as_str()));

    let own = event.confirm(&record_of(event));
    assert!(own.contradicts().is_empty() || event.is_failed(), "{own}");
}
