//! Guard of a fault rule that holds calls.

use std::{fmt, pin::Pin, time::Duration};

use crate::control::faults::RuleKey;

use super::fault::ScopedFault;

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// A guard of a fault rule that holds calls; see [`Account::hold`](crate::Account::hold).
///
/// Dropping it removes the rule, and the held calls go on.
///
/// # Examples
///
/// ```
/// use ecmock::{Emulator, faults::Hold};
/// use tower::ServiceExt as _;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let emulator = Emulator::new();
/// let account = emulator.account_named("default");
/// let gate = account.hold("DescribeVpcs", Hold::Checked).gate();
/// let call = http::Request::get("/?Action=DescribeVpcs&Version=2019-07-19");
/// let call = call.body(String::new()).unwrap();
/// let call = tokio::spawn(emulator.service().oneshot(call));
///
/// assert_eq!(gate.wait().await.unwrap().len(), 1);
/// assert_eq!(account.calls().len(), 0);
/// assert_eq!(gate.release(), 1);
/// call.await.unwrap().unwrap();
/// assert_eq!(account.calls().len(), 1);
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the held calls go on when the guard is dropped"]
pub struct Gate {
    fault: ScopedFault,
}

impl Gate {
    pub(super) const fn new(fault: ScopedFault) -> Self {
        Self { fault }
    }

    const fn key(&self) -> RuleKey<'_> {
        RuleKey::Same(&self.fault.rule.rule)
    }

    /// Returns the ID of the rule.
    ///
    /// ```
    /// use ecmock::faults::Hold;
    ///
    /// let account = ecmock::Emulator::new().account();
    /// let gate = account.hold("DeleteSubnet", Hold::Checked).gate();
    /// assert_eq!(gate.id(), "fault-1");
    /// ```
    pub fn id(&self) -> &str {
        self.fault.id()
    }

    /// Returns the request IDs of the calls that are held now, oldest first.
    ///
    /// ```
    /// use ecmock::faults::Hold;
    ///
    /// let account = ecmock::Emulator::new().account();
    /// let gate = account.hold("DeleteSubnet", Hold::Checked).gate();
    /// assert!(gate.held().is_empty());
    /// ```
    pub fn held(&self) -> Vec<String> {
        let rule = self.fault.account.record().faults().find(self.key());
        rule.and_then(|rule| rule.held).unwrap_or_default()
    }

    /// Waits until a call is held. Configure the wait with the methods of [`WaitForHeld`], and then
    /// await it. It returns what [`Gate::held`] returns.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ecmock::faults::Hold;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let account = ecmock::Emulator::new().account();
    /// let gate = account.hold("DeleteSubnet", Hold::Checked).gate();
    /// let error = gate.wait().timeout(Duration::ZERO).await.unwrap_err();
    /// assert_eq!(error.to_string(), "fault-1 holds 0 of 1 calls after 0ns (matches: 0, hits: 0)");
    /// # }
    /// ```
    pub const fn wait(&self) -> WaitForHeld<'_> {
        WaitForHeld { gate: self, calls: 1, timeout: DEFAULT_TIMEOUT }
    }

    /// Releases all calls that are held now, and returns how many were released. Later calls are held
    /// again.
    ///
    /// ```
    /// use ecmock::faults::Hold;
    ///
    /// let account = ecmock::Emulator::new().account();
    /// assert_eq!(account.hold("DeleteSubnet", Hold::Checked).gate().release(), 0);
    /// ```
    pub fn release(&self) -> usize {
        self.release_calls(usize::MAX)
    }

    /// Releases the oldest `calls` held calls, and returns how many were released.
    ///
    /// ```
    /// use ecmock::faults::Hold;
    ///
    /// let account = ecmock::Emulator::new().account();
    /// assert_eq!(account.hold("DeleteSubnet", Hold::Checked).gate().release_calls(1), 0);
    /// ```
    pub fn release_calls(&self, calls: usize) -> usize {
        let faults = self.fault.account.record().faults();
        faults.release(self.key(), calls).unwrap_or_default()
    }
}

/// A wait for held calls, which starts when it is awaited; see [`Gate::wait`].
#[derive(Debug)]
#[must_use = "a wait does nothing unless it is awaited"]
pub struct WaitForHeld<'a> {
    gate: &'a Gate,
    calls: usize,
    timeout: Duration,
}

impl WaitForHeld<'_> {
    /// Sets the number of calls that must be held at the same time. Defaults to 1.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # use std::time::Duration;
    /// use ecmock::faults::Hold;
    ///
    /// let account = ecmock::Emulator::new().account();
    /// let gate = account.hold("CreateHaVip", Hold::Checked).gate();
    /// let wait = gate.wait().calls(2);
    /// # assert!(wait.timeout(Duration::ZERO).await.is_err());
    /// # }
    /// ```
    pub const fn calls(mut self, calls: usize) -> Self {
        self.calls = calls;
        self
    }

    /// Sets the time limit of the wait. Defaults to 10 seconds.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # use std::time::Duration;
    /// use ecmock::faults::Hold;
    ///
    /// let account = ecmock::Emulator::new().account();
    /// let gate = account.hold("CreateHaVip", Hold::Checked).gate();
    /// let wait = gate.wait().timeout(Duration::from_secs(60));
    /// # assert!(wait.timeout(Duration::ZERO).await.is_err());
    /// # }
    /// ```
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    async fn wait(self) -> Result<Vec<String>, NotHeld> {
        let Self { gate, calls, timeout } = self;
        let account = gate.fault.account.record();
        let rule = account.wait_for_held(gate.key(), calls, timeout).await;
        let held = rule.as_ref().and_then(|rule| rule.held.clone()).unwrap_or_default();
        if rule.is_some() && held.len() >= calls {
            return Ok(held);
        }
        let counts = rule.map(|rule| (rule.matches, rule.hits));
        Err(NotHeld { rule: gate.id().to_owned(), held: held.len(), calls, timeout, counts })
    }
}

impl<'a> IntoFuture for WaitForHeld<'a> {
    type Output = Result<Vec<String>, NotHeld>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.wait())
    }
}

/// A wait for held calls that timed out, or whose rule was removed.
#[derive(Debug, Clone)]
pub struct NotHeld {
    rule: String,
    held: usize,
    calls: usize,
    timeout: Duration,
    /// Matches and hits of the rule. `None` if the rule was removed.
    counts: Option<(u64, u64)>,
}

impl fmt::Display for NotHeld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, held, calls, timeout, counts } = self;
        match counts {
            None => write!(f, "{rule} was removed, or its account was reset"),
            Some((matches, hits)) => write!(
                f,
                "{rule} holds {held} of {calls} calls after {timeout:?} \
                 (matches: {matches}, hits: {hits})"
            ),
        }
    }
}

impl std::error::Error for NotHeld {}
