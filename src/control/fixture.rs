//! Fixtures: account state in the format of Describe responses.
//!
//! A single pass reports all problems, each with its file and JSON path. The first 100 are kept and the
//! rest are counted, so memory use is proportional to the text even for invalid fixtures.

mod document;
mod export;
mod findings;
mod kinds;
mod merge;
mod node;
mod objects;
mod place;
mod reader;
mod sets;

use chrono::{DateTime, Utc};

use crate::{
    ecm::{Store, ids::IdSequence, store::Settings},
    nearest::{did_you_mean, nearest},
    protocol::text::Backticked,
};

pub use export::{Pieces, export};
#[cfg(test)]
pub use findings::FINDINGS_MAX;
pub use findings::{Finding, Findings};
pub use merge::merge;

use findings::Report;
use kinds::SETS;
use sets::Sets;

/// The default fixture: the state of the vendor's `CreateHaVip` page.
pub const DEMO: &str = include_str!("../../fixtures/demo.json");

/// Members of a Describe response besides its set.
const OTHER_MEMBERS: [&str; 2] = ["TotalCount", "RequestId"];

/// The text of a fixture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// File name for messages.
    pub file: String,
    /// JSON text.
    pub text: String,
}

#[derive(Debug)]
pub struct Loaded {
    pub store: Store,
    /// Warnings about ignored fields.
    pub warnings: Findings,
}

/// Loads fixtures and merges them in order. An object replaces an object with the same ID in an
/// earlier file.
///
/// `now` is the default creation time of resources.
///
/// # Errors
/// Returns the problems of the fixtures, and keeps the first [`FINDINGS_MAX`].
pub fn load(
    sources: &[Source],
    settings: Settings,
    now: DateTime<Utc>,
) -> Result<Loaded, Findings> {
    let mut report = Report::new(sources.iter().map(|it| it.file.clone()));
    let mut sets = Sets::default();
    for (number, source) in sources.iter().enumerate() {
        if let Some(document) = document::read(number, source, &mut report) {
            document.collect(&mut sets, &mut report);
        }
    }
    let empty = Store::new(settings, IdSequence::new(0));
    let bytes = sources.iter().map(|it| it.text.len()).sum();
    let store = objects::load(&sets, empty, now, (&mut report, bytes));
    let number = |it: &Finding| sources.iter().position(|source| source.file == it.file);
    let warnings = report.finish(number, |_, _| None)?;
    Ok(Loaded { store, warnings })
}

fn unknown_key(name: &str) -> String {
    let known = SETS.each_ref().map(|set| set.name);
    let otherwise = format!("; expected one of {}", known.join(", "));
    let hint = did_you_mean(nearest(name, known).map(Backticked), otherwise);
    format!("unknown set{hint}")
}
