//! Differences between clients that are all valid.

use crate::config::Auth;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rstest::rstest;
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::tests::{
    auth::{body, verifying},
    signer::{NOW, SECRET_ID, SECRET_KEY, V3, v1},
    support::{SUBNET, TestServer, VERSION, VPC, code, error, vip},
};

const HOST: &str = "fake.example.test:7190";
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// Posts the body of `signature` with `authorization` and more headers, including the host.
async fn post(
    server: &TestServer,
    target: &str,
    signature: &V3<'_>,
    authorization: &str,
    more: &[(&str, &str)],
) -> Value {
    let timestamp = signature.timestamp.to_string();
    let headers = [
        ("X-TC-Action", "CreateHaVip"),
        ("X-TC-Version", VERSION),
        ("X-TC-Timestamp", timestamp.as_str()),
        ("Content-Type", "application/json"),
        ("Authorization", authorization),
    ];
    let headers = [&headers[..], more].concat();
    server.send("POST", target, &headers, signature.body).await.response()
}

/// Posts a call that is signed for `HOST` and sent to it.
async fn post_signed(server: &TestServer, signature: &V3<'_>, more: &[(&str, &str)]) -> Value {
    let more = [&[("Host", HOST)], more].concat();
    post(server, "/", signature, &signature.authorization(), &more).await
}

/// The parameters of a v1 call. `more` adds parameters or replaces their values.
fn pairs<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let defaults = [
        ("Action", "CreateHaVip"),
        ("Version", VERSION),
        ("Timestamp", "1795320000"),
        ("Nonce", "11886"),
        ("SecretId", SECRET_ID),
        ("VpcId", VPC),
        ("SubnetId", SUBNET),
        ("HaVipName", "test"),
    ];
    let has = |name: &str| more.iter().any(|(it, _)| *it == name);
    defaults.into_iter().filter(|(name, _)| !has(name)).chain(more.iter().copied()).collect()
}

/// Sends the query of a v1 call to `HOST`.
async fn get(server: &TestServer, text: &str) -> Value {
    server.send("GET", &format!("/?{text}"), &[("Host", HOST)], b"").await.response()
}

async fn get_signed(server: &TestServer, more: &[(&str, &str)]) -> Value {
    get(server, &v1("GET", HOST, &pairs(more), SECRET_KEY)).await
}

/// The query of a v1 call with additional parameters. `names` is their spelling and order in the
/// signature.
fn signed_as(own: &[(&str, &str)], names: &[&str]) -> String {
    let mut pairs = pairs(own);
    let common = pairs.len() - own.len();
    pairs[..common].sort_unstable();
    let mut text: Vec<String> = names.iter().map(|name| format!("{name}=1")).collect();
    text.extend(pairs[..common].iter().map(|(name, value)| format!("{name}={value}")));
    let text = format!("GET{HOST}/?{}", text.join("&"));
    let mac = Hmac::<Sha1>::new_from_slice(SECRET_KEY.as_bytes()).unwrap();
    let signature = BASE64_STANDARD.encode(mac.chain_update(text).finalize().into_bytes());
    pairs.push(("Signature", &signature));
    let encode = |it: &str| it.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let pairs: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    pairs.join("&")
}

/// Python and Java sign the `_` in a name as `.`: Python replaces it before sorting, Java after.
#[rstest]
#[case::as_it_is(&["A1", "A_B"])]
#[case::python(&["A.B", "A1"])]
#[case::java(&["A1", "A.B"])]
#[tokio::test]
async fn an_underscore_may_be_signed_as_a_dot(#[case] names: &[&str]) {
    let server = verifying().await;
    let response = get(&server, &signed_as(&[("A_B", "1"), ("A1", "1")], names)).await;
    // The unknown parameter is reported only after the signature is accepted.
    let expected = ("UnknownParameter", "The parameter `A1` is not recognized.");
    assert_eq!(error(&response), expected);
}

#[tokio::test]
async fn a_dot_may_not_be_signed_as_an_underscore() {
    let server = verifying().await;
    let response = get(&server, &signed_as(&[("A.B", "1")], &["A_B"])).await;
    assert_eq!(code(&response), "AuthFailure.SignatureFailure");
}

