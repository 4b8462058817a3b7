//! A connection's stream that ends when its client takes too long or is gone.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{half_closed::HalfClosed, limit::Limit, turn::Turn};
use crate::{
    gateway::connection_handle::{ConnectionHandle, Progress},
    time_limits::{HEAD_TIME_MAX, IDLE_TIME_MAX, UNREAD_TIME_MAX},
};

/// First bytes of a client that uses HTTP/2 without negotiation.
const HTTP_2_PREFACE: &[u8] = b"PRI * HTTP/2.0";
/// Chunk size for reading ahead.
const AHEAD_BYTES: usize = 1024;
/// Maximum number of bytes to read ahead. If the client sends more, the end of its side is not noticed.
const AHEAD_BYTES_MAX: usize = 64 * 1024;

/// A stream that enforces the limits of [`crate::time_limits`], and hides the end of the client's side
/// from hyper while a request is answered.
#[derive(Debug)]
pub(super) struct Watched<S> {
    stream: S,
    handle: ConnectionHandle,
    read: Limit,
    write: Limit,
    /// Whether some of a request's head has been read.
    is_in_head: bool,
    /// Whether the last response is completely written.
    is_flushed: bool,
    /// Whether hyper has read during a call since it last flushed.
    is_read: bool,
    turn: Turn,
    /// Bytes read ahead, before hyper asks for them.
    ahead: VecDeque<u8>,
    preface: Preface,
    half_closed: Option<HalfClosed>,
}

/// Comparison of the first bytes with [`HTTP_2_PREFACE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Preface {
    /// Number of matching bytes so far.
    Matches(usize),
    /// At least one byte differs.
    Differs,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, handle: ConnectionHandle) -> Self {
        Self {
            stream,
            handle,
            read: Limit::default(),
            write: Limit::default(),
            is_in_head: false,
            is_flushed: true,
            is_read: false,
            turn: Turn::default(),
            ahead: VecDeque::new(),
            preface: Preface::Matches(0),
            half_closed: None,
        }
    }

    pub(super) fn into_inner(self) -> S {
        self.stream
    }

    /// Whether the client uses HTTP/2 without negotiation.
    pub(super) fn is_http_2(&self) -> bool {
        self.preface == Preface::Matches(HTTP_2_PREFACE.len())
    }
}

impl Preface {
    /// Compares the next bytes.
    fn read(&mut self, bytes: &[u8]) {
        let Self::Matches(read) = *self else { return };
        let expected = HTTP_2_PREFACE.get(read..).unwrap_or_default();
        let looked_at = expected.len().min(bytes.len());
        *self = if expected.get(..looked_at) == bytes.get(..looked_at) {
            Self::Matches(read + looked_at)
        } else {
            Self::Differs
        };
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Watched<S> {
    /// Reads bytes that were read ahead, or from the stream, and records the end of the stream.
    fn poll_stream(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            let (bytes, _) = self.ahead.as_slices();
            let bytes = bytes.get(..buffer.remaining()).unwrap_or(bytes);
            buffer.put_slice(bytes);
            let count = bytes.len();
            self.ahead.drain(..count);
            return Poll::Ready(Ok(()));
        }
        if self.half_closed.is_some() {
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() == before {
            self.half_closed = Some(HalfClosed::default());
        }
        Poll::Ready(Ok(()))
    }

    /// Reads the head of a request, or waits for it.
    fn poll_read_head(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = self.poll_stream(context, buffer);
        if read.is_pending() {
            if !self.is_flushed {
                return Poll::Pending; // The limit for unread responses applies.
            }
            let (time, what) = if self.is_in_head {
                (HEAD_TIME_MAX, "the head of a request took too long")
            } else {
                (IDLE_TIME_MAX, "no request")
            };
            return Poll::Ready(Err(ready!(self.read.poll_error(context, time, what))));
        }
        if buffer.filled().is_empty() && !self.is_flushed {
            // The end of the client's side ends the connection, once the response is written.
            return Poll::Pending;
        }
        self.preface.read(buffer.filled());
        if !self.is_in_head {
            self.is_in_head = true;
            self.read.clear();
        }
        read
    }

    /// Reads while a request is answered: its body, or bytes of the next request. Fails when the client
    /// is gone.
    fn poll_read_in_call(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(self.poll_stream(context, buffer));
        if read.is_err() || buffer.filled().len() > before {
            return Poll::Ready(read);
        }
        // hyper has read everything before the end. An incomplete body stays incomplete.
        self.handle.half_close();
        self.poll_gone(context)
    }

    /// Waits until a client that has closed its side is gone.
    fn poll_gone(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(half_closed) = &mut self.half_closed else { return Poll::Pending };
        let takes_interim = match self.handle.progress() {
            Progress::Call => true,
            Progress::OldCall => false,
            // Writing the response detects it.
            Progress::Head | Progress::Response => return Poll::Pending,
        };
        let gone = half_closed.poll_gone(&mut self.stream, context, takes_interim);
        Poll::Ready(Err(ready!(gone)))
    }

    /// Reads ahead while hyper has bytes of the next request and does not read, so that the end of the
    /// client's side is noticed.
    fn poll_ahead(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        (self.is_in_head, self.is_flushed) = (false, false);
        self.read.clear();
        while self.half_closed.is_none() && self.ahead.len() < AHEAD_BYTES_MAX {
            let mut bytes = [0; AHEAD_BYTES];
            let mut buffer = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer))?;
            if buffer.filled().is_empty() {
                self.half_closed = Some(HalfClosed::default());
            }
            self.ahead.extend(buffer.filled());
        }
        self.poll_gone(context)
    }

