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
    let calls = server.admin().requests("").await;
    let (ids, created) = (fields(&calls, "RequestId"), fields(&calls, "Created"));
    assert_eq!(created[2].as_array().unwrap().len(), 1);
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
            "Created": [[], [], created[2]],
            "Duplicates": [],
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
        let [lost, retry] = &server.admin().requests("").await[..] else { panic!("{rule}") };
        assert_eq!(lost["OwnCode"], "OK", "{rule}");
        assert_eq!(found["Succeeded"], 2, "{rule}");
        assert_eq!(found["Created"], json!([lost["Created"], retry["Created"]]), "{rule}");
        assert_eq!(found["Duplicates"], retry["Created"], "{rule}");
        let set = server.admin().get("state").await["HaVipSet"].take();
        let ids = json!([lost["Created"][0], retry["Created"][0]]);
        assert_eq!(json!(fields(set.as_array().unwrap(), "HaVipId")), ids, "{rule}");
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

/// One call can create several resources.
#[tokio::test]
async fn every_resource_of_a_repeated_call_is_a_duplicate() {
    let server = TestServer::new().await;
    let params = json!({ "EcmRegion": "ap-hangzhou-ecm", "AddressCount": 3 });
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(server.call("AllocateAddresses", &params).await["AddressSet"].take());
    }
    let [found] = &retries(&server, "").await[..] else { panic!("one request") };
    assert_eq!(found["Created"], json!(ids));
    let later = ids[1..].iter().flat_map(|it| it.as_array().unwrap().clone());
    assert_eq!(found["Duplicates"], Value::Array(later.collect()));
}

/// A repeated change of a resource has no duplicate, since it creates none.
#[tokio::test]
async fn a_repeated_change_succeeds_twice() {
    let server = TestServer::new().await;
    let id = server.create(json!({})).await["HaVip"]["HaVipId"].take();
    for _ in 0..2 {
        let params = json!({ "HaVipId": id, "HaVipName": "new" });
        call(&server, "ModifyHaVipAttribute", params).await;
    }
    let [found] = &retries(&server, "").await[..] else { panic!("one request") };
    assert_eq!(found["Succeeded"], 2);
    assert_eq!(found["Created"], json!([[], []]));
    assert_eq!(found["Duplicates"], json!([]));
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
    assert_eq!((&found["Succeeded"], &found["Duplicates"]), (&json!(0), &json!([])));
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
    assert_eq!(fields(&found, "Duplicates"), [json!([])]);
}

/// Makes three attempts that take effect, although the first two get an error, and another request.
async fn retried() -> TestServer {
    let server = TestServer::new().await;
    let lost = json!({ "Error": { "Code": "InternalError" }, "When": "after", "Times": 2 });
    server.admin().add_fault(&lost).await;
    for ms in [100, 250, 0] {
        call(&server, "CreateHaVip", create(json!({}))).await;
        advance(&server, ms).await;
    }
    call(&server, "DescribeVpcs", json!({})).await;
    server
}

async fn problems(server: &TestServer, expected: Value) -> Vec<String> {
    let mut found = server.admin().post("retries/verify", expected).await;
    let problems: Vec<String> = serde_json::from_value(found["Problems"].take()).unwrap();
    assert_eq!(found["Ok"], problems.is_empty());
    problems
}

#[tokio::test]
async fn attempts_match_an_expectation() {
    let server = retried().await;
    for expected in [
        json!({}),
        json!({ "Action": "CreateHaVip", "Attempts": 3, "GapMs": null }),
        json!({ "Attempts": { "max": 3 }, "GapMs": { "min": 100, "max": 250 } }),
        json!({ "Action": "CreateHaVip", "Succeeded": 3, "Duplicates": 2 }),
        json!({ "Action": "CreateHaVip", "Since": 1, "Succeeded": { "min": 2 }, "Duplicates": 1 }),
        json!({ "Action": "DescribeVpcs", "GapMs": 7, "Attempts": 1, "Duplicates": 0 }),
    ] {
        assert_eq!(problems(&server, expected.clone()).await, [] as [String; 0], "{expected}");
    }
    for expected in [
        json!({ "Attempts": { "min": 4 } }),
        json!({ "Attempts": { "max": 2 } }),
        json!({ "GapMs": { "min": 101 } }),
        json!({ "GapMs": { "max": 249 } }),
        json!({ "Succeeded": 1 }),
        json!({ "Duplicates": 1 }),
    ] {
        let mut of_create = expected.clone();
        of_create["Action"] = json!("CreateHaVip");
        assert_eq!(problems(&server, of_create).await.len(), 1, "{expected}");
    }
    assert_eq!(problems(&server, json!({ "Action": "DeleteVpc" })).await, ["no call of DeleteVpc"]);
    assert_eq!(problems(&server, json!({ "Since": 4 })).await, ["no call of any action"]);
}

