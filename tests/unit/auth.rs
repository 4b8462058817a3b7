//! `--auth verify` accepts correct signatures and reports errors in others. `--auth open` accepts
//! all.

use crate::config::Auth;
use rstest::rstest;
use serde_json::{Value, json};

use crate::tests::{
    signer::{NOW, SECRET_ID, SECRET_KEY, V3, v1},
    support::{Answer, SUBNET, TestServer, VERSION, VPC, code, create, error, vip},
};

const FAILED: &str =
    "The provided credentials could not be validated. Please check your signature is correct.";

/// A server that checks signatures.
pub(crate) async fn verifying() -> TestServer {
    TestServer::with(|config| config.auth = Auth::Verify).await
}

/// The body of a `CreateHaVip` call.
pub(crate) fn body() -> Vec<u8> {
    create(json!({})).to_string().into_bytes()
}

/// Sends the signed call with its timestamp and signature.
async fn send(server: &TestServer, signature: &V3<'_>, more: &[(&str, &str)]) -> Value {
    send_signed(server, signature, &signature.authorization(), more).await.response()
}

async fn send_signed(
    server: &TestServer,
    signature: &V3<'_>,
    authorization: &str,
    more: &[(&str, &str)],
) -> Answer {
    let timestamp = signature.timestamp.to_string();
    let defaults = [
        ("X-TC-Action", "CreateHaVip"),
        ("X-TC-Version", VERSION),
        ("X-TC-Timestamp", timestamp.as_str()),
        ("Content-Type", "application/json"),
        ("Authorization", authorization),
    ];
    let has = |name: &str| more.iter().any(|(it, _)| *it == name);
    let headers: Vec<_> =
        defaults.into_iter().filter(|(name, _)| !has(name)).chain(more.iter().copied()).collect();
    let target =
        if signature.query.is_empty() { "/".into() } else { format!("/?{}", signature.query) };
    server.send(signature.method, &target, &headers, signature.body).await
}

#[tokio::test]
async fn a_signed_call_is_answered() {
    let (server, body) = (verifying().await, body());
    assert_eq!(vip(&send(&server, &V3::post(&server.address(), &body), &[]).await), "172.16.0.17");
}

/// SDKs disagree on the host, and some sign for the real host.
#[rstest]
#[case::wire("127.0.0.1:7190", "127.0.0.1:7190")]
#[case::node_drops_the_port("127.0.0.1:7190", "127.0.0.1")]
#[case::tccli_keeps_the_scheme("http://127.0.0.1:7190", "http://127.0.0.1:7190")]
#[case::scheme_on_the_wire_only("http://127.0.0.1:7190", "127.0.0.1:7190")]
#[case::scheme_and_no_port("http://127.0.0.1:7190", "127.0.0.1")]
#[case::the_mainland_site("127.0.0.1:7190", "ecm.tencentcloudapi.com")]
#[case::the_international_site("127.0.0.1:7190", "ecm.intl.tencentcloudapi.com")]
#[case::the_vendors_internal_network("127.0.0.1:7190", "ecm.internal.tencentcloudapi.com")]
#[case::a_region("127.0.0.1:7190", "ecm.ap-xian-ecm.tencentcloudapi.com")]
#[case::ipv6("[::1]:7190", "[::1]")]
#[tokio::test]
async fn any_host_that_a_client_may_have_signed_for_is_tried(
    #[case] wire: &str,
    #[case] signed: &str,
) {
    let (server, body) = (verifying().await, body());
    let headers = [("Host", wire), ("X-TC-Region", "ap-xian-ecm")];
    vip(&send(&server, &V3::post(signed, &body), &headers).await);
    let wrong = V3::post("ecm.example.com", &body);
    assert_eq!(error(&send(&server, &wrong, &headers).await).1, FAILED);
}

#[rstest]
#[case::action_in_lower_case(vec![("x-tc-action", "createhavip")], "application/json")]
#[case::many(vec![("x-tc-action", "createhavip"), ("x-tc-version", VERSION)], "application/json")]
#[case::charset(vec![], "application/json; charset=utf-8")]
#[case::mixed_case_as_sent(vec![], "application/JSON")]
#[tokio::test]
async fn any_signed_headers_verify(#[case] more: Vec<(&str, &str)>, #[case] content_type: &str) {
    let (server, body) = (verifying().await, body());
    let address = server.address();
    let mut signature = V3::post(&address, &body);
    signature.headers[0].1 = content_type;
    signature.headers.extend(more);
    vip(&send(&server, &signature, &[("Content-Type", content_type)]).await);
}

