//! The verdict of an account: what a test has left behind, never used, or done too often.

mod assumptions;
mod junit;
mod leaks;
mod rate;
mod report;

use std::{fmt, str::FromStr, sync::Arc};

use serde::Serialize;

use crate::{ecm::Store, protocol::text::Backticked};

use super::{
    AccountRecord,
    faults::ActiveRule,
    journal::{CallFilter, Expectation, Verification, retries::Retries, summary::ActionCodes},
};

pub use assumptions::Assumption;
pub use leaks::{Creator, Leak};
pub use rate::BusySecond;

/// A check of a verdict.
///
/// ```
/// use ecmock::verdict::Check;
///
/// assert_eq!("rate".parse(), Ok(Check::Rate));
/// assert_eq!(Check::Rate.to_string(), "rate");
/// assert!("speed".parse::<Check>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Check {
    /// Resources that calls have created are left.
    Leaks,
    /// A fault rule is unused, or holds calls.
    Faults,
    /// An expectation is unmet.
    Expectations,
    /// An action was called more often than the vendor allows.
    Rate,
    /// A retry repeated a change, or retried a code in vain.
    Retries,
}

impl Check {
    /// All checks, in the order of a report.
    pub const ALL: [Self; 5] =
        [Self::Leaks, Self::Faults, Self::Expectations, Self::Rate, Self::Retries];
    /// The checks that fail a verdict by default.
    pub const DEFAULT: [Self; 3] = [Self::Leaks, Self::Faults, Self::Expectations];

    /// Returns the name of the check, such as `leaks`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Leaks => "leaks",
            Self::Faults => "faults",
            Self::Expectations => "expectations",
            Self::Rate => "rate",
            Self::Retries => "retries",
        }
    }

    /// Parses names with commas between them. An empty text has no names.
    pub(crate) fn list(text: &str) -> Result<Vec<Self>, UnknownCheck> {
        if text.is_empty() {
            return Ok(Vec::new());
        }
        text.split(',').map(str::parse).collect()
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An error from parsing a [`Check`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown check {}; expected leaks, faults, expectations, rate, or retries",
    Backticked(.0)
)]
pub struct UnknownCheck(String);

impl FromStr for Check {
    type Err = UnknownCheck;

    fn from_str(name: &str) -> Result<Self, UnknownCheck> {
        let found = Self::ALL.into_iter().find(|it| it.name() == name);
        found.ok_or_else(|| UnknownCheck(name.to_owned()))
    }
}

/// The verdict of an account. As text, it lists the findings of all checks.
///
/// As JSON, it has the same members as in the admin API.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Verdict {
    /// Name of the account.
    pub account: Arc<str>,
    /// Whether no check has failed.
    pub ok: bool,
    /// Checks with findings that fail the verdict.
    pub failed: Vec<Check>,
    /// Checks with findings that do not fail the verdict.
    pub ignored: Vec<Check>,
    /// The findings as text.
    report: String,
    /// Number of resources that calls have created and not deleted.
    pub leak_count: usize,
    /// The first thousand of these resources.
    pub leaks: Vec<Leak>,
    /// Findings about fault rules.
    pub faults: FaultFindings,
    /// Expectations of the account that are unmet.
    pub expectations: Vec<UnmetExpectation>,
    /// Actions and seconds with more calls than the vendor allows.
    pub rate: Vec<BusySecond>,
    /// Requests with two or more attempts.
    pub retries: Vec<Retries>,
    /// Documented codes of each called action that the calls met, and those that they did not meet.
    pub codes: Vec<ActionCodes>,
    /// Assumptions that the calls may rely on.
    pub assumptions: Vec<Assumption>,
}

/// Findings about fault rules.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FaultFindings {
    /// Rules that no call has reached. Calls that a rule skips do not reach it. A rule with a
    /// probability is used even if chance has never applied it. Rules that every account begins with
    /// are left out.
    pub unused: Vec<ActiveRule>,
    /// Rules that hold calls.
    pub held: Vec<ActiveRule>,
}

/// An expectation that is unmet.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct UnmetExpectation {
    #[serde(flatten)]
    expected: Arc<Expectation>,
    #[serde(flatten)]
    found: Verification,
    /// The expected and the actual number of calls, and the nearest calls with their differences.
    pub text: String,
}

impl Verdict {
    /// Judges an account. Checks that are not in `fail` do not fail the verdict. This scans all
    /// resources and all calls, without holding a lock.
    pub(crate) fn of(account: &AccountRecord, fail: &[Check]) -> Self {
        let state = account.state();
        let store = state.read(Store::clone);
        let journal = &state.journal;
        let (entries, all) = (journal.entries(), CallFilter::default());
        let (leaks, leak_count) = leaks::leaks(&store, &entries);
        let rules = state.faults.list();
        let unused = rules.iter().filter(|it| it.is_unused()).cloned().collect();
        let held = rules.into_iter().filter(|it| !it.held().is_empty()).collect();
        let unmet = state.expectations.list().into_iter().filter_map(|expected| {
            let found = journal.verify(&expected);
            let text = expected.report(&found, journal);
            (!found.ok).then_some(UnmetExpectation { expected, found, text })
        });
        let mut retries = journal.retries(&all);
        retries.retain(|it| it.attempts > 1);
        let mut verdict = Self {
            account: Arc::clone(account.name()),
            ok: true,
            failed: Vec::new(),
            ignored: Vec::new(),
            report: String::new(),
            leak_count,
            leaks,
            faults: FaultFindings { unused, held },
            expectations: unmet.collect(),
            rate: rate::busy_seconds(&entries),
            retries,
            codes: journal.codes(&all),
            assumptions: assumptions::met(&entries),
        };
        let found = Check::ALL.into_iter().filter(|it| verdict.finding(*it).is_some());
        (verdict.failed, verdict.ignored) = found.partition(|it| fail.contains(it));
        verdict.ok = verdict.failed.is_empty();
        verdict.report = verdict.write_report();
        verdict
    }

    /// Asserts that no check has failed.
    ///
    /// # Panics
    /// Panics if a check has failed. The message lists the findings.
    ///
    /// ```
    /// use ecmock::verdict::Check;
    ///
    /// let account = ecmock::Emulator::new().account();
    /// // ... the program under test runs, and then:
    /// account.verdict(Check::DEFAULT).assert();
    /// ```
    #[track_caller]
    pub fn assert(&self) {
        assert!(self.ok, "{self}");
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.report)
    }
}
