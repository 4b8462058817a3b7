//! Fault rules that hold calls until a test releases them.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::{Admin, fields};
use crate::tests::support::{Connection, END_TIME_MAX, TestServer, VPC, code, create, vip};

/// Longer than any test runs.
const LONG_MS: u64 = 600_000;

pub(super) fn rule(hold: &str, more: &Value) -> Value {
    let mut rule = json!({ "Action": "CreateHaVip", "Hold": hold, "HoldMs": LONG_MS });
    rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    rule
}

async fn ha_vips(server: &TestServer) -> Value {
    server.call("DescribeHaVips", &json!({})).await["TotalCount"].take()
}

impl Admin<'_> {
    /// Waits until `fault-1` holds calls, and returns their request IDs.
    async fn held(&self, calls: usize) -> Vec<Value> {
        let rule = self.get(&format!("faults/fault-1?wait_ms={LONG_MS}&held={calls}")).await;
        let held = rule["Held"].as_array().unwrap().clone();
        assert!(held.len() >= calls, "{rule}");
        held
    }

    /// Releases calls of `fault-1`, and returns their number.
    async fn release(&self, body: Value) -> Value {
        self.post("faults/fault-1/release", body).await["Released"].take()
    }
}

fn is_silent(waiting: &Connection) -> bool {
    let read = waiting.stream.try_read(&mut [0]);
    read.is_err_and(|it| it.kind() == std::io::ErrorKind::WouldBlock)
}

async fn begin(server: &TestServer, name: &str) -> Connection {
    server.begin("default", "CreateHaVip", &create(json!({ "HaVipName": name }))).await
}

#[tokio::test]
async fn a_checked_call_waits_before_it_runs() {
    let server = TestServer::new().await;
    let admin = server.admin();
    let added = admin.add_fault(&rule("checked", &json!({ "Times": 1 }))).await;
    assert_eq!((&added["Hold"], &added["Held"]), (&json!("checked"), &json!([])));
    let mut call = begin(&server, "web").await;
    let held = admin.held(1).await;
    assert_eq!(ha_vips(&server).await, 0);
    assert!(is_silent(&call));
    assert_eq!(admin.requests("action=CreateHaVip").await, [json!(null); 0]);

    assert_eq!(admin.release(json!({})).await, 1);
    let created = call.read("POST").await.response();
    assert_eq!([created["RequestId"].clone()], *held);
    assert_eq!(ha_vips(&server).await, 1);
    assert_eq!(admin.get("faults/fault-1").await["Held"], json!([]));
}

#[tokio::test]
async fn a_committed_call_waits_after_it_ran() {
    let server = TestServer::new().await;
    let admin = server.admin();
    admin.add_fault(&rule("committed", &json!({}))).await;
    let mut call = begin(&server, "web").await;
    admin.held(1).await;
    assert_eq!(ha_vips(&server).await, 1);
    assert!(is_silent(&call));
    admin.release(json!({})).await;
    vip(&call.read("POST").await.response());
}

/// The response of a held call that also has another effect.
#[tokio::test]
async fn a_held_call_may_fail_when_it_is_released() {
    let error = json!({ "Code": "InternalError" });
    for (rule, ran_before, ran_after) in [
        (rule("checked", &json!({ "Error": error })), 0, 0),
        (rule("checked", &json!({ "Error": error, "When": "after" })), 0, 1),
        (rule("committed", &json!({ "Error": error, "When": "after" })), 1, 1),
    ] {
        let server = TestServer::new().await;
        server.admin().add_fault(&rule).await;
        let mut call = begin(&server, "web").await;
        server.admin().held(1).await;
        assert_eq!(ha_vips(&server).await, ran_before, "{rule}");
        server.admin().release(json!({})).await;
        assert_eq!(code(&call.read("POST").await.response()), "InternalError");
        assert_eq!(ha_vips(&server).await, ran_after, "{rule}");
    }
    for (rule, ran) in [
        (rule("checked", &json!({ "Connection": "close" })), 0),
        (rule("committed", &json!({ "Connection": "close", "When": "after" })), 1),
    ] {
        let server = TestServer::new().await;
        server.admin().add_fault(&rule).await;
        let mut call = begin(&server, "web").await;
        server.admin().held(1).await;
        server.admin().release(json!({})).await;
        assert!(call.is_at_its_end().await);
        assert_eq!(ha_vips(&server).await, ran, "{rule}");
    }
    let server = TestServer::new().await;
    server.admin().add_fault(&rule("committed", &json!({ "Connection": "truncate" }))).await;
    let mut call = begin(&server, "web").await;
    server.admin().held(1).await;
    assert!(is_silent(&call));
    server.admin().release(json!({})).await;
    call.first_byte().await;
}

