//! The resources that calls create.

use std::{cmp::Ordering, fmt};

use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::{
    ecm::{
        ids::{Rank, text},
        kinds::{KINDS, Resource, ResourceId, ResourceKind},
        zones::Region,
    },
    protocol::{
        ApiError, Context,
        action::{Call, Output},
    },
};

use super::Store;

/// ID of a resource of any kind.
#[derive(Clone, Copy)]
pub struct AnyId {
    kind: &'static ResourceKind,
    rank: Rank,
}

impl AnyId {
    /// Returns the typed ID, whose kind must be right.
    pub(in crate::ecm) fn id<I: ResourceId>(self) -> I {
        debug_assert_eq!(I::PREFIX, self.kind.id_prefix);
        I::new(self.rank)
    }

    /// Returns the kind of the resource.
    pub const fn kind(self) -> &'static ResourceKind {
        self.kind
    }
}

impl<I: ResourceId> From<I> for AnyId {
    fn from(id: I) -> Self {
        Self { kind: I::Resource::KIND, rank: id.rank() }
    }
}

impl fmt::Display for AnyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(text(self.kind.id_prefix, self.rank).as_str())
    }
}

impl fmt::Debug for AnyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for AnyId {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for AnyId {}

impl PartialOrd for AnyId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AnyId {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |id: &Self| (id.kind.id_prefix, id.rank);
        key(self).cmp(&key(other))
    }
}

impl Serialize for AnyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text(self.kind.id_prefix, self.rank).as_str())
    }
}

/// The resources that a call has created, in order. A single one, as for most calls, takes no memory
/// of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Created {
    first: Option<AnyId>,
    more: Vec<AnyId>,
}

impl Created {
    fn push(&mut self, id: AnyId) {
        match self.first {
            None => self.first = Some(id),
            Some(_) => self.more.push(id),
        }
    }

    /// Returns the IDs of the resources.
    pub fn iter(&self) -> impl Iterator<Item = AnyId> {
        self.first.into_iter().chain(self.more.iter().copied())
    }

    /// Returns the size of the memory besides the struct, in bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.more)
    }
}

impl Serialize for Created {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl Store {
    /// Runs a call, and returns its response and the resources that it has created. The caller must
    /// call [`Output::settle`].
    pub fn run(
        &mut self,
        call: Box<dyn Call<Self>>,
        cx: &Context,
    ) -> Result<(Box<dyn Output<Self>>, Created), ApiError> {
        self.call = Some(*cx);
        let outcome = call.run(self, cx);
        let created = self.end_call();
        outcome.map(|output| (output, created))
    }

    /// Ends a call, also one that has panicked.
    pub fn end_call(&mut self) -> Created {
        self.call = None;
        std::mem::take(&mut self.created)
    }

    /// Adds a resource with an unused ID to its table. If a call runs, the call has created it.
    pub(in crate::ecm) fn insert<R: Resource>(&mut self, id: R::Id, region: Region, resource: R) {
        let call = self.call.map(|it| it.request_id);
        R::table_mut(&mut self.tables).insert(id, region, call.unwrap_or_default(), resource);
        let Some(call) = self.call else { return };
        self.created.push(id.into());
        if let Some(until) = self.settings.visible_after.begin(call.now) {
            self.hide(id, until);
        }
    }

    /// Returns the IDs of the resources that calls have created, with the calls' request IDs. Scans all
    /// resources.
    pub fn created_by_calls(&self) -> Vec<(AnyId, Uuid)> {
        KINDS.iter().flat_map(|kind| (kind.created_by_calls)(self)).collect()
    }

    /// Sets the calls that created resources, by the IDs of the resources. Unknown IDs are ignored.
    pub fn set_creators<'a>(&mut self, creators: impl Iterator<Item = (&'a str, Uuid)>) {
        for (id, call) in creators {
            if let Some(kind) = KINDS.iter().find(|kind| id.starts_with(kind.id_prefix)) {
                (kind.set_creator)(self, id, call);
            }
        }
    }

    /// Copies which calls created resources, and which resources are hidden, from `old`, for resources with
    /// the same IDs.
    pub fn keep_history(&mut self, old: &Self) {
        for kind in KINDS {
            (kind.keep_history)(self, old);
        }
    }
}
