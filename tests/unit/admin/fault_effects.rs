//! Faults with a response: errors, responses of proxies, and delays.

use serde_json::{Value, json};

use super::fields;
use crate::tests::support::{Connection, TestServer, VERSION, create, vip};

/// Longer than any test runs.
const FOR_EVER_MS: u64 = 600_000;

async fn ha_vips(server: &TestServer) -> Value {
    server.call("DescribeHaVips", &json!({})).await["TotalCount"].take()
}

#[tokio::test]
async fn a_call_that_fails_before_has_no_effect() {
    let server = TestServer::new().await;
    let rule = json!({ "Action": "CreateHaVip", "Times": 1, "Error": { "Code": "InternalError" } });
    server.admin().add_fault(&rule).await;
    let failed = server.any_call("default", "CreateHaVip", &create(json!({}))).await;
    assert_eq!(failed["Error"]["Code"], "InternalError");
    assert_eq!(ha_vips(&server).await, 0);
    assert_eq!(vip(&server.create(json!({})).await), "172.16.0.17");
}

/// A lost response: a client that retries creates a second resource.
#[tokio::test]
async fn a_call_that_fails_after_has_its_effect() {
    let server = TestServer::new().await;
    for effect in [
        json!({ "Error": { "Code": "InternalError" } }),
        json!({ "Http": { "Status": 502 } }),
        json!({ "DelayMs": 1, "Error": { "Code": "InternalError" } }),
    ] {
        let mut rule = json!({ "Action": "CreateHaVip", "When": "after" });
        rule.as_object_mut().unwrap().extend(effect.as_object().unwrap().clone());
        server.admin().post("reset", json!({})).await;
        server.admin().add_fault(&rule).await;
        let mut connection = server.begin("default", "CreateHaVip", &create(json!({}))).await;
        connection.read("POST").await;
        assert_eq!(ha_vips(&server).await, 1, "{rule}");
    }
}

#[tokio::test]
async fn the_journal_has_the_fault_and_the_response() {
    let server = TestServer::new().await;
    for effect in [
        json!({ "Error": { "Code": "InternalError", "Message": "at noon" } }),
        json!({ "DelayMs": 1 }),
        json!({ "Http": { "Status": 503 } }),
        json!({ "Http": { "Status": 503 }, "When": "after" }),
    ] {
        let mut rule = json!({ "Action": "CreateHaVip", "Times": 1 });
        rule.as_object_mut().unwrap().extend(effect.as_object().unwrap().clone());
        server.admin().add_fault(&rule).await;
        let mut connection = server.begin("default", "CreateHaVip", &create(json!({}))).await;
        connection.read("POST").await;
    }
    server.create(json!({})).await;
    let entries = server.admin().requests("").await;
    let ids = fields(&entries, "FaultId");
    assert_eq!(ids[..4], ["fault-1", "fault-2", "fault-3", "fault-4"]);
    assert_eq!(ids[4], Value::Null);
    let codes = [json!("InternalError"), json!("OK"), Value::Null, json!("OK"), json!("OK")];
    assert_eq!(fields(&entries, "Code"), codes);
    assert_eq!(entries[0]["Message"], "at noon");
    assert!(entries[1]["DurationUs"].as_u64().unwrap() >= 1000);
}

