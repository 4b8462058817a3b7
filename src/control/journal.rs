//! Journals: the calls of each account and their results.
//!
//! Every account has its own journal, and all journals share one byte budget. When the budget is
//! exceeded, the largest journal, within 16 KiB, drops its oldest entry, so a busy account does not
//! evict the calls of other accounts.

pub mod client;
pub mod entry;
mod expected_retries;
pub mod kept;
mod list;
pub mod query;
mod report;
pub mod retries;
pub mod summary;
mod wait;
mod waiters;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
};

use bytes::Bytes;
use uuid::Uuid;

use crate::lock::Lock;

pub use entry::Entry;
pub use expected_retries::ExpectedRetries;
pub use list::EntryList;
pub use query::{CallFilter, Expectation, Times, Verification};
use waiters::Waiters;

/// Default maximum number of entries per journal.
pub const ENTRIES_MAX: usize = 10_000;
/// Default maximum size of all journals, in bytes: 32 MiB.
pub const BYTES_MAX: usize = 32 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalLimits {
    /// Maximum number of entries per account.
    pub entries: usize,
    /// Maximum size of all journals together, in bytes.
    pub bytes: usize,
}

impl Default for JournalLimits {
    fn default() -> Self {
        Self { entries: ENTRIES_MAX, bytes: BYTES_MAX }
    }
}

/// Bytes in a size class.
const SIZE_CLASS_BYTES: usize = 16 * 1024;

/// Returns the size class of a journal: its size in units of 16 KiB, rounded up. Only an empty journal
/// has class 0.
const fn size_class(bytes: usize) -> usize {
    bytes.div_ceil(SIZE_CLASS_BYTES)
}

/// The journals of all accounts.
///
/// A call takes only the lock of its own journal, unless the journal's size class changes or the budget
/// is exceeded.
#[derive(Debug, Default)]
pub struct JournalSet {
    limits: JournalLimits,
    opened: AtomicU64,
    /// Bytes of all entries.
    bytes: AtomicUsize,
    /// Number of all entries.
    entries: AtomicUsize,
    /// Nonempty journals by their size class and ID; see [`size_class`]. The lock is held for one
    /// lookup or change, and no other lock is taken while it is held.
    by_size: Lock<BySize>,
}

type BySize = BTreeMap<(usize, u64), Weak<Lock<Entries>>>;

impl JournalSet {
    /// Creates an empty set.
    pub fn new(limits: JournalLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Opens a journal. Its sequence numbers continue after `last_number`.
    pub fn open(self: &Arc<Self>, last_number: Arc<AtomicU64>) -> Journal {
        let id = self.opened.fetch_add(1, Relaxed);
        let entries = Arc::new(Lock::new(Entries { id, ..Entries::default() }));
        Journal { entries, set: Arc::clone(self), last_number, waiters: Waiters::default() }
    }

    /// Returns the number of entries and bytes in all journals.
    pub fn size(&self) -> (usize, usize) {
        (self.entries.load(Relaxed), self.bytes.load(Relaxed))
    }

    /// Drops the oldest entries of the largest journals until all journals fit the budget.
    fn enforce_budget(&self) {
        while self.bytes.load(Relaxed) > self.limits.bytes {
            let largest = self.by_size.lock().last_key_value().map(|(_, it)| Weak::clone(it));
            let Some(largest) = largest.and_then(|it| it.upgrade()) else { break };
            if !largest.lock().drop_oldest(self, &largest) {
                break;
            }
        }
    }
}

/// The entries of one journal.
#[derive(Debug, Default)]
struct Entries {
    id: u64,
    list: EntryList,
}

impl Entries {
    /// Adds an entry. A full journal drops its oldest entry.
    fn push(&mut self, entry: Entry, set: &JournalSet, own: &Arc<Lock<Self>>) {
        let before = self.list.bytes();
        self.list.push(entry);
        if self.list.len() > set.limits.entries {
            self.list.drop_oldest();
        } else {
            set.entries.fetch_add(1, Relaxed);
        }
        self.resized(before, set, own);
    }