#[rstest]
#[case::path("/any/path")]
#[case::path_and_query("/any/path?or=query")]
#[case::no_query("/?")]
#[case::absolute_form("http://ecm.tencentcloudapi.com/")]
#[case::absolute_form_with_path("http://ecm.tencentcloudapi.com:80/any/path")]
#[case::absolute_form_without_path("http://ecm.tencentcloudapi.com")]
#[tokio::test]
async fn the_signed_path_is_the_root_for_every_target(#[case] target: &str) {
    let (server, body) = (verifying().await, body());
    let signature = V3::post(HOST, &body);
    let host = [("Host", HOST)];
    vip(&post(&server, target, &signature, &signature.authorization(), &host).await);

    let text = v1("POST", HOST, &pairs(&[]), SECRET_KEY);
    let answer = server.send("POST", target, &[host[0], FORM], text.as_bytes()).await;
    vip(&answer.response());
    let text = v1("GET", HOST, &pairs(&[]), SECRET_KEY);
    let target = format!("{}?{text}", target.split('?').next().unwrap());
    vip(&server.send("GET", &target, &host, b"").await.response());
}

#[tokio::test]
async fn the_correct_hash_of_the_body_may_be_stated() {
    let (server, body) = (verifying().await, body());
    let signature = V3::post(HOST, &body);
    let hash = |text: &[u8]| {
        let digits =
            Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
        digits.concat()
    };
    vip(&post_signed(&server, &signature, &[("X-TC-Content-SHA256", &hash(&body))]).await);
    let response = post_signed(&server, &signature, &[("X-TC-Content-SHA256", &hash(b""))]).await;
    assert_eq!(code(&response), "InvalidParameterValue");
}

/// `null` means no parameters, but the signature covers its four bytes.
#[rstest]
#[case::as_sent(b"null", "MissingParameter")]
#[case::as_an_empty_object(b"{}", "AuthFailure.SignatureFailure")]
#[tokio::test]
async fn a_body_of_null_is_signed_as_it_is_sent(#[case] signed: &[u8], #[case] expected: &str) {
    let server = verifying().await;
    let authorization = V3::post(HOST, signed).authorization();
    let sent = V3::post(HOST, b"null");
    let response = post(&server, "/", &sent, &authorization, &[("Host", HOST)]).await;
    assert_eq!(code(&response), expected);
}

#[rstest]
#[case::joined("a,b", None)]
#[case::only_the_first("a", Some("AuthFailure.SignatureFailure"))]
#[case::only_the_last("b", Some("AuthFailure.SignatureFailure"))]
#[tokio::test]
async fn the_values_of_a_header_sent_twice_are_signed_as_one(
    #[case] signed: &str,
    #[case] expected: Option<&str>,
) {
    let (server, body) = (verifying().await, body());
    let mut signature = V3::post(HOST, &body);
    signature.headers.push(("x-more", signed));
    let response = post_signed(&server, &signature, &[("X-More", "a"), ("x-more", "\t b ")]).await;
    assert_eq!(response["Error"]["Code"].as_str(), expected);
}

#[rstest]
#[case::unsorted("host;x-tc-action;content-type")]
#[case::mixed_case("Content-Type;Host;X-TC-Action")]
#[case::both("X-TC-Action;Host;Content-Type")]
#[case::spaces("content-type; host; x-tc-action")]
#[tokio::test]
async fn signed_headers_may_be_named_in_any_case_and_order(#[case] names: &str) {
    let (server, body) = (verifying().await, body());
    let mut signature = V3::post(HOST, &body);
    signature.headers.push(("x-tc-action", "createhavip"));
    let authorization = signature.authorization().replace("content-type;host;x-tc-action", names);
    assert!(authorization.contains(names));
    vip(&post(&server, "/", &signature, &authorization, &[("Host", HOST)]).await);
}

#[rstest]
#[case("zh-CN")]
#[case("zh-cn")]
#[case("ZH-CN")]
#[tokio::test]
async fn a_language_is_named_in_any_case(#[case] language: &str) {
    let (server, expected) = (TestServer::new().await, "请求缺少必传参数 `VpcId` 。");
    let signature = V3::post(HOST, b"{}");
    let response = post_signed(&server, &signature, &[("X-TC-Language", language)]).await;
    assert_eq!(error(&response), ("MissingParameter", expected));
    let text = format!("Action=CreateHaVip&Version={VERSION}&Language={language}");
    assert_eq!(error(&get(&server, &text).await), ("MissingParameter", expected));
}

