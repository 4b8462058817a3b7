//! Request IDs.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use uuid::{Uuid, Variant, Version};

use crate::ecm::ids::mix;

/// Request IDs of an account between two starts.
const REQUESTS_PER_START: u64 = 1 << 40;

/// A sequence of version 4 UUIDs. Each half of a UUID is a permutation of its number, which depends on
/// the seed and the lane.
#[derive(Debug)]
pub(super) struct RequestIds {
    keys: [u64; 2],
    next: AtomicU64,
}

impl RequestIds {
    /// Creates a sequence. Those after each restart are disjoint.
    pub(super) fn new(seed: u64, lane: u64, restarts: u64) -> Self {
        let first = mix(mix(seed) ^ lane);
        let next = AtomicU64::new(restarts << REQUESTS_PER_START.ilog2());
        Self { keys: [first, mix(first)], next }
    }

    pub(super) fn next(&self) -> Uuid {
        let number = self.next.fetch_add(1, Relaxed);
        let [high, low] = self.keys.map(|key| mix(key.wrapping_add(number)));
        uuid::Builder::from_u128(u128::from(high) << 64 | u128::from(low))
            .with_version(Version::Random)
            .with_variant(Variant::RFC4122)
            .into_uuid()
    }
}
