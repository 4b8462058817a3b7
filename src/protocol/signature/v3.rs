//! Signature v3, `TC3-HMAC-SHA256`.
//!
//! <https://www.tencentcloud.com/document/product/267/37447>

mod authorization;

use std::borrow::Cow;

use axum::http::header::CONTENT_TYPE;
use base16ct::lower as hex;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

pub use authorization::Authorization;
pub(super) use authorization::is_space;

use super::{
    host,
    keyring::{Credential, SCOPE_END},
    utc_date,
};
use crate::protocol::{
    refusal::{AuthFailure, AuthorizationPart as Part, Refusal},
    request::{Common, Head, Request},
};

/// Name of the algorithm.
pub const ALGORITHM: &str = "TC3-HMAC-SHA256";
/// `Authorization` of an unsigned call.
pub const SKIP: &str = "SKIP";

/// Header that states the hash of the body.
pub(super) const CONTENT_HASH: &str = "X-TC-Content-SHA256";
/// Value of that header if the body is not signed.
pub(super) const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// A signed request, ready to be checked against a host and a credential.
#[derive(Debug)]
pub(super) struct Signed<'a> {
    pub(super) authorization: Authorization<'a>,
    pub(super) draft: Draft<'a>,
    /// `None` if the signature is not a hash in hex, and never matches.
    pub(super) signature: Option<[u8; 32]>,
    request: &'a Request<'a>,
}

impl<'a> Signed<'a> {
    /// Collects what the signature covers.
    pub(super) fn read(request: &'a Request<'a>, timestamp: &'a str) -> Result<Self, Refusal> {
        let not_valid = |part| Refusal::from(AuthFailure::Authorization(part));
        let text = request.require(Common::SIGNATURE)?;
        let authorization = Authorization::parse(text).map_err(not_valid)?;
        let head = request.head;
        let mut headers = signed_headers(authorization.signed_headers);
        let has = |name| headers.iter().any(|it| it.name == name);
        // Repeated names would let a small header expand to a huge string.
        let is_once = headers.is_sorted_by(|a, b| a.name < b.name);
        if !has("content-type") || !has("host") || !is_once {
            return Err(not_valid(Part::SignedHeaders));
        }
        for header in &mut headers {
            header.value = Header::value(head, &header.name);
        }
        let method = head.method.as_str();
        let draft = Draft {
            method: method.into(),
            path: "/".into(),
            query: if method == "GET" { head.query() } else { "" }.into(),
            headers,
            payload_hash: match (request.stated_hash(), method) {
                (Some(UNSIGNED_PAYLOAD), _) => hash(UNSIGNED_PAYLOAD),
                (_, "GET") => hash(""),
                _ => hash(request.body),
            },
            timestamp: timestamp.into(),
            date: authorization.date.into(),
            service: authorization.service.into(),
            layout: Layout::DOCUMENTED,
        };
        let mut signature = [0; 32];
        let is_hex =
            hex::decode(authorization.signature, &mut signature).is_ok_and(|it| it.len() == 32);
        let signature = is_hex.then_some(signature);
        Ok(Self { authorization, draft, signature, request })
    }

    /// Rejects a service or a date that contradicts the rest of the call, or a stated hash that is
    /// not the body's.
    pub(super) fn check(&self, seconds: i64, service: &str) -> Result<(), Refusal> {
        let not_valid = |part| Err(AuthFailure::Authorization(part).into());
        if self.authorization.service != self.due_service(service) {
            return not_valid(Part::Service);
        }
        if utc_date(seconds).as_deref() != Some(self.authorization.date) {
            return not_valid(Part::Date);
        }
        let stated = self.request.stated_hash().filter(|it| *it != UNSIGNED_PAYLOAD);
        if stated.is_some_and(|stated| stated != self.draft.payload_hash) {
            return Err(Refusal::ContentHash);
        }
        Ok(())
    }

    /// Returns the service that the credential must name.
    ///
    /// SDKs use the first label of the endpoint. The service is enforced only if the first label of
    /// the host is the product's.
    pub(super) fn due_service<'s>(&self, service: &'s str) -> &'s str
    where
        'a: 's,
    {
        let host = host::bare(host::wire(self.request));
        let (label, rest) = host.split_at_checked(service.len()).unwrap_or_default();
        let is_label = matches!(rest.as_bytes(), [] | [b'.' | b':', ..]);
        let is_the_products = is_label && label.eq_ignore_ascii_case(service);
        if is_the_products { service } else { self.authorization.service }
    }

    pub(super) fn secret_id(&self) -> &'a str {
        self.authorization.secret_id
    }

    /// Whether `credential` produces this signature for `host`.
    pub(super) fn matches(&self, host: &str, credential: &Credential) -> bool {
        let key = credential.day_key(self.authorization.date, self.authorization.service);
        self.signature.is_some_and(|signature| self.draft.matches(host, &key, &signature))
    }
}

