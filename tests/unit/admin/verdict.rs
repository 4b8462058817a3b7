//! `GET verdict` and the expectations that it checks.

use serde_json::{Value, json};

use super::{Admin, fields};
use crate::{
    control::expectations::EXPECTATIONS_MAX,
    ecm::store::Settle,
    tests::support::{TestServer, create},
};

const ALL: &str = "verdict?fail=leaks,faults,expectations,rate,retries";

/// Makes a call that can have any outcome.
async fn call(server: &TestServer, action: &str, params: Value) -> Value {
    server.any_call("default", action, &params).await
}

/// Creates a HAVIP, and returns its ID.
async fn created(server: &TestServer) -> String {
    let answer = call(server, "CreateHaVip", create(json!({}))).await;
    answer["HaVip"]["HaVipId"].as_str().unwrap().to_owned()
}

async fn expect(admin: &Admin<'_>, expected: Value) -> Value {
    let (status, answer) = admin.send("POST", "expectations", &expected.to_string()).await;
    assert_eq!(status, 201, "{expected}: {answer}");
    answer
}

/// Returns the XML of the verdict of an account.
async fn junit(server: &TestServer, query: &str) -> String {
    let target = format!("/_ecmock/verdict?format=junit&{query}");
    let answer = server.send("GET", &target, &[], b"").await;
    assert_eq!(answer.header("content-type"), Some("application/xml"));
    String::from_utf8(answer.body).unwrap()
}

#[tokio::test]
async fn an_account_without_calls_has_no_findings() {
    let server = TestServer::new().await;
    let verdict = server.admin().get(ALL).await;
    assert_eq!(
        verdict,
        json!({
            "Account": "default",
            "Ok": true,
            "Failed": [],
            "Ignored": [],
            "Report": "verdict of account `default`: no check failed",
            "LeakCount": 0,
            "Leaks": [],
            "Faults": { "Unused": [], "Held": [] },
            "Expectations": [],
            "Rate": [],
            "Retries": [],
            "Codes": [],
            "Assumptions": [],
        })
    );
}

#[tokio::test]
async fn a_resource_leaks_until_it_is_deleted() {
    let server = TestServer::new().await;
    let id = created(&server).await;
    let verdict = server.admin().get("verdict").await;
    let [entry] = &server.admin().requests("").await[..] else { panic!("one call") };
    assert_eq!(
        verdict["Leaks"],
        json!([{
            "Id": id,
            "Kind": "HAVIP",
            "Call": {
                "RequestId": entry["RequestId"],
                "Sequence": 1,
                "Action": "CreateHaVip",
                "Time": entry["Time"],
            },
        }])
    );
    assert_eq!((&verdict["Ok"], &verdict["Failed"]), (&json!(false), &json!(["leaks"])));
    assert_eq!(verdict["LeakCount"], 1);
    let report = verdict["Report"].as_str().unwrap();
    let line =
        format!("\nleaks: 1 resource left\n  HAVIP {id}, created by call 1: CreateHaVip at ");
    assert!(report.contains(&line), "{report}");

    call(&server, "DeleteHaVip", json!({ "HaVipId": id })).await;
    let verdict = server.admin().get("verdict").await;
    assert_eq!((&verdict["Ok"], &verdict["Leaks"]), (&json!(true), &json!([])));
}

#[tokio::test]
async fn a_leak_of_a_forgotten_call_has_only_its_request_id() {
    let server = TestServer::new().await;
    created(&server).await;
    let [entry] = &server.admin().requests("").await[..] else { panic!("one call") };
    server.admin().delete("requests").await;
    let verdict = server.admin().get("verdict").await;
    let call = json!({
        "RequestId": entry["RequestId"], "Sequence": null, "Action": null, "Time": null,
    });
    assert_eq!(fields(verdict["Leaks"].as_array().unwrap(), "Call"), [call]);
    assert!(
        verdict["Report"].as_str().unwrap().contains("created by a call that left the journal")
    );
}

#[tokio::test]
async fn resources_of_a_fixture_are_no_leaks() {
    let server = TestServer::new().await;
    let state = server.admin().get("state").await;
    server.admin().put("state", state).await;
    assert_eq!(server.admin().get(ALL).await["Ok"], true);
}

