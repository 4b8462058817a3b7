//! A request as it came: where its common parameters are, and what its own ones say.

use axum::http::{HeaderMap, Method, header, request::Parts};

use super::{
    error::Language,
    form::{self, Pairs},
    input::Encoding,
    params::Params,
    refusal::{AuthFailure, Refusal},
    tree::{Members, Tree},
};

/// Which signature method a request belongs to, and so where its common parameters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `TC3-HMAC-SHA256`: in headers.
    V3,
    /// `HmacSHA1` or `HmacSHA256`: among the parameters.
    V1,
}

/// A common parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Common {
    /// Header of a v3 call; empty where v3 has none.
    header: &'static str,
    /// Parameter of a v1 call.
    parameter: &'static str,
}

impl Common {
    /// Name of the action.
    pub const ACTION: Self = Self::new("X-TC-Action", "Action");
    /// Version of the API.
    pub const VERSION: Self = Self::new("X-TC-Version", "Version");
    /// Unix seconds.
    pub const TIMESTAMP: Self = Self::new("X-TC-Timestamp", "Timestamp");
    /// Region, which no ECM action needs.
    pub const REGION: Self = Self::new("X-TC-Region", "Region");
    /// Token of temporary credentials.
    pub const TOKEN: Self = Self::new("X-TC-Token", "Token");
    /// Language of messages.
    pub const LANGUAGE: Self = Self::new("X-TC-Language", "Language");
    /// Name and version of the SDK.
    pub const CLIENT: Self = Self::new("X-TC-RequestClient", "RequestClient");
    /// The signature; in v3 with all that belongs to it.
    pub const SIGNATURE: Self = Self::new("Authorization", "Signature");
    /// A number that makes a v1 call unlike any other.
    pub const NONCE: Self = Self::new("", "Nonce");
    /// The caller's key id, which v3 has in the signature.
    pub const SECRET_ID: Self = Self::new("", "SecretId");
    /// Algorithm of a v1 signature.
    pub const SIGNATURE_METHOD: Self = Self::new("", "SignatureMethod");

    const ALL: [Self; 11] = [
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

    const fn new(header: &'static str, parameter: &'static str) -> Self {
        Self { header, parameter }
    }

    /// Whether `name` is a common parameter of v1.
    fn is_parameter(name: &str) -> bool {
        Self::ALL.iter().any(|common| common.parameter == name)
    }
}

/// Bytes of a v3 body at most: 10 MB.
pub const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Bytes of a v1 form at most: 1 MB.
pub const FORM_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a GET's target at most: 32 KB.
pub const TARGET_BYTES_MAX: usize = 32 * 1024;

/// The head of a request.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// GET, POST or another.
    pub method: &'a Method,
    /// As the client wrote it: `/`, `/?Action=...` or `http://host/`.
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
    /// A header's text, trimmed; one that is not UTF-8 counts as absent, and so does an empty one.
    pub fn header(self, name: &str) -> Option<&'a str> {
        let text = std::str::from_utf8(self.headers.get(name)?.as_bytes()).ok()?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// The text after `?`.
    pub fn query(self) -> &'a str {
        self.target.query().unwrap_or_default()
    }

    /// The content type, whole.
    pub fn content_type(self) -> &'a str {
        self.header(header::CONTENT_TYPE.as_str()).unwrap_or_default()
    }

    /// An `Authorization` header makes a call v3, even with an algorithm of another cloud; so do
    /// the headers and bodies that only v3 has.
    pub fn style(self) -> Style {
        let v3 = self.header(Common::SIGNATURE.header).is_some()
            || self.header(Common::ACTION.header).is_some()
            || (self.method == Method::POST && self.body_kind() != BodyKind::Form);
        if v3 { Style::V3 } else { Style::V1 }
    }

    /// Refuses any method but GET and POST.
    pub fn check_method(self) -> Result<(), Refusal> {
        if matches!(*self.method, Method::GET | Method::POST) {
            Ok(())
        } else {
            Err(Refusal::Method)
        }
    }

    /// Refuses a GET that is too large.
    ///
    /// Assumed: what counts is its target.
    pub fn check_target_size(self) -> Result<(), Refusal> {
        let bytes = self.target.path_and_query().map_or(0, |it| it.as_str().len());
        if bytes > TARGET_BYTES_MAX { Err(Refusal::TooLarge) } else { Ok(()) }
    }

    /// Bytes that the body may have, and what is said of a larger one.
    pub fn body_limit(self) -> (usize, Refusal) {
        match self.style() {
            _ if self.method != Method::POST => (TARGET_BYTES_MAX, Refusal::TooLarge),
            Style::V3 => (BODY_BYTES_MAX, Refusal::TooLarge),
            Style::V1 => (FORM_BYTES_MAX, AuthFailure::FormTooLarge.into()),
        }
    }

    /// The language of a call whose parameters may not have been read.
    pub fn language(self) -> Language {
        self.header(Common::LANGUAGE.header).and_then(Language::named).unwrap_or_default()
    }

    /// Assumed: a body of any other content type is read as JSON.
    fn body_kind(self) -> BodyKind {
        let media_type = self.content_type().split(';').next().unwrap_or_default().trim();
        if media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            BodyKind::Form
        } else if media_type.eq_ignore_ascii_case("multipart/form-data") {
            BodyKind::Multipart
        } else {
            BodyKind::Json
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BodyKind {
    Json,
    Form,
    Multipart,
}

/// A request whose text could be read.
#[derive(Debug)]
pub struct Request<'a> {
    /// Its head.
    pub head: Head<'a>,
    /// Its body, byte for byte: what is signed.
    pub body: &'a [u8],
    /// Where its common parameters are.
    pub style: Style,
    /// All parameters of a v1 call, decoded.
    pub pairs: Pairs,
    /// The action's own parameters.
    pub params: Params,
}

