//! Parsing of requests: the common parameters, and those of the action.

use std::borrow::Cow;

use axum::http::{
    HeaderMap, HeaderValue, Method,
    header::{self, AsHeaderName},
    request::Parts,
};

use super::{
    decode::Encoding,
    error::Language,
    form::{self, Pairs},
    params::Params,
    refusal::{AuthFailure, Refusal, Syntax},
    trace::TraceId,
    tree::{Members, Tree},
};

/// Signature version of a request, which decides where its common parameters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `TC3-HMAC-SHA256`. Common parameters are in headers.
    V3,
    /// `HmacSHA1` or `HmacSHA256`. Common parameters are among the action's.
    V1,
}

/// A common parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Common {
    /// Position among all common parameters.
    index: usize,
    /// Header of a v3 call, if there is one.
    header: Option<&'static str>,
    /// Parameter of a v1 call.
    parameter: &'static str,
}

impl Common {
    /// Name of the action.
    pub const ACTION: Self = Self::new(0, Some("X-TC-Action"), "Action");
    /// API version.
    pub const VERSION: Self = Self::new(1, Some("X-TC-Version"), "Version");
    /// Time of the call, in Unix seconds.
    pub const TIMESTAMP: Self = Self::new(2, Some("X-TC-Timestamp"), "Timestamp");
    /// Region. No ECM action needs it.
    pub const REGION: Self = Self::new(3, Some("X-TC-Region"), "Region");
    /// Token of temporary credentials.
    pub const TOKEN: Self = Self::new(4, Some("X-TC-Token"), "Token");
    /// Language of messages.
    pub const LANGUAGE: Self = Self::new(5, Some("X-TC-Language"), "Language");
    /// Name and version of the SDK.
    pub const CLIENT: Self = Self::new(6, Some("X-TC-RequestClient"), "RequestClient");
    /// Signature. In v3, the header also contains the algorithm, credential, and signed headers.
    pub const SIGNATURE: Self = Self::new(7, Some("Authorization"), "Signature");
    /// Number that makes a v1 call unique.
    pub const NONCE: Self = Self::new(8, None, "Nonce");
    /// SecretId of the caller. In v3, it is part of the `Authorization` header.
    pub const SECRET_ID: Self = Self::new(9, None, "SecretId");
    /// Algorithm of a v1 signature.
    pub const SIGNATURE_METHOD: Self = Self::new(10, None, "SignatureMethod");

    const ALL: &[Self; COMMON] = &[
        Self::ACTION,
        Self::VERSION,
        Self::TIMESTAMP,
        Self::REGION,
        Self::TOKEN,
        Self::LANGUAGE,
        Self::CLIENT,
        Self::SIGNATURE,
        Self::NONCE,
        Self::SECRET_ID,
        Self::SIGNATURE_METHOD,
    ];

    const fn new(index: usize, header: Option<&'static str>, parameter: &'static str) -> Self {
        Self { index, header, parameter }
    }

    /// Returns the name of the header or parameter in calls of this style.
    const fn name(self, style: Style) -> &'static str {
        match (style, self.header) {
            (Style::V3, Some(header)) => header,
            _ => self.parameter,
        }
    }

    /// Whether `name` is a common parameter of v1.
    fn is_parameter(name: &str) -> bool {
        Self::ALL.iter().any(|common| common.parameter == name)
    }
}

/// Number of common parameters.
const COMMON: usize = 11;

/// A header that most calls have, or `None` if it has not been found. See [`Head::header`] for its
/// value.
type Found<'a> = Option<Option<&'a str>>;

/// The headers that every call is read for, found in one pass.
#[derive(Debug, Default)]
struct Headers<'a> {
    /// Headers of common parameters, by [`Common::index`].
    common: [Found<'a>; COMMON],
    content_type: Found<'a>,
    content_hash: Found<'a>,
    host: Option<&'a HeaderValue>,
    user_agent: Option<&'a HeaderValue>,
    tc_trace_id: Option<&'a HeaderValue>,
    trace_parent: Option<&'a HeaderValue>,
}

impl<'a> Headers<'a> {
    fn read(headers: &'a HeaderMap) -> Self {
        let mut found = Self::default();
        let [action, version, timestamp, region, token, language, client, signature, ..] =
            &mut found.common;
        for (name, value) in headers {
            // The map has names in lowercase.
            let slot = match name.as_str() {
                "x-tc-action" => &mut *action,
                "x-tc-version" => version,
                "x-tc-timestamp" => timestamp,
                "x-tc-region" => region,
                "x-tc-token" => token,
                "x-tc-language" => language,
                "x-tc-requestclient" => client,
                "authorization" => signature,
                "content-type" => &mut found.content_type,
                "x-tc-content-sha256" => &mut found.content_hash,
                name => {
                    let slot = match name {
                        "host" => &mut found.host,
                        "user-agent" => &mut found.user_agent,
                        "x-tc-traceid" => &mut found.tc_trace_id,
                        "traceparent" => &mut found.trace_parent,
                        _ => continue,
                    };
                    slot.get_or_insert(value);
                    continue;
                }
            };
            slot.get_or_insert_with(|| text(value));
        }
        found
    }