/// Two controllers want one address. The test decides who is first.
#[tokio::test]
async fn calls_are_released_in_the_order_of_their_arrival() {
    let server = TestServer::new().await;
    let admin = server.admin();
    admin.add_fault(&rule("checked", &json!({}))).await;
    let mut calls = Vec::new();
    let mut ids = Vec::new();
    for number in 1..=4 {
        let params = create(json!({ "Vip": "172.16.0.99" }));
        calls.push(server.begin("default", "CreateHaVip", &params).await);
        let held = admin.held(number).await;
        assert_eq!(held[..number - 1], ids);
        ids = held;
    }
    assert_eq!(admin.release(json!({ "Calls": 1 })).await, 1);
    let first = calls.remove(0).read("POST").await.response();
    assert_eq!((vip(&first), &first["RequestId"]), ("172.16.0.99", &ids[0]));
    assert_eq!(admin.held(3).await, ids[1..]);
    assert_eq!(admin.release(json!({ "Calls": 2 })).await, 2);
    for id in &ids[1..3] {
        let refused = calls.remove(0).read("POST").await.response();
        assert_eq!(refused["RequestId"], *id);
        assert!(refused["Error"].is_object(), "{refused}");
    }
    assert_eq!(admin.held(1).await, ids[3..]);
    assert_eq!(admin.release(json!({ "Calls": 9 })).await, 1);
    calls.remove(0).read("POST").await.response();
    assert_eq!(admin.release(json!({ "Calls": null })).await, 0);
    assert_eq!(ha_vips(&server).await, 1);
}

#[tokio::test]
async fn a_subnet_is_deleted_while_a_call_that_needs_it_is_held() {
    let server = TestServer::new().await;
    let region = "ap-hangzhou-ecm";
    let subnet = json!({
        "VpcId": VPC, "SubnetName": "s", "CidrBlock": "172.16.9.0/24", "EcmRegion": region,
        "Zone": "ap-hangzhou-ecm-1",
    });
    let mut created = server.call("CreateSubnet", &subnet).await;
    let subnet = created["Subnet"]["SubnetId"].take();
    server.admin().add_fault(&rule("checked", &json!({}))).await;
    let params = create(json!({ "SubnetId": subnet }));
    let mut call = server.begin("default", "CreateHaVip", &params).await;
    server.admin().held(1).await;
    let subnet = json!({ "EcmRegion": region, "SubnetId": subnet });
    let deleted = server.call("DeleteSubnet", &subnet).await;
    assert!(deleted["Error"].is_null(), "{deleted}");
    server.admin().release(json!({})).await;
    assert_eq!(code(&call.read("POST").await.response()), "ResourceNotFound");
}