    /// Drops the oldest entry, and returns whether there was one.
    fn drop_oldest(&mut self, set: &JournalSet, own: &Arc<Lock<Self>>) -> bool {
        let before = self.list.bytes();
        let is_dropped = self.list.drop_oldest();
        set.entries.fetch_sub(usize::from(is_dropped), Relaxed);
        self.resized(before, set, own);
        is_dropped
    }

    /// Removes and returns all entries.
    fn clear(&mut self, set: &JournalSet, own: &Arc<Lock<Self>>) -> EntryList {
        let entries = std::mem::take(&mut self.list);
        set.entries.fetch_sub(entries.len(), Relaxed);
        self.resized(entries.bytes(), set, own);
        entries
    }

    /// Updates the set after a change of the list, which had `before` bytes. Most changes leave the size
    /// class as it is.
    fn resized(&self, before: usize, set: &JournalSet, own: &Arc<Lock<Self>>) {
        let after = self.list.bytes();
        match after.checked_sub(before) {
            Some(0) => return,
            Some(more) => _ = set.bytes.fetch_add(more, Relaxed),
            None => _ = set.bytes.fetch_sub(before - after, Relaxed),
        }
        let (before, after) = (size_class(before), size_class(after));
        if before == after {
            return;
        }
        let mut by_size = set.by_size.lock();
        by_size.remove(&(before, self.id));
        if after > 0 {
            by_size.insert((after, self.id), Arc::downgrade(own));
        }
    }
}

/// The journal of one account. Dropping it removes its entries.
#[derive(Debug)]
pub struct Journal {
    /// The lock is held to add an entry or to copy a pointer, and never across an await.
    entries: Arc<Lock<Entries>>,
    set: Arc<JournalSet>,
    /// Shared with the account's journals before and after a reset.
    last_number: Arc<AtomicU64>,
    waiters: Waiters,
}

impl Journal {
    /// Adds an entry, assigns its sequence number, and wakes the waits that it matches.
    pub fn add(&self, mut entry: Entry) {
        let mut entries = self.entries.lock();
        // Assigned under the lock, so that entries are in the order of their numbers.
        entry.sequence = self.last_number.fetch_add(1, Relaxed) + 1;
        let awaited = (!self.waiters.is_empty()).then(|| entry.clone());
        entries.push(entry, &self.set, &self.entries);
        drop(entries);
        if let Some(entry) = awaited {
            self.waiters.wake(&entry);
        }
        self.set.enforce_budget();
    }

    /// Joins the parts of a request, for the entry of its call.
    pub fn keep(&self, parts: &[&[u8]]) -> Bytes {
        let bytes = parts.iter().map(|it| it.len()).sum();
        // The memory is not in the CPU's cache. An atomic operation, such as the end of a lock, would
        // wait until it is.
        let mut kept = self.entries.lock().list.reserve(bytes);
        for part in parts {
            kept.extend_from_slice(part);
        }
        kept.freeze()
    }

    /// Returns the entries, oldest first. Only those of the last chunk are copied.
    pub fn entries(&self) -> EntryList {
        self.entries.lock().list.clone()
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.entries.lock().list.len()
    }

    /// Returns the sequence number of the last entry, or 0 if there was none.
    pub fn last_sequence(&self) -> u64 {
        self.last_number.load(Relaxed)
    }

    /// Returns the entry with a request ID.
    pub fn find(&self, request_id: &str) -> Option<Entry> {
        let id = Uuid::try_parse(request_id).ok().filter(|id| id.to_string() == request_id)?;
        self.entries().iter().rev().find(|it| it.request_id == id).cloned()
    }

    /// Removes all entries, and returns how many were removed. Sequence numbers continue.
    pub fn clear(&self) -> usize {
        let gone = self.entries.lock().clear(&self.set, &self.entries);
        gone.len()
    }

    /// Ends all waits, because another journal replaces this one.
    pub(super) fn end(&self) {
        self.waiters.end();
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.clear();
    }
}
