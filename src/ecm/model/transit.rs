//! Changes that are in progress.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};

use super::time;

/// Remaining reads or time until a change settles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remaining {
    /// Number of reads that still show the change.
    Reads(NonZeroU32),
    /// Time on the account's clock when the change settles. See [`Remaining::until`].
    Until(DateTime<Utc>),
}

impl Remaining {
    /// Creates a remainder of `reads` reads, or `None` for 0.
    pub fn reads(reads: u32) -> Option<Self> {
        NonZeroU32::new(reads).map(Self::Reads)
    }

    /// Creates a remainder until `at`, clamped to times that RFC 3339 can express.
    pub fn until(at: DateTime<Utc>) -> Self {
        Self::Until(time::writable(at))
    }

    /// Returns the remainder after a read that showed the change.
    #[must_use]
    pub fn after_read(self) -> Option<Self> {
        match self {
            Self::Reads(reads) => Self::reads(reads.get() - 1),
            Self::Until(_) => Some(self),
        }
    }

    /// Returns the remainder when the clock shows `now`.
    #[must_use]
    pub fn at(self, now: DateTime<Utc>) -> Option<Self> {
        match self {
            Self::Until(at) if at <= now => None,
            _ => Some(self),
        }
    }
}

/// A change that is in progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingChange<C> {
    pub change: C,
    /// Remaining reads or time.
    pub left: Remaining,
}

impl<C> PendingChange<C> {
    /// Creates a pending change, or `None` if nothing is `left`.
    pub fn new(change: C, left: Option<Remaining>) -> Option<Self> {
        left.map(|left| Self { change, left })
    }

    /// Advances the change with `next`. Returns `None` if it has settled.
    #[must_use]
    pub fn go_on(self, next: impl Fn(Remaining) -> Option<Remaining>) -> Option<Self> {
        Self::new(self.change, next(self.left))
    }
}
