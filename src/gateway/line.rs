//! The connection that a call came by, in the hands of whoever answers it.

use std::{
    future::poll_fn,
    sync::{Arc, OnceLock},
    task::Poll,
};

use futures_util::task::AtomicWaker;

/// The connection that a request came by. Every request has it in its extensions.
///
/// To cut it is to give no answer: the connection is dropped together with the call, which may wait
/// for that forever. The first cut counts.
#[derive(Debug, Clone, Default)]
pub struct Line(Arc<State>);

#[derive(Debug, Default)]
struct State {
    cut: OnceLock<Cut>,
    /// The task of the connection.
    task: AtomicWaker,
}

/// How a connection ends without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// As one whose server has nothing to say.
    Close,
    /// As one whose server has crashed.
    Reset,
    /// Not before its client ends it: no answer comes.
    Hang,
}

impl Line {
    /// Ends the connection in the ordinary way: the client reads its end.
    pub fn close(&self) {
        self.cut(Cut::Close);
    }

    /// Ends the connection by a reset: reading and writing are errors to the client.
    pub fn reset(&self) {
        self.cut(Cut::Reset);
    }

    /// Lets the client wait for as long as it likes.
    pub fn hang(&self) {
        self.cut(Cut::Hang);
    }

    fn cut(&self, cut: Cut) {
        _ = self.0.cut.set(cut);
        self.0.task.wake();
    }

    /// Completes when the connection is cut. Only one task may wait.
    pub(crate) async fn is_cut(&self) -> Cut {
        poll_fn(|context| {
            // First to be woken, then to look: a cut in between is seen.
            self.0.task.register(context.waker());
            self.0.cut.get().map_or(Poll::Pending, |cut| Poll::Ready(*cut))
        })
        .await
    }
}