    /// Records that a response is completely written, and waits for the next request.
    fn flushed(&mut self, context: &mut Context<'_>) {
        self.is_flushed = true;
        if self.half_closed.is_some() {
            // hyper has to read the end of the client's side now.
            context.waker().wake_by_ref();
        } else {
            _ = self.read.poll_passed(context, IDLE_TIME_MAX);
        }
    }

    /// Lets other tasks run before a complete response is written. The part of an incomplete one is
    /// written at once, as its body may fail next.
    fn poll_turn(&mut self, context: &Context<'_>) -> Poll<()> {
        match self.handle.progress() {
            Progress::Head => self.turn.poll(context),
            Progress::Call | Progress::OldCall | Progress::Response => Poll::Ready(()),
        }
    }

    /// Limits the time until the client reads the written bytes.
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

    /// Writes the rest of an incomplete interim response.
    fn poll_begun(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.half_closed {
            Some(half_closed) if half_closed.is_begun() => {
                half_closed.poll_write(&mut self.stream, context)
            }
            _ => Poll::Ready(Ok(())),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.handle.progress() == Progress::Head {
            return this.poll_read_head(context, buffer);
        }
        (this.is_in_head, this.is_flushed, this.is_read) = (false, false, true);
        this.read.clear();
        this.poll_read_in_call(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_turn(context));
        let written = match this.poll_begun(context) {
            Poll::Ready(Ok(())) => {
                this.is_flushed = false;
                Pin::new(&mut this.stream).poll_write(context, bytes)
            }
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
        ready!(this.poll_turn(context));
        let written = match this.poll_begun(context) {
            Poll::Ready(Ok(())) => {
                this.is_flushed = false;
                Pin::new(&mut this.stream).poll_write_vectored(context, pieces)
            }
            begun => begun.map_ok(|()| 0),
        };
        this.poll_written(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let is_in_call = matches!(this.handle.progress(), Progress::Call | Progress::OldCall);
        let is_read = std::mem::take(&mut this.is_read);
        if is_in_call
            && !is_read
            && let Poll::Ready(Err(gone)) = this.poll_ahead(context)
        {
            return Poll::Ready(Err(gone));
        }
        let flushed = Pin::new(&mut this.stream).poll_flush(context);
        if flushed.is_ready() {
            this.turn.end();
            if !this.is_flushed && this.handle.progress() == Progress::Head {
                this.flushed(context);
            }
        }
        this.poll_written(context, flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let shut_down = Pin::new(&mut this.stream).poll_shutdown(context);
        this.poll_written(context, shut_down)
    }
}

#[cfg(test)]
mod tests;
