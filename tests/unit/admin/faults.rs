//! Fault rules: listing, matching, and validation.

use crate::{control::faults::Rule, ecm::CATALOG};
use serde_json::{Value, json};

use crate::tests::support::{TestServer, create, vip};

/// Calls a read-only action, and returns a pattern of the faulted calls, for example `x.x`.
async fn fault_pattern(server: &TestServer, calls: usize) -> String {
    let mut pattern = String::new();
    for _ in 0..calls {
        let answer = server.any_call("default", "DescribeVpcs", &json!({})).await;
        pattern.push(if answer["Error"].is_object() { 'x' } else { '.' });
    }
    pattern
}

fn failing(more: &Value) -> Value {
    let mut rule = json!({ "Action": "DescribeVpcs", "Error": { "Code": "InternalError" } });
    rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    rule
}

#[tokio::test]
async fn a_rule_is_listed_with_all_fields_and_its_hits() {
    let server = TestServer::new().await;
    let rule = failing(&json!({ "Skip": 1 }));
    let mut shown = json!({
        "Id": "fault-1",
        "Action": "DescribeVpcs",
        "Params": {},
        "Skip": 1,
        "Times": null,
        "Probability": 1.0,
        "When": "before",
        "Error": { "Code": "InternalError", "Message": null },
        "DelayMs": 0,
        "Force": false,
        "Matches": 0,
        "Hits": 0,
    });
    assert_eq!(server.admin().add_fault(&rule).await, shown);
    assert_eq!(fault_pattern(&server, 3).await, ".xx");
    shown["Matches"] = json!(3);
    shown["Hits"] = json!(2);
    let list = json!({ "Faults": [shown], "Total": 1 });
    assert_eq!(server.admin().get("faults").await, list);
}

#[tokio::test]
async fn a_rule_skips_calls_and_expires() {
    for (rule, expected) in [
        (json!({}), "xxxxxx"),
        (json!({ "Times": 2 }), "xx...."),
        (json!({ "Skip": 2 }), "..xxxx"),
        (json!({ "Skip": 1, "Times": 3 }), ".xxx.."),
        (json!({ "Times": 0 }), "......"),
        (json!({ "Probability": 0 }), "......"),
        (json!({ "Action": "DescribeSubnets" }), "......"),
    ] {
        let server = TestServer::new().await;
        server.admin().add_fault(&failing(&rule)).await;
        assert_eq!(fault_pattern(&server, 6).await, expected, "{rule}");
    }
}

#[tokio::test]
async fn only_the_first_matching_rule_applies() {
    let server = TestServer::new().await;
    let admin = server.admin();
    for (code, times) in [("InternalError", 1), ("RequestLimitExceeded", 2)] {
        let rule = json!({ "Times": times, "Error": { "Code": code } });
        admin.add_fault(&rule).await;
    }
    let mut codes = Vec::new();
    for _ in 0..4 {
        let mut answer = server.any_call("default", "DescribeVpcs", &json!({})).await;
        codes.push(answer["Error"]["Code"].take());
    }
    let (first, second) = (json!("InternalError"), json!("RequestLimitExceeded"));
    assert_eq!(codes, [first, second.clone(), second, Value::Null]);
}

#[tokio::test]
async fn a_rule_matches_calls_with_its_parameters() {
    let server = TestServer::new().await;
    server
        .admin()
        .add_fault(&json!({
            "Action": "CreateHaVip",
            "Params": { "HaVipName": "unlucky" },
            "Error": { "Code": "InternalError" },
        }))
        .await;
    vip(&server.create(json!({ "HaVipName": "lucky" })).await);
    let unlucky = create(json!({ "HaVipName": "unlucky" }));
    let failed = server.any_call("default", "CreateHaVip", &unlucky).await;
    assert_eq!(failed["Error"]["Code"], "InternalError");
    let other = server.call_as("other", "CreateHaVip", &unlucky).await;
    vip(&other);
}

#[tokio::test]
async fn probability_is_deterministic_for_a_seed() {
    let mut all = Vec::new();
    for seed in [1, 1, 2] {
        let server = TestServer::with(|config| config.seed = Some(seed)).await;
        server.admin().add_fault(&failing(&json!({ "Probability": 0.5 }))).await;
        all.push(fault_pattern(&server, 40).await);
    }
    assert_eq!(all[0], all[1]);
    assert_ne!(all[0], all[2]);
    let hits = all[0].matches('x').count();
    assert!((5..35).contains(&hits), "{all:?}");
}

/// A reset also restarts the random numbers.
#[tokio::test]
async fn probability_is_the_same_after_a_reset_and_differs_between_accounts() {
    let rule: Rule = serde_json::from_value(failing(&json!({ "Probability": 0.5 }))).unwrap();
    let server = TestServer::with(|config| config.faults = vec![rule]).await;
    let first = fault_pattern(&server, 40).await;
    server.admin().post("reset", json!({})).await;
    assert_eq!(fault_pattern(&server, 40).await, first);
    let mut other = String::new();
    for _ in 0..40 {
        let answer = server.any_call("other", "DescribeVpcs", &json!({})).await;
        other.push(if answer["Error"].is_object() { 'x' } else { '.' });
    }
    assert_ne!(other, first);
}

