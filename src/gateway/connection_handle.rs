//! A handle to the connection of a call.

use std::{
    future::poll_fn,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU8, Ordering::Relaxed},
    },
    task::Poll,
};

use axum::http::Version;
use futures_util::task::AtomicWaker;

/// A handle to the connection of a request, in the extensions of every request.
///
/// Aborting a connection sends no response. The connection drops the call, whose future may stay
/// pending forever. Only the first abort counts.
#[derive(Debug, Clone, Default)]
pub struct ConnectionHandle(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    abort: OnceLock<Abort>,
    /// The task of the connection.
    task: AtomicWaker,
    /// A [`Progress`].
    progress: AtomicU8,
    /// Whether the client has closed its side.
    is_half_closed: AtomicBool,
}

/// Progress of a connection's requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Progress {
    /// No unanswered request has a complete head.
    Head,
    /// An HTTP/1.1 request waits for its response. Its client accepts interim responses.
    Call,
    /// An HTTP/1.0 request waits for its response.
    OldCall,
    /// The response has started.
    Response,
}

/// The way a connection ends without a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Abort {
    /// The server closes it (TCP FIN).
    Close,
    /// The server resets it (TCP RST).
    Reset,
    /// The client closes it; no response is sent until then.
    Hang,
}

impl ConnectionHandle {
    /// Closes the connection; the client reads its end.
    pub fn close(&self) {
        self.abort(Abort::Close);
    }

    /// Resets the connection; reads and writes of the client fail.
    pub fn reset(&self) {
        self.abort(Abort::Reset);
    }

    /// Sends no response, and keeps the connection open until the client closes it.
    pub fn hang(&self) {
        self.abort(Abort::Hang);
    }

    fn abort(&self, abort: Abort) {
        _ = self.0.abort.set(abort);
        self.0.task.wake();
    }

    /// Records that the head of a request is complete.
    pub(crate) fn begin(&self, version: Version) {
        let is_old = version < Version::HTTP_11;
        self.set(if is_old { Progress::OldCall } else { Progress::Call });
    }

    /// Records that the response has started.
    pub(crate) fn respond(&self) {
        self.set(Progress::Response);
    }

    /// Records that the response has ended.
    pub(crate) fn end(&self) {
        self.set(Progress::Head);
    }

    fn set(&self, progress: Progress) {
        self.0.progress.store(progress as u8, Relaxed);
    }

    /// Records that the client has closed its side, and that everything before has been read.
    pub(crate) fn half_close(&self) {
        self.0.is_half_closed.store(true, Relaxed);
    }

    /// Whether the client has closed its side. No more bytes of a request will arrive.
    pub(crate) fn is_half_closed(&self) -> bool {
        self.0.is_half_closed.load(Relaxed)
    }

    /// Returns the progress of the connection's requests.
    pub(crate) fn progress(&self) -> Progress {
        const CALL: u8 = Progress::Call as u8;
        const OLD_CALL: u8 = Progress::OldCall as u8;
        const RESPONSE: u8 = Progress::Response as u8;
        match self.0.progress.load(Relaxed) {
            CALL => Progress::Call,
            OLD_CALL => Progress::OldCall,
            RESPONSE => Progress::Response,
            _ => Progress::Head,
        }
    }

    /// Whether the connection has been aborted.
    pub(crate) fn is_aborted(&self) -> bool {
        self.0.abort.get().is_some()
    }

    /// Completes when the connection is aborted. Only one task may wait.
    pub(crate) async fn aborted(&self) -> Abort {
        poll_fn(|context| {
            // Registering first ensures that an abort in between is seen.
            self.0.task.register(context.waker());
            self.0.abort.get().map_or(Poll::Pending, |abort| Poll::Ready(*abort))
        })
        .await
    }
}
