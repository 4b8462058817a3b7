//! The console for browsers, and the redirect to it.

use rstest::rstest;
use serde_json::Value;

use crate::tests::support::{Answer, TestServer};

const NAVIGATION: [(&str, &str); 2] =
    [("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"), ("Sec-Fetch-Mode", "navigate")];

async fn get(server: &TestServer, path: &str, headers: &[(&str, &str)]) -> Answer {
    server.send("GET", path, headers, b"").await
}

#[track_caller]
fn assert_protected(answer: &Answer) {
    for (name, expected) in [
        (
            "content-security-policy",
            "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
             object-src 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-cache"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(expected), "{name}: {answer:?}");
    }
}

#[rstest]
#[case::page("", "text/html; charset=utf-8", include_bytes!("../../../src/console/index.html"))]
#[case::style("console.css", "text/css; charset=utf-8", include_bytes!("../../../src/console/console.css"))]
#[case::icon("icon.svg", "image/svg+xml", include_bytes!("../../../src/console/icon.svg"))]
#[case::module("app.js", "text/javascript; charset=utf-8", include_bytes!("../../../src/console/app.js"))]
#[case::library(
    "vendor/preact.js",
    "text/javascript; charset=utf-8",
    include_bytes!("../../../src/console/vendor/preact.js")
)]
#[tokio::test]
async fn a_file_is_served_as_it_is(
    #[case] name: &str,
    #[case] content_type: &str,
    #[case] bytes: &[u8],
) {
    let server = TestServer::new().await;
    let path = format!("/_ecmock/console/{name}");
    let answer = server.send_by_socket("GET", &path, &[], b"").await;
    assert_eq!(answer.status(), "200 OK");
    assert_eq!(answer.header("content-type"), Some(content_type));
    assert_eq!(answer.body, bytes);
    assert_protected(&answer);

    let head = server.send_by_socket("HEAD", &path, &[], b"").await;
    assert_eq!((head.status(), head.header("content-type")), ("200 OK", Some(content_type)));
    assert_eq!(head.header("content-length"), Some(&*bytes.len().to_string()));
    assert_protected(&head);
}

#[tokio::test]
async fn an_unchanged_file_is_not_sent_again() {
    let server = TestServer::new().await;
    let path = "/_ecmock/console/console.css";
    let first = get(&server, path, &[]).await;
    let tag = first.header("etag").unwrap();
    let again = get(&server, path, &[("If-None-Match", tag)]).await;
    assert_eq!((again.status(), again.body.len()), ("304 Not Modified", 0));
    assert_eq!(again.header("etag"), Some(tag));
    assert_protected(&again);
    let changed = get(&server, path, &[("If-None-Match", "\"0\"")]).await;
    assert_eq!((changed.status(), &changed.body), ("200 OK", &first.body));
}

#[tokio::test]
async fn the_path_without_a_slash_is_redirected() {
    let answer = get(&TestServer::new().await, "/_ecmock/console", &[]).await;
    assert_eq!(answer.status(), "308 Permanent Redirect");
    assert_eq!(answer.header("location"), Some("/_ecmock/console/"));
    assert_protected(&answer);
}

#[rstest]
#[case::unknown("GET", "nothing.js", "404 Not Found", "NotFound")]
#[case::page_by_its_name("GET", "index.html", "404 Not Found", "NotFound")]
#[case::folder("GET", "vendor/", "404 Not Found", "NotFound")]
#[case::parent("GET", "../console.rs", "404 Not Found", "NotFound")]
#[case::encoded_parent("GET", "..%2Fconsole.rs", "404 Not Found", "NotFound")]
#[case::post("POST", "", "405 Method Not Allowed", "MethodNotAllowed")]
#[case::put("PUT", "app.js", "405 Method Not Allowed", "MethodNotAllowed")]
#[tokio::test]
async fn other_requests_are_errors_of_the_admin_api(
    #[case] method: &str,
    #[case] name: &str,
    #[case] status: &str,
    #[case] code: &str,
) {
    let server = TestServer::new().await;
    let answer = server.send(method, &format!("/_ecmock/console/{name}"), &[], b"").await;
    assert_eq!(answer.status(), status);
    assert_protected(&answer);
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body["Code"], code);
    if code == "MethodNotAllowed" {
        assert!(body["Message"].as_str().unwrap().ends_with("; allowed: GET"), "{body}");
    }
}

#[rstest]
#[case::host(&[("Host", "evil.example")], "421 Misdirected Request")]
#[case::frame(&[("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Dest", "iframe")], "403 Forbidden")]
#[case::script(&[("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Dest", "script")], "403 Forbidden")]
#[case::link(&[("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Dest", "document")], "200 OK")]
#[case::own(&[("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Dest", "script")], "200 OK")]
#[tokio::test]
async fn pages_of_other_sites_cannot_load_the_console(
    #[case] headers: &[(&str, &str)],
    #[case] status: &str,
) {
    let server = TestServer::new().await;
    for path in ["/_ecmock/console/", "/_ecmock/console/app.js"] {
        let answer = get(&server, path, headers).await;
        assert_eq!(answer.status(), status, "{path}");
        assert_protected(&answer);
    }
}

#[tokio::test]
async fn other_paths_do_not_have_the_headers_of_the_console() {
    let server = TestServer::new().await;
    for path in ["/_ecmock/", "/_ecmock/consoles", "/"] {
        let answer = get(&server, path, &[]).await;
        assert_eq!(answer.header("content-security-policy"), None, "{path}");
    }
}

#[tokio::test]
async fn a_browser_is_redirected_and_no_call_is_recorded() {
    let server = TestServer::new().await;
    let remote = [NAVIGATION[0], ("Upgrade-Insecure-Requests", "1")];
    for headers in [NAVIGATION, remote] {
        let answer = server.send_by_socket("GET", "/", &headers, b"").await;
        assert_eq!(answer.status(), "303 See Other");
        assert_eq!(answer.header("location"), Some("/_ecmock/console/"));
        assert_eq!((answer.header("content-length"), answer.body.len()), (Some("0"), 0));
        assert_protected(&answer);
    }
    assert!(server.admin().requests("").await.is_empty());
}

#[rstest]
#[case::action("GET", "/?Action=DescribeVpcs&Version=2019-07-19", &NAVIGATION)]
#[case::other_path("GET", "/api", &NAVIGATION)]
#[case::post("POST", "/", &NAVIGATION)]
#[case::signed("GET", "/", &[NAVIGATION[0], NAVIGATION[1], ("Authorization", "TC3-HMAC-SHA256")])]
#[case::named("GET", "/", &[NAVIGATION[0], NAVIGATION[1], ("X-TC-Action", "DescribeVpcs")])]
#[case::java("GET", "/", &[("Accept", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2")])]
#[case::curl("GET", "/", &[("Accept", "*/*")])]
#[tokio::test]
async fn any_other_request_is_a_call(
    #[case] method: &str,
    #[case] target: &str,
    #[case] headers: &[(&str, &str)],
) {
    let server = TestServer::new().await;
    let answer = server.send_by_socket(method, target, headers, b"").await;
    assert!(answer.response()["RequestId"].is_string(), "{answer:?}");
    assert_eq!(server.admin().requests("").await.len(), 1);
}
