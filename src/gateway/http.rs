//! HTTP requests and responses of calls.

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
        journal::entry::Verdict,
        offload::{self, Unfinished},
    },
    protocol::{Refusal, request::Head},
};

use super::{
    ConnectionHandle, Gateway, body,
    call::{Answer, Pending, run},
    fault::{self, FaultOutcome},
};

const TRACE_ID: HeaderName = HeaderName::from_static("x-tc-traceid");
/// Maximum length of a trace ID that is echoed, in bytes.
const TRACE_ID_BYTES_MAX: usize = 256;
const EXPLAIN: HeaderName = HeaderName::from_static("x-ecmock-explain");
/// Maximum size of a body that is parsed on the thread that serves the connection.
const INLINE_BYTES_MAX: usize = 16 * 1024;
/// Maximum size of a call whose valid signature is explained on the same thread.
const EXPLAINED_BYTES_MAX: usize = 4 * 1024;

/// A request with its body, or the error of its body.
struct Received {
    parts: Parts,
    body: Result<Bytes, Refusal>,
}

impl Received {
    fn head(&self) -> Head<'_> {
        Head::from(&self.parts)
    }

    fn body(&self) -> Result<&[u8], Refusal> {
        self.body.as_deref().map_err(Clone::clone)
    }

    /// Size of the target, headers, and body.
    fn bytes(&self) -> usize {
        let target = self.parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
        let headers = self.parts.headers.iter().map(|(_, value)| value.len());
        target + headers.sum::<usize>() + self.body.as_ref().map_or(0, Bytes::len)
    }
}

/// Serves a call. The HTTP status is 200 even for errors, which are in the envelope.
pub(super) async fn serve(State(gateway): State<Arc<Gateway>>, request: HttpRequest) -> Response {
    let stopwatch = Stopwatch::start();
    let (parts, body) = request.into_parts();
    let body = body::read(Head::from(&parts), body).await;
    let answer = answer(&gateway, Received { parts, body }, stopwatch).await;
    // The server is shutting down, which also closes the client's connection.
    answer.unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())
}

/// Answers a call. Work that takes longer than microseconds runs on other threads, so that no other
/// call waits for it.
async fn answer(
    gateway: &Arc<Gateway>,
    received: Received,
    stopwatch: Stopwatch,
) -> Result<Response, Unfinished> {
    let (received, mut call) = begin(gateway, received).await?;
    let reply = ResponseHead::to(&received.parts, &call);
    drop(received);
    if call.fault().is_some() {
        let end = fault::end(Arc::clone(gateway), call, stopwatch).await;
        return Ok(reply.faulted(end).await);
    }
    if let Some(answer) = call.try_run() {
        call.record(gateway, Some(&answer), stopwatch);
        return Ok(reply.with(answer.body));
    }
    let gateway = Arc::clone(gateway);
    let record = move |call: Pending, answer: Answer| {
        call.record(&gateway, Some(&answer), stopwatch);
        answer.body
    };
    Ok(reply.with(run(call, record).await?))
}

/// Runs the checks of a call, which change no state.
async fn begin(
    gateway: &Arc<Gateway>,
    received: Received,
) -> Result<(Received, Pending), Unfinished> {
    let is_large = received.body.as_ref().is_ok_and(|body| body.len() > INLINE_BYTES_MAX);
    let (received, mut call) = if is_large {
        let gateway = Arc::clone(gateway);
        let begin = move || {
            let call = gateway.begin(received.head(), received.body());
            (received, call)
        };
        offload::run(begin).await?
    } else {
        let call = gateway.begin(received.head(), received.body());
        (received, call)
    };
    if call.unexplained.is_none() {
        return Ok((received, call));
    }
    // Explaining a valid signature takes microseconds, unless the call is large.
    if call.signature.verdict == Verdict::Valid && received.bytes() <= EXPLAINED_BYTES_MAX {
        gateway.explain(received.head(), received.body(), &mut call);
        return Ok((received, call));
    }
    let explain = {
        let gateway = Arc::clone(gateway);
        move || {
            gateway.explain(received.head(), received.body(), &mut call);
            (received, call)
        }
    };
    offload::run_busy(explain).await
}

