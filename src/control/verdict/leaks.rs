//! Resources that calls have created and not deleted.

use chrono::{DateTime, Utc};
use foldhash::HashMap;
use serde::Serialize;
use uuid::Uuid;

use crate::{
    control::journal::{Entry, EntryList},
    ecm::{Store, store::AnyId},
};

/// Maximum number of resources that a verdict lists.
const LEAKS_MAX: usize = 1000;

/// A resource that a call has created and no call has deleted.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Leak {
    /// ID of the resource.
    pub id: String,
    /// Kind of the resource, such as `VPC` or `EIP`.
    pub kind: &'static str,
    /// The call that created it.
    pub call: Creator,
}

/// The call that created a resource. Only its request ID is known if the journal no longer has it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Creator {
    /// Request ID of the call.
    pub request_id: String,
    /// Sequence number of the call.
    pub sequence: Option<u64>,
    /// Name of the action.
    pub action: Option<&'static str>,
    /// Time of the call, by the account's clock.
    pub time: Option<DateTime<Utc>>,
}

/// Returns the resources that calls have created, kind by kind, and their number.
pub(super) fn leaks(store: &Store, entries: &EntryList) -> (Vec<Leak>, usize) {
    let created = store.created_by_calls();
    let calls: HashMap<Uuid, &Entry> = entries.iter().map(|it| (it.request_id, it)).collect();
    let leak = |(id, call): &(AnyId, Uuid)| Leak {
        id: id.to_string(),
        kind: id.kind().noun,
        call: Creator::new(*call, calls.get(call).copied()),
    };
    (created.iter().take(LEAKS_MAX).map(leak).collect(), created.len())
}

impl Creator {
    fn new(request_id: Uuid, entry: Option<&Entry>) -> Self {
        Self {
            request_id: request_id.to_string(),
            sequence: entry.map(|it| it.sequence),
            action: entry.and_then(|it| it.known_action),
            time: entry.map(|it| it.time),
        }
    }
}
