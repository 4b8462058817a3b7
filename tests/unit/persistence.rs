//! Accounts that survive a restart.

mod directories;
mod logs;

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use super::support::{TestServer, create, examples};
use crate::{
    Emulator,
    config::Config,
    control::accounts::Durability,
    ecm::{CATALOG, Store, store::Settle},
    protocol::{
        ApiError, Context,
        action::{Call, Output},
    },
};

/// A state directory, and the settings of its servers.
struct Directory {
    path: TempDir,
    settle: Settle,
}

impl Directory {
    fn new() -> Self {
        Self { path: tempfile::tempdir().unwrap(), settle: Settle::default() }
    }

    /// Starts a server with the directory.
    async fn start(&self) -> TestServer {
        TestServer::with(|config| self.set(config)).await
    }

    fn set(&self, config: &mut Config) {
        config.state_dir = Some(self.path.path().to_owned());
        config.settle = self.settle;
    }

    /// Returns why a server does not start with the directory.
    fn problem(&self, change: impl FnOnce(&mut Config)) -> String {
        let mut config = Config { seed: Some(1), ..Config::default() };
        self.set(&mut config);
        change(&mut config);
        let started = Emulator::with_state(&config, config.load().unwrap());
        let problem = started.map(drop).unwrap_err().chain();
        problem.replace(&self.path.path().display().to_string(), "DIR")
    }

    fn log(&self, account: &str) -> PathBuf {
        self.path.path().join("accounts").join(format!("{account}.log"))
    }