    fn common(&self, common: Common) -> Option<&'a str> {
        self.common.get(common.index).copied().flatten().flatten()
    }
}

/// Maximum size of a v3 body: 10 MB.
pub const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Maximum size of a v1 form: 1 MB.
pub const FORM_BYTES_MAX: usize = 1024 * 1024;
/// Maximum size of a GET's target: 32 KB.
pub const TARGET_BYTES_MAX: usize = 32 * 1024;

/// The head of a request.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// HTTP method.
    pub method: &'a Method,
    /// Target as the client sent it: `/`, `/?Action=...`, or `http://host/`.
    pub target: &'a axum::http::Uri,
    /// All headers.
    pub headers: &'a HeaderMap,
}

impl<'a> From<&'a Parts> for Head<'a> {
    fn from(parts: &'a Parts) -> Self {
        Self { method: &parts.method, target: &parts.uri, headers: &parts.headers }
    }
}

impl<'a> Head<'a> {
    /// Returns the trimmed value of a header. An empty or non-UTF-8 value counts as absent.
    pub fn header(self, name: impl AsHeaderName) -> Option<&'a str> {
        // Assumed (gateway.repeated-header): the first header of a name counts.
        text(self.headers.get(name)?)
    }

    /// Returns the values of a header, joined with commas as in RFC 9110.
    pub fn joined_header(self, name: impl AsHeaderName) -> Cow<'a, str> {
        let values = self.headers.get_all(name).iter();
        let mut values = values.map(|it| String::from_utf8_lossy(it.as_bytes().trim_ascii()));
        let mut joined = values.next().unwrap_or_default();
        for value in values {
            joined.to_mut().extend([",", &*value]);
        }
        joined
    }

    /// Returns the query, without the `?`.
    pub fn query(self) -> &'a str {
        self.target.query().unwrap_or_default()
    }

    /// Returns the content type, including its parameters.
    pub fn content_type(self) -> &'a str {
        self.header(&header::CONTENT_TYPE).unwrap_or_default()
    }

    /// Rejects all methods except GET and POST.
    pub fn check_method(self) -> Result<(), Refusal> {
        if matches!(*self.method, Method::GET | Method::POST) {
            Ok(())
        } else {
            Err(Refusal::Method)
        }
    }

    /// Rejects a GET whose target is too large.
    ///
    /// Assumed (gateway.get-size): the target and the body each have the limit.
    pub fn check_target_size(self) -> Result<(), Refusal> {
        let bytes = self.target.path_and_query().map_or(0, |it| it.as_str().len());
        let is_too_large = self.method == Method::GET && bytes > TARGET_BYTES_MAX;
        if is_too_large { Err(Refusal::TooLarge) } else { Ok(()) }
    }

    /// Returns the maximum size of the body in bytes, and the rejection of a larger body. For forms
    /// with another content type, see [`may_have_form`](Self::may_have_form).
    pub fn body_limit(self) -> (usize, Refusal) {
        let is_v1 = self.common(Common::SIGNATURE).is_none() && self.body_kind() == BodyKind::Form;
        match *self.method {
            Method::POST if is_v1 => (FORM_BYTES_MAX, AuthFailure::FormTooLarge.into()),
            Method::POST => (BODY_BYTES_MAX, Refusal::TooLarge),
            _ => (TARGET_BYTES_MAX, Refusal::TooLarge),
        }
    }

    /// Whether a body with another content type may still be the form of a v1 call, because nothing
    /// in the head belongs to v3. The body itself decides, with
    /// [`names_action`](form::names_action).
    pub fn may_have_form(self) -> bool {
        self.common(Common::SIGNATURE).is_none()
            && self.common(Common::ACTION).is_none()
            && self.method == Method::POST
            && self.body_kind() != BodyKind::Form
    }

    /// Returns the kind of the body. A body that looks like a v1 form counts as one: an npm client
    /// sends v1 forms as `application/json`, which the real gateway accepts.
    ///
    /// Assumed (gateway.mistyped-form): the real gateway accepts it with any other content type too.
    fn kind_of(self, headers: &Headers<'_>, body: &Result<&[u8], Refusal>) -> BodyKind {
        let is_form = match body {
            Ok([b'{', ..]) => false, // Nearly every body.
            Ok(body) => self.may_have_form() && form::names_action(body),
            Err(refusal) => self.may_have_form() && *refusal == AuthFailure::FormTooLarge.into(),
        };
        if is_form { BodyKind::Form } else { BodyKind::of(headers.content_type.flatten()) }
    }

    /// Returns a common parameter of a v3 call.
    fn common(self, common: Common) -> Option<&'a str> {
        self.header(common.header?)
    }

    /// Returns the style of a call. An `Authorization` header makes it v3, even with another
    /// cloud's algorithm. Without this header, an `Action` in the query or form makes it v1.
    fn style(self, kind: BodyKind, headers: &Headers<'_>, pairs: &Pairs) -> Style {
        let has = |it| headers.common(it).is_some();
        // Assumed (gateway.v3-foreign-algorithm, gateway.v1-by-action): the algorithm in the header
        // does not matter, and only an `Action` makes a call v1.
        let is_v3 = has(Common::SIGNATURE)
            || (self.method != Method::GET && kind != BodyKind::Form)
            || (has(Common::ACTION) && find(pairs, Common::ACTION.parameter).is_none());
        if is_v3 { Style::V3 } else { Style::V1 }
    }

    fn body_kind(self) -> BodyKind {
        BodyKind::of(self.header(&header::CONTENT_TYPE))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyKind {
    Json,
    Form,
    Multipart,
}

impl BodyKind {
    /// Assumed (gateway.other-content-type): a body of any other content type is read as JSON.
    fn of(content_type: Option<&str>) -> Self {
        let Some(content_type) = content_type else { return Self::Json };
        if content_type == "application/json" {
            return Self::Json; // Nearly every call.
        }
        let media_type = content_type.split(';').next().unwrap_or_default().trim_ascii();
        // Assumed (gateway.form-in-v3): a form is read as a form, whatever the signature is.
        if media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Self::Form
        } else if media_type.eq_ignore_ascii_case("multipart/form-data") {
            Self::Multipart
        } else {
            Self::Json
        }
    }
}

