//! One effect for each hash and its transaction, whatever `_id` an event gives them.

use edexa_webhooks::WebhookEvent;
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
            let (hash, tx_id) = (event.data.hash.normalized(), tx_id.normalized());
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