#[tokio::test]
async fn a_problem_lists_the_attempts() {
    let server = retried().await;
    let calls = server.admin().requests("").await;
    let expected = json!({ "Attempts": 1, "GapMs": { "max": 200 }, "Duplicates": 0 });
    let [mut problem] = <[String; 1]>::try_from(problems(&server, expected).await).unwrap();
    for (number, call) in (1..).zip(&calls[..3]) {
        problem = problem.replace(call["RequestId"].as_str().unwrap(), &format!("ID-{number}"));
        problem = problem.replace(call["Created"][0].as_str().unwrap(), &format!("havip-{number}"));
    }
    insta::assert_snapshot!(problem, @r#"
    CreateHaVip {"HaVipName":"irang_testHaVip","SubnetId":"subnet-rtmfkg4w","VpcId":"vpc-m0c2kcun"}
      attempts: expected 1, got 3
      ms between attempts: expected 0 to 200, got 250
      duplicates: expected 0, got 2
      attempt 1: InternalError (ID-1) created havip-1
      attempt 2 after 100 ms: InternalError (ID-2) created havip-2
      attempt 3 after 250 ms: OK (ID-3) created havip-3
    "#);
}

/// A message is short even if a program repeats a call without end.
#[tokio::test]
async fn a_problem_lists_ten_attempts_of_ten_requests() {
    let server = TestServer::new().await;
    for number in 0..12 {
        server.create(json!({ "HaVipName": number.to_string() })).await;
    }
    let found = problems(&server, json!({ "Attempts": 2 })).await;
    assert_eq!((found.len(), found[10].as_str()), (11, "and 2 more"));
    server.admin().post("reset", json!({})).await;
    for _ in 0..12 {
        server.create(json!({})).await;
    }
    let found = problems(&server, json!({ "Attempts": 2 })).await;
    assert_eq!(found[0].matches("\n  attempt ").count(), 10);
    assert!(found[0].ends_with("\n  and 2 more"));
}

/// A test can set the clock back between two attempts.
#[tokio::test]
async fn a_negative_gap_is_outside_all_bounds() {
    let server = TestServer::new().await;
    for now in ["2026-01-01T00:00:01Z", "2026-01-01T00:00:00Z"] {
        server.admin().put("clock", json!({ "Now": now, "Frozen": true })).await;
        call(&server, "CreateHaVip", create(json!({}))).await;
    }
    let found = problems(&server, json!({ "GapMs": { "min": 0 } })).await;
    assert!(found[0].contains("ms between attempts: expected 0 or more, got -1000\n"), "{found:?}");
}

#[tokio::test]
async fn wrong_expectations_are_refused() {
    let server = TestServer::new().await;
    let mut refusals = Vec::new();
    for body in [
        "",
        "[]",
        r#"{"Action":7}"#,
        r#"{"Attempts":-1}"#,
        r#"{"Attempts":"3"}"#,
        r#"{"GapMs":{}}"#,
        r#"{"GapMs":{"min":2,"max":1}}"#,
        r#"{"Gap_Ms":1}"#,
        r#"{"Duplicates":[]}"#,
        r#"{"Since":-1}"#,
    ] {
        let refusal = server.admin().refusal("POST", "retries/verify", body).await;
        refusals.push(format!("{body}\n    {refusal}\n"));
    }
    insta::assert_snapshot!(refusals.concat(), @r#"

        400 BadRequest: body is empty; expected a JSON object
    []
        400 BadRequest: body is a list; expected a JSON object
    {"Action":7}
        400 BadRequest: body: Action: is `7`; must be a string (line 1 column 11)
    {"Attempts":-1}
        400 BadRequest: body: Attempts: must be a number, or {"min":N,"max":N} with one or both bounds and min <= max (line 1 column 15)
    {"Attempts":"3"}
        400 BadRequest: body: Attempts: must be a number, or {"min":N,"max":N} with one or both bounds and min <= max (line 1 column 16)
    {"GapMs":{}}
        400 BadRequest: body: GapMs: must be a number, or {"min":N,"max":N} with one or both bounds and min <= max (line 1 column 12)
    {"GapMs":{"min":2,"max":1}}
        400 BadRequest: body: GapMs: must be a number, or {"min":N,"max":N} with one or both bounds and min <= max (line 1 column 27)
    {"Gap_Ms":1}
        400 BadRequest: body: unknown field `Gap_Ms`; expected one of `Action`, `Attempts`, `GapMs`, `Succeeded`, `Duplicates`, `Since` (line 1 column 9)
    {"Duplicates":[]}
        400 BadRequest: body: Duplicates: must be a number, or {"min":N,"max":N} with one or both bounds and min <= max (line 1 column 17)
    {"Since":-1}
        400 BadRequest: body: Since: is `-1`; must be a whole number from 0 (line 1 column 11)
    "#);
}

#[tokio::test]
async fn wrong_queries_are_refused() {
    let server = TestServer::new().await;
    for query in ["?attempts=x", "?attempts=-1", "?code=OK", "?since=x", "?account="] {
        let refusal = server.admin().refusal("GET", &format!("retries{query}"), "").await;
        assert!(refusal.starts_with("400 BadRequest: "), "{query}: {refusal}");
    }
}
