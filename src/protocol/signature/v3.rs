//! Signature v3, `TC3-HMAC-SHA256`.
//!
//! <https://www.tencentcloud.com/document/product/267/37447>

use std::borrow::Cow;

use base16ct::lower as hex;
use chrono::DateTime;
use hmac::Mac as _;
use sha2::{Digest as _, Sha256};

use super::keyring::{Credential, SCOPE_END};
use crate::protocol::{
    refusal::{AuthFailure, AuthorizationPart as Part, Refusal},
    request::{Common, Head, Request},
};

/// Name of the algorithm.
pub const ALGORITHM: &str = "TC3-HMAC-SHA256";
/// `Authorization` of a call that is not signed.
pub const SKIP: &str = "SKIP";

const CONTENT_HASH: &str = "X-TC-Content-SHA256";
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// The parts of an `Authorization` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authorization<'a> {
    secret_id: &'a str,
    date: &'a str,
    service: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// Reads the header. Spaces are free: .NET sends two after the algorithm.
    fn parse(text: &'a str) -> Result<Self, Part> {
        let (algorithm, rest) = text.split_once(char::is_whitespace).ok_or(Part::Algorithm)?;
        if algorithm != ALGORITHM {
            return Err(Part::Algorithm);
        }
        let (secret_id, scope) = credential(rest).ok_or(Part::Credential)?;
        let (date, service) = scope
            .strip_suffix(SCOPE_END)
            .and_then(|it| it.strip_suffix('/'))
            .and_then(|it| it.split_once('/'))
            .ok_or(Part::Credential)?;
        Ok(Self {
            secret_id,
            date,
            service,
            signed_headers: field(rest, "SignedHeaders").ok_or(Part::SignedHeaders)?,
            signature: field(rest, "Signature").ok_or(Part::Signature)?,
        })
    }

    /// The SecretId, if the header has one that can be read.
    pub fn secret_id(text: &'a str) -> Option<&'a str> {
        credential(text.strip_prefix(ALGORITHM)?).map(|(secret_id, _)| secret_id)
    }
}

/// A field of the header: `name=value`, between commas.
fn field<'a>(fields: &'a str, name: &str) -> Option<&'a str> {
    fields
        .split(',')
        .find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
        .map(str::trim)
        .filter(|value| !value.is_empty())
}

/// The SecretId and the scope. A service may hold slashes (`http://127`), so both ends are cut.
fn credential(fields: &str) -> Option<(&str, &str)> {
    field(fields, "Credential")?.split_once('/').filter(|(secret_id, _)| !secret_id.is_empty())
}

/// A signed request, ready to be checked against a host and a credential.
#[derive(Debug)]
pub(super) struct Signed<'a> {
    head: Head<'a>,
    authorization: Authorization<'a>,
    timestamp: &'a str,
    signature: Vec<u8>,
    /// Names of the signed headers, lower-case and sorted, between semicolons.
    names: Cow<'a, str>,
    payload_hash: String,
}

impl<'a> Signed<'a> {
    /// Reads what the signature covers, and refuses what contradicts the rest of the call. A
    /// signature that is not hex fits nothing.
    pub(super) fn read(
        request: &'a Request<'_>,
        timestamp: &'a str,
        seconds: i64,
        service: &str,
    ) -> Result<Self, Refusal> {
        let not_valid = |part| Refusal::from(AuthFailure::Authorization(part));
        let text = request.require(Common::SIGNATURE)?;
        let authorization = Authorization::parse(text).map_err(not_valid)?;
        let names = normal(authorization.signed_headers);
        let has = |name| names.split(';').any(|it| it == name);
        // A name that comes twice would let a small header grow without end.
        let is_once = names.split(';').is_sorted_by(|a, b| a < b);
        if !has("content-type") || !has("host") || !is_once {
            return Err(not_valid(Part::SignedHeaders));
        }
        // SDKs take the first label of the endpoint for the service, so only a host whose first
        // label is the product's can be held to it.
        let label = super::bare(super::wire_host(request.head)).split(['.', ':']).next();
        let is_the_products = label.is_some_and(|label| label.eq_ignore_ascii_case(service));
        if is_the_products && authorization.service != service {
            return Err(not_valid(Part::Service));
        }
        let date = DateTime::from_timestamp(seconds, 0).map(|it| it.date_naive().to_string());
        if date.as_deref() != Some(authorization.date) {
            return Err(not_valid(Part::Date));
        }
        let payload_hash = payload_hash(request.head, request.body)?;
        let signature = hex::decode_vec(authorization.signature).unwrap_or_default();
        Ok(Self { head: request.head, authorization, timestamp, signature, names, payload_hash })
    }

