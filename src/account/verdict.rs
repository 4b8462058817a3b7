//! Verdicts of accounts.

use crate::{
    Account,
    verdict::{Check, Verdict},
};

impl Account {
    /// Returns the verdict of the account: resources that are left, unused fault rules, calls above the
    /// documented rate, and so on. Only the checks of `fail` can fail it.
    ///
    /// An [`Expectation`](crate::journal::Expectation) verifies itself. The verdict has those that were
    /// added over HTTP.
    ///
    /// ```
    /// use ecmock::verdict::Check;
    ///
    /// let account = ecmock::Emulator::new().account();
    /// // ... the program under test runs, and then:
    /// let verdict = account.verdict([Check::Leaks, Check::Retries]);
    /// assert!(verdict.ok, "{verdict}");
    /// ```
    pub fn verdict(&self, fail: impl AsRef<[Check]>) -> Verdict {
        Verdict::of(&self.record(), fail.as_ref())
    }
}
