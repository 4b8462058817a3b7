//! `POST verify`: expected calls, and the near misses if they do not match.

use serde_json::{Value, json};

use super::fields;
use crate::tests::support::{SUBNET, TestServer, VERSION, VPC};

/// Makes a call without results, two that create a HAVIP, and one that fails.
async fn called() -> TestServer {
    let server = TestServer::new().await;
    let filters = json!({ "Filters": [
        { "Name": "vpc-id", "Values": [VPC] },
        { "Name": "havip-name", "Values": ["a", "b"] },
    ], "Limit": 10 });
    server.call("DescribeHaVips", &filters).await;
    for name in ["a", "b"] {
        server.create(json!({ "HaVipName": name })).await;
    }
    server.create(json!({ "HaVipName": "c", "Vip": "x" })).await;
    server
}

/// Returns the number of calls of an expectation that is met.
#[track_caller]
fn matched(verification: &Value) -> u64 {
    assert_eq!(verification["Ok"], true, "{verification}");
    assert_eq!(verification["Nearest"], json!([]));
    verification["Matched"].as_u64().unwrap()
}

#[tokio::test]
async fn calls_that_match_an_expectation_are_counted() {
    let server = called().await;
    for (expected, times) in [
        (json!({}), 4),
        (json!({ "Action": "CreateHaVip" }), 3),
        (json!({ "Action": "CreateHaVip", "Code": "OK" }), 2),
        (json!({ "Code": "InvalidParameterValue.Malformed" }), 1),
        (json!({ "Params": { "SubnetId": SUBNET } }), 3),
        (json!({ "Action": "CreateHaVip", "Params": { "HaVipName": "a" } }), 1),
        (json!({ "Action": "CreateHaVip", "Params": { "Vip": null } }), 2),
        (json!({ "Params": { "Filters": [{ "Name": "vpc-id" }, { "Values": ["a", "b"] }] } }), 1),
        (json!({ "Params": { "Limit": 10 } }), 1),
    ] {
        let mut exact = expected.clone();
        exact["Times"] = json!(times);
        for expected in [&expected, &exact] {
            assert_eq!(matched(&server.admin().post("verify", expected.clone()).await), times);
        }
    }
}

#[tokio::test]
async fn times_are_exact_or_between_two_numbers() {
    let server = called().await;
    for (times, ok) in [
        (json!(3), true),
        (json!(2), false),
        (json!(4), false),
        (json!({ "min": 3 }), true),
        (json!({ "min": 4 }), false),
        (json!({ "max": 3 }), true),
        (json!({ "max": 2 }), false),
        (json!({ "min": 1, "max": 3 }), true),
        (json!({ "min": 0, "max": 0 }), false),
        (json!({ "Min": 3, "Max": 3 }), true),
    ] {
        let expected = json!({ "Action": "CreateHaVip", "Times": times });
        let verification = server.admin().post("verify", expected).await;
        assert_eq!((&verification["Ok"], &verification["Matched"]), (&json!(ok), &json!(3)));
    }
}

#[tokio::test]
async fn only_calls_after_a_number_count() {
    let server = called().await;
    for (since, times) in [(0, 3), (1, 3), (2, 2), (3, 1), (4, 0), (1000, 0)] {
        let expected = json!({ "Action": "CreateHaVip", "Since": since, "Times": times });
        assert_eq!(matched(&server.admin().post("verify", expected).await), times);
    }
    // Sequence numbers continue after a reset.
    server.admin().post("reset", json!({})).await;
    server.create(json!({ "HaVipName": "a" })).await;
    let expected = json!({ "Since": 4, "Times": 1 });
    assert_eq!(matched(&server.admin().post("verify", expected).await), 1);
}

#[tokio::test]
async fn earlier_calls_are_no_near_misses() {
    let server = called().await;
    let ids = fields(&server.admin().requests("").await, "RequestId");
    let name = json!({ "HaVipName": "d" });
    for (expected, nearest) in [
        (json!({ "Action": "CreateHaVip", "Params": name, "Since": 2 }), vec![&ids[3], &ids[2]]),
        (json!({ "Action": "DescribeHaVips", "Params": name, "Since": 2 }), vec![&ids[3], &ids[2]]),
        (json!({ "Action": "CreateHaVip", "Times": 0, "Since": 2 }), vec![&ids[3], &ids[2]]),
        (json!({ "Since": 4 }), vec![]),
    ] {
        let found = server.admin().post("verify", expected).await;
        assert_eq!(found["Ok"], false);
        let shown = fields(found["Nearest"].as_array().unwrap(), "RequestId");
        assert_eq!(shown.iter().collect::<Vec<_>>(), nearest);
    }
}

/// With a number of calls, and with zero.
#[tokio::test]
async fn zero_calls_may_be_expected() {
    let server = called().await;
    let never = json!({ "Action": "DeleteHaVip", "Times": 0 });
    assert_eq!(matched(&server.admin().post("verify", never).await), 0);
    let once = json!({ "Action": "DeleteHaVip" });
    assert_eq!(server.admin().post("verify", once).await["Ok"], false);
}