/// HTTP/1.0 has no `Host` header.
#[rstest]
#[case::same(HOST, None)]
#[case::without_its_port("fake.example.test", None)]
#[case::another("other.example.test", Some("AuthFailure.SignatureFailure"))]
#[tokio::test]
async fn the_host_of_an_absolute_form_replaces_a_missing_host_header(
    #[case] signed: &str,
    #[case] expected: Option<&str>,
) {
    let (server, body) = (verifying().await, body());
    let authorization = V3::post(signed, &body).authorization();
    let head = format!(
        "POST http://{HOST}/ HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {}\r\nX-TC-Action: CreateHaVip\r\nX-TC-Version: {VERSION}\r\nX-TC-Timestamp: {NOW}\r\nAuthorization: {authorization}\r\n\r\n",
        body.len()
    );
    let mut connection = server.connect().await;
    connection.write(&[head.as_bytes(), &body].concat()).await;
    let response = connection.read("POST").await.response();
    assert_eq!(response["Error"]["Code"].as_str(), expected);
}

#[tokio::test]
async fn a_token_is_rejected_with_a_permanent_key_in_v1() {
    let server = verifying().await;
    let expected = "Token verification failed, please check if your Token is correct.";
    let response = get_signed(&server, &[("Token", "t")]).await;
    assert_eq!(error(&response), ("AuthFailure.TokenFailure", expected));
}

#[rstest]
#[case::of_node("0")]
#[case::of_python("9223372036854775807")]
#[tokio::test]
async fn a_nonce_may_be_any_unsigned_integer(#[case] nonce: &str) {
    vip(&get_signed(&verifying().await, &[("Nonce", nonce)]).await);
}

#[rstest]
#[case("-1")]
#[case("+1")]
#[case("1.5")]
#[case("1e3")]
#[case("one")]
#[case("１")]
#[tokio::test]
async fn a_number_must_consist_of_digits(
    #[case] text: &str,
    #[values("Nonce", "Timestamp")] name: &str,
) {
    let server = verifying().await;
    let message = |name| {
        format!("A value specified in `{name}` is not valid, is unsupported, or cannot be used.")
    };
    let response = get_signed(&server, &[(name, text)]).await;
    assert_eq!(error(&response), ("InvalidParameterValue", message(name).as_str()));
}

/// A lenient parser would accept `+1795320000`.
#[rstest]
#[case("+1795320000")]
#[case("1795320000.0")]
#[case("1.79532e9")]
#[case("１７９５３２００００")]
#[case("now")]
#[tokio::test]
async fn a_timestamp_must_consist_of_digits(#[case] timestamp: &str) {
    let (server, body) = (verifying().await, body());
    let signature = V3::post(HOST, &body);
    let authorization = signature.authorization();
    let headers = [
        ("Host", HOST),
        ("Content-Type", "application/json"),
        ("X-TC-Action", "CreateHaVip"),
        ("X-TC-Version", VERSION),
        ("X-TC-Timestamp", timestamp),
        ("Authorization", &authorization),
    ];
    let response = server.send("POST", "/", &headers, &body).await.response();
    let message =
        "A value specified in `X-TC-Timestamp` is not valid, is unsupported, or cannot be used.";
    assert_eq!(error(&response), ("InvalidParameterValue", message));
    let response = get_signed(&server, &[("Timestamp", timestamp)]).await;
    assert_eq!(error(&response), ("InvalidParameterValue", &*message.replace("X-TC-", "")));
}

/// Go and .NET send unset parameters as empty ones.
#[rstest]
#[case::region("Region")]
#[case::language("Language")]
#[case::token("Token")]
#[case::signature_method("SignatureMethod")]
#[tokio::test]
async fn an_empty_common_parameter_counts_as_absent(#[case] name: &str) {
    let (server, body) = (verifying().await, body());
    vip(&get_signed(&server, &[(name, "")]).await);
    let signature = V3::post(HOST, &body);
    for empty in ["", " ", "\t"] {
        let header = format!("X-TC-{name}");
        vip(&post_signed(&server, &signature, &[(&header, empty)]).await);
    }
}

/// Other white space is part of a value. In v1, all white space is.
#[tokio::test]
async fn spaces_and_tabs_around_a_header_are_ignored() {
    let (server, rest) = (TestServer::new().await, "is invalid or not found in service=`ecm`");
    let message = |action| format!("The request action=`{action}` {rest} and version=`{VERSION}`.");
    let call = async |action: &str| {
        let headers = [("X-TC-Action", action), ("X-TC-Version", VERSION)];
        server.send_by_socket("POST", "/", &headers, &body()).await.response()
    };
    vip(&call(" \t CreateHaVip \t ").await);
    for action in ["CreateHaVip\u{3000}", "\u{a0}CreateHaVip"] {
        assert_eq!(error(&call(action).await), ("InvalidAction", message(action).as_str()));
    }
    let response = get(&server, &format!("Action=CreateHaVip+&Version={VERSION}")).await;
    assert_eq!(error(&response), ("InvalidAction", message("CreateHaVip ").as_str()));
}