/// A request, parsed as far as possible.
#[derive(Debug)]
pub struct Request<'a> {
    /// Head of the request.
    pub head: Head<'a>,
    /// Body as sent. The signature covers these bytes.
    pub body: &'a [u8],
    /// Signature version.
    pub style: Style,
    headers: Headers<'a>,
    /// Decoded parameters of a query or form, up to the first malformed one.
    pub pairs: Pairs,
    /// Whether the parameters are in a JSON body, which has been received.
    pub is_json: bool,
    /// See [`Request::params`]. `None` for a JSON body, which is parsed when it is needed.
    params: Option<Result<Params<'a>, Refusal>>,
}

impl<'a> Request<'a> {
    /// Parses the parameters, whether in a query, a form, a multipart body, or JSON. A rejected body
    /// counts as empty.
    ///
    /// The caller is identified even if the rest of the request cannot be parsed.
    pub fn read(head: Head<'a>, body: Result<&'a [u8], Refusal>) -> Self {
        let headers = Headers::read(head.headers);
        let kind = head.kind_of(&headers, &body);
        let body = body.and_then(|body| check_form_size(head, kind, body));
        let mut pairs = Pairs::new();
        let is_json = head.method != Method::GET && kind == BodyKind::Json && body.is_ok();
        let split = match (head.method, kind, &body) {
            (&Method::GET, ..) => {
                form::urlencoded(head.query().as_bytes(), Common::is_parameter, &mut pairs)
            }
            (_, BodyKind::Form, Ok(body)) => {
                form::urlencoded(body, Common::is_parameter, &mut pairs)
            }
            (_, BodyKind::Multipart, Ok(body)) => {
                form::multipart(head.content_type(), body, &mut pairs)
            }
            (_, BodyKind::Json, Ok(_)) | (.., Err(_)) => Ok(()),
        };
        let style = head.style(kind, &headers, &pairs);
        let text = |it| Params::new(it, Encoding::Text);
        let params = match &body {
            Err(refusal) => Some(Err(refusal.clone())),
            Ok(_) if is_json => None,
            Ok(_) => {
                let own = split.and_then(|()| own(&pairs, style));
                Some(own.map(text).map_err(Refusal::from))
            }
        };
        Self { head, body: body.unwrap_or_default(), style, headers, pairs, is_json, params }
    }

    /// Returns the action's own parameters, or the reason why they cannot be parsed.
    ///
    /// Each call parses a JSON body again.
    pub fn params(&self) -> Result<Cow<'_, Params<'a>>, Refusal> {
        match &self.params {
            Some(params) => params.as_ref().map(Cow::Borrowed).map_err(Clone::clone),
            None => Ok(Cow::Owned(Params::new(Tree::from_json(self.body)?, Encoding::Json))),
        }
    }

