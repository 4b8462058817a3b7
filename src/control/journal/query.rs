//! What can be asked of a journal: entries, waiting for one, and whether calls were as expected.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    control::matching::{Difference, count, differences, is_match},
    protocol::{Tree, tree::Members},
};

use super::{Book, Entry, entry::Params};

/// Calls that a verification shows.
const NEAREST_MAX: usize = 3;

/// Which entries are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Calls of this action.
    pub action: Option<String>,
    /// Calls that ended so: an error code, or `OK`.
    pub code: Option<String>,
    /// Entries after this number.
    pub since: u64,
}

impl Filter {
    pub(super) fn covers(&self, entry: &Entry) -> bool {
        entry.sequence > self.since
            && is(self.action.as_deref(), entry.asked.action.as_deref())
            && is(self.code.as_deref(), entry.code.as_deref())
    }
}

/// Whether a text is the wanted one, or none is wanted.
fn is(wanted: Option<&str>, got: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| got == Some(wanted))
}

impl Book {
    /// The entries that a filter covers, the oldest first.
    pub fn select(&self, filter: &Filter) -> Vec<Arc<Entry>> {
        self.entries().iter().filter(|it| filter.covers(it)).cloned().collect()
    }

    /// Whether as many calls as expected were so.
    pub fn verify(&self, expected: &Expectation) -> Verification {
        let entries = self.entries();
        let (met, missed): (Vec<_>, Vec<_>) = entries.iter().partition(|it| expected.is_met_by(it));
        let matched = met.len() as u64;
        let ok = expected.times.contains(matched);
        let nearest = if ok {
            Vec::new()
        } else if matched < expected.times.min() {
            expected.nearest(missed)
        } else {
            latest(&met)
        };
        Verification { ok, matched, nearest }
    }
}

/// Calls that are too many, the latest first.
fn latest(met: &[&Arc<Entry>]) -> Vec<Miss> {
    let shown = met.iter().rev().take(NEAREST_MAX);
    shown.map(|it| Miss { request_id: it.request_id.clone(), differences: Vec::new() }).collect()
}

/// Calls that a test expects to have been made.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct Expectation {
    /// Of which action; any, unless it is said.
    pub action: Option<String>,
    /// With which parameters, at least; see [`is_match`].
    pub params: Members,
    /// Ended with which error code, or with `OK`; any, unless it is said.
    pub code: Option<String>,
    /// How often; at least once, unless it is said.
    pub times: Times,
}

impl Expectation {
    fn is_met_by(&self, entry: &Entry) -> bool {
        is(self.action.as_deref(), entry.asked.action.as_deref())
            && is(self.code.as_deref(), entry.code.as_deref())
            && (self.params.is_empty()
                || entry
                    .asked
                    .params
                    .as_ref()
                    .is_some_and(|it| is_match(&self.params, &it.members())))
    }

    /// The calls that miss by least; those of the action come before others, and later calls
    /// before earlier ones.
    fn nearest(&self, misses: Vec<&Arc<Entry>>) -> Vec<Miss> {
        let mut misses: Vec<_> =
            misses.into_iter().rev().map(|it| (self.distance(it), it)).collect();
        misses.sort_by_key(|(distance, _)| *distance);
        let miss = |(_, entry): (_, &Arc<Entry>)| Miss {
            request_id: entry.request_id.clone(),
            differences: self.differences(entry),
        };
        misses.into_iter().take(NEAREST_MAX).map(miss).collect()
    }

    /// Whether the call is of another action, and in how many places it differs.
    fn distance(&self, entry: &Entry) -> (bool, usize) {
        let is_other_action = !is(self.action.as_deref(), entry.asked.action.as_deref());
        let is_other_code = !is(self.code.as_deref(), entry.code.as_deref());
        let params = entry.asked.params.as_ref().map(Params::members).unwrap_or_default();
        (is_other_action, usize::from(is_other_code) + count(&self.params, &params))
    }

    fn differences(&self, entry: &Entry) -> Vec<Difference> {
        let text = |text: Option<&str>| text.map_or(Tree::Null, |it| Tree::Text(it.to_owned()));
        let named = |path: &str, wanted: Option<&str>, got: Option<&str>| {
            let wanted = wanted.filter(|wanted| got != Some(*wanted))?;
            let (path, expected) = (path.to_owned(), text(Some(wanted)));
            Some(Difference { path, expected, got: text(got) })
        };
        let action = named("Action", self.action.as_deref(), entry.asked.action.as_deref());
        let code = named("Code", self.code.as_deref(), entry.code.as_deref());
        let params = entry.asked.params.as_ref().map(Params::members).unwrap_or_default();
        let params = differences(&self.params, &params);
        action.into_iter().chain(code).chain(params).collect()
    }
}

/// How often something is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "must be a number, or {\"min\":N,\"max\":N} with one or both, the smaller first"
)]
pub enum Times {
    /// So often.
    Exactly(u64),
    /// So often at least and at most.
    Between(Between),
}

/// Bounds, both of them included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Bounds")]
pub struct Between {
    /// At least so often.
    pub min: u64,
    /// At most so often; any number, unless it is said.
    pub max: Option<u64>,
}

/// Bounds as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bounds {
    #[serde(default, alias = "Min")]
    min: Option<u64>,
    #[serde(default, alias = "Max")]
    max: Option<u64>,
}

impl TryFrom<Bounds> for Between {
    type Error = &'static str;

    fn try_from(Bounds { min, max }: Bounds) -> Result<Self, &'static str> {
        match (min, max) {
            (None, None) => Err("neither bound is said"),
            (Some(min), Some(max)) if max < min => Err("nothing is between"),
            _ => Ok(Self { min: min.unwrap_or(0), max }),
        }
    }
}

impl Default for Times {
    fn default() -> Self {
        Self::Between(Between { min: 1, max: None })
    }
}

impl Times {
    const fn min(self) -> u64 {
        match self {
            Self::Exactly(times) => times,
            Self::Between(Between { min, .. }) => min,
        }
    }

    fn contains(self, count: u64) -> bool {
        match self {
            Self::Exactly(times) => count == times,
            Self::Between(Between { min, max }) => {
                count >= min && max.is_none_or(|max| count <= max)
            }
        }
    }
}

/// Whether calls were as expected.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Verification {
    /// Whether they were.
    pub ok: bool,
    /// How many calls were so.
    pub matched: u64,
    /// If there were too few: the calls that miss by least, and where they do. If there were too
    /// many: the latest of those that were so, which differ nowhere.
    pub nearest: Vec<Miss>,
}

/// A call that is not as expected, or one too many that is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Miss {
    /// Its request id.
    pub request_id: String,
    /// Where it differs: `Action`, `Code`, or a parameter's path.
    pub differences: Vec<Difference>,
}
