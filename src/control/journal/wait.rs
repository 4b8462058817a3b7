//! Waiting for a call.

use std::{sync::Arc, time::Duration};

use crate::control::{Account, Accounts};

use super::{Book, Entry, Filter};

impl Account {
    /// Waits until there are calls that a filter covers, and returns them, the oldest first; none if
    /// there are none in time, or the account is forgotten. It outlives a reset.
    pub async fn wait_for(&self, filter: &Filter, time: Duration) -> Vec<Arc<Entry>> {
        wait(|| self.journal(), filter, time).await
    }
}

impl Accounts {
    /// The same for the account `name`, whichever has that name: it outlives also that the account
    /// is forgotten and made anew.
    pub async fn wait_for(&self, name: &str, filter: &Filter, time: Duration) -> Vec<Arc<Entry>> {
        wait(|| self.get(name).journal(), filter, time).await
    }
}

/// Waits for entries of whatever book there is at the time.
async fn wait(current: impl Fn() -> Arc<Book>, filter: &Filter, time: Duration) -> Vec<Arc<Entry>> {
    let found = async {
        let mut book = current();
        loop {
            if let Some(found) = book.awaited(filter).await {
                return found;
            }
            let next = current();
            if Arc::ptr_eq(&book, &next) {
                return Vec::new(); // It has ended, and none comes after it.
            }
            book = next;
        }
    };
    tokio::time::timeout(time, found).await.unwrap_or_default()
}

impl Book {
    /// Waits until there are entries that a filter covers; none if another book takes its place.
    async fn awaited(&self, filter: &Filter) -> Option<Vec<Arc<Entry>>> {
        let mut unseen = filter.clone();
        loop {
            let news = self.news();
            let entries = self.entries();
            // Numbers rise, so those that were seen need no second look.
            let seen = unseen.since;
            let mut new = entries.iter().rev().take_while(|it| it.sequence > seen);
            if new.any(|it| unseen.covers(it)) {
                return Some(self.select(filter));
            }
            unseen.since = entries.last().map_or(seen, |it| it.sequence.max(seen));
            if self.has_ended() {
                return None;
            }
            news.await;
        }
    }
}