#[tokio::test]
async fn the_nearest_misses_are_shown_field_by_field() {
    let server = called().await;
    let ids = fields(&server.admin().requests("").await, "RequestId");
    let expected = json!({
        "Action": "CreateHaVip",
        "Params": { "VpcId": VPC, "HaVipName": "d", "Vip": "172.16.0.20" },
        "Code": "OK",
    });
    let difference = |path: &str, expected: &str, got: Option<&str>| json!({ "Path": path, "Expected": expected, "Got": got });
    let name = |got| difference("HaVipName", "d", Some(got));
    let vip = |got| difference("Vip", "172.16.0.20", got);
    let code = difference("Code", "OK", Some("InvalidParameterValue.Malformed"));
    assert_eq!(
        server.admin().post("verify", expected).await,
        json!({
            "Ok": false,
            "Matched": 0,
            "Nearest": [
                { "RequestId": ids[2], "Differences": [name("b"), vip(None)] },
                { "RequestId": ids[1], "Differences": [name("a"), vip(None)] },
                { "RequestId": ids[3], "Differences": [code, name("c"), vip(Some("x"))] },
            ],
        })
    );
}

#[tokio::test]
async fn the_latest_of_too_many_calls_are_shown() {
    let server = called().await;
    let ids = fields(&server.admin().requests("").await, "RequestId");
    let shown = |ids: &[&Value]| {
        let shown = ids.iter().map(|id| json!({ "RequestId": id, "Differences": [] }));
        shown.collect::<Vec<_>>()
    };
    for (expected, matched, nearest) in [
        (json!({ "Action": "CreateHaVip", "Code": "OK", "Times": 1 }), 2, vec![&ids[2], &ids[1]]),
        (json!({ "Times": { "max": 3 } }), 4, vec![&ids[3], &ids[2], &ids[1]]),
    ] {
        let found = server.admin().post("verify", expected).await;
        let nearest = shown(&nearest);
        assert_eq!(found, json!({ "Ok": false, "Matched": matched, "Nearest": nearest }));
    }
}

/// Even if its parameters hardly differ.
#[tokio::test]
async fn a_call_of_another_action_is_a_far_miss() {
    let server = called().await;
    let expected = json!({ "Action": "DescribeHaVips", "Params": {
        "VpcId": VPC, "Limit": 20, "Offset": 0,
        "Filters": [{ "Name": "vpc-id" }, { "Name": "havip-id" }, { "Name": "x" }],
    } });
    let found = server.admin().post("verify", expected).await;
    let nearest = found["Nearest"].as_array().unwrap();
    assert_eq!(nearest.len(), 3);
    let paths = |miss: &Value| -> Vec<String> {
        let differences = miss["Differences"].as_array().unwrap();
        differences.iter().map(|it| it["Path"].as_str().unwrap().to_owned()).collect()
    };
    let near = ["Filters.1.Name", "Filters.2", "Limit", "Offset", "VpcId"];
    assert_eq!(paths(&nearest[0]), near);
    assert_eq!(paths(&nearest[1]), ["Action", "Filters", "Limit", "Offset"]);
    assert_eq!(
        nearest[0]["Differences"][4],
        json!({ "Path": "VpcId", "Expected": VPC, "Got": null })
    );
}

#[tokio::test]
async fn a_number_in_a_query_matches_a_json_number() {
    let server = TestServer::new().await;
    let query = "Limit=10&Filters.0.Name=vpc-id&Filters.0.Values.0=7&VpcIds.0=vpc-m0c2kcun";
    let target = format!("/?Action=DescribeVpcs&Version={VERSION}&{query}");
    server.send("GET", &target, &[], b"").await.response();
    for params in [
        json!({ "Limit": 10 }),
        json!({ "Limit": "10" }),
        json!({ "Filters": [{ "Name": "vpc-id", "Values": ["7"] }] }),
        json!({ "VpcIds": [VPC] }),
    ] {
        let expected = json!({ "Action": "DescribeVpcs", "Params": params });
        assert_eq!(matched(&server.admin().post("verify", expected).await), 1);
    }
    let other = json!({ "Params": { "Limit": 11 } });
    let found = server.admin().post("verify", other).await;
    let difference = &found["Nearest"][0]["Differences"][0];
    assert_eq!(*difference, json!({ "Path": "Limit", "Expected": 11, "Got": "10" }));
}

#[tokio::test]
async fn a_call_with_invalid_parameters_counts_as_one_without_parameters() {
    let server = TestServer::new().await;
    let headers = [
        ("X-TC-Action", "CreateHaVip"),
        ("X-TC-Version", VERSION),
        ("Content-Type", "application/json"),
    ];
    server.send("POST", "/", &headers, b"{").await.response();
    let any = json!({ "Action": "CreateHaVip" });
    assert_eq!(matched(&server.admin().post("verify", any).await), 1);
    let named = json!({ "Action": "CreateHaVip", "Params": { "VpcId": VPC } });
    let found = server.admin().post("verify", named).await;
    assert_eq!((&found["Ok"], &found["Matched"]), (&json!(false), &json!(0)));
    let differences = &found["Nearest"][0]["Differences"];
    assert_eq!(*differences, json!([{ "Path": "VpcId", "Expected": VPC, "Got": null }]));
}

#[tokio::test]
async fn each_account_is_verified_separately() {
    let server = called().await;
    let any = json!({ "Times": 0 });
    assert_eq!(matched(&server.admin_of("other").post("verify", any).await), 0);
}
