//! Request IDs.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// A sequence of version 4 UUIDs, each a hash of the seed, the lane, and its number.
#[derive(Debug)]
pub(super) struct RequestIds {
    /// Hash state with the seed and the lane.
    key: Sha256,
    next: AtomicU64,
}

impl RequestIds {
    pub(super) fn new(seed: u64, lane: u64) -> Self {
        let key = Sha256::new_with_prefix(seed.to_le_bytes()).chain_update(lane.to_le_bytes());
        Self { key, next: AtomicU64::new(0) }
    }

    pub(super) fn next(&self) -> Uuid {
        let number = self.next.fetch_add(1, Relaxed);
        let hash = self.key.clone().chain_update(number.to_le_bytes()).finalize();
        let bytes = *hash.first_chunk().expect("a hash has 32 bytes");
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}
