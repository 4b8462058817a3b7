//! The order of all checks: a call that is wrong in every way, fixed one step at a time.

use std::collections::BTreeMap;

use crate::config::Auth;
use rstest::rstest;
use serde_json::{Map, Value, json};

use crate::tests::{
    signer::{V3, v1},
    support::{TestServer, VERSION, code, error, vip},
};

/// A host that a credential's service must match.
const HOST: &str = "ecm.tencentcloudapi.com";
const JSON: (&str, &str) = ("Content-Type", "application/json");
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const KEY: &str = "ecmock";
// Fields after the `Credential`.
const ONLY_HOST: &str = ", SignedHeaders=host";
const UNTYPED: &str = ", SignedHeaders=host, Signature=00";
const FIELDS: &str = ", SignedHeaders=content-type;host, Signature=00";
/// Calls per second. The account `default` has used them up. The account `patient` needs fewer.
const LIMIT: u32 = 30;

/// A VPC that has reached its quota of HAVIPs, and a VPC without HAVIPs.
const FIXTURE: &str = r#"{
    "VpcSet": [
        {"VpcId": "vpc-00000001", "CidrBlock": "10.1.0.0/16"},
        {"VpcId": "vpc-00000002", "CidrBlock": "10.2.0.0/16"}
    ],
    "SubnetSet": [
        {"SubnetId": "subnet-00000001", "VpcId": "vpc-00000001", "CidrBlock": "10.1.0.0/24"},
        {"SubnetId": "subnet-00000002", "VpcId": "vpc-00000002", "CidrBlock": "10.2.0.0/24"}
    ],
    "HaVipSet": [
        {"HaVipId": "havip-00000001", "HaVipName": "one", "Vip": "10.1.0.9",
         "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001"}
    ]
}"#;

/// A call with the errors that are not fixed yet.
struct Call {
    method: &'static str,
    is_too_large: bool,
    is_unreadable: bool,
    /// Common parameters: headers of v3, parameters of v1.
    common: BTreeMap<&'static str, String>,
    /// SecretId and key of the signature, if the call is signed.
    signer: Option<(&'static str, &'static str)>,
    /// Parameters of the action: strings, or lists where strings are expected.
    params: Map<String, Value>,
}

