//! Limits of connections, over real sockets. Time limits are tested next to their code, where time
//! can be paused.

use rstest::rstest;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::tests::support::{Connection, TestServer, create, vip};

/// Milliseconds, longer than any test runs.
const LONG_MS: u64 = 600_000;

#[tokio::test]
async fn a_delayed_call_ends_when_its_client_disconnects() {
    let server = TestServer::new().await;
    let rule = json!({ "Action": "CreateHaVip", "DelayMs": LONG_MS });
    server.admin().add_fault(&rule).await;
    for (calls, is_reset) in [(1, false), (2, true)] {
        let client = server.begin("default", "CreateHaVip", &create(json!({}))).await;
        let total = |it: &serde_json::Value| it["Faults"][0]["Hits"] == calls;
        while !total(&server.admin().get("faults").await) {}
        if is_reset {
            client.stream.set_zero_linger().unwrap();
        }
        drop(client);
        let query = format!("requests?wait_ms=60000&since={}", calls - 1);
        let found = server.admin().get(&query).await;
        assert_eq!(found["Requests"][0]["Code"], "OK");
        assert!(found["Requests"][0]["DurationUs"].as_u64().unwrap() < 30_000_000);
    }
    assert_eq!(server.call("DescribeHaVips", &json!({})).await["TotalCount"], 2);
}

#[tokio::test]
async fn a_half_closed_client_gets_the_response_to_a_delayed_call() {
    let server = TestServer::new().await;
    let rule = json!({ "Action": "CreateHaVip", "DelayMs": 2500 });
    server.admin().add_fault(&rule).await;
    let mut client = server.begin("default", "CreateHaVip", &create(json!({}))).await;
    client.close_own_side().await;
    let mut interim = 0;
    let answer = loop {
        let answer = client.read("POST").await;
        if answer.status() != "100 Continue" {
            break answer;
        }
        interim += 1;
    };
    assert_eq!(vip(&answer.response()), "172.16.0.17");
    assert!(interim > 0);
    assert!(client.is_at_its_end().await);
}

#[tokio::test]
async fn an_incomplete_body_of_a_half_closed_client_is_rejected() {
    let server = TestServer::new().await;
    let mut client = server.connect().await;
    let head = "POST /_ecmock/faults HTTP/1.1\r\nHost: it\r\nContent-Length: 10\r\n\r\n{";
    client.write(head.as_bytes()).await;
    client.close_own_side().await;
    let answer = client.read("POST").await;
    assert_eq!(answer.status(), "400 Bad Request");
    assert!(String::from_utf8(answer.body).unwrap().contains("body is incomplete"));
}

#[tokio::test]
async fn a_half_closed_client_that_reads_slowly_gets_the_whole_state() {
    let ha_vips: Vec<_> = (0..20_000)
        .map(|number| {
            json!({ "HaVipId": format!("havip-{number:08}"), "VpcId": "vpc-00000001",
                "SubnetId": "subnet-00000001" })
        })
        .collect();
    let fixture = json!({
        "VpcSet": [{ "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16" }],
        "SubnetSet": [{ "SubnetId": "subnet-00000001", "VpcId": "vpc-00000001",
            "CidrBlock": "10.0.0.0/16" }],
        "HaVipSet": ha_vips,
    });
    let server = TestServer::with_fixture(&fixture.to_string()).await;
    let mut client = server.connect().await;
    client.write(b"GET /_ecmock/state HTTP/1.1\r\nHost: it\r\nConnection: close\r\n\r\n").await;
    client.close_own_side().await;
    let mut answer = Vec::new();
    // The server keeps answering other calls in the meantime.
    while client.stream.read_buf(&mut answer).await.unwrap() > 0 {
        server.call("DescribeHaVips", &json!({ "Limit": 1 })).await;
    }
    let text = String::from_utf8(answer).unwrap();
    assert_eq!(text.matches("\"HaVipId\"").count(), 20_000);
    assert!(text.trim_end().ends_with(['}', '0']), "{}", &text[text.len() - 40..]);
}

#[rstest]
#[case::faults("faults", 64 * 1024)]
#[case::state("state", 64 * 1024 * 1024)]
#[tokio::test]
async fn an_oversized_admin_body_gets_a_response_after_it_is_sent(
    #[case] path: &str,
    #[case] limit: usize,
) {
    let server = TestServer::new().await;
    let method = if path == "state" { "PUT" } else { "POST" };
    for is_chunked in [false, true] {
        let mut client = server.connect().await;
        let piece = vec![b' '; 1024 * 1024];
        let pieces = limit / piece.len() + 3;
        let framing = if is_chunked {
            "Transfer-Encoding: chunked".to_owned()
        } else {
            format!("Content-Length: {}", pieces * piece.len())
        };
        let head = format!("{method} /_ecmock/{path} HTTP/1.1\r\nHost: it\r\n{framing}\r\n\r\n");
        client.write(head.as_bytes()).await;
        for _ in 0..pieces {
            if is_chunked {
                client.write(format!("{:x}\r\n", piece.len()).as_bytes()).await;
            }
            client.write(&piece).await;
            if is_chunked {
                client.write(b"\r\n").await;
            }
        }
        if is_chunked {
            client.write(b"0\r\n\r\n").await;
        }
        assert_eq!(client.read(method).await.status(), "413 Payload Too Large");
    }
}

