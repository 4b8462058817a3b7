//! A call in the journal.

use std::{borrow::Cow, sync::Arc};

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{
    ecm::store::Created,
    protocol::{
        TraceId,
        secret::{KnownKeys, Shown, ShownMembers},
        signature::explain::{Diagnosis, Explanation},
        tree::Members,
    },
};

use super::kept::{KeptRequest, RequestSummary};

/// Code of a call that succeeded.
pub const OK: &str = "OK";

/// A call: its client, its request, and its result.
///
/// An entry contains neither `Authorization` nor `X-TC-Token`. A string from the client has a type that
/// masks secrets: [`KeptRequest`], [`Shown`], or [`ShownParams`].
#[derive(Debug, Clone)]
pub struct Entry {
    /// Sequence number of the call in its account, starting at 1.
    pub sequence: u64,
    /// Time of the call, by the account's clock.
    pub time: DateTime<Utc>,
    /// Name of the account.
    pub account: Arc<str>,
    pub request: KeptRequest,
    /// Name of the action, if it exists.
    pub known_action: Option<&'static str>,
    /// Error code, or `OK`. `None` if the call did not run and got no envelope.
    pub code: Option<Cow<'static, str>>,
    /// Request ID of the response.
    pub request_id: Uuid,
    /// Microseconds until the response was ready, including an injected delay.
    pub duration_us: u64,
    /// Result of verifying the signature.
    pub signature: Signature,
    /// Resources that the call created.
    pub created: Created,
    /// Parts that calls without an error, a warning, a fault, or a trace do not have.
    pub notes: Option<Arc<Notes>>,
}

/// Parts that only some calls have.
#[derive(Debug, Default, PartialEq)]
pub struct Notes {
    /// Error message.
    pub message: Option<Shown>,
    /// Warnings about the SecretId and the client, for example that an account name was shortened.
    pub warning: Option<String>,
    /// ID of the fault rule that was applied.
    pub fault_id: Option<Arc<str>>,
    /// ID of the trace in the `traceparent` header.
    pub trace_id: Option<TraceId>,
    /// Code of the call itself, if a fault rule was applied and the call ran.
    pub own_code: Option<Cow<'static, str>>,
}

impl Notes {
    /// Returns the notes, or `None` if there are none.
    pub fn some(self) -> Option<Arc<Self>> {
        (self != Self::default()).then(|| Arc::new(self))
    }

    /// Returns the approximate size in bytes.
    fn bytes(&self) -> usize {
        let message = self.message.as_ref().map_or(0, |it| it.len());
        size_of::<Self>() + message + self.warning.as_ref().map_or(0, String::len)
    }
}

/// A call as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct View<'a> {
    sequence: u64,
    time: DateTime<Utc>,
    account: &'a str,
    #[serde(flatten)]
    request: &'a RequestSummary,
    code: Option<&'a str>,
    message: Option<&'a Shown>,
    request_id: String,
    trace_id: Option<TraceId>,
    duration_us: u64,
    signature: &'a Signature,
    warning: Option<&'a str>,
    fault_id: Option<&'a str>,
    own_code: Option<&'a str>,
    created: &'a Created,
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        View {
            sequence: self.sequence,
            time: self.time,
            account: &self.account,
            request: &self.request.summary(),
            code: self.code.as_deref(),
            message: self.message(),
            request_id: self.request_id.to_string(),
            trace_id: self.trace_id(),
            duration_us: self.duration_us,
            signature: &self.signature,
            warning: self.notes.as_ref().and_then(|it| it.warning.as_deref()),
            fault_id: self.fault_id(),
            own_code: self.own_code(),
            created: &self.created,
        }
        .serialize(serializer)
    }
}

/// A call with the full explanation of its signature.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DetailedEntry<'a> {
    #[serde(flatten)]
    entry: &'a Entry,
    /// Intermediate values of the signature, if it is wrong or for another host.
    explanation: Option<&'a Explanation>,
}

/// The signature of a call, and the result of verifying it.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Signature {
    /// `TC3-HMAC-SHA256`, `HmacSHA1`, or `HmacSHA256`. `None` if the call has no signature.
    pub scheme: Option<&'static str>,
    /// Result of verifying the signature.
    pub verdict: Verdict,
    /// Intermediate values of a signature that is wrong or for another host. A list of calls shows
    /// only the diagnosis.
    #[serde(rename = "Diagnosis", serialize_with = "diagnosis")]
    pub explanation: Option<Arc<Explanation>>,
}

