//! Calls above the documented rate.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::control::{journal::EntryList, throttle::DOCUMENTED_CALLS_PER_SECOND};

/// A second of the account's clock with more calls of an action than the vendor allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BusySecond {
    /// Name of the action.
    pub action: &'static str,
    /// Start of the second.
    pub second: DateTime<Utc>,
    /// Number of calls in the second, with any code.
    pub calls: u32,
    /// Documented maximum number of calls.
    pub limit: u32,
}

/// Returns the seconds with too many calls of an action, the earliest first.
///
/// Ours (rate.verdict): every call in the journal counts, whatever its code.
pub(super) fn busy_seconds(entries: &EntryList) -> Vec<BusySecond> {
    let mut calls: BTreeMap<(i64, &'static str), u32> = BTreeMap::new();
    for entry in entries.iter() {
        if let Some(action) = entry.known_action {
            *calls.entry((entry.time.timestamp(), action)).or_default() += 1;
        }
    }
    let limit = DOCUMENTED_CALLS_PER_SECOND;
    let busy = calls.into_iter().filter(|(_, calls)| *calls > limit);
    busy.filter_map(|((second, action), calls)| {
        let second = DateTime::from_timestamp(second, 0)?;
        Some(BusySecond { action, second, calls, limit })
    })
    .collect()
}
