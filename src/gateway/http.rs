//! HTTP requests and responses of calls.

use std::{
    io::{self, Cursor},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request as HttpRequest, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header, request::Parts,
    },
    response::IntoResponse as _,
};
use bytes::Buf;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};

use crate::{
    body::RequestBody,
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
    /// The account, if the SecretId does not select it.
    account: Option<Arc<str>>,
}

impl Received {
    fn head(&self) -> Head<'_> {
        Head::from(&self.parts)
    }

    fn body(&self) -> Result<&[u8], Refusal> {
        self.body.as_deref().map_err(Clone::clone)
    }

    /// Runs the checks of the call, which change no state.
    fn begin(&self, gateway: &Gateway) -> Pending {
        gateway.begin(self.head(), self.body(), self.account.as_deref())
    }

    fn has_large_body(&self) -> bool {
        self.body.as_ref().is_ok_and(|body| body.len() > INLINE_BYTES_MAX)
    }

    /// Size of the target, headers, and body.
    fn bytes(&self) -> usize {
        let target = self.parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
        let headers = self.parts.headers.iter().map(|(_, value)| value.len());
        target + headers.sum::<usize>() + self.body.as_ref().map_or(0, Bytes::len)
    }
}

/// Serves a call that axum has routed to the gateway.
pub(super) async fn serve_routed(
    State(gateway): State<Arc<Gateway>>,
    request: HttpRequest,
) -> axum::response::Response {
    let handle = request.extensions().get().cloned();
    let response = gateway.serve(request, handle.as_ref()).await;
    response.map(Body::from)
}

impl Gateway {
    /// Serves a call. The HTTP status is 200 even for errors, which are in the envelope.
    ///
    /// The handle is that of the request's connection, if this server has accepted it.
    ///
    /// The future is small, because the HTTP library moves it: slow calls continue in another one.
    pub async fn serve(
        self: &Arc<Self>,
        request: Request<impl RequestBody>,
        handle: Option<&ConnectionHandle>,
    ) -> Response {
        let stopwatch = Stopwatch::start();
        let (parts, body) = request.into_parts();
        let body = body::read(Head::from(&parts), body).await;
        match answer_now(self, Received { parts, body, account: None }, stopwatch) {
            Ok(response) => response,
            Err(left) => Box::pin(answer_later(self, *left, handle, stopwatch)).await,
        }
    }

    /// Serves a call of an account that needs no signature.
    pub async fn call_as(self: &Arc<Self>, account: Arc<str>, request: Request<Bytes>) -> Response {
        let stopwatch = Stopwatch::start();
        let (parts, body) = request.into_parts();
        let received = Received { parts, body: Ok(body), account: Some(account) };
        match answer_now(self, received, stopwatch) {
            Ok(response) => response,
            Err(left) => answer_later(self, *left, None, stopwatch).await,
        }
    }
}

/// A call that [`answer_now`] has left to [`answer_later`].
struct Left {
    received: Received,
    /// `None` if the call has not been checked.
    call: Option<Pending>,
}

/// Answers a call if that takes only microseconds, as nearly every call does.
fn answer_now(
    gateway: &Gateway,
    received: Received,
    stopwatch: Stopwatch,
) -> Result<Response, Box<Left>> {
    if received.has_large_body() {
        return Err(Box::new(Left { received, call: None }));
    }
    let mut call = received.begin(gateway);
    if !call.is_unexplained
        && call.fault().is_none()
        && let Some(answer) = call.try_run()
    {
        let head = ResponseHead::to(received, &call);
        call.record(gateway, Some(&answer), stopwatch);
        return Ok(head.with(answer.body));
    }
    Err(Box::new(Left { received, call: Some(call) }))
}

/// Answers a call on other threads, so that no other call waits for it.
async fn answer_later(
    gateway: &Arc<Gateway>,
    left: Left,
    handle: Option<&ConnectionHandle>,
    stopwatch: Stopwatch,
) -> Response {
    // The server is shutting down, which also closes the client's connection.
    let unavailable = |_| StatusCode::SERVICE_UNAVAILABLE.into_response().map(CallBody::Other);
    answer(gateway, left, handle, stopwatch).await.unwrap_or_else(unavailable)
}

async fn answer(
    gateway: &Arc<Gateway>,
    left: Left,
    handle: Option<&ConnectionHandle>,
    stopwatch: Stopwatch,
) -> Result<Response, Unfinished> {
    let (received, mut call) = begin(gateway, left).await?;
    let head = ResponseHead::to(received, &call);
    if call.fault().is_some() {
        let end = fault::end(Arc::clone(gateway), call, stopwatch).await;
        return Ok(head.faulted(end, handle).await);
    }
    if let Some(answer) = call.try_run() {
        call.record(gateway, Some(&answer), stopwatch);
        return Ok(head.with(answer.body));
    }
    let gateway = Arc::clone(gateway);
    let record = move |call: Pending, answer: Answer| {
        call.record(&gateway, Some(&answer), stopwatch);
        answer.body
    };
    Ok(head.with(run(call, record).await?))
}

