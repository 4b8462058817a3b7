//! A handle to one account of an emulator.

pub(crate) mod expectation;
pub(crate) mod failover;
pub(crate) mod fault;
pub(crate) mod gate;
pub(crate) mod retries;
mod verdict;
pub(crate) mod wait;

use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    Emulator,
    control::{
        AccountRecord,
        accounts::{ACCOUNT_NAME_BYTES_MAX, ACCOUNT_PREFIX, InvalidState},
        clock::{AccountClock, Clock, ClockOutOfRange},
        faults::RuleKey,
        fixture::Findings,
        journal::CallFilter,
    },
    ecm::{Store, store::Settle},
    faults::{ActiveRule, Connection, FaultBuilder, Hold, InvalidRule, Rule},
    fixture::InvalidFixture,
    journal::{ActionCodes, Expectation, RecordedCall, WaitForCall},
    protocol::signature::keyring::PUBLIC_KEY,
};

/// An account: an isolated cloud with its own resources, calls, faults, and clock.
///
/// A client uses the account if it signs with [`Account::secret_id`]. Clones refer to the same
/// account.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let server = ecmock::Server::start().await;
/// let account = server.account();
/// account.fail("CreateHaVip", "InternalError").times(1).add();
/// // ... point a client at `server.endpoint()`, with `account.secret_id()` and
/// // `account.secret_key()`, and then:
/// assert_eq!(account.calls().len(), 0);
/// account.reset();
/// # }
/// ```
#[derive(Clone)]
pub struct Account {
    emulator: Emulator,
    name: Arc<str>,
}

impl Account {
    #[track_caller]
    pub(crate) fn new(emulator: Emulator, name: &str) -> Self {
        let bytes = name.len();
        assert!(
            (1..=ACCOUNT_NAME_BYTES_MAX).contains(&bytes),
            "account name has {bytes} bytes; must be 1 to {ACCOUNT_NAME_BYTES_MAX}"
        );
        Self { emulator, name: name.into() }
    }

    fn record(&self) -> Arc<AccountRecord> {
        self.emulator.accounts().get(&self.name)
    }

    /// Returns the account's name.
    ///
    /// ```
    /// assert_eq!(ecmock::Emulator::new().account_named("web").name(), "web");
    /// ```
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the account's SecretId: `ecmock-` followed by its name.
    ///
    /// ```
    /// assert_eq!(ecmock::Emulator::new().account_named("web").secret_id(), "ecmock-web");
    /// ```
    pub fn secret_id(&self) -> String {
        format!("{ACCOUNT_PREFIX}{}", self.name)
    }

    /// Returns the secret key for [`Account::secret_id`]. Defaults to `ecmock`; see
    /// [`Credential`](crate::Credential).
    ///
    /// ```
    /// assert_eq!(ecmock::Emulator::new().account().secret_key(), "ecmock");
    /// ```
    pub fn secret_key(&self) -> String {
        let credential = self.emulator.keyring().find(&self.secret_id());
        credential.map_or(PUBLIC_KEY, |it| it.key().reveal()).to_owned()
    }

    /// Resets the account to its initial state: resources, calls, faults, clock, and rate limits.
    /// Request IDs and call numbers continue.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.fail("CreateHaVip", "InternalError").add();
    /// account.reset();
    /// assert!(account.faults().is_empty());
    /// ```
    pub fn reset(&self) {
        self.record().reset();
    }

    /// Returns the resources as a fixture: `VpcSet`, `SubnetSet`, `HaVipSet`, and so on.
    ///
    /// ```
    /// let state = ecmock::Emulator::new().account().state();
    /// assert_eq!(state["VpcSet"][0]["VpcId"], "vpc-m0c2kcun");
    /// ```
    pub fn state(&self) -> Value {
        self.record().state().export()
    }