/// A program that does not wait for the end of a removal leaves the resource behind.
#[tokio::test]
async fn a_resource_leaks_until_its_removal_has_settled() {
    let server = TestServer::with(|config| config.settle = Settle::Reads(2)).await;
    let params = json!({ "EcmRegion": "ap-hangzhou-ecm", "AddressCount": 1, "InternetServiceProvider": "CMCC" });
    let answer = call(&server, "AllocateAddresses", params).await;
    let ids = answer["AddressSet"].clone();
    let read = json!({ "AddressIds": ids, "EcmRegion": "ap-hangzhou-ecm" });
    for _ in 0..2 {
        call(&server, "DescribeAddresses", read.clone()).await;
    }
    let release = json!({ "AddressIds": ids, "EcmRegion": "ap-hangzhou-ecm" });
    let released = call(&server, "ReleaseAddresses", release).await;
    assert!(released["TaskId"].is_u64() || released["TaskId"].is_string(), "{released}");
    for left in [1, 1, 0] {
        assert_eq!(server.admin().get("verdict").await["LeakCount"], left);
        call(&server, "DescribeAddresses", json!({ "EcmRegion": "ap-hangzhou-ecm" })).await;
    }
}

#[tokio::test]
async fn a_rule_that_no_call_has_reached_is_unused() {
    let server = TestServer::new().await;
    let admin = server.admin();
    for rule in [
        json!({ "Action": "DeleteVpc", "DelayMs": 1 }),
        json!({ "Action": "CreateHaVip", "DelayMs": 1, "Skip": 1 }),
        json!({ "Action": "DescribeVpcs", "DelayMs": 1, "Probability": 0 }),
        json!({ "Action": "DescribeVpcs", "DelayMs": 1, "Times": 7 }),
        json!({ "Action": "DescribeVpcs", "DelayMs": 1 }),
    ] {
        admin.add_fault(&rule).await;
    }
    call(&server, "CreateHaVip", json!({})).await;
    call(&server, "DescribeVpcs", json!({})).await;
    let verdict = admin.get("verdict").await;
    let unused = verdict["Faults"]["Unused"].as_array().unwrap();
    assert_eq!(fields(unused, "Id"), ["fault-1", "fault-2", "fault-5"]);
    assert_eq!(fields(unused, "Matches"), [0, 1, 0]);
    assert_eq!(verdict["Failed"], json!(["faults"]));
    assert!(verdict["Report"].as_str().unwrap().contains(
        "faults: 3 unused rules and 0 held calls\n  fault-1 for DeleteVpc: no call matched\n  \
         fault-2 for CreateHaVip: 1 call matched, and Skip is 1\n"
    ));
}

