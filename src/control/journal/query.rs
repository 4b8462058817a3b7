//! Journal queries and expectations.

use std::{
    fmt,
    ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive},
};

use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap as _};

use crate::{
    control::matching::{Difference, count, differences},
    protocol::{TraceId, Tree, tree::Members},
};

use super::{Entry, EntryList, Journal};

/// Maximum number of calls shown by a verification.
const NEAREST_MAX: usize = 3;

/// A filter for calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Action name. Matches any action if `None`.
    pub action: Option<String>,
    /// Error code, or `OK`. Matches any outcome if `None`.
    pub code: Option<String>,
    /// Trace ID. Matches any call if `None`.
    pub trace: Option<TraceId>,
    /// Matches only calls with a greater sequence number.
    pub since: u64,
}

impl CallFilter {
    /// Returns the entries that match the filter, oldest first.
    pub(super) fn select(&self, entries: &EntryList) -> Vec<Entry> {
        entries.after(self.since).filter(|it| self.covers(it)).cloned().collect()
    }

    fn is_action_of(&self, entry: &Entry) -> bool {
        self.action.is_none() || is(self.action.as_deref(), entry.action().as_deref())
    }

    pub(super) fn covers(&self, entry: &Entry) -> bool {
        entry.sequence > self.since
            && is_trace(self.trace, entry)
            && self.is_action_of(entry)
            && is(self.code.as_deref(), entry.code.as_deref())
    }
}

/// Whether a string is the wanted string, or any string is allowed.
fn is(wanted: Option<&str>, got: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| got == Some(wanted))
}

/// Whether a call belongs to the wanted trace, or any call is allowed.
fn is_trace(wanted: Option<TraceId>, entry: &Entry) -> bool {
    wanted.is_none() || wanted == entry.trace_id()
}

impl Journal {
    /// Returns the entries that match a filter, oldest first.
    pub fn select(&self, filter: &CallFilter) -> Vec<Entry> {
        filter.select(&self.entries())
    }

    /// Verifies an expectation. Parses the parameters of each call at most once. Calls of other actions
    /// are parsed only if there are too few other misses to show.
    pub fn verify(&self, expected: &Expectation) -> Verification {
        let entries = self.entries();
        let latest_first = || entries.after(expected.since).rev();
        let action = expected.action.as_deref();
        let is_other_action = |it: &Entry| action.is_some() && !is(action, it.action().as_deref());
        let (mut matched, mut latest, mut nearest) = (0, Vec::new(), Nearest::default());
        for entry in latest_first().filter(|it| !is_other_action(it)) {
            let call = expected.compare(entry);
            if call.distance > 0 {
                nearest.add(call);
                continue;
            }
            matched += 1;
            if latest.len() < NEAREST_MAX {
                latest.push(Miss {
                    request_id: entry.request_id.to_string(),
                    differences: Vec::new(),
                });
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
                for entry in latest_first().filter(|it| is_other_action(it)) {
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
    params: Members<'static>,
    /// Number of differences, without the action.
    distance: usize,
}

/// The calls with the fewest differences. Among equals, calls that were added first are kept.
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

    /// Adds calls after the existing ones, regardless of their distance.
    fn append(&mut self, others: Self) {
        self.calls.extend(others.calls);
        self.calls.truncate(NEAREST_MAX);
    }
}

/// An expectation of calls.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct Expectation {
    /// Action name. Matches any action if `None`.
    pub action: Option<String>,
    /// Parameters that a call must contain; see [`is_match`](crate::control::matching::is_match).
    pub params: Members<'static>,
    /// Error code, or `OK`. Matches any outcome if `None`.
    pub code: Option<String>,
    /// Trace ID. Matches any call if `None`.
    pub trace: Option<TraceId>,
    /// Number of calls. Defaults to one or more.
    pub times: Times,
    /// Counts only calls with a greater sequence number. Defaults to 0, which counts every call.
    pub since: u64,
}

impl Expectation {
    /// Compares a call with the expectation, without the action.
    fn compare<'e>(&self, entry: &'e Entry) -> Compared<'e> {
        let is_other_code = !is(self.code.as_deref(), entry.code.as_deref());
        let is_other_trace = !is_trace(self.trace, entry);
        let parsed = entry.params();
        let is_unreadable = parsed.is_none() && !self.params.is_empty();
        let params = parsed.unwrap_or_default();
        let differences = count(&self.params, &params).max(usize::from(is_unreadable));
        let distance = usize::from(is_other_code) + usize::from(is_other_trace) + differences;
        Compared { entry, params, distance }
    }

