//! Failover, settling, and shutdown of a server, with access to private items.

use crate::ecm::store::Settle;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::tests::support::TestServer;

const FAILOVER: &str = include_str!("../../fixtures/failover.json");
const HA_VIP: &str = "havip-failover";

async fn ha_vip(server: &TestServer) -> Value {
    let mut found = server.call("DescribeHaVips", &json!({ "HaVipIds": [HA_VIP] })).await;
    found["HaVipSet"][0].take()
}

#[tokio::test]
async fn a_ha_vip_fails_over_between_the_instances_of_the_fixture() {
    let server = TestServer::with_fixture(FAILOVER).await;
    let account = server.account("default");
    let id = HA_VIP.parse().unwrap();
    let before = ha_vip(&server).await;
    assert_eq!(before["InstanceId"], "ein-primary1");

    account.state().withdraw(id).unwrap();
    let withdrawn = ha_vip(&server).await;
    assert_eq!((&withdrawn["State"], &withdrawn["InstanceId"]), (&json!("UNBIND"), &json!("")));

    account.state().announce(id, "eni-standby1".parse().unwrap()).unwrap();
    account.state().bind_ha_vip(id, Some("eip-failover".parse().unwrap())).unwrap();
    let after = ha_vip(&server).await;
    assert_eq!(after["State"], "AVAILABLE");
    assert_eq!(after["NetworkInterfaceId"], "eni-standby1");
    assert_eq!(after["InstanceId"], "ein-standby1");
    assert_eq!(after["AddressIp"], "198.18.0.10");
    for kept in ["Vip", "HaVipName", "CreatedTime", "SubnetId"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
}

#[tokio::test]
async fn a_failover_affects_only_its_account() {
    let server = TestServer::with_fixture(FAILOVER).await;
    server.account("other").state().withdraw(HA_VIP.parse().unwrap()).unwrap();
    assert_eq!(ha_vip(&server).await["State"], "AVAILABLE");
}

#[tokio::test]
async fn a_change_settles_after_the_configured_number_of_reads() {
    let server = TestServer::with(|config| config.settle = Settle::Reads(2)).await;
    let region = json!({ "EcmRegion": "ap-hangzhou-ecm" });
    let task = server.call("AllocateAddresses", &region).await["TaskId"].clone();
    let mut results = Vec::new();
    for _ in 0..4 {
        let params = json!({ "EcmRegion": "ap-hangzhou-ecm", "TaskId": task });
        results.push(server.call("DescribeTaskResult", &params).await["Result"].clone());
    }
    assert_eq!(results, ["RUNNING", "RUNNING", "SUCCESS", "SUCCESS"]);
}

#[tokio::test]
async fn dropping_a_server_closes_its_connections() {
    let server = TestServer::new().await;
    let (address, mut idle) = (server.address(), server.connect().await);
    idle.write(b"GET /_ecmock/health HTTP/1.1\r\nHost: ecmock\r\n\r\n").await;
    idle.read("GET").await;
    let mut calling = server.connect().await;
    calling.write(b"POST / HTTP/1.1\r\nHost: ecmock\r\nExpect: 100-continue\r\n").await;
    calling.write(b"Content-Length: 2\r\n\r\n").await;
    assert_eq!(calling.read("POST").await.status(), "100 Continue");

    drop(server);
    assert!(idle.is_at_its_end().await);
    assert!(calling.is_at_its_end().await);
    TcpStream::connect(&address).await.unwrap_err();
}
