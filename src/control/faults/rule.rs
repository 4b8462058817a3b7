//! Fault rules.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::protocol::tree::{Members, members};

/// Default of the maximum time of a hold: one minute.
pub(super) const HOLD_MS_DEFAULT: u64 = 60_000;

/// A fault rule: the calls it applies to, and its effect on them.
///
/// As JSON, a rule has the same members as in the admin API.
///
/// # Examples
///
/// ```
/// use ecmock::faults::Rule;
///
/// let rule = Rule::error("CreateHaVip", "InternalError").times(1).after();
/// let json = r#"{"Action":"CreateHaVip","Error":{"Code":"InternalError"},"Times":1,"When":"after"}"#;
/// assert_eq!(serde_json::from_str::<Rule>(json)?, rule);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct Rule {
    /// Action name. Matches any action if `None`.
    pub(crate) action: Option<String>,
    /// Parameters that a matching call contains. Matches any parameters if empty.
    pub(crate) params: Members<'static>,
    /// Number of matching calls to let through first.
    pub(crate) skip: u64,
    /// Number of calls to apply the rule to after `skip`. All if `None`.
    pub(crate) times: Option<u64>,
    /// Probability that the rule is applied, from 0 to 1.
    pub(crate) probability: f64,
    /// Whether the call runs before it fails.
    pub(crate) when: When,
    /// Error to return.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<ErrorAnswer>,
    /// Delay of the response in milliseconds.
    pub(crate) delay_ms: u64,
    /// Where the call waits until it is released.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hold: Option<Hold>,
    /// Maximum time of a hold in milliseconds. [`HOLD_MS_DEFAULT`] if `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hold_ms: Option<u64>,
    /// Plain HTTP response to send instead of an envelope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) http: Option<HttpAnswer>,
    /// Connection failure to inject instead of a response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) connection: Option<Connection>,
    /// Whether any error code is allowed.
    pub(crate) force: bool,
}

impl Default for Rule {
    /// Returns a rule that matches every call and has no effect.
    fn default() -> Self {
        Self {
            action: None,
            params: Members::new(),
            skip: 0,
            times: None,
            probability: 1.0,
            when: When::Before,
            error: None,
            delay_ms: 0,
            hold: None,
            hold_ms: None,
            http: None,
            connection: None,
            force: false,
        }
    }
}

/// Whether a call runs before its fault is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// The call does not run.
    #[default]
    Before,
    /// The call takes effect, but its response is replaced.
    After,
}

/// Where a held call waits until it is released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hold {
    /// The call has passed the checks of the gateway, and has not run.
    Checked,
    /// The call has taken effect, and its response waits.
    Committed,
}

/// An error in the envelope, with HTTP status 200.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "PascalCase",
    deny_unknown_fields,
    expecting = "an object with Code and Message"
)]
pub struct ErrorAnswer {
    /// Error code.
    pub code: String,
    /// Error message. Defaults to the documented phrase of the code.
    #[serde(default)]
    pub message: Option<String>,
}

/// A plain HTTP response without an envelope, as a proxy sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "PascalCase",
    deny_unknown_fields,
    expecting = "an object with Status and Body"
)]
pub struct HttpAnswer {
    /// HTTP status, from 200 to 599.
    pub status: u16,
    /// Body. Its content type is `application/json` if it is JSON, and `text/plain` otherwise. Must
    /// be empty for status 204, 205, and 304.
    #[serde(default)]
    pub body: String,
}

/// The end of a connection without a complete response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Connection {
    /// The connection is reset (TCP RST) without a response.
    Reset,
    /// The connection is closed (TCP FIN) without a response.
    Close,
    /// The connection stays open until the client closes it, and no response is sent.
    Hang,
    /// The connection is closed in the middle of the response body. The call runs.
    Truncate,
}