    /// Who says to have signed.
    pub(super) fn secret_id(&self) -> &'a str {
        self.authorization.secret_id
    }

    /// Whether the signature is the one that `credential` makes for `host`.
    ///
    /// The vendor's text has header values in lower case; SDKs sign the content type and the host as
    /// they are, and no other header.
    pub(super) fn matches(&self, host: &str, credential: &Credential) -> bool {
        let key = credential.day_key(self.authorization.date, self.authorization.service);
        let signed = |headers: &str| {
            let mac = key.clone().chain_update(self.string_to_sign(headers));
            mac.verify_slice(&self.signature).is_ok()
        };
        let as_is = self.canonical_headers(host);
        signed(&as_is) || {
            let lower = as_is.to_lowercase();
            lower != as_is && signed(&lower)
        }
    }

    fn canonical_headers(&self, host: &str) -> String {
        let mut text = String::with_capacity(128);
        for name in self.names.split(';') {
            let value = match name {
                "host" => Cow::Borrowed(host),
                "content-type" => self.header(name),
                // Assumed: only a content type and a host may be signed as they are.
                _ => Cow::Owned(self.header(name).to_lowercase()),
            };
            text.extend([name, ":", &value, "\n"]);
        }
        text
    }

    /// A header's values, joined as RFC 9110 has it.
    fn header(&self, name: &str) -> Cow<'a, str> {
        let values = self.head.headers.get_all(name).iter();
        let mut values = values.map(|it| String::from_utf8_lossy(it.as_bytes().trim_ascii()));
        let first = values.next().unwrap_or_default();
        values.fold(first, |joined, value| Cow::Owned(format!("{joined},{value}")))
    }

    fn canonical_request(&self, canonical_headers: &str) -> String {
        let method = self.head.method.as_str();
        let query = if method == "GET" { self.head.query() } else { "" };
        [
            method,
            "\n/\n",
            query,
            "\n",
            canonical_headers,
            "\n",
            &self.names,
            "\n",
            &self.payload_hash,
        ]
        .concat()
    }

    fn string_to_sign(&self, canonical_headers: &str) -> String {
        let Authorization { date, service, .. } = self.authorization;
        let hash = hash(self.canonical_request(canonical_headers));
        [ALGORITHM, "\n", self.timestamp, "\n", date, "/", service, "/", SCOPE_END, "\n", &hash]
            .concat()
    }
}

/// Names of headers in lower case and order.
fn normal(names: &str) -> Cow<'_, str> {
    let is_normal = names.bytes().all(|it| !it.is_ascii_uppercase() && !it.is_ascii_whitespace())
        && names.split(';').is_sorted();
    if is_normal {
        return Cow::Borrowed(names);
    }
    let mut names: Vec<String> = names.split(';').map(|it| it.trim().to_lowercase()).collect();
    names.sort_unstable();
    Cow::Owned(names.join(";"))
}

/// The hash of what is signed of the body: all of it, or nothing.
fn payload_hash(head: Head<'_>, body: &[u8]) -> Result<String, Refusal> {
    let stated = head.header(CONTENT_HASH);
    if stated == Some(UNSIGNED_PAYLOAD) {
        return Ok(hash(UNSIGNED_PAYLOAD));
    }
    let hash = hash(if head.method == axum::http::Method::GET { b"" } else { body });
    if stated.is_some_and(|stated| stated != hash) {
        return Err(Refusal::ContentHash);
    }
    Ok(hash)
}

fn hash(bytes: impl AsRef<[u8]>) -> String {
    hex::encode_string(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{Request as HttpRequest, request::Parts};
    use hmac::{Hmac, KeyInit as _};

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
        let signed = Signed::read(&request, "1551113065", 1_551_113_065, "cvm").unwrap();
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
    fn each_step_is_as_published() {
        let parts = parts(&format!(
            "TC3-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=content-type;host, Signature=x"
        ));
        let request = Request::read(Head::from(&parts), Ok(BODY));
        let signed = Signed::read(&request, "1551113065", 1_551_113_065, "cvm").unwrap();
        assert_eq!(
            signed.payload_hash,
            "35e9c5b0e3ae67532d3c9f17ead6c90222632e5b1ff7f6e89887f1398934f064"
        );
        let canonical =
            signed.canonical_request(&signed.canonical_headers("cvm.tencentcloudapi.com"));
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

    #[test]
    fn the_header_is_read_leniently() {
        for text in [
            "TC3-HMAC-SHA256 Credential=id/2019-02-25/ecm/tc3_request, SignedHeaders=a;b, Signature=c",
            "TC3-HMAC-SHA256  Credential=id/2019-02-25/ecm/tc3_request,SignedHeaders=a;b,Signature=c",
            "TC3-HMAC-SHA256 Signature=c , SignedHeaders=a;b ,  Credential=id/2019-02-25/ecm/tc3_request",
        ] {
            let authorization = Authorization {
                secret_id: "id",
                date: "2019-02-25",
                service: "ecm",
                signed_headers: "a;b",
                signature: "c",
            };
            assert_eq!(Authorization::parse(text), Ok(authorization));
        }
        let odd = "TC3-HMAC-SHA256 Credential=id/2026-11-22/http://127/tc3_request, SignedHeaders=a, Signature=c";
        assert_eq!(Authorization::parse(odd).unwrap().service, "http://127");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let credential = "Credential=id/2019-02-25/ecm/tc3_request";
        for (text, part) in [
            ("TC3-HMAC-SHA256".to_owned(), Part::Algorithm),
            (
                format!("AWS4-HMAC-SHA256 {credential}, SignedHeaders=a, Signature=c"),
                Part::Algorithm,
            ),
            ("TC3-HMAC-SHA256 SignedHeaders=a, Signature=c".to_owned(), Part::Credential),
            (
                "TC3-HMAC-SHA256 Credential=id, SignedHeaders=a, Signature=c".to_owned(),
                Part::Credential,
            ),
            (
                "TC3-HMAC-SHA256 Credential=/d/s/tc3_request, SignedHeaders=a".to_owned(),
                Part::Credential,
            ),
            (
                "TC3-HMAC-SHA256 Credential=id/d/s/aws4_request, Signature=c".to_owned(),
                Part::Credential,
            ),
            (format!("TC3-HMAC-SHA256 {credential}, Signature=c"), Part::SignedHeaders),
            (format!("TC3-HMAC-SHA256 {credential}, SignedHeaders=a"), Part::Signature),
        ] {
            assert_eq!(Authorization::parse(&text), Err(part), "{text}");
        }
    }
}
