//! Expectations of calls.

use std::{fmt, panic::Location, thread};

use serde_json::Value;

use crate::{
    Account,
    control::journal::{self, Times},
    protocol::{TraceId, tree::members},
};

/// An expectation of calls, verified when it is dropped; see [`Account::expect`].
///
/// Only calls that arrive after its creation count; see [`Expectation::since`].
///
/// # Examples
///
/// ```
/// use serde_json::json;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let server = ecmock::Server::start().await;
/// let account = server.account();
/// let _created = account
///     .expect("CreateHaVip")
///     .with(json!({ "HaVipName": "web" }))
///     .code("OK")
///     .times(0..=1);
/// // ... the program under test runs, and the end of the block verifies the expectation.
/// # }
/// ```
#[must_use = "an expectation is verified when it is dropped"]
pub struct Expectation {
    account: Account,
    expected: journal::Expectation,
    is_verified: bool,
    created: &'static Location<'static>,
}

impl Expectation {
    #[track_caller]
    pub(crate) fn new(account: Account, action: Option<&str>) -> Self {
        let since = account.record().journal().last_sequence();
        let action = action.map(str::to_owned);
        let expected = journal::Expectation { action, since, ..journal::Expectation::default() };
        Self { account, expected, is_verified: false, created: Location::caller() }
    }

    /// Limits the expectation to calls with these parameters, a JSON object. Other parameters are
    /// ignored. A list must have the same length, and `null` matches an absent parameter.
    ///
    /// # Panics
    /// Panics if `params` is not an object.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// let params = serde_json::json!({ "HaVipName": "web" });
    /// account.expect("CreateHaVip").with(params).times(0).verify();
    /// ```
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "callers write `json!({..})`")]
    pub fn with(mut self, params: Value) -> Self {
        self.expected.params = members(&params);
        self
    }

    /// Limits the expectation to calls with this error code, or `OK`. Defaults to any code.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.expect("CreateHaVip").code("LimitExceeded").times(0).verify();
    /// ```
    pub fn code(mut self, code: &str) -> Self {
        self.expected.code = Some(code.to_owned());
        self
    }

    /// Limits the expectation to calls of this trace; see
    /// [`RecordedCall::trace_id`](crate::journal::RecordedCall::trace_id).
    ///
    /// # Panics
    /// Panics if `trace` is not a trace ID: 32 lowercase hexadecimal digits, not all 0.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.expect("CreateHaVip").trace("4bf92f3577b34da6a3ce929d0e0e4736").times(0).verify();
    /// ```
    #[track_caller]
    pub fn trace(mut self, trace: &str) -> Self {
        self.expected.trace = Some(TraceId::expected(trace));
        self
    }

    /// Sets the expected number of calls: a number or a range, such as `2`, `1..`, or `..=3`. Defaults
    /// to one or more.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.expect("CreateHaVip").times(..=3).verify();
    /// ```
    pub fn times(mut self, times: impl Into<Times>) -> Self {
        self.expected.times = times.into();
        self
    }

    /// Counts only calls after a sequence number; see
    /// [`RecordedCall::sequence`](crate::journal::RecordedCall::sequence). With 0, all calls in the
    /// journal count. Defaults to the last call before the expectation was created.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// // ... the program under test runs, and then:
    /// account.expect("CreateHaVip").since(0).times(0).verify();
    /// ```
    pub const fn since(mut self, sequence: u64) -> Self {
        self.expected.since = sequence;
        self
    }

    /// Verifies the expectation now.
    ///
    /// # Panics
    /// Panics if the expectation is not met. The message lists the closest calls.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// let none = account.expect("DeleteHaVip").times(0);
    /// // ... the program under test runs, and then:
    /// none.verify();
    /// ```
    #[track_caller]
    pub fn verify(mut self) {
        self.is_verified = true;
        if let Err(unmet) = self.check() {
            panic!("{unmet}");
        }
    }

    /// Checks whether the expectation is met so far. The expectation is still verified when it is
    /// dropped.
    ///
    /// # Errors
    /// Returns the difference and the closest calls.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// let created = account.expect("CreateHaVip").times(0..);
    /// assert!(created.check().is_ok());
    /// ```
    pub fn check(&self) -> Result<(), Unmet> {
        let journal = self.account.record().journal();
        let found = journal.verify(&self.expected);
        if found.ok { Ok(()) } else { Err(Unmet(self.expected.report(&found, &journal))) }
    }
}

impl Drop for Expectation {
    fn drop(&mut self) {
        if self.is_verified || thread::panicking() {
            return;
        }
        if let Err(unmet) = self.check() {
            panic!("{unmet}\n  expected at {}", self.created);
        }
    }
}

impl fmt::Debug for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expectation")
            .field("account", &self.account)
            .field("expected", &self.expected)
            .finish_non_exhaustive()
    }
}

/// An expectation that is not met. The message lists the closest calls.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unmet(String);
