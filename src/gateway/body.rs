//! Request bodies, read up to a limit.

use axum::body::Bytes;
use futures_util::FutureExt as _;
use http_body_util::BodyExt as _;

use crate::{
    body::{BadBody, RequestBody, drain, fill, read_rest},
    protocol::{
        AuthFailure, Refusal, Syntax,
        form::names_action,
        request::{FORM_BYTES_MAX, Head},
    },
};

/// Maximum size of a body that is used as it arrived, without a copy. Less than all limits.
const WHOLE_BYTES_MAX: u64 = 16 * 1024;

/// Reads a body, up to the limit for its kind.
///
/// Nearly every body is small and has arrived together with its head, in one frame.
pub(super) async fn read(head: Head<'_>, mut body: impl RequestBody) -> Result<Bytes, Refusal> {
    let mut bytes = Vec::new();
    if body.size_hint().exact().is_some_and(|bytes| bytes <= WHOLE_BYTES_MAX) {
        match body.frame().now_or_never() {
            None => {}
            Some(None) => return Ok(Bytes::new()),
            Some(Some(Err(_))) => return Err(BadBody::Incomplete.into()),
            Some(Some(Ok(frame))) => {
                let first = frame.into_data().unwrap_or_default();
                if body.is_end_stream() {
                    return Ok(first);
                }
                bytes.extend_from_slice(&first);
            }
        }
    }
    Box::pin(read_frames(head, bytes, body)).await
}

/// Reads the rest of a body frame by frame.
///
/// A body over the limit is rejected as soon as its size is known, and the rest is
/// discarded in the background. Otherwise, a client that sends everything before it reads would see a
/// connection reset instead of the response.
///
/// Whether the limit of a v1 form applies is known once that many bytes are read.
async fn read_frames(
    head: Head<'_>,
    mut bytes: Vec<u8>,
    mut body: impl RequestBody,
) -> Result<Bytes, Refusal> {
    let may_be_form = head.may_have_form();
    if may_be_form && fill(&mut bytes, &mut body, FORM_BYTES_MAX).await? && names_action(&bytes) {
        drain(body);
        return Err(AuthFailure::FormTooLarge.into());
    }
    let (limit, too_large) = head.body_limit();
    let is_asked_for = !may_be_form && head.header("expect").is_some();
    match read_rest(&mut bytes, body, limit, is_asked_for).await {
        Ok(()) => Ok(bytes.into()),
        Err(BadBody::TooLarge) => Err(too_large),
        Err(bad @ BadBody::Incomplete) => Err(bad.into()),
    }
}

impl From<BadBody> for Refusal {
    /// An incomplete body is rejected even if it could be parsed.
    fn from(_: BadBody) -> Self {
        // Assumed (gateway.incomplete-body): an incomplete body is malformed JSON.
        Syntax::NotJson.into()
    }
}