/// Otherwise, `ecm..tencentcloudapi.com` would be an accepted host.
#[tokio::test]
async fn an_empty_region_adds_no_host() {
    let (server, body, odd) = (verifying().await, body(), "ecm..tencentcloudapi.com");
    let response = post_signed(&server, &V3::post(odd, &body), &[("X-TC-Region", "")]).await;
    assert_eq!(code(&response), "AuthFailure.SignatureFailure");
    let text = v1("GET", odd, &pairs(&[("Region", "")]), SECRET_KEY);
    assert_eq!(code(&get(&server, &text).await), "AuthFailure.SignatureFailure");
}

#[tokio::test]
async fn a_common_parameter_cannot_be_a_list() {
    let server = verifying().await;
    let expected = ("UnknownParameter", "The parameter `Region` is not recognized.");
    assert_eq!(error(&get_signed(&server, &[("Region.0", "x")]).await), expected);
}

#[rstest]
#[case::dot_net("TC3-HMAC-SHA256 ", "TC3-HMAC-SHA256  ")]
#[case::tab("TC3-HMAC-SHA256 ", "TC3-HMAC-SHA256\t")]
#[case::no_spaces(", ", ",")]
#[case::many_spaces(", ", "  ,  ")]
#[tokio::test]
async fn an_authorization_may_have_any_ascii_spaces(#[case] from: &str, #[case] to: &str) {
    let (server, body) = (verifying().await, body());
    let signature = V3::post(HOST, &body);
    let authorization = signature.authorization().replace(from, to);
    vip(&post(&server, "/", &signature, &authorization, &[("Host", HOST)]).await);
}

/// A no-break space or an ideographic space is a mistake.
#[rstest]
#[case::after_the_algorithm("TC3-HMAC-SHA256 ", "TC3-HMAC-SHA256\u{a0}", "`Algorithm`")]
#[case::before_the_credential("Credential", "\u{a0}Credential", "`Credential`")]
#[case::before_the_headers(", SignedHeaders", ",\u{3000}SignedHeaders", "`SignedHeaders`")]
#[case::after_a_header(";host,", ";host\u{a0},", "`SignedHeaders`")]
#[case::before_the_signature(", Signature=", ",\u{a0}Signature=", "`Signature`")]
#[tokio::test]
async fn an_authorization_must_not_have_other_white_space(
    #[case] from: &str,
    #[case] to: &str,
    #[case] part: &str,
) {
    let (server, body) = (verifying().await, body());
    let signature = V3::post(HOST, &body);
    let authorization = signature.authorization().replace(from, to);
    let headers = [("Host", HOST)];
    let response = post(&server, "/", &signature, &authorization, &headers).await;
    let standards = "header does not conform to tencentcloud standards";
    let message = format!("The request `Authorization` {standards}: {part} not valid.");
    assert_eq!(error(&response), ("AuthFailure.InvalidAuthorization", message.as_str()));
}

/// Python reuses a dictionary of headers, so a v1 call may contain the headers of a v3 call.
#[rstest]
#[tokio::test]
async fn stale_headers_do_not_make_a_call_v3(#[values(Auth::Open, Auth::Verify)] auth: Auth) {
    let server = TestServer::with(|config| config.auth = auth).await;
    let stale = [
        ("Host", HOST),
        ("X-TC-Action", "DescribeHaVips"),
        ("X-TC-Version", "2017-03-12"),
        ("X-TC-Timestamp", "0"),
        ("X-TC-Token", "t"),
        ("X-TC-Language", "fr-FR"),
    ];
    let text = v1("GET", HOST, &pairs(&[]), SECRET_KEY);
    vip(&server.send("GET", &format!("/?{text}"), &stale, b"").await.response());
    let form = v1("POST", HOST, &pairs(&[]), SECRET_KEY);
    let headers = [&stale[..], &[FORM]].concat();
    vip(&server.send("POST", "/", &headers, form.as_bytes()).await.response());
}

