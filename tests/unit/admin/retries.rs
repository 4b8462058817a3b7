//! `GET retries`: calls with equal parameters.

use serde_json::{Value, json};

use super::fields;
use crate::tests::support::{TestServer, create};

async fn retries(server: &TestServer, query: &str) -> Vec<Value> {
    let answer = server.admin().get(&format!("retries{query}")).await;
    let found = answer["Retries"].as_array().unwrap().clone();
    assert_eq!(answer["Total"], found.len());
    found
}

/// Makes a call that can have any outcome.
async fn call(server: &TestServer, action: &str, params: Value) {
    server.any_call("default", action, &params).await;
}

async fn advance(server: &TestServer, ms: u64) {
    server.admin().post("clock/advance", json!({ "Ms": ms })).await;
}

#[tokio::test]
async fn equal_calls_are_attempts_of_one_request() {
    let server = TestServer::new().await;
    let rule = json!({ "Action": "CreateHaVip", "Error": { "Code": "InternalError" }, "Times": 2 });
    server.admin().add_fault(&rule).await;
    for ms in [100, 250, 0] {
        call(&server, "CreateHaVip", create(json!({ "HaVipName": "web" }))).await;
        advance(&server, ms).await;
    }
    call(&server, "CreateHaVip", create(json!({ "HaVipName": "db" }))).await;
    let [found] = &mut retries(&server, "").await[..] else { panic!("one request") };
    let ids = fields(&server.admin().requests("").await, "RequestId");
    assert_eq!(found["RequestIds"].take(), json!(ids[..3]));
    assert_eq!(
        *found,
        json!({
            "Action": "CreateHaVip",
            "Params": create(json!({ "HaVipName": "web" })),
            "Attempts": 3,
            "GapsMs": [100, 250],
            "Codes": ["InternalError", "InternalError", "OK"],
            "RequestIds": null,
            "RetriedInVain": [],
            "Succeeded": 1,
            "Duplicates": 0,
        })
    );
    assert_eq!(fields(&retries(&server, "?attempts=1").await, "Attempts"), [3, 1]);
    assert_eq!(fields(&retries(&server, "?attempts=1&since=2").await, "Attempts"), [1, 1]);
    assert_eq!(retries(&server, "?attempts=4").await, [] as [Value; 0]);
    assert_eq!(retries(&server, "?action=DeleteHaVip&attempts=0").await, [] as [Value; 0]);
}

/// The order of parameters differs between clients, and between two calls of some.
#[tokio::test]
async fn the_order_of_parameters_does_not_matter() {
    let server = TestServer::new().await;
    for body in [r#"{"Offset":0,"Limit":1}"#, r#"{"Limit":1,"Offset":0}"#] {
        let rule = json!({ "Error": { "Code": "InternalError" }, "Times": 1 });
        server.admin().add_fault(&rule).await;
        call(&server, "DescribeVpcs", serde_json::from_str(body).unwrap()).await;
    }
    assert_eq!(fields(&retries(&server, "").await, "Attempts"), [2]);
}

#[tokio::test]
async fn a_lost_response_and_a_retry_are_a_duplicate() {
    let server = TestServer::new().await;
    for effect in [
        json!({ "Error": { "Code": "InternalError" } }),
        json!({ "Http": { "Status": 502 } }),
        json!({ "Connection": "close" }),
    ] {
        server.admin().post("reset", json!({})).await;
        let mut rule = json!({ "Action": "CreateHaVip", "When": "after", "Times": 1 });
        rule.as_object_mut().unwrap().extend(effect.as_object().unwrap().clone());
        server.admin().add_fault(&rule).await;
        let lost = server.begin("default", "CreateHaVip", &create(json!({}))).await;
        server.admin().get("requests?wait_ms=60000").await;
        drop(lost);
        call(&server, "CreateHaVip", create(json!({}))).await;
        let [found] = &retries(&server, "").await[..] else { panic!("{rule}") };
        assert_eq!((&found["Succeeded"], &found["Duplicates"]), (&json!(2), &json!(1)), "{rule}");
        let [lost, _] = &server.admin().requests("").await[..] else { panic!("{rule}") };
        assert_eq!(lost["OwnCode"], "OK", "{rule}");
    }
}

#[tokio::test]
async fn a_call_that_did_not_run_has_no_own_code() {
    let server = TestServer::new().await;
    let before = json!({ "Error": { "Code": "InternalError" }, "Times": 1 });
    let after = json!({ "Error": { "Code": "InternalError" }, "When": "after", "Times": 1 });
    server.admin().add_fault(&before).await;
    server.admin().add_fault(&after).await;
    for _ in 0..3 {
        call(&server, "CreateHaVip", create(json!({ "Vip": "172.16.0.1" }))).await;
    }
    let entries = server.admin().requests("").await;
    let own = fields(&entries, "OwnCode");
    assert_eq!(own, [Value::Null, json!("InvalidParameterValue"), json!("InvalidParameterValue")]);
    assert_eq!(
        fields(&entries, "Code"),
        ["InternalError", "InternalError", "InvalidParameterValue"]
    );
}

#[tokio::test]
async fn a_code_that_depends_only_on_the_request_is_retried_in_vain() {
    let server = TestServer::new().await;
    for _ in 0..3 {
        call(&server, "CreateHaVip", create(json!({ "Vip": "x" }))).await;
    }
    let [found] = &retries(&server, "").await[..] else { panic!("one request") };
    let code = "InvalidParameterValue.Malformed";
    assert_eq!(found["RetriedInVain"], json!([code, code]));
    assert_eq!((&found["Succeeded"], &found["Duplicates"]), (&json!(0), &json!(0)));
}

/// A program that polls makes equal calls, which are no retries.
#[tokio::test]
async fn a_read_after_a_success_is_another_request() {
    let server = TestServer::new().await;
    for _ in 0..3 {
        call(&server, "DescribeVpcs", json!({})).await;
    }
    assert_eq!(retries(&server, "").await, [] as [Value; 0]);
    assert_eq!(fields(&retries(&server, "?attempts=1").await, "Attempts"), [1, 1, 1]);
    let rule = json!({ "Error": { "Code": "InternalError" }, "Times": 1 });
    server.admin().add_fault(&rule).await;
    for _ in 0..2 {
        call(&server, "DescribeVpcs", json!({})).await;
    }
    let found = retries(&server, "").await;
    assert_eq!(fields(&found, "Codes"), [json!(["InternalError", "OK"])]);
    assert_eq!(fields(&found, "Duplicates"), [0]);
}

#[tokio::test]
async fn wrong_queries_are_refused() {
    let server = TestServer::new().await;
    for query in ["?attempts=x", "?attempts=-1", "?code=OK", "?since=x", "?account="] {
        let refusal = server.admin().refusal("GET", &format!("retries{query}"), "").await;
        assert!(refusal.starts_with("400 BadRequest: "), "{query}: {refusal}");
    }
}
