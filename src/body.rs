//! Reading of request bodies, with limits on size and time.

use axum::{
    body::{Bytes, HttpBody},
    extract::Request,
    http::header::EXPECT,
};
use futures_util::FutureExt as _;
use http_body_util::BodyExt as _;
use tokio::time::timeout;

use crate::time_limits::{BODY_GAP_TIME_MAX, DRAIN_TIME_MAX};

/// The body of a request, from a connection or from axum.
pub(crate) trait RequestBody: HttpBody<Data = Bytes> + Send + Unpin + 'static {}

impl<B: HttpBody<Data = Bytes> + Send + Unpin + 'static> RequestBody for B {}

/// The reason why a body cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadBody {
    /// The body exceeds the size limit. The rest is discarded.
    TooLarge,
    /// The body ends early, or its next frame does not arrive in time.
    Incomplete,
}

/// Reads the body of a request, up to `bytes_max` bytes.
pub(crate) async fn read(request: Request, bytes_max: usize) -> Result<Bytes, BadBody> {
    let is_asked_for = request.headers().contains_key(EXPECT);
    let mut bytes = Vec::new();
    read_rest(&mut bytes, request.into_body(), bytes_max, is_asked_for).await?;
    Ok(bytes.into())
}

/// Reads the rest of a body, up to `bytes_max` bytes including those already in `bytes`. If
/// `is_asked_for`, the client sends the body only once the server starts to read it.
pub(crate) async fn read_rest(
    bytes: &mut Vec<u8>,
    mut body: impl RequestBody,
    bytes_max: usize,
    is_asked_for: bool,
) -> Result<(), BadBody> {
    let stated = body.size_hint().lower().saturating_add(bytes.len() as u64);
    if stated > bytes_max as u64 {
        if !is_asked_for {
            drain(body);
        }
        return Err(BadBody::TooLarge);
    }
    if fill(bytes, &mut body, bytes_max).await? {
        drain(body);
        return Err(BadBody::TooLarge);
    }
    Ok(())
}

/// Reads a body to its end, or until it exceeds `bytes_max` bytes. Returns whether it exceeds them.
pub(crate) async fn fill(
    bytes: &mut Vec<u8>,
    body: &mut impl RequestBody,
    bytes_max: usize,
) -> Result<bool, BadBody> {
    while bytes.len() <= bytes_max {
        // A timer costs more than a frame that is already available.
        let frame = if let Some(frame) = body.frame().now_or_never() {
            frame
        } else {
            let frame = timeout(BODY_GAP_TIME_MAX, body.frame()).await;
            frame.map_err(|_| BadBody::Incomplete)?
        };
        match frame.transpose().map_err(|_| BadBody::Incomplete)? {
            Some(frame) => bytes.extend_from_slice(&frame.into_data().unwrap_or_default()),
            None => return Ok(false),
        }
    }
    Ok(true)
}

/// Discards the rest of a body in the background.
pub(crate) fn drain(mut body: impl RequestBody) {
    tokio::spawn(timeout(
        DRAIN_TIME_MAX,
        async move { while let Some(Ok(_)) = body.frame().await {} },
    ));
}
