//! Coverage of documented error codes by the calls in a journal.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ecm::CATALOG;

use super::{CallFilter, Journal, entry::OK};

/// The coverage of one action's documented error codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ActionCodes {
    /// Name of the action.
    pub action: &'static str,
    /// Number of calls.
    pub calls: usize,
    /// Number of calls that succeeded.
    pub ok: usize,
    /// Number of documented codes that were returned, such as `7 of 10`.
    pub summary: String,
    /// Documented codes that were returned, with the number of calls.
    pub met: BTreeMap<&'static str, usize>,
    /// Documented codes that were not returned.
    pub not_met: Vec<&'static str>,
    /// Other codes that were returned, from the gateway or a forced fault, with the number of calls.
    pub other: BTreeMap<String, usize>,
}

impl Journal {
    /// Returns the coverage of documented codes, per action, by the calls that match a filter.
    pub fn codes(&self, filter: &CallFilter) -> Vec<ActionCodes> {
        let mut calls: BTreeMap<&'static str, BTreeMap<String, usize>> = BTreeMap::new();
        for entry in self.select(filter) {
            let named = entry.action().and_then(|name| CATALOG.model(&name));
            if let (Some(action), Some(code)) = (named.map(|it| it.name), &entry.code) {
                *calls.entry(action).or_default().entry(code.to_string()).or_default() += 1;
            }
        }
        calls.into_iter().map(|(action, codes)| summary(action, codes)).collect()
    }
}

fn summary(action: &'static str, mut codes: BTreeMap<String, usize>) -> ActionCodes {
    let calls = codes.values().sum();
    let ok = codes.remove(OK).unwrap_or_default();
    let documented = CATALOG.codes(action);
    let (mut met, mut not_met) = (BTreeMap::new(), Vec::new());
    for code in documented {
        match codes.remove(code.as_str()) {
            Some(count) => _ = met.insert(code.as_str(), count),
            None => not_met.push(code.as_str()),
        }
    }
    let summary = format!("{} of {}", met.len(), documented.len());
    ActionCodes { action, calls, ok, summary, met, not_met, other: codes }
}