#[tokio::test]
async fn rules_are_deleted_one_by_one_or_all_together() {
    let server = TestServer::new().await;
    let admin = server.admin();
    for _ in 0..3 {
        admin.add_fault(&failing(&json!({}))).await;
    }
    server.admin_of("other").add_fault(&failing(&json!({}))).await;
    assert_eq!(admin.delete("faults/fault-2").await, json!({ "Deleted": 1 }));
    let ids = |list: Value| -> Vec<Value> {
        list["Faults"].as_array().unwrap().iter().map(|it| it["Id"].clone()).collect()
    };
    assert_eq!(ids(admin.get("faults").await), ["fault-1", "fault-3"]);
    assert_eq!(admin.delete("faults").await, json!({ "Deleted": 2 }));
    assert_eq!(fault_pattern(&server, 1).await, ".");
    assert_eq!(admin.get("faults").await, json!({ "Faults": [], "Total": 0 }));
    assert_eq!(server.admin_of("other").get("faults").await["Total"], 1);
    assert_eq!(admin.add_fault(&failing(&json!({}))).await["Id"], "fault-4");
}

#[tokio::test]
async fn initial_rules_apply_in_each_account_and_after_a_reset() {
    let rule: Rule = serde_json::from_value(failing(&json!({ "Times": 1 }))).unwrap();
    let server = TestServer::with(|config| config.faults = vec![rule]).await;
    let admin = server.admin();
    assert_eq!(fault_pattern(&server, 2).await, "x.");
    assert_eq!(admin.get("faults").await["Faults"][0]["Hits"], 1);
    assert_eq!(server.admin_of("other").get("faults").await["Faults"][0]["Hits"], 0);
    admin.delete("faults").await;
    admin.add_fault(&failing(&json!({ "Skip": 1 }))).await;
    admin.post("reset", json!({})).await;
    assert_eq!(admin.get("faults").await["Total"], 1);
    assert_eq!(fault_pattern(&server, 2).await, "x.");
}

