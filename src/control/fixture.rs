//! Fixtures: state in the shape of what the cloud's own Describe calls return.
//!
//! All problems are found in one pass, each with its file and JSON path. The first 100 are kept and
//! the others counted, so that a fixture costs memory in proportion to its text, however wrong it is.

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

/// The state that ecmock begins with unless it is told otherwise: that of the vendor's
/// `CreateHaVip` page.
pub const DEMO: &str = include_str!("../../fixtures/demo.json");

/// What a Describe call returns beside its set.
const BESIDE: [&str; 2] = ["TotalCount", "RequestId"];
/// One fixture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its file, for messages.
    pub file: String,
    /// Its JSON text.
    pub text: String,
}

/// State that was read.
#[derive(Debug)]
pub struct Loaded {
    /// The state.
    pub store: Store,
    /// Fields that were ignored.
    pub warnings: Findings,
}

/// Reads fixtures, merged in order: an object replaces one of an earlier file with its id.
///
/// `now` is the creation time of a HAVIP that has none.
///
/// # Errors
/// Every problem of the fixtures, of which the first [`FINDINGS_MAX`] are kept.
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
    let empty = Store::new(settings, IdSequence::new(0, 0));
    let bytes = sources.iter().map(|it| it.text.len()).sum();
    let store = objects::load(&sets, empty, now, (&mut report, bytes));
    let number = |it: &Finding| sources.iter().position(|source| source.file == it.file);
    let warnings = report.finish(number, |_, _| None)?;
    Ok(Loaded { store, warnings })
}

fn unknown_key(name: &str) -> String {
    let known = SETS.each_ref().map(|set| set.name);
    let otherwise = format!("; those are {}", known.join(", "));
    let hint = did_you_mean(nearest(name, known).map(Backticked), otherwise);
    format!("is not a set that ecmock knows{hint}")
}
