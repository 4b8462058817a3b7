//! Expectations of retries.

use std::fmt::{self, Write as _};

use serde::Deserialize;

use super::{CallFilter, Journal, Times, retries::Retries};

/// Maximum number of requests whose problems are shown, and of shown attempts of each.
const SHOWN_MAX: usize = 10;

/// The expected attempts of each request; see
/// [`Account::assert_retried`](crate::Account::assert_retried). Each method takes a number or a range,
/// such as `2`, `1..`, or `..=3`. A value that is not set is not checked.
///
/// ```
/// use ecmock::journal::ExpectedRetries;
///
/// let expected = ExpectedRetries::new().attempts(3).gap_ms(100..=10_000).duplicates(0);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
#[must_use = "`Account::assert_retried` verifies expected retries"]
pub struct ExpectedRetries {
    action: Option<String>,
    attempts: Option<Times>,
    gap_ms: Option<Times>,
    succeeded: Option<Times>,
    duplicates: Option<Times>,
    since: u64,
}

impl ExpectedRetries {
    /// Expects at least one call.
    pub fn new() -> Self {
        Self::default()
    }

    /// Limits the expectation to an action.
    pub(crate) fn of(mut self, action: Option<&str>) -> Self {
        self.action = action.map(str::to_owned);
        self
    }

    /// Sets the expected number of attempts.
    pub fn attempts(mut self, attempts: impl Into<Times>) -> Self {
        self.attempts = Some(attempts.into());
        self
    }

    /// Sets the expected milliseconds from each attempt to the next, by the account's clock.
    pub fn gap_ms(mut self, gap_ms: impl Into<Times>) -> Self {
        self.gap_ms = Some(gap_ms.into());
        self
    }

    /// Sets the expected number of attempts that took effect, even if the client saw an error.
    pub fn succeeded(mut self, succeeded: impl Into<Times>) -> Self {
        self.succeeded = Some(succeeded.into());
        self
    }

    /// Sets the expected number of resources that attempts after the first success created.
    pub fn duplicates(mut self, duplicates: impl Into<Times>) -> Self {
        self.duplicates = Some(duplicates.into());
        self
    }

    /// Counts only calls after a sequence number; see
    /// [`RecordedCall::sequence`](crate::journal::RecordedCall::sequence). Defaults to 0, which counts
    /// every call.
    pub const fn since(mut self, sequence: u64) -> Self {
        self.since = sequence;
        self
    }

    /// Returns the differences between a request and the expectation, one in each line, and its
    /// attempts. `None` if it has no difference.
    fn problem(&self, request: &Retries) -> Option<String> {
        let Retries { attempts, gaps_ms, succeeded, duplicates, .. } = request;
        let one = |count: &usize| vec![i64::try_from(*count).unwrap_or(i64::MAX)];
        let mut differences = String::new();
        for (what, expected, got) in [
            ("attempts", self.attempts, &one(attempts)),
            ("ms between attempts", self.gap_ms, gaps_ms),
            ("successful attempts", self.succeeded, &one(succeeded)),
            ("duplicates", self.duplicates, &one(&duplicates.len())),
        ] {
            let Some(expected) = expected else { continue };
            // A gap is negative if the clock has been set back.
            let is_expected = |it: &&i64| u64::try_from(**it).is_ok_and(|it| expected.contains(it));
            if let Some(got) = got.iter().find(|it| !is_expected(it)) {
                _ = write!(differences, "\n  {what}: expected {}, got {got}", expected.bounds());
            }
        }
        (!differences.is_empty()).then(|| {
            format!("{} {}{differences}{}", request.action, request.params, Lines(request))
        })
    }
}

/// The attempts of a request, each in a line.
struct Lines<'a>(&'a Retries);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request = self.0;
        let gaps = std::iter::once(None).chain(request.gaps_ms.iter().map(Some));
        let parts = request.codes.iter().zip(&request.request_ids).zip(&request.created).zip(gaps);
        for (number, (((code, id), created), gap_ms)) in (1..).zip(parts.take(SHOWN_MAX)) {
            write!(f, "\n  attempt {number}")?;
            if let Some(ms) = gap_ms {
                write!(f, " after {ms} ms")?;
            }
            write!(f, ": {} ({id})", code.as_deref().unwrap_or("no envelope"))?;
            if !created.is_empty() {
                write!(f, " created {}", created.join(", "))?;
            }
        }
        match request.attempts.checked_sub(SHOWN_MAX) {
            None | Some(0) => Ok(()),
            Some(more) => write!(f, "\n  and {more} more"),
        }
    }
}

impl Journal {
    /// Returns the requests that differ from an expectation, with their attempts. A request without
    /// differences is not a problem, but no request at all is.
    pub fn verify_retries(&self, expected: &ExpectedRetries) -> Vec<String> {
        let action = expected.action.clone();
        let none = format!("no call of {}", action.as_deref().unwrap_or("any action"));
        let filter = CallFilter { action, since: expected.since, ..CallFilter::default() };
        let requests = self.retries(&filter);
        if requests.is_empty() {
            return vec![none];
        }
        let mut problems = requests.iter().filter_map(|it| expected.problem(it));
        let mut shown: Vec<String> = problems.by_ref().take(SHOWN_MAX).collect();
        let more = problems.count();
        if more > 0 {
            shown.push(format!("and {more} more"));
        }
        shown
    }
}