#[rstest]
#[case::none("HTTP/1.1", "", "400 Bad Request")]
#[case::two("HTTP/1.1", "Host: a\r\nHost: b\r\n", "400 Bad Request")]
#[case::the_same_twice("HTTP/1.1", "Host: a\r\nHost: a\r\n", "400 Bad Request")]
#[case::two_in_http_1_0("HTTP/1.0", "Host: a\r\nHost: b\r\n", "400 Bad Request")]
#[case::none_in_http_1_0("HTTP/1.0", "", "200 OK")]
#[case::an_empty_one("HTTP/1.1", "Host:\r\n", "200 OK")]
#[tokio::test]
async fn a_request_must_have_exactly_one_host(
    #[case] version: &str,
    #[case] hosts: &str,
    #[case] status: &str,
    #[values("/", "/_ecmock/health")] target: &str,
) {
    let server = TestServer::new().await;
    let mut client = server.connect().await;
    client.write(format!("GET {target} {version}\r\n{hosts}\r\n").as_bytes()).await;
    assert_eq!(client.read("GET").await.status(), status);
}

#[tokio::test]
async fn http_2_with_prior_knowledge_is_rejected_by_a_frame() {
    let server = TestServer::new().await;
    let Connection { mut stream, .. } = server.connect().await;
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    let preface = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &settings].concat();
    stream.write_all(&preface).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let (first, goaway) = answer.split_at(9);
    assert_eq!(first, settings);
    // GOAWAY: 8 bytes for stream 0, last stream 0, HTTP_1_1_REQUIRED.
    assert_eq!(goaway, [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 13]);
}

/// A `DescribeHaVips` call with a framing header and a body in that framing.
fn describe(framing: &str, body: &str) -> String {
    format!(
        "POST / HTTP/1.1\r\nHost: it\r\nX-TC-Action: DescribeHaVips\r\nX-TC-Version: 2019-07-19\r\n\
         Content-Type: application/json\r\n{framing}\r\n\r\n{body}"
    )
}

#[rstest]
#[case::chunked("Transfer-Encoding: chunked", "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n".to_owned())]
#[case::expect_continue("Content-Length: 2\r\nExpect: 100-continue", "{}".to_owned())]
#[case::large("Content-Length: 20002", format!("{{{}}}", " ".repeat(20_000)))]
#[tokio::test]
async fn a_complete_call_of_a_half_closed_client_is_answered(
    #[case] framing: &str,
    #[case] body: String,
    #[values(0, 50)] delay_ms: u64,
) {
    let server = TestServer::new().await;
    if delay_ms > 0 {
        server.admin().add_fault(&json!({ "DelayMs": delay_ms })).await;
    }
    for calls in [1, 2, 5] {
        let mut client = server.connect().await;
        let call = describe(framing, &body).repeat(calls);
        client.write(call.as_bytes()).await;
        client.close_own_side().await;
        for _ in 0..calls {
            let answer = loop {
                let answer = client.read("POST").await;
                if answer.status() != "100 Continue" {
                    break answer;
                }
            };
            assert_eq!(answer.response()["TotalCount"], 0, "{calls} {answer:?}");
        }
        assert!(client.is_at_its_end().await);
    }
}

#[tokio::test]
async fn a_fixture_in_many_chunks_of_a_half_closed_client_is_loaded() {
    let server = TestServer::new().await;
    let mut client = server.connect().await;
    let head = "PUT /_ecmock/state HTTP/1.1\r\nHost: it\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = format!("3e8\r\n{}\r\n", " ".repeat(1000));
    let body = format!("{}2\r\n{{}}\r\n0\r\n\r\n", chunk.repeat(300));
    client.write(&[head, &body].concat().into_bytes()).await;
    client.close_own_side().await;
    assert_eq!(client.read("PUT").await.status(), "200 OK");
}

#[rstest]
#[case::reset("reset", "200 OK")]
#[case::unknown("nothing", "404 Not Found")]
#[case::not_allowed("health", "405 Method Not Allowed")]
#[tokio::test]
async fn an_unread_body_does_not_end_its_connection(#[case] path: &str, #[case] status: &str) {
    let server = TestServer::new().await;
    let mut client = server.connect().await;
    for _ in 0..3 {
        let head =
            format!("POST /_ecmock/{path} HTTP/1.1\r\nHost: it\r\nContent-Length: 2\r\n\r\n");
        client.write(head.as_bytes()).await;
        assert_eq!(client.read("POST").await.status(), status);
        client.write(b"{}").await;
    }
}
