//! Signs requests as the vendor documents, sharing no code with ecmock.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// Noon in Beijing on 2026-11-22, the time of the test server's clock.
pub(crate) const NOW: i64 = 1_795_320_000;
pub(crate) const SECRET_ID: &str = "ecmock-default";
pub(crate) const SECRET_KEY: &str = "ecmock";

/// The input of a v3 signature. Tests change individual fields.
#[derive(Debug, Clone)]
pub(crate) struct V3<'a> {
    pub(crate) method: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: Vec<(&'a str, &'a str)>,
    pub(crate) body: &'a [u8],
    pub(crate) secret_id: &'a str,
    pub(crate) secret_key: &'a str,
    pub(crate) timestamp: i64,
    pub(crate) date: &'a str,
    pub(crate) service: &'a str,
}

impl<'a> V3<'a> {
    /// A POST of `body` to `host`.
    pub(crate) fn post(host: &'a str, body: &'a [u8]) -> Self {
        Self {
            method: "POST",
            query: "",
            headers: vec![("content-type", "application/json"), ("host", host)],
            body,
            secret_id: SECRET_ID,
            secret_key: SECRET_KEY,
            timestamp: NOW,
            date: "2026-11-22",
            service: "ecm",
        }
    }

    /// The whole header with the correct signature.
    pub(crate) fn authorization(&self) -> String {
        let text = self.string_to_sign(&sha256_hex(self.canonical_request()));
        self.header(&hex(&self.sign(&text)))
    }

    pub(crate) fn canonical_request(&self) -> String {
        let Self { method, query, .. } = self;
        let canonical: Vec<String> =
            self.headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let (canonical, names) = (canonical.concat(), self.names());
        let hash = sha256_hex(self.body);
        format!("{method}\n/\n{query}\n{canonical}\n{names}\n{hash}")
    }

    pub(crate) fn string_to_sign(&self, digest: &str) -> String {
        let Self { timestamp, .. } = self;
        format!("TC3-HMAC-SHA256\n{timestamp}\n{}\n{digest}", self.scope())
    }

    /// Signs any string with the key of this signature.
    pub(crate) fn sign(&self, text: &str) -> Vec<u8> {
        self.sign_from(&format!("TC3{}", self.secret_key), text)
    }

    /// Signs any string with a key derived from `seed`.
    pub(crate) fn sign_from(&self, seed: &str, text: &str) -> Vec<u8> {
        let steps = [self.date, self.service, "tc3_request", text];
        steps.iter().fold(seed.as_bytes().to_vec(), |key, step| mac::<Hmac<Sha256>>(&key, step))
    }

    /// The whole header with any string as the signature.
    pub(crate) fn header(&self, signature: &str) -> String {
        let (secret_id, scope, names) = (self.secret_id, self.scope(), self.names());
        format!(
            "TC3-HMAC-SHA256 Credential={secret_id}/{scope}, SignedHeaders={names}, Signature={signature}"
        )
    }

    fn scope(&self) -> String {
        format!("{}/{}/tc3_request", self.date, self.service)
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        names.join(";")
    }
}

/// The encoded query or form of a v1 call: `pairs` with their signature.
pub(crate) fn v1(method: &str, host: &str, pairs: &[(&str, &str)], secret_key: &str) -> String {
    let mut sorted: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    sorted.sort_unstable();
    let text = format!("{method}{host}/?{}", sorted.join("&"));
    let is_sha256 = pairs.contains(&("SignatureMethod", "HmacSHA256"));
    v1_with(pairs, &encode(&v1_signature(is_sha256, secret_key, &text)))
}

/// The v1 signature of any string, in base64.
pub(crate) fn v1_signature(is_sha256: bool, secret_key: &str, text: &str) -> String {
    BASE64_STANDARD.encode(if is_sha256 {
        mac::<Hmac<Sha256>>(secret_key.as_bytes(), text)
    } else {
        mac::<Hmac<Sha1>>(secret_key.as_bytes(), text)
    })
}

/// The encoded query or form of a v1 call with any string as the signature.
pub(crate) fn v1_with(pairs: &[(&str, &str)], signature: &str) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value)));
    let all = pairs.chain([format!("Signature={signature}")]);
    all.collect::<Vec<_>>().join("&")
}

/// Url-encodes a value.
pub(crate) fn encode(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).collect()
}

fn mac<M: Mac + KeyInit>(key: &[u8], text: &str) -> Vec<u8> {
    <M as KeyInit>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().to_vec()
}

/// The SHA-256 of some bytes, in lower-case hex.
pub(crate) fn sha256_hex(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
