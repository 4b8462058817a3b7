//! Signs requests as the vendor's documents say, sharing no code with ecmock.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// Noon in Beijing on 2026-11-22: where the test server's clock stands.
pub(crate) const NOW: i64 = 1_795_320_000;
pub(crate) const SECRET_ID: &str = "ecmock-default";
pub(crate) const SECRET_KEY: &str = "ecmock";

/// A v3 signature to make; a test changes what it is about.
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

    pub(crate) fn authorization(&self) -> String {
        let Self { method, query, date, service, secret_id, timestamp, .. } = self;
        let canonical: Vec<String> =
            self.headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        let (canonical, names) = (canonical.concat(), names.join(";"));
        let hash = hex(&Sha256::digest(self.body));
        let request = format!("{method}\n/\n{query}\n{canonical}\n{names}\n{hash}");
        let request = hex(&Sha256::digest(request));
        let scope = format!("{date}/{service}/tc3_request");
        let text = format!("TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{request}");
        let key = [*date, *service, "tc3_request", text.as_str()]
            .iter()
            .fold(format!("TC3{}", self.secret_key).into_bytes(), |key, step| {
                mac::<Hmac<Sha256>>(&key, step)
            });
        let signature = hex(&key);
        format!(
            "TC3-HMAC-SHA256 Credential={secret_id}/{scope}, SignedHeaders={names}, Signature={signature}"
        )
    }
}

/// The query or form of a v1 call: `pairs` with their signature.
pub(crate) fn v1(method: &str, host: &str, pairs: &[(&str, &str)], secret_key: &str) -> String {
    let mut sorted: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    sorted.sort_unstable();
    let text = format!("{method}{host}/?{}", sorted.join("&"));
    let signature = if pairs.contains(&("SignatureMethod", "HmacSHA256")) {
        mac::<Hmac<Sha256>>(secret_key.as_bytes(), &text)
    } else {
        mac::<Hmac<Sha1>>(secret_key.as_bytes(), &text)
    };
    let signature = BASE64_STANDARD.encode(signature);
    let encode = |(name, value): (&str, &str)| {
        let value: String =
            percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC)
                .collect();
        format!("{name}={value}")
    };
    let all = pairs.iter().copied().chain([("Signature", signature.as_str())]);
    all.map(encode).collect::<Vec<_>>().join("&")
}

fn mac<M: Mac + KeyInit>(key: &[u8], text: &str) -> Vec<u8> {
    <M as KeyInit>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
