//! Journals: the calls of each account and their results.
//!
//! Every account has its own journal, and all journals share one byte budget. When the budget is
//! exceeded, the largest journal, within 16 KiB, drops its oldest entry, so a busy account does not evict the calls of
//! other accounts.

pub mod client;
pub mod entry;
pub mod kept;
pub mod query;
pub mod summary;
mod wait;
mod waiters;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use imbl::Vector;
use uuid::Uuid;

use crate::lock::Lock;

pub use entry::Entry;
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
#[derive(Debug, Default)]
pub struct JournalSet {
    limits: JournalLimits,
    /// One lock for all journals, because they share a byte budget. It is held to add an entry or to
    /// copy a pointer, and never across an await.
    journals: Lock<Journals>,
}

#[derive(Debug, Default)]
struct Journals {
    opened: u64,
    by_id: HashMap<u64, Entries>,
    /// Nonempty journals by their size class and ID; see [`size_class`].
    by_size: BTreeSet<(usize, u64)>,
    bytes: usize,
    entries: usize,
}

/// The entries of one journal, oldest first. Copying them takes constant time.
#[derive(Debug, Default)]
struct Entries {
    entries: Vector<Arc<Entry>>,
    bytes: usize,
}

impl JournalSet {
    /// Creates an empty set.
    pub fn new(limits: JournalLimits) -> Self {
        Self { limits, journals: Lock::default() }
    }

    /// Opens a journal. Its sequence numbers continue after `last_number`.
    pub fn open(self: &Arc<Self>, last_number: Arc<AtomicU64>) -> Journal {
        let mut journals = self.journals.lock();
        journals.opened += 1;
        let id = journals.opened;
        journals.by_id.insert(id, Entries::default());
        drop(journals);
        Journal { id, set: Arc::clone(self), last_number, waiters: Waiters::default() }
    }

    /// Returns the number of entries and bytes in all journals.
    pub fn size(&self) -> (usize, usize) {
        let journals = self.journals.lock();
        (journals.entries, journals.bytes)
    }
}

impl Journals {
    /// Adds an entry, and enforces the limits. Returns the dropped entries.
    fn add(&mut self, id: u64, entry: Arc<Entry>, limits: JournalLimits) -> Vec<Arc<Entry>> {
        let mut gone = Vec::new();
        let Some(journal) = self.by_id.get_mut(&id) else { return gone };
        let (before, bytes) = (journal.bytes, entry.bytes());
        journal.entries.push_back(entry);
        journal.bytes += bytes;
        let (after, is_full) = (journal.bytes, journal.entries.len() > limits.entries);
        self.rank(id, before, after);
        self.bytes += bytes;
        self.entries += 1;
        if is_full {
            gone.extend(self.drop_oldest(id));
        }
        while self.bytes > limits.bytes {
            let Some((_, fullest)) = self.by_size.last().copied() else { break };
            gone.extend(self.drop_oldest(fullest));
        }
        gone
    }

    fn drop_oldest(&mut self, id: u64) -> Option<Arc<Entry>> {
        let journal = self.by_id.get_mut(&id)?;
        let oldest = journal.entries.pop_front()?;
        let (before, bytes) = (journal.bytes, oldest.bytes());
        journal.bytes -= bytes;
        let after = journal.bytes;
        self.rank(id, before, after);
        self.bytes -= bytes;
        self.entries -= 1;
        Some(oldest)
    }

    /// Updates the size class of a journal whose size has changed. Most changes leave the class as it
    /// is.
    fn rank(&mut self, id: u64, before: usize, after: usize) {
        let (before, after) = (size_class(before), size_class(after));
        if before == after {
            return;
        }
        self.by_size.remove(&(before, id));
        if after > 0 {
            self.by_size.insert((after, id));
        }
    }

    /// Removes and returns all entries of a journal.
    fn empty(&mut self, id: u64) -> Vector<Arc<Entry>> {
        let Some(journal) = self.by_id.get_mut(&id) else { return Vector::new() };
        self.by_size.remove(&(size_class(journal.bytes), id));
        self.bytes -= std::mem::take(&mut journal.bytes);
        self.entries -= journal.entries.len();
        std::mem::take(&mut journal.entries)
    }
}

/// The journal of one account. Dropping it removes its entries.
#[derive(Debug)]
pub struct Journal {
    id: u64,
    set: Arc<JournalSet>,
    /// Shared with the account's journals before and after a reset.
    last_number: Arc<AtomicU64>,
    waiters: Waiters,
}

impl Journal {
    /// Adds an entry, assigns its sequence number, and wakes the waits that it matches.
    pub fn add(&self, mut entry: Entry) {
        let mut journals = self.set.journals.lock();
        // Assigned under the lock, so that entries are in the order of their numbers.
        entry.sequence = self.last_number.fetch_add(1, Relaxed) + 1;
        let entry = Arc::new(entry);
        let gone = journals.add(self.id, Arc::clone(&entry), self.set.limits);
        drop(journals);
        self.waiters.wake(&entry);
        drop(gone);
    }

    /// Returns the entries, oldest first, in constant time.
    pub fn entries(&self) -> Vector<Arc<Entry>> {
        let journals = self.set.journals.lock();
        journals.by_id.get(&self.id).map(|it| it.entries.clone()).unwrap_or_default()
    }

    /// Returns the sequence number of the last entry, or 0 if there was none.
    pub fn last_sequence(&self) -> u64 {
        self.last_number.load(Relaxed)
    }

    /// Returns the entry with a request ID.
    pub fn find(&self, request_id: &str) -> Option<Arc<Entry>> {
        let id = Uuid::try_parse(request_id).ok().filter(|id| id.to_string() == request_id)?;
        self.entries().iter().rev().find(|it| it.request_id == id).cloned()
    }

    /// Removes all entries, and returns how many were removed. Sequence numbers continue.
    pub fn clear(&self) -> usize {
        let gone = self.set.journals.lock().empty(self.id);
        gone.len()
    }

    /// Ends all waits, because another journal replaces this one.
    pub(super) fn end(&self) {
        self.waiters.end();
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        let mut journals = self.set.journals.lock();
        let entries = journals.empty(self.id);
        journals.by_id.remove(&self.id);
        drop(journals);
        drop(entries);
    }
}