    /// Returns the differences between a call and the expectation.
    fn miss(&self, Compared { entry, params, .. }: &Compared<'_>) -> Miss {
        let text =
            |text: Option<&str>| text.map_or(Tree::Null, |it| Tree::Text(it.to_owned().into()));
        let named = |path: &str, wanted: Option<&str>, got: Option<&str>| {
            let wanted = wanted.filter(|wanted| got != Some(*wanted))?;
            let (path, expected) = (path.to_owned(), text(Some(wanted)));
            Some(Difference { path, expected, got: text(got) })
        };
        let action = named("Action", self.action.as_deref(), entry.action().as_deref());
        let code = named("Code", self.code.as_deref(), entry.code.as_deref());
        let [wanted, got] = [self.trace, entry.trace_id()].map(|it| it.map(|it| it.to_string()));
        let trace = named("Trace", wanted.as_deref(), got.as_deref());
        let params = differences(&self.params, params);
        Miss {
            request_id: entry.request_id.to_string(),
            differences: action.into_iter().chain(code).chain(trace).chain(params).collect(),
        }
    }
}

/// An expected number of calls: a number or a range.
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
    expecting = "must be a number, or {\"min\":N,\"max\":N} with one or both bounds and min <= max"
)]
enum WrittenTimes {
    Exactly(u64),
    Between(Between),
}

/// Valid, inclusive bounds.
#[derive(Deserialize)]
#[serde(try_from = "Bounds")]
struct Between(Times);

/// Inclusive bounds before validation.
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
            (None, None) => Err("min and max are missing; set at least one"),
            (Some(min), Some(max)) if max < min => Err("max is less than min"),
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

impl Serialize for Times {
    /// Serializes the form that is deserialized: a number, or an object with both bounds.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.max == Some(self.min) {
            return serializer.serialize_u64(self.min);
        }
        let mut bounds = serializer.serialize_map(Some(2))?;
        bounds.serialize_entry("min", &self.min)?;
        bounds.serialize_entry("max", &self.max)?;
        bounds.end()
    }
}

impl Default for Times {
    /// Returns one or more calls.
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
        assert!(!range.is_empty(), "range {range:?} is empty");
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
            Self { min, max: None } => write!(f, "at least {min} times"),
            Self { min: 1, max: Some(1) } => f.write_str("once"),
            Self { min, max: Some(max) } if min == max => write!(f, "{min} times"),
            Self { min, max: Some(max) } => write!(f, "{min} to {max} times"),
        }
    }
}

impl Times {
    const fn min(self) -> u64 {
        self.min
    }

    pub(super) fn contains(self, count: u64) -> bool {
        count >= self.min && self.max.is_none_or(|max| count <= max)
    }

    /// Returns the bounds in words, for example `2 or more`.
    pub(super) fn bounds(self) -> String {
        match self {
            Self { min, max: None } => format!("{min} or more"),
            Self { min, max: Some(max) } if min == max => min.to_string(),
            Self { min, max: Some(max) } => format!("{min} to {max}"),
        }
    }
}

/// The result of verifying an expectation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Verification {
    /// Whether the expectation is met.
    pub ok: bool,
    /// Number of calls that match.
    pub matched: u64,
    /// If too few calls match, the closest other calls and their differences. If too many calls
    /// match, the latest of them, without differences.
    pub nearest: Vec<Miss>,
}

/// A call that explains why an expectation is not met.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Miss {
    /// Request ID of the call.
    pub request_id: String,
    /// Differences in `Action`, `Code`, `Trace`, or parameters. Empty for a call that matches.
    pub differences: Vec<Difference>,
}