/// Runs the checks of a call, which change no state.
async fn begin(gateway: &Arc<Gateway>, left: Left) -> Result<(Received, Pending), Unfinished> {
    let Left { received, call } = left;
    let (received, mut call) = if let Some(call) = call {
        (received, call)
    } else {
        let gateway = Arc::clone(gateway);
        let begin = move || {
            let call = received.begin(&gateway);
            (received, call)
        };
        offload::run(begin).await?
    };
    if !call.is_unexplained {
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
    headers: HeaderMap,
}

impl ResponseHead {
    fn to(received: Received, call: &Pending) -> Self {
        let Received { parts, .. } = received;
        // A 200 would tell a proxy client that its tunnel is open.
        let status = match parts.method {
            // Assumed (gateway.connect): the real gateway opens no tunnel.
            Method::CONNECT => StatusCode::METHOD_NOT_ALLOWED,
            _ => StatusCode::OK,
        };
        let mut headers = parts.headers;
        // Assumed (gateway.trace-id): the Node SDK reads the header from responses.
        let trace_id = call.tc_trace_id.as_ref().and_then(trace_id);
        let diagnosis = call.signature.diagnosis().and_then(|it| it.header().try_into().ok());
        // The response uses the memory of the request's headers.
        headers.clear();
        // Without a charset: Python's SDK would take an error for a success.
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in [(TRACE_ID, trace_id), (EXPLAIN, diagnosis)] {
            if let Some(value) = value {
                headers.insert(name, value);
            }
        }
        Self { status, headers }
    }

    fn with(self, body: impl Into<CallBody>) -> Response {
        let mut response = Response::new(body.into());
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }

    /// Returns the response to a call with a fault. It may never complete.
    async fn faulted(
        self,
        end: Option<FaultOutcome>,
        handle: Option<&ConnectionHandle>,
    ) -> Response {
        match (end, handle) {
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
                return self.with(Partial { left: None, is_sent: true });
            }
            (Some(FaultOutcome::Connection(Connection::Hang, _)) | None, _) => {}
        }
        std::future::pending().await
    }

    /// Returns a response whose connection closes in the middle of its body.
    fn with_half(self, body: Vec<u8>) -> Response {
        let (length, body) = (body.len(), Bytes::from(body));
        let half = body.slice(..length / 2);
        let mut response = self.with(Partial { left: Some(half), is_sent: false });
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
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response().map(CallBody::Other)
}

type Response = axum::http::Response<CallBody>;

/// The body of a response.
#[derive(Debug)]
pub enum CallBody {
    /// An envelope, until it is sent.
    Whole(Option<Vec<u8>>),
    /// A body that breaks off.
    Partial(Partial),
    /// A body of axum.
    Other(Body),
}

impl From<Vec<u8>> for CallBody {
    fn from(body: Vec<u8>) -> Self {
        Self::Whole(Some(body))
    }
}

impl From<Partial> for CallBody {
    fn from(body: Partial) -> Self {
        Self::Partial(body)
    }
}

impl From<CallBody> for Body {
    fn from(body: CallBody) -> Self {
        Self::new(body.map_frame(|frame| frame.map_data(Bytes::from)))
    }
}

impl HttpBody for CallBody {
    type Data = Chunk;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, axum::Error>>> {
        let frame = match self.get_mut() {
            Self::Whole(body) => {
                let body = body.take().map(|it| Frame::data(Chunk::Whole(Cursor::new(it))));
                return Poll::Ready(body.map(Ok));
            }
            Self::Partial(body) => Pin::new(body).poll_frame(context).map_err(axum::Error::new),
            Self::Other(body) => Pin::new(body).poll_frame(context),
        };
        frame.map_ok(|frame| frame.map_data(Chunk::Piece))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_none(),
            Self::Partial(_) => false,
            Self::Other(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => SizeHint::with_exact(body.as_ref().map_or(0, Vec::len) as u64),
            Self::Partial(_) => SizeHint::default(),
            Self::Other(body) => body.size_hint(),
        }
    }
}

/// Bytes of a response.
#[derive(Debug)]
pub enum Chunk {
    /// An envelope. As [`Bytes`], it would have one more allocation.
    Whole(Cursor<Vec<u8>>),
    /// Any other bytes.
    Piece(Bytes),
}

impl Buf for Chunk {
    fn remaining(&self) -> usize {
        match self {
            Self::Whole(bytes) => bytes.remaining(),
            Self::Piece(bytes) => bytes.remaining(),
        }
    }

    fn chunk(&self) -> &[u8] {
        match self {
            Self::Whole(bytes) => bytes.chunk(),
            Self::Piece(bytes) => bytes.chunk(),
        }
    }

    fn advance(&mut self, count: usize) {
        match self {
            Self::Whole(bytes) => bytes.advance(count),
            Self::Piece(bytes) => bytes.advance(count),
        }
    }
}

impl From<Chunk> for Bytes {
    fn from(chunk: Chunk) -> Self {
        match chunk {
            Chunk::Whole(bytes) => bytes.into_inner().into(),
            Chunk::Piece(bytes) => bytes,
        }
    }
}

/// A body that fails after its bytes, if any.
#[derive(Debug)]
pub struct Partial {
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