    /// Returns a common parameter, or `None` if it is absent or empty.
    pub fn common(&self, common: Common) -> Option<&str> {
        match self.style {
            Style::V3 => self.headers.common(common),
            Style::V1 => find(&self.pairs, common.parameter).filter(|it| !it.is_empty()),
        }
    }

    /// Returns the trimmed bytes of the `Host` header. An absent header is empty.
    pub fn host(&self) -> &[u8] {
        self.headers.host.map(trimmed).unwrap_or_default()
    }

    /// Returns the hash of the body that the call states: the `X-TC-Content-SHA256` header.
    pub fn stated_hash(&self) -> Option<&'a str> {
        self.headers.content_hash.flatten()
    }

    /// Returns the trimmed bytes of the `User-Agent` header. An absent header is empty.
    pub fn user_agent(&self) -> &[u8] {
        self.headers.user_agent.map(trimmed).unwrap_or_default()
    }

    /// Returns the `X-TC-TraceId` header.
    pub const fn tc_trace_id(&self) -> Option<&HeaderValue> {
        self.headers.tc_trace_id
    }

    /// Returns the trace of the call: that of the `traceparent` header, unless the header is invalid or
    /// repeated.
    pub fn trace(&self) -> Option<TraceId> {
        let parent = text(self.headers.trace_parent?)?;
        let is_single = self.head.headers.get_all("traceparent").iter().nth(1).is_none();
        TraceId::of_parent(parent).filter(|_| is_single)
    }

    /// Returns a common parameter that is required.
    pub fn require(&self, common: Common) -> Result<&str, Refusal> {
        self.common(common).ok_or_else(|| match self.style {
            Style::V3 => Refusal::MissingHeader(common.name(self.style)),
            Style::V1 => Refusal::Missing(common.parameter.to_owned()),
        })
    }

    /// Returns the rejection of an invalid value of a common parameter.
    pub const fn bad_value(&self, common: Common) -> Refusal {
        Refusal::Value(common.name(self.style))
    }

    /// Returns the requested language.
    pub fn language(&self) -> Language {
        self.common(Common::LANGUAGE).and_then(Language::named).unwrap_or_default()
    }

    /// Rejects an unknown language or a malformed region.
    pub fn check_values(&self) -> Result<(), Refusal> {
        if self.common(Common::LANGUAGE).is_some_and(|name| Language::named(name).is_none()) {
            // Assumed (gateway.language-unknown): an unknown language is an error.
            return Err(self.bad_value(Common::LANGUAGE));
        }
        // No ECM action needs the region, so any well-formed one is accepted.
        if self.common(Common::REGION).is_some_and(|region| !is_region(region)) {
            return Err(self.bad_value(Common::REGION));
        }
        Ok(())
    }
}

/// Whether a region is well-formed.
///
/// Assumed (gateway.region-form): a region consists of these characters.
pub fn is_region(text: &str) -> bool {
    text.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
}

/// Rejects an oversized form that is recognized only by its content.
fn check_form_size<'a>(
    head: Head<'_>,
    kind: BodyKind,
    body: &'a [u8],
) -> Result<&'a [u8], Refusal> {
    // Assumed (gateway.mistyped-form-errors): a body that is read as a form has the limit of a
    // form.
    let is_too_large = kind == BodyKind::Form && body.len() > FORM_BYTES_MAX;
    if is_too_large && head.may_have_form() {
        Err(AuthFailure::FormTooLarge.into())
    } else {
        Ok(body)
    }
}

/// Returns the trimmed value of a header. An empty or non-UTF-8 value counts as absent.
fn text(value: &HeaderValue) -> Option<&str> {
    // Assumed (gateway.header-encoding, gateway.empty-header): a header is UTF-8, and an empty header
    // counts as absent.
    std::str::from_utf8(trimmed(value)).ok().filter(|text| !text.is_empty())
}

/// Returns the value of a header without blanks around it.
fn trimmed(value: &HeaderValue) -> &[u8] {
    // Assumed (gateway.header-blanks): blanks are not part of the value.
    let mut bytes = value.as_bytes();
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

fn find<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    pairs.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
}

/// Returns the action's own parameters, without the common ones among them in v1.
fn own(pairs: &Pairs, style: Style) -> Result<Members<'static>, Syntax> {
    let is_own = |name: &str| style == Style::V3 || !Common::is_parameter(name);
    form::unflatten(pairs.iter().filter(|(name, _)| is_own(name)).cloned())
}
