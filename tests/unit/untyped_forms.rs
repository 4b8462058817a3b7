//! Forms of signature v1 with another content type, or none.

use rstest::rstest;
use serde_json::json;

use crate::tests::{
    auth::verifying,
    signer::{SECRET_KEY, v1},
    support::{Answer, SUBNET, TestServer, VERSION, VPC, code, error, vip},
};

const HOST: &str = "fake.example.test:7190";
const MEBIBYTE: usize = 1024 * 1024;
const JSON: &str = "application/json";

/// The form of a valid call of the account `web`.
fn form(key: &str) -> String {
    let pairs = [
        ("Action", "CreateHaVip"),
        ("Version", VERSION),
        ("Timestamp", "1795320000"),
        ("Nonce", "11886"),
        ("SecretId", "ecmock-web"),
        ("VpcId", VPC),
        ("SubnetId", SUBNET),
        ("HaVipName", "{\"a\":\"b&c\"}"),
    ];
    v1("POST", HOST, &pairs, key)
}

async fn post(server: &TestServer, content_type: Option<&str>, body: &str) -> Answer {
    let mut headers = vec![("Host", HOST)];
    headers.extend(content_type.map(|it| ("Content-Type", it)));
    server.send_by_socket("POST", "/", &headers, body.as_bytes()).await
}

#[rstest]
#[case::of_a_client_on_npm(Some("application/json"))]
#[case::with_a_charset(Some("application/json; charset=utf-8"))]
#[case::text(Some("text/plain;charset=UTF-8"))]
#[case::multipart(Some("multipart/form-data; boundary=b"))]
#[case::none(None)]
#[tokio::test]
async fn a_form_is_a_v1_call_with_any_content_type(#[case] content_type: Option<&str>) {
    let server = TestServer::new().await;
    let response = post(&server, content_type, &form("any")).await.response();
    assert_eq!(vip(&response), "172.16.0.17");
    let entry = server.admin_of("web").requests("").await.pop().unwrap();
    assert_eq!(entry["Params"]["HaVipName"], "{\"a\":\"b&c\"}");
    assert_eq!(entry["Signature"]["Scheme"], "HmacSHA1");
    assert_eq!(entry["Action"], "CreateHaVip");

    let server = verifying().await;
    vip(&post(&server, content_type, &form(SECRET_KEY)).await.response());
    let answer = post(&server, content_type, &form("\nwrong")).await;
    assert_eq!(code(&answer.response()), "AuthFailure.SignatureFailure");
    let answer = post(&server, content_type, &form("ecmock\n")).await;
    assert!(answer.header("x-ecmock-explain").unwrap().starts_with("KeyWithSpace"));
}

/// The parameters of a form may be in any order.
#[rstest]
#[case("Version=2019-07-19&Action=DescribeVpcs")]
#[case("&Version=2019-07-19&&Action=DescribeVpcs")]
#[tokio::test]
async fn an_action_may_be_anywhere_in_the_form(#[case] body: &str) {
    let server = TestServer::new().await;
    let response = post(&server, Some(JSON), body).await.response();
    assert_eq!(response["VpcSet"][0]["VpcId"], VPC, "{response}");
}

#[tokio::test]
async fn errors_are_those_of_a_form() {
    let server = TestServer::new().await;
    let missing = "The request is missing a required parameter";
    let twice = format!("Action=DescribeVpcs&Version={VERSION}&Offset=1&Offset=2");
    for (body, message) in [
        ("Action=&Version=x", &*format!("{missing} `Action`.")),
        ("Action=DescribeVpcs", &*format!("{missing} `Version`.")),
        (&*twice, "Parameter `Offset` input repeated."),
        ("Action=x&nonsense", "Url key and value should be splited by `=`."),
    ] {
        let response = post(&server, Some(JSON), body).await.response();
        assert_eq!(error(&response), (code(&response), message), "{body}");
    }
    let chinese = "Action=DescribeVpcs&Language=zh-CN";
    let response = post(&server, Some(JSON), chinese).await.response();
    assert_eq!(error(&response).1, "请求缺少必传参数 `Version` 。");
}

/// A v3 header or a JSON body makes a call v3.
#[tokio::test]
async fn a_v3_call_stays_v3() {
    let server = TestServer::new().await;
    let form = format!("Action=DescribeVpcs&Version={VERSION}");
    let not_json = (
        "InvalidParameter",
        "The request content not valid json format for specified content-type=application/json.",
    );
    for header in [("X-TC-Action", "DescribeVpcs"), ("Authorization", "TC3-HMAC-SHA256 x")] {
        let headers = [header, ("Content-Type", JSON)];
        let response = server.send("POST", "/", &headers, form.as_bytes()).await.response();
        assert_eq!(error(&response), not_json);
    }
    let missing = "The request header is missing a required common parameter `X-TC-Action`.";
    for body in [r#"{"a":"b&Action=c"}"#, "{}"] {
        let response = post(&server, Some(JSON), body).await.response();
        assert_eq!(error(&response).1, missing, "{body}");
    }
    for body in [r#"["&Action=c"]"#, r#""&Action=c""#, "Actions=1", "x=1&XAction=2", ""] {
        assert_eq!(error(&post(&server, Some(JSON), body).await.response()), not_json, "{body}");
    }
}

#[rstest]
#[case::the_limit(MEBIBYTE, "UnknownParameter")]
#[case::over_it(MEBIBYTE + 1, "AuthFailure.SignatureFailure")]
#[case::far_over_it(12 * MEBIBYTE, "AuthFailure.SignatureFailure")]
#[tokio::test]
async fn the_size_limit_is_the_limit_of_forms(
    #[case] bytes: usize,
    #[case] expected: &str,
    #[values(true, false)] is_early: bool,
) {
    let server = TestServer::new().await;
    let call = format!("Action=DescribeVpcs&Version={VERSION}&SecretId=ecmock-web");
    let (start, end) =
        if is_early { (format!("{call}&A="), "") } else { ("A=".to_owned(), &*call) };
    let end = if end.is_empty() { String::new() } else { format!("&{end}") };
    let body = [&*start, &"x".repeat(bytes - start.len() - end.len()), &end].concat();
    assert_eq!(body.len(), bytes);
    let response = post(&server, Some(JSON), &body).await.response();
    // If a body exceeds the limit of all bodies, only its first mebibyte is inspected.
    let is_unknown = bytes > 10 * MEBIBYTE && !is_early;
    assert_eq!(code(&response), if is_unknown { "RequestSizeLimitExceeded" } else { expected });

    // In chunks, so that the size is not known in advance.
    let mut connection = server.connect().await;
    let head = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n{bytes:x}\r\n"
    );
    connection.write(&[head.as_bytes(), body.as_bytes(), b"\r\n0\r\n\r\n"].concat()).await;
    let answer = connection.read("POST").await.response();
    assert_eq!(answer["Error"]["Code"], response["Error"]["Code"]);
    let accounts = server.admin().get("accounts").await.to_string();
    assert_eq!(accounts.contains("web"), expected == "UnknownParameter", "{accounts}");
}

#[tokio::test]
async fn a_fault_rule_applies_to_a_form_with_another_content_type() {
    let server = TestServer::new().await;
    let rule = json!({ "Action": "DescribeVpcs", "Error": { "Code": "InternalError" } });
    server.admin().add_fault(&rule).await;
    let body = format!("Action=DescribeVpcs&Version={VERSION}");
    assert_eq!(code(&post(&server, Some(JSON), &body).await.response()), "InternalError");
}