/// SDKs sign a content type and a host as they send them, and no other header at all.
#[tokio::test]
async fn other_values_are_signed_in_lower_case() {
    let (server, body) = (verifying().await, body());
    let address = server.address();
    let mut signature = V3::post(&address, &body);
    signature.headers.push(("x-tc-action", "CreateHaVip"));
    assert_eq!(error(&send(&server, &signature, &[]).await).1, FAILED);
}

#[tokio::test]
async fn a_get_signs_its_raw_query() {
    let server = verifying().await;
    let address = server.address();
    let query = format!("VpcId={VPC}&HaVipName=a%2Ab*~%20c+d&SubnetId={SUBNET}");
    let content_type = "application/x-www-form-urlencoded";
    let signature = V3 {
        method: "GET",
        query: &query,
        headers: vec![("content-type", content_type), ("host", &address)],
        ..V3::post("", b"")
    };
    let response = send(&server, &signature, &[("Content-Type", content_type)]).await;
    assert_eq!(response["HaVip"]["HaVipName"], "a*b*~ c d");
    let other = format!("{query}&Vip=172.16.0.99");
    let authorization = signature.authorization();
    let changed = V3 { query: &other, ..signature };
    let more = [("Content-Type", content_type)];
    let answer = send_signed(&server, &changed, &authorization, &more).await;
    assert_eq!(code(&answer.response()), "AuthFailure.SignatureFailure");
}

const CONTENT_HASH: &str = "X-TC-Content-SHA256";

#[tokio::test]
async fn the_payload_may_be_unsigned_or_have_a_stated_hash() {
    let (server, body) = (verifying().await, body());
    let address = server.address();
    let unsigned = V3::post(&address, b"UNSIGNED-PAYLOAD").authorization();
    let whole = V3::post(&address, &body);
    let more = [(CONTENT_HASH, "UNSIGNED-PAYLOAD")];
    vip(&send_signed(&server, &whole, &unsigned, &more).await.response());
    let response = send(&server, &whole, &[(CONTENT_HASH, &"0".repeat(64))]).await;
    let expected = "The value specified in `X-TC-Content-SHA256` is not correct.";
    assert_eq!(error(&response), ("InvalidParameterValue", expected));
}

#[tokio::test]
async fn a_changed_body_or_a_wrong_key_is_a_signature_failure() {
    let (server, body) = (verifying().await, body());
    let address = server.address();
    let right = V3::post(&address, &body);
    let changed = create(json!({ "Vip": "172.16.0.99" })).to_string().into_bytes();
    let (changed, authorization) = (V3::post(&address, &changed), right.authorization());
    let zh = [("X-TC-Language", "zh-CN")];
    let response = send_signed(&server, &changed, &authorization, &zh).await.response();
    let expected = "请求签名验证失败，请检查您的签名计算是否正确。";
    assert_eq!(error(&response), ("AuthFailure.SignatureFailure", expected));
    let wrong = V3 { secret_key: "wrong", ..right };
    let response = send(&server, &wrong, &[]).await;
    assert_eq!(error(&response), ("AuthFailure.SignatureFailure", FAILED));
}

#[rstest]
#[case::five_minutes_late(-300, None)]
#[case::five_minutes_early(300, None)]
#[case::later(-301, Some("AuthFailure.SignatureExpire"))]
#[case::earlier(301, Some("AuthFailure.SignatureExpire"))]
#[tokio::test]
async fn a_timestamp_may_be_five_minutes_off(#[case] seconds: i64, #[case] expected: Option<&str>) {
    let (server, body) = (verifying().await, body());
    let address = server.address();
    let signature = V3 { timestamp: NOW + seconds, ..V3::post(&address, &body) };
    let response = send(&server, &signature, &[]).await;
    assert_eq!(response["Error"]["Code"].as_str(), expected);
    if expected.is_some() {
        let text = format!(
            "Signature expired. Please use local time and enable NTP service for time synchronization to avoid a deviation between `Timestamp` and the server time {NOW}."
        );
        assert_eq!(error(&response).1, text);
    }
}

