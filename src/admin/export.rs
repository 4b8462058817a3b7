//! The state of an account as a response body.

use std::{convert::Infallible, future, thread};

use axum::{
    body::Body,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt as _, stream};

use crate::{control::fixture::Pieces, ecm::Store};

/// Responds with a state, in pieces to bound the memory. A state of one piece has a `Content-Length`.
pub(super) fn response(store: Store) -> Response {
    let mut pieces = Pieces::new(store);
    let first = pieces.next().unwrap_or_default();
    let body = if pieces.is_done() { Body::from(first) } else { streamed(first, pieces) };
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

/// Returns a body that serializes the next piece when the connection has room for it. The task of the
/// connection yields before each piece, so that a large state delays no other task. The export ends
/// with the connection.
fn streamed(first: Vec<u8>, rest: Pieces) -> Body {
    let rest = stream::unfold(Freed(Some(rest)), |mut rest| async {
        tokio::task::yield_now().await;
        rest.next().map(|piece| (piece, rest))
    });
    let pieces = stream::once(future::ready(first)).chain(rest);
    Body::from_stream(pieces.map(Ok::<_, Infallible>))
}

/// Pieces of a state, freed on a separate thread: the state may be large, and may no longer be the
/// account's.
struct Freed(Option<Pieces>);

impl Freed {
    fn next(&mut self) -> Option<Vec<u8>> {
        self.0.as_mut().and_then(Iterator::next)
    }
}

impl Drop for Freed {
    fn drop(&mut self) {
        let pieces = self.0.take();
        _ = thread::Builder::new().name("free".into()).spawn(move || drop(pieces));
    }
}
