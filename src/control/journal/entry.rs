//! A call in the journal.

use std::{borrow::Cow, sync::Arc};

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use serde_json::{Value, value::RawValue};

use crate::protocol::{
    request::{Common, Request},
    secret::{KnownKeys, Shown, ShownMembers, without_password},
    signature::explain::{Diagnosis, Explanation},
    tree::Members,
};

use super::client::Client;

/// Code of a call that succeeded.
pub const OK: &str = "OK";

/// Maximum length of an action, a host, or a region, which can be any string.
const TEXT_CHARS_MAX: usize = 128;

/// A call: its client, its request, and its result.
///
/// An entry does not keep raw headers, so it contains neither `Authorization` nor `X-TC-Token`. A
/// string from the client has a type that masks secrets: [`Shown`] or [`ShownParams`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Entry {
    /// Sequence number of the call in its account, starting at 1.
    pub sequence: u64,
    /// Time of the call, by the account's clock.
    pub time: DateTime<Utc>,
    /// Name of the account.
    pub account: Arc<str>,
    #[serde(flatten)]
    pub request: RequestSummary,
    /// Error code, or `OK`. `None` if the call did not run and got no envelope.
    pub code: Option<Cow<'static, str>>,
    /// Error message.
    pub message: Option<Shown>,
    /// Request ID of the response.
    pub request_id: String,
    /// Microseconds until the response was ready, including an injected delay.
    pub duration_us: u64,
    /// Result of verifying the signature.
    pub signature: Signature,
    /// Warning about the SecretId, for example that the account name in it was shortened.
    pub warning: Option<String>,
    /// ID of the fault rule that was applied.
    pub fault_id: Option<Arc<str>>,
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

/// The request of a call.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RequestSummary {
    /// Action as the client sent it.
    pub action: Option<Shown>,
    /// Parameters with secrets masked. `None` if they could not be parsed.
    pub params: Option<ShownParams>,
    /// `X-TC-Region`, or `Region` of signature v1.
    pub region: Option<Shown>,
    /// HTTP method.
    pub method: Shown,
    /// `Host`, without a password.
    pub host: Option<Shown>,
    pub client: Client,
}

impl RequestSummary {
    /// Returns the summary of a request.
    pub fn of(request: &Request<'_>, keys: &KnownKeys) -> Self {
        let text = |text: &str| Shown::new(text, TEXT_CHARS_MAX, keys);
        let head = request.head;
        Self {
            action: request.common(Common::ACTION).map(text),
            params: request.params.as_ref().ok().map(|it| ShownParams::of(it.members(), keys)),
            region: request.common(Common::REGION).map(text),
            method: text(head.method.as_str()),
            host: head.header("host").map(|it| text(&without_password(it))),
            client: Client::new(request.common(Common::CLIENT), head.header("user-agent"), keys),
        }
    }
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
    pub explanation: Option<Box<Explanation>>,
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
    explanation: &Option<Box<Explanation>>,
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
    pub fn of(members: &Members, keys: &KnownKeys) -> Self {
        let json = serde_json::value::to_raw_value(&ShownMembers(members, keys));
        Self(json.unwrap_or_else(|_| RawValue::NULL.to_owned())) // Keys are strings.
    }

    /// Parses the parameters.
    pub fn members(&self) -> Members {
        serde_json::from_str(self.0.get()).unwrap_or_default()
    }
}

impl Entry {
    /// Returns the approximate size of the entry in bytes.
    pub(super) fn bytes(&self) -> usize {
        let RequestSummary { action, params, region, method, host, client } = &self.request;
        let texts = [action, region, host, &self.message];
        let texts: usize = texts.into_iter().flatten().map(|it| it.len()).sum();
        let params = params.as_ref().map_or(0, |it| it.0.get().len());
        let code = self.code.as_ref().map_or(0, |it| it.len());
        let warning = self.warning.as_ref().map_or(0, String::len);
        let rest = warning
            + code
            + method.len()
            + client.bytes()
            + self.request_id.len()
            + self.signature.bytes();
        size_of::<Self>() + texts + params + rest
    }

    /// Returns the call with the full explanation of its signature.
    pub fn in_full(&self) -> DetailedEntry<'_> {
        DetailedEntry { entry: self, explanation: self.signature.explanation.as_deref() }
    }

    /// Returns the parameters as JSON.
    pub fn params_json(&self) -> Option<Value> {
        let params = self.request.params.as_ref()?;
        Some(serde_json::from_str(params.0.get()).unwrap_or_default())
    }

    /// Returns the call in one line: action, parameters, code, and request ID.
    pub fn line(&self) -> String {
        let action = self.action().unwrap_or("no action");
        let params = self.request.params.as_ref().map_or("no parameters", |it| it.0.get());
        let code = self.code.as_deref().unwrap_or("no envelope");
        format!("{action} {params} -> {code} ({})", self.request_id)
    }

    /// Returns the action as the client sent it.
    pub fn action(&self) -> Option<&str> {
        self.request.action.as_deref()
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
        assert_eq!(kept.members()["Password"], Tree::Text("***".into()));
    }
}
