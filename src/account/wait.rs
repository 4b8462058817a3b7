//! Waiting for a call.

use std::{fmt, pin::Pin, time::Duration};

use crate::{Account, control::journal::CallFilter, journal::RecordedCall, protocol::TraceId};

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum number of calls listed when a wait times out.
const CALLS_SHOWN_MAX: usize = 3;

/// A wait for a call, which starts when it is awaited; see [`Account::wait_for`].
///
/// If the journal already contains a matching call, the wait ends immediately; see
/// [`WaitForCall::since`].
#[derive(Debug)]
#[must_use = "a wait does nothing unless it is awaited"]
pub struct WaitForCall {
    account: Account,
    filter: CallFilter,
    timeout: Duration,
}

impl WaitForCall {
    pub(crate) fn new(account: Account, action: Option<&str>) -> Self {
        let filter = CallFilter { action: action.map(str::to_owned), ..CallFilter::default() };
        Self { account, filter, timeout: DEFAULT_TIMEOUT }
    }

    /// Waits for a call with this error code, or `OK`. Defaults to any code.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # use std::time::Duration;
    /// let account = ecmock::Emulator::new().account();
    /// let wait = account.wait_for("CreateHaVip").code("OK");
    /// # assert!(wait.timeout(Duration::ZERO).await.is_err());
    /// # }
    /// ```
    pub fn code(mut self, code: &str) -> Self {
        self.filter.code = Some(code.to_owned());
        self
    }

    /// Waits for a call of this trace; see [`RecordedCall::trace_id`]. Defaults to any call.
    ///
    /// # Panics
    /// Panics if `trace` is not a trace ID: 32 lowercase hexadecimal digits, not all 0.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # use std::time::Duration;
    /// let account = ecmock::Emulator::new().account();
    /// let wait = account.wait_for("CreateHaVip").trace("4bf92f3577b34da6a3ce929d0e0e4736");
    /// # assert!(wait.timeout(Duration::ZERO).await.is_err());
    /// # }
    /// ```
    #[track_caller]
    pub fn trace(mut self, trace: &str) -> Self {
        self.filter.trace = Some(TraceId::expected(trace));
        self
    }

    /// Waits for a call after a sequence number; see [`RecordedCall::sequence`]. Defaults to 0, which
    /// includes all calls in the journal.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # use std::time::Duration;
    /// let account = ecmock::Emulator::new().account();
    /// let last = account.calls().last().map_or(0, |call| call.sequence());
    /// let wait = account.wait_for("CreateHaVip").since(last);
    /// # assert!(wait.timeout(Duration::ZERO).await.is_err());
    /// # }
    /// ```
    pub const fn since(mut self, sequence: u64) -> Self {
        self.filter.since = sequence;
        self
    }

    /// Sets the time limit of the wait. Defaults to 10 seconds.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// # use std::time::Duration;
    /// let account = ecmock::Emulator::new().account();
    /// let wait = account.wait_for("CreateHaVip").timeout(Duration::from_secs(60));
    /// # assert!(wait.timeout(Duration::ZERO).await.is_err());
    /// # }
    /// ```
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    async fn wait(self) -> Result<RecordedCall, NoSuchCall> {
        let Self { account, filter, timeout } = self;
        let accounts = account.emulator.accounts();
        let found = accounts.wait_for(&account.name, &filter, timeout).await;
        found.into_iter().next().map(RecordedCall::new).ok_or_else(|| {
            let calls = account.calls().into_iter().filter(|it| it.sequence() > filter.since);
            let mut last: Vec<RecordedCall> = calls.collect();
            last.drain(..last.len().saturating_sub(CALLS_SHOWN_MAX));
            NoSuchCall { filter, timeout, last }
        })
    }
}

impl IntoFuture for WaitForCall {
    type Output = Result<RecordedCall, NoSuchCall>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.wait())
    }
}

/// A wait that timed out. The message lists the most recent calls.
#[derive(Debug, Clone)]
pub struct NoSuchCall {
    filter: CallFilter,
    timeout: Duration,
    last: Vec<RecordedCall>,
}

impl fmt::Display for NoSuchCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { filter: CallFilter { action, code, trace, .. }, timeout, last } = self;
        write!(f, "no call {}", action.as_deref().unwrap_or("of any action"))?;
        if let Some(code) = code {
            write!(f, " -> {code}")?;
        }
        if let Some(trace) = trace {
            write!(f, " of trace {trace}")?;
        }
        write!(f, " within {timeout:?}")?;
        last.iter().try_for_each(|call| write!(f, "\n  call: {}", call.line()))
    }
}

impl std::error::Error for NoSuchCall {}
