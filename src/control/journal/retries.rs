//! Retries: calls of one action with equal parameters.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::{CallFilter, Entry, Journal, entry::OK};

/// Start of the names of actions that only read.
const READ: &str = "Describe";
/// Codes that depend only on the request, without the part after the dot. The same request gets them
/// again.
const VAIN_CODES: [&str; 12] = [
    "AuthFailure",
    "InvalidAction",
    "InvalidParameter",
    "InvalidParameterValue",
    "InvalidRequest",
    "MissingParameter",
    "NoSuchVersion",
    "RequestSizeLimitExceeded",
    "UnauthorizedOperation",
    "UnknownParameter",
    "UnsupportedOperation",
    "UnsupportedProtocol",
];

/// The attempts of one request: calls of one action with equal parameters.
///
/// If an action only reads, the attempts end with a success, since a later equal call asks for the state
/// at its own time. If an action changes state, all equal calls are attempts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Retries {
    /// Name of the action.
    pub action: String,
    /// Parameters as a JSON object, with secrets masked.
    pub params: Value,
    /// Number of attempts.
    pub attempts: usize,
    /// Milliseconds from each attempt to the next, by the account's clock.
    pub gaps_ms: Vec<i64>,
    /// Code of each attempt, as in the journal.
    pub codes: Vec<Option<String>>,
    /// Request ID of each attempt.
    pub request_ids: Vec<String>,
    /// Codes that depend only on the request, and that the client retried.
    pub retried_in_vain: Vec<String>,
    /// Number of attempts that took effect, even if the client saw an error.
    pub succeeded: usize,
    /// IDs of the resources that each attempt created.
    pub created: Vec<Vec<String>>,
    /// IDs of the resources that attempts after the first success created.
    pub duplicates: Vec<String>,
}

impl Journal {
    /// Returns the calls that match a filter as attempts, in the order of their first attempts. Calls
    /// without an action, and calls whose parameters cannot be parsed, are ignored.
    pub fn retries(&self, filter: &CallFilter) -> Vec<Retries> {
        // Each with the time of its last attempt.
        let mut groups: Vec<(Retries, DateTime<Utc>)> = Vec::new();
        let mut open: BTreeMap<(String, String), usize> = BTreeMap::new();
        for entry in self.select(filter) {
            let Some((action, params)) = request(&entry) else { continue };
            let key = (action, params.to_string());
            let index = *open.entry(key.clone()).or_insert_with(|| {
                groups.push((Retries::new(key.0.clone(), params), entry.time));
                groups.len() - 1
            });
            let Some((group, last)) = groups.get_mut(index) else { continue };
            group.add(&entry, (entry.time - *last).num_milliseconds());
            *last = entry.time;
            if group.is_read() && entry.is_ok() {
                open.remove(&key);
            }
        }
        groups.into_iter().map(|(group, _)| group).collect()
    }
}

/// Returns the action and the parameters of a call. The members of the parameters are in the order of
/// their names.
fn request(entry: &Entry) -> Option<(String, Value)> {
    let summary = entry.request.summary();
    let action = entry.action()?.into_owned();
    let params = serde_json::from_str(summary.params.as_ref()?.json()).ok()?;
    Some((action, params))
}

impl Retries {
    const fn new(action: String, params: Value) -> Self {
        Self {
            action,
            params,
            attempts: 0,
            gaps_ms: Vec::new(),
            codes: Vec::new(),
            request_ids: Vec::new(),
            retried_in_vain: Vec::new(),
            succeeded: 0,
            created: Vec::new(),
            duplicates: Vec::new(),
        }
    }

    fn is_read(&self) -> bool {
        self.action.starts_with(READ)
    }

    /// Adds an attempt, `gap_ms` after the previous one.
    fn add(&mut self, entry: &Entry, gap_ms: i64) {
        if let Some(last) = self.codes.last() {
            self.gaps_ms.push(gap_ms);
            self.retried_in_vain.extend(last.clone().filter(|code| is_vain(code)));
        }
        self.attempts += 1;
        self.codes.push(entry.code.as_deref().map(str::to_owned));
        self.request_ids.push(entry.request_id.to_string());
        let created: Vec<String> = entry.created.iter().map(|it| it.to_string()).collect();
        if self.succeeded > 0 {
            self.duplicates.extend_from_slice(&created);
        }
        self.succeeded += usize::from(entry.own_code() == Some(OK));
        self.created.push(created);
    }
}

/// Whether the same request gets a code again.
fn is_vain(code: &str) -> bool {
    VAIN_CODES.contains(&code.split('.').next().unwrap_or_default())
}
