//! Request bodies, read up to a limit.

use axum::body::{Body, Bytes};

use crate::{
    body::{BadBody, drain, fill, read_rest},
    protocol::{
        AuthFailure, Refusal, Syntax,
        form::names_action,
        request::{FORM_BYTES_MAX, Head},
    },
};

/// Reads a body. A body over the limit is rejected as soon as its size is known, and the rest is
/// discarded in the background. Otherwise, a client that sends everything before it reads would see a
/// connection reset instead of the response.
///
/// Whether the limit of a v1 form applies is known once that many bytes are read.
pub(super) async fn read(head: Head<'_>, mut body: Body) -> Result<Bytes, Refusal> {
    let mut bytes = Vec::new();
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
