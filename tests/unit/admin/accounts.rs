//! Accounts: list, reset, and delete.

use rstest::rstest;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::fields;
use crate::tests::{
    signer::encode,
    support::{SUBNET, TestServer, VPC, code, create, vip},
};

/// Number of concurrent accounts.
const MANY: usize = 200;

async fn names(server: &TestServer) -> Vec<String> {
    let list = server.admin().get("accounts").await;
    let names = fields(list["Accounts"].as_array().unwrap(), "Name");
    assert_eq!(list["Total"], names.len());
    names.iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn accounts_are_listed_by_name_with_their_sizes() {
    let server = TestServer::new().await;
    assert!(names(&server).await.is_empty());
    for account in ["b", "a"] {
        server.call_as(account, "CreateHaVip", &create(json!({}))).await;
    }
    server.admin_of("b").add_fault(&json!({ "DelayMs": 1 })).await;
    assert_eq!(
        server.admin().get("accounts").await,
        json!({
            "Accounts": [
                { "Name": "a", "Requests": 1, "Faults": 0 },
                { "Name": "b", "Requests": 1, "Faults": 1 },
            ],
            "Total": 2,
        })
    );
}

#[tokio::test]
async fn a_deleted_account_restarts_with_other_ids() {
    let server = TestServer::new().await;
    let first = server.call_as("one", "CreateHaVip", &create(json!({}))).await;
    server.call_as("other", "CreateHaVip", &create(json!({}))).await;
    assert_eq!(server.admin().delete("accounts/one").await, json!({ "Deleted": 1 }));
    assert_eq!(names(&server).await, ["other"]);
    let again = server.call_as("one", "CreateHaVip", &create(json!({}))).await;
    assert_eq!(vip(&again), vip(&first));
    assert_ne!(again["HaVip"]["HaVipId"], first["HaVip"]["HaVipId"]);
    assert_eq!(server.admin_of("one").get("requests").await["Total"], 1);
    assert_eq!(server.admin_of("other").get("requests").await["Total"], 1);
}

#[tokio::test]
async fn a_reset_account_is_as_new() {
    let server = TestServer::new().await;
    let admin = server.admin_of("one");
    let new = admin.get("state").await;
    let first = server.call_as("one", "CreateHaVip", &create(json!({}))).await;
    admin.add_fault(&json!({ "Action": "CreateHaVip", "Connection": "reset" })).await;
    admin.post("clock/advance", json!({ "Ms": 1000 })).await;

    assert_eq!(admin.post("reset", json!({})).await, json!({ "Account": "one" }));
    assert_eq!(admin.get("state").await, new);
    assert_eq!(admin.get("requests").await["Total"], 0);
    assert_eq!(admin.get("faults").await["Total"], 0);
    assert_eq!(admin.get("clock").await["Now"], "2026-11-22T04:00:00.000Z");
    let again = server.call_as("one", "CreateHaVip", &create(json!({}))).await;
    assert_eq!(again["HaVip"], first["HaVip"]);
    assert_ne!(again["RequestId"], first["RequestId"]);
}

/// A program that reads the journal from its last seen call misses none.
#[tokio::test]
async fn sequence_numbers_continue_after_a_reset() {
    let server = TestServer::new().await;
    for _ in 0..2 {
        server.create(json!({})).await;
    }
    server.admin().post("reset", json!({})).await;
    server.create(json!({})).await;
    let new = server.admin().requests("since=2").await;
    assert_eq!(fields(&new, "Sequence"), [3]);
}

#[tokio::test]
async fn a_reset_frees_the_calls_of_the_second() {
    let server = TestServer::with(|config| config.rate_limit = "1".parse().unwrap()).await;
    vip(&server.create(json!({})).await);
    assert!(server.create(json!({})).await["Error"].is_object());
    server.admin().post("reset", json!({})).await;
    vip(&server.create(json!({})).await);
}

#[tokio::test]
async fn a_reset_leaves_other_accounts_alone() {
    let server = TestServer::new().await;
    server.call_as("other", "CreateHaVip", &create(json!({}))).await;
    let before = server.admin_of("other").get("state").await;
    server.admin_of("one").post("reset", json!({})).await;
    assert_eq!(server.admin_of("other").get("state").await, before);
    assert_eq!(server.admin_of("other").get("requests").await["Total"], 1);
}

#[tokio::test]
async fn a_call_in_flight_ends_in_the_state_before_the_reset() {
    let server = TestServer::new().await;
    let admin = server.admin();
    admin.add_fault(&json!({ "Action": "CreateHaVip", "DelayMs": 300 })).await;
    let mut late = server.begin("default", "CreateHaVip", &create(json!({}))).await;
    admin.wait_for_hits(1).await;
    admin.post("reset", json!({})).await;

    vip(&late.read("POST").await.response());
    assert_eq!(server.call("DescribeHaVips", &json!({})).await["TotalCount"], 0);
    assert_eq!(admin.get("requests?action=CreateHaVip").await["Total"], 0);
}

/// Runs like one test of a suite: it creates resources, hits its own fault, and sees only its own
/// calls and resources.
async fn one_of_many(server: &TestServer, account: &str) {
    let admin = server.admin_of(account);
    let name = json!({ "HaVipName": account });
    let first = server.call_as(account, "CreateHaVip", &create(name.clone())).await;
    admin
        .add_fault(&json!({
            "Action": "CreateHaVip", "Times": 1, "Error": { "Code": "InternalError" },
        }))
        .await;
    let failed = server.any_call(account, "CreateHaVip", &create(name.clone())).await;
    assert_eq!(failed["Error"]["Code"], "InternalError");
    let second = server.call_as(account, "CreateHaVip", &create(name)).await;
    assert_eq!([vip(&first), vip(&second)], ["172.16.0.17", "172.16.0.18"]);

    let found = server.call_as(account, "DescribeHaVips", &json!({})).await;
    let found = found["HaVipSet"].as_array().unwrap();
    assert_eq!(fields(found, "HaVipName"), [account, account]);
    let id = first["HaVip"]["HaVipId"].clone();
    server.call_as(account, "DeleteHaVip", &json!({ "HaVipId": id })).await;
    assert_eq!(server.call_as(account, "DescribeHaVips", &json!({})).await["TotalCount"], 1);

    let calls = admin.requests("").await;
    assert_eq!(fields(&calls, "Code"), ["OK", "InternalError", "OK", "OK", "OK", "OK"]);
    assert!(calls.iter().all(|it| it["Account"] == account));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_concurrent_accounts_are_isolated() {
    let server = std::sync::Arc::new(TestServer::new().await);
    let mut tests = JoinSet::new();
    for number in 0..MANY {
        let server = std::sync::Arc::clone(&server);
        tests.spawn(async move { one_of_many(&server, &format!("test-{number:03}")).await });
    }
    tests.join_all().await;
    assert_eq!(names(&server).await.len(), MANY);
}

/// Half of the accounts are reset repeatedly, while the other half keep their state.
#[tokio::test(flavor = "multi_thread")]
async fn resets_of_some_accounts_lose_nothing_of_others() {
    let server = std::sync::Arc::new(TestServer::new().await);
    let mut tests = JoinSet::new();
    for number in 0..16 {
        let server = std::sync::Arc::clone(&server);
        tests.spawn(async move {
            let account = format!("test-{number}");
            for round in 1..=5 {
                server.call_as(&account, "CreateHaVip", &create(json!({}))).await;
                let found = server.call_as(&account, "DescribeHaVips", &of_subnet()).await;
                if number % 2 == 0 {
                    assert_eq!(found["TotalCount"], 1);
                    server.admin_of(&account).post("reset", json!({})).await;
                } else {
                    assert_eq!(found["TotalCount"], round);
                }
            }
        });
    }
    tests.join_all().await;
}

fn of_subnet() -> Value {
    json!({ "Filters": [
        { "Name": "vpc-id", "Values": [VPC] },
        { "Name": "subnet-id", "Values": [SUBNET] },
    ] })
}

/// A SecretId that is too long for an account name still has its own account.
#[rstest]
#[case::ascii("n")]
#[case::of_two_bytes("é")]
#[case::of_four_bytes("😀")]
#[tokio::test]
async fn long_secret_ids_that_differ_at_the_end_have_separate_accounts(#[case] letter: &str) {
    let server = TestServer::new().await;
    let start = letter.repeat(300);
    for (end, vip_of) in [("a", "172.16.0.17"), ("b", "172.16.0.17"), ("a", "172.16.0.18")] {
        let secret_id = format!("{start}{end}");
        let made = server.call_as(&secret_id, "CreateHaVip", &create(json!({}))).await;
        assert_eq!(vip(&made), vip_of);
    }
    let names = names(&server).await;
    let long: Vec<&String> = names.iter().filter(|it| *it != "default").collect();
    assert_eq!(long.len(), 2, "{names:?}");
    for name in long {
        assert!((100..=128).contains(&name.len()), "{name}");
        let encoded = encode(name);
        for entry in server.admin_of(&encoded).requests("").await {
            assert_eq!(entry["Account"], **name);
            let warning = format!(
                "SecretId contains an account name of {} bytes; must be at most 128, so the account is `{name}`",
                start.len() + 1
            );
            assert_eq!(entry["Warning"], warning);
        }
    }
    assert!(server.admin().requests("").await.is_empty());
}

#[tokio::test]
async fn a_call_of_an_unusual_client_has_a_warning() {
    let server = TestServer::new().await;
    let target = "/?Action=DescribeHaVips&Version=2019-07-19&Filters%5B0%5D%5BName%5D=vpc-id&Signature=x&SecretId=ecmock-web";
    let answer = server.send("GET", target, &[("Host", "127.0.0.1")], b"").await;
    assert_eq!(code(&answer.response()), "UnknownParameter");
    let host = [("Host", "ecm.ap-guangzhou.tencentcloudapi.com")];
    let answer = server.send("GET", target, &host, b"").await;
    assert_eq!(code(&answer.response()), "UnknownParameter");
    let entries = server.admin_of("web").requests("").await;
    let [one, both] = [0, 1].map(|at| entries[at]["Warning"].as_str().unwrap());
    assert!(one.starts_with("parameter names have brackets; "), "{one}");
    assert!(both.starts_with("Host is a backup host of SDKs; "), "{both}");
    assert!(both.ends_with(one), "{both}");
}