impl Signature {
    /// Returns the client's mistake, if known.
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        self.explanation.as_ref()?.diagnosis.as_ref()
    }

    /// Returns the approximate size of the explanation in bytes.
    fn bytes(&self) -> usize {
        let Some(explanation) = &self.explanation else { return 0 };
        let texts = [&explanation.canonical_request, &explanation.string_to_sign];
        let hosts = explanation.candidates.iter().map(String::len).sum::<usize>();
        let texts = texts.into_iter().flatten().map(String::len).sum::<usize>();
        size_of::<Explanation>() + texts + hosts + self.diagnosis().map_or(0, |it| it.text.len())
    }
}

#[expect(clippy::ref_option, reason = "serde passes a reference")]
fn diagnosis<S: Serializer>(
    explanation: &Option<Arc<Explanation>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    explanation.as_ref().and_then(|it| it.diagnosis.as_ref()).serialize(serializer)
}

/// The result of verifying a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The signature was not verified: verification is off, or the call was rejected earlier.
    #[default]
    Unchecked,
    /// The signature is valid.
    Valid,
    /// The signature is wrong or expired, or its SecretId is unknown.
    Invalid,
}

/// Parameters as JSON, with secrets masked.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct ShownParams(Box<RawValue>);

impl ShownParams {
    /// Serializes parameters and masks their secrets.
    pub fn of(members: &Members<'_>, keys: &KnownKeys) -> Self {
        let json = serde_json::value::to_raw_value(&ShownMembers(members, keys));
        Self(json.unwrap_or_else(|_| RawValue::NULL.to_owned())) // Keys are strings.
    }

    /// Returns the length of the JSON in bytes.
    pub(super) fn len(&self) -> usize {
        self.0.get().len()
    }

    /// Returns the JSON.
    pub fn json(&self) -> &str {
        self.0.get()
    }

    /// Parses the parameters.
    pub fn members(&self) -> Members<'static> {
        serde_json::from_str(self.0.get()).unwrap_or_default()
    }
}

impl Entry {
    /// Returns the approximate size of the entry in bytes.
    pub(super) fn bytes(&self) -> usize {
        let code = match &self.code {
            Some(Cow::Owned(code)) => code.len(),
            _ => 0,
        };
        let notes = self.notes.as_ref().map_or(0, |it| it.bytes());
        size_of::<Self>()
            + self.request.bytes()
            + code
            + notes
            + self.signature.bytes()
            + self.created.bytes()
    }

    /// Returns the call with the full explanation of its signature.
    pub fn in_full(&self) -> DetailedEntry<'_> {
        DetailedEntry { entry: self, explanation: self.signature.explanation.as_deref() }
    }

    /// Returns the parameters, with secrets masked. `None` if they could not be parsed.
    pub fn params(&self) -> Option<Members<'static>> {
        self.request.summary().params.as_ref().map(ShownParams::members)
    }

    /// Returns the error message.
    pub fn message(&self) -> Option<&Shown> {
        self.notes.as_ref()?.message.as_ref()
    }

    /// Returns the ID of the fault rule that was applied.
    pub fn fault_id(&self) -> Option<&str> {
        self.notes.as_ref()?.fault_id.as_deref()
    }

    /// Returns the ID of the trace in the `traceparent` header.
    pub fn trace_id(&self) -> Option<TraceId> {
        self.notes.as_ref()?.trace_id
    }

    /// Returns the code of the call itself, which a fault rule can replace. `None` if the call did not
    /// run.
    pub fn own_code(&self) -> Option<&str> {
        match &self.notes {
            Some(notes) if notes.fault_id.is_some() => notes.own_code.as_deref(),
            _ => self.code.as_deref(),
        }
    }

    /// Returns the action as the client sent it.
    pub fn action(&self) -> Option<Cow<'_, str>> {
        match self.known_action {
            Some(action) => Some(action.into()),
            None => self.request.summary().action.as_deref().map(|it| it.to_owned().into()),
        }
    }

    /// Whether the call succeeded.
    pub fn is_ok(&self) -> bool {
        self.code.as_deref() == Some(OK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Tree;

    #[test]
    fn secrets_in_parameters_are_masked() {
        let members = Tree::from_json(br#"{"Password":"hunter2"}"#).unwrap();
        let kept = ShownParams::of(&members, &KnownKeys::default());
        assert_eq!(kept.members().get("Password"), Some(&Tree::Text("***".into())));
    }
}
