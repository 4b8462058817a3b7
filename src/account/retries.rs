//! Retries, and their verification.

use crate::{
    Account,
    control::journal::CallFilter,
    journal::{ExpectedRetries, Retries},
};

impl Account {
    /// Returns the requests with two or more attempts: calls of one action with equal parameters.
    ///
    /// ```
    /// assert!(ecmock::Emulator::new().account().retries().is_empty());
    /// ```
    pub fn retries(&self) -> Vec<Retries> {
        let mut retries = self.record().journal().retries(&CallFilter::default());
        retries.retain(|it| it.attempts > 1);
        retries
    }

    /// Asserts that each request of `action` (any action if `None`) had the expected attempts, and that
    /// at least one call exists.
    ///
    /// # Panics
    /// Panics if a request had other attempts, or if no call exists. The message lists the attempts
    /// with their codes, the times between them, and the resources that they created.
    ///
    /// ```should_panic
    /// use ecmock::journal::ExpectedRetries;
    ///
    /// let account = ecmock::Emulator::new().account();
    /// // ... the program under test makes no call, so this panics:
    /// let expected = ExpectedRetries::new().attempts(3).gap_ms(100..=10_000).duplicates(0);
    /// account.assert_retried("CreateHaVip", expected);
    /// ```
    #[track_caller]
    pub fn assert_retried<'a>(
        &self,
        action: impl Into<Option<&'a str>>,
        expected: ExpectedRetries,
    ) {
        let problems = self.record().journal().verify_retries(&expected.of(action.into()));
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }
}
