//! Bodies of requests, read with limits of size and time.

use axum::body::{Body, Bytes, HttpBody as _};
use http_body_util::BodyExt as _;
use tokio::time::timeout;

use crate::time_limits::{BODY_GAP_TIME_MAX, DRAIN_TIME_MAX};

/// Why a body is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadBody {
    /// It is larger than allowed. Its rest is discarded.
    TooLarge,
    /// It ends early, or its next piece does not arrive in time.
    Incomplete,
}

/// Reads a whole body of up to `bytes_max` bytes.
pub(crate) async fn read(mut body: Body, bytes_max: usize) -> Result<Bytes, BadBody> {
    let mut bytes = Vec::new();
    if body.size_hint().lower() > bytes_max as u64 {
        drain(body);
        return Err(BadBody::TooLarge);
    }
    while let Some(piece) = next_piece(&mut body).await? {
        if bytes.len() + piece.len() > bytes_max {
            drain(body);
            return Err(BadBody::TooLarge);
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.into())
}

/// Reads the next piece of a body, or `None` at its end.
pub(crate) async fn next_piece(body: &mut Body) -> Result<Option<Bytes>, BadBody> {
    let frame = timeout(BODY_GAP_TIME_MAX, body.frame()).await.map_err(|_| BadBody::Incomplete)?;
    let frame = frame.transpose().map_err(|_| BadBody::Incomplete)?;
    Ok(frame.map(|frame| frame.into_data().unwrap_or_default()))
}

/// Discards the rest of a body in the background.
pub(crate) fn drain(mut body: Body) {
    tokio::spawn(timeout(
        DRAIN_TIME_MAX,
        async move { while let Some(Ok(_)) = body.frame().await {} },
    ));
}