    fn lines(&self, account: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.log(account)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Returns all that a restart must keep of an account.
fn state(server: &TestServer, account: &str) -> (Value, Store, Value) {
    let state = server.account(account).state();
    let clock = json!(state.clock.show());
    // Tables compare neither their IDs of calls nor the sequence of IDs.
    let created =
        json!(state.read(Store::created_by_calls).iter().map(|it| it.0).collect::<Vec<_>>());
    (json!([state.export(), created, clock]), state.read(Store::clone), clock)
}

/// Restarts a server, and checks that the accounts are the same.
async fn restarted(directory: &Directory, server: TestServer, accounts: &[&str]) -> TestServer {
    let before: Vec<_> = accounts.iter().map(|it| state(&server, it)).collect();
    server.shutdown().await;
    let server = directory.start().await;
    for (account, before) in accounts.iter().zip(before) {
        let after = state(&server, account);
        assert_eq!(after.0, before.0, "{account}");
        assert_eq!(after.1.ids(), before.1.ids(), "{account}");
        assert!(after.1 == before.1, "{account}");
        assert_eq!(server.account(account).state().read(Store::check), [""; 0]);
    }
    server
}

#[tokio::test]
async fn an_account_survives_a_restart() {
    let directory = Directory::new();
    let server = directory.start().await;
    let made = server.create(json!({ "HaVipName": "web" })).await;
    let server = restarted(&directory, server, &["default"]).await;
    let listed = server.call("DescribeHaVips", &json!({})).await;
    assert_eq!(listed["HaVipSet"], json!([made["HaVip"]]));
    // The IDs continue, also those of requests.
    let other = server.create(json!({})).await;
    assert_ne!(other["HaVip"]["HaVipId"], made["HaVip"]["HaVipId"]);
    assert_ne!(other["RequestId"], made["RequestId"]);
    restarted(&directory, server, &["default"]).await.shutdown().await;
}

#[tokio::test]
async fn calls_of_all_actions_survive_a_restart() {
    let directory = Directory::new();
    let server = directory.start().await;
    let names: Vec<&str> = examples().map(|(action, _)| action).collect();
    for (action, recipe) in examples() {
        server.prepare(action, recipe).await;
        let answer = server.call_as(action, action, &recipe.request).await;
        assert!(answer["Error"].is_null(), "{action}: {answer}");
    }
    let server = restarted(&directory, server, &names).await;
    restarted(&directory, server, &names).await.shutdown().await;
}

#[tokio::test]
async fn all_forms_of_requests_survive_a_restart() {
    let directory = Directory::new();
    let server = directory.start().await;
    let headers = |form| {
        [("X-TC-Action", "CreateHaVip"), ("X-TC-Version", "2019-07-19"), ("Content-Type", form)]
    };
    let pretty =
        serde_json::to_string_pretty(&create(json!({ "HaVipName": "two\nlines" }))).unwrap();
    let query = "VpcId=vpc-m0c2kcun&SubnetId=subnet-rtmfkg4w&HaVipName=a%20b";
    let target = format!("/?{query}");
    for (method, target, form, body) in [
        ("POST", "/", "application/json", &*pretty),
        ("POST", "/", "application/json", &pretty.replace('\n', "\r\n")),
        ("GET", &target, "application/x-www-form-urlencoded", ""),
        ("POST", "/", "application/x-www-form-urlencoded", query),
        (
            "POST",
            "/",
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"VpcId\"\r\n\r\nvpc-m0c2kcun\r\n\
             --b\r\nContent-Disposition: form-data; name=\"SubnetId\"\r\n\r\nsubnet-rtmfkg4w\r\n\
             --b\r\nContent-Disposition: form-data; name=\"HaVipName\"\r\n\r\nm\r\n--b--\r\n",
        ),
    ] {
        let answer = server.send(method, target, &headers(form), body.as_bytes()).await.response();
        assert!(answer["Error"].is_null(), "{form}: {answer}");
    }
    let server = restarted(&directory, server, &["default"]).await;
    let listed = server.call("DescribeHaVips", &json!({})).await;
    let names = listed["HaVipSet"].as_array().unwrap().iter().map(|it| it["HaVipName"].as_str());
    let names: Vec<_> = names.collect::<Option<_>>().unwrap();
    assert_eq!(names, ["two\nlines", "two\nlines", "a b", "a b", "m"]);
}

#[tokio::test]
async fn changes_by_the_admin_api_survive_a_restart() {
    let directory = Directory::new();
    let server = directory.start().await;
    let admin = server.admin();
    admin
        .put(
            "state",
            json!({ "VpcSet": [{ "VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16" }] }),
        )
        .await;
    let subnet = json!({ "SubnetId": "subnet-00000001", "VpcId": "vpc-00000001", "CidrBlock": "10.0.1.0/24" });
    admin.patch("state", json!({
        "SubnetSet": [subnet],
        "InstanceSet": [{ "InstanceId": "ein-00000001",
            "VirtualPrivateCloud": { "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001" } }],
        "NetworkInterfaceSet": [{ "NetworkInterfaceId": "eni-00000001", "VpcId": "vpc-00000001",
            "SubnetId": "subnet-00000001", "Attachment": { "InstanceId": "ein-00000001" },
            "PrivateIpAddressSet": [{ "PrivateIpAddress": "10.0.1.2" }] }],
        "HaVipSet": [
            { "HaVipId": "havip-00000001", "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001", "Vip": "10.0.1.9" },
            { "HaVipId": "havip-00000002", "VpcId": "vpc-00000001", "SubnetId": "subnet-00000001", "Vip": "10.0.1.8" }],
        "AddressSet": [{ "AddressId": "eip-00000001", "AddressIp": "198.51.100.1" }],
    })).await;
    for id in ["havip-00000001", "havip-00000002"] {
        admin
            .post(&format!("havips/{id}/announce"), json!({ "NetworkInterfaceId": "eni-00000001" }))
            .await;
    }
    admin.post("havips/havip-00000002/withdraw", json!({})).await;
    admin.put("havips/havip-00000001/address", json!({ "AddressId": "eip-00000001" })).await;
    let server = restarted(&directory, server, &["default"]).await;
    let shown = server.call("DescribeHaVips", &json!({})).await;
    assert_eq!(shown["HaVipSet"][0]["AddressIp"], "198.51.100.1");
    assert_eq!(shown["HaVipSet"][0]["InstanceId"], "ein-00000001");
    server.admin().put("havips/havip-00000001/address", json!({ "AddressId": null })).await;
    restarted(&directory, server, &["default"]).await.shutdown().await;
}

#[tokio::test]
async fn the_clock_survives_a_restart() {
    let directory = Directory::new();
    let server = directory.start().await;
    let now = "2030-01-01T00:00:00Z";
    server.admin().put("clock", json!({ "Now": now, "Frozen": true })).await;
    let server = restarted(&directory, server, &["default"]).await;
    server.admin().post("clock/advance", json!({ "Ms": 1500 })).await;
    let server = restarted(&directory, server, &["default"]).await;
    assert_eq!(server.admin().get("clock").await["Now"], "2030-01-01T00:00:01.500Z");
    // A running clock is as far ahead as before.
    server.admin().put("clock", json!({ "Now": now })).await;
    let offset = server.admin().get("clock").await["OffsetMs"].take();
    server.shutdown().await;
    let server = directory.start().await;
    assert_eq!(server.admin().get("clock").await["OffsetMs"], offset);
    server.admin().put("clock", json!({ "Real": true })).await;
    restarted_clock(&directory, server).await;
}

async fn restarted_clock(directory: &Directory, server: TestServer) {
    server.shutdown().await;
    let server = directory.start().await;
    assert_eq!(server.admin().get("clock").await["Mode"], "real");
}

#[tokio::test]
async fn pending_changes_survive_a_restart() {
    for settle in [Settle::Reads(3), Settle::After(std::time::Duration::from_secs(5))] {
        let directory = Directory { settle, ..Directory::new() };
        let server = directory.start().await;
        let (_, recipe) =
            examples().find(|(action, _)| *action == "AttachNetworkInterface").unwrap();
        server.prepare("default", recipe).await;
        server.call("AttachNetworkInterface", &recipe.request).await;
        let server = restarted(&directory, server, &["default"]).await;
        // A read counts, also one that scans.
        let by_name =
            json!({ "Filters": [{ "Name": "network-interface-name", "Values": ["web", "x"] }] });
        for params in [json!({}), by_name] {
            server.call("DescribeNetworkInterfaces", &params).await;
        }
        let server = restarted(&directory, server, &["default"]).await;
        server.admin().post("clock/advance", json!({ "Ms": 6000 })).await;
        server.call("DescribeNetworkInterfaces", &json!({})).await;
        // Changes that were due stay complete when the clock is set back.
        server.admin().put("clock", json!({ "Now": "2026-11-22T04:00:00Z", "Frozen": true })).await;
        let (_, recipe) =
            examples().find(|(action, _)| *action == "DetachNetworkInterface").unwrap();
        server.call("DetachNetworkInterface", &recipe.request).await;
        restarted(&directory, server, &["default"]).await.shutdown().await;
    }
}

#[tokio::test]
async fn late_visibility_survives_a_restart() {
    let directory = Directory::new();
    let mut server = directory.start().await;
    for delay in ["3", "90s"] {
        server.admin().put("visibility", json!({ "VisibleAfter": delay })).await;
        server.create(json!({})).await;
        let by_name = json!({ "Filters": [{ "Name": "havip-name", "Values": ["x"] }] });
        for params in [json!({}), by_name] {
            server.call("DescribeHaVips", &params).await;
        }
        for is_compacted in [false, true] {
            let shown = server.admin().get("visibility").await;
            assert_eq!(shown["VisibleAfter"], delay);
            assert_eq!(shown["Hidden"].as_array().unwrap().len(), 1);
            if is_compacted {
                server.account("default").state().compact_log();
            }
            server = restarted(&directory, server, &["default"]).await;
            assert_eq!(server.admin().get("visibility").await, shown);
        }
        server.call("DescribeHaVips", &json!({})).await;
    }
    server.admin().post("clock/advance", json!({ "Ms": 90_000 })).await;
    assert_eq!(server.call("DescribeHaVips", &json!({})).await["TotalCount"], 2);
    server.admin().put("visibility", json!({ "VisibleAfter": 0 })).await;
    restarted(&directory, server, &["default"]).await.shutdown().await;
}

#[tokio::test]
async fn a_reset_and_a_deleted_account_leave_nothing() {
    let directory = Directory::new();
    let server = directory.start().await;
    let initial = server.account("default").state().export();
    for account in ["default", "gone", "WEB:1"] {
        server.call_as(account, "CreateHaVip", &create(json!({}))).await;
    }
    server.admin().post("reset", json!({})).await;
    server.admin().delete("accounts/gone").await;
    let server = restarted(&directory, server, &["WEB:1"]).await;
    let accounts = server.admin().get("accounts").await;
    assert_eq!(
        (&accounts["Total"], &accounts["Accounts"][0]["Name"]),
        (&json!(1), &json!("WEB:1"))
    );
    assert_eq!(server.account("default").state().export(), initial);
    // The account has a log again after its next change.
    server.create(json!({})).await;
    restarted(&directory, server, &["default"]).await.shutdown().await;
}

#[tokio::test]
async fn an_account_without_changes_has_no_log() {
    let directory = Directory::new();
    let server = directory.start().await;
    assert_eq!(server.account("default").state().durability(), Durability::File);
    server.call("DescribeHaVips", &json!({})).await;
    server.create(json!({ "VpcId": "vpc-00000000" })).await;
    assert!(!directory.log("default").exists());
    server.create(json!({})).await;
    assert_eq!(directory.lines("default").len(), 2);
}

/// A call that panics after it has created a VPC.
#[derive(Debug)]
struct Panics;

impl Call<Store> for Panics {
    fn run(
        self: Box<Self>,
        store: &mut Store,
        cx: &Context,
    ) -> Result<Box<dyn Output<Store>>, ApiError> {
        let params = br#"{"VpcName":"v","CidrBlock":"10.0.0.0/16","EcmRegion":"ap-hangzhou-ecm"}"#;
        let create = CATALOG.find("CreateVpc").unwrap().decode_valid(params).unwrap();
        store.run(create, cx).unwrap();
        panic!("on purpose");
    }

    fn is_long(&self) -> bool {
        false
    }

    fn only_reads(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn an_account_survives_a_restart_after_a_panic() {
    let directory = Directory::new();
    let server = directory.start().await;
    let state = server.account("default").state();
    let panics = AssertUnwindSafe(|| state.run(Box::new(Panics), Uuid::max(), None).map(drop));
    catch_unwind(panics).unwrap_err();
    // The store is consistent, so later calls succeed.
    server.create(json!({})).await;
    restarted(&directory, server, &["default"]).await;
}
