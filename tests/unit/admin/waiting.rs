//! `GET requests?wait_ms=`: a response as soon as a matching call arrives.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::fields;
use crate::tests::support::{Connection, END_TIME_MAX, TestServer, create};

/// Longer than any test runs: a wait that takes so long has missed the call.
const LONG_MS: u64 = 600_000;

/// Requests calls, and reads nothing of the response.
async fn wait(server: &TestServer, query: &str) -> Connection {
    let mut waiting = server.connect().await;
    let head =
        format!("GET /_ecmock/requests?wait_ms={LONG_MS}&{query} HTTP/1.1\r\nHost: x\r\n\r\n");
    waiting.write(head.as_bytes()).await;
    // A later request is answered later.
    server.send_by_socket("GET", "/_ecmock/health", &[], b"").await;
    waiting
}

async fn answer(mut waiting: Connection) -> Value {
    let answer = tokio::time::timeout(Duration::from_mins(1), waiting.read("GET")).await;
    let answer = answer.expect("the wait did not end");
    serde_json::from_slice(&answer.body).unwrap()
}

/// Whether no response has arrived yet.
fn is_silent(waiting: &Connection) -> bool {
    let read = waiting.stream.try_read(&mut [0]);
    read.is_err_and(|it| it.kind() == std::io::ErrorKind::WouldBlock)
}

#[tokio::test]
async fn a_wait_ends_with_a_matching_call() {
    let server = TestServer::new().await;
    let waiting = wait(&server, "action=CreateHaVip&code=OK").await;
    server.call("DescribeVpcs", &json!({})).await;
    server.create(json!({ "Vip": "x" })).await;
    server.call_as("other", "CreateHaVip", &create(json!({}))).await;
    assert!(is_silent(&waiting));

    let made = server.create(json!({})).await;
    let found = answer(waiting).await;
    assert_eq!(found["Total"], 1);
    assert_eq!(found["Requests"][0]["RequestId"], made["RequestId"]);
    assert_eq!(found["Requests"][0]["Sequence"], 3);
}

#[tokio::test]
async fn an_earlier_call_ends_a_wait_immediately() {
    let server = TestServer::new().await;
    server.create(json!({})).await;
    server.create(json!({})).await;
    let found = answer(wait(&server, "action=CreateHaVip&limit=1").await).await;
    assert_eq!(fields(found["Requests"].as_array().unwrap(), "Sequence"), [1]);
    assert_eq!(found["Total"], 2);
}

#[tokio::test]
async fn a_wait_may_be_for_a_call_after_another() {
    let server = TestServer::new().await;
    server.create(json!({})).await;
    let waiting = wait(&server, "action=CreateHaVip&since=1").await;
    server.call("DescribeVpcs", &json!({})).await;
    assert!(is_silent(&waiting));
    server.create(json!({})).await;
    let found = answer(waiting).await;
    assert_eq!(fields(found["Requests"].as_array().unwrap(), "Sequence"), [3]);
}

#[tokio::test]
async fn one_call_ends_all_matching_waits() {
    let server = TestServer::new().await;
    let mut all = Vec::new();
    for number in 0..20 {
        let query = if number % 2 == 0 { "action=CreateHaVip" } else { "" };
        all.push(wait(&server, query).await);
    }
    let made = server.create(json!({})).await;
    for waiting in all {
        let found = answer(waiting).await;
        assert_eq!(found["Requests"][0]["RequestId"], made["RequestId"]);
    }
}

#[tokio::test]
async fn a_wait_without_a_matching_call_returns_no_calls() {
    let server = TestServer::new().await;
    server.call("DescribeVpcs", &json!({})).await;
    for wait_ms in [0, 1, 20] {
        let path = format!("requests?action=CreateHaVip&wait_ms={wait_ms}");
        assert_eq!(server.admin().get(&path).await, json!({ "Requests": [], "Total": 0 }));
    }
}

#[tokio::test]
async fn a_wait_outlives_a_reset_and_a_clearing() {
    let server = TestServer::new().await;
    for _ in 0..3 {
        server.call("DescribeVpcs", &json!({})).await;
    }
    let waiting = wait(&server, "action=CreateHaVip").await;
    let after_three = wait(&server, "action=CreateHaVip&since=3").await;
    server.call("DescribeVpcs", &json!({})).await;
    server.admin().post("reset", json!({})).await;
    server.admin().delete("requests").await;
    server.call("DescribeVpcs", &json!({})).await;
    assert!(is_silent(&waiting) && is_silent(&after_three));

    let made = server.create(json!({})).await;
    for waiting in [waiting, after_three] {
        let found = answer(waiting).await;
        let ids = fields(found["Requests"].as_array().unwrap(), "RequestId");
        assert_eq!(ids, [made["RequestId"].clone()]);
    }
}

#[tokio::test]
async fn a_wait_outlives_the_deletion_of_its_account() {
    let server = TestServer::new().await;
    let waiting = wait(&server, "action=CreateHaVip").await;
    server.admin().delete("accounts/default").await;
    server.call("DescribeVpcs", &json!({})).await;
    assert!(is_silent(&waiting));
    server.create(json!({})).await;
    assert_eq!(answer(waiting).await["Total"], 1);
}

#[tokio::test]
async fn failed_and_faulted_calls_end_a_wait() {
    let server = TestServer::new().await;
    let waiting = wait(&server, "code=InvalidAction").await;
    server.any_call("default", "Nonsense", &json!({})).await;
    assert_eq!(answer(waiting).await["Requests"][0]["Action"], "Nonsense");

    server.admin().add_fault(&json!({ "Connection": "hang" })).await;
    let waiting = wait(&server, "action=CreateHaVip").await;
    let _hung = server.begin("default", "CreateHaVip", &create(json!({}))).await;
    let found = answer(waiting).await;
    assert_eq!(found["Requests"][0]["FaultId"], "fault-1");
    assert_eq!(found["Requests"][0]["Code"], Value::Null);
}

#[tokio::test]
async fn a_wait_does_not_delay_the_shutdown() {
    let server = TestServer::new().await;
    let mut waiting = wait(&server, "action=CreateHaVip").await;
    server.call("DescribeVpcs", &json!({})).await;
    let started = Instant::now();
    server.shutdown().await;
    assert!(started.elapsed() < END_TIME_MAX, "{:?}", started.elapsed());
    assert!(waiting.is_at_its_end().await);
}
