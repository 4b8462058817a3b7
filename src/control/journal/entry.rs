//! One call in the journal.

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

/// Characters kept of an action's name, a host or a region: each may be any text.
const TEXT_CHARS_MAX: usize = 128;

/// A call: its client, its request, and its result.
///
/// It has no place for a header as it came, so none of `Authorization` or `X-TC-Token` is in it. What
/// a client wrote has a type that masks secrets: [`Shown`] or [`ShownParams`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Entry {
    /// Its number among the account's, from 1.
    pub sequence: u64,
    /// When it came, by the account's clock.
    pub time: DateTime<Utc>,
    /// Whose call it was.
    pub account: Arc<str>,
    /// The request.
    #[serde(flatten)]
    pub request: RequestSummary,
    /// Error code, or `OK`; none if the call never ran and got no envelope.
    pub code: Option<Cow<'static, str>>,
    /// What the error said.
    pub message: Option<Shown>,
    /// The id that the answer has.
    pub request_id: String,
    /// Microseconds until it was answered, an injected delay included.
    pub duration_us: u64,
    /// Who checked the signature, and found what.
    pub signature: Signature,
    /// Warning about its SecretId, such as that it is cut to name an account.
    pub warning: Option<String>,
    /// The fault that struck it.
    pub fault_id: Option<Arc<str>>,
}

/// A call with all that is known of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DetailedEntry<'a> {
    #[serde(flatten)]
    entry: &'a Entry,
    /// What was computed of its signature, if that is wrong or not for the host that it came to.
    explanation: Option<&'a Explanation>,
}

/// The request of a call.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RequestSummary {
    /// The action's name as the client wrote it, if it named one.
    pub action: Option<Shown>,
    /// Its parameters, if they could be read. What is secret in them is masked.
    pub params: Option<ShownParams>,
    /// `X-TC-Region`.
    pub region: Option<Shown>,
    /// GET, POST or another.
    pub method: Shown,
    /// `Host`, without a password.
    pub host: Option<Shown>,
    /// What called.
    pub client: Client,
}

impl RequestSummary {
    /// What a request asks for.
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

/// What was found of a call's signature.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Signature {
    /// `TC3-HMAC-SHA256`, `HmacSHA1` or `HmacSHA256`; none if the call has no signature.
    pub scheme: Option<&'static str>,
    /// What came of it.
    pub verdict: Verdict,
    /// What was computed of one that is wrong, or not for the host that it came to. A list shows
    /// no more of it than its diagnosis.
    #[serde(rename = "Diagnosis", serialize_with = "diagnosis")]
    pub explanation: Option<Box<Explanation>>,
}

impl Signature {
    /// What the client did to it, if that is known.
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        self.explanation.as_ref()?.diagnosis.as_ref()
    }

    /// Bytes of what was computed, nearly.
    fn bytes(&self) -> usize {
        let Some(explanation) = &self.explanation else { return 0 };
        let texts = [&explanation.canonical_request, &explanation.string_to_sign];
        let hosts = explanation.candidates.iter().map(String::len).sum::<usize>();
        let texts = texts.into_iter().flatten().map(String::len).sum::<usize>();
        size_of::<Explanation>() + texts + hosts + self.diagnosis().map_or(0, |it| it.text.len())
    }
}

#[expect(clippy::ref_option, reason = "serde gives a reference")]
fn diagnosis<S: Serializer>(
    explanation: &Option<Box<Explanation>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    explanation.as_ref().and_then(|it| it.diagnosis.as_ref()).serialize(serializer)
}

/// The result of checking a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The signature was not checked: checking is off, or the call was refused before.
    #[default]
    Unchecked,
    /// The signature is right.
    Valid,
    /// The signature is wrong, or expired, or of an unknown SecretId.
    Invalid,
}

/// Parameters as the journal keeps them: JSON, in which what is secret is masked.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct ShownParams(Box<RawValue>);

impl ShownParams {
    /// Keeps parameters, without their secrets.
    pub fn of(members: &Members, keys: &KnownKeys) -> Self {
        let json = serde_json::value::to_raw_value(&ShownMembers(members, keys));
        Self(json.unwrap_or_else(|_| RawValue::NULL.to_owned())) // It has string keys.
    }

    /// The parameters.
    pub fn members(&self) -> Members {
        serde_json::from_str(self.0.get()).unwrap_or_default()
    }
}

impl Entry {
    /// Bytes that it takes, nearly.
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

    /// The call with all that is known of it.
    pub fn in_full(&self) -> DetailedEntry<'_> {
        DetailedEntry { entry: self, explanation: self.signature.explanation.as_deref() }
    }

    /// The parameters as JSON.
    pub fn params_json(&self) -> Option<Value> {
        let params = self.request.params.as_ref()?;
        Some(serde_json::from_str(params.0.get()).unwrap_or_default())
    }

    /// The call in a line: action, parameters, code, and request ID.
    pub fn line(&self) -> String {
        let action = self.action().unwrap_or("no action");
        let params = self.request.params.as_ref().map_or("no parameters", |it| it.0.get());
        let code = self.code.as_deref().unwrap_or("no envelope");
        format!("{action} {params} -> {code} ({})", self.request_id)
    }

    /// The action's name as the client wrote it.
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
    fn parameters_are_read_back_masked() {
        let members = Tree::from_json(br#"{"Password":"hunter2"}"#).unwrap();
        let kept = ShownParams::of(&members, &KnownKeys::default());
        assert_eq!(kept.members()["Password"], Tree::Text("***".into()));
    }
}
