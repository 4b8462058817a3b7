//! The journal: the calls of an account, and expectations about them.
//!
//! # Examples
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use tower::ServiceExt as _;
//! let emulator = ecmock::Emulator::new();
//! let account = emulator.account();
//! # let id = account.secret_id();
//! # let request = http::Request::post("/")
//! #     .header("X-TC-Action", "DescribeVpcs")
//! #     .header("X-TC-Version", "2019-07-19")
//! #     .header("Content-Type", "application/json")
//! #     .header("Authorization", format!("TC3-HMAC-SHA256 Credential={id}/2026-01-01/ecm/tc3_request"))
//! #     .body("{\"Limit\":1}".to_owned())?;
//! # emulator.service().oneshot(request).await?;
//! // ... a client calls DescribeVpcs with the account's SecretId, and then:
//! let calls = account.calls();
//! assert_eq!(calls[0].action(), Some("DescribeVpcs"));
//! assert_eq!(calls[0].params().unwrap()["Limit"], 1);
//! assert!(calls[0].is_ok());
//! # Ok(())
//! # }
//! ```

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::control::journal::{Entry, kept::RequestSummary};

pub use crate::{
    account::{
        expectation::{Expectation, Unmet},
        wait::{NoSuchCall, WaitForCall},
    },
    control::journal::{
        ExpectedRetries, Times, entry::Verdict, retries::Retries, summary::ActionCodes,
    },
};

/// A call in the journal of an account. Cloning is cheap.
///
/// In strings from the client, secrets are masked, and very long values are truncated. As JSON, a call
/// has the same members as in the admin API.
///
/// ```
/// use ecmock::{Account, journal::RecordedCall};
///
/// /// Returns the error codes of failed calls, and the calls that took a second or longer.
/// fn trouble(account: &Account) -> (Vec<String>, Vec<RecordedCall>) {
///     let calls = account.calls();
///     let failed = calls.iter().filter(|call| !call.is_ok());
///     let codes = failed.filter_map(|call| call.code().map(str::to_owned)).collect();
///     let slow = calls.into_iter().filter(|call| call.duration().as_secs() >= 1).collect();
///     (codes, slow)
/// }
///
/// let (codes, slow) = trouble(&ecmock::Emulator::new().account());
/// assert!(codes.is_empty() && slow.is_empty());
/// ```
#[derive(Debug, Clone)]
pub struct RecordedCall(Arc<ReadEntry>);

/// An entry of the journal, and what has been read of its request.
#[derive(Debug)]
struct ReadEntry {
    entry: Entry,
    request: RequestSummary,
    request_id: String,
    trace_id: Option<String>,
    created: Vec<String>,
}

impl RecordedCall {
    pub(crate) fn new(entry: Entry) -> Self {
        Self(Arc::new(ReadEntry {
            request: entry.request.summary().into_owned(),
            request_id: entry.request_id.to_string(),
            trace_id: entry.trace_id().map(|it| it.to_string()),
            created: entry.created.iter().map(|it| it.to_string()).collect(),
            entry,
        }))
    }

    /// Returns the call in one line: action, parameters, code, and request ID.
    pub(crate) fn line(&self) -> String {
        self.0.entry.line()
    }

    /// Returns the sequence number of the call in its account, starting at 1.
    pub fn sequence(&self) -> u64 {
        self.0.entry.sequence
    }

    /// Returns the time of the call, by the account's clock.
    pub fn time(&self) -> DateTime<Utc> {
        self.0.entry.time
    }

    /// Returns the action as the client sent it. `None` if the call has no action.
    pub fn action(&self) -> Option<&str> {
        self.0.request.action.as_deref()
    }

    /// Returns the parameters as a JSON object. `None` if they cannot be parsed.
    pub fn params(&self) -> Option<Value> {
        let params = self.0.request.params.as_ref()?;
        Some(serde_json::from_str(params.json()).unwrap_or_default())
    }

    /// Returns the error code, or `OK`. `None` if a fault prevented a response.
    pub fn code(&self) -> Option<&str> {
        self.0.entry.code.as_deref()
    }

    /// Returns the code of the call itself, which a fault rule can replace. `None` if the call did not
    /// run.
    pub fn own_code(&self) -> Option<&str> {
        self.0.entry.own_code()
    }

    /// Returns the error message.
    pub fn message(&self) -> Option<&str> {
        self.0.entry.message().map(|it| &**it)
    }

    /// Whether the call succeeded.
    pub fn is_ok(&self) -> bool {
        self.0.entry.is_ok()
    }

    /// Returns the request ID of the response.
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// Returns the ID of the call's trace: 32 hexadecimal digits from the W3C header `traceparent`. `None`
    /// if the header is missing or invalid.
    ///
    /// ```
    /// use ecmock::{Account, journal::RecordedCall};
    ///
    /// /// Returns the calls that an operation of the program under test has made.
    /// fn calls_of(account: &Account, trace: &str) -> Vec<RecordedCall> {
    ///     account.calls().into_iter().filter(|call| call.trace_id() == Some(trace)).collect()
    /// }
    ///
    /// let account = ecmock::Emulator::new().account();
    /// assert!(calls_of(&account, "4bf92f3577b34da6a3ce929d0e0e4736").is_empty());
    /// ```
    pub fn trace_id(&self) -> Option<&str> {
        self.0.trace_id.as_deref()
    }

    /// Returns the region from the `X-TC-Region` header or the `Region` parameter.
    pub fn region(&self) -> Option<&str> {
        self.0.request.region.as_deref()
    }

    /// Returns the time until the response was ready, including an injected delay.
    pub fn duration(&self) -> Duration {
        Duration::from_micros(self.0.entry.duration_us)
    }

    /// Returns the name of the client's SDK, such as `Python` or `tccli`. `None` if it is unknown.
    pub fn client(&self) -> Option<&'static str> {
        self.0.request.client.name
    }

    /// Returns the result of verifying the signature.
    pub fn verdict(&self) -> Verdict {
        self.0.entry.signature.verdict
    }

    /// Returns the client's mistake in the signature and its fix, if known.
    pub fn diagnosis(&self) -> Option<String> {
        self.0.entry.signature.diagnosis().map(ToString::to_string)
    }

    /// Returns the ID of the fault rule that was applied.
    pub fn fault_id(&self) -> Option<&str> {
        self.0.entry.fault_id()
    }

    /// Returns the IDs of the resources that the call created, in order of creation.
    ///
    /// ```
    /// use ecmock::Account;
    ///
    /// /// Returns the request ID of the call that created a resource.
    /// fn creator(account: &Account, id: &str) -> Option<String> {
    ///     let calls = account.calls();
    ///     let call = calls.iter().find(|call| call.created().iter().any(|it| it == id))?;
    ///     Some(call.request_id().to_owned())
    /// }
    ///
    /// assert_eq!(creator(&ecmock::Emulator::new().account(), "havip-00000001"), None);
    /// ```
    pub fn created(&self) -> &[String] {
        &self.0.created
    }
}

impl Serialize for RecordedCall {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.entry.in_full().serialize(serializer)
    }
}
