//! Random input: nothing panics, no signature is accepted, and every response is an envelope.

use crate::protocol::{
    request::{Head, Request},
    signature::{self, keyring::Keyring},
};
use axum::http::Request as HttpRequest;
use proptest::{prelude::*, sample::select};

use crate::tests::{
    signer::{NOW, V3},
    support::{TestServer, VERSION},
};

const CONTENT_TYPES: [&str; 5] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "text/plain",
    "",
];

/// Concatenated pieces of requests, and some pieces that no request has.
fn text() -> impl Strategy<Value = String> {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "null",
        "true",
        "1e9",
        "-0",
        "\"VpcId\"",
        "\"vpc-m0c2kcun\"",
        "&",
        "=",
        ".",
        "0",
        "1",
        "%",
        "%00",
        "%ff",
        "+",
        "Filters",
        "VpcId",
        "Action",
        "Region",
        "名",
        "--b",
        "\r\n",
        "Content-Disposition: form-data; name=",
        "\0",
    ];
    prop::collection::vec(select(pieces.to_vec()), 0..40).prop_map(|pieces| pieces.concat())
}

fn authorization() -> impl Strategy<Value = String> {
    let pieces = [
        "TC3-HMAC-SHA256",
        " ",
        "  ",
        "SKIP",
        "Credential=",
        "ecmock-a",
        "/",
        "2026-11-22",
        "ecm",
        "tc3_request",
        ",",
        ", ",
        "SignedHeaders=",
        "content-type",
        "host",
        ";",
        "HOST",
        "x",
        "Signature=",
        "0",
        "00000000000000000000000000000000",
        "=",
        "zz",
    ];
    prop::collection::vec(select(pieces.to_vec()), 0..30).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_string_is_parsed_or_rejected(
        body in text(),
        content_type in select(CONTENT_TYPES.to_vec()),
    ) {
        let http = HttpRequest::post("/").header("Content-Type", content_type).body(()).unwrap();
        let parts = http.into_parts().0;
        let read = || Request::read(Head::from(&parts), Ok(body.as_bytes()));
        let (once, again) = (read(), read());
        prop_assert_eq!(once.params(), again.params());
        prop_assert!(again.pairs.iter().all(|(name, _)| !name.is_empty()));
    }

    #[test]
    fn any_bytes_are_parsed_or_rejected(
        body in prop::collection::vec(any::<u8>(), 0..300),
        content_type in select(CONTENT_TYPES.to_vec()),
    ) {
        let http = HttpRequest::post("/").header("Content-Type", content_type).body(()).unwrap();
        let parts = http.into_parts().0;
        let request = Request::read(Head::from(&parts), Ok(&body));
        prop_assert_eq!(request.body, body.as_slice());
    }

    #[test]
    fn no_random_authorization_is_accepted(authorization in authorization()) {
        let keyring = Keyring::new(vec!["ecmock-*:ecmock".parse().unwrap()]);
        prop_assert!(verify(&authorization, &keyring).is_err());
    }

    /// Replaces one byte of a correct signature.
    #[test]
    fn no_changed_authorization_is_accepted(at in any::<prop::sample::Index>(), byte in b'!'..=b'~') {
        let keyring = Keyring::new(vec!["ecmock-*:ecmock".parse().unwrap()]);
        let right = V3::post("127.0.0.1", b"{}").authorization();
        prop_assert!(verify(&right, &keyring).is_ok());
        // The rest of the header is not secret: another SecretId with the same prefix is also
        // valid.
        let signature = right.find("Signature=").unwrap() + "Signature=".len();
        let at = signature + at.index(right.len() - signature);
        let mut changed = right.clone().into_bytes();
        changed[at] = byte;
        let changed = String::from_utf8(changed).unwrap();
        prop_assume!(changed != right);
        prop_assert!(verify(&changed, &keyring).is_err());
    }

    #[test]
    fn any_request_is_answered_in_the_envelope(
        body in prop::collection::vec(any::<u8>(), 0..200),
        // Characters that hyper accepts in a target.
        query in "[!$-;=?-\\[\\]_a-z~]{0,60}",
        content_type in select(CONTENT_TYPES.to_vec()),
        authorization in "[ -~]{0,60}",
        is_get in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = TestServer::new().await;
            let headers = [
                ("X-TC-Action", "CreateHaVip"),
                ("X-TC-Version", VERSION),
                ("Content-Type", content_type),
                ("Authorization", authorization.as_str()),
            ];
            let method = if is_get { "GET" } else { "POST" };
            let answer = server.send(method, &format!("/?{query}"), &headers, &body).await;
            assert!(answer.response()["RequestId"].is_string());
        });
    }
}

/// Verifies a POST of `{}` with an `Authorization` header.
fn verify(authorization: &str, keyring: &Keyring) -> Result<(), crate::protocol::Refusal> {
    let http = HttpRequest::post("/")
        .header("Host", "127.0.0.1")
        .header("Content-Type", "application/json")
        .header("X-TC-Timestamp", NOW)
        .header("Authorization", authorization);
    let parts = http.body(()).unwrap().into_parts().0;
    let request = Request::read(Head::from(&parts), Ok(b"{}"));
    let now = chrono::DateTime::from_timestamp(NOW, 0).unwrap();
    signature::verify(&request, keyring, "ecm", now).outcome
}
