//! Bodies, read whole up to a limit.

use axum::body::{Body, Bytes, HttpBody as _};

use crate::{
    body::{BadBody, drain, fill},
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
    if body.size_hint().lower().saturating_add(bytes.len() as u64) > limit as u64 {
        // Who waits to be told to go on has not sent any of it.
        if may_be_form || head.header("expect").is_none() {
            drain(body);
        }
        return Err(too_large);
    }
    if fill(&mut bytes, &mut body, limit).await? {
        drain(body);
        return Err(too_large);
    }
    Ok(bytes.into())
}

impl From<BadBody> for Refusal {
    /// An incomplete body is rejected, however much of it makes sense.
    fn from(_: BadBody) -> Self {
        Syntax::NotJson.into()
    }
}
