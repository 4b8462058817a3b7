//! Calls and unmet expectations as text.

use std::fmt::{self, Write as _};

use serde::Serialize;

use crate::protocol::Tree;

use super::{Entry, Expectation, Journal, Verification, entry::ShownParams};

impl Entry {
    /// Returns the call in one line: action, parameters, code, and request ID.
    pub fn line(&self) -> String {
        let request = self.request.summary();
        let action = request.action.as_deref().unwrap_or("no action");
        let params = request.params.as_ref().map_or("no parameters", ShownParams::json);
        let code = self.code.as_deref().unwrap_or("no envelope");
        format!("{action} {params} -> {code} ({})", self.request_id)
    }
}

impl Expectation {
    /// Returns the expected and the actual number of calls, and the nearest calls with their differences.
    pub fn report(&self, found: &Verification, journal: &Journal) -> String {
        let mut report = String::new();
        // Writing to a string never fails.
        _ = self.write_report(&mut report, found, journal);
        report
    }

    fn write_report(&self, f: &mut String, found: &Verification, journal: &Journal) -> fmt::Result {
        let Self { action, params, code, trace, times, .. } = self;
        write!(f, "expected {}", action.as_deref().unwrap_or("any call"))?;
        if !params.is_empty() {
            write!(f, " {}", json(params))?;
        }
        if let Some(code) = code {
            write!(f, " -> {code}")?;
        }
        if let Some(trace) = trace {
            write!(f, " of trace {trace}")?;
        }
        write!(f, " {times}, got {}", found.matched)?;
        for miss in &found.nearest {
            let kind = if miss.differences.is_empty() { "call" } else { "nearest" };
            let call = journal.find(&miss.request_id);
            let call = call.map_or_else(|| miss.request_id.clone(), |it| it.line());
            write!(f, "\n  {kind}: {call}")?;
            for it in &miss.differences {
                let (expected, got) = (value(&it.expected), value(&it.got));
                write!(f, "\n    {}: expected {expected}, got {got}", it.path)?;
            }
        }
        Ok(())
    }
}

/// Formats a value, with `nothing` for null.
fn value(tree: &Tree<'_>) -> String {
    if *tree == Tree::Null { "nothing".to_owned() } else { json(tree) }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