/// The input of a signature, except for the host and the key.
#[derive(Debug, Clone)]
pub(super) struct Draft<'a> {
    pub(super) method: Cow<'a, str>,
    pub(super) path: Cow<'a, str>,
    pub(super) query: Cow<'a, str>,
    /// Signed headers, in signing order.
    pub(super) headers: Vec<Header<'a>>,
    pub(super) payload_hash: String,
    pub(super) timestamp: Cow<'a, str>,
    pub(super) date: Cow<'a, str>,
    pub(super) service: Cow<'a, str>,
    pub(super) layout: Layout,
}

#[derive(Debug, Clone)]
pub(super) struct Header<'a> {
    pub(super) name: Cow<'a, str>,
    /// Signed value. Empty for `host`, whose value depends on the candidate.
    pub(super) value: Cow<'a, str>,
}

impl<'a> Header<'a> {
    /// Returns the signed value of a header: in lower case, as the vendor documents. The content
    /// type is unchanged, as SDKs sign it.
    // Assumed (auth.other-value-as-sent, auth.other-value-letters): the value of another header is
    // signed in lower case only. This applies to all letters, not only to ASCII, as in the languages
    // of the vendor's examples.
    fn value(head: Head<'a>, name: &str) -> Cow<'a, str> {
        match name {
            "host" => Cow::Borrowed(""),
            "content-type" => head.joined_header(&CONTENT_TYPE),
            _ => Cow::Owned(head.joined_header(name).to_lowercase()),
        }
    }

    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Layout of the canonical request and the string to sign.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Text between the headers and their names.
    pub(super) after_headers: &'static str,
    /// Modifies the whole canonical request.
    pub(super) request: fn(&mut String),
    /// Digests the canonical request for the string to sign.
    pub(super) digest: fn(&str) -> String,
    /// Modifies the whole string to sign.
    pub(super) string: fn(&mut String),
}

impl Layout {
    /// The layout that the vendor documents.
    const DOCUMENTED: Self =
        Self { after_headers: "\n", request: |_| (), digest: |text| hash(text), string: |_| () };
}

impl Draft<'_> {
    /// Whether `signature` is correct for this input, `host`, and `key`.
    ///
    /// The host and the content type may be signed as sent, as in SDKs, or in lower case, as the
    /// vendor documents.
    pub(super) fn matches(&self, host: &str, key: &Hmac<Sha256>, signature: &[u8]) -> bool {
        let fits = |draft: &Self, host: &str| {
            key.clone().chain_update(draft.string_to_sign(host)).verify_slice(signature).is_ok()
        };
        fits(self, host) || {
            let (lower, lower_host) = (self.in_lower_case(), in_lower_case(host));
            (lower.is_some() || matches!(lower_host, Cow::Owned(_)))
                && fits(lower.as_ref().unwrap_or(self), &lower_host)
        }
    }

    /// Returns a copy with the content type in lower case, or `None` if it already is.
    fn in_lower_case(&self) -> Option<Self> {
        let header = self.content_type()?;
        let Cow::Owned(value) = in_lower_case(&header.value) else { return None };
        let mut lower = self.clone();
        lower.set_content_type(value);
        Some(lower)
    }

    pub(super) fn content_type(&self) -> Option<&Header<'_>> {
        self.headers.iter().find(|it| it.is("content-type"))
    }

    pub(super) fn set_content_type(&mut self, value: String) {
        if let Some(header) = self.headers.iter_mut().find(|it| it.is("content-type")) {
            header.value = value.into();
        }
    }

    /// Returns the canonical request, whose hash is part of the string to sign.
    pub(super) fn canonical_request(&self, host: &str) -> String {
        let mut text = String::with_capacity(256 + self.query.len());
        text.extend([&*self.method, "\n", &*self.path, "\n", &*self.query, "\n"]);
        for header in &self.headers {
            let value = if header.is("host") { host } else { &*header.value };
            text.extend([&*header.name, ":", value, "\n"]);
        }
        text.push_str(self.layout.after_headers);
        for (index, header) in self.headers.iter().enumerate() {
            text.extend([if index == 0 { "" } else { ";" }, &*header.name]);
        }
        text.extend(["\n", &self.payload_hash]);
        (self.layout.request)(&mut text);
        text
    }

    /// Returns the string to sign.
    pub(super) fn string_to_sign(&self, host: &str) -> String {
        let Self { timestamp, date, service, layout, .. } = self;
        let mut text = self.canonical_request(host);
        let digest = (layout.digest)(&text);
        let scope = [date, "/", service, "/", SCOPE_END];
        text.clear();
        text.extend([ALGORITHM, "\n", timestamp, "\n"].into_iter().chain(scope));
        text.extend(["\n", &digest]);
        (layout.string)(&mut text);
        text
    }
}

