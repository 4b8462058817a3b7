//! Changes that have begun and have not settled.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};

use super::time;

/// What is left of a change until it has settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remaining {
    /// So many reads still see it.
    Reads(NonZeroU32),
    /// It is seen until the account's clock has come so far; see [`Remaining::until`].
    Until(DateTime<Utc>),
}

impl Remaining {
    /// So many reads; nothing is left if there are none.
    pub fn reads(reads: u32) -> Option<Self> {
        NonZeroU32::new(reads).map(Self::Reads)
    }

    /// The time until a moment, or until the nearest one that RFC 3339 can write.
    pub fn until(at: DateTime<Utc>) -> Self {
        Self::Until(time::writable(at))
    }

    /// What is left after a read that has seen the change.
    #[must_use]
    pub fn after_read(self) -> Option<Self> {
        match self {
            Self::Reads(reads) => Self::reads(reads.get() - 1),
            Self::Until(_) => Some(self),
        }
    }

    /// What is left when the clock shows `now`.
    #[must_use]
    pub fn at(self, now: DateTime<Utc>) -> Option<Self> {
        match self {
            Self::Until(at) if at <= now => None,
            _ => Some(self),
        }
    }
}

/// A change that has begun and has not settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingChange<C> {
    /// What is changing.
    pub change: C,
    /// What is left of it.
    pub left: Remaining,
}

impl<C> PendingChange<C> {
    /// A change of which something is `left`; none if nothing is.
    pub fn new(change: C, left: Option<Remaining>) -> Option<Self> {
        left.map(|left| Self { change, left })
    }

    /// The change as it goes on with `next`, which has settled if nothing is left.
    #[must_use]
    pub fn go_on(self, next: impl Fn(Remaining) -> Option<Remaining>) -> Option<Self> {
        Self::new(self.change, next(self.left))
    }
}
