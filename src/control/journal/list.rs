//! The entries of a journal, oldest first.

use std::{collections::VecDeque, sync::Arc};

use bytes::BytesMut;

use super::Entry;

/// Number of entries in a full chunk.
const CHUNK_ENTRIES: usize = 64;
/// Size of a full chunk, in bytes.
const CHUNK_BYTES: usize = 24 * 1024;
/// Size of the blocks that hold requests: a quarter of the list, within these limits.
const BLOCK_BYTES: (usize, usize) = (1024, 16 * 1024);
/// Maximum size of a request in a block. A larger one has an allocation of its own.
const BLOCK_REQUEST_BYTES_MAX: usize = 4 * 1024;

/// Entries, oldest first, in chunks.
///
/// Adding an entry writes to a chunk that nothing else shares. Dropping the oldest entry only counts it,
/// and it is freed together with the rest of its chunk, whose memory becomes the next chunk's. A copy of
/// the list shares all chunks except the last.
#[derive(Debug, Clone, Default)]
pub struct EntryList {
    full: VecDeque<Arc<Chunk>>,
    /// The chunk that is being filled.
    last: Chunk,
    /// Size of the last chunk, in bytes.
    last_bytes: usize,
    /// An empty chunk with the memory of a freed one.
    spare: Chunk,
    /// Number of dropped entries at the start of the first chunk.
    dropped: usize,
    len: usize,
    bytes: usize,
}

#[derive(Debug, Clone, Default)]
struct Chunk {
    entries: Vec<Entry>,
    /// Size of each entry, in bytes. Reading the entry itself would be a cache miss.
    sizes: Vec<usize>,
    /// Free space for requests, after those of the entries.
    block: BytesMut,
}

impl EntryList {
    /// Returns the number of entries.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns the size of the entries in bytes.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    fn first(&self) -> &Chunk {
        self.full.front().map_or(&self.last, |chunk| chunk)
    }

    /// Returns memory for the request of a call, next to those of earlier requests.
    pub(super) fn reserve(&mut self, bytes: usize) -> BytesMut {
        if bytes > BLOCK_REQUEST_BYTES_MAX {
            return BytesMut::with_capacity(bytes);
        }
        let block = &mut self.last.block;
        if block.capacity() < bytes {
            let (min, max) = BLOCK_BYTES;
            *block = BytesMut::with_capacity((self.bytes / 4).clamp(min, max).max(bytes));
        }
        let rest = block.split_off(bytes);
        std::mem::replace(block, rest)
    }

    /// Adds an entry. Its sequence number is greater than that of every other entry.
    pub(super) fn push(&mut self, entry: Entry) {
        let bytes = entry.bytes();
        self.last.entries.push(entry);
        self.last.sizes.push(bytes);
        self.last_bytes += bytes;
        self.bytes += bytes;
        self.len += 1;
        let entries = self.last.entries.len();
        if entries >= CHUNK_ENTRIES || self.last_bytes >= CHUNK_BYTES {
            let mut next = std::mem::take(&mut self.spare);
            next.entries.reserve(entries);
            next.sizes.reserve(entries);
            self.full.push_back(Arc::new(std::mem::replace(&mut self.last, next)));
            self.last_bytes = 0;
        }
    }

    /// Drops the oldest entry, and returns whether there was one.
    pub(super) fn drop_oldest(&mut self) -> bool {
        let Some(&bytes) = self.first().sizes.get(self.dropped) else { return false };
        self.bytes -= bytes;
        self.len -= 1;
        self.dropped += 1;
        if self.first().sizes.len() == self.dropped {
            self.dropped = 0;
            self.free_first();
        }
        true
    }

    /// Frees the first chunk, and keeps its memory.
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
        let oldest = self.first().entries.get(self.dropped).map_or(0, |it| it.sequence);
        let is_before = move |it: &Entry| it.sequence <= sequence || it.sequence < oldest;
        let before = self.full.partition_point(|it| it.entries.last().is_some_and(is_before));
        let chunks = self.full.range(before..).flat_map(|chunk| &chunk.entries);
        chunks.chain(&self.last.entries).filter(move |it| !is_before(it))
    }
}

impl Chunk {
    /// Removes all entries, and keeps the memory.
    fn clear(&mut self) {
        self.entries.clear();
        self.sizes.clear();
        if !self.block.try_reclaim(BLOCK_BYTES.1) {
            self.block = BytesMut::new(); // The block is small, or a request of it is in use.
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::control::journal::waiters::tests::entry;

    /// Returns an entry with a message of a size in bytes.
    fn numbered(sequence: u64, bytes: usize) -> Entry {
        let code = Some("x".repeat(bytes).into());
        Entry { sequence, code, ..entry("CreateHaVip", "OK") }
    }

    fn sequences<'a>(entries: impl Iterator<Item = &'a Entry>) -> Vec<u64> {
        entries.map(|it| it.sequence).collect()
    }

    proptest! {
        #[test]
        fn a_list_has_the_entries_that_were_not_dropped(
            changes in prop::collection::vec((any::<bool>(), 0..CHUNK_BYTES / 20), 0..300),
            after in 0_u64..300,
        ) {
            let (mut list, mut expected) = (EntryList::default(), VecDeque::new());
            let mut sequence = 0;
            for (is_drop, bytes) in changes {
                if is_drop {
                    prop_assert_eq!(list.drop_oldest(), expected.pop_front().is_some());
                } else {
                    sequence += 2;
                    let entry = numbered(sequence, bytes);
                    expected.push_back((sequence, entry.bytes()));
                    list.push(entry);
                }
            }
            prop_assert_eq!(list.len(), expected.len());
            prop_assert_eq!(list.bytes(), expected.iter().map(|(_, bytes)| bytes).sum::<usize>());
            let expected: Vec<u64> = expected.iter().map(|(sequence, _)| *sequence).collect();
            prop_assert_eq!(sequences(list.iter()), &*expected);
            let rest = expected.iter().rev().filter(|it| **it > after);
            prop_assert_eq!(sequences(list.after(after).rev()), rest.copied().collect::<Vec<_>>());
            let held = list.full.iter().map(|it| it.entries.len()).sum::<usize>();
            prop_assert_eq!(held + list.last.entries.len(), list.len() + list.dropped);
            prop_assert!(list.dropped < CHUNK_ENTRIES);
        }
    }

    #[test]
    fn a_copy_does_not_change() {
        let mut list = EntryList::default();
        for sequence in 1..=100 {
            list.push(numbered(sequence, 0));
        }
        let copy = list.clone();
        for sequence in 101..200 {
            list.push(numbered(sequence, 0));
            assert!(list.drop_oldest());
        }
        assert_eq!(sequences(copy.iter()), (1..=100).collect::<Vec<_>>());
        assert_eq!(sequences(list.iter()), (100..200).collect::<Vec<_>>());
    }

    #[test]
    fn kept_requests_do_not_change_when_memory_is_reused() {
        let mut list = EntryList::default();
        let text = |number: u64| format!("request {number} {}", "x".repeat(200));
        let mut kept = VecDeque::new();
        for number in 0..2000 {
            let text = text(number);
            let mut memory = list.reserve(text.len());
            memory.extend_from_slice(text.as_bytes());
            kept.push_back((number, memory.freeze()));
            list.push(numbered(number + 1, 0));
            if number >= 500 {
                assert!(list.drop_oldest());
                // Every tenth request is in use for longer than its entry.
                kept.retain(|(other, _)| *other + 500 > number || other % 10 == 0);
            }
        }
        for (number, bytes) in kept {
            assert_eq!(bytes, text(number));
        }
    }
}