/// Converts ASCII letters to lower case, without a copy if there is nothing to convert.
fn in_lower_case(text: &str) -> Cow<'_, str> {
    // Assumed (auth.ascii-lower-case): other letters keep their case.
    if text.bytes().any(|it| it.is_ascii_uppercase()) {
        text.to_ascii_lowercase().into()
    } else {
        text.into()
    }
}

/// Returns the named headers without values, in lower case and sorted.
// Assumed (auth.signed-headers-blanks): blanks around a name are not part of it.
fn signed_headers(names: &str) -> Vec<Header<'_>> {
    let lower = |name| {
        let is_lower = str::bytes(name).all(|it| matches!(it, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if is_lower { Cow::Borrowed(name) } else { name.trim_ascii().to_ascii_lowercase().into() }
    };
    let header = |name| Header { name: lower(name), value: "".into() };
    let mut headers: Vec<_> = names.split(';').map(header).collect();
    headers.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    headers
}

/// Returns the SHA-256 in lower-case hex.
pub(super) fn hash<T: AsRef<[u8]>>(bytes: T) -> String {
    hex::encode_string(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{Request as HttpRequest, request::Parts};
    use hmac::KeyInit as _;

    const BODY: &[u8] = br#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#;
    const SCOPE: &str = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request";
    /// The key of the older official documents.
    const KEY: &str = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE";
    /// The masked key that the current documents sign with.
    const MASKED_KEY: &str = "********************************";

    fn parts(authorization: &str) -> Parts {
        let request = HttpRequest::post("/")
            .header("Host", "cvm.tencentcloudapi.com")
            .header("Content-Type", "application/json; charset=utf-8")
            .header("X-TC-Action", "DescribeInstances")
            .header("X-TC-Timestamp", "1551113065")
            .header("Authorization", authorization);
        request.body(()).unwrap().into_parts().0
    }

    fn verifies(key: &str, authorization: &str) -> bool {
        let parts = parts(authorization);
        let request = Request::read(Head::from(&parts), Ok(BODY));
        let signed = Signed::read(&request, "1551113065").unwrap();
        signed.check(1_551_113_065, "cvm").unwrap();
        let credential: Credential =
            format!("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE:{key}").parse().unwrap();
        signed.matches("cvm.tencentcloudapi.com", &credential)
    }

    #[test]
    fn the_published_vectors_verify() {
        let older = format!(
            "TC3-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=content-type;host, Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
        );
        assert!(verifies(KEY, &older));
        assert!(!verifies(MASKED_KEY, &older));
        // Signs the action too, in lower case.
        let current = format!(
            "TC3-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=content-type;host;x-tc-action, Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
        );
        assert!(verifies(MASKED_KEY, &current));
        assert!(!verifies(KEY, &current));
    }

    #[test]
    fn each_step_matches_the_published_values() {
        let parts = parts(&format!(
            "TC3-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=content-type;host, Signature=x"
        ));
        let request = Request::read(Head::from(&parts), Ok(BODY));
        let draft = Signed::read(&request, "1551113065").unwrap().draft;
        assert_eq!(
            draft.payload_hash,
            "35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064"
        );
        let canonical = draft.canonical_request("cvm.tencentcloudapi.com");
        assert_eq!(
            hash(canonical),
            "5ffe6a04c0664d6b969fab9a13bdab201d63ee709638e2749d62a09ca18d7031"
        );
        for (key, date_key) in [
            (KEY, "d1308c81fe71cfd4e06437bbc067b2b8a3d2d8c0e375d547f15c41d5214b395a"),
            (MASKED_KEY, "da98fb70dcf6b112dc21038d1eeeb3a95c74b4dcb12c1131f864f6066bd02be0"),
        ] {
            let mac = Hmac::<Sha256>::new_from_slice(format!("TC3{key}").as_bytes()).unwrap();
            let date = mac.chain_update("2019-02-25").finalize().into_bytes();
            assert_eq!(hex::encode_string(&date), date_key);
        }
    }
}
