//! Which documented codes the calls of a journal have met.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ecm::CATALOG;

use super::{CallFilter, Journal, entry::OK};

/// What was met of the codes of one action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ActionCodes {
    /// The action.
    pub action: &'static str,
    /// Calls of it.
    pub calls: usize,
    /// Calls of it that succeeded.
    pub ok: usize,
    /// How many of its documented codes were met, such as `7 of 10`.
    pub summary: String,
    /// Codes that were met, documented for the action, and how often.
    pub met: BTreeMap<&'static str, usize>,
    /// Codes that are documented for the action and were not met.
    pub not_met: Vec<&'static str>,
    /// Codes that were met and are the gateway's, or were forced.
    pub other: BTreeMap<String, usize>,
}

impl Journal {
    /// Which documented codes of each action the recorded calls that a filter covers have met.
    pub fn codes(&self, filter: &CallFilter) -> Vec<ActionCodes> {
        let mut calls: BTreeMap<&'static str, BTreeMap<String, usize>> = BTreeMap::new();
        for entry in self.select(filter) {
            let action = entry
                .request
                .action
                .as_deref()
                .and_then(|name| CATALOG.model(name))
                .map(|model| model.name);
            if let (Some(action), Some(code)) = (action, &entry.code) {
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
