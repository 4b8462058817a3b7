//! The journal: what every account was called with, and what came of it.
//!
//! Each account has a book of its own. What all books hold together is bounded: when it is too
//! much, the fullest book loses its oldest entry, so that a noisy account drowns no other.

pub mod client;
pub mod entry;
pub mod query;
pub mod summary;
mod wait;
mod waiters;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use imbl::Vector;

pub use entry::Entry;
pub use query::{Expectation, Filter, Times, Verification};
use waiters::Waiters;

/// Entries that a book holds unless told otherwise.
pub const ENTRIES_MAX: usize = 10_000;
/// Bytes that all books together hold unless told otherwise: 32 MiB.
pub const BYTES_MAX: usize = 32 * 1024 * 1024;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Entries of one account.
    pub entries: usize,
    /// Bytes of all accounts together.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: ENTRIES_MAX, bytes: BYTES_MAX }
    }
}

/// All books.
#[derive(Debug, Default)]
pub struct Journal {
    limits: Limits,
    /// One lock for all, since what all hold is bounded. It is held to add an entry or to copy a
    /// pointer, and never across an await.
    books: Mutex<Books>,
}

#[derive(Debug, Default)]
struct Books {
    opened: u64,
    pages: HashMap<u64, Pages>,
    /// The books by what they hold.
    by_bytes: BTreeSet<(usize, u64)>,
    bytes: usize,
    entries: usize,
}

/// The entries of one book, the oldest first; to copy them costs nothing.
#[derive(Debug, Default)]
struct Pages {
    entries: Vector<Arc<Entry>>,
    bytes: usize,
}

impl Journal {
    /// No books yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, books: Mutex::default() }
    }

    /// Opens a book, whose entries are numbered on from the last number that was given.
    pub fn open(self: &Arc<Self>, last_number: Arc<AtomicU64>) -> Book {
        let mut books = self.lock();
        books.opened += 1;
        let id = books.opened;
        books.pages.insert(id, Pages::default());
        drop(books);
        Book { id, journal: Arc::clone(self), last_number, waiters: Waiters::default() }
    }

    /// Entries and bytes that all books hold.
    pub fn size(&self) -> (usize, usize) {
        let books = self.lock();
        (books.entries, books.bytes)
    }

    /// What is changed under the lock is whole whenever it is released.
    fn lock(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    /// Adds an entry, and keeps to the limits. Returns what has to go.
    fn add(&mut self, id: u64, entry: Arc<Entry>, limits: Limits) -> Vec<Arc<Entry>> {
        let mut gone = Vec::new();
        let Some(pages) = self.pages.get_mut(&id) else { return gone };
        let (before, bytes) = (pages.bytes, entry.bytes());
        pages.entries.push_back(entry);
        pages.bytes += bytes;
        let (after, is_full) = (pages.bytes, pages.entries.len() > limits.entries);
        self.by_bytes.remove(&(before, id));
        self.by_bytes.insert((after, id));
        self.bytes += bytes;
        self.entries += 1;
        if is_full {
            gone.extend(self.drop_oldest(id));
        }
        while self.bytes > limits.bytes {
            let Some((_, fullest)) = self.by_bytes.last().copied() else { break };
            gone.extend(self.drop_oldest(fullest));
        }
        gone
    }

    fn drop_oldest(&mut self, id: u64) -> Option<Arc<Entry>> {
        let pages = self.pages.get_mut(&id)?;
        let oldest = pages.entries.pop_front()?;
        self.by_bytes.remove(&(pages.bytes, id));
        pages.bytes -= oldest.bytes();
        if !pages.entries.is_empty() {
            self.by_bytes.insert((pages.bytes, id));
        }
        self.bytes -= oldest.bytes();
        self.entries -= 1;
        Some(oldest)
    }

    /// Takes all entries out of a book.
    fn empty(&mut self, id: u64) -> Vector<Arc<Entry>> {
        let Some(pages) = self.pages.get_mut(&id) else { return Vector::new() };
        self.by_bytes.remove(&(pages.bytes, id));
        self.bytes -= std::mem::take(&mut pages.bytes);
        self.entries -= pages.entries.len();
        std::mem::take(&mut pages.entries)
    }
}

/// What one account was called with. When it is dropped, its entries are gone.
#[derive(Debug)]
pub struct Book {
    id: u64,
    journal: Arc<Journal>,
    /// Shared with the books before and after it.
    last_number: Arc<AtomicU64>,
    waiters: Waiters,
}

impl Book {
    /// Adds an entry, numbers it, and ends the waits for such an entry.
    pub fn add(&self, mut entry: Entry) {
        let mut books = self.journal.lock();
        // Under the lock, so that numbers rise.
        entry.sequence = self.last_number.fetch_add(1, Relaxed) + 1;
        let entry = Arc::new(entry);
        let gone = books.add(self.id, Arc::clone(&entry), self.journal.limits);
        drop(books);
        self.waiters.wake(&entry);
        drop(gone);
    }

    /// The entries, the oldest first, in no time however many there are.
    pub fn entries(&self) -> Vector<Arc<Entry>> {
        let books = self.journal.lock();
        books.pages.get(&self.id).map(|it| it.entries.clone()).unwrap_or_default()
    }

    /// The entry of a request id.
    pub fn find(&self, request_id: &str) -> Option<Arc<Entry>> {
        self.entries().iter().rev().find(|it| it.request_id == request_id).cloned()
    }

    /// Forgets all entries, and says how many there were. Numbers go on.
    pub fn clear(&self) -> usize {
        let gone = self.journal.lock().empty(self.id);
        gone.len()
    }

    /// Ends all waits, because another journal takes the place of this one.
    pub(super) fn end(&self) {
        self.waiters.end();
    }
}

impl Drop for Book {
    fn drop(&mut self) {
        let mut books = self.journal.lock();
        let entries = books.empty(self.id);
        books.pages.remove(&self.id);
        drop(books);
        drop(entries);
    }
}
