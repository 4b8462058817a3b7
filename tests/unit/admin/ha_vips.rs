//! Network events of a HAVIP, over HTTP.

use serde_json::{Value, json};

use crate::tests::support::TestServer;

const FAILOVER: &str = include_str!("../../../fixtures/failover.json");
const HA_VIP: &str = "havip-failover";

async fn ha_vip(server: &TestServer) -> Value {
    let mut found = server.call("DescribeHaVips", &json!({ "HaVipIds": [HA_VIP] })).await;
    found["HaVipSet"][0].take()
}

#[tokio::test]
async fn a_ha_vip_fails_over_between_instances() {
    let server = TestServer::with_fixture(FAILOVER).await;
    let admin = server.admin();
    assert_eq!(ha_vip(&server).await["InstanceId"], "ein-primary1");

    let response = admin.post("havips/havip-failover/withdraw", json!({})).await;
    assert_eq!(response["HaVip"]["State"], "UNBIND");
    assert_eq!(ha_vip(&server).await["State"], "UNBIND");

    let standby = json!({ "NetworkInterfaceId": "eni-standby1" });
    let response = admin.post("havips/havip-failover/announce", standby.clone()).await;
    assert_eq!(response["HaVip"]["InstanceId"], "ein-standby1");
    assert_eq!(response["HaVip"]["State"], "AVAILABLE");
    assert_eq!(admin.post("havips/havip-failover/announce", standby).await, response);

    let eip = json!({ "AddressId": "eip-failover" });
    let response = admin.put("havips/havip-failover/address", eip).await;
    assert_eq!(response["HaVip"]["AddressIp"], "198.18.0.10");
    let mut seen = ha_vip(&server).await;
    assert_eq!(seen, response["HaVip"]);
    assert_eq!(seen["AddressIp"].take(), "198.18.0.10");

    let response = admin.put("havips/havip-failover/address", json!({ "AddressId": null })).await;
    assert_eq!(response["HaVip"]["AddressIp"], "");
    assert_eq!(ha_vip(&server).await["AddressIp"], "");
}

#[tokio::test]
async fn an_impossible_event_is_an_error_with_the_reason() {
    let server = TestServer::with_fixture(FAILOVER).await;
    let admin = server.admin();
    server
        .call(
            "CreateHaVip",
            &json!({
                "VpcId": "vpc-failover", "SubnetId": "subnet-failover", "HaVipName": "second",
            }),
        )
        .await;
    admin.put("havips/havip-failover/address", json!({ "AddressId": "eip-failover" })).await;
    let second = server.call("DescribeHaVips", &json!({})).await["HaVipSet"][1]["HaVipId"].take();
    let second = second.as_str().unwrap();

    let announce = |id: &str| json!({ "NetworkInterfaceId": id }).to_string();
    let bind = |id: &str| json!({ "AddressId": id }).to_string();
    let mut refusals = Vec::new();
    for (path, method, body) in [
        (format!("{HA_VIP}/announce"), "POST", announce("eni-zzzzzzzz")),
        (format!("{HA_VIP}/announce"), "POST", announce("eni-x")),
        ("havip-zzzzzzzz/announce".to_owned(), "POST", announce("eni-standby1")),
        ("havip-x/announce".to_owned(), "POST", announce("eni-standby1")),
        ("havip-x/withdraw".to_owned(), "POST", String::new()),
        (format!("{HA_VIP}/address"), "PUT", bind("eip-zzzzzzzz")),
        (format!("{HA_VIP}/address"), "PUT", bind("10.0.0.1")),
        (format!("{second}/address"), "PUT", bind("eip-failover")),
    ] {
        let refusal = admin.refusal(method, &format!("havips/{path}"), &body).await;
        refusals.push(refusal.replace(second, "havip-second") + "\n");
    }
    insta::assert_snapshot!(refusals.concat(), @r#"
    404 NotFound: network interface `eni-zzzzzzzz` does not exist
    400 BadRequest: NetworkInterfaceId: `eni-x` must be `eni-` followed by 8 characters from 0-9 and a-z
    404 NotFound: HAVIP `havip-zzzzzzzz` does not exist
    400 BadRequest: HAVIP ID: `havip-x` must be `havip-` followed by 8 characters from 0-9 and a-z
    400 BadRequest: HAVIP ID: `havip-x` must be `havip-` followed by 8 characters from 0-9 and a-z
    404 NotFound: EIP `eip-zzzzzzzz` does not exist
    400 BadRequest: AddressId: `10.0.0.1` must be `eip-` followed by 8 characters from 0-9 and a-z
    409 Conflict: EIP `eip-failover` is BIND
    "#);
}

#[tokio::test]
async fn an_interface_that_cannot_announce_is_a_conflict() {
    let server = TestServer::new().await;
    let made = server.create(json!({})).await;
    let path = format!("havips/{}/announce", made["HaVip"]["HaVipId"].as_str().unwrap());
    let body = json!({ "NetworkInterfaceId": "eni-demo0002" }).to_string();
    let refusal = server.admin().refusal("POST", &path, &body).await;
    assert!(refusal.starts_with("409 Conflict: network interface `eni-demo0002` "), "{refusal}");
    assert!(refusal.ends_with("it is not attached to an instance"), "{refusal}");
}

#[tokio::test]
async fn events_only_affect_their_own_account() {
    let server = TestServer::with_fixture(FAILOVER).await;
    server.admin_of("other").post("havips/havip-failover/withdraw", json!({})).await;
    assert_eq!(ha_vip(&server).await["State"], "AVAILABLE");
}
