//! A call as it is sent over the wire, verified without a connection.

use crate::protocol::{
    request::{Head, Request},
    signature::{self, SignatureCheck, explain::Diagnosis, keyring::Keyring},
};
use axum::http::{HeaderValue, Method, Request as HttpRequest};
use chrono::DateTime;

use crate::tests::signer::{NOW, V3, encode, hex, v1_signature};

/// The host on the wire.
pub(super) const HOST: &str = "127.0.0.1:7190";
pub(super) const BODY: &[u8] = "{\"VpcId\":\"vpc-1\",\"HaVipName\":\"名/a<b\"}".as_bytes();
pub(super) const KEY: &str = "correct-horse";
pub(super) const OTHER_KEY: &str = "battery-staple";
pub(super) const TEAM_KEY: &str = "hunter2hunter2";
pub(super) const TOKEN: &str = "SesamOpen";

/// The correct signature of `BODY`.
pub(super) fn right() -> V3<'static> {
    V3 { secret_id: "me", secret_key: KEY, ..V3::post(HOST, BODY) }
}

#[derive(Debug, Clone)]
pub(super) struct Call {
    method: &'static str,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Time of the server's clock, in Unix seconds.
    now: i64,
}

impl Call {
    /// A POST of `BODY`.
    pub(super) fn post(authorization: &str) -> Self {
        let call = Self {
            method: "POST",
            target: "/".into(),
            headers: vec![],
            body: BODY.into(),
            now: NOW,
        };
        call.header("Host", HOST)
            .header("Content-Type", "application/json")
            .header("X-TC-Action", "CreateHaVip")
            .header("X-TC-Timestamp", &NOW.to_string())
            .header("Authorization", authorization)
    }

    pub(super) fn get(target: &str, authorization: &str) -> Self {
        let call = Self::post(authorization);
        Self { method: "GET", body: vec![], ..call }.target(target)
    }

    /// A v1 call with the query `text`.
    pub(super) fn query(text: &str) -> Self {
        let headers = vec![("Host".to_owned(), HOST.to_owned())];
        Self { method: "GET", target: format!("/?{text}"), headers, body: vec![], now: NOW }
    }

    /// A v1 call with the form `text`.
    pub(super) fn form(text: &str) -> Self {
        let call = Self::query("").header("Content-Type", "application/x-www-form-urlencoded");
        Self { method: "POST", body: text.into(), ..call }
    }

    /// Replaces a header, or removes it if `value` is empty.
    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(it, _)| it != name);
        if !value.is_empty() {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    pub(super) fn target(self, target: &str) -> Self {
        Self { target: target.to_owned(), ..self }
    }

    pub(super) fn body(self, body: &[u8]) -> Self {
        Self { body: body.to_owned(), ..self }
    }

    pub(super) fn at(self, now: i64) -> Self {
        Self { now, ..self }
    }

    pub(super) fn verify(&self) -> SignatureCheck {
        let mut http = HttpRequest::builder()
            .method(Method::from_bytes(self.method.as_bytes()).unwrap())
            .uri(&self.target);
        for (name, value) in &self.headers {
            let value = value.replace(|it: char| it.is_ascii_control(), "");
            http = http.header(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let parts = http.body(()).unwrap().into_parts().0;
        let request = Request::read(Head::from(&parts), Ok(&self.body));
        let credentials = [("me", KEY), ("other", OTHER_KEY), ("team-*", TEAM_KEY)];
        let credentials = credentials.map(|(id, key)| format!("{id}:{key}").parse().unwrap());
        let keyring = Keyring::new(credentials.into());
        let now = DateTime::from_timestamp(self.now, 0).unwrap();
        signature::verify(&request, &keyring, "ecm", now)
    }

    pub(super) fn diagnosis(&self) -> Option<Diagnosis> {
        self.verify().explanation?.diagnosis
    }

    /// Replaces the signature with one of `text`, made with the key of `me`.
    pub(super) fn signed_as(&self, text: &str) -> Self {
        let Some(rest) = text.strip_prefix("TC3-HMAC-SHA256\n") else {
            return self.signed_as_v1(text);
        };
        let scope = rest.split('\n').nth(1).unwrap();
        let mut scope = scope.split('/');
        let (date, service) = (scope.next().unwrap(), scope.next().unwrap());
        let authorization = self.headers.iter().find(|(name, _)| name == "Authorization");
        let names = authorization.unwrap().1.split("SignedHeaders=").nth(1).unwrap();
        let names = names.split(',').next().unwrap();
        let headers = names.split(';').map(|name| (name, "")).collect();
        let timestamp = rest.split('\n').next().unwrap().parse().unwrap();
        let signer = V3 { headers, timestamp, date, service, ..right() };
        self.clone().header("Authorization", &signer.header(&hex(&signer.sign(text))))
    }

    fn signed_as_v1(&self, text: &str) -> Self {
        let signature = v1_signature(text.contains("HmacSHA256"), KEY, text);
        let (target, _) = self.target.split_once("&Signature=").unwrap();
        self.clone().target(&format!("{target}&Signature={}", encode(&signature)))
    }
}
