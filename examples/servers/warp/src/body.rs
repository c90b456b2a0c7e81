//! What warp lacks: its own `body::bytes` has no limit, and its `content_length_limit`
//! answers 411 to a body in chunks.

use std::pin::pin;

use edexa_webhooks::{Rejection, delivery::MAX_BODY_BYTES};
use futures_util::{Stream, StreamExt};
use warp::Buf;

/// The whole body, or why there is none.
pub(crate) async fn read(
    body: impl Stream<Item = Result<impl Buf, warp::Error>>,
) -> Result<Vec<u8>, Rejection> {
    let mut body = pin!(body);
    let mut whole = Vec::new();
    while let Some(piece) = body.next().await {
        let mut piece = piece.map_err(|_cut_off| Rejection::request_timeout())?;
        whole.extend(piece.copy_to_bytes(piece.remaining()));
        if whole.len() > MAX_BODY_BYTES {
            return Err(Rejection::too_large(MAX_BODY_BYTES));
        }
    }
    Ok(whole)
}
