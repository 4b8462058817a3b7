//! The entries of a journal, oldest first.

use std::{collections::VecDeque, sync::Arc};

use super::Entry;

/// Number of entries in a full chunk.
const CHUNK_ENTRIES: usize = 64;
/// Size of a full chunk, in bytes.
const CHUNK_BYTES: usize = 16 * 1024;

/// Entries, oldest first, in chunks.
///
/// Adding an entry writes to a chunk that nothing else shares. Dropping the oldest entry only counts it,
/// and it is freed together with the rest of its chunk. A copy of the list shares all chunks except the
/// last.
#[derive(Debug, Clone, Default)]
pub struct EntryList {
    full: VecDeque<Arc<Vec<Entry>>>,
    /// The chunk that is being filled.
    last: Vec<Entry>,
    /// Size of the last chunk, in bytes.
    last_bytes: usize,
    /// The memory of a freed chunk, for the next one: it is still in the CPU's cache.
    spare: Vec<Entry>,
    /// Number of dropped entries at the start of the first chunk.
    dropped: usize,
    len: usize,
}

impl EntryList {
    /// Returns the number of entries.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns the oldest entry.
    fn oldest(&self) -> Option<&Entry> {
        self.full.front().map_or(&self.last, |chunk| chunk).get(self.dropped)
    }

    /// Adds an entry of a size in bytes. Its sequence number is greater than that of every other entry.
    pub(super) fn push(&mut self, entry: Entry, bytes: usize) {
        self.last.push(entry);
        self.last_bytes += bytes;
        self.len += 1;
        if self.last.len() >= CHUNK_ENTRIES || self.last_bytes >= CHUNK_BYTES {
            let mut next = std::mem::take(&mut self.spare);
            next.reserve(self.last.len());
            self.full.push_back(Arc::new(std::mem::replace(&mut self.last, next)));
            self.last_bytes = 0;
        }
    }

    /// Drops the oldest entry, and returns its size in bytes.
    pub(super) fn drop_oldest(&mut self) -> Option<usize> {
        let bytes = self.oldest()?.bytes();
        self.dropped += 1;
        self.len -= 1;
        if self.full.front().map_or(&self.last, |chunk| chunk).len() == self.dropped {
            self.dropped = 0;
            self.free_first();
        }
        Some(bytes)
    }

    /// Frees the first chunk.
    fn free_first(&mut self) {
        let Some(chunk) = self.full.pop_front() else {
            self.last.clear();
            self.last_bytes = 0;
            return;
        };
        if let Ok(mut chunk) = Arc::try_unwrap(chunk) {
            chunk.clear();
            self.spare = chunk;
        }
    }

    /// Returns all entries.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.after(0)
    }

    /// Returns the entries with a greater sequence number.
    pub(super) fn after(&self, sequence: u64) -> impl DoubleEndedIterator<Item = &Entry> {
        let oldest = self.oldest().map_or(0, |it| it.sequence);
        let is_before = move |it: &Entry| it.sequence <= sequence || it.sequence < oldest;
        let before = self.full.partition_point(|chunk| chunk.last().is_some_and(is_before));
        let chunks = self.full.range(before..).flat_map(|chunk| chunk.iter());
        chunks.chain(&self.last).filter(move |it| !is_before(it))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;
    use crate::control::journal::waiters::tests::entry;

    fn sequences<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<u64> {
        entries.map(|it| it.sequence).collect()
    }

    proptest! {
        #[test]
        fn a_list_has_the_entries_that_were_not_dropped(
            changes in prop::collection::vec((any::<bool>(), 1..3 * CHUNK_BYTES / 2), 0..300),
            after in 0_u64..300,
        ) {
            let (mut list, mut expected) = (EntryList::default(), VecDeque::new());
            let (mut sequence, mut dropped) = (0, 0);
            for (is_drop, bytes) in changes {
                if is_drop {
                    let oldest = list.drop_oldest();
                    prop_assert_eq!(oldest.is_some(), expected.pop_front().is_some());
                    dropped += usize::from(oldest.is_some());
                } else {
                    sequence += 2;
                    list.push(Entry { sequence, ..entry("CreateHaVip", "OK") }, bytes);
                    expected.push_back(sequence);
                }
            }
            prop_assert_eq!(list.len(), expected.len());
            prop_assert_eq!(sequences(list.iter()), expected.iter().copied().collect::<Vec<_>>());
            let rest = |it: &&u64| **it > after;
            prop_assert_eq!(
                sequences(list.after(after).rev()),
                expected.iter().rev().filter(rest).copied().collect::<Vec<_>>()
            );
            let held = list.full.iter().map(|chunk| chunk.len()).sum::<usize>() + list.last.len();
            prop_assert_eq!(held, list.len() + list.dropped);
            prop_assert!(list.dropped < CHUNK_ENTRIES && list.dropped <= dropped);
        }
    }

    #[test]
    fn a_copy_does_not_change() {
        let mut list = EntryList::default();
        for sequence in 1..=100 {
            list.push(Entry { sequence, ..entry("CreateHaVip", "OK") }, 1);
        }
        let copy = list.clone();
        for sequence in 101..200 {
            list.push(Entry { sequence, ..entry("CreateHaVip", "OK") }, 1);
            list.drop_oldest().unwrap();
        }
        assert_eq!(sequences(copy.iter()), (1..=100).collect::<Vec<_>>());
        assert_eq!(sequences(list.iter()), (100..200).collect::<Vec<_>>());
    }
}