impl<'a> Request<'a> {
    /// Reads the parameters, in whatever form they came.
    pub fn parse(head: Head<'a>, body: &'a [u8]) -> Result<Self, Refusal> {
        let style = head.style();
        let kind = head.body_kind();
        let pairs = match (head.method, kind) {
            (&Method::GET, _) => form::urlencoded(head.query().as_bytes(), Common::is_parameter)?,
            (_, BodyKind::Form) => form::urlencoded(body, Common::is_parameter)?,
            (_, BodyKind::Multipart) => form::multipart(head.content_type(), body)?,
            (_, BodyKind::Json) => {
                let params = Params::new(Tree::from_json(body)?, Encoding::Json);
                return Ok(Self { head, body, style, pairs: Pairs::new(), params });
            }
        };
        let params = Params::new(own(&pairs, style)?, Encoding::Text);
        Ok(Self { head, body, style, pairs, params })
    }

    /// A common parameter, unless it is absent or empty.
    pub fn common(&self, common: Common) -> Option<&str> {
        match self.style {
            Style::V3 => self.head.header(common.header),
            Style::V1 => {
                let (_, value) = self.pairs.iter().find(|(name, _)| name == common.parameter)?;
                // Ruby's base64 ends a signature with a newline.
                Some(value.trim()).filter(|value| !value.is_empty())
            }
        }
    }

    /// A common parameter that the call must have.
    pub fn require(&self, common: Common) -> Result<&str, Refusal> {
        self.common(common).ok_or_else(|| match self.style {
            Style::V3 => Refusal::MissingHeader(common.header),
            Style::V1 => Refusal::Missing(common.parameter.to_owned()),
        })
    }

    /// Says that a common parameter has a value that it cannot have.
    pub const fn bad_value(&self, common: Common) -> Refusal {
        Refusal::Value(match self.style {
            Style::V3 => common.header,
            Style::V1 => common.parameter,
        })
    }

    /// The language that the call asks for.
    pub fn language(&self) -> Language {
        self.common(Common::LANGUAGE).and_then(Language::named).unwrap_or_default()
    }

    /// Refuses a language or a region that cannot be one.
    pub fn check_values(&self) -> Result<(), Refusal> {
        if self.common(Common::LANGUAGE).is_some_and(|name| Language::named(name).is_none()) {
            return Err(self.bad_value(Common::LANGUAGE));
        }
        // No ECM action needs the region, so any well-formed one will do.
        let well_formed = |region: &str| {
            region.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-')
        };
        if self.common(Common::REGION).is_some_and(|region| !well_formed(region)) {
            return Err(self.bad_value(Common::REGION));
        }
        Ok(())
    }
}

/// The action's own parameters: in v1 the common ones stand among them.
fn own(pairs: &Pairs, style: Style) -> Result<Members, Refusal> {
    let members = form::unflatten(pairs.clone())?;
    Ok(members
        .into_iter()
        .filter(|(name, _)| style == Style::V3 || !Common::is_parameter(name))
        .collect())
}
