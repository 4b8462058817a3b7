//! A connection's stream, which ends when its client takes too long or is gone.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::limits::{
    HALF_CLOSED_TIME_MAX, HEAD_TIME_MAX, IDLE_TIME_MAX, Limit, PROBE_TIME_MIN, UNREAD_TIME_MAX,
};
use crate::gateway::line::{Line, Progress};

/// Start of what a client sends that speaks HTTP/2 without asking first.
const HTTP_2_PREFACE: &[u8] = b"PRI * HTTP/2.0";
/// An interim response, which clients of HTTP/1.1 read past.
const INTERIM: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// A stream that enforces the limits of [`super::limits`].
///
/// A client may close its side once it has sent a request and still read the answer, so the end of
/// its side does not say whether it is gone. Interim responses find out: a client that is gone
/// answers them with a reset.
#[derive(Debug)]
pub(super) struct Watched<S> {
    stream: S,
    line: Line,
    read: Limit,
    write: Limit,
    /// Whether some of a request's head has been read.
    is_in_head: bool,
    /// Whether the client speaks HTTP/2 without asking first; unknown before the first byte.
    is_http_2: Option<bool>,
    half_closed: Option<HalfClosed>,
}

/// A client that has closed its side while its request is answered.
#[derive(Debug, Default)]
struct HalfClosed {
    next: Limit,
    /// Interim responses that were written.
    probes: u32,
    /// How much of an interim response that is begun is written.
    written: usize,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, line: Line) -> Self {
        Self {
            stream,
            line,
            read: Limit::default(),
            write: Limit::default(),
            is_in_head: false,
            is_http_2: None,
            half_closed: None,
        }
    }

    pub(super) fn into_inner(self) -> S {
        self.stream
    }

    /// Whether the client speaks HTTP/2 without asking first.
    pub(super) fn is_http_2(&self) -> bool {
        self.is_http_2 == Some(true)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Watched<S> {
    /// Reads the head of a request, or waits for it.
    fn poll_read_head(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_pending() {
            let (time, what) = if self.is_in_head {
                (HEAD_TIME_MAX, "the head of a request took too long")
            } else {
                (IDLE_TIME_MAX, "no request")
            };
            return Poll::Ready(Err(ready!(self.read.poll_error(context, time, what))));
        }
        let bytes = buffer.filled();
        self.is_http_2.get_or_insert_with(|| bytes.starts_with(HTTP_2_PREFACE));
        if !self.is_in_head {
            self.is_in_head = true;
            self.read.clear();
        }
        read
    }

    /// Reads while a request is answered: its body, what the client sends ahead, or that it is gone.
    fn poll_read_in_call(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
        takes_interim: bool,
    ) -> Poll<io::Result<()>> {
        if self.half_closed.is_none() {
            let before = buffer.filled().len();
            let read = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
            if read.is_err() || buffer.filled().len() > before {
                return Poll::Ready(read);
            }
        }
        self.line.half_close();
        let half_closed = self.half_closed.get_or_insert_default();
        let gone = if takes_interim {
            ready!(half_closed.poll_probe(&mut self.stream, context))
        } else {
            let what = "the client has closed its side";
            ready!(half_closed.next.poll_error(context, HALF_CLOSED_TIME_MAX, what))
        };
        Poll::Ready(Err(gone))
    }

    /// Limits the time until the client reads what is written.
    fn poll_written<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.write.clear();
            return written;
        }
        let what = "the client does not read the response";
        Poll::Ready(Err(ready!(self.write.poll_error(context, UNREAD_TIME_MAX, what))))
    }

    /// Completes an interim response of which a part is written.
    fn poll_begun(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.half_closed {
            Some(half_closed) if half_closed.written > 0 => {
                half_closed.poll_write(&mut self.stream, context)
            }
            _ => Poll::Ready(Ok(())),
        }
    }
}

impl HalfClosed {
    /// Writes an interim response from time to time. Completes when the client is gone.
    fn poll_probe(
        &mut self,
        stream: &mut (impl AsyncWrite + Unpin),
        context: &mut Context<'_>,
    ) -> Poll<io::Error> {
        loop {
            if self.written == 0 {
                let time = PROBE_TIME_MIN * 2_u32.saturating_pow(self.probes);
                ready!(self.next.poll_passed(context, time));
            }
            if let Err(gone) = ready!(self.poll_write(stream, context)) {
                return Poll::Ready(gone);
            }
            self.next.clear();
            self.probes = self.probes.saturating_add(1);
        }
    }

    /// Writes an interim response, or the rest of one.
    fn poll_write(
        &mut self,
        stream: &mut (impl AsyncWrite + Unpin),
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while let Some(rest) = INTERIM.get(self.written..).filter(|rest| !rest.is_empty()) {
            let bytes = ready!(Pin::new(&mut *stream).poll_write(context, rest))?;
            if bytes == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += bytes;
        }
        ready!(Pin::new(stream).poll_flush(context))?;
        self.written = 0;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match this.line.progress() {
            // What was the end of the client's side is the end of the connection.
            Progress::Head if this.half_closed.is_some() => Poll::Ready(Ok(())),
            Progress::Head => this.poll_read_head(context, buffer),
            Progress::Call { takes_interim } => {
                this.is_in_head = false;
                this.read.clear();
                this.poll_read_in_call(context, buffer, takes_interim)
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = match this.poll_begun(context) {
            Poll::Ready(Ok(())) => Pin::new(&mut this.stream).poll_write(context, bytes),
            begun => begun.map_ok(|()| 0),
        };
        this.poll_written(context, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = match this.poll_begun(context) {
            Poll::Ready(Ok(())) => Pin::new(&mut this.stream).poll_write_vectored(context, pieces),
            begun => begun.map_ok(|()| 0),
        };
        this.poll_written(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(context);
        this.poll_written(context, flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let shut_down = Pin::new(&mut this.stream).poll_shutdown(context);
        this.poll_written(context, shut_down)
    }
}