#[tokio::test]
async fn an_unknown_caller_uses_the_default_account() {
    let start = || {
        TestServer::with(|config| {
            config.auth = Auth::Verify;
            config.credentials = vec!["known:key@own".parse().unwrap()];
        })
    };
    let (server, plain, body) = (start().await, start().await, body());
    for secret_id in ["ecmock-one", "ecmock-two", "AKIDnobody"] {
        let signature = V3 { secret_id, ..V3::post(HOST, &body) };
        let response = post_signed(&server, &signature, &[]).await;
        assert_eq!(code(&response), "AuthFailure.SecretIdNotFound");
        // The request ID is the same as without any credential.
        let anonymous = plain.send("POST", "/", &[], b"{}").await.response();
        assert_eq!(response["RequestId"], anonymous["RequestId"], "{secret_id}");
        let response = get_signed(&server, &[("SecretId", secret_id)]).await;
        assert_eq!(code(&response), "AuthFailure.SecretIdNotFound");
        let anonymous = plain.send("POST", "/", &[], b"{}").await.response();
        assert_eq!(response["RequestId"], anonymous["RequestId"], "{secret_id}");
    }
    let known = V3 { secret_id: "known", secret_key: "key", ..V3::post(HOST, &body) };
    let known = post_signed(&server, &known, &[]).await;
    assert_eq!(vip(&known), "172.16.0.17");
    let anonymous = plain.send("POST", "/", &[], b"{}").await.response();
    assert_ne!(known["RequestId"], anonymous["RequestId"]);
}

/// A base64 signature ends in `=`, which some clients do not encode.
#[tokio::test]
async fn the_padding_of_a_signature_need_not_be_encoded() {
    let text = v1("GET", HOST, &pairs(&[]), SECRET_KEY);
    let bare = text.replace("%3D", "=");
    assert!(bare.ends_with('=') && bare != text);
    vip(&get(&verifying().await, &bare).await);
}

/// The SecretId selects the same account as without them, but matches no credential.
#[rstest]
#[case::before(" ecmock-web")]
#[case::after("ecmock-web ")]
#[case::both("\tecmock-web\t")]
#[tokio::test]
async fn white_space_around_a_secret_id_does_not_change_the_account(#[case] secret_id: &str) {
    let body = body();
    let (open, strict) = (TestServer::new().await, verifying().await);
    for (server, code, account) in
        [(open, None, "web"), (strict, Some("AuthFailure.SecretIdNotFound"), "default")]
    {
        let signature = V3 { secret_id, ..V3::post(HOST, &body) };
        let by_header = post_signed(&server, &signature, &[]).await;
        let by_query = get_signed(&server, &[("SecretId", secret_id)]).await;
        for response in [by_header, by_query] {
            assert_eq!(response["Error"]["Code"].as_str(), code, "{response}");
        }
        let entries = server.admin_of(account).requests("").await;
        assert_eq!(entries.len(), 2);
        if code.is_some() {
            assert_eq!(entries[0]["Signature"]["Diagnosis"]["Name"], "SecretIdWithSpace");
        }
    }
}

#[rstest]
#[case::as_sent("Fake.Example.TEST:7190", "Fake.Example.TEST:7190")]
#[case::as_sent_without_its_port("Fake.Example.TEST:7190", "Fake.Example.TEST")]
#[case::in_lower_case("Fake.Example.TEST:7190", HOST)]
#[case::in_lower_case_without_its_port("Fake.Example.TEST:7190", "fake.example.test")]
#[case::the_real_host("ECM.TencentCloudAPI.com", "ecm.tencentcloudapi.com")]
#[tokio::test]
async fn a_host_may_be_in_upper_case(#[case] wire: &str, #[case] signed: &str) {
    let (server, body) = (verifying().await, body());
    let signature = V3::post(signed, &body);
    vip(&post(&server, "/", &signature, &signature.authorization(), &[("Host", wire)]).await);
}

#[rstest]
#[case("ecm.tencentcloudapi.com")]
#[case("ECM.tencentcloudapi.com")]
#[case("Ecm.intl.tencentcloudapi.com:80")]
#[case("http://ECM.tencentcloudapi.com")]
#[case("ECM:7190")]
#[tokio::test]
async fn a_host_of_the_product_is_recognized_in_upper_case(#[case] host: &str) {
    let (server, body) = (verifying().await, body());
    let signature = V3 { service: "cvm", ..V3::post(host, &body) };
    let response =
        post(&server, "/", &signature, &signature.authorization(), &[("Host", host)]).await;
    let expected = "The request `Authorization` header does not conform to tencentcloud standards: `Service` in Credential not valid.";
    assert_eq!(error(&response), ("AuthFailure.InvalidAuthorization", expected));
}