#[rstest]
#[case::unknown_id(|it: &mut V3| it.secret_id = "AKIDnobody", "AuthFailure.SecretIdNotFound", "The SecretId is not found, please ensure that your SecretId is correct.")]
#[case::beijing_date(|it: &mut V3| it.date = "2026-11-23", "AuthFailure.InvalidAuthorization", "The request `Authorization` header does not conform to tencentcloud standards: `Date` in Credential not valid.")]
#[case::host_unsigned(|it: &mut V3| it.headers.truncate(1), "AuthFailure.InvalidAuthorization", "The request `Authorization` header does not conform to tencentcloud standards: `SignedHeaders` not valid.")]
#[tokio::test]
async fn a_failed_authentication_has_a_reason(
    #[case] change: fn(&mut V3),
    #[case] expected: &str,
    #[case] message: &str,
) {
    let (server, body) = (verifying().await, body());
    let address = server.address();
    let mut signature = V3::post(&address, &body);
    change(&mut signature);
    assert_eq!(error(&send(&server, &signature, &[]).await), (expected, message));
}

/// Each repetition would copy the header again.
#[tokio::test]
async fn a_header_cannot_be_signed_twice() {
    let (server, body) = (verifying().await, body());
    let address = server.address();
    let mut signature = V3::post(&address, &body);
    signature.headers.extend(std::iter::repeat_n(("x", "value"), 2));
    let response = send(&server, &signature, &[("X", "value")]).await;
    let expected = "The request `Authorization` header does not conform to tencentcloud standards: `SignedHeaders` not valid.";
    assert_eq!(error(&response), ("AuthFailure.InvalidAuthorization", expected));
}

/// A call that cannot prove its SecretId must not evict the accounts of others.
#[tokio::test]
async fn rejected_calls_do_not_evict_accounts() {
    let (server, body) = (verifying().await, body());
    let address = server.address();
    let victim = V3 { secret_id: "ecmock-victim", ..V3::post(&address, &body) };
    assert_eq!(vip(&send(&server, &victim, &[]).await), "172.16.0.17");
    for number in 0..=crate::control::accounts::ACCOUNTS_MAX {
        let secret_id = format!("ecmock-{number}");
        let wrong = V3 { secret_id: &secret_id, secret_key: "wrong", ..V3::post(&address, &body) };
        assert_eq!(code(&send(&server, &wrong, &[]).await), "AuthFailure.SignatureFailure");
    }
    assert_eq!(vip(&send(&server, &victim, &[]).await), "172.16.0.18");
}

#[tokio::test]
async fn the_service_must_match_a_host_of_the_product() {
    let (server, body) = (verifying().await, body());
    let address = server.address();
    // Node, Java, PHP, .NET, and C++ derive such a service from an address.
    vip(&send(&server, &V3 { service: "127", ..V3::post(&address, &body) }, &[]).await);
    vip(&send(&server, &V3 { service: "http://127", ..V3::post(&address, &body) }, &[]).await);
    let host = "ecm.tencentcloudapi.com";
    let wrong = V3 { service: "cvm", ..V3::post(host, &body) };
    let expected = "The request `Authorization` header does not conform to tencentcloud standards: `Service` in Credential not valid.";
    let response = send(&server, &wrong, &[("Host", host)]).await;
    assert_eq!(error(&response), ("AuthFailure.InvalidAuthorization", expected));
}

#[tokio::test]
async fn a_token_is_rejected_with_a_permanent_key() {
    let (server, body) = (verifying().await, body());
    let address = server.address();
    let response = send(&server, &V3::post(&address, &body), &[("X-TC-Token", "t")]).await;
    let expected = "Token verification failed, please check if your Token is correct.";
    assert_eq!(error(&response), ("AuthFailure.TokenFailure", expected));
}

#[tokio::test]
async fn an_unsigned_call_is_unauthorized() {
    let (server, body) = (verifying().await, body());
    let address = server.address();
    let answer = send_signed(&server, &V3::post(&address, &body), "SKIP", &[]).await;
    let response = answer.response();
    let (code, message) = error(&response);
    assert_eq!(code, "AuthFailure.UnauthorizedOperation");
    let request_id = response["RequestId"].as_str().unwrap();
    let expected = format!(
        "[[request id:{request_id}]you are not authorized to perform operation (ecm:CreateHaVip)\nresource (*) has no permission\n]"
    );
    assert!(message.ends_with(&expected), "{message}");
}