impl Call {
    fn wrong(common: &[(&'static str, &str)]) -> Self {
        let params = json!({ "Vip": ["x"], "Bogus": "x", "Zzz": "x" });
        Self {
            method: "PUT",
            is_too_large: true,
            is_unreadable: true,
            common: common.iter().map(|(name, it)| (*name, (*it).to_owned())).collect(),
            signer: None,
            params: params.as_object().unwrap().clone(),
        }
    }

    /// A v3 call that lacks only a signature and the parameters of its action.
    fn right() -> Self {
        let mut call = Self::wrong(&[
            ("X-TC-Action", "CreateHaVip"),
            ("X-TC-Version", VERSION),
            ("X-TC-Timestamp", "1795320000"),
        ]);
        (call.method, call.is_too_large, call.is_unreadable) = ("POST", false, false);
        call
    }

    fn set(&mut self, name: &'static str, value: &str) {
        self.common.insert(name, value.to_owned());
    }

    /// Sets an `Authorization` of an unknown SecretId, with a scope and more fields.
    fn authorize(&mut self, scope: &str, fields: &str) {
        let credential = format!("Credential=AKIDnobody/{scope}/tc3_request");
        self.set("Authorization", &format!("TC3-HMAC-SHA256 {credential}{fields}"));
    }

    fn sign(&mut self, secret_id: &'static str, key: &'static str) {
        self.common.retain(|name, _| !["Authorization", "Signature"].contains(name));
        self.signer = Some((secret_id, key));
    }

    async fn send_v3(&self, server: &TestServer) -> Value {
        let body = match (self.is_too_large, self.is_unreadable) {
            (true, _) => vec![b' '; 10 * 1024 * 1024 + 1],
            (_, true) => b"{".to_vec(),
            _ => serde_json::to_vec(&self.params).unwrap(),
        };
        let mut headers = vec![("Host", HOST), JSON];
        headers.extend(self.common.iter().map(|(name, value)| (*name, value.as_str())));
        let authorization = self.signer.map(|(secret_id, secret_key)| {
            V3 { secret_id, secret_key, ..V3::post(HOST, &body) }.authorization()
        });
        headers.extend(authorization.iter().map(|it| ("Authorization", it.as_str())));
        server.send(self.method, "/", &headers, &body).await.response()
    }

    /// Sends the query of a GET, or else a form. `method` is the signed method.
    async fn send_v1(&self, server: &TestServer, method: &str) -> Value {
        let mut pairs: Vec<(String, String)> =
            self.common.iter().map(|(name, it)| ((*name).to_owned(), it.clone())).collect();
        for (name, value) in &self.params {
            match value.as_array() {
                Some(list) => pairs.push((format!("{name}.0"), text(&list[0]))),
                None => pairs.push((name.clone(), text(value))),
            }
        }
        let pairs: Vec<(&str, &str)> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let plain = || {
            let pairs: Vec<String> =
                pairs.iter().map(|(name, it)| format!("{name}={it}")).collect();
            pairs.join("&")
        };
        let mut text = self.signer.map_or_else(plain, |(_, key)| v1(method, HOST, &pairs, key));
        if self.is_unreadable {
            text.insert_str(0, "nonsense&");
        }
        if method == "GET" {
            let padding = "x".repeat(if self.is_too_large { 32 * 1024 } else { 0 });
            let target = format!("/?{text}{padding}");
            return server.send(self.method, &target, &[("Host", HOST)], b"").await.response();
        }
        text.extend(std::iter::repeat_n('x', if self.is_too_large { 1024 * 1024 } else { 0 }));
        let headers = [("Host", HOST), FORM];
        server.send(self.method, "/", &headers, text.as_bytes()).await.response()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A code and a message.
type Expected = (&'static str, String);
/// A fix, and the response to the call after it.
type Step = (fn(&mut Call), Expected);

fn expected(code: &'static str, message: &str) -> Expected {
    (code, message.to_owned())
}

fn missing_header(name: &str) -> Expected {
    let message = format!("The request header is missing a required common parameter `{name}`.");
    ("MissingParameter", message)
}

fn missing(name: &str) -> Expected {
    ("MissingParameter", format!("The request is missing a required parameter `{name}`."))
}

fn bad_value(name: &str) -> Expected {
    let rest = "is not valid, is unsupported, or cannot be used.";
    ("InvalidParameterValue", format!("A value specified in `{name}` {rest}"))
}

fn not_valid(part: &str) -> Expected {
    let standards = "header does not conform to tencentcloud standards";
    let message = format!("The request `Authorization` {standards}: {part} not valid.");
    ("AuthFailure.InvalidAuthorization", message)
}

fn method_rejected() -> Expected {
    let message = "HTTP(S) request protocol error; only GET and POST requests are supported.";
    expected("UnsupportedProtocol", message)
}

fn too_large() -> Expected {
    expected("RequestSizeLimitExceeded", "The request size exceeds the upper limit.")
}

fn no_such_version() -> Expected {
    let message = "The specified api version=`2017-03-12` does not exist in service=`ecm`.";
    expected("NoSuchVersion", message)
}

fn no_such_action() -> Expected {
    let message = "The request action=`Nope` is invalid or not found in service=`ecm` and version=`2019-07-19`.";
    expected("InvalidAction", message)
}

fn wrong_hash() -> Expected {
    let message = "The value specified in `X-TC-Content-SHA256` is not correct.";
    expected("InvalidParameterValue", message)
}

fn expired() -> Expected {
    let message = "Signature expired. Please use local time and enable NTP service for time synchronization to avoid a deviation between `Timestamp` and the server time 1795320000.";
    expected("AuthFailure.SignatureExpire", message)
}

fn unknown_secret_id() -> Expected {
    let message = "The SecretId is not found, please ensure that your SecretId is correct.";
    expected("AuthFailure.SecretIdNotFound", message)
}

fn bad_token() -> Expected {
    let message = "Token verification failed, please check if your Token is correct.";
    expected("AuthFailure.TokenFailure", message)
}

fn bad_signature() -> Expected {
    let message =
        "The provided credentials could not be validated. Please check your signature is correct.";
    expected("AuthFailure.SignatureFailure", message)
}

fn too_often() -> Expected {
    let message = "Your current request times equals to `31` in a second, which exceeds the frequency limit `30` for a second. Please reduce the frequency of calls.";
    expected("RequestLimitExceeded", message)
}

fn v3_steps() -> Vec<Step> {
    vec![
        (|_| (), method_rejected()),
        (|it| it.method = "POST", too_large()),
        (
            |it| it.is_too_large = false,
            expected(
                "InvalidParameter",
                "The request content not valid json format for specified content-type=application/json.",
            ),
        ),
        (|it| it.is_unreadable = false, missing_header("X-TC-Action")),
        (|it| it.set("X-TC-Action", "Nope"), missing_header("X-TC-Version")),
        (|it| it.set("X-TC-Version", "2017-03-12"), missing_header("X-TC-Timestamp")),
        (|it| it.set("X-TC-Timestamp", "1795320301"), missing_header("Authorization")),
        (|it| it.set("Authorization", "AWS4-HMAC-SHA256 Credential"), bad_value("X-TC-Language")),
        (|it| it.set("X-TC-Language", "en-US"), bad_value("X-TC-Region")),
        (|it| it.set("X-TC-Region", "ap-xian-ecm"), no_such_version()),
        (|it| it.set("X-TC-Version", VERSION), no_such_action()),
        (|it| it.set("X-TC-Action", "CreateHaVip"), not_valid("`Algorithm`")),
        (|it| it.set("Authorization", "TC3-HMAC-SHA256 Credential"), not_valid("`Credential`")),
        (|it| it.authorize("2026-11-23/cvm", ""), not_valid("`SignedHeaders`")),
        (|it| it.authorize("2026-11-23/cvm", ONLY_HOST), not_valid("`Signature`")),
        (|it| it.authorize("2026-11-23/cvm", UNTYPED), not_valid("`SignedHeaders`")),
        (|it| it.authorize("2026-11-23/cvm", FIELDS), not_valid("`Service` in Credential")),
        (|it| it.authorize("2026-11-23/ecm", FIELDS), not_valid("`Date` in Credential")),
        (|it| it.authorize("2026-11-22/ecm", FIELDS), wrong_hash()),
        (|it| drop(it.common.remove("X-TC-Content-SHA256")), expired()),
        (|it| it.set("X-TC-Timestamp", "1795320000"), unknown_secret_id()),
        (|it| it.sign("ecmock-default", "wrong"), bad_token()),
        (|it| drop(it.common.remove("X-TC-Token")), bad_signature()),
        (|it| it.sign("ecmock-default", KEY), too_often()),
        (|it| it.sign("ecmock-patient", KEY), missing("VpcId")),
    ]
}

fn v1_steps(method: &str) -> Vec<Step> {
    let form = "The provided credentials could not be validated because of exceeding request size limit, please use new signature method `TC3-HMAC-SHA256`.";
    let (fix_method, too_large): (fn(&mut Call), _) = if method == "GET" {
        (|it| it.method = "GET", too_large())
    } else {
        (|it| it.method = "POST", expected("AuthFailure.SignatureFailure", form))
    };
    vec![
        (|_| (), method_rejected()),
        (fix_method, too_large),
        (
            |it| it.is_too_large = false,
            expected("InvalidParameter", "Url key and value should be splited by `=`."),
        ),
        (|it| it.is_unreadable = false, missing("Action")),
        (|it| it.set("Action", "Nope"), missing("Version")),
        (|it| it.set("Version", "2017-03-12"), missing("Timestamp")),
        (|it| it.set("Timestamp", "1795320301"), missing("Nonce")),
        (|it| it.set("Nonce", "0"), missing("SecretId")),
        (|it| it.set("SecretId", "AKIDnobody"), missing("Signature")),
        (|it| it.set("Signature", "AAAA"), bad_value("Language")),
        (|it| it.set("Language", "en-US"), bad_value("Region")),
        (|it| it.set("Region", "ap-xian-ecm"), bad_value("SignatureMethod")),
        (|it| it.set("SignatureMethod", "HmacSHA256"), no_such_version()),
        (|it| it.set("Version", VERSION), no_such_action()),
        (|it| it.set("Action", "CreateHaVip"), expired()),
        (|it| it.set("Timestamp", "1795320000"), unknown_secret_id()),
        (|it| it.set("SecretId", "ecmock-default"), bad_token()),
        (|it| drop(it.common.remove("Token")), bad_signature()),
        (|it| it.sign("ecmock-default", KEY), too_often()),
        (|it| it.set("SecretId", "ecmock-patient"), missing("VpcId")),
    ]
}

fn wrong_type(name: &str) -> Expected {
    let rest = "is not valid, input type should be `string`";
    ("InvalidParameter", format!("The value type of parameter `{name}` {rest}"))
}

fn unknown(name: &str) -> Expected {
    ("UnknownParameter", format!("The parameter `{name}` is not recognized."))
}

fn malformed(name: &str, rule: &str) -> Expected {
    let message = format!("The input parameter format is invalid. ({name}: `x` must be {rule})");
    ("InvalidParameterValue.Malformed", message)
}

fn empty(name: &str) -> Expected {
    ("InvalidParameter", format!("The parameter is incorrect. ({name} is empty)"))
}

fn not_found(fact: &str) -> Expected {
    ("ResourceNotFound", format!("The resource does not exist. ({fact})"))
}

const OUTSIDE: &str = "InvalidParameterValue.ObjectNotCurrentSubnet";

/// Parameters to set, or to remove if `null`, and the error after each change. The first error is
/// the missing `VpcId`.
fn parameters() -> Vec<(&'static str, Value, Expected)> {
    let vpc = "`vpc-` followed by 8 characters from 0-9 and a-z";
    let subnet = "`subnet-` followed by 8 characters from 0-9 and a-z";
    let too_long =
        "The parameter value is too long. (HaVipName has 61 characters; at most 60 are allowed)";
    let full = "The quota limit is exceeded. (VPC `vpc-00000001` has 1 HAVIP; its quota is 1)";
    let other = "subnet `subnet-00000001` is not in VPC `vpc-00000002`";
    let outside = "The object is not in the current subnet. (subnet `subnet-00000002`: 8.8.8.8 is outside 10.2.0.0/24)";
    let list = || json!(["x"]);
    vec![
        ("VpcId", list(), missing("SubnetId")),
        ("SubnetId", list(), missing("HaVipName")),
        ("HaVipName", list(), unknown("Bogus")),
        ("Bogus", Value::Null, unknown("Zzz")),
        ("Zzz", Value::Null, wrong_type("VpcId")),
        ("VpcId", json!("x"), wrong_type("SubnetId")),
        ("SubnetId", json!("x"), wrong_type("HaVipName")),
        ("HaVipName", json!("n".repeat(61)), wrong_type("Vip")),
        ("Vip", json!("x"), malformed("VpcId", vpc)),
        ("VpcId", json!(""), malformed("SubnetId", subnet)),
        ("SubnetId", json!(""), malformed("Vip", "an IPv4 address such as 10.0.0.2")),
        ("Vip", json!("8.8.8.8"), empty("VpcId")),
        ("VpcId", json!("vpc-zzzzzzzz"), empty("SubnetId")),
        ("SubnetId", json!("subnet-zzzzzzzz"), expected("InvalidParameterValue.TooLong", too_long)),
        ("HaVipName", json!("n"), not_found("VPC `vpc-zzzzzzzz`")),
        ("VpcId", json!("vpc-00000001"), not_found("subnet `subnet-zzzzzzzz`")),
        ("SubnetId", json!("subnet-00000001"), expected("LimitExceeded", full)),
        ("VpcId", json!("vpc-00000002"), not_found(other)),
        ("SubnetId", json!("subnet-00000002"), expected(OUTSIDE, outside)),
    ]
}

/// A server where `default` has reached its rate limit.
async fn server() -> TestServer {
    let server = TestServer::with_fixture_and(FIXTURE, |config| {
        config.auth = Auth::Verify;
        config.rate_limit = LIMIT.to_string().parse().unwrap();
        config.quotas.ha_vips_per_vpc = 1;
    })
    .await;
    let mut call = Call::right();
    call.sign("ecmock-default", KEY);
    for _ in 0..LIMIT {
        assert_eq!(error(&call.send_v3(&server).await).0, "MissingParameter");
    }
    server
}

/// Fixes `call` by `steps`, and then its parameters, until it creates a HAVIP.
async fn fix_all(mut call: Call, steps: Vec<Step>, send: impl AsyncFn(&Call) -> Value) {
    for (number, (fix, (code, message))) in steps.into_iter().enumerate() {
        fix(&mut call);
        let response = send(&call).await;
        assert_eq!(error(&response), (code, message.as_str()), "step {number}");
    }
    for (name, value, (code, message)) in parameters() {
        match value {
            Value::Null => drop(call.params.remove(name)),
            value => drop(call.params.insert(name.to_owned(), value)),
        }
        assert_eq!(error(&send(&call).await), (code, message.as_str()), "after {name}");
    }
    call.params.insert("Vip".to_owned(), json!("10.2.0.9"));
    assert_eq!(vip(&send(&call).await), "10.2.0.9");
}

#[tokio::test]
async fn the_errors_of_a_v3_call_have_a_fixed_order() {
    let server = server().await;
    let wrong = [
        ("X-TC-Language", "fr-FR"),
        ("X-TC-Region", "Mars!"),
        ("X-TC-Token", "t"),
        ("X-TC-Content-SHA256", "0"),
    ];
    fix_all(Call::wrong(&wrong), v3_steps(), async |call| call.send_v3(&server).await).await;
}

#[rstest]
#[tokio::test]
async fn the_errors_of_a_v1_call_have_a_fixed_order(#[values("GET", "POST")] method: &'static str) {
    let server = server().await;
    let wrong =
        [("Language", "fr-FR"), ("Region", "Mars!"), ("SignatureMethod", "MD5"), ("Token", "t")];
    fix_all(Call::wrong(&wrong), v1_steps(method), async |call| {
        call.send_v1(&server, method).await
    })
    .await;
}

/// Unsigned calls must not use up the calls of an account.
#[tokio::test]
async fn a_skipped_signature_is_rejected_before_the_rate_limit() {
    let server = TestServer::with(|config| {
        config.auth = Auth::Verify;
        config.rate_limit = "1".parse().unwrap();
    })
    .await;
    let skipped = async || {
        let mut call = Call::right();
        call.set("Authorization", "SKIP");
        let response = call.send_v3(&server).await;
        let request_id = response["RequestId"].as_str().unwrap();
        let message = format!(
            "You are not authorized to perform this operation. Check your CAM policies, and ensure that you are using the correct access keys. [[request id:{request_id}]you are not authorized to perform operation (ecm:CreateHaVip)\nresource (*) has no permission\n]"
        );
        assert_eq!(error(&response), ("AuthFailure.UnauthorizedOperation", message.as_str()));
    };
    skipped().await;
    skipped().await;
    let mut signed = Call::right();
    signed.sign("ecmock-default", KEY);
    assert_eq!(code(&signed.send_v3(&server).await), "MissingParameter");
    assert_eq!(code(&signed.send_v3(&server).await), "RequestLimitExceeded");
    skipped().await;
}

/// A malformed call must not consume the request IDs of another account.
#[rstest]
#[tokio::test]
async fn the_caller_is_identified_even_if_the_rest_cannot_be_parsed(
    #[values(Auth::Open, Auth::Verify)] auth: Auth,
) {
    let v3 = ("Authorization", "TC3-HMAC-SHA256 Credential=ecmock-one/2026-11-22/ecm/tc3_request");
    let (json, parts) = ([v3, JSON], [v3, ("Content-Type", "multipart/form-data; boundary=b")]);
    let large = vec![b' '; 10 * 1024 * 1024 + 1];
    let long = format!("/?SecretId=ecmock-one&A={}", "x".repeat(32 * 1024));
    let calls: [(&str, &str, &[_], &[u8], &str); 12] = [
        ("POST", "/", &json, b"{", "InvalidParameter"),
        ("POST", "/", &json, b"\xff", "InvalidParameter"),
        ("POST", "/", &json, br#"{"A":1,"A":2}"#, "InvalidParameter"),
        ("POST", "/", &json, &large, "RequestSizeLimitExceeded"),
        ("PUT", "/", &json, b"{}", "UnsupportedProtocol"),
        ("POST", "/", &parts, b"nonsense", "InvalidRequest"),
        ("POST", "/", &[FORM], b"SecretId=ecmock-one&nonsense", "InvalidParameter"),
        ("POST", "/", &[FORM], b"SecretId=ecmock-one&A=%ff", "InvalidParameter"),
        ("PUT", "/", &[FORM], b"SecretId=ecmock-one", "UnsupportedProtocol"),
        ("GET", "/?SecretId=ecmock-one&nonsense", &[], b"", "InvalidParameter"),
        ("GET", "/?A.1=x&SecretId=ecmock-one", &[], b"", "InvalidParameter"),
        ("GET", &long, &[], b"", "RequestSizeLimitExceeded"),
    ];
    let start = || TestServer::with(|config| config.auth = auth);
    let (server, plain, fresh) = (start().await, start().await, start().await);
    for (method, target, headers, body, expected) in calls {
        let response = server.send(method, target, headers, body).await.response();
        assert_eq!(code(&response), expected);
        let own = plain.call_as("one", "CreateHaVip", &json!({})).await;
        assert_eq!(response["RequestId"], own["RequestId"], "{method} {headers:?} {expected}");
    }
    let first = async |server: &TestServer| {
        server.call("CreateHaVip", &json!({})).await["RequestId"].take()
    };
    assert_eq!(first(&server).await, first(&fresh).await);
}

#[rstest]
#[case::no_equals("nonsense", "参数错误，请求URL中参数key和value必须以 `=` 分隔。")]
#[case::empty_key("=x", "参数错误，请求参数key不能为空字符串。")]
#[case::repeated("A=x&A=x", "参数 `A` 重复输入。")]
#[case::not_utf8("A=%ff", "参数 `A` 格式非法。")]
#[case::indexes("A.1=x", "参数 `A` 是非法是数组格式，数组下标必须是连续的而且从0下标开始。")]
#[tokio::test]
async fn v1_syntax_errors_are_in_the_language_of_the_call(
    #[case] broken: &str,
    #[case] message: &str,
    #[values(Auth::Open, Auth::Verify)] auth: Auth,
) {
    let server = TestServer::with(|config| config.auth = auth).await;
    let text = format!("Language=zh-CN&{broken}");
    let query = server.send("GET", &format!("/?{text}"), &[], b"").await;
    let form = server.send("POST", "/", &[FORM], text.as_bytes()).await;
    for answer in [query, form] {
        assert_eq!(error(&answer.response()), ("InvalidParameter", message));
    }
}
