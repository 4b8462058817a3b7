//! Requests and responses of a connection.

use std::{
    convert::Infallible,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::Bytes,
    http::{Request, Response, StatusCode, Version, header},
    response::IntoResponse as _,
};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};

use crate::{
    body::drain,
    emulator::Services,
    gateway::{CallBody, Chunk, ConnectionHandle},
};

/// Answers requests of connections.
pub(super) trait Service: Send + Sync + 'static {
    fn serve(
        &self,
        request: Request<RequestBody>,
        handle: &ConnectionHandle,
    ) -> impl Future<Output = Response<CallBody>> + Send;
}

impl Service for Services {
    async fn serve(
        &self,
        request: Request<RequestBody>,
        handle: &ConnectionHandle,
    ) -> Response<CallBody> {
        self.serve(request, Some(handle)).await
    }
}

/// Answers a request, and keeps the connection's [`ConnectionHandle`] up to date.
pub(super) fn answer<S: Service>(
    service: &S,
    handle: &ConnectionHandle,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response<ResponseBody>, Infallible>> + Send {
    handle.begin(request.version());
    let request = has_right_host(&request).then(|| {
        let is_asked_for = request.headers().contains_key(header::EXPECT);
        request.map(|body| RequestBody {
            body: Some(body),
            handle: handle.clone(),
            is_left_alone: is_asked_for,
        })
    });
    async move {
        let response = match request {
            Some(request) => service.serve(request, handle).await,
            None => (StatusCode::BAD_REQUEST, "HTTP/1.1 needs one Host header\n")
                .into_response()
                .map(CallBody::Other),
        };
        Ok(response.map(|body| ResponseBody::new(body, handle.clone())))
    }
}

/// Whether a request has the number of Host headers that RFC 9112, section 3.2 requires.
fn has_right_host(request: &Request<Incoming>) -> bool {
    match request.headers().get_all(header::HOST).iter().count() {
        0 => request.version() < Version::HTTP_11,
        hosts => hosts == 1,
    }
}

/// The body of a request. It fails if the client closes its side before the end of the body.
#[derive(Debug)]
pub(super) struct RequestBody {
    /// `None` once the body is dropped.
    body: Option<Incoming>,
    handle: ConnectionHandle,
    /// Whether dropping the body discards nothing: because some of it has been read, or because the
    /// client only sends it on request (`Expect: 100-continue`).
    is_left_alone: bool,
}

impl Drop for RequestBody {
    /// Discards a body that no handler has read. Otherwise, the connection would end.
    fn drop(&mut self) {
        if let Some(body) = self.body.take().filter(|it| !self.is_left_alone && !it.is_end_stream())
        {
            drain(body);
        }
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        self.is_left_alone = true;
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = Pin::new(body).poll_frame(context);
        if frame.is_pending() && self.handle.is_half_closed() {
            return Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::UnexpectedEof).into())));
        }
        frame.map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

/// The body of a response. Its creation starts the response, and its drop ends it.
#[derive(Debug)]
pub(super) struct ResponseBody {
    body: CallBody,
    handle: ConnectionHandle,
}

impl ResponseBody {
    pub(super) fn new(body: CallBody, handle: ConnectionHandle) -> Self {
        handle.respond();
        Self { body, handle }
    }
}

impl HttpBody for ResponseBody {
    type Data = Chunk;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for ResponseBody {
    fn drop(&mut self) {
        self.handle.end();
    }
}
