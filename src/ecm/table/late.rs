//! Resources that Describe calls do not show yet.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use imbl::{OrdMap, OrdSet};

use super::Listings;
use crate::ecm::{
    ids::{Id, Rank},
    model::Remaining,
};

/// Hidden resources, and the listings without them.
#[derive(Debug, Clone)]
pub(super) struct Late<K: Id> {
    pub(super) shown: Listings<K>,
    pub(super) hidden: Hidden,
}

/// Hidden resources by rank, so that all kinds share this code.
#[derive(Debug, Clone, Default)]
pub(super) struct Hidden {
    appearances: OrdMap<Rank, Appearance>,
    /// Hidden resources by the Describe call that is the last one not to show them.
    queue: OrdSet<(u64, Rank)>,
    /// Number of Describe calls so far.
    describes: u64,
}

/// When Describe calls show a resource.
#[derive(Debug, Clone, Copy)]
pub(super) enum Appearance {
    /// After the Describe call with a number.
    After(u64),
    /// From a time on. The store knows which resources are due.
    At(DateTime<Utc>),
}

impl<K: Id> Late<K> {
    /// Begins with all resources shown.
    pub(super) fn new(shown: Listings<K>) -> Self {
        Self { shown, hidden: Hidden::default() }
    }
}

impl Hidden {
    /// Returns the ranks of the hidden resources in order.
    pub(super) fn ranks(&self) -> impl Iterator<Item = Rank> {
        self.appearances.keys().copied()
    }

    pub(super) fn contains(&self, id: Rank) -> bool {
        self.appearances.contains_key(&id)
    }

    pub(super) fn len(&self) -> usize {
        self.appearances.len()
    }

    /// Whether no resource is hidden.
    pub(super) fn is_empty(&self) -> bool {
        self.appearances.is_empty()
    }

    /// Adds a hidden resource.
    pub(super) fn remember(&mut self, id: Rank, until: Remaining) {
        let appearance = match until {
            Remaining::Until(at) => Appearance::At(at),
            Remaining::Reads(reads) => {
                let last = self.describes + u64::from(reads.get());
                self.queue.insert((last, id));
                Appearance::After(last)
            }
        };
        self.appearances.insert(id, appearance);
    }

    /// Removes a hidden resource, if it is one.
    pub(super) fn forget(&mut self, id: Rank) -> Option<Appearance> {
        let appearance = self.appearances.remove(&id)?;
        if let Appearance::After(last) = appearance {
            self.queue.remove(&(last, id));
        }
        Some(appearance)
    }

    /// Returns when Describe calls show a resource, if they do not show it yet.
    pub(super) fn until(&self, id: Rank) -> Option<Remaining> {
        Some(match self.appearances.get(&id)? {
            Appearance::At(at) => Remaining::Until(*at),
            Appearance::After(last) => {
                let left = u32::try_from(last - self.describes).ok();
                Remaining::Reads(left.and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN))
            }
        })
    }

    /// Counts a Describe call. Returns whether a resource waits for one.
    pub(super) fn count(&mut self) -> bool {
        let is_awaited = !self.queue.is_empty();
        self.describes += u64::from(is_awaited);
        is_awaited
    }

    /// Whether later Describe calls show all hidden resources.
    pub(super) fn are_all_due(&self) -> bool {
        let last = self.queue.get_max();
        self.queue.len() == self.appearances.len() && last.is_some_and(|it| it.0 <= self.describes)
    }

    /// Returns a resource that later Describe calls show.
    pub(super) fn next_due(&self) -> Option<Rank> {
        self.queue.get_min().filter(|(last, _)| *last <= self.describes).map(|(_, id)| *id)
    }
}
