//! Clients that close their side of a connection while their request is answered.
//!
//! Such a client may still read the response, so the end of its side does not mean that it is gone.
//! Interim responses test this: a client that is gone responds to them with a reset.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::AsyncWrite;

use super::limit::Limit;
use crate::time_limits::{HALF_CLOSED_TIME_MAX, PROBE_TIME_MIN};

/// An interim response, which HTTP/1.1 clients skip.
const INTERIM: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// A client that has closed its side while its request is answered.
#[derive(Debug, Default)]
pub(super) struct HalfClosed {
    next: Limit,
    /// Number of interim responses sent.
    probes: u32,
    /// Bytes written of an incomplete interim response.
    written: usize,
}

impl HalfClosed {
    /// Waits until the client is gone, or is assumed to be.
    pub(super) fn poll_gone(
        &mut self,
        stream: &mut (impl AsyncWrite + Unpin),
        context: &mut Context<'_>,
        takes_interim: bool,
    ) -> Poll<io::Error> {
        if takes_interim {
            self.poll_probe(stream, context)
        } else {
            let what = "the client has closed its side";
            self.next.poll_error(context, HALF_CLOSED_TIME_MAX, what)
        }
    }

    /// Whether an interim response is incomplete.
    pub(super) const fn is_begun(&self) -> bool {
        self.written > 0
    }

    /// Writes interim responses at growing intervals. Completes when the client is gone.
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

    /// Writes an interim response, or the rest of an incomplete one.
    pub(super) fn poll_write(
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
