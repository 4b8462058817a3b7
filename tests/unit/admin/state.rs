//! The state of an account: export, replace, and merge.

use rstest::rstest;
use serde_json::{Value, json};

use crate::tests::support::{END_TIME_MAX, TestServer, create, vip};

const RICH: &str = include_str!("../data/rich.json");

fn ids(state: &Value, set: &str, id: &str) -> Vec<String> {
    let set = state[set].as_array().unwrap();
    set.iter().map(|it| it[id].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_exported_state_can_be_loaded_into_another_account() {
    let server = TestServer::new().await;
    let (one, other) = (server.admin_of("one"), server.admin_of("other"));
    for name in ["a", "b"] {
        server.call_as("one", "CreateHaVip", &create(json!({ "HaVipName": name }))).await;
    }
    let state = one.get("state").await;
    assert_eq!(ids(&state, "HaVipSet", "HaVipName"), ["a", "b"]);
    assert_eq!(other.put("state", state.clone()).await, json!({ "Warnings": [] }));
    assert_eq!(other.get("state").await, state);
    let next = server.call_as("other", "CreateHaVip", &create(json!({}))).await;
    assert_eq!(vip(&next), "172.16.0.19");
}

/// A fixture with every kind of resource.
#[tokio::test]
async fn a_rich_state_round_trips() {
    let server = TestServer::with_fixture(RICH).await;
    let state = server.admin_of("one").get("state").await;
    server.admin_of("other").put("state", json!({})).await;
    assert_eq!(ids(&server.admin_of("other").get("state").await, "VpcSet", "VpcId"), [""; 0]);
    server.admin_of("other").put("state", state.clone()).await;
    assert_eq!(server.admin_of("other").get("state").await, state);
}

/// A reset restarts the IDs of an account. IDs of the restored state are skipped.
#[tokio::test]
async fn a_state_restored_after_a_reset_keeps_its_ids() {
    let server = TestServer::new().await;
    let first = server.create(json!({})).await;
    let state = server.admin().get("state").await;
    server.admin().post("reset", json!({})).await;
    server.admin().put("state", state).await;
    let second = server.create(json!({})).await;
    assert_eq!(vip(&second), "172.16.0.18");
    assert_ne!(second["HaVip"]["HaVipId"], first["HaVip"]["HaVipId"]);
    assert_eq!(server.call("DescribeHaVips", &json!({})).await["TotalCount"], 2);
}

#[tokio::test]
async fn put_replaces_the_state() {
    let server = TestServer::new().await;
    server.create(json!({})).await;
    let fixture = json!({ "VpcSet": [{ "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16" }] });
    server.admin().put("state", fixture).await;
    let state = server.admin().get("state").await;
    assert_eq!(ids(&state, "VpcSet", "VpcId"), ["vpc-00000001"]);
    assert_eq!(state["HaVipSet"], json!([]));
}

#[tokio::test]
async fn patch_adds_and_replaces_by_id() {
    let server = TestServer::new().await;
    let made = server.create(json!({ "HaVipName": "before" })).await;
    let mut ha_vip = made["HaVip"].clone();
    ha_vip["HaVipName"] = json!("after");
    let fixture = json!({
        "VpcSet": [{ "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16" }],
        "HaVipSet": [ha_vip],
    });
    let admin = server.admin();
    assert_eq!(admin.ok("PATCH", "state", &fixture.to_string()).await, json!({ "Warnings": [] }));
    let state = admin.get("state").await;
    assert_eq!(ids(&state, "VpcSet", "VpcId"), ["vpc-m0c2kcun", "vpc-00000001"]);
    assert_eq!(ids(&state, "HaVipSet", "HaVipName"), ["after"]);
    assert_eq!(vip(&server.create(json!({})).await), "172.16.0.18");
}

#[tokio::test]
async fn a_bad_fixture_changes_nothing_and_lists_every_problem() {
    let server = TestServer::new().await;
    server.create(json!({})).await;
    let admin = server.admin();
    let before = admin.get("state").await;
    let fixture = json!({
        "VpcSet": [
            { "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16" },
            { "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16" },
        ],
        "SubnetSets": [],
        "HaVipSet": [{ "HaVipId": "havip-00000001" }],
    });
    for method in ["PUT", "PATCH"] {
        let (status, failure) = admin.send(method, "state", &fixture.to_string()).await;
        assert_eq!(status, 422);
        assert_eq!(failure["Status"], 422);
        assert_eq!(failure["Code"], "BadFixture");
        assert_eq!(failure["Message"], "the fixture has 4 problems; nothing was changed");
        let problems = failure["Problems"].as_array().unwrap();
        let problems: Vec<&str> = problems.iter().map(|it| it.as_str().unwrap()).collect();
        insta::allow_duplicates! { insta::assert_snapshot!(problems.join("\n"), @r#"
        the fixture: $.SubnetSets: unknown set; did you mean `SubnetSet`?
        the fixture: $.VpcSet[1].VpcId: `vpc-1` must be `vpc-` followed by 8 characters from 0-9 and a-z
        the fixture: $.HaVipSet[0].VpcId: is missing
        the fixture: $.HaVipSet[0].SubnetId: is missing
        "#); }
        assert_eq!(admin.get("state").await, before);
    }
}

#[tokio::test]
async fn malformed_json_is_one_problem() {
    let server = TestServer::new().await;
    for (body, problem) in [
        ("{", "the fixture: $: invalid JSON: EOF while parsing an object at line 1 column 1"),
        ("", "the fixture: $: invalid JSON: EOF while parsing a value at line 1 column 0"),
        ("[]", "the fixture: $: must be an object such as {\"VpcSet\": [...]}"),
    ] {
        let (status, failure) = server.admin().send("PUT", "state", body).await;
        assert_eq!(status, 422);
        assert_eq!(failure["Message"], "the fixture has 1 problem; nothing was changed");
        assert_eq!(failure["Problems"], json!([problem]));
    }
}

#[tokio::test]
async fn ignored_members_are_warnings() {
    let server = TestServer::new().await;
    let mut fixture =
        json!({ "VpcSet": [{ "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16" }] });
    fixture["VpcSet"][0]["Color"] = json!("red");
    for method in ["PUT", "PATCH"] {
        let reply = server.admin().ok(method, "state", &fixture.to_string()).await;
        let warnings = reply["Warnings"].as_array().unwrap();
        assert_eq!(warnings.len(), 1);
        let warning = warnings[0].as_str().unwrap();
        assert!(warning.starts_with("the fixture: $.VpcSet[0].Color: unknown field"), "{warning}");
    }
}

/// The output of an official client is a fixture.
#[tokio::test]
async fn the_answer_of_a_describe_call_is_a_state() {
    let server = TestServer::new().await;
    let response = server.call_as("one", "DescribeVpcs", &json!({})).await;
    let admin = server.admin_of("other");
    let warnings = admin.put("state", json!({ "Response": response })).await;
    assert_eq!(warnings, json!({ "Warnings": [] }));
    assert_eq!(ids(&admin.get("state").await, "VpcSet", "VpcId"), ["vpc-m0c2kcun"]);
}

/// More than the 64 KB that a call's body may have before it goes to a thread of its own.
#[tokio::test]
async fn a_state_may_be_large() {
    let server = TestServer::new().await;
    server.admin().put("state", many(2000)).await;
    assert_eq!(server.call("DescribeHaVips", &json!({})).await["TotalCount"], 2000);
    let state = server.admin().get("state").await;
    assert_eq!(state["HaVipSet"].as_array().unwrap().len(), 2000);
}

/// Returns a fixture with a number of HAVIPs.
fn many(count: usize) -> Value {
    let ha_vips: Vec<Value> = (0..count)
        .map(|number| {
            json!({
                "HaVipId": format!("havip-{number:08}"),
                "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001",
            })
        })
        .collect();
    json!({
        "VpcSet": [{ "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16" }],
        "SubnetSet": [{
            "SubnetId": "subnet-00000001", "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16",
        }],
        "HaVipSet": ha_vips,
    })
}

/// A large state is sent in chunks, and a small one as a whole. Both equal the result of `export`.
#[rstest]
#[case::small(10, false)]
#[case::large(3000, true)]
#[tokio::test]
async fn an_export_equals_the_state(#[case] count: usize, #[case] is_chunked: bool) {
    let server = TestServer::with_fixture(&many(count).to_string()).await;
    let answer = server.send_by_socket("GET", "/_ecmock/state", &[], b"").await;
    assert_eq!(answer.status(), "200 OK");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("content-length").is_none(), is_chunked);
    assert_eq!(answer.header("transfer-encoding"), is_chunked.then_some("chunked"));
    let whole = server.account("default").state().export().to_string();
    assert!(String::from_utf8(answer.body).unwrap() == whole);
}

/// An export contains no change made while it is read.
#[tokio::test]
async fn an_export_is_a_snapshot() {
    let server = TestServer::with_fixture(&many(60_000).to_string()).await;
    let mut connection = server.connect().await;
    connection.write(b"GET /_ecmock/state HTTP/1.1\r\nHost: ecmock\r\n\r\n").await;
    connection.first_byte().await;
    server.admin().put("state", json!({})).await;
    let state: Value = serde_json::from_slice(&connection.read("GET").await.body).unwrap();
    assert_eq!(state["HaVipSet"].as_array().unwrap().len(), 60_000);
}

/// The client has read only the start of a large state.
#[tokio::test]
async fn a_server_ends_during_an_export() {
    let server = TestServer::with_fixture(&many(60_000).to_string()).await;
    let mut connection = server.connect().await;
    connection.write(b"GET /_ecmock/state HTTP/1.1\r\nHost: ecmock\r\n\r\n").await;
    connection.first_byte().await;
    tokio::time::timeout(END_TIME_MAX, server.shutdown()).await.unwrap();
}

/// Calls are answered while clients do not read their exports.
#[tokio::test]
async fn an_unread_export_delays_no_call() {
    let server = TestServer::with_fixture(&many(60_000).to_string()).await;
    let mut connections = Vec::new();
    for _ in 0..8 {
        let mut connection = server.connect().await;
        connection.write(b"GET /_ecmock/state HTTP/1.1\r\nHost: ecmock\r\n\r\n").await;
        connection.first_byte().await;
        connections.push(connection);
    }
    assert_eq!(server.call("DescribeHaVips", &json!({})).await["TotalCount"], 60_000);
}

/// The response stays below 64 KiB, no matter how many problems a fixture has.
#[rstest]
#[case::problems("PUT", r#"{"VpcSet":[@]}"#, r#"{"a":1,"a":2}"#, 3000)]
#[case::long("PATCH", r#"{"VpcSet":[@]}"#, &format!(r#"{{"VpcId":"{}"}}"#, "\\n\\\"".repeat(500)), 1000)]
#[case::warnings(
    "PUT",
    r#"{"VpcSet":[{"VpcId":"vpc-00000001","CidrBlock":"10.0.0.0/16","TagSet":[@]}]}"#,
    r#"{"Key":"a","Value":"b","\\\"\\\"\\\"\\\"\\\"":1}"#,
    1000
)]
#[tokio::test]
async fn the_response_to_a_bad_fixture_is_small(
    #[case] method: &str,
    #[case] fixture: &str,
    #[case] object: &str,
    #[case] count: usize,
) {
    let server = TestServer::new().await;
    let body = fixture.replace('@', &vec![object; count].join(","));
    let answer = server.send(method, "/_ecmock/state", &[], body.as_bytes()).await;
    let told: Value = serde_json::from_slice(&answer.body).unwrap();
    let findings = told.get("Problems").or(told.get("Warnings")).unwrap().as_array().unwrap();
    let last = findings.last().unwrap().as_str().unwrap();
    assert!(last.starts_with("and ") && last.ends_with(" more"), "{last}");
    assert!((10..=101).contains(&findings.len()) && answer.body.len() < 64 * 1024, "{told}");
}