    /// Replaces all resources with those of a fixture. Returns warnings about ignored members.
    ///
    /// # Errors
    /// Returns the problems of the fixture, and leaves the account unchanged.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// let before = account.state();
    /// account.replace_state(&serde_json::json!({}))?;
    /// account.replace_state(&before)?;
    /// assert_eq!(account.state(), before);
    /// # Ok::<(), ecmock::fixture::InvalidFixture>(())
    /// ```
    pub fn replace_state(&self, fixture: &Value) -> Result<Vec<String>, InvalidFixture> {
        warnings(self.record().state().replace(fixture.to_string()))
    }

    /// Adds the resources of a fixture. A resource with an existing ID replaces the existing resource.
    /// Returns warnings about ignored members.
    ///
    /// # Errors
    /// Returns the problems of the fixture, and leaves the account unchanged.
    ///
    /// ```
    /// use serde_json::json;
    ///
    /// let account = ecmock::Emulator::new().account();
    /// account.merge_state(&json!({
    ///     "VpcSet": [{ "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16" }],
    /// }))?;
    /// assert_eq!(account.state()["VpcSet"].as_array().map(Vec::len), Some(2));
    /// # Ok::<(), ecmock::fixture::InvalidFixture>(())
    /// ```
    pub fn merge_state(&self, fixture: &Value) -> Result<Vec<String>, InvalidFixture> {
        warnings(self.record().state().merge(fixture.to_string()))
    }

