//! Asynchronous waits for the end of a merge.

use tokio::sync::watch;

use super::AccountState;

/// Whether calls that would change an account must wait for a merge. Readable without the lock.
#[derive(Debug)]
pub(super) struct Pauses(watch::Sender<bool>);

impl Default for Pauses {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Pauses {
    pub(super) fn set(&self, is_paused: bool) {
        self.0.send_replace(is_paused);
    }

    async fn ended(&self) {
        // The sender lives as long as this future.
        _ = self.0.subscribe().wait_for(|is_paused| !is_paused).await;
    }
}

impl AccountState {
    /// Waits until calls can change the account.
    pub(crate) async fn pause_ended(&self) {
        self.pauses.ended().await;
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_task_waits_until_the_pause_ends() {
        let pauses = Pauses::default();
        assert!(pauses.ended().now_or_never().is_some());
        pauses.set(true);
        let mut waiting = pin!(pauses.ended());
        assert!(waiting.as_mut().now_or_never().is_none());
        pauses.set(false);
        waiting.await;
    }
}
