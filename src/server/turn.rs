//! A turn for other tasks before a response is written.

use std::task::{Context, Poll};

/// Lets other tasks run before the first write of a response.
///
/// The responses to requests that arrived together are then written one right after another. A client
/// that waits for them is woken up once instead of for each, which would cost more than a call.
#[derive(Debug, Default)]
pub(super) struct Turn {
    has_yielded: bool,
}

impl Turn {
    /// Completes when other tasks have had their turn since the last [`Turn::end`].
    pub(super) fn poll(&mut self, context: &Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.has_yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Ends a response.
    pub(super) const fn end(&mut self) {
        self.has_yielded = false;
    }
}
