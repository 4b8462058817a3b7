//! Ids of calls.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Request ids: UUIDs of version 4, of which the `n`th is a hash of the seed, the lane and `n`.
#[derive(Debug)]
pub(super) struct RequestIds {
    /// Has the seed and the lane in it.
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
