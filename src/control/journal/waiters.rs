//! Pending waits for journal entries.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use tokio::sync::oneshot;

use crate::lock::Lock;

use super::{CallFilter, Entry};

/// The pending waits of one journal, by action.
#[derive(Debug, Default)]
pub(super) struct Waiters {
    /// Number of waits. If it is 0, a new entry is not compared with them.
    count: AtomicUsize,
    /// The lock is held to find the waits for an entry, and never across an await.
    registered: Lock<Registered>,
}

#[derive(Debug, Default)]
struct Registered {
    by_action: HashMap<Option<String>, HashMap<u64, Registration>>,
    last: u64,
    has_ended: bool,
}

#[derive(Debug)]
struct Registration {
    filter: CallFilter,
    entry: oneshot::Sender<Entry>,
}

/// A wait for the first entry that matches a filter. Dropping it ends the wait.
pub(super) struct Waiter<'a> {
    waiters: &'a Waiters,
    action: Option<String>,
    number: u64,
    pub(super) entry: oneshot::Receiver<Entry>,
}

impl Waiters {
    /// Registers a wait, unless the journal has ended.
    pub(super) fn register(&self, filter: CallFilter) -> Option<Waiter<'_>> {
        let mut registered = self.registered.lock();
        if registered.has_ended {
            return None;
        }
        registered.last += 1;
        let (number, action) = (registered.last, filter.action.clone());
        let (sender, entry) = oneshot::channel();
        let same_action = registered.by_action.entry(action.clone()).or_default();
        same_action.insert(number, Registration { filter, entry: sender });
        self.count.fetch_add(1, Relaxed);
        Some(Waiter { waiters: self, action, number, entry })
    }

    /// Whether nothing waits, without a lock.
    pub(super) fn is_empty(&self) -> bool {
        self.count.load(Relaxed) == 0
    }

    /// Wakes the waits that an entry matches.
    pub(super) fn wake(&self, entry: &Entry) {
        let mut registered = self.registered.lock();
        for action in [entry.action().map(Cow::into_owned), None] {
            let Some(waiting) = registered.by_action.get_mut(&action) else { continue };
            for (_, waiter) in waiting.extract_if(|_, waiter| waiter.filter.covers(entry)) {
                self.count.fetch_sub(1, Relaxed);
                _ = waiter.entry.send(entry.clone());
            }
        }
    }

    /// Ends all waits without an entry.
    pub(super) fn end(&self) {
        let mut registered = self.registered.lock();
        registered.has_ended = true;
        registered.by_action.clear();
        self.count.store(0, Relaxed);
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut registered = self.waiters.registered.lock();
        let Some(waiting) = registered.by_action.get_mut(&self.action) else { return };
        if waiting.remove(&self.number).is_some() {
            self.waiters.count.fetch_sub(1, Relaxed);
        }
        if waiting.is_empty() {
            registered.by_action.remove(&self.action);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;
    use crate::{
        control::journal::{
            entry::Signature,
            kept::{KeptRequest, RequestSummary},
        },
        ecm::store::Created,
        protocol::secret::{KnownKeys, Shown},
    };

    pub(in crate::control::journal) fn entry(action: &str, code: &'static str) -> Entry {
        Entry {
            sequence: 1,
            time: DateTime::UNIX_EPOCH,
            account: "a".into(),
            request: KeptRequest::Read(Arc::new(RequestSummary {
                action: Some(Shown::new(action, 64, &KnownKeys::default())),
                ..RequestSummary::default()
            })),
            known_action: None,
            code: Some(code.into()),
            request_id: Uuid::nil(),
            duration_us: 0,
            signature: Signature::default(),
            created: Created::default(),
            notes: None,
        }
    }

    fn filter(action: Option<&str>, code: Option<&str>) -> CallFilter {
        let (action, code) = (action.map(str::to_owned), code.map(str::to_owned));
        CallFilter { action, code, ..CallFilter::default() }
    }

    #[test]
    fn an_entry_ends_the_waits_that_it_matches_and_no_others() {
        let waiters = Waiters::default();
        let register = |action, code| waiters.register(filter(action, code)).unwrap();
        let mut created = register(Some("CreateHaVip"), Some("OK"));
        let mut refused = register(Some("CreateHaVip"), Some("LimitExceeded"));
        let mut any = register(None, None);
        let mut deleted = register(Some("DeleteHaVip"), None);
        waiters.wake(&entry("CreateHaVip", "OK"));
        assert_eq!(created.entry.try_recv().unwrap().action().unwrap(), "CreateHaVip");
        any.entry.try_recv().unwrap();
        refused.entry.try_recv().unwrap_err();
        deleted.entry.try_recv().unwrap_err();
        assert_eq!(waiters.count.load(Relaxed), 2);
    }

    #[test]
    fn a_wait_that_is_dropped_leaves_nothing_behind() {
        let waiters = Waiters::default();
        let one = waiters.register(filter(Some("CreateHaVip"), None)).unwrap();
        let other = waiters.register(filter(Some("CreateHaVip"), None)).unwrap();
        drop(one);
        waiters.wake(&entry("CreateHaVip", "OK"));
        drop(other);
        let ended = waiters.register(filter(None, None)).unwrap();
        waiters.end();
        drop(ended);
        assert!(waiters.register(filter(None, None)).is_none());
        assert_eq!(waiters.count.load(Relaxed), 0);
        assert!(waiters.registered.lock().by_action.is_empty());
    }
}
