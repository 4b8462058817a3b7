//! The requests of calls as the journal keeps them.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use serde::Serialize;

use crate::protocol::{
    Tree,
    request::{Common, Request},
    secret::{KnownKeys, Shown, without_password},
};

use super::{Journal, client::Client, entry::ShownParams};

/// Maximum length of an action, a host, or a region, which can be any string.
const TEXT_CHARS_MAX: usize = 128;

/// The request of a call.
///
/// Most calls are never looked at. A JSON request is therefore kept as it arrived, and read when the
/// journal is. The only way to its content is [`KeptRequest::summary`], which masks secrets. Any other
/// request is read at once, because its parameters can include the signature.
#[derive(Debug, Clone)]
pub enum KeptRequest {
    Json(JsonRequest),
    Read(Arc<RequestSummary>),
}

/// A JSON request: its body, and the headers that a summary shows.
#[derive(Clone, Default)]
pub struct JsonRequest {
    /// All parts, one after another. An absent part is empty.
    bytes: Bytes,
    /// End of each part in `bytes`, apart from the body, which comes last.
    ends: [u16; PARTS],
    keys: KnownKeys,
}

/// Number of parts of a [`JsonRequest`] besides its body.
const PARTS: usize = 6;

impl std::fmt::Debug for JsonRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.summary().fmt(f)
    }
}

impl KeptRequest {
    /// Keeps a request for a journal.
    pub fn of(request: &Request<'_>, keys: &KnownKeys, journal: &Journal) -> Self {
        let strings = Strings::of(request);
        if request.is_json
            && let Some(kept) = JsonRequest::new(strings, request.body, keys, journal)
        {
            return Self::Json(kept);
        }
        let params = request.params().ok();
        let params = params.map(|it| ShownParams::of(it.members(), keys));
        Self::Read(Arc::new(RequestSummary::new(strings, params, keys)))
    }

    /// Returns the request as it is shown.
    pub fn summary(&self) -> Cow<'_, RequestSummary> {
        match self {
            Self::Json(request) => Cow::Owned(request.summary()),
            Self::Read(summary) => Cow::Borrowed(summary),
        }
    }

    /// Returns the approximate size of the request in bytes, besides the enum.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Json(request) => request.bytes.len(),
            Self::Read(summary) => size_of::<RequestSummary>() + summary.bytes(),
        }
    }
}

impl Default for KeptRequest {
    fn default() -> Self {
        Self::Json(JsonRequest::default())
    }
}

impl JsonRequest {
    /// Keeps a request, unless its headers are larger than any client's.
    fn new(strings: Strings<'_>, body: &[u8], keys: &KnownKeys, journal: &Journal) -> Option<Self> {
        let Strings { method, action, region, host, client, user_agent } = strings;
        let parts = [method, action, region, host, client, user_agent, body];
        let mut ends = [0; PARTS];
        let mut end = 0;
        for (slot, part) in ends.iter_mut().zip(parts) {
            end += part.len();
            *slot = u16::try_from(end).ok()?;
        }
        Some(Self { bytes: journal.keep(&parts), ends, keys: keys.clone() })
    }

    fn summary(&self) -> RequestSummary {
        let mut start = 0;
        let [method, action, region, host, client, user_agent] = self.ends.map(|end| {
            let bytes = self.bytes.get(start..end.into()).unwrap_or_default();
            start = end.into();
            bytes
        });
        let strings = Strings { method, action, region, host, client, user_agent };
        let params = Tree::from_json(self.bytes.get(start..).unwrap_or_default()).ok();
        let params = params.map(|it| ShownParams::of(&it, &self.keys));
        RequestSummary::new(strings, params, &self.keys)
    }
}

/// The strings of a request that a summary shows. An absent one is empty, and so is one that is not
/// UTF-8.
#[derive(Clone, Copy)]
struct Strings<'a> {
    method: &'a [u8],
    action: &'a [u8],
    region: &'a [u8],
    host: &'a [u8],
    client: &'a [u8],
    user_agent: &'a [u8],
}

impl<'a> Strings<'a> {
    fn of(request: &'a Request<'_>) -> Self {
        let common = |it| request.common(it).unwrap_or_default().as_bytes();
        Self {
            method: request.head.method.as_str().as_bytes(),
            action: common(Common::ACTION),
            region: common(Common::REGION),
            host: request.host(),
            client: common(Common::CLIENT),
            user_agent: request.user_agent(),
        }
    }
}

/// The request of a call as it is shown.
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
    fn new(strings: Strings<'_>, params: Option<ShownParams>, keys: &KnownKeys) -> Self {
        let Strings { method, action, region, host, client, user_agent } = strings;
        let [method, action, region, host, client, user_agent] =
            [method, action, region, host, client, user_agent]
                .map(|it| std::str::from_utf8(it).ok().filter(|it| !it.is_empty()));
        let text = |text: &str| Shown::new(text, TEXT_CHARS_MAX, keys);
        Self {
            action: action.map(text),
            params,
            region: region.map(text),
            method: text(method.unwrap_or_default()),
            host: host.map(|it| text(&without_password(it))),
            client: Client::new(client, user_agent, keys),
        }
    }

    /// Returns the size of the strings in bytes.
    fn bytes(&self) -> usize {
        let Self { action, params, region, method, host, client } = self;
        let texts = [action, region, host].into_iter().flatten().map(|it| it.len());
        let params = params.as_ref().map_or(0, ShownParams::len);
        texts.sum::<usize>() + params + method.len() + client.bytes()
    }
}