/// On one thread: calls that no rule holds go on.
#[tokio::test]
async fn a_held_call_blocks_no_other() {
    let server = TestServer::new().await;
    let admin = server.admin();
    let params = json!({ "Params": { "HaVipName": "held" }, "Skip": 1, "Times": 2 });
    admin.add_fault(&rule("checked", &params)).await;
    vip(&server.create(json!({ "HaVipName": "held" })).await);
    let calls = [begin(&server, "held").await, begin(&server, "held").await];
    admin.held(2).await;
    assert_eq!(ha_vips(&server).await, 1);
    vip(&server.create(json!({ "HaVipName": "other" })).await);
    vip(&server.create(json!({ "HaVipName": "held" })).await);
    let name = create(json!({ "HaVipName": "held" }));
    vip(&server.call_as("other", "CreateHaVip", &name).await);
    assert!(calls.iter().all(is_silent));
    assert_eq!(ha_vips(&server).await, 3);
    let listed = &admin.get("faults").await["Faults"][0];
    assert_eq!((&listed["Matches"], &listed["Hits"]), (&json!(3), &json!(2)));
    assert_eq!(listed["Held"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_held_call_ends_when_its_client_leaves() {
    for (hold, ran) in [("checked", 0), ("committed", 1)] {
        let server = TestServer::new().await;
        let admin = server.admin();
        admin.add_fault(&rule(hold, &json!({}))).await;
        let leaving = begin(&server, "web").await;
        let staying = begin(&server, "web").await;
        admin.held(2).await;
        assert_eq!(ha_vips(&server).await, 2 * ran);
        leaving.stream.set_zero_linger().unwrap(); // The server notices a reset at once.
        drop(leaving);
        let ended = admin.requests(&format!("action=CreateHaVip&wait_ms={LONG_MS}")).await;
        assert_eq!(fields(&ended, "Code"), ["OK"]);
        assert_eq!(ha_vips(&server).await, 1 + ran);
        assert_eq!(admin.held(1).await.len(), 1);
        assert!(is_silent(&staying));
    }
}

#[tokio::test]
async fn a_held_call_goes_on_when_its_rule_is_deleted() {
    for path in ["faults/fault-1", "faults"] {
        let server = TestServer::new().await;
        server.admin().add_fault(&rule("checked", &json!({}))).await;
        let mut calls = [begin(&server, "web").await, begin(&server, "web").await];
        server.admin().held(2).await;
        server.admin().delete(path).await;
        for call in &mut calls {
            vip(&call.read("POST").await.response());
        }
        vip(&server.create(json!({})).await);
    }
}

#[tokio::test]
async fn a_held_call_runs_in_the_state_before_a_reset() {
    let server = TestServer::new().await;
    let admin = server.admin();
    for hold in ["checked", "committed"] {
        admin.add_fault(&rule(hold, &json!({}))).await;
        let mut call = begin(&server, "web").await;
        admin.held(1).await;
        admin.post("reset", json!({})).await;
        vip(&call.read("POST").await.response());
        assert_eq!(ha_vips(&server).await, 0);
        assert_eq!(admin.get("requests?action=CreateHaVip").await["Total"], 0);
        assert_eq!(admin.get("faults").await["Total"], 0);
    }
}

#[tokio::test]
async fn a_held_call_goes_on_when_its_account_is_deleted() {
    let server = TestServer::new().await;
    server.admin().add_fault(&rule("checked", &json!({}))).await;
    let mut call = begin(&server, "web").await;
    server.admin().held(1).await;
    server.admin().delete("accounts/default").await;
    vip(&call.read("POST").await.response());
    assert_eq!(ha_vips(&server).await, 0);
}

#[tokio::test]
async fn a_held_call_does_not_delay_the_shutdown() {
    let server = TestServer::new().await;
    server.admin().add_fault(&rule("checked", &json!({}))).await;
    let mut call = begin(&server, "web").await;
    server.admin().held(1).await;
    let started = Instant::now();
    server.shutdown().await;
    assert!(started.elapsed() < END_TIME_MAX, "{:?}", started.elapsed());
    assert!(call.is_at_its_end().await);
}

#[tokio::test(start_paused = true)]
async fn a_held_call_goes_on_after_a_minute_or_its_time() {
    for (more, ms) in [(json!({}), 60_000), (json!({ "HoldMs": 1500 }), 1500)] {
        let server = TestServer::new().await;
        let mut rule = json!({ "Action": "CreateHaVip", "Hold": "checked" });
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        server.admin().add_fault(&rule).await;
        let started = tokio::time::Instant::now();
        vip(&server.create(json!({})).await);
        let taken = started.elapsed();
        let expected = Duration::from_millis(ms);
        assert!(taken >= expected && taken < expected + Duration::from_secs(1), "{taken:?}");
        assert_eq!(server.admin().get("faults/fault-1").await["Held"], json!([]));
    }
}

#[tokio::test]
async fn the_journal_has_the_rule_and_the_time_of_the_hold() {
    let server = TestServer::new().await;
    let admin = server.admin();
    admin.add_fault(&json!({ "Action": "CreateHaVip", "Hold": "committed", "HoldMs": 20 })).await;
    vip(&server.create(json!({})).await);
    let [call] = &admin.requests("action=CreateHaVip").await[..] else { panic!("one call") };
    assert_eq!((&call["FaultId"], &call["Code"]), (&json!("fault-1"), &json!("OK")));
    assert!(call["DurationUs"].as_u64().unwrap() >= 20_000, "{call}");
}

#[tokio::test]
async fn calls_of_the_admin_api_are_held_too() {
    let server = std::sync::Arc::new(TestServer::new().await);
    server.admin().add_fault(&rule("checked", &json!({}))).await;
    let call = json!({ "Action": "CreateHaVip", "Params": create(json!({})) });
    let other = std::sync::Arc::clone(&server);
    let called = tokio::spawn(async move { other.admin().post("call", call).await });
    server.admin().held(1).await;
    assert!(!called.is_finished());
    server.admin().release(json!({})).await;
    vip(&called.await.unwrap()["Response"]);
}

/// Requests a rule, and waits until its request is answered.
async fn wait(server: &TestServer, query: &str) -> JoinHandle<(String, Value)> {
    let mut waiting = server.connect().await;
    let head =
        format!("GET /_ecmock/faults/fault-1?wait_ms={LONG_MS}{query} HTTP/1.1\r\nHost: x\r\n\r\n");
    waiting.write(head.as_bytes()).await;
    // A later request is answered later.
    server.send_by_socket("GET", "/_ecmock/health", &[], b"").await;
    assert!(is_silent(&waiting));
    tokio::spawn(async move {
        let answer = waiting.read("GET").await;
        (answer.status().to_owned(), serde_json::from_slice(&answer.body).unwrap())
    })
}

#[tokio::test]
async fn a_wait_ends_when_calls_are_held() {
    let server = TestServer::new().await;
    let admin = server.admin();
    admin.add_fault(&rule("checked", &json!({ "Skip": 1 }))).await;
    let (one, two) = (wait(&server, "").await, wait(&server, "&held=2").await);
    vip(&server.create(json!({})).await);
    assert!(!one.is_finished());
    let _first = begin(&server, "web").await;
    let (_, rule) = one.await.unwrap();
    assert_eq!(rule["Held"].as_array().unwrap().len(), 1);
    assert_eq!((&rule["Id"], &rule["Hits"]), (&json!("fault-1"), &json!(1)));
    assert!(!two.is_finished());
    let _second = begin(&server, "web").await;
    let (_, rule) = two.await.unwrap();
    assert_eq!(rule["Held"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_wait_ends_when_its_rule_is_gone() {
    let server = TestServer::new().await;
    let admin = server.admin();
    for (method, path) in [
        ("DELETE", "faults/fault-1"),
        ("DELETE", "faults"),
        ("POST", "reset"),
        ("DELETE", "accounts/default"),
    ] {
        admin.post("reset", json!({})).await;
        admin.add_fault(&rule("checked", &json!({}))).await;
        let waiting = wait(&server, "").await;
        admin.ok(method, path, "").await;
        let (status, error) = waiting.await.unwrap();
        assert_eq!(status, "404 Not Found", "{method} {path}");
        assert_eq!(error["Message"], "unknown fault `fault-1`");
    }
}

#[tokio::test]
async fn a_wait_without_held_calls_returns_the_rule() {
    let server = TestServer::new().await;
    let admin = server.admin();
    let added = admin.add_fault(&rule("checked", &json!({}))).await;
    for query in ["", "?wait_ms=0", "?wait_ms=1&held=7"] {
        assert_eq!(admin.get(&format!("faults/fault-1{query}")).await, added);
    }
    let failing = json!({ "Error": { "Code": "InternalError" } });
    let other = admin.add_fault(&failing).await;
    assert_eq!(other["Held"], Value::Null);
    assert_eq!(admin.get("faults/fault-2").await, other);
}
