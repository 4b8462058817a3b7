//! Invalid holds, and invalid requests about held calls.

use serde_json::json;

use super::holds::rule;
use crate::tests::support::TestServer;

#[tokio::test]
async fn an_invalid_request_is_an_error() {
    let server = TestServer::new().await;
    let admin = server.admin();
    admin.add_fault(&rule("checked", &json!({}))).await;
    admin.add_fault(&json!({ "Error": { "Code": "InternalError" } })).await;
    let mut refusals = Vec::new();
    for (method, path, body) in [
        ("GET", "faults/fault-3", ""),
        ("GET", "faults/fault-3?wait_ms=1", ""),
        ("GET", "faults/fault-2?wait_ms=1", ""),
        ("GET", "faults/fault-1?wait_ms=600001", ""),
        ("GET", "faults/fault-1?wait_ms=soon", ""),
        ("GET", "faults/fault-1?wait_ms=-1", ""),
        ("GET", "faults/fault-1?held=1", ""),
        ("GET", "faults/fault-1?wait_ms=1&held=0", ""),
        ("GET", "faults/fault-1?wait_ms=1&held=x", ""),
        ("POST", "faults/fault-3/release", ""),
        ("POST", "faults/fault-2/release", ""),
        ("POST", "faults/fault-1/release", r#"{"Calls":0}"#),
        ("POST", "faults/fault-1/release", r#"{"Calls":-1}"#),
        ("POST", "faults/fault-1/release", r#"{"Calls":1.5}"#),
        ("POST", "faults/fault-1/release", r#"{"Calls":"all"}"#),
        ("POST", "faults/fault-1/release", r#"{"Count":1}"#),
        ("POST", "faults/fault-1/release", "[1]"),
        ("POST", "faults/fault-1/release", "1"),
        ("POST", "faults/fault-1/release", "{"),
    ] {
        let refusal = admin.refusal(method, path, body).await;
        refusals.push(format!("{method} {path} {body}\n    {refusal}\n"));
    }
    insta::assert_snapshot!(refusals.concat(), @r#"
    GET faults/fault-3 
        404 NotFound: unknown fault `fault-3`
    GET faults/fault-3?wait_ms=1 
        404 NotFound: unknown fault `fault-3`
    GET faults/fault-2?wait_ms=1 
        400 BadRequest: fault `fault-2` has no Hold
    GET faults/fault-1?wait_ms=600001 
        400 BadRequest: wait_ms is 600001; must be at most 600000
    GET faults/fault-1?wait_ms=soon 
        400 BadRequest: query: `wait_ms` is `soon`; must be a whole number from 0
    GET faults/fault-1?wait_ms=-1 
        400 BadRequest: query: `wait_ms` is `-1`; must be a whole number from 0
    GET faults/fault-1?held=1 
        400 BadRequest: held requires wait_ms
    GET faults/fault-1?wait_ms=1&held=0 
        400 BadRequest: held is 0; must be at least 1
    GET faults/fault-1?wait_ms=1&held=x 
        400 BadRequest: query: `held` is `x`; must be a whole number from 0
    POST faults/fault-3/release 
        404 NotFound: unknown fault `fault-3`
    POST faults/fault-2/release 
        400 BadRequest: fault `fault-2` has no Hold
    POST faults/fault-1/release {"Calls":0}
        400 BadRequest: Calls is 0; must be at least 1
    POST faults/fault-1/release {"Calls":-1}
        400 BadRequest: body: Calls: is `-1`; must be a whole number from 0 (line 1 column 11)
    POST faults/fault-1/release {"Calls":1.5}
        400 BadRequest: body: Calls: is `1.5`; must be a whole number from 0 (line 1 column 12)
    POST faults/fault-1/release {"Calls":"all"}
        400 BadRequest: body: Calls: is `all`; must be a whole number from 0 (line 1 column 14)
    POST faults/fault-1/release {"Count":1}
        400 BadRequest: body: unknown field `Count`; expected `Calls` (line 1 column 8)
    POST faults/fault-1/release [1]
        400 BadRequest: body is a list; expected a JSON object
    POST faults/fault-1/release 1
        400 BadRequest: body: is `1`; must be an object (line 1 column 1)
    POST faults/fault-1/release {
        400 BadRequest: body: invalid JSON: EOF while parsing an object at line 1 column 1
    "#);
}

#[tokio::test]
async fn an_invalid_hold_is_an_error() {
    let server = TestServer::new().await;
    let error = json!({ "Code": "InternalError" });
    let mut refusals = Vec::new();
    for rule in [
        json!({ "Hold": "during" }),
        json!({ "Hold": "Checked" }),
        json!({ "Hold": true }),
        json!({ "Hold": "checked", "DelayMs": 1 }),
        json!({ "Hold": "checked", "DelayMs": 1, "Error": error }),
        json!({ "Hold": "checked", "When": "after" }),
        json!({ "Hold": "committed", "Error": error }),
        json!({ "Hold": "committed", "Http": { "Status": 503 } }),
        json!({ "Hold": "committed", "Connection": "hang" }),
        json!({ "Hold": "checked", "HoldMs": 0 }),
        json!({ "Hold": "checked", "HoldMs": 600_001 }),
        json!({ "Hold": "checked", "HoldMs": -1 }),
        json!({ "HoldMs": 1 }),
        json!({ "HoldMs": 1, "DelayMs": 1 }),
    ] {
        let refusal = server.admin().refusal("POST", "faults", &rule.to_string()).await;
        refusals.push(format!("{rule}\n    {refusal}\n"));
    }
    insta::assert_snapshot!(refusals.concat(), @r#"
    {"Hold":"during"}
        400 BadRequest: body: Hold: unknown value `during`; expected `checked` or `committed` (line 1 column 16)
    {"Hold":"Checked"}
        400 BadRequest: body: Hold: unknown value `Checked`; expected `checked` or `committed` (line 1 column 17)
    {"Hold":true}
        400 BadRequest: body: Hold: expected value (line 1 column 9)
    {"DelayMs":1,"Hold":"checked"}
        400 BadRequest: Hold and DelayMs cannot be combined; set only one of them
    {"DelayMs":1,"Error":{"Code":"InternalError"},"Hold":"checked"}
        400 BadRequest: Hold and DelayMs cannot be combined; set only one of them
    {"Hold":"checked","When":"after"}
        400 BadRequest: When is `after`, but the response is not replaced; set Hold to `committed` to hold the response
    {"Error":{"Code":"InternalError"},"Hold":"committed"}
        400 BadRequest: Hold is `committed`, but the call does not run; set When to `after`, or Hold to `checked`
    {"Hold":"committed","Http":{"Status":503}}
        400 BadRequest: Hold is `committed`, but the call does not run; set When to `after`, or Hold to `checked`
    {"Connection":"hang","Hold":"committed"}
        400 BadRequest: Hold is `committed`, but the call does not run; set When to `after`, or Hold to `checked`
    {"Hold":"checked","HoldMs":0}
        400 BadRequest: HoldMs is 0; must be 1 to 600000
    {"Hold":"checked","HoldMs":600001}
        400 BadRequest: HoldMs is 600001; must be 1 to 600000
    {"Hold":"checked","HoldMs":-1}
        400 BadRequest: body: HoldMs: is `-1`; must be a whole number from 0 (line 1 column 29)
    {"HoldMs":1}
        400 BadRequest: the rule has no effect; set Error, Http, Connection, DelayMs, or Hold
    {"DelayMs":1,"HoldMs":1}
        400 BadRequest: HoldMs requires Hold
    "#);
    for rule in [
        json!({ "Hold": "committed", "When": "after" }),
        json!({ "Hold": "committed", "Connection": "truncate" }),
        json!({ "Hold": "checked", "HoldMs": 600_000 }),
        json!({ "Hold": null, "HoldMs": null, "DelayMs": 1 }),
    ] {
        server.admin().add_fault(&rule).await;
    }
}
