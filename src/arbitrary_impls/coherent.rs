//! Events that break no rule but those that need a clock.

use arbitrary::{Result, Unstructured};
use chrono::TimeDelta;

use super::forms;
use crate::event::WebhookEvent;
use crate::stamp::stamp_type::StampType;
use crate::testing::EventBuilder;

pub(crate) fn event(u: &mut Unstructured<'_>) -> Result<WebhookEvent> {
    let is_private = u.arbitrary()?;
    let start = if u.arbitrary()? {
        EventBuilder::succeeded()
            .blockchain_id(forms::uuid(u)?)
            .tx_id(forms::tx_id(u, is_private)?)
    } else {
        EventBuilder::failed()
    };
    let created_second: u32 = u.arbitrary()?;
    let created_at = forms::instant(created_second.into(), forms::nanos(u)?);
    let took = TimeDelta::milliseconds(u.int_in_range(0..=200_000_000)?);
    let mut event = start
        .webhook_id(forms::object_id(u)?)
        .action_id(forms::object_id(u)?)
        .stamp_id(stamp_id(u, created_second)?)
        .user_id(forms::some_text(u)?)
        .hash(forms::digest(u)?)
        .stamp_type(*u.choose(StampType::KNOWN)?)
        .code(forms::some_text(u)?)
        .is_private_bc(is_private)
        .created_at(created_at)
        .updated_at(created_at.checked_add_signed(took).unwrap_or(created_at))
        .build();
    event.data.client_id = u.arbitrary()?;
    if u.arbitrary()? {
        event.data.name = Some(forms::plain_name(u)?.into());
    }
    event.data.is_esign = u.arbitrary()?;
    event.extra = u.arbitrary()?;
    event.data.extra = u.arbitrary()?;
    Ok(event)
}

/// An id made within a few seconds of the second in which the stamp was.
fn stamp_id(u: &mut Unstructured<'_>, created_second: u32) -> Result<String> {
    let drift = u.int_in_range(0..=5)?;
    let second = if u.arbitrary()? {
        created_second.saturating_add(drift)
    } else {
        created_second.saturating_sub(drift)
    };
    Ok(format!("{second:08x}{}", forms::hex(u, 8)?))
}
