//! Time limits of a connection.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

use crate::control::clock;

/// A time limit for an event.
///
/// The timer is only reset if it would fire too late, and only polled again once it has fired. An event
/// in time costs one read of the clock.
#[derive(Debug, Default)]
pub(super) struct Limit {
    deadline: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    /// The waker that the timer wakes, if it has been polled.
    waker: Option<Waker>,
}

impl Limit {
    /// Records the event. The next wait has the whole time.
    pub(super) const fn clear(&mut self) {
        self.deadline = None;
    }

    /// Waits for the limit to pass. The time starts with the first wait after [`Limit::clear`].
    pub(super) fn poll_passed(&mut self, context: &mut Context<'_>, time: Duration) -> Poll<()> {
        let deadline = *self.deadline.get_or_insert_with(|| clock::instant() + time);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        } else if !timer.is_elapsed()
            && self.waker.as_ref().is_some_and(|waker| waker.will_wake(context.waker()))
        {
            return Poll::Pending;
        }
        self.waker = Some(context.waker().clone());
        ready!(timer.as_mut().poll(context));
        if timer.deadline() < deadline {
            // The timer was set for an earlier limit, which did not pass.
            timer.as_mut().reset(deadline);
            ready!(timer.as_mut().poll(context));
        }
        Poll::Ready(())
    }

    /// Like [`Limit::poll_passed`], but completes with an error of the stream.
    pub(super) fn poll_error(
        &mut self,
        context: &mut Context<'_>,
        time: Duration,
        what: &'static str,
    ) -> Poll<io::Error> {
        self.poll_passed(context, time).map(|()| io::Error::new(io::ErrorKind::TimedOut, what))
    }
}