    /// Returns the calls in the journal, oldest first.
    ///
    /// ```
    /// assert!(ecmock::Emulator::new().account().calls().is_empty());
    /// ```
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.record().journal().entries().iter().cloned().map(RecordedCall::new).collect()
    }

    /// Returns the call with a request ID, if it is in the journal.
    ///
    /// ```
    /// assert!(ecmock::Emulator::new().account().call("no such ID").is_none());
    /// ```
    pub fn call(&self, request_id: &str) -> Option<RecordedCall> {
        self.record().journal().find(request_id).map(RecordedCall::new)
    }

    /// Removes all calls from the journal, and returns how many were removed. Call numbers continue.
    ///
    /// ```
    /// assert_eq!(ecmock::Emulator::new().account().clear_calls(), 0);
    /// ```
    pub fn clear_calls(&self) -> usize {
        self.record().journal().clear()
    }

    /// Returns which documented error codes of each called action appear in the journal.
    ///
    /// ```
    /// assert!(ecmock::Emulator::new().account().codes().is_empty());
    /// ```
    pub fn codes(&self) -> Vec<ActionCodes> {
        self.record().journal().codes(&CallFilter::default())
    }

    /// Waits for a call of `action` (any action if `None`). Configure the wait with the methods of
    /// [`WaitForCall`], and then await it.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let account = ecmock::Emulator::new().account();
    /// let wait = account.wait_for("CreateHaVip").code("OK").timeout(Duration::from_millis(1));
    /// let error = wait.await.unwrap_err();
    /// assert!(error.to_string().starts_with("no call CreateHaVip -> OK within 1ms"));
    /// # }
    /// ```
    pub fn wait_for<'a>(&self, action: impl Into<Option<&'a str>>) -> WaitForCall {
        WaitForCall::new(self.clone(), action.into())
    }

    /// Expects calls of `action` (any action if `None`) from now on. The expectation is verified when
    /// it is dropped. The number of calls defaults to one or more; see [`Expectation::times`].
    ///
    /// ```should_panic
    /// let account = ecmock::Emulator::new().account();
    /// let created = account.expect("CreateHaVip").times(1);
    /// // ... the program under test makes no such call, so this panics:
    /// created.verify();
    /// ```
    #[track_caller]
    pub fn expect<'a>(&self, action: impl Into<Option<&'a str>>) -> Expectation {
        Expectation::new(self.clone(), action.into())
    }

    /// Makes calls of `action` (any action if `None`) fail with an error code. The action must be able
    /// to return the code; see [`FaultBuilder::force`].
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.fail("CreateHaVip", "LimitExceeded").times(2).add();
    /// ```
    pub fn fail<'a>(&self, action: impl Into<Option<&'a str>>, code: &str) -> FaultBuilder<'_> {
        FaultBuilder::new(self, Rule::error(action, code))
    }

    /// Answers calls of `action` (any action if `None`) with a plain HTTP response, as a proxy does.
    /// `status` must be 200 to 599.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.answer("CreateHaVip", 502, "Bad Gateway").add();
    /// ```
    pub fn answer<'a>(
        &self,
        action: impl Into<Option<&'a str>>,
        status: u16,
        body: &str,
    ) -> FaultBuilder<'_> {
        FaultBuilder::new(self, Rule::http(action, status, body))
    }

    /// Breaks the connection of calls of `action` (any action if `None`).
    ///
    /// ```
    /// use ecmock::faults::Connection;
    ///
    /// let account = ecmock::Emulator::new().account();
    /// account.cut("CreateHaVip", Connection::Reset).after().times(1).add();
    /// ```
    pub fn cut<'a>(
        &self,
        action: impl Into<Option<&'a str>>,
        connection: Connection,
    ) -> FaultBuilder<'_> {
        FaultBuilder::new(self, Rule::connection(action, connection))
    }

    /// Delays the responses to calls of `action` (any action if `None`) by up to ten minutes.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let account = ecmock::Emulator::new().account();
    /// account.delay("DescribeHaVips", Duration::from_secs(5)).add();
    /// ```
    pub fn delay<'a>(
        &self,
        action: impl Into<Option<&'a str>>,
        time: Duration,
    ) -> FaultBuilder<'_> {
        FaultBuilder::new(self, Rule::delay(action, time))
    }

    /// Holds calls of `action` (any action if `None`) until they are released.
    /// [`FaultBuilder::gate`] adds the rule.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ecmock::faults::Hold;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let account = ecmock::Emulator::new().account();
    /// let gate = account.hold("DeleteSubnet", Hold::Checked).times(1).gate();
    /// // ... the program under test calls DeleteSubnet, which waits.
    /// let held = gate.wait().timeout(Duration::from_millis(1)).await;
    /// # assert!(held.is_err());
    /// gate.release();
    /// # }
    /// ```
    pub fn hold<'a>(&self, action: impl Into<Option<&'a str>>, hold: Hold) -> FaultBuilder<'_> {
        FaultBuilder::new(self, Rule::hold(action, hold))
    }

    /// Adds a fault rule after the existing rules.
    ///
    /// # Errors
    /// Fails if the rule is invalid, for example because its action does not exist.
    ///
    /// ```
    /// use ecmock::faults::Rule;
    ///
    /// let account = ecmock::Emulator::new().account();
    /// let error = account.add_fault(Rule::error("CreateHaVpi", "InternalError")).unwrap_err();
    /// assert!(error.to_string().ends_with("did you mean `CreateHaVip`?"));
    /// ```
    pub fn add_fault(&self, rule: Rule) -> Result<ActiveRule, InvalidRule> {
        self.record().faults().add(rule)
    }

    /// Returns the fault rules in the order of evaluation.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.fail("CreateHaVip", "InternalError").add();
    /// assert_eq!(account.faults()[0].hits(), 0);
    /// ```
    pub fn faults(&self) -> Vec<ActiveRule> {
        self.record().faults().list()
    }

    /// Removes a fault rule, and returns it if it existed.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// let id = account.fail("CreateHaVip", "InternalError").add();
    /// assert_eq!(account.remove_fault(&id).map(|rule| rule.hits()), Some(0));
    /// assert!(account.remove_fault(&id).is_none());
    /// ```
    pub fn remove_fault(&self, id: &str) -> Option<ActiveRule> {
        self.record().faults().remove(RuleKey::Id(id))
    }

    /// Removes all fault rules, and returns how many were removed.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.fail("CreateHaVip", "InternalError").add();
    /// assert_eq!(account.clear_faults(), 1);
    /// ```
    pub fn clear_faults(&self) -> usize {
        self.record().faults().clear()
    }

    /// Returns the account's time, which applies to signatures, rate limits, and timestamps.
    ///
    /// ```
    /// let account = ecmock::Emulator::builder().clock(std::time::UNIX_EPOCH).build().account();
    /// assert_eq!(account.now().timestamp(), 0);
    /// ```
    pub fn now(&self) -> DateTime<Utc> {
        self.record().clock().now()
    }

    /// Freezes the clock at its current time.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.freeze_clock();
    /// assert_eq!(account.now(), account.now());
    /// ```
    pub fn freeze_clock(&self) {
        self.record().state().change_clock(AccountClock::freeze);
    }

    /// Freezes the clock at an instant in the years 1970 to 9999.
    ///
    /// # Errors
    /// Fails if the instant is outside these years.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.freeze_clock_at(std::time::UNIX_EPOCH)?;
    /// assert_eq!(account.now().timestamp(), 0);
    /// # Ok::<(), ecmock::ClockOutOfRange>(())
    /// ```
    pub fn freeze_clock_at(&self, now: impl Into<DateTime<Utc>>) -> Result<(), ClockOutOfRange> {
        let now = Clock::Frozen(now.into());
        self.record().state().change_clock(|clock| clock.set(now))
    }

    /// Sets the clock to an instant in the years 1970 to 9999. The clock continues to run.
    ///
    /// # Errors
    /// Fails if the instant is outside these years.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.set_clock(std::time::UNIX_EPOCH + std::time::Duration::from_secs(3600))?;
    /// assert!(account.now().timestamp() >= 3600);
    /// # Ok::<(), ecmock::ClockOutOfRange>(())
    /// ```
    pub fn set_clock(&self, now: impl Into<DateTime<Utc>>) -> Result<(), ClockOutOfRange> {
        let now = Clock::running_from(now.into());
        self.record().state().change_clock(|clock| clock.set(now))
    }

    /// Advances the clock. A frozen clock stays frozen, at the later time.
    ///
    /// # Errors
    /// Fails if the time would be after the year 9999.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let account = ecmock::Emulator::builder().clock(std::time::UNIX_EPOCH).build().account();
    /// account.advance_clock(Duration::from_secs(90))?;
    /// assert_eq!(account.now().timestamp(), 90);
    /// # Ok::<(), ecmock::ClockOutOfRange>(())
    /// ```
    pub fn advance_clock(&self, by: Duration) -> Result<(), ClockOutOfRange> {
        self.record().state().change_clock(|clock| clock.advance(by))
    }

    /// Sets when Describe calls show the resources that later calls create: after a number of Describe calls
    /// of their kind, or after a time on the account's clock. [`Settle::Reads(0)`](Settle::Reads) shows all
    /// resources.
    ///
    /// ```
    /// let account = ecmock::Emulator::new().account();
    /// account.set_visible_after(ecmock::Settle::Reads(1));
    /// ```
    pub fn set_visible_after(&self, delay: Settle) {
        self.record().state().set_visible_after(delay);
    }

    /// Returns the IDs of the resources that Describe calls do not show yet; see
    /// [`Account::set_visible_after`].
    ///
    /// ```
    /// assert!(ecmock::Emulator::new().account().hidden().is_empty());
    /// ```
    pub fn hidden(&self) -> Vec<String> {
        // A copy, so that no call waits.
        let store = self.record().state().read(Store::clone);
        store.hidden().iter().map(|(id, _)| id.to_string()).collect()
    }

    /// Resets the clock to the machine's clock.
    ///
    /// ```
    /// let account = ecmock::Emulator::builder().clock(std::time::UNIX_EPOCH).build().account();
    /// account.real_clock();
    /// assert!(account.now().timestamp() > 1_700_000_000);
    /// ```
    pub fn real_clock(&self) {
        self.record().state().change_clock(AccountClock::set_real);
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Account").field(&self.name).finish()
    }
}

fn warnings(outcome: Result<Findings, InvalidState>) -> Result<Vec<String>, InvalidFixture> {
    match outcome {
        Ok(warnings) => Ok(warnings.lines().collect()),
        Err(InvalidState(problems)) => Err(InvalidFixture(problems)),
    }
}