/// The effect of a rule on a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect<'a> {
    /// The response is the real one, after a delay or a hold.
    Late,
    /// The response is an error.
    Error(&'a ErrorAnswer),
    /// The response is a plain HTTP response.
    Http(&'a HttpAnswer),
    /// The response is missing or incomplete.
    Connection(Connection),
}

impl Rule {
    fn of<'a>(action: impl Into<Option<&'a str>>) -> Self {
        Self { action: action.into().map(str::to_owned), ..Self::default() }
    }

    /// Makes calls of `action` (any action if `None`) fail with an error code.
    ///
    /// ```
    /// use ecmock::faults::Rule;
    ///
    /// let rule = Rule::error("CreateHaVip", "InternalError");
    /// ```
    pub fn error<'a>(action: impl Into<Option<&'a str>>, code: impl Into<String>) -> Self {
        let error = ErrorAnswer { code: code.into(), message: None };
        Self { error: Some(error), ..Self::of(action) }
    }

    /// Answers calls of `action` (any action if `None`) with a plain HTTP response, as a proxy does.
    /// `status` must be 200 to 599.
    ///
    /// ```
    /// use ecmock::faults::Rule;
    ///
    /// let rule = Rule::http("CreateHaVip", 502, "Bad Gateway");
    /// ```
    pub fn http<'a>(
        action: impl Into<Option<&'a str>>,
        status: u16,
        body: impl Into<String>,
    ) -> Self {
        Self { http: Some(HttpAnswer { status, body: body.into() }), ..Self::of(action) }
    }

    /// Breaks the connection of calls of `action` (any action if `None`).
    ///
    /// ```
    /// use ecmock::faults::{Connection, Rule};
    ///
    /// let rule = Rule::connection(None, Connection::Reset);
    /// ```
    pub fn connection<'a>(action: impl Into<Option<&'a str>>, connection: Connection) -> Self {
        Self { connection: Some(connection), ..Self::of(action) }
    }

    /// Delays the responses to calls of `action` (any action if `None`) by up to ten minutes.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ecmock::faults::Rule;
    ///
    /// let rule = Rule::delay("DescribeHaVips", Duration::from_secs(5));
    /// ```
    pub fn delay<'a>(action: impl Into<Option<&'a str>>, time: Duration) -> Self {
        let delay_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self { delay_ms, ..Self::of(action) }
    }

    /// Holds calls of `action` (any action if `None`) until they are released, for at most one minute.
    ///
    /// ```
    /// use ecmock::faults::{Hold, Rule};
    ///
    /// let rule = Rule::hold("DeleteSubnet", Hold::Checked);
    /// ```
    pub fn hold<'a>(action: impl Into<Option<&'a str>>, hold: Hold) -> Self {
        Self { hold: Some(hold), ..Self::of(action) }
    }

    /// Sets the maximum time of a hold, from a millisecond to ten minutes. Defaults to one minute.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use ecmock::faults::{Hold, Rule};
    ///
    /// let rule = Rule::hold("DeleteSubnet", Hold::Checked).hold_time(Duration::from_secs(5));
    /// ```
    #[must_use]
    pub fn hold_time(mut self, time: Duration) -> Self {
        self.hold_ms = Some(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// Sets the number of calls to apply the rule to. Defaults to all.
    ///
    /// ```
    /// use ecmock::faults::Rule;
    ///
    /// let twice = Rule::error("CreateHaVip", "InternalError").times(2);
    /// ```
    #[must_use]
    pub const fn times(mut self, calls: u64) -> Self {
        self.times = Some(calls);
        self
    }

    /// Sets the number of matching calls to let through first. Defaults to 0.
    ///
    /// ```
    /// use ecmock::faults::Rule;
    ///
    /// let second = Rule::error("CreateHaVip", "InternalError").skip(1).times(1);
    /// ```
    #[must_use]
    pub const fn skip(mut self, calls: u64) -> Self {
        self.skip = calls;
        self
    }

    /// Runs the call before it fails: the call takes effect, but its response is replaced.
    ///
    /// ```
    /// use ecmock::faults::Rule;
    ///
    /// let lost = Rule::error("CreateHaVip", "InternalError").after();
    /// ```
    #[must_use]
    pub const fn after(mut self) -> Self {
        self.when = When::After;
        self
    }

    /// Limits the rule to calls with these parameters, a JSON object. Other parameters are ignored.
    ///
    /// # Panics
    /// Panics if `params` is not an object.
    ///
    /// ```
    /// use ecmock::faults::Rule;
    ///
    /// let params = serde_json::json!({ "HaVipName": "web" });
    /// let rule = Rule::error("CreateHaVip", "InternalError").with(params);
    /// ```
    #[must_use]
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "callers write `json!({..})`")]
    pub fn with(mut self, params: Value) -> Self {
        self.params = members(&params);
        self
    }

    /// Sets the probability that the rule applies to a matching call, from 0 to 1. Defaults to 1.
    ///
    /// ```
    /// use ecmock::faults::Rule;
    ///
    /// let rare = Rule::error("CreateHaVip", "InternalError").probability(0.1);
    /// ```
    #[must_use]
    pub const fn probability(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }

    /// Sets the error message. Defaults to the documented phrase of the error code.
    ///
    /// ```
    /// use ecmock::faults::Rule;
    ///
    /// let rule = Rule::error("CreateHaVip", "InternalError").message("out of order");
    /// ```
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        if let Some(error) = &mut self.error {
            error.message = Some(message.into());
        }
        self
    }

    /// Allows an error code that the action cannot return.
    ///
    /// ```
    /// use ecmock::faults::Rule;
    ///
    /// let rule = Rule::error("CreateHaVip", "MyCode").force();
    /// ```
    #[must_use]
    pub const fn force(mut self) -> Self {
        self.force = true;
        self
    }

    /// Returns the effect of the rule on a response.
    pub(crate) fn effect(&self) -> Effect<'_> {
        let Self { error, http, connection, .. } = self;
        error
            .as_ref()
            .map(Effect::Error)
            .or_else(|| http.as_ref().map(Effect::Http))
            .or_else(|| connection.map(Effect::Connection))
            .unwrap_or(Effect::Late)
    }

    /// Whether a call runs if the rule applies to it.
    pub(crate) fn runs_call(&self) -> bool {
        let effect = self.effect();
        self.when == When::After
            || matches!(effect, Effect::Late | Effect::Connection(Connection::Truncate))
    }

    /// Whether a call runs before it is delayed or held.
    pub(crate) fn runs_call_first(&self) -> bool {
        match self.hold {
            Some(hold) => hold == Hold::Committed,
            None => self.when == When::After && self.runs_call(),
        }
    }

    /// Returns the maximum time of a hold.
    pub(crate) fn hold_time_max(&self) -> Duration {
        Duration::from_millis(self.hold_ms.unwrap_or(HOLD_MS_DEFAULT))
    }
}
