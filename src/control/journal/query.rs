//! Queries of a journal: entries, and whether calls were as expected.

use std::{
    cmp::Ordering,
    fmt,
    ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive},
    sync::Arc,
};

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
    pub(super) fn select(&self, entries: Vector<Arc<Entry>>) -> Vec<Arc<Entry>> {
        let unseen = after(entries, self.since);
        unseen.iter().filter(|it| self.covers(it)).cloned().collect()
    }

    pub(super) fn covers(&self, entry: &Entry) -> bool {
        entry.sequence > self.since
            && is(self.action.as_deref(), entry.action())
            && is(self.code.as_deref(), entry.code.as_deref())
    }
}

/// Returns the entries after a sequence number.
fn after(mut entries: Vector<Arc<Entry>>, since: u64) -> Vector<Arc<Entry>> {
    // Numbers rise, so earlier entries are skipped without a look at each.
    let index = entries.binary_search_by(|entry| {
        if entry.sequence > since { Ordering::Greater } else { Ordering::Less }
    });
    entries.split_off(index.unwrap_or_else(|index| index))
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
        let entries = after(self.entries(), expected.since);
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
    /// Sequence number after which calls count. Defaults to 0, which counts every call.
    pub since: u64,
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

/// A number of calls that is expected: one number, or a range of numbers.
///
/// ```
/// use ecmock::journal::Times;
///
/// assert_eq!(Times::from(2), Times::from(2..=2));
/// assert_eq!(Times::default(), Times::from(1..));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(from = "WrittenTimes")]
pub struct Times {
    min: u64,
    max: Option<u64>,
}

/// [`Times`] as JSON.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "must be a number, or {\"min\":N,\"max\":N} with one or both, the smaller first"
)]
enum WrittenTimes {
    Exactly(u64),
    Between(Between),
}

/// Both bounds included.
#[derive(Deserialize)]
#[serde(try_from = "Bounds")]
struct Between(Times);

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
            (None, None) => Err("no bound is given"),
            (Some(min), Some(max)) if max < min => Err("the maximum is below the minimum"),
            _ => Ok(Self(Times { min: min.unwrap_or(0), max })),
        }
    }
}

impl From<WrittenTimes> for Times {
    fn from(written: WrittenTimes) -> Self {
        match written {
            WrittenTimes::Exactly(times) => times.into(),
            WrittenTimes::Between(Between(times)) => times,
        }
    }
}

impl Default for Times {
    /// One or more.
    fn default() -> Self {
        Self::from(1..)
    }
}

impl From<u64> for Times {
    fn from(times: u64) -> Self {
        Self { min: times, max: Some(times) }
    }
}

impl From<RangeFrom<u64>> for Times {
    fn from(range: RangeFrom<u64>) -> Self {
        Self { min: range.start, max: None }
    }
}

impl From<RangeFull> for Times {
    fn from(_: RangeFull) -> Self {
        Self::from(0..)
    }
}

impl From<RangeInclusive<u64>> for Times {
    fn from(range: RangeInclusive<u64>) -> Self {
        Self { min: *range.start(), max: Some(*range.end()) }
    }
}

impl From<RangeToInclusive<u64>> for Times {
    fn from(range: RangeToInclusive<u64>) -> Self {
        Self::from(0..=range.end)
    }
}

/// # Panics
/// Panics if the range is empty.
impl From<Range<u64>> for Times {
    fn from(range: Range<u64>) -> Self {
        assert!(!range.is_empty(), "no number is in {range:?}");
        Self::from(range.start..=range.end - 1)
    }
}

/// # Panics
/// Panics if the range is empty.
impl From<RangeTo<u64>> for Times {
    fn from(range: RangeTo<u64>) -> Self {
        Self::from(0..range.end)
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self { min: 1, max: None } => f.write_str("at least once"),
            Self { min, max: None } => write!(f, "{min} times or more"),
            Self { min, max: Some(max) } if min == max => write!(f, "{min} times"),
            Self { min, max: Some(max) } => write!(f, "{min} to {max} times"),
        }
    }
}

impl Times {
    const fn min(self) -> u64 {
        self.min
    }

    fn contains(self, count: u64) -> bool {
        count >= self.min && self.max.is_none_or(|max| count <= max)
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
