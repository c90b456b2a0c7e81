//! What the API would say of an event.

use crate::event::WebhookEvent;
use crate::extra::Extra;
use crate::object::write::to_json;
use crate::record::{AnswerData, StampReceipt, StampRecord};

/// The API's record of an event's stamp, which confirms the event if it is a success that
/// [`confirm`](WebhookEvent::confirm) can confirm.
///
/// ```
/// use edexa_webhooks::record::Verdict;
/// use edexa_webhooks::testing::{EventBuilder, record_of};
///
/// let event = EventBuilder::succeeded().build();
/// assert_eq!(event.confirm(&record_of(&event)).verdict(), Verdict::Confirmed);
///
/// let another_hash = EventBuilder::succeeded().hash("another").build();
/// let confirmation = another_hash.confirm(&record_of(&event));
/// assert_eq!(confirmation.verdict(), Verdict::Contradicted);
/// ```
#[must_use]
pub fn record_of(event: &WebhookEvent) -> StampRecord {
    let stamp = &event.data;
    StampRecord {
        hash: stamp.hash.clone(),
        original_doc_hash: None,
        meta_data: None,
        file_name: stamp.name.clone(),
        stamp_type: Some(stamp.stamp_type.clone()),
        tx_id: stamp.tx_id.clone(),
        timestamp: None,
        code: Some(stamp.code.clone()),
        user_name: None,
        user_verify: None,
        is_esign: stamp.is_esign,
        is_private_bc: Some(stamp.is_private_bc),
        extra: Extra::new(),
    }
}

/// What the API answered when the hash of an event was stamped: its transaction was not
/// known yet.
///
/// ```
/// use edexa_webhooks::record::Verdict;
/// use edexa_webhooks::testing::{EventBuilder, receipt_of};
///
/// let event = EventBuilder::succeeded().build();
/// assert_eq!(event.matches(&receipt_of(&event)).verdict(), Verdict::Confirmed);
/// ```
#[must_use]
pub fn receipt_of(event: &WebhookEvent) -> StampReceipt {
    let stamp = &event.data;
    StampReceipt {
        id: stamp.id.clone(),
        hash: stamp.hash.clone(),
        tx_id: Some("".into()),
        code: Some(stamp.code.clone()),
        file_name: stamp.name.clone(),
        extra: Extra::new(),
    }
}

/// The API's answer with a record or a receipt as its data, as JSON. The data is `null` if
/// it cannot be written: its `extra` holds a key that has a field.
///
/// ```
/// use edexa_webhooks::record::{Answer, StampRecord};
/// use edexa_webhooks::testing::{EventBuilder, answer_of, record_of};
///
/// let record = record_of(&EventBuilder::succeeded().build());
/// let answer = Answer::<StampRecord>::from_slice(answer_of(&record).as_bytes())?;
/// assert_eq!(answer.into_result(), Ok(record));
/// # Ok::<(), edexa_webhooks::ParseError>(())
/// ```
#[must_use]
pub fn answer_of(data: &impl AnswerData) -> String {
    let data = to_json(data, 0).unwrap_or_else(|_| "null".to_owned());
    format!(r#"{{"status":200,"message":"success","data":{data}}}"#)
}
