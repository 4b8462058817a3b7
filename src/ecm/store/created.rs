//! The resources that calls create.

use std::fmt;

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
        (self.kind.id_prefix, self.rank) == (other.kind.id_prefix, other.rank)
    }
}

impl Eq for AnyId {}

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
        if call.is_some() {
            self.created.push(id.into());
        }
    }

    /// Returns the IDs of the resources that calls have created, with the calls' request IDs. Scans all
    /// resources.
    pub fn created_by_calls(&self) -> Vec<(AnyId, Uuid)> {
        KINDS.iter().flat_map(|kind| (kind.created_by_calls)(self)).collect()
    }

    /// Copies the calls that created resources from `old`, for resources with the same IDs.
    pub fn keep_creators(&mut self, old: &Self) {
        for kind in KINDS {
            (kind.keep_creators)(self, old);
        }
    }
}
