//! Bodies, read whole up to a limit.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use http_body_util::BodyExt as _;

use crate::protocol::{Refusal, Syntax, request::Head};

/// Time for which the rest of an over-size body is read and thrown away, so that its sender gets
/// to read the answer.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(30);

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
    while let Some(frame) = body.frame().await {
        // A body that breaks off is no call, however much of it makes sense.
        let data = frame.map_err(|_| Syntax::NotJson)?.into_data().unwrap_or_default();
        if bytes.len() + data.len() > limit {
            drain(body);
            return Err(too_large);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.into())
}

fn drain(mut body: Body) {
    tokio::spawn(tokio::time::timeout(DRAIN_TIME_MAX, async move {
        while let Some(Ok(_)) = body.frame().await {}
    }));
}
