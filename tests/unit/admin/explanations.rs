//! Explanations of wrong signatures in the response and the journal.

use crate::{config::Auth, protocol::signature::explain::HEADER_BYTES_MAX};
use serde_json::Value;

use crate::tests::{
    signer::{NOW, SECRET_KEY, V3},
    support::{TestServer, VERSION},
};

const BODY: &[u8] = b"{}";
const EXPLAIN: &str = "X-Ecmock-Explain";

/// Makes a signed call, and returns its code or `OK`, the header with the explanation, and its journal
/// entry: first in full, then as listed.
async fn call(
    server: &TestServer,
    content_type: &str,
    signed: &V3<'_>,
) -> (String, Option<String>, Value, Value) {
    let (authorization, timestamp) = (signed.authorization(), signed.timestamp.to_string());
    let headers = [
        ("X-TC-Action", "DescribeVpcs"),
        ("X-TC-Version", VERSION),
        ("X-TC-Timestamp", &timestamp),
        ("Content-Type", content_type),
        ("Authorization", &authorization),
    ];
    let answer = server.send("POST", "/", &headers, BODY).await;
    let header = answer.header(EXPLAIN).map(str::to_owned);
    let response = answer.response();
    let code = response["Error"]["Code"].as_str().unwrap_or("OK").to_owned();
    let id = response["RequestId"].as_str().unwrap();
    let in_full = server.admin().get(&format!("requests/{id}")).await;
    let listed = server.admin().requests("").await.pop().unwrap();
    (code, header, in_full, listed)
}

async fn verifying() -> TestServer {
    TestServer::with(|config| config.auth = Auth::Verify).await
}

#[tokio::test]
async fn a_valid_signature_has_no_explanation() {
    let server = verifying().await;
    let address = server.address();
    let (code, header, in_full, _) =
        call(&server, "application/json", &V3::post(&address, BODY)).await;
    assert_eq!((code.as_str(), header), ("OK", None));
    assert_eq!(in_full["Explanation"], Value::Null);
}

#[tokio::test]
async fn each_mistake_is_named_in_a_header_and_in_the_journal() {
    let server = verifying().await;
    let address = server.address();
    let right = V3::post(&address, BODY);
    let with_charset = "application/json; charset=utf-8";
    let failure = "AuthFailure.SignatureFailure";
    for (mistake, content_type, signed, code) in [
        ("HostWithoutPort", "application/json", V3::post("127.0.0.1", BODY), "OK"),
        ("HostReal", "application/json", V3::post("ecm.tencentcloudapi.com", BODY), "OK"),
        ("ContentTypeCharset", with_charset, right.clone(), failure),
        ("BodyLeftOut", "application/json", V3 { body: b"", ..right.clone() }, failure),
        (
            "TimestampLocal",
            "application/json",
            V3 { timestamp: NOW + 8 * 3600, ..right.clone() },
            "AuthFailure.SignatureExpire",
        ),
        (
            "SecretIdUnknown",
            "application/json",
            V3 { secret_id: "AKIDstranger", ..right.clone() },
            "AuthFailure.SecretIdNotFound",
        ),
    ] {
        let (answered, header, in_full, listed) = call(&server, content_type, &signed).await;
        assert_eq!(answered, code, "{mistake}");
        let header = header.unwrap_or_else(|| panic!("no header says {mistake}: {in_full}"));
        assert!(header.starts_with(&format!("{mistake}: ")), "{header}");
        assert!(header.len() <= HEADER_BYTES_MAX);

        let verdict = if code == "OK" { "valid" } else { "invalid" };
        assert_eq!(in_full["Signature"]["Verdict"], verdict, "{mistake}");
        let explanation = &in_full["Explanation"];
        assert_eq!(explanation["Diagnosis"]["Name"], mistake);
        assert_eq!(explanation["Diagnosis"], listed["Signature"]["Diagnosis"]);
        assert_eq!(explanation["Candidates"][0], *address, "{mistake}");
        let texts = [&explanation["CanonicalRequest"], &explanation["StringToSign"]];
        let [canonical, to_sign] = texts.map(|it| it.as_str().unwrap());
        assert!(canonical.starts_with("POST\n/\n\ncontent-type:"), "{canonical}");
        assert!(to_sign.starts_with("TC3-HMAC-SHA256\n"), "{to_sign}");
        assert_eq!(listed.get("Explanation"), None);
        assert!(!in_full.to_string().contains(&format!("\"{SECRET_KEY}\"")), "{in_full}");
    }
}

#[tokio::test]
async fn a_wrong_key_is_not_explained_as_another_mistake() {
    let server = verifying().await;
    let address = server.address();
    let wrong = V3 { secret_key: "another", ..V3::post(&address, BODY) };
    let (code, header, in_full, listed) = call(&server, "application/json", &wrong).await;
    assert_eq!((code.as_str(), header), ("AuthFailure.SignatureFailure", None));
    assert_eq!(listed["Signature"]["Diagnosis"], Value::Null);
    assert!(in_full["Explanation"]["StringToSign"].is_string());
}
