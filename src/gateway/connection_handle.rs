//! The connection that a call came by, in the hands of whoever answers it.

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

/// The connection that a request came by. Every request has it in its extensions.
///
/// To cut it is to give no answer: the connection is dropped together with the call, which may wait
/// for that forever. The first cut counts.
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
    /// No request has a complete head, except those that are answered.
    Head,
    /// A request of HTTP/1.1 waits for its response. Its client reads interim responses.
    Call,
    /// A request of HTTP/1.0 waits for its response.
    OldCall,
    /// The response has begun.
    Response,
}

/// How a connection ends without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Abort {
    /// As one whose server has nothing to say.
    Close,
    /// As one whose server has crashed.
    Reset,
    /// Not before its client ends it: no answer comes.
    Hang,
}

impl ConnectionHandle {
    /// Ends the connection in the ordinary way: the client reads its end.
    pub fn close(&self) {
        self.abort(Abort::Close);
    }

    /// Ends the connection by a reset: reading and writing are errors to the client.
    pub fn reset(&self) {
        self.abort(Abort::Reset);
    }

    /// Lets the client wait for as long as it likes.
    pub fn hang(&self) {
        self.abort(Abort::Hang);
    }

    fn abort(&self, abort: Abort) {
        _ = self.0.abort.set(abort);
        self.0.task.wake();
    }

    /// Notes that the head of a request is complete.
    pub(crate) fn begin(&self, version: Version) {
        let is_old = version < Version::HTTP_11;
        self.set(if is_old { Progress::OldCall } else { Progress::Call });
    }

    /// Notes that the response has begun.
    pub(crate) fn respond(&self) {
        self.set(Progress::Response);
    }

    /// Notes that the response has ended.
    pub(crate) fn end(&self) {
        self.set(Progress::Head);
    }

    fn set(&self, progress: Progress) {
        self.0.progress.store(progress as u8, Relaxed);
    }

    /// Notes that the client has closed its side, and that all before that has been read.
    pub(crate) fn half_close(&self) {
        self.0.is_half_closed.store(true, Relaxed);
    }

    /// Whether the client has closed its side: nothing more of a request will arrive.
    pub(crate) fn is_half_closed(&self) -> bool {
        self.0.is_half_closed.load(Relaxed)
    }

    /// The progress of the connection's requests.
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

    /// Completes when the connection is cut. Only one task may wait.
    pub(crate) async fn aborted(&self) -> Abort {
        poll_fn(|context| {
            // First to be woken, then to look: a cut in between is seen.
            self.0.task.register(context.waker());
            self.0.abort.get().map_or(Poll::Pending, |abort| Poll::Ready(*abort))
        })
        .await
    }
}