async fn message(server: &TestServer, language: &str) -> String {
    let headers = [
        ("X-TC-Action", "CreateHaVip"),
        ("X-TC-Version", VERSION),
        ("X-TC-Language", language),
        ("Content-Type", "application/json"),
    ];
    let body = create(json!({})).to_string();
    let answer = server.send("POST", "/", &headers, body.as_bytes()).await.response();
    answer["Error"]["Message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_error_has_the_documented_phrase_or_the_message_of_its_rule() {
    let server = TestServer::new().await;
    let admin = server.admin();
    let rule = json!({ "Action": "CreateHaVip", "Error": { "Code": "RequestLimitExceeded" } });
    admin.add_fault(&rule).await;
    let (english, chinese) = (message(&server, "en-US").await, message(&server, "zh-CN").await);
    insta::assert_snapshot!(format!("{english}\n{chinese}"), @r"
    The number of requests exceeds the frequency limit.
    请求的次数超过了频率限制。
    ");
    admin.delete("faults").await;
    let error = json!({ "Code": "RequestLimitExceeded", "Message": "not now" });
    admin.add_fault(&json!({ "Action": "CreateHaVip", "Error": error })).await;
    for language in ["en-US", "zh-CN"] {
        assert_eq!(message(&server, language).await, "not now");
    }
}

#[tokio::test]
async fn a_proxy_response_may_have_any_status_and_body() {
    let server = TestServer::new().await;
    for (status, body, line, content_type) in [
        (503, "busy", "503 Service Unavailable", "text/plain"),
        (429, "", "429 Too Many Requests", "text/plain"),
        (500, r#"{"error":"x"}"#, "500 Internal Server Error", "application/json"),
        (204, "", "204 No Content", "text/plain"),
        (205, "", "205 Reset Content", "text/plain"),
        (304, "", "304 Not Modified", "text/plain"),
        (200, "<html>", "200 OK", "text/plain"),
    ] {
        server.admin().delete("faults").await;
        let rule = json!({ "Action": "CreateHaVip", "Http": { "Status": status, "Body": body } });
        server.admin().add_fault(&rule).await;
        let mut connection = server.begin("default", "CreateHaVip", &create(json!({}))).await;
        let answer = connection.read("POST").await;
        assert_eq!(answer.status(), line);
        assert_eq!(answer.header("content-type"), Some(content_type));
        assert_eq!(answer.body, body.as_bytes());
        let length = answer.header("content-length").unwrap_or("0");
        assert_eq!(length, body.len().to_string());
    }
    assert_eq!(ha_vips(&server).await, 0);
}

#[tokio::test]
async fn a_call_that_fails_a_check_matches_no_fault() {
    let server = TestServer::new().await;
    server.admin().add_fault(&json!({ "Http": { "Status": 503 } })).await;
    let answer = server.any_call("default", "Nonsense", &json!({})).await;
    assert_eq!(answer["Error"]["Code"], "InvalidAction");
    assert_eq!(server.admin().get("faults").await["Faults"][0]["Matches"], 0);
}

#[tokio::test]
async fn a_delayed_response_is_the_real_one() {
    let server = TestServer::new().await;
    server.admin().add_fault(&json!({ "Action": "CreateHaVip", "DelayMs": 30 })).await;
    let started = std::time::Instant::now();
    assert_eq!(vip(&server.create(json!({})).await), "172.16.0.17");
    assert!(started.elapsed().as_millis() >= 30);
    let entries = server.admin().requests("").await;
    assert!(entries[0]["DurationUs"].as_u64().unwrap() >= 30_000);
}

#[tokio::test]
async fn a_delayed_call_takes_effect_even_if_its_client_disconnects() {
    let server = TestServer::new().await;
    let admin = server.admin();
    admin.add_fault(&json!({ "Action": "CreateHaVip", "DelayMs": 100 })).await;
    let leaving = server.begin("default", "CreateHaVip", &create(json!({}))).await;
    admin.wait_for_hits(1).await;
    drop(leaving);
    let late = admin.requests("action=CreateHaVip&wait_ms=60000").await;
    assert_eq!(fields(&late, "Code"), ["OK"]);
    assert_eq!(ha_vips(&server).await, 1);
}

/// The effect of a call is visible before its late response.
#[tokio::test]
async fn a_call_that_is_delayed_after_takes_effect_immediately() {
    let server = TestServer::new().await;
    let rule = json!({ "Action": "CreateHaVip", "When": "after", "DelayMs": FOR_EVER_MS });
    server.admin().add_fault(&rule).await;
    let waiting = server.begin("default", "CreateHaVip", &create(json!({}))).await;
    while ha_vips(&server).await != 1 {}
    assert!(is_silent(&waiting));
}

fn is_silent(waiting: &Connection) -> bool {
    let read = waiting.stream.try_read(&mut [0]);
    read.is_err_and(|it| it.kind() == std::io::ErrorKind::WouldBlock)
}

/// On one thread, and in the account with the delayed calls.
#[tokio::test]
async fn delayed_and_hung_calls_delay_no_others() {
    let server = TestServer::new().await;
    let admin = server.admin();
    let named = |name: &str| create(json!({ "HaVipName": name }));
    for (name, effect) in [
        ("late", json!({ "DelayMs": FOR_EVER_MS })),
        ("late after", json!({ "DelayMs": FOR_EVER_MS, "When": "after" })),
        ("hung", json!({ "Connection": "hang" })),
        ("hung after", json!({ "Connection": "hang", "When": "after" })),
    ] {
        let mut rule = json!({ "Action": "CreateHaVip", "Params": { "HaVipName": name } });
        rule.as_object_mut().unwrap().extend(effect.as_object().unwrap().clone());
        admin.add_fault(&rule).await;
    }
    let mut waiting = Vec::new();
    for name in ["late", "late after", "hung", "hung after"] {
        for _ in 0..3 {
            waiting.push(server.begin("default", "CreateHaVip", &named(name)).await);
        }
    }
    let hits = |list: &Value| -> u64 {
        list["Faults"].as_array().unwrap().iter().map(|it| it["Hits"].as_u64().unwrap()).sum()
    };
    while hits(&admin.get("faults").await) != 12 {}
    for _ in 0..3 {
        vip(&server.create(json!({ "HaVipName": "on time" })).await);
        vip(&server.call_as("other", "CreateHaVip", &named("late")).await);
    }
    // A call counts as a hit before it runs.
    while ha_vips(&server).await != 9 {}
    assert!(waiting.iter().all(is_silent));
}
