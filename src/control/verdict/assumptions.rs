//! The assumptions that calls may rely on.
//!
//! `assumptions.txt` is generated from the markers in the source, whose places determine the calls that
//! an assumption concerns, and from the fidelity page, which has its text. A line without an indent is
//! a scope: a kind of calls, and the names that it is limited to, if any. The lines below it are the
//! assumptions of the scope.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{
    control::journal::{Entry, EntryList, entry::OK},
    ecm::CATALOG,
};

const ALL: &str = include_str!("assumptions.txt");

/// A row of the fidelity page that no source states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Assumption {
    /// ID of the row, such as `havip.quota`.
    pub id: &'static str,
    /// The assumed behavior.
    pub text: &'static str,
}

/// The calls of a journal, as far as scopes distinguish them.
#[derive(Debug, Default)]
struct Met<'e> {
    /// Emulated actions of calls that ran.
    calls: BTreeSet<&'e str>,
    /// Emulated actions of calls that ran and failed.
    errors: BTreeSet<&'e str>,
    /// Other codes. Only the gateway returns them.
    codes: BTreeSet<&'e str>,
    /// Whether a fault rule was applied.
    has_faults: bool,
}

/// Returns the assumptions that calls may rely on, sorted by ID.
pub(super) fn met(entries: &EntryList) -> Vec<Assumption> {
    let mut met = Met::default();
    for entry in entries.iter() {
        met.add(entry);
    }
    let (mut is_met, mut found) = (false, BTreeMap::new());
    for line in ALL.lines() {
        match line.strip_prefix('\t').and_then(|row| row.split_once('\t')) {
            Some((id, text)) if is_met => _ = found.insert(id, text),
            Some(_) => {}
            None => is_met = met.covers(line),
        }
    }
    found.into_iter().map(|(id, text)| Assumption { id, text }).collect()
}

impl<'e> Met<'e> {
    fn add(&mut self, entry: &'e Entry) {
        self.has_faults |= entry.fault_id().is_some();
        let Some(code) = entry.own_code() else { return };
        let action = entry.known_action.filter(|it| CATALOG.is_emulated(it));
        let is_documented =
            |action| CATALOG.codes(action).iter().any(|documented| documented.as_str() == code);
        match action {
            Some(action) if code == OK || is_documented(action) => {
                self.calls.insert(action);
                if code != OK {
                    self.errors.insert(action);
                }
            }
            _ => _ = self.codes.insert(code),
        }
    }

    /// Whether any call is in a scope.
    fn covers(&self, scope: &str) -> bool {
        let (kind, names) = scope.split_once(' ').unwrap_or((scope, ""));
        let met = match kind {
            "calls" => &self.calls,
            "errors" => &self.errors,
            "codes" => &self.codes,
            _ => return self.has_faults,
        };
        let is_met = |name| met.iter().any(|it| it.split('.').next() == Some(name));
        if names.is_empty() { !met.is_empty() } else { names.split(' ').any(is_met) }
    }
}