#[rstest]
#[case::timestamp("X-TC-Timestamp", "MissingParameter")]
#[case::authorization("Authorization", "MissingParameter")]
#[tokio::test]
async fn a_missing_signature_header_is_reported(#[case] header: &str, #[case] expected: &str) {
    let (server, body) = (verifying().await, body());
    let address = server.address();
    let response = send(&server, &V3::post(&address, &body), &[(header, "")]).await;
    let message = format!("The request header is missing a required common parameter `{header}`.");
    assert_eq!(error(&response), (expected, message.as_str()));
}

#[tokio::test]
async fn a_missing_action_is_reported_before_a_foreign_algorithm() {
    let server = verifying().await;
    let aws = "AWS4-HMAC-SHA256 Credential=AKIA/20261122/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0";
    let form = "Action=GetCallerIdentity&Version=2011-06-15";
    let headers = [
        ("Authorization", aws),
        ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
    ];
    let response = server.send("POST", "/", &headers, form.as_bytes()).await.response();
    let expected = "The request header is missing a required common parameter `X-TC-Action`.";
    assert_eq!(error(&response), ("MissingParameter", expected));

    let body = body();
    let response = send_signed(&server, &V3::post("", &body), aws, &[]).await.response();
    assert_eq!(code(&response), "AuthFailure.InvalidAuthorization");
}

/// A wrong signature is reported before any error in the action's parameters.
#[tokio::test]
async fn parameters_are_checked_after_the_signature() {
    let server = verifying().await;
    let address = server.address();
    let wrong = V3 { secret_key: "wrong", ..V3::post(&address, b"{\"Bogus\":1}") };
    assert_eq!(code(&send(&server, &wrong, &[]).await), "AuthFailure.SignatureFailure");
    let unknown_action = [("X-TC-Action", "Nope")];
    assert_eq!(code(&send(&server, &wrong, &unknown_action).await), "InvalidAction");
}

fn pairs(timestamp: &str) -> Vec<(&str, &str)> {
    vec![
        ("Action", "CreateHaVip"),
        ("Version", VERSION),
        ("Timestamp", timestamp),
        ("Nonce", "0"),
        ("SecretId", SECRET_ID),
        ("Region", ""),
        ("RequestClient", "SDK_GO_1.3.166"),
        ("VpcId", VPC),
        ("SubnetId", SUBNET),
        ("HaVipName", "a b&c=d+e 名"),
    ]
}

async fn send_v1(server: &TestServer, method: &str, text: &str) -> Value {
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer = match method {
        "GET" => server.send("GET", &format!("/?{text}"), &[], b"").await,
        _ => server.send("POST", "/", &form, text.as_bytes()).await,
    };
    answer.response()
}

#[rstest]
#[tokio::test]
async fn a_v1_signature_verifies(
    #[values("GET", "POST")] method: &str,
    #[values(None, Some("HmacSHA1"), Some("HmacSHA256"))] algorithm: Option<&str>,
) {
    let server = verifying().await;
    let timestamp = NOW.to_string();
    let mut pairs = pairs(&timestamp);
    pairs.extend(algorithm.map(|it| ("SignatureMethod", it)));
    let text = v1(method, &server.address(), &pairs, SECRET_KEY);
    let response = send_v1(&server, method, &text).await;
    assert_eq!(response["HaVip"]["HaVipName"], "a b&c=d+e 名");
    let wrong = v1(method, &server.address(), &pairs, "wrong");
    let response = send_v1(&server, method, &wrong).await;
    assert_eq!(error(&response), ("AuthFailure.SignatureFailure", FAILED));
}

#[tokio::test]
async fn a_bare_region_is_signed_as_an_empty_region() {
    let server = verifying().await;
    let timestamp = NOW.to_string();
    let text = v1("GET", &server.address(), &pairs(&timestamp), SECRET_KEY);
    vip(&send_v1(&server, "GET", &text.replace("Region=&", "Region&")).await);
}