#[tokio::test]
async fn a_rule_of_the_server_can_stay_unused() {
    let rule = serde_json::from_str(r#"{"Action":"DeleteVpc","Hold":"checked"}"#).unwrap();
    let server = TestServer::with(|config| config.faults = vec![rule]).await;
    assert_eq!(server.admin().get("verdict").await["Ok"], true);
    let held = server.begin("default", "DeleteVpc", &json!({})).await;
    server.admin().get("faults/fault-1?wait_ms=60000").await;
    assert_eq!(server.admin().get("verdict").await["Failed"], json!(["faults"]));
    drop(held);
}

#[tokio::test]
async fn a_held_call_fails_the_verdict_until_it_is_released() {
    let server = TestServer::new().await;
    let admin = server.admin();
    admin.add_fault(&json!({ "Action": "DescribeVpcs", "Hold": "checked" })).await;
    let mut connection = server.begin("default", "DescribeVpcs", &json!({})).await;
    let rule = admin.get("faults/fault-1?wait_ms=60000").await;
    let verdict = admin.get("verdict").await;
    assert_eq!(verdict["Faults"], json!({ "Unused": [], "Held": [rule] }));
    let id = rule["Held"][0].as_str().unwrap();
    let text = format!("  fault-1 for DescribeVpcs: holds {id}");
    assert!(verdict["Report"].as_str().unwrap().ends_with(&text));
    admin.post("faults/fault-1/release", json!({})).await;
    connection.read("POST").await.response();
    assert_eq!(admin.get("verdict").await["Ok"], true);
}

#[tokio::test]
async fn expectations_are_kept_until_they_are_deleted_or_the_account_is_reset() {
    let server = TestServer::new().await;
    let admin = server.admin();
    let full = json!({
        "Action": "CreateHaVip",
        "Params": { "HaVipName": "web" },
        "Code": "OK",
        "Trace": "4bf92f3577b34da6a3ce929d0e0e4736",
        "Times": { "min": 1, "max": 3 },
        "Since": 7,
    });
    let empty = json!({
        "Action": null, "Params": {}, "Code": null, "Trace": null,
        "Times": { "min": 1, "max": null }, "Since": 0,
    });
    assert_eq!(expect(&admin, full.clone()).await, full);
    assert_eq!(expect(&admin, json!({})).await, empty);
    assert_eq!(expect(&admin, empty.clone()).await, empty);
    let all = json!({ "Total": 3, "Expectations": [full, empty, empty] });
    assert_eq!(admin.get("expectations").await, all);
    assert_eq!(server.admin_of("other").get("expectations").await["Total"], 0);
    assert_eq!(admin.delete("expectations").await, json!({ "Deleted": 3 }));
    expect(&admin, json!({ "Times": 0 })).await;
    admin.delete("requests").await;
    assert_eq!(admin.get("expectations").await["Total"], 1);
    admin.post("reset", json!({})).await;
    assert_eq!(admin.get("expectations").await["Total"], 0);
}

#[tokio::test]
async fn an_unmet_expectation_has_its_nearest_misses() {
    let server = TestServer::new().await;
    let admin = server.admin();
    call(&server, "CreateHaVip", create(json!({ "HaVipName": "web" }))).await;
    let unmet = json!({ "Action": "CreateHaVip", "Params": { "HaVipName": "db" } });
    expect(&admin, unmet.clone()).await;
    expect(&admin, json!({ "Action": "CreateHaVip", "Times": 1 })).await;
    expect(&admin, json!({ "Action": "DeleteHaVip", "Times": 0 })).await;
    let verdict = admin.get("verdict?fail=expectations").await;
    assert_eq!(verdict["Failed"], json!(["expectations"]));
    assert_eq!(verdict["Ignored"], json!(["leaks"]));
    let [found] = &verdict["Expectations"].as_array().unwrap()[..] else { panic!("{verdict}") };
    let verification = admin.post("verify", unmet.clone()).await;
    for name in ["Ok", "Matched", "Nearest"] {
        assert_eq!(found[name], verification[name]);
    }
    assert_eq!((&found["Action"], &found["Params"]), (&unmet["Action"], &unmet["Params"]));
    let text = found["Text"].as_str().unwrap();
    let first = r#"expected CreateHaVip {"HaVipName":"db"} at least once, got 0"#;
    assert!(text.starts_with(&format!("{first}\n  nearest: CreateHaVip {{")), "{text}");
    assert!(text.ends_with(r#"    HaVipName: expected "db", got "web""#), "{text}");
    let report = verdict["Report"].as_str().unwrap();
    assert!(
        report.contains(&format!("expectations: 1 unmet expectation\n  {first}\n")),
        "{report}"
    );
    assert!(report.contains("\nleaks (ignored): 1 resource left\n"), "{report}");
}

#[tokio::test]
async fn calls_above_the_documented_rate_are_counted_by_second() {
    let server = TestServer::new().await;
    let admin = server.admin();
    admin.put("clock", json!({ "Now": "2026-01-31T12:00:00.9Z", "Frozen": true })).await;
    for calls in [20, 21, 22] {
        for _ in 0..calls {
            call(&server, "DescribeVpcs", json!({})).await;
        }
        for _ in 0..20 {
            call(&server, "DescribeSubnets", json!({})).await;
        }
        admin.post("clock/advance", json!({ "Ms": 1000 })).await;
    }
    let verdict = admin.get("verdict?fail=rate").await;
    let busy = |second, calls| json!({ "Action": "DescribeVpcs", "Second": second, "Calls": calls, "Limit": 20 });
    assert_eq!(
        verdict["Rate"],
        json!([busy("2026-01-31T12:00:01Z", 21), busy("2026-01-31T12:00:02Z", 22)])
    );
    assert_eq!(verdict["Failed"], json!(["rate"]));
    assert!(verdict["Report"].as_str().unwrap().ends_with(
        "rate: 2 seconds above the documented rate\n  DescribeVpcs: 21 calls in the second \
         2026-01-31T12:00:01Z; at most 20 are allowed\n  DescribeVpcs: 22 calls in the second \
         2026-01-31T12:00:02Z; at most 20 are allowed"
    ));
    assert_eq!(admin.get("verdict").await["Ok"], true);
}

#[tokio::test]
async fn a_retry_fails_if_it_repeats_a_change_or_a_code_in_vain() {
    let server = TestServer::new().await;
    let admin = server.admin();
    let rule =
        json!({ "Action": "DescribeVpcs", "Error": { "Code": "InternalError" }, "Times": 1 });
    admin.add_fault(&rule).await;
    for _ in 0..2 {
        call(&server, "DescribeVpcs", json!({})).await;
    }
    let verdict = admin.get("verdict?fail=retries").await;
    assert_eq!(verdict["Retries"], admin.get("retries").await["Retries"]);
    assert_eq!(
        (fields(verdict["Retries"].as_array().unwrap(), "Attempts"), &verdict["Ok"]),
        (vec![json!(2)], &json!(true))
    );
    for _ in 0..2 {
        call(&server, "CreateHaVip", create(json!({}))).await;
        call(&server, "DescribeVpcs", json!({ "Limit": 0 })).await;
    }
    let verdict = admin.get("verdict?fail=retries").await;
    assert_eq!(verdict["Failed"], json!(["retries"]));
    let report = verdict["Report"].as_str().unwrap();
    assert!(report.contains("retries: 2 wrongly retried requests\n  CreateHaVip {"), "{report}");
    assert!(report.contains("}: OK, OK\n    1 attempt repeated a change\n"), "{report}");
    assert!(report.contains("    retried in vain: "), "{report}");
}

#[tokio::test]
async fn only_the_named_checks_fail_a_verdict() {
    let server = TestServer::new().await;
    created(&server).await;
    server.admin().add_fault(&json!({ "DelayMs": 1 })).await;
    for (query, failed, ignored) in [
        ("", json!(["leaks", "faults"]), json!([])),
        ("?fail=leaks", json!(["leaks"]), json!(["faults"])),
        ("?fail=faults,faults", json!(["faults"]), json!(["leaks"])),
        ("?fail=rate", json!([]), json!(["leaks", "faults"])),
        ("?fail=", json!([]), json!(["leaks", "faults"])),
    ] {
        let verdict = server.admin().get(&format!("verdict{query}")).await;
        assert_eq!(verdict["Failed"], failed, "{query}");
        assert_eq!(verdict["Ignored"], ignored, "{query}");
        assert_eq!(verdict["Ok"], failed == json!([]), "{query}");
    }
}

#[tokio::test]
async fn the_codes_are_those_of_the_summary() {
    let server = TestServer::new().await;
    call(&server, "CreateHaVip", json!({ "VpcId": "x" })).await;
    call(&server, "DescribeVpcs", json!({})).await;
    let codes = server.admin().get("requests?summary=codes").await["Actions"].take();
    assert_eq!(server.admin().get("verdict").await["Codes"], codes);
}

async fn assumptions(server: &TestServer) -> Vec<String> {
    let mut verdict = server.admin().get("verdict").await;
    let Value::Array(found) = verdict["Assumptions"].take() else { panic!("{verdict}") };
    assert!(found.iter().all(|it| !it["Text"].as_str().unwrap().is_empty()));
    found.iter().map(|it| it["Id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_calls_determine_the_assumptions() {
    let server = TestServer::new().await;
    let has = async |id: &str| assumptions(&server).await.iter().any(|it| it == id);
    // The call does not run.
    call(&server, "NoSuchAction", json!({})).await;
    assert!(has("gateway.check-order").await);
    assert!(!has("api.check-order").await);
    assert!(!has("auth.check-order").await);

    call(&server, "DescribeHaVips", json!({})).await;
    for id in ["api.check-order", "havip.available", "describe.order"] {
        assert!(has(id).await, "{id}");
    }
    for id in ["havip.check-order", "api.first-code", "eip.tags", "fault.delay-end"] {
        assert!(!has(id).await, "{id}");
    }
    // The call does not run, since a fault rule rejects it.
    let rule = json!({ "Action": "CreateHaVip", "Error": { "Code": "InternalError" }, "Times": 1 });
    server.admin().add_fault(&rule).await;
    call(&server, "CreateHaVip", create(json!({}))).await;
    assert!(has("fault.delay-end").await);
    assert!(!has("havip.check-order").await);
    call(&server, "CreateHaVip", create(json!({}))).await;
    assert!(has("havip.check-order").await);
    assert!(!has("api.first-code").await);
    call(&server, "CreateHaVip", create(json!({ "Vip": "172.16.0.1" }))).await;
    assert!(has("api.first-code").await);
    let all = assumptions(&server).await;
    assert!(all.is_sorted(), "{all:?}");
}

#[tokio::test]
async fn the_xml_has_a_test_per_check() {
    let server = TestServer::new().await;
    created(&server).await;
    server.admin().add_fault(&json!({ "DelayMs": 1 })).await;
    let xml = junit(&server, "fail=leaks").await;
    for part in [
        r#"<testsuite name="default" tests="5" failures="1" errors="0" skipped="0">"#,
        r#"<property name="codes.CreateHaVip" value="0 of "#,
        r#"<property name="assumption.havip.check-order" value="The checks run in this order: "#,
        r#"<failure message="1 resource left" type="leaks">  HAVIP "#,
        "<system-out>1 unused rule and 0 held calls\n  fault-1 for any action: no call matched\n</system-out>",
    ] {
        assert!(xml.contains(part), "{part}: {xml}");
    }
    assert_eq!(xml.matches("<testcase ").count(), 5);
    assert_eq!(xml.matches("<failure ").count(), 1);
    let other = junit(&server, "account=a%26%22%00%0a").await;
    assert!(other.contains("<testsuite name=\"a&amp;&quot;\u{fffd}&#10;\" "), "{other}");
}

#[tokio::test]
async fn a_verdict_is_not_recorded() {
    let server = TestServer::new().await;
    server.admin().get("verdict").await;
    assert_eq!(server.admin().requests("").await, [] as [Value; 0]);
}

#[tokio::test]
async fn wrong_queries_and_expectations_are_refused() {
    let server = TestServer::new().await;
    let admin = server.admin();
    let known = "expected leaks, faults, expectations, rate, or retries";
    for (query, problem) in [
        ("fail=leek", format!("query: fail: unknown check `leek`; {known}")),
        ("fail=leaks,", format!("query: fail: unknown check ``; {known}")),
        ("fail=Leaks", format!("query: fail: unknown check `Leaks`; {known}")),
        ("fail=leaks,%20rate", format!("query: fail: unknown check ` rate`; {known}")),
        ("format=xml", "query: `format` is `xml`; expected `json` or `junit`".to_owned()),
        ("x=1", "query: unknown parameter `x`".to_owned()),
    ] {
        let refusal = admin.refusal("GET", &format!("verdict?{query}"), "").await;
        let expected = format!("400 BadRequest: {problem}");
        assert!(refusal.starts_with(&expected), "{query}: {refusal}");
    }
    for (body, problem) in [
        ("", "body is empty; expected a JSON object"),
        ("[]", "body is a list; expected a JSON object"),
        (r#"{"Times":-1}"#, "body: Times: must be a number, or {\"min\":N,\"max\":N}"),
        (r#"{"Times":{"min":2,"max":1}}"#, "body: Times: must be a number"),
        (r#"{"Trace":"x"}"#, "body: Trace: "),
        (r#"{"Verb":"x"}"#, "body: unknown field `Verb`"),
    ] {
        let refusal = admin.refusal("POST", "expectations", body).await;
        let expected = format!("400 BadRequest: {problem}");
        assert!(refusal.starts_with(&expected), "{body}: {refusal}");
    }
    for _ in 0..EXPECTATIONS_MAX {
        expect(&admin, json!({})).await;
    }
    assert_eq!(
        admin.refusal("POST", "expectations", "{}").await,
        "400 BadRequest: too many expectations: at most 100 per account"
    );
}
