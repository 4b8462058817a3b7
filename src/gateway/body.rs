//! Bodies, read whole up to a limit.

use axum::body::{Body, Bytes};

use crate::{
    body::{BadBody, drain, fill, read_rest},
    protocol::{
        AuthFailure, Refusal, Syntax,
        form::names_action,
        request::{FORM_BYTES_MAX, Head},
    },
};

/// Reads a body. One over the limit is refused as soon as that is known, while the rest of it is
/// still taken from the client: one that sends all before it reads would else see its connection
/// reset instead of the answer.
///
/// The limit of a body that may be a v1 form is known once that much of it is read.
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
    /// An incomplete body is rejected, however much of it makes sense.
    fn from(_: BadBody) -> Self {
        // Assumed (gateway.incomplete-body): an incomplete body is malformed JSON.
        Syntax::NotJson.into()
    }
}
