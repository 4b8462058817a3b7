//! Requests to the admin API from web pages of other sites.

use rstest::rstest;
use serde_json::{Value, json};

use crate::tests::support::{TestServer, create, vip};

fn body(answer: &[u8]) -> Value {
    serde_json::from_slice(answer).unwrap()
}

#[tokio::test]
async fn a_name_that_a_page_could_have_is_misdirected() {
    let server = TestServer::new().await;
    let host = ("Host", "evil.example");
    for (method, path) in [
        ("GET", "/_ecmock"),
        ("GET", "/_ecmock/requests"),
        ("GET", "/_ecmock/nothing"),
        ("POST", "/_ecmock/reset"),
        ("PUT", "/_ecmock/reset"),
    ] {
        let answer = server.send(method, path, &[host], b"").await;
        assert_eq!(answer.status(), "421 Misdirected Request", "{method} {path}");
        let body = body(&answer.body);
        assert_eq!(body["Code"], "MisdirectedRequest");
        let message = body["Message"].as_str().unwrap();
        assert!(message.starts_with("Host is `evil.example`; "), "{message}");
        assert!(message.contains("--admin-host NAME"), "{message}");
    }
}

#[rstest]
#[case::origin("Origin", "https://evil.example", "Origin is `https://evil.example` and Host is ")]
#[case::fetch_metadata("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Site is `cross-site`; ")]
#[tokio::test]
async fn a_page_of_another_host_cannot_write(
    #[case] name: &str,
    #[case] value: &str,
    #[case] message: &str,
) {
    let server = TestServer::new().await;
    server.create(json!({})).await;
    let answer = server.send("POST", "/_ecmock/reset", &[(name, value)], b"").await;
    assert_eq!(answer.status(), "403 Forbidden");
    let body = body(&answer.body);
    assert_eq!(body["Code"], "Forbidden");
    assert!(body["Message"].as_str().unwrap().starts_with(message), "{body}");
    assert_eq!(server.call("DescribeHaVips", &json!({})).await["TotalCount"], 1);
}

#[tokio::test]
async fn a_configured_name_is_accepted() {
    let server = TestServer::with(|config| {
        config.admin_hosts = vec!["mock.example.com".parse().unwrap()];
        config.tls_names = vec!["*.mocks.example.com".parse().unwrap()];
    })
    .await;
    for host in ["mock.example.com:7190", "a.mocks.example.com"] {
        let answer = server.send("POST", "/_ecmock/reset", &[("Host", host)], b"").await;
        assert_eq!(answer.status(), "200 OK", "{host}");
    }
}

#[tokio::test]
async fn cloud_calls_are_accepted_for_any_host_and_from_any_page() {
    let server = TestServer::new().await;
    let headers = [
        ("Host", "evil.example"),
        ("Origin", "https://evil.example"),
        ("Sec-Fetch-Site", "cross-site"),
        ("X-TC-Action", "CreateHaVip"),
        ("X-TC-Version", "2019-07-19"),
        ("Content-Type", "application/json"),
    ];
    let body = create(json!({})).to_string();
    let answer = server.send("POST", "/", &headers, body.as_bytes()).await;
    assert_eq!(vip(&answer.response()), "172.16.0.17");
}

#[tokio::test]
async fn a_trailing_slash_makes_no_difference() {
    let server = TestServer::new().await;
    for path in ["health", "ready", "requests", "actions/CreateHaVip"] {
        let answer = server.send("GET", &format!("/_ecmock/{path}/"), &[], b"").await;
        assert_eq!(answer.status(), "200 OK", "{path}");
    }
    let answer = server.send("PUT", "/_ecmock/health/", &[], b"").await;
    let message = body(&answer.body)["Message"].take();
    assert_eq!(message, "PUT is not allowed for /_ecmock/health/; allowed: GET");
}
