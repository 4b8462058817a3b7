//! Builder and scope guard of fault rules.

use std::{fmt, sync::Arc, time::Duration};

use serde_json::Value;

use crate::{
    Account,
    account::gate::Gate,
    control::faults::RuleKey,
    faults::{ActiveRule, InvalidRule, Rule},
};

/// A builder for a fault rule of an account.
///
/// [`FaultBuilder::add`] adds the rule. [`FaultBuilder::scoped`] adds the rule and removes it at the
/// end of a block.
///
/// # Examples
///
/// ```
/// use serde_json::json;
///
/// let account = ecmock::Emulator::new().account();
/// account
///     .fail("CreateHaVip", "InternalError")
///     .with(json!({ "HaVipName": "web" }))
///     .skip(1)
///     .times(2)
///     .add();
/// ```
#[derive(Debug)]
#[must_use = "a fault does nothing until it is added"]
pub struct FaultBuilder<'a> {
    account: &'a Account,
    rule: Rule,
}

impl<'a> FaultBuilder<'a> {
    pub(crate) const fn new(account: &'a Account, rule: Rule) -> Self {
        Self { account, rule }
    }

    fn map(self, change: impl FnOnce(Rule) -> Rule) -> Self {
        Self { rule: change(self.rule), ..self }
    }

    /// Sets the number of calls to apply the rule to. Defaults to all.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.fail("CreateHaVip", "InternalError").times(2).add();
    /// ```
    pub fn times(self, calls: u64) -> Self {
        self.map(|rule| rule.times(calls))
    }

    /// Sets the number of matching calls to let through first. Defaults to 0.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.fail("CreateHaVip", "InternalError").skip(1).times(1).add();
    /// ```
    pub fn skip(self, calls: u64) -> Self {
        self.map(|rule| rule.skip(calls))
    }

    /// Runs the call before it fails: the call takes effect, but its response is replaced.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.fail("CreateHaVip", "InternalError").after().add();
    /// ```
    pub fn after(self) -> Self {
        self.map(Rule::after)
    }

    /// Limits the rule to calls with these parameters, a JSON object. Other parameters are ignored.
    ///
    /// # Panics
    /// Panics if `params` is not an object.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// let params = serde_json::json!({ "HaVipName": "web" });
    /// account.fail("CreateHaVip", "InternalError").with(params).add();
    /// ```
    #[track_caller]
    pub fn with(self, params: Value) -> Self {
        let rule = self.rule.with(params);
        Self { rule, ..self }
    }

    /// Sets the probability that the rule applies to a matching call, from 0 to 1. Defaults to 1.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.fail("CreateHaVip", "InternalError").probability(0.1).add();
    /// ```
    pub fn probability(self, probability: f64) -> Self {
        self.map(|rule| rule.probability(probability))
    }

    /// Sets the error message. Defaults to the documented phrase of the error code.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.fail("CreateHaVip", "InternalError").message("out of order").add();
    /// ```
    pub fn message(self, message: &str) -> Self {
        self.map(|rule| rule.message(message))
    }

    /// Allows an error code that the action cannot return.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.fail("CreateHaVip", "MyCode").force().add();
    /// ```
    pub fn force(self) -> Self {
        self.map(Rule::force)
    }

    /// Sets the maximum time of a hold, from a millisecond to ten minutes. Defaults to one minute.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ecmock::faults::Hold;
    ///
    /// let account = ecmock::Emulator::new().account();
    /// let hold = account.hold("DeleteSubnet", Hold::Checked);
    /// let gate = hold.hold_time(Duration::from_secs(5)).gate();
    /// # drop(gate);
    /// ```
    pub fn hold_time(self, time: Duration) -> Self {
        self.map(|rule| rule.hold_time(time))
    }

    /// Adds the rule after the existing rules, and returns its ID.
    ///
    /// # Panics
    /// Panics if the rule is invalid; see [`FaultBuilder::try_add`].
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// let id = account.fail("CreateHaVip", "InternalError").add();
    /// assert_eq!(&*id, "fault-1");
    /// ```
    #[track_caller]
    pub fn add(self) -> Arc<str> {
        self.try_add().unwrap_or_else(|error| panic!("invalid fault rule: {error}"))
    }

    /// Adds the rule after the existing rules, and returns its ID.
    ///
    /// # Errors
    /// Fails if the rule is invalid, for example because its action does not exist.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// let error = account.fail("CreateHaVip", "Unknown").try_add().unwrap_err();
    /// assert!(error.to_string().starts_with("Error.Code: CreateHaVip cannot return `Unknown`"));
    /// ```
    pub fn try_add(self) -> Result<Arc<str>, InvalidRule> {
        Ok(self.try_active()?.id)
    }

    fn try_active(self) -> Result<ActiveRule, InvalidRule> {
        self.account.add_fault(self.rule)
    }

    /// Adds the rule, and removes it when the returned guard is dropped.
    ///
    /// # Panics
    /// Panics if the rule is invalid; see [`FaultBuilder::try_add`].
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// {
    ///     let _down = account.fail("CreateHaVip", "InternalError").scoped();
    ///     assert_eq!(account.faults().len(), 1);
    /// }
    /// assert_eq!(account.faults().len(), 0);
    /// ```
    #[track_caller]
    pub fn scoped(self) -> ScopedFault {
        let account = self.account.clone();
        let rule = self.try_active().unwrap_or_else(|error| panic!("invalid fault rule: {error}"));
        ScopedFault { account, rule }
    }

    /// Adds a rule that holds calls, and removes it when the returned guard is dropped.
    ///
    /// # Panics
    /// Panics if the rule is invalid, or if it does not hold calls; see [`Account::hold`].
    ///
    /// ```
    /// use ecmock::faults::Hold;
    ///
    /// let account = ecmock::Emulator::new().account();
    /// let gate = account.hold("DeleteSubnet", Hold::Checked).gate();
    /// assert_eq!(gate.held(), [""; 0]);
    /// ```
    #[track_caller]
    pub fn gate(self) -> Gate {
        assert!(self.rule.hold.is_some(), "the rule does not hold calls; use `Account::hold`");
        Gate::new(self.scoped())
    }
}

/// A guard that removes its fault rule when dropped; see [`FaultBuilder::scoped`].
#[must_use = "the fault rule is removed when the guard is dropped"]
pub struct ScopedFault {
    pub(super) account: Account,
    pub(super) rule: ActiveRule,
}

impl ScopedFault {
    /// Returns the rule's ID.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// let fault = account.fail("CreateHaVip", "InternalError").scoped();
    /// assert_eq!(fault.id(), "fault-1");
    /// ```
    pub fn id(&self) -> &str {
        &self.rule.id
    }

    /// Returns the number of calls that the rule was applied to.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// let fault = account.fail("CreateHaVip", "InternalError").scoped();
    /// assert_eq!(fault.hits(), 0);
    /// ```
    pub fn hits(&self) -> u64 {
        let rules = self.account.faults();
        let same = rules.iter().find(|it| Arc::ptr_eq(&it.rule, &self.rule.rule));
        same.map_or(0, |rule| rule.hits)
    }
}

impl Drop for ScopedFault {
    fn drop(&mut self) {
        self.account.record().faults().remove(RuleKey::Same(&self.rule.rule));
    }
}

impl fmt::Debug for ScopedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ScopedFault").field(&self.rule.id).finish()
    }
}