/// The parts of a response other than its body.
struct ResponseHead {
    status: StatusCode,
    trace_id: Option<HeaderValue>,
    /// Diagnosis of an invalid signature.
    diagnosis: Option<HeaderValue>,
    /// The connection of the request.
    handle: Option<ConnectionHandle>,
}

impl ResponseHead {
    fn to(parts: &Parts, call: &Pending) -> Self {
        Self {
            // A 200 would tell a proxy client that its tunnel is open.
            status: match parts.method {
                // Assumed (gateway.connect): the real gateway opens no tunnel.
                Method::CONNECT => StatusCode::METHOD_NOT_ALLOWED,
                _ => StatusCode::OK,
            },
            // Assumed (gateway.trace-id): the Node SDK reads the header from responses.
            trace_id: parts.headers.get(TRACE_ID).and_then(trace_id),
            diagnosis: call.signature.diagnosis().and_then(|it| it.header().try_into().ok()),
            handle: parts.extensions.get().cloned(),
        }
    }

    fn with(self, body: impl Into<Body>) -> Response {
        let mut response = (self.status, body.into()).into_response();
        let headers = response.headers_mut();
        // Without a charset: Python's SDK would take an error for a success.
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in [(TRACE_ID, self.trace_id), (EXPLAIN, self.diagnosis)] {
            if let Some(value) = value {
                headers.insert(name, value);
            }
        }
        response
    }

    /// Returns the response to a call with a fault. It may never complete.
    async fn faulted(self, end: Option<FaultOutcome>) -> Response {
        match (end, &self.handle) {
            (Some(FaultOutcome::Envelope(body)), _) => return self.with(body),
            (Some(FaultOutcome::Http(answer)), _) => return raw(answer),
            (Some(FaultOutcome::Connection(Connection::Truncate, body)), _) => {
                return self.with_half(body);
            }
            (Some(FaultOutcome::Connection(Connection::Reset, _)), Some(handle)) => handle.reset(),
            (Some(FaultOutcome::Connection(Connection::Close, _)), Some(handle)) => handle.close(),
            (Some(FaultOutcome::Connection(Connection::Hang, _)), Some(handle)) => handle.hang(),
            // The connection belongs to another server.
            (Some(FaultOutcome::Connection(Connection::Reset | Connection::Close, _)), None) => {
                return self.with(Body::new(Partial { left: None, is_sent: true }));
            }
            (Some(FaultOutcome::Connection(Connection::Hang, _)) | None, _) => {}
        }
        std::future::pending().await
    }

    /// Returns a response whose connection closes in the middle of its body.
    fn with_half(self, body: Vec<u8>) -> Response {
        let (length, body) = (body.len(), Bytes::from(body));
        let half = body.slice(..length / 2);
        let mut response = self.with(Body::new(Partial { left: Some(half), is_sent: false }));
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        response
    }
}

/// Returns the start of a trace ID, for the response.
fn trace_id(whole: &HeaderValue) -> Option<HeaderValue> {
    let bytes = whole.as_bytes();
    HeaderValue::from_bytes(bytes.get(..TRACE_ID_BYTES_MAX).unwrap_or(bytes)).ok()
}

/// Returns a response without an envelope.
fn raw(HttpAnswer { status, body }: HttpAnswer) -> Response {
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&body).is_ok();
    let content_type = if is_json { "application/json" } else { "text/plain" };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
}

/// A body that fails after its bytes, if any.
struct Partial {
    left: Option<Bytes>,
    is_sent: bool,
}

impl HttpBody for Partial {
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
            // hyper sends the bytes that are ready while the body is pending.
            self.is_sent = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
    }
}
