//! A call as HTTP has it, and its answer.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request as HttpRequest, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use hyper::body::Frame;

use crate::{
    control::{
        clock::Stopwatch,
        faults::{Connection, HttpAnswer},
    },
    protocol::request::Head,
};

use super::{
    Gateway, Line, body,
    call::Pending,
    fault::{self, End},
};

const TRACE_ID: HeaderName = HeaderName::from_static("x-tc-traceid");
const EXPLAIN: HeaderName = HeaderName::from_static("x-ecmock-explain");
/// Bytes of a body that is read between the calls of others.
const INLINE_BYTES_MAX: usize = 16 * 1024;

/// What there is of an answer at once.
enum Taken {
    /// All of it.
    Answered(Response),
    /// Nothing: a fault strikes.
    Struck(Reply, Box<Pending>),
}

/// The HTTP status is 200 whatever happens: errors live in the envelope.
pub(super) async fn serve(State(gateway): State<Arc<Gateway>>, request: HttpRequest) -> Response {
    let stopwatch = Stopwatch::start();
    let (parts, body) = request.into_parts();
    let body = body::read(Head::from(&parts), body).await;
    let is_large = body.as_ref().is_ok_and(|body| body.len() > INLINE_BYTES_MAX);
    let answering = Arc::clone(&gateway);
    let take = move || {
        let body = body.as_deref().map_err(Clone::clone);
        let mut call = answering.begin(Head::from(&parts), body);
        let reply = Reply::to(&parts, &call);
        if call.strike().is_some() {
            return Taken::Struck(reply, Box::new(call));
        }
        let answer = call.run();
        call.record(&answering, Some(&answer), stopwatch);
        Taken::Answered(reply.with(answer.body))
    };
    // Nobody else has to wait until a large body is read.
    let taken = if is_large { tokio::task::spawn_blocking(take).await.ok() } else { Some(take()) };
    match taken {
        Some(Taken::Answered(response)) => response,
        Some(Taken::Struck(reply, call)) => {
            reply.struck(fault::end(gateway, *call, stopwatch).await).await
        }
        // Only when the server is gone; then so is the client's connection.
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// What an answer has beside its body.
struct Reply {
    status: StatusCode,
    trace_id: Option<HeaderValue>,
    /// What the client did to its signature.
    diagnosis: Option<HeaderValue>,
    /// The connection that the answer goes out by.
    line: Option<Line>,
}

impl Reply {
    fn to(parts: &Parts, call: &Pending) -> Self {
        Self {
            // A 200 would tell the client of a proxy that its tunnel is open.
            status: match parts.method {
                Method::CONNECT => StatusCode::METHOD_NOT_ALLOWED,
                _ => StatusCode::OK,
            },
            trace_id: parts.headers.get(TRACE_ID).cloned(),
            diagnosis: call.signature.diagnosis().and_then(|it| it.header().try_into().ok()),
            line: parts.extensions.get().cloned(),
        }
    }

    fn with(self, body: impl Into<Body>) -> Response {
        let mut response = (self.status, body.into()).into_response();
        let headers = response.headers_mut();
        // Exactly this: Python's SDK takes an error for a success where a charset follows.
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in [(TRACE_ID, self.trace_id), (EXPLAIN, self.diagnosis)] {
            if let Some(value) = value {
                headers.insert(name, value);
            }
        }
        response
    }

    /// The answer to a call that a fault strikes, if it ever comes.
    async fn struck(self, end: Option<End>) -> Response {
        match (end, &self.line) {
            (Some(End::Envelope(body)), _) => return self.with(body),
            (Some(End::Http(answer)), _) => return raw(answer),
            (Some(End::Connection(Connection::Truncate, body)), _) => return self.with_half(body),
            (Some(End::Connection(Connection::Reset, _)), Some(line)) => line.reset(),
            (Some(End::Connection(Connection::Close, _)), Some(line)) => line.close(),
            (Some(End::Connection(Connection::Hang, _)), Some(line)) => line.hang(),
            (Some(End::Connection(..)) | None, _) => {}
        }
        std::future::pending().await
    }

    /// An answer whose connection breaks in the middle of its body.
    fn with_half(self, body: Vec<u8>) -> Response {
        let (length, body) = (body.len(), Bytes::from(body));
        let half = body.slice(..length / 2);
        let mut response = self.with(Body::new(Half { left: Some(half), is_sent: false }));
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        response
    }
}

/// An answer that is no envelope.
fn raw(HttpAnswer { status, body }: HttpAnswer) -> Response {
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&body).is_ok();
    let content_type = if is_json { "application/json" } else { "text/plain" };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
}

/// A body that breaks off once its bytes are sent.
struct Half {
    left: Option<Bytes>,
    is_sent: bool,
}

impl HttpBody for Half {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(bytes) = self.left.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if !self.is_sent {
            // What is ready is sent while there is nothing else to do.
            self.is_sent = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
    }
}