#[tokio::test]
async fn an_invalid_rule_is_an_error() {
    let server = TestServer::new().await;
    let mut refusals = Vec::new();
    for rule in [
        json!({}),
        json!({ "Action": "CreateHaVip" }),
        json!({ "Error": { "Code": "InternalError" }, "Connection": "reset" }),
        json!({ "Http": { "Status": 503 }, "Connection": "reset" }),
        json!({ "Action": "CreateHaVpi", "DelayMs": 1 }),
        json!({ "Action": "Nonsense", "DelayMs": 1 }),
        json!({ "Action": "DescribeTaskResult", "Params": { "TaskID": 1 }, "DelayMs": 1 }),
        json!({ "Action": "DeleteHaVip", "Error": { "Code": "LimitExceeded" } }),
        json!({ "Error": { "Code": "LimitExceeded" } }),
        json!({ "Error": { "Code": "" }, "Force": true }),
        json!({ "Probability": 1.5, "DelayMs": 1 }),
        json!({ "Probability": -0.1, "DelayMs": 1 }),
        json!({ "DelayMs": 600_001 }),
        json!({ "Http": { "Status": 199 } }),
        json!({ "Http": { "Status": 600 } }),
        json!({ "Http": { "Status": 204, "Body": "{}" } }),
        json!({ "Http": { "Status": 304, "Body": " " } }),
    ] {
        let refusal = server.admin().refusal("POST", "faults", &rule.to_string()).await;
        refusals.push(format!("{rule}\n    {refusal}\n"));
    }
    assert_eq!(server.admin().get("faults").await["Total"], 0);
    insta::assert_snapshot!(refusals.concat(), @r#"
    {}
        400 BadRequest: the rule has no effect; set Error, Http, Connection, DelayMs, or Hold
    {"Action":"CreateHaVip"}
        400 BadRequest: the rule has no effect; set Error, Http, Connection, DelayMs, or Hold
    {"Connection":"reset","Error":{"Code":"InternalError"}}
        400 BadRequest: Error and Connection cannot be combined; set only one of them
    {"Connection":"reset","Http":{"Status":503}}
        400 BadRequest: Http and Connection cannot be combined; set only one of them
    {"Action":"CreateHaVpi","DelayMs":1}
        400 BadRequest: Action: unknown action `CreateHaVpi`; did you mean `CreateHaVip`?
    {"Action":"Nonsense","DelayMs":1}
        400 BadRequest: Action: unknown action `Nonsense`
    {"Action":"DescribeTaskResult","DelayMs":1,"Params":{"TaskID":1}}
        400 BadRequest: Params.TaskID: DescribeTaskResult has no such parameter; expected one of EcmRegion, TaskId; did you mean `TaskId`?
    {"Action":"DeleteHaVip","Error":{"Code":"LimitExceeded"}}
        400 BadRequest: Error.Code: DeleteHaVip cannot return `LimitExceeded`; expected one of FailedOperation, InvalidParameter, InvalidParameterValue, InvalidParameterValue.InvalidRegion, InvalidParameterValue.Malformed, ResourceNotFound, UnsupportedOperation, or a gateway code: AuthFailure.InvalidAuthorization, AuthFailure.SecretIdNotFound, AuthFailure.SignatureExpire, AuthFailure.SignatureFailure, AuthFailure.TokenFailure, AuthFailure.UnauthorizedOperation, InternalError, InvalidAction, InvalidRequest, MissingParameter, NoSuchVersion, RequestLimitExceeded, RequestSizeLimitExceeded, UnknownParameter, UnsupportedProtocol; set "Force":true to allow any code
    {"Error":{"Code":"LimitExceeded"}}
        400 BadRequest: Error.Code: not every action can return `LimitExceeded`; set Action, or use a gateway code: AuthFailure.InvalidAuthorization, AuthFailure.SecretIdNotFound, AuthFailure.SignatureExpire, AuthFailure.SignatureFailure, AuthFailure.TokenFailure, AuthFailure.UnauthorizedOperation, InternalError, InvalidAction, InvalidParameter, InvalidParameterValue, InvalidRequest, MissingParameter, NoSuchVersion, RequestLimitExceeded, RequestSizeLimitExceeded, UnknownParameter, UnsupportedOperation, UnsupportedProtocol; set "Force":true to allow any code
    {"Error":{"Code":""},"Force":true}
        400 BadRequest: Error.Code is empty
    {"DelayMs":1,"Probability":1.5}
        400 BadRequest: Probability is 1.5; must be 0 to 1
    {"DelayMs":1,"Probability":-0.1}
        400 BadRequest: Probability is -0.1; must be 0 to 1
    {"DelayMs":600001}
        400 BadRequest: DelayMs is 600001; must be at most 600000
    {"Http":{"Status":199}}
        400 BadRequest: Http.Status is 199; must be 200 to 599
    {"Http":{"Status":600}}
        400 BadRequest: Http.Status is 600; must be 200 to 599
    {"Http":{"Body":"{}","Status":204}}
        400 BadRequest: Http.Body: a response with status 204 has no body; omit it
    {"Http":{"Body":" ","Status":304}}
        400 BadRequest: Http.Body: a response with status 304 has no body; omit it
    "#);
}

#[tokio::test]
async fn force_allows_any_code() {
    let server = TestServer::new().await;
    let code = json!({ "Code": "Made.Up" });
    let refusal = |rule: Value| {
        let body = rule.to_string();
        let server = &server;
        async move { server.admin().refusal("POST", "faults", &body).await }
    };
    let refused = refusal(json!({ "Action": "CreateHaVip", "Error": code })).await;
    let codes = refused.split_once("expected one of ").unwrap().1;
    for known in CATALOG.codes("CreateHaVip") {
        assert!(codes.contains(known.as_str()), "{known:?} is not in {refused}");
    }
    server
        .admin()
        .add_fault(&json!({ "Action": "CreateHaVip", "Error": code, "Force": true }))
        .await;
    let failed = server.any_call("default", "CreateHaVip", &create(json!({}))).await;
    assert_eq!(failed["Error"], json!({ "Code": "Made.Up", "Message": "" }));
}

#[tokio::test]
async fn the_number_of_rules_of_an_account_is_limited() {
    let server = TestServer::new().await;
    let account = server.account("default");
    for _ in 0..1000 {
        account
            .faults()
            .add(Rule::delay("CreateHaVip", std::time::Duration::from_millis(1)))
            .unwrap();
    }
    let refusal = server.admin().refusal("POST", "faults", r#"{"DelayMs":1}"#).await;
    assert_eq!(refusal, "400 BadRequest: too many fault rules: at most 1000 per account");
}

/// Actions that ecmock only recognizes fail as in the cloud.
#[tokio::test]
async fn every_action_can_fail_with_each_of_its_codes() {
    let server = TestServer::new().await;
    let account = server.account("default");
    let mut connection = server.connect().await;
    for action in CATALOG.models {
        let gateways = ["InternalError", "RequestLimitExceeded"];
        for code in action.codes.iter().map(|it| it.as_str()).chain(gateways) {
            account.faults().add(Rule::error(action.name, code).times(1)).unwrap();
            let head = format!(
                "POST / HTTP/1.1\r\nHost: x\r\nX-TC-Action: {}\r\nX-TC-Version: 2019-07-19\r\n\
                 Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}",
                action.name
            );
            connection.write(head.as_bytes()).await;
            let answer = connection.read("POST").await.response();
            assert_eq!(answer["Error"]["Code"], code, "{}", action.name);
            assert_ne!(answer["Error"]["Message"], "", "{} {code}", action.name);
            account.faults().clear();
        }
    }
}
