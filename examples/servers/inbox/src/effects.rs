//! One effect for each hash and its transaction, whatever `_id` an event gives them.

use std::fmt::Write;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use edexa_webhooks::{StampHash, TxId, WebhookEvent};
use sqlx::AnyConnection;
use tracing::warn;

use crate::dialect::{Dialect, bind};
use crate::queue::Claimed;
use crate::store::indexed;
use crate::{clipped, legible};

/// Takes the effects of confirmed successes for their keys. An event whose effect was
/// another one's is set aside, and no longer among these: how many there are.
pub(crate) async fn take(
    dialect: Dialect,
    transaction: &mut AnyConnection,
    claimed: &mut Vec<Claimed>,
    events: &mut Vec<WebhookEvent>,
) -> sqlx::Result<u64> {
    let take = "INSERT INTO inbox.effects AS e (hash, tx_id, key) VALUES ($1, $2, $3) \
         ON CONFLICT (hash, tx_id) DO UPDATE SET key = e.key RETURNING key";
    let take = dialect.sql(take);
    let aside = "UPDATE inbox.events SET state = 'set-aside', alone = 0, last_error = $2 \
         WHERE key = $1 AND state = 'pending'";
    let aside = dialect.sql(aside);
    let mut set_aside: u64 = 0;
    let all = std::mem::take(claimed).into_iter();
    for (claim, event) in all.zip(std::mem::take(events)) {
        if let (true, Some(tx_id)) = (claim.is_confirmed, event.data.transaction()) {
            let (hash, tx_id) = (hash_of(&event.data.hash), transaction_of(tx_id));
            let take = bind!(
                sqlx::query_scalar(&take),
                indexed(&hash),
                indexed(&tx_id),
                &claim.key
            );
            let owner: String = take.fetch_one(&mut *transaction).await?;
            if owner != claim.key {
                let (key, owner) = (&claim.key, legible(&owner));
                let error = format!("its hash and transaction had their effect with {owner}");
                warn!(%key, %error, "set aside");
                let aside = bind!(sqlx::query(&aside), key, clipped(&error));
                aside.execute(&mut *transaction).await?;
                set_aside = set_aside.saturating_add(1);
                continue;
            }
        }
        claimed.push(claim);
        events.push(event);
    }
    Ok(set_aside)
}

/// An event that failed had no effect.
pub(crate) async fn give_back(
    dialect: Dialect,
    transaction: &mut AnyConnection,
    event: &Claimed,
) -> sqlx::Result<()> {
    if !event.is_confirmed {
        return Ok(());
    }
    let back = dialect.sql("DELETE FROM inbox.effects WHERE key = $1");
    let back = sqlx::query(&back).bind(&event.key);
    back.execute(transaction).await.map(drop)
}

/// The one spelling for all that [`WebhookEvent::confirm`] takes for the same hash:
/// hexadecimal, base64, and base64 of hexadecimal.
fn hash_of(hash: &StampHash) -> String {
    let text = hash.as_str();
    let is_hex = |text: &str| {
        matches!(text.len(), 32 | 40 | 56 | 64 | 96 | 128)
            && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    if is_hex(text) || !hash.is_digest() {
        return if is_hex(text) {
            text.to_ascii_lowercase()
        } else {
            text.to_owned()
        };
    }
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let base64 = text.replace('-', "+").replace('_', "/");
    let Ok(bytes) = GeneralPurpose::new(&STANDARD, lenient).decode(base64) else {
        return text.to_owned();
    };
    match String::from_utf8(bytes) {
        Ok(text) if is_hex(&text) => text.to_ascii_lowercase(),
        Ok(text) => hex(text.as_bytes()),
        Err(error) => hex(error.as_bytes()),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The one spelling for all that [`WebhookEvent::confirm`] takes for the same
/// transaction.
fn transaction_of(tx_id: &TxId) -> String {
    let text = tx_id.as_str().trim();
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    match digits.unwrap_or(text) {
        digits if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            digits.to_ascii_lowercase()
        }
        _ => text.to_owned(),
    }
}
