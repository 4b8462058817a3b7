//! Signature v1, `HmacSHA1` and `HmacSHA256`.

use std::{borrow::Cow, fmt::Display};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

use super::keyring::Credential;
use crate::protocol::{
    refusal::Refusal,
    request::{Common, Request},
};

const SIGNATURE: &str = "Signature";

/// A signed request, ready to be checked against a host and a credential.
#[derive(Debug)]
pub(super) struct Signed<'a> {
    request: &'a Request<'a>,
    pub(super) draft: Draft<'a>,
    pub(super) signature: Vec<u8>,
}

/// Algorithm of a v1 signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Sha1,
    Sha256,
}

impl Method {
    /// Returns the algorithm that the call names. Defaults to `HmacSHA1`.
    pub(super) fn of(request: &Request<'_>) -> Result<Self, Refusal> {
        match request.common(Common::SIGNATURE_METHOD) {
            None | Some("HmacSHA1") => Ok(Self::Sha1),
            Some("HmacSHA256") => Ok(Self::Sha256),
            Some(_) => Err(request.bad_value(Common::SIGNATURE_METHOD)),
        }
    }

    /// Value of `SignatureMethod`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "HmacSHA1",
            Self::Sha256 => "HmacSHA256",
        }
    }
}

impl<'a> Signed<'a> {
    /// Collects what the signature covers. A signature that is not base64 never matches.
    pub(super) fn read(request: &'a Request<'_>) -> Result<Self, Refusal> {
        // Ruby's base64 ends with a newline.
        let signature = request.require(Common::SIGNATURE)?.trim_end_matches('\n');
        let draft = Draft {
            method: request.head.method.as_str().into(),
            path: "/?".into(),
            parameters: parameters(request, str::to_owned, str::to_owned),
            end: "",
            algorithm: Method::of(request)?,
        };
        let signature = BASE64_STANDARD.decode(signature).unwrap_or_default();
        Ok(Self { request, draft, signature })
    }

    /// Whether `credential` produces this signature for `host`.
    pub(super) fn matches(&self, host: &str, credential: &Credential) -> bool {
        let signed =
            |draft: &Draft<'_>| draft.matches(host, credential.key().as_bytes(), &self.signature);
        let has_underscore = self.request.pairs.iter().any(|(name, _)| name.contains('_'));
        let dotted = |name: &str| name.replace('_', ".");
        let with = |parameters| Draft { parameters, ..self.draft.clone() };
        // Python and Java sign the `_` in a name as `.`: Python replaces it before sorting, Java
        // after. Other SDKs sign it unchanged.
        signed(&self.draft)
            || (has_underscore
                && (signed(&with(parameters(self.request, dotted, dotted)))
                    || signed(&with(parameters(self.request, str::to_owned, dotted)))))
    }
}

/// The input of a signature, except for the host and the key.
#[derive(Debug, Clone)]
pub(super) struct Draft<'a> {
    pub(super) method: Cow<'a, str>,
    /// Text between the host and the parameters.
    pub(super) path: Cow<'a, str>,
    /// All parameters except the signature, sorted and joined with `&`.
    pub(super) parameters: String,
    /// Text after the parameters.
    pub(super) end: &'static str,
    pub(super) algorithm: Method,
}

impl Draft<'_> {
    /// Returns the string to sign.
    pub(super) fn string_to_sign(&self, host: &str) -> String {
        [&*self.method, host, &self.path, &self.parameters, self.end].concat()
    }

    /// Whether `signature` is correct for this input, `host`, and `key`.
    pub(super) fn matches(&self, host: &str, key: &[u8], signature: &[u8]) -> bool {
        let text = self.string_to_sign(host);
        match self.algorithm {
            Method::Sha1 => verifies::<Hmac<Sha1>>(key, &text, signature),
            Method::Sha256 => verifies::<Hmac<Sha256>>(key, &text, signature),
        }
    }
}

/// Joins all parameters except the signature, sorted by `key` and with names spelled by `spell`.
fn parameters(
    request: &Request<'_>,
    key: impl Fn(&str) -> String,
    spell: impl Fn(&str) -> String,
) -> String {
    let mut pairs = signed_pairs(request);
    pairs.sort_by_cached_key(|(name, _)| key(name));
    join(pairs.into_iter().map(|(name, value)| (spell(name), value)))
}

/// Returns the signed parameters, in the order they were sent.
pub(super) fn signed_pairs<'a>(request: &'a Request<'_>) -> Vec<(&'a str, &'a str)> {
    let pairs = request.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    pairs.filter(|(name, _)| *name != SIGNATURE).collect()
}

/// Joins parameters as in the string to sign.
pub(super) fn join<N: Display, V: Display>(pairs: impl IntoIterator<Item = (N, V)>) -> String {
    let pairs: Vec<String> =
        pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

fn verifies<M: Mac + KeyInit>(key: &[u8], text: &str, signature: &[u8]) -> bool {
    let mac = <M as KeyInit>::new_from_slice(key).expect("HMAC accepts keys of any length");
    mac.chain_update(text).verify_slice(signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::request::Head;
    use axum::http::Request as HttpRequest;

    #[test]
    fn the_published_vector_verifies() {
        let target = "/?Action=DescribeInstances&InstanceIds.0=ins-09dx96dg&Limit=20&Nonce=11886&Offset=0&Region=ap-guangzhou&SecretId=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE&Timestamp=1465185768&Version=2017-03-12";
        let credential: Credential =
            "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE:Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
                .parse()
                .unwrap();
        for (signature, host, verifies) in [
            ("EliP9YW3pW28FpsEdkXt%2F%2BWcGeI%3D", "cvm.tencentcloudapi.com", true),
            // Ruby's base64 ends with a newline.
            ("EliP9YW3pW28FpsEdkXt%2F%2BWcGeI%3D%0A", "cvm.tencentcloudapi.com", true),
            // Without encoding, its `+` becomes a space.
            ("EliP9YW3pW28FpsEdkXt/+WcGeI=", "cvm.tencentcloudapi.com", false),
            ("EliP9YW3pW28FpsEdkXt%2F%2BWcGeI%3D", "ecm.tencentcloudapi.com", false),
        ] {
            let http =
                HttpRequest::get(format!("{target}&Signature={signature}")).body(()).unwrap();
            let parts = http.into_parts().0;
            let request = Request::read(Head::from(&parts), Ok(b""));
            let signed = Signed::read(&request).unwrap();
            assert_eq!(signed.matches(host, &credential), verifies, "{signature} {host}");
        }
    }
}
