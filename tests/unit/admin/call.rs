//! Calls of the cloud API through the admin API.

use rstest::rstest;
use serde_json::{Value, json};

use super::fields;
use crate::{
    config::Auth,
    tests::support::{Answer, TestServer, code, create, error, vip},
};

async fn send(
    server: &TestServer,
    account: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Answer {
    let target = format!("/_ecmock/call?account={account}");
    server.send_by_socket("POST", &target, headers, body.to_string().as_bytes()).await
}

async fn call(server: &TestServer, account: &str, action: &str, params: Value) -> Value {
    let body = json!({ "Action": action, "Params": params });
    send(server, account, &[], &body).await.response()
}

#[tokio::test]
async fn a_call_runs_in_the_account() {
    let server = TestServer::new().await;
    let answer = call(&server, "web", "CreateHaVip", create(json!({}))).await;
    assert_eq!(vip(&answer), "172.16.0.17");
    let count = async |account| {
        server.call_as(account, "DescribeHaVips", &json!({})).await["TotalCount"].take()
    };
    assert_eq!((count("web").await, count("default").await), (json!(1), json!(0)));
}

#[tokio::test]
async fn the_account_may_have_any_name() {
    let server = TestServer::new().await;
    call(&server, "k%C3%A4se%2F1%20%26x", "CreateHaVip", create(json!({}))).await;
    assert_eq!(server.account("käse/1 &x").journal().len(), 1);
}

#[tokio::test]
async fn params_are_optional() {
    let server = TestServer::new().await;
    for body in
        [json!({ "Action": "DescribeVpcs" }), json!({ "Action": "DescribeVpcs", "Params": null })]
    {
        assert_eq!(send(&server, "web", &[], &body).await.response()["TotalCount"], 1);
    }
}

#[tokio::test]
async fn a_call_needs_no_signature_under_verify() {
    let server = TestServer::with(|config| config.auth = Auth::Verify).await;
    assert_eq!(call(&server, "web", "DescribeVpcs", json!({})).await["TotalCount"], 1);
    let [entry] = &server.admin_of("web").requests("").await[..] else { panic!() };
    assert_eq!(entry["Signature"]["Verdict"], "unchecked");
    // A client of the gateway still needs one.
    let refused = server.call_as("web", "DescribeVpcs", &json!({})).await;
    assert!(code(&refused).starts_with("AuthFailure") || code(&refused) == "MissingParameter");
}

#[tokio::test]
async fn an_error_is_that_of_the_gateway() {
    let server = TestServer::new().await;
    for (action, params) in [
        ("CreateHaVip", json!({})),
        ("CreateHaVip", json!({ "Color": "red" })),
        ("CreateHaVip", create(json!({ "Vip": "10.0.0.1" }))),
        ("DescribeVpcs", json!({ "Limit": "ten" })),
        ("CreateModule", json!({})),
        ("createhavip", json!({})),
        ("NoSuchAction", json!({})),
    ] {
        let expected = server.forced_as("other", action, &params).await;
        let answer = call(&server, "web", action, params.clone()).await;
        assert!(expected["Error"]["Code"].is_string(), "{action} {params}: {expected}");
        assert_eq!(answer["Error"], expected["Error"], "{action} {params}");
    }
}

#[rstest]
#[case::not_ascii("Löschen")]
#[case::newline("Describe\nVpcs")]
#[case::injection("DescribeVpcs\r\nX-TC-Version: 1")]
#[case::nul("\0")]
#[case::blanks(" DescribeVpcs ")]
#[case::only_blanks("\t ")]
#[case::delimiters("a&Action=DescribeVpcs#%zz+")]
#[case::long(&"x".repeat(60_000))]
#[tokio::test]
async fn any_string_is_an_unknown_action(#[case] action: &str) {
    let server = TestServer::new().await;
    let answer = call(&server, "web", action, json!({ "A": [1] })).await;
    assert_eq!(code(&answer), "InvalidAction", "{answer}");
    let [entry] = &server.admin_of("web").requests("").await[..] else { panic!() };
    let start: String = action.chars().take(100).collect();
    assert!(entry["Action"].as_str().unwrap().starts_with(&start), "{entry}");
}

#[tokio::test]
async fn an_empty_action_is_missing() {
    let server = TestServer::new().await;
    let answer = call(&server, "web", "", json!({})).await;
    assert_eq!(code(&answer), "MissingParameter", "{answer}");
    assert!(error(&answer).1.contains("X-TC-Action"), "{answer}");
}

#[tokio::test]
async fn a_call_is_recorded_with_headers_of_its_request() {
    let server = TestServer::new().await;
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let parent = format!("00-{trace}-b7ad6b7169203331-01");
    let headers = [
        ("User-Agent", "browser/1"),
        ("traceparent", parent.as_str()),
        ("X-TC-Action", "DeleteHaVip"),
        ("X-TC-Region", "none"),
        ("Authorization", "TC3-HMAC-SHA256 Credential=ecmock-other/x/ecm/tc3_request"),
    ];
    let body = json!({ "Action": "DescribeVpcs", "Params": { "Limit": 1 } });
    let answer = send(&server, "web", &headers, &body).await;
    let requests = server.admin_of("web").requests("").await;
    let [entry] = &requests[..] else { panic!("{requests:?}") };
    assert_eq!(entry["RequestId"], answer.response()["RequestId"]);
    assert_eq!(
        (&entry["Action"], &entry["Params"]),
        (&json!("DescribeVpcs"), &json!({ "Limit": 1 }))
    );
    assert_eq!((&entry["Account"], &entry["Code"]), (&json!("web"), &json!("OK")));
    assert_eq!(entry["Client"]["UserAgent"], "browser/1");
    assert_eq!((&entry["TraceId"], &entry["Region"]), (&json!(trace), &Value::Null));
    assert_eq!(entry["Host"], server.address());
    assert_eq!(
        entry["Signature"],
        json!({ "Scheme": null, "Verdict": "unchecked", "Diagnosis": null })
    );
    let metrics = server.send("GET", "/_ecmock/metrics", &[], b"").await;
    let metrics = String::from_utf8(metrics.body).unwrap();
    assert!(metrics.contains(r#"action="DescribeVpcs",code="OK"} 1"#), "{metrics}");
}

#[tokio::test]
async fn the_rate_limit_applies() {
    let server = TestServer::with(|config| config.rate_limit = "1".parse().unwrap()).await;
    assert_eq!(call(&server, "web", "DescribeVpcs", json!({})).await["TotalCount"], 1);
    let refused = call(&server, "web", "DescribeVpcs", json!({})).await;
    assert_eq!(code(&refused), "RequestLimitExceeded");
}

#[tokio::test]
async fn fault_rules_apply() {
    let server = TestServer::new().await;
    let rule =
        json!({ "Action": "DescribeVpcs", "Times": 1, "Error": { "Code": "InternalError" } });
    server.admin_of("web").add_fault(&rule).await;
    let rule =
        json!({ "Action": "DescribeVpcs", "Times": 1, "Http": { "Status": 503, "Body": "no" } });
    server.admin_of("web").add_fault(&rule).await;
    assert_eq!(code(&call(&server, "web", "DescribeVpcs", json!({})).await), "InternalError");
    let answer = send(&server, "web", &[], &json!({ "Action": "DescribeVpcs" })).await;
    assert_eq!((answer.status(), &*answer.body), ("503 Service Unavailable", &b"no"[..]));
    assert_eq!(call(&server, "web", "DescribeVpcs", json!({})).await["TotalCount"], 1);
    let requests = server.admin_of("web").requests("").await;
    assert_eq!(fields(&requests, "FaultId"), [json!("fault-1"), json!("fault-2"), Value::Null]);
}

#[rstest]
#[case::reset("reset")]
#[case::close("close")]
#[case::truncate("truncate")]
#[tokio::test]
async fn a_connection_fault_is_an_error(#[case] connection: &str) {
    let server = TestServer::new().await;
    let rule = json!({ "Action": "DescribeVpcs", "Connection": connection });
    server.admin().add_fault(&rule).await;
    let answer = send(&server, "default", &[], &json!({ "Action": "DescribeVpcs" })).await;
    assert_eq!(answer.status(), "502 Bad Gateway");
    assert_eq!(
        String::from_utf8_lossy(&answer.body),
        r#"{"Status":502,"Code":"NoResponse","Message":"a fault rule has ended the connection of the call"}"#
    );
    assert_eq!(fields(&server.admin().requests("").await, "FaultId"), ["fault-1"]);
}

/// A call with a large body runs on another thread.
#[tokio::test]
async fn a_large_call_is_answered() {
    let server = TestServer::new().await;
    let ids = vec!["vpc-00000000"; 3000];
    let params = json!({ "VpcIds": ids });
    let expected = server.call_as("web", "DescribeVpcs", &params).await;
    let answer = call(&server, "web", "DescribeVpcs", params).await;
    assert_eq!(answer["Error"], expected["Error"]);
}

#[tokio::test]
async fn an_invalid_body_is_an_error_with_the_reason() {
    let server = TestServer::new().await;
    let mut refusals = Vec::new();
    for body in [
        "[]",
        "{}",
        "{\"Action\":\"DescribeVpcs\"",
        r#"{"Action":7}"#,
        r#"{"Action":null}"#,
        r#"{"Action":"DescribeVpcs","Params":[]}"#,
        r#"{"Action":"DescribeVpcs","Params":"{}"}"#,
        r#"{"Action":"DescribeVpcs","Params":7}"#,
        r#"{"Action":"DescribeVpcs","Region":"x"}"#,
        r#"{"Action":"DescribeVpcs","Action":"DescribeVpcs"}"#,
    ] {
        let refusal = server.admin().refusal("POST", "call", body).await;
        refusals.push(format!("{body}\n    {refusal}\n"));
    }
    insta::assert_snapshot!(refusals.concat(), @r#"
    []
        400 BadRequest: body is a list; expected a JSON object
    {}
        400 BadRequest: body: missing field `Action` (line 1 column 2)
    {"Action":"DescribeVpcs"
        400 BadRequest: body: invalid JSON: EOF while parsing an object at line 1 column 24
    {"Action":7}
        400 BadRequest: body: Action: is `7`; must be a string (line 1 column 11)
    {"Action":null}
        400 BadRequest: body: Action: is null; must be a string (line 1 column 14)
    {"Action":"DescribeVpcs","Params":[]}
        400 BadRequest: body: Params: must be an object
    {"Action":"DescribeVpcs","Params":"{}"}
        400 BadRequest: body: Params: must be an object
    {"Action":"DescribeVpcs","Params":7}
        400 BadRequest: body: Params: must be an object
    {"Action":"DescribeVpcs","Region":"x"}
        400 BadRequest: body: unknown field `Region`; expected `Action` or `Params` (line 1 column 33)
    {"Action":"DescribeVpcs","Action":"DescribeVpcs"}
        400 BadRequest: body: duplicate field `Action` (line 1 column 33)
    "#);
    let large = json!({ "Action": "x".repeat(64 * 1024) }).to_string();
    let refusal = server.admin().refusal("POST", "call", &large).await;
    assert_eq!(refusal, "413 TooLarge: body is too large: at most 65536 bytes");
    assert_eq!(server.admin().requests("").await.len(), 0);
}

#[rstest]
#[case::host(&[("Host", "evil.example")], "421 Misdirected Request")]
#[case::origin(&[("Origin", "https://evil.example")], "403 Forbidden")]
#[case::cross_site(&[("Sec-Fetch-Site", "cross-site")], "403 Forbidden")]
#[tokio::test]
async fn pages_of_other_sites_cannot_call(#[case] headers: &[(&str, &str)], #[case] status: &str) {
    let server = TestServer::new().await;
    let answer = send(&server, "web", headers, &json!({ "Action": "DescribeVpcs" })).await;
    assert_eq!(answer.status(), status);
    assert!(server.admin_of("web").requests("").await.is_empty());
}
