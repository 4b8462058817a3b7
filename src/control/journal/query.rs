//! What can be request of a journal: entries, waiting for one, and whether calls were as expected.

use std::{cmp::Ordering, sync::Arc};

use imbl::Vector;
use serde::{Deserialize, Serialize};

use crate::{
    control::matching::{Difference, count, differences},
    protocol::{Tree, tree::Members},
};

use super::{Entry, Journal, entry::ShownParams};

/// Calls that a verification shows.
const NEAREST_MAX: usize = 3;

/// Which entries are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Calls of this action.
    pub action: Option<String>,
    /// Calls that ended so: an error code, or `OK`.
    pub code: Option<String>,
    /// Entries after this number.
    pub since: u64,
}

impl CallFilter {
    /// The entries that the filter covers, the oldest first.
    pub(super) fn select(&self, mut entries: Vector<Arc<Entry>>) -> Vec<Arc<Entry>> {
        // Numbers rise, so those that were seen need no look.
        let unseen = entries.binary_search_by(|entry| {
            if entry.sequence > self.since { Ordering::Greater } else { Ordering::Less }
        });
        let unseen = entries.split_off(unseen.unwrap_or_else(|index| index));
        unseen.iter().filter(|it| self.covers(it)).cloned().collect()
    }

    pub(super) fn covers(&self, entry: &Entry) -> bool {
        entry.sequence > self.since
            && is(self.action.as_deref(), entry.action())
            && is(self.code.as_deref(), entry.code.as_deref())
    }
}

/// Whether a text is the wanted one, or none is wanted.
fn is(wanted: Option<&str>, got: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| got == Some(wanted))
}

impl Journal {
    /// The entries that a filter covers, the oldest first.
    pub fn select(&self, filter: &CallFilter) -> Vec<Arc<Entry>> {
        filter.select(self.entries())
    }

    /// Whether as many calls as expected were so. Parses the parameters of a call at most once, and
    /// those of other actions only if there are too few misses to show without them.
    pub fn verify(&self, expected: &Expectation) -> Verification {
        let entries = self.entries();
        let is_other_action = |it: &Entry| !is(expected.action.as_deref(), it.action());
        let (mut matched, mut latest, mut nearest) = (0, Vec::new(), Nearest::default());
        for entry in entries.iter().rev().filter(|it| !is_other_action(it)) {
            let call = expected.compare(entry);
            if call.distance > 0 {
                nearest.add(call);
                continue;
            }
            matched += 1;
            if latest.len() < NEAREST_MAX {
                latest.push(Miss { request_id: entry.request_id.clone(), differences: Vec::new() });
            }
        }
        let ok = expected.times.contains(matched);
        let nearest = if ok {
            Vec::new()
        } else if matched >= expected.times.min() {
            latest
        } else {
            if nearest.has_room() {
                let mut others = Nearest::default();
                for entry in entries.iter().rev().filter(|it| is_other_action(it)) {
                    others.add(expected.compare(entry));
                }
                nearest.append(others);
            }
            nearest.calls.iter().map(|call| expected.miss(call)).collect()
        };
        Verification { ok, matched, nearest }
    }
}

/// A call compared with an expectation.
struct Compared<'e> {
    entry: &'e Entry,
    /// Its parameters.
    params: Members,
    /// In how many places it differs, the action aside.
    distance: usize,
}

/// The calls that differ least, and of several that differ alike those that were added first.
#[derive(Default)]
struct Nearest<'e> {
    calls: Vec<Compared<'e>>,
}

impl<'e> Nearest<'e> {
    fn add(&mut self, call: Compared<'e>) {
        let place = self.calls.partition_point(|it| it.distance <= call.distance);
        if place < NEAREST_MAX {
            self.calls.insert(place, call);
            self.calls.truncate(NEAREST_MAX);
        }
    }

    const fn has_room(&self) -> bool {
        self.calls.len() < NEAREST_MAX
    }

    /// Adds calls that come after all others, however little they differ.
    fn append(&mut self, others: Self) {
        self.calls.extend(others.calls);
        self.calls.truncate(NEAREST_MAX);
    }
}

/// Calls that a test expects to have been made.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct Expectation {
    /// Action name. Matches any action if `None`.
    pub action: Option<String>,
    /// With which parameters, at least; see [`is_match`](crate::control::matching::is_match).
    pub params: Members,
    /// Error code, or `OK`. Matches any outcome if `None`.
    pub code: Option<String>,
    /// Number of calls. Defaults to one or more.
    pub times: Times,
}

impl Expectation {
    /// Compares a call with the expectation, its action aside.
    fn compare<'e>(&self, entry: &'e Entry) -> Compared<'e> {
        let is_other_code = !is(self.code.as_deref(), entry.code.as_deref());
        let parsed = entry.request.params.as_ref().map(ShownParams::members);
        let is_unreadable = parsed.is_none() && !self.params.is_empty();
        let params = parsed.unwrap_or_default();
        let differences = count(&self.params, &params).max(usize::from(is_unreadable));
        Compared { entry, params, distance: usize::from(is_other_code) + differences }
    }

    /// In which places a call differs.
    fn miss(&self, Compared { entry, params, .. }: &Compared<'_>) -> Miss {
        let text = |text: Option<&str>| text.map_or(Tree::Null, |it| Tree::Text(it.to_owned()));
        let named = |path: &str, wanted: Option<&str>, got: Option<&str>| {
            let wanted = wanted.filter(|wanted| got != Some(*wanted))?;
            let (path, expected) = (path.to_owned(), text(Some(wanted)));
            Some(Difference { path, expected, got: text(got) })
        };
        let action = named("Action", self.action.as_deref(), entry.action());
        let code = named("Code", self.code.as_deref(), entry.code.as_deref());
        let params = differences(&self.params, params);
        Miss {
            request_id: entry.request_id.clone(),
            differences: action.into_iter().chain(code).chain(params).collect(),
        }
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
