//! What a fault rule says.

use serde::{Deserialize, Serialize};

use crate::protocol::tree::Members;

/// A fault rule: which calls it strikes, and what then happens to them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct Rule {
    /// Calls of this action; of any, unless it is said.
    pub action: Option<String>,
    /// Calls that have these parameters, at least; see [`super::is_match`].
    pub params: Members,
    /// How many of those calls pass unharmed first.
    pub skip: u64,
    /// How many are struck then; all, unless it is said.
    pub times: Option<u64>,
    /// How likely each of them is struck, from 0 to 1.
    pub probability: f64,
    /// Whether the call runs before it fails.
    pub when: When,
    /// It answers this error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorAnswer>,
    /// Milliseconds by which the answer comes later.
    pub delay_ms: u64,
    /// It answers this instead of an envelope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpAnswer>,
    /// This happens to its connection instead of an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<Connection>,
    /// Takes a code that the action cannot return.
    pub force: bool,
}

impl Default for Rule {
    /// Strikes every call, and does nothing.
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
            http: None,
            connection: None,
            force: false,
        }
    }
}

/// Whether a struck call runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// It does not: it fails before it changes anything.
    #[default]
    Before,
    /// It does: it changes what it changes, and then its answer is lost.
    After,
}

/// An error in the envelope, with HTTP status 200.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, expecting = "{Code, Message}")]
pub struct ErrorAnswer {
    /// Its code.
    pub code: String,
    /// Its message; the code's documented phrase, unless it is said.
    #[serde(default)]
    pub message: Option<String>,
}

/// An answer that is no envelope, as a proxy gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, expecting = "{Status, Body}")]
pub struct HttpAnswer {
    /// HTTP status, 200 to 599.
    pub status: u16,
    /// Body, of the type `application/json` if it is JSON and else `text/plain`; empty for 204,
    /// 205 and 304.
    #[serde(default)]
    pub body: String,
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Connection {
    /// It is reset (TCP RST) without an answer.
    Reset,
    /// It is closed (TCP FIN) without an answer.
    Close,
    /// It stays open until the client leaves, and no answer comes.
    Hang,
    /// It is closed in the middle of the answer's body. The call runs, as there is no answer to cut
    /// without it.
    Truncate,
}

/// What a rule does to an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect<'a> {
    /// It comes later, and is the real one.
    Delay,
    /// It is an error.
    Error(&'a ErrorAnswer),
    /// It is no envelope.
    Http(&'a HttpAnswer),
    /// It does not come, or not all of it.
    Connection(Connection),
}

impl Rule {
    /// Answers every call of `action` with an error of this code.
    pub fn error(action: impl Into<String>, code: impl Into<String>) -> Self {
        let error = ErrorAnswer { code: code.into(), message: None };
        Self { action: Some(action.into()), error: Some(error), ..Self::default() }
    }

    /// Does something to the connection of every call of `action`.
    pub fn connection(action: impl Into<String>, connection: Connection) -> Self {
        let (action, connection) = (Some(action.into()), Some(connection));
        Self { action, connection, ..Self::default() }
    }

    /// Answers every call of `action` so many milliseconds later.
    pub fn delay(action: impl Into<String>, ms: u64) -> Self {
        Self { action: Some(action.into()), delay_ms: ms, ..Self::default() }
    }

    /// The rule for so many calls.
    #[must_use]
    pub const fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// The rule for calls after so many.
    #[must_use]
    pub const fn skip(mut self, calls: u64) -> Self {
        self.skip = calls;
        self
    }

    /// The rule for calls that run before they fail.
    #[must_use]
    pub const fn after(mut self) -> Self {
        self.when = When::After;
        self
    }

    /// What the rule does to an answer.
    pub fn effect(&self) -> Effect<'_> {
        let Self { error, http, connection, .. } = self;
        error
            .as_ref()
            .map(Effect::Error)
            .or_else(|| http.as_ref().map(Effect::Http))
            .or_else(|| connection.map(Effect::Connection))
            .unwrap_or(Effect::Delay)
    }

    /// Whether a call that it strikes runs.
    pub fn runs_call(&self) -> bool {
        let effect = self.effect();
        self.when == When::After
            || matches!(effect, Effect::Delay | Effect::Connection(Connection::Truncate))
    }
}
