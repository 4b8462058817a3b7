//! Bodies, read whole up to a limit.

use axum::body::{Body, Bytes, HttpBody as _};

use crate::{
    body::{drain, next_piece},
    protocol::{Refusal, Syntax, request::Head},
};

/// Reads a body. One over the limit is refused as soon as that is known, while the rest of it is
/// still taken from the client: one that sends all before it reads would else see its connection
/// reset instead of the answer.
pub(super) async fn read(head: Head<'_>, mut body: Body) -> Result<Bytes, Refusal> {
    let (limit, too_large) = head.body_limit();
    let mut bytes = Vec::new();
    if body.size_hint().lower() > limit as u64 {
        // Who waits to be told to go on has not sent any of it.
        if head.header("expect").is_none() {
            drain(body);
        }
        return Err(too_large);
    }
    // An incomplete body is rejected, however much of it makes sense.
    while let Some(piece) = next_piece(&mut body).await.map_err(|_| Syntax::NotJson)? {
        if bytes.len() + piece.len() > limit {
            drain(body);
            return Err(too_large);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.into())
}