#[rstest]
#[case::timestamp(
    "Timestamp",
    "MissingParameter",
    "The request is missing a required parameter `Timestamp`."
)]
#[case::nonce("Nonce", "MissingParameter", "The request is missing a required parameter `Nonce`.")]
#[case::secret_id(
    "SecretId",
    "MissingParameter",
    "The request is missing a required parameter `SecretId`."
)]
#[tokio::test]
async fn a_missing_signature_parameter_is_reported(
    #[case] name: &str,
    #[case] expected: &str,
    #[case] message: &str,
) {
    let server = verifying().await;
    let timestamp = NOW.to_string();
    let mut pairs = pairs(&timestamp);
    pairs.retain(|(it, _)| *it != name);
    let text = v1("GET", &server.address(), &pairs, SECRET_KEY);
    assert_eq!(error(&send_v1(&server, "GET", &text).await), (expected, message));
}

#[tokio::test]
async fn an_unknown_signature_method_is_invalid() {
    let server = verifying().await;
    let timestamp = NOW.to_string();
    let mut pairs = pairs(&timestamp);
    pairs.push(("SignatureMethod", "HmacMD5"));
    let text = v1("GET", &server.address(), &pairs, SECRET_KEY);
    let expected =
        "A value specified in `SignatureMethod` is not valid, is unsupported, or cannot be used.";
    assert_eq!(error(&send_v1(&server, "GET", &text).await), ("InvalidParameterValue", expected));
}

#[tokio::test]
async fn a_credential_selects_its_account() {
    let credentials = ["team:key@one", "solo:key@two", "ecmock-one:key"];
    let server = TestServer::with(|config| {
        config.auth = Auth::Verify;
        config.credentials = credentials.iter().map(|it| it.parse().unwrap()).collect();
    })
    .await;
    let (address, body) = (server.address(), body());
    let call = async |secret_id| {
        let signature = V3 { secret_id, secret_key: "key", ..V3::post(&address, &body) };
        vip(&send(&server, &signature, &[]).await).to_owned()
    };
    assert_eq!(call("team").await, "172.16.0.17");
    assert_eq!(call("ecmock-one").await, "172.16.0.18");
    assert_eq!(call("solo").await, "172.16.0.17");
}

#[rstest]
#[case::none("")]
#[case::skipped("SKIP")]
#[case::nonsense("nonsense")]
#[case::foreign(
    "AWS4-HMAC-SHA256 Credential=AKIA/20261122/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0"
)]
#[case::everything_wrong(
    "TC3-HMAC-SHA256 Credential=AKID/1970-01-01/cvm/tc3_request, SignedHeaders=host, Signature=00"
)]
#[tokio::test]
async fn an_open_server_accepts_any_signature(#[case] authorization: &str) {
    let (server, body) = (TestServer::new().await, body());
    for timestamp in [0, i64::MAX] {
        let signature = V3 { timestamp, ..V3::post("", &body) };
        let more = [("X-TC-Token", "t"), ("Host", "ecm.tencentcloudapi.com")];
        vip(&send_signed(&server, &signature, authorization, &more).await.response());
    }
}

#[tokio::test]
async fn an_open_server_reads_the_account_from_an_unsigned_call() {
    let server = TestServer::new().await;
    let target = |id: &str| {
        format!(
            "/?Action=CreateHaVip&Version={VERSION}&SecretId={id}&VpcId={VPC}&SubnetId={SUBNET}&HaVipName=n"
        )
    };
    for (id, expected) in
        [("ecmock-one", "172.16.0.17"), ("ecmock-one", "172.16.0.18"), ("AKID", "172.16.0.17")]
    {
        let answer = server.send("GET", &target(id), &[], b"").await;
        assert_eq!(vip(&answer.response()), expected, "{id}");
    }
    assert_eq!(vip(&server.create(json!({})).await), "172.16.0.18");
}

/// The size of the call decides whether a blocking thread makes the explanation.
#[rstest]
#[tokio::test]
async fn a_signature_for_a_real_host_of_the_product_is_explained(
    #[values(10, 10_000)] bytes: usize,
) {
    let server = verifying().await;
    let body = create(json!({ "HaVipName": "test", "Vip": " ".repeat(bytes) })).to_string();
    let call = V3::post("ecm.tencentcloudapi.com", body.as_bytes());
    let answer = send_signed(&server, &call, &call.authorization(), &[]).await;
    let diagnosis = answer.header("x-ecmock-explain").unwrap();
    assert!(diagnosis.starts_with("HostReal"), "{diagnosis}");
    let calls = server.admin().get("requests").await;
    let call = &calls["Requests"][0];
    assert_eq!(call["Signature"]["Verdict"], "valid");
    assert_eq!(call["Signature"]["Diagnosis"]["Name"], "HostReal");
}
